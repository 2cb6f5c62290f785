//! `synkiosk`: the tool of technician, study center and model maker.
#![forbid(unsafe_code)]

use std::{io::Write, panic, process::ExitCode};
use synkiosk_host::{
    cli::Cli,
    command::{Outcome, Refusal},
};
use synkiosk_models::photo::codes;

fn main() -> ExitCode {
    be_silent_about_searches();
    let cli = Cli::read();
    let mut out = std::io::stdout().lock();
    let result = cli.run(&mut out);
    match result.and_then(|outcome| out.flush().map(|()| outcome).map_err(Into::into)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(1),
        Ok(Outcome::NotAll) => ExitCode::from(2),
        Err(error) => report(&error),
    }
}

/// A search for codes that gives up has found none: nobody is to be shown where in the reader.
fn be_silent_about_searches() {
    let other = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !codes::is_search() {
            other(panic);
        }
    }));
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
