//! `synkiosk completions`: what a shell needs to complete commands.

use super::Outcome;
use crate::cli::Cli;
use std::io::Write;

/// Print a shell's completions.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  synkiosk completions bash > ~/.local/share/bash-completion/completions/synkiosk"
)]
pub struct Args {
    /// Which shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: clap_complete::Shell,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::described(), "synkiosk", &mut text);
    out.write_all(&text)?;
    Ok(Outcome::Done)
}
