//! `demo`: a whole session on recorded pictures.

use super::{Refusal, read_working_bundle, trusted_keys};
use crate::demo::{self, People};
use std::{io::Write, path::PathBuf};
use synkiosk_models::bundle::Bundle;

/// Example: synkiosk-device demo --series people/anna --out anna-out
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: synkiosk-device demo --series people/anna --out anna-out\n\
                        In a browser: synkiosk-device demo --serve --port 8080, then open http://127.0.0.1:8080/. Its camera is \
                        one of the recorded people or the browser's webcam; Enter goes on, Backspace goes back, Escape stops.")]
pub struct Args {
    /// Where screens, journal and result.json go; what an earlier demo wrote there is replaced
    #[arg(long, value_name = "DIR", default_value = "target/demo")]
    pub out: PathBuf,
    /// A person's folder with pictures named after their poses, instead of the two shipped people
    #[arg(long, value_name = "DIR", conflicts_with = "photo")]
    pub series: Option<PathBuf>,
    /// A single picture
    #[arg(long, value_name = "FILE")]
    pub photo: Option<PathBuf>,
    /// A bundle, instead of the shipped one
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// A public key that may sign the bundle, besides the demo key
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Be the kiosk in a browser of this computer, until Ctrl-C; nothing is written to a disk
    #[arg(long, conflicts_with_all = ["photo", "out"])]
    pub serve: bool,
    /// Where the browser finds it on 127.0.0.1; 0 is any port that is free
    #[arg(long, value_name = "N", requires = "serve", default_value_t = 0)]
    pub port: u16,
}

/// Runs the demo.
///
/// # Errors
/// A `Refusal`, when the pictures or the bundle are refused or something cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let bundle = read_working_bundle(args.bundle.as_deref(), &trusted_keys(true, args.key.as_deref())?)?;
    let people = match (&args.series, &args.photo) {
        (Some(folder), _) => People::Series(folder.clone()),
        (None, Some(file)) => People::Photo(file.clone()),
        (None, None) => People::Shipped,
    };
    if args.serve {
        return Ok(serve(&people, &bundle, args.port, out)?);
    }
    demo::run(&people, &bundle, &args.out, out).map_err(|error| {
        if error.is_refusal() {
            Refusal::checked(&error, error.help())
        } else {
            Refusal::could_not(&error, error.help())
        }
    })?;
    Ok(())
}

/// The kiosk in a browser.
#[cfg(feature = "serve")]
fn serve(people: &People, bundle: &Bundle, port: u16, out: &mut dyn Write) -> Result<(), Refusal> {
    demo::serve::run(people, bundle, port, out).map_err(|error| {
        if error.is_refusal() {
            Refusal::checked(&error, error.help())
        } else {
            Refusal::could_not(&error, error.help())
        }
    })
}

/// The kiosk in a browser.
#[cfg(not(feature = "serve"))]
fn serve(_: &People, _: &Bundle, _: u16, _: &mut dyn Write) -> Result<(), Refusal> {
    Err(Refusal::could_not("this program was built without a server", "build it with the feature serve"))
}
