//! `synkiosk collect`: what units sent, into one store.

use super::{Outcome, Refusal};
use crate::fleet::acknowledge;
use crate::fleet::chain::Flaw;
use crate::fleet::collect::{self, Counts, Report};
use crate::fleet::store::Store;
use crate::keys;
use std::io::Write;
use std::path::PathBuf;
use synkiosk_boards::unit::may_be_shown;

/// Take what kiosks remembered from sticks, cards and images into one SQLite file.
///
/// Each record is opened, checked and stored once; what cannot be read is kept aside and counted, and stops nothing.
/// Run twice, it changes nothing.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  synkiosk collect /media/stick --key KEYS/collection.key --store kiosks.sqlite\n\n\
    Exit codes: 0 everything is in the store, 1 two units have one name or records were tampered with, 2 something could not be \
    read."
)]
pub struct Args {
    /// A stick's folder, an outbox, a folder of outboxes, a card's image, or a device file.
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<PathBuf>,
    /// The collection key that keys new made.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The key's passphrase is this file's first line.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The store; it is made if it is not there.
    #[arg(long, value_name = "FILE.sqlite")]
    store: PathBuf,
    /// Sign with this key, onto the sticks themselves, what is in the store now: their units then let go of it.
    #[arg(long, value_name = "SIGNING.key")]
    acknowledge: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    for source in &args.sources {
        if !source.exists() {
            let message = format!("could not read {}: there is no such file or folder", source.display());
            return Err(
                Refusal::could_not(message, "name the folder that the stick or card is mounted at").into()
            );
        }
    }
    let identity = keys::read_collection_key(&args.key, args.passphrase_file.as_deref())?;
    let store = Store::open(&args.store)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let signing = args.acknowledge.as_deref();
    let signing =
        signing.map(|key| keys::read_signing_key(key, args.passphrase_file.as_deref())).transpose()?;
    let report = collect::collect(&args.sources, &identity, threads, &store, &args.store)?;
    let acknowledged = signing.map(|key| acknowledge::write(&report.trusted_segments(), &key)).transpose()?;
    if args.json {
        let mut value = serde_json::to_value(&report)?;
        value["acknowledged"] = serde_json::to_value(&acknowledged)?;
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        print(&report, out)?;
        for it in acknowledged.iter().flatten() {
            writeln!(
                out,
                "acknowledged to {}: {} segments, on {}",
                it.unit,
                it.segments,
                it.stick.display()
            )?;
        }
    }
    let mut flaws = report.flaws.values().flatten();
    Ok(if !report.contradictions.is_empty() || flaws.any(Flaw::is_alarming) {
        Outcome::Refused
    } else if report.refused.is_empty()
        && report.flaws.is_empty()
        && report.total(Counts::all_quarantined) == 0
    {
        Outcome::Done
    } else {
        Outcome::NotAll
    })
}

/// Names of folders come from sticks: what would steer the terminal is shown as a question mark.
fn plain(line: &str) -> String {
    line.chars().map(|letter| if may_be_shown(letter) { letter } else { '?' }).collect()
}

fn print(report: &Report, out: &mut dyn Write) -> std::io::Result<()> {
    let width = report.units.keys().map(String::len).max().unwrap_or(0).max("unit".len());
    if !report.units.is_empty() {
        writeln!(out, "{:width$}  {:>8}  {:>8}  {:>11}", "unit", "taken", "known", "quarantined")?;
    }
    for (unit, counts) in &report.units {
        let reasons: Vec<String> =
            counts.quarantined.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        let line = format!(
            "{unit:width$}  {:>8}  {:>8}  {:>11}  {}",
            counts.taken,
            counts.known,
            counts.all_quarantined(),
            reasons.join(", ")
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    for line in &report.contradictions {
        writeln!(out, "error: {line}")?;
        writeln!(out, "  help: two units have one name; give one of them another, and collect both again")?;
    }
    for (unit, flaws) in &report.flaws {
        for flaw in flaws {
            let word = if flaw.is_alarming() { "error" } else { "warning" };
            writeln!(out, "{word}: {unit}: {flaw}\n  help: {}", flaw.help())?;
        }
    }
    for line in &report.refused {
        writeln!(out, "warning: {}", plain(line))?;
    }
    if report.reopened > 0 {
        writeln!(out, "{} records kept from earlier could be read now", report.reopened)?;
    }
    writeln!(
        out,
        "{} units: {} records taken, {} known, {} quarantined ({} of them new)",
        report.units.len(),
        report.total(|it| it.taken),
        report.total(|it| it.known),
        report.total(Counts::all_quarantined),
        report.total(|it| it.newly_quarantined)
    )
}
