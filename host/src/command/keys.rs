//! `synkiosk keys`: the maker's keys.

use super::Outcome;
use crate::{
    keys::{self, Asked, rotation},
    trust,
};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// Make and manage the keys that sign bundles and open collected records.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a signing key (minisign) and a collection key (age), and trust the signing key on this laptop.
    #[command(after_help = "Example:\n  synkiosk keys new --out KEYS\n\n\
        The passphrase is asked on the terminal, or read from the first line of standard input.\n\
        Keep a copy of the folder in a safe place: a lost key cannot be made again.")]
    New {
        /// Folder for the four files; none of them may be there yet.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
        /// Read the passphrase from the first line of this file.
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put a new signing key in the place of the old one, on every unit that the stick is carried to.
    #[command(
        after_help = "Example:\n  synkiosk keys rotate --old KEYS/signing.key --new NEW/signing.pub --out /media/stick\n\n\
        Writes a statement, signed with the old key, into synkiosk/inbox of the stick. A unit that takes it trusts the new\n\
        key from then on and the old one never again. Units that it never reaches go on trusting the old key."
    )]
    Rotate {
        /// The secret key that is to be replaced.
        #[arg(long, value_name = "FILE")]
        old: PathBuf,
        /// The public half of the key that takes its place.
        #[arg(long, value_name = "FILE.pub")]
        new: PathBuf,
        /// The stick's folder.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
        /// The old key's passphrase is this file's first line.
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    match &args.action {
        Action::New { out: folder, passphrase_file, json } => {
            new(folder, passphrase_file.as_deref(), *json, out)
        }
        Action::Rotate { old, new, out: stick, passphrase_file, json } => {
            let rotated = rotation::write(old, new, passphrase_file.as_deref(), stick)?;
            if *json {
                writeln!(out, "{}", serde_json::to_string(&rotated)?)?;
            } else {
                writeln!(out, "{}", rotated.statement.display())?;
                writeln!(out, "  instead of {} trust {}", rotated.old, rotated.new)?;
            }
            Ok(Outcome::Done)
        }
    }
}

fn new(
    folder: &Path,
    passphrase_file: Option<&Path>,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let passphrase = keys::passphrase(passphrase_file, Asked::Twice)?;
    let new = keys::create(folder, &passphrase)?;
    if passphrase.is_empty() {
        eprintln!("warning: the secret keys have no passphrase; whoever copies them can sign");
    }
    let trusted = trust::add(&new.signing_id, &new.signing_public);
    if let Err(error) = &trusted {
        eprintln!("warning: could not note the public key as trusted on this laptop: {error}");
    }
    if json {
        let summary = serde_json::json!({
            "folder": folder, "signing": new.signing_id, "recipient": new.recipient,
            "encrypted": !passphrase.is_empty(), "trusted_here": trusted.is_ok(),
        });
        writeln!(out, "{summary}")?;
        return Ok(Outcome::Done);
    }
    let path = |name: &str| folder.join(name).display().to_string();
    writeln!(out, "signing key     {}  (id {})", path(keys::SIGNING_KEY), new.signing_id)?;
    writeln!(out, "  public        {}", path(keys::SIGNING_PUBLIC))?;
    writeln!(out, "collection key  {}", path(keys::COLLECTION_KEY))?;
    writeln!(out, "  public        {}", path(keys::COLLECTION_PUBLIC))?;
    if let Ok(trusted) = trusted {
        writeln!(out, "trusted here    {}", trusted.display())?;
    }
    Ok(Outcome::Done)
}
