//! `synkiosk image`: makes what is written to a board's card.

use super::{Outcome, Refusal, predict::read_bundle_file};
use crate::image::{self, Parts, components};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use synkiosk_boards::Profile;

/// Make the image of a board's card.
///
/// Program, kernel, firmware, model, and a list of what is in it. Equal inputs give equal bytes. The list, SPDX 2.3 in JSON, is written beside the image and into it. What the program itself is made of stands in synkiosk-device.cdx.json, which device/build.sh writes beside it, and goes onto the card.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  boards/packages.sh PACKAGES\n  synkiosk image --board rpi4-hdmi \
                        --binary target/aarch64-unknown-linux-gnu/appliance/synkiosk-device --packages PACKAGES \
                        --bundle my-model-1.bundle --key KEYS/signing.pub --recipient age1... --out card.img")]
pub struct Args {
    /// A shipped board's name, or the TOML file of another one.
    #[arg(long, value_name = "NAME|FILE.toml")]
    board: String,
    /// The static arm64 program that device/build.sh makes.
    #[arg(long, value_name = "FILE")]
    binary: PathBuf,
    /// The folder that boards/packages.sh has filled.
    #[arg(long, value_name = "FOLDER")]
    packages: PathBuf,
    /// A signed model; without one, the unit waits for a stick that brings it.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// A public key whose models the unit takes.
    #[arg(long, value_name = "FILE.pub")]
    key: Vec<PathBuf>,
    /// For whom records are sealed; without one, the unit says that it is not set up.
    #[arg(long, value_name = "age1...")]
    recipient: Option<String>,
    /// The image to write; an older one of this name is replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let parts = parts(args)?;
    let made = image::make(&parts, &args.out).map_err(|error| match error.is_refusal() {
        true => Refusal::checked(&error, error.help()),
        false => Refusal::could_not(&error, error.help()),
    })?;
    writeln!(
        out,
        "{}: {}, {:.1} MiB, {:.1} MiB of it written, SHA-256 {}",
        args.out.display(),
        parts.profile.name(),
        mebibytes(made.bytes),
        mebibytes(made.written),
        made.digest,
    )?;
    if parts.components.is_none() {
        let list = args.binary.with_file_name(components::NAME);
        eprintln!(
            "warning: there is no {}: the card does not say what its program is made of",
            list.display()
        );
        eprintln!("help: build the program with device/build.sh, which writes that list beside it");
    }
    Ok(Outcome::Done)
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn parts(args: &Args) -> Result<Parts, Refusal> {
    let (profile, board) = board(&args.board)?;
    let recipient = args.recipient.as_deref().map(recipient).transpose()?;
    Ok(Parts {
        profile,
        board,
        program: read(&args.binary)?,
        components: list_of_components(&args.binary)?,
        packages: args.packages.clone(),
        bundle: args.bundle.as_deref().map(read_bundle_file).transpose()?,
        keys: args.key.iter().map(|path| key(path)).collect::<Result<_, _>>()?,
        recipient,
    })
}

/// What stands beside the program.
fn list_of_components(program: &Path) -> Result<Option<Vec<u8>>, Refusal> {
    let path = program.with_file_name(components::NAME);
    let mut list = Vec::new();
    match File::open(&path).and_then(|file| file.take(components::MOST_BYTES + 1).read_to_end(&mut list)) {
        Ok(_) if list.len() as u64 <= components::MOST_BYTES => Ok(Some(list)),
        Ok(_) => Err(Refusal::checked(
            format!("{} is larger than {} bytes", path.display(), components::MOST_BYTES),
            "build the program anew with device/build.sh, which writes that list",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Refusal::could_not(
            format!("cannot read {}: {error}", path.display()),
            "build the program anew with device/build.sh, which writes that list",
        )),
    }
}

/// The profile, and what the program on the board is told: a name that it knows, or the whole profile.
fn board(board: &str) -> Result<(Profile, String), Refusal> {
    let text = if board.ends_with(".toml") {
        String::from_utf8_lossy(&read(Path::new(board))?).into_owned()
    } else {
        board.to_owned()
    };
    let profile = if board.ends_with(".toml") { Profile::parse(&text) } else { Profile::named(&text) };
    let profile = profile.map_err(|error| {
        let names = Profile::names().collect::<Vec<_>>().join(", ");
        Refusal::checked(error, format!("name one of {names}, or a file that boards/README.md explains"))
    })?;
    Ok((profile, text))
}

pub(super) fn recipient(text: &str) -> Result<String, Refusal> {
    text.parse::<age::x25519::Recipient>().map(|recipient| recipient.to_string()).map_err(|error| {
        Refusal::checked(
            format!("cannot seal for {text:?}: {error}"),
            "pass what age-keygen prints as public key",
        )
    })
}

pub(super) fn key(path: &Path) -> Result<(String, String), Refusal> {
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".pub"));
    let name = name.ok_or_else(|| {
        Refusal::checked(format!("{} does not end in .pub", path.display()), "pass the public key's file")
    })?;
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    Ok((name.to_owned(), text))
}

fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    fs::read(path).map_err(|error| {
        Refusal::could_not(format!("cannot read {}: {error}", path.display()), "check the file's name")
    })
}
