//! `synkiosk data`: what is wrong with a collection, before anything is trained on it.

use super::train::progress_bar;
use super::{Outcome, Refusal};
use crate::collection::{self, Asked, Report, Severity};
use crate::training::settings::Protocol;
use std::io::Write;
use std::path::PathBuf;

/// Look after a collection of pictures.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Find everything that is wrong: layout, labels, files, faces, doubles, poses, confounding, too few people.
    ///
    /// Errors are what training would refuse, lose or learn instead; warnings are for you to judge. Nothing is
    /// written: interrupted, the check is simply run again.
    #[command(after_help = "Example:\n  synkiosk data check DIR --interval 10\n\n\
        Exit codes: 0 no error found, 1 errors found, 2 something could not be looked at.")]
    Check {
        /// The collection: people.csv and a folder for each person.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Sensitivity and specificity must be known to within so many percentage points (95 %).
        #[arg(long, value_name = "PERCENT", value_parser = parse_interval)]
        interval: Option<f64>,
        /// How train will divide the people.
        #[arg(long, value_enum, default_value = "paper")]
        protocol: Protocol,
        /// One JSON object instead of lines.
        #[arg(long)]
        json: bool,
    },
}

fn parse_interval(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').trim().parse::<f64>() {
        Ok(percent) if (0.5..=50.0).contains(&percent) => Ok(percent),
        _ => Err("not a number from 0.5 to 50".to_owned()),
    }
}

/// Checks and prints.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let Action::Check { folder, interval, protocol, json } = &args.action;
    let asked = Asked { protocol: *protocol, interval: *interval };
    let bar = progress_bar(0, "looking at pictures");
    let checked = collection::check(folder, &asked, |count| bar.set_length(count as u64), || bar.inc(1));
    bar.finish_and_clear();
    let report = checked.map_err(|error| Refusal::could_not(&error, error.help()))?;
    if *json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&report, out)?;
    }
    Ok(match (report.is_partial(), report.count(Severity::Error)) {
        (true, _) => Outcome::NotAll,
        (false, 0) => Outcome::Done,
        (false, _) => Outcome::Refused,
    })
}

fn print(report: &Report, out: &mut dyn Write) -> std::io::Result<()> {
    for finding in &report.findings {
        let place = if finding.at.is_empty() { String::new() } else { format!("{}: ", finding.at) };
        writeln!(out, "{}[{}]: {place}{}", finding.severity, finding.defect.kind(), finding.defect)?;
        writeln!(out, "  help: {}", finding.defect.help())?;
    }
    writeln!(
        out,
        "{} people, {} pictures, {} usable: {} errors, {} warnings",
        report.people,
        report.pictures,
        report.usable,
        report.count(Severity::Error),
        report.count(Severity::Warning)
    )
}
