//! `synkiosk man`: the manual's pages.

use super::{Outcome, Refusal};
use crate::cli::Cli;
use std::{fs, io::Write, path::PathBuf};

/// Write the manual: one page for the tool, and one for each command.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  synkiosk man --out ~/.local/share/man/man1 && man synkiosk-provision")]
pub struct Args {
    /// Folder for the pages; older ones are replaced.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let could_not = |error: std::io::Error| {
        Refusal::could_not(
            format!("could not write to {}: {error}", args.out.display()),
            "name a folder that you may write to",
        )
    };
    fs::create_dir_all(&args.out).map_err(could_not)?;
    clap_mangen::generate_to(Cli::described(), &args.out).map_err(could_not)?;
    writeln!(out, "{}", args.out.join("synkiosk.1").display())?;
    Ok(Outcome::Done)
}
