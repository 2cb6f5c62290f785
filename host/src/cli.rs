//! The command line: every command, by who uses it.

use crate::command::{self, Outcome};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::{fmt::Write as _, io::Write};

/// Prepares screening kiosks for facial synkinesis and reads what they sent. Research use only.
#[derive(Debug, Parser)]
#[command(name = "synkiosk", version, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
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
    Serve(command::serve::Args),
    Slip(command::slip::Args),
    Bench(command::bench::Args),
    Image(command::image::Args),
    Flash(command::flash::Args),
    Provision(command::provision::Args),
    Completions(command::completions::Args),
    Man(command::man::Args),
}

/// Who uses which command; each stands once.
const ROLES: [(&str, &[&str]); 4] = [
    ("Technician", &["keys", "image", "flash", "provision"]),
    ("Study center", &["collect", "report", "export"]),
    ("Model maker", &["data", "synth", "landmarks", "train", "quantize", "evaluate", "bundle"]),
    ("Everybody", &["predict", "serve", "slip", "verify", "bench", "completions", "man"]),
];

const TEMPLATE: &str = "{about}\n\n{usage-heading} {usage}{after-help}\n\nOptions:\n{options}\n\n\
    synkiosk COMMAND --help tells more, with an example.\n\
    Exit codes: 0 done, 1 checked and refused, 2 could not check.\n";

impl Cli {
    /// From the program's arguments; ends the program where they are wrong or ask for help.
    pub fn read() -> Cli {
        let matches = Cli::described().get_matches();
        Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The whole command line, with its commands grouped by who uses them.
    pub fn described() -> clap::Command {
        let command = Cli::command();
        let by_role = by_role(&command);
        command.help_template(TEMPLATE).after_help(by_role)
    }

    /// Runs the command.
    ///
    /// # Errors
    /// A `Refusal`, or what nobody foresaw.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        match &self.command {
            Command::Synth(args) => command::synth::run(args, out),
            Command::Landmarks(args) => command::landmarks::run(args, out),
            Command::Data(args) => command::data::run(args, out),
            Command::Train(args) => command::train::run(args, out),
            Command::Quantize(args) => command::quantize::run(args, out),
            Command::Evaluate(args) => command::evaluate::run(args, out),
            Command::Keys(args) => command::keys::run(args, out),
            Command::Bundle(args) => command::bundle::run(args, out),
            Command::Verify(args) => command::verify::run(args, out),
            Command::Predict(args) => command::predict::run(args, out),
            Command::Collect(args) => command::collect::run(args, out),
            Command::Report(args) => command::report::run(args, out),
            Command::Export(args) => command::export::run(args, out),
            Command::Serve(args) => command::serve::run(args, out),
            Command::Slip(args) => command::slip::run(args, out),
            Command::Bench(args) => command::bench::run(args, out),
            Command::Image(args) => command::image::run(args, out),
            Command::Flash(args) => command::flash::run(args, out),
            Command::Provision(args) => command::provision::run(args, out),
            Command::Completions(args) => command::completions::run(args, out),
            Command::Man(args) => command::man::run(args, out),
        }
    }
}

fn by_role(command: &clap::Command) -> String {
    let mut text = String::new();
    for (role, names) in ROLES {
        let _ = writeln!(text, "{role}:");
        for name in names {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {name:12}{}", about.trim_end_matches('.'));
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_command_has_one_role() {
        let mut roles: BTreeMap<&str, usize> = BTreeMap::new();
        ROLES.iter().flat_map(|(_, names)| *names).for_each(|name| *roles.entry(name).or_default() += 1);
        let command = Cli::described();
        let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        assert!(names.iter().all(|name| roles.get(name) == Some(&1)), "{names:?} {roles:?}");
        assert_eq!(names.len(), roles.len());
    }

    #[test]
    fn the_help_fits_a_screen() {
        let help = Cli::described().render_help().to_string();
        assert!(help.lines().count() <= 40, "{} lines\n{help}", help.lines().count());
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::described().debug_assert();
    }
}
