//! The appliance's program.
#![forbid(unsafe_code)]

use clap::Parser;
use std::{io::Write, process::ExitCode};
use synkiosk_device::command::{Command, Refusal};

/// The synkiosk appliance: screens people for facial synkinesis. Research use only.
#[derive(Debug, Parser)]
#[command(name = "synkiosk-device", version, after_help = "Example: synkiosk-device demo --out target/demo")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    #[cfg(all(feature = "appliance", target_os = "linux"))]
    if synkiosk_device::init::is_process_one() {
        synkiosk_device::init::run()
    }
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    match arguments.command.run(&mut out).and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

/// One error line, one help line: 1 where something was checked and refused, 2 where it could not be checked.
fn complain(error: &anyhow::Error) -> ExitCode {
    let (help, code) = match error.downcast_ref::<Refusal>() {
        Some(refusal) => (refusal.help(), refusal.exit_code()),
        None => ("run it again; if it stays so, report the line above", 2),
    };
    eprintln!("error: {}", one_line(&format!("{error:#}")));
    eprintln!("help: {help}");
    ExitCode::from(code)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
