//! `synkiosk`: the technician's and the model maker's tool.
#![forbid(unsafe_code)]

use clap::{Parser, Subcommand};
use std::{io::Write, process::ExitCode};
use synkiosk_host::command::{self, Outcome, Refusal};

/// Prepares screening kiosks for facial synkinesis: draws faces, trains, measures, signs. Research use only.
#[derive(Parser)]
#[command(
    name = "synkiosk",
    version,
    after_help = "Exit codes: 0 done, 1 checked and refused, 2 could not check."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Synth(command::synth::Args),
    Landmarks(command::landmarks::Args),
    Data(command::data::Args),
    Train(command::train::Args),
    Quantize(command::quantize::Args),
    Evaluate(command::evaluate::Args),
    Keys(command::keys::Args),
    Bundle(command::bundle::Args),
    Verify(command::verify::Args),
    Predict(command::predict::Args),
    Collect(command::collect::Args),
    Report(command::report::Args),
    Export(command::export::Args),
    Bench(command::bench::Args),
    Image(command::image::Args),
    Provision(command::provision::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = std::io::stdout().lock();
    let result = match &cli.command {
        Command::Synth(args) => command::synth::run(args, &mut out),
        Command::Landmarks(args) => command::landmarks::run(args, &mut out),
        Command::Data(args) => command::data::run(args, &mut out),
        Command::Train(args) => command::train::run(args, &mut out),
        Command::Quantize(args) => command::quantize::run(args, &mut out),
        Command::Evaluate(args) => command::evaluate::run(args, &mut out),
        Command::Keys(args) => command::keys::run(args, &mut out),
        Command::Bundle(args) => command::bundle::run(args, &mut out),
        Command::Verify(args) => command::verify::run(args, &mut out),
        Command::Predict(args) => command::predict::run(args, &mut out),
        Command::Collect(args) => command::collect::run(args, &mut out),
        Command::Report(args) => command::report::run(args, &mut out),
        Command::Export(args) => command::export::run(args, &mut out),
        Command::Bench(args) => command::bench::run(args, &mut out),
        Command::Image(args) => command::image::run(args, &mut out),
        Command::Provision(args) => command::provision::run(args, &mut out),
    };
    match result.and_then(|outcome| out.flush().map(|()| outcome).map_err(Into::into)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(1),
        Ok(Outcome::NotAll) => ExitCode::from(2),
        Err(error) => report(&error),
    }
}

fn report(error: &anyhow::Error) -> ExitCode {
    let (code, help) = match error.downcast_ref::<Refusal>() {
        Some(refusal) => (refusal.exit_code(), refusal.help()),
        None => (2, "run the command again; --help tells what it needs"),
    };
    eprintln!("error: {error:#}");
    eprintln!("help: {help}");
    ExitCode::from(code)
}
