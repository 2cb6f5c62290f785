//! `demo`: a whole session on recorded pictures.

use super::{Refusal, read_bundle, trusted_keys};
use crate::demo::{self, People};
use std::{io::Write, path::PathBuf};

/// Example: synkiosk-device demo --series people/anna --out anna-out
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: synkiosk-device demo --series people/anna --out anna-out")]
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
}

/// Runs the demo.
///
/// # Errors
/// A `Refusal`, when the pictures or the bundle are refused or something cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let bundle = read_bundle(args.bundle.as_deref(), &trusted_keys(true, args.key.as_deref())?)?;
    let people = match (&args.series, &args.photo) {
        (Some(folder), _) => People::Series(folder.clone()),
        (None, Some(file)) => People::Photo(file.clone()),
        (None, None) => People::Shipped,
    };
    demo::run(&people, &bundle, &args.out, out).map_err(|error| {
        if error.is_refusal() {
            Refusal::checked(&error, error.help())
        } else {
            Refusal::could_not(&error, error.help())
        }
    })?;
    Ok(())
}
