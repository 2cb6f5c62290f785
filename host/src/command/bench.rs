//! `synkiosk bench`: how fast the study center's commands are, on sessions that nobody had, and how fast cards are written.

use super::{Outcome, Refusal};
use crate::flash::against_bmaptool::{self, BenchError};
use crate::fleet::collect::{self, Counts};
use crate::fleet::export::{self, parquet};
use crate::fleet::figures::{Asked, Figures};
use crate::fleet::made_up::{self, Numbers, Size};
use crate::fleet::store::{self, Hangs, Store};
use age::x25519;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;
use synkiosk_journal::chain::RecordDigest;

/// Measure collect, report or export on made-up sessions, or flash beside bmaptool.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  synkiosk bench collect --records 100000 --folder /tmp/bench --json\n  \
                        synkiosk bench flash --json")]
pub struct Args {
    /// What to measure.
    #[arg(value_enum)]
    what: What,
    /// How many sessions.
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..=20_000_000))]
    records: u32,
    /// A folder that is not there yet; it is removed afterward unless kept. Sealed sessions need 2.4 KB each, stored ones
    /// 500 bytes, flash 1.7 GB at most. Without it, one in the system's folder for such things.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Leave the folder there, with the store and what was exported.
    #[arg(long, requires = "folder")]
    keep: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// From 50 outboxes into a store, 1 % of the records damaged.
    Collect,
    /// All figures of a store.
    Report,
    /// A store to Parquet.
    Export,
    /// An image of 769 MiB, 245 MiB of it data, to a loop device or file, in turn with bmaptool.
    Flash,
}

/// Units of the made-up fleet.
const UNITS: u32 = 50;
/// Sessions of a unit on a day.
const A_DAY: u32 = 20;

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let name = format!("synkiosk-bench-{}", std::process::id());
    let folder = args.folder.clone().unwrap_or_else(|| std::env::temp_dir().join(name));
    std::fs::create_dir(&folder).map_err(|error| {
        Refusal::could_not(
            format!("could not make {}: {error}", folder.display()),
            "name a folder that is not there yet",
        )
    })?;
    let measured = match args.what {
        What::Collect => collect(&folder, args.records).map(|it| say(args, it, out)),
        What::Report => report(&folder, args.records).map(|it| say(args, it, out)),
        What::Export => export(&folder, args.records).map(|it| say(args, it, out)),
        What::Flash => flash(&folder, args.json, out).map(Ok),
    };
    if !args.keep {
        std::fs::remove_dir_all(&folder)?;
    }
    measured??;
    Ok(Outcome::Done)
}

fn say(args: &Args, (seconds, records): (f64, u64), out: &mut dyn Write) -> std::io::Result<()> {
    let rate = records as f64 / seconds;
    match (args.json, args.what) {
        (true, What::Collect) => {
            writeln!(
                out,
                "{}",
                serde_json::json!({"records_per_second": rate, "seconds": seconds, "records": records})
            )
        }
        (true, _) => writeln!(out, "{}", serde_json::json!({"seconds": seconds, "records": records})),
        (false, _) => writeln!(out, "{records} records in {seconds:.2} s, {rate:.0} a second"),
    }
}

fn flash(folder: &Path, json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let figures = against_bmaptool::measure(folder).map_err(|error| {
        let help = match error {
            BenchError::NoBmaptool(_) => {
                "apt-get install bmap-tools; without it there is nothing to compare with"
            }
            _ => "name a folder with 2 GB of room: --folder",
        };
        Refusal::could_not(&error, help)
    })?;
    if json {
        writeln!(out, "{}", serde_json::to_string(&figures)?)?;
    } else {
        writeln!(
            out,
            "to a {}: bmaptool {:.2} s, flash {:.2} s and {:.2} s with reading back: {:.2} and {:.2} times bmaptool's",
            figures.target,
            figures.bmaptool_seconds,
            figures.without_read_back_seconds,
            figures.seconds,
            figures.ratio_to_bmaptool,
            figures.ratio_with_read_back,
        )?;
    }
    Ok(())
}

fn collect(folder: &Path, records: u32) -> anyhow::Result<(f64, u64)> {
    let identity = x25519::Identity::generate();
    let days = records.div_ceil(UNITS * A_DAY);
    let size = Size { units: UNITS, days, sessions: A_DAY, damaged: 100 };
    let outboxes = folder.join("outboxes");
    let truth = made_up::write(&outboxes, size, &identity.to_public())?;
    let path = folder.join("store.sqlite");
    let store = Store::open(&path)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let start = Instant::now();
    let report = collect::collect(&[outboxes], &identity, threads, &store, &path)?;
    let seconds = start.elapsed().as_secs_f64();
    let (taken, kept) = (report.total(|it| it.taken), report.total(Counts::all_quarantined));
    anyhow::ensure!(
        taken == truth.sessions.len() && kept == truth.damaged,
        "{taken} taken and {kept} kept are not {} and {}",
        truth.sessions.len(),
        truth.damaged
    );
    Ok((seconds, (taken + kept) as u64))
}

fn report(folder: &Path, records: u32) -> anyhow::Result<(f64, u64)> {
    let path = filled(folder, records)?;
    let start = Instant::now();
    let asked = Asked { baseline: None, baseline_weeks: 4, silent_weeks: 4 };
    let figures = Figures::of(&Store::read(&path)?, &asked)?;
    Ok((start.elapsed().as_secs_f64(), figures.all.sessions))
}

fn export(folder: &Path, records: u32) -> anyhow::Result<(f64, u64)> {
    let path = filled(folder, records)?;
    let start = Instant::now();
    let sessions = export::whole(&folder.join("parquet"), |part| parquet::write(&path, part))?;
    Ok((start.elapsed().as_secs_f64(), sessions))
}

/// A store with so many sessions, put there without sealing them first.
fn filled(folder: &Path, records: u32) -> anyhow::Result<PathBuf> {
    let path = folder.join("store.sqlite");
    fill(&path, records).map_err(|error| store::cannot(&path, &error))??;
    Ok(path)
}

fn fill(path: &Path, records: u32) -> rusqlite::Result<Result<(), Refusal>> {
    let store = match Store::open(path) {
        Ok(store) => store,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let days = records.div_ceil(UNITS * A_DAY).min(500);
    let each = records.div_ceil(UNITS * days);
    let mut left = records;
    store.begin()?;
    for index in 0..UNITS {
        let (unit, mut numbers) = (made_up::unit(index), Numbers(u64::from(index) + 1));
        store.put_unit(&unit)?;
        let mut place = 0;
        for day in 0..days {
            for _ in 0..each.min(left) {
                let record = made_up::record(&mut numbers, index, day);
                store.put(
                    &unit,
                    (1, place),
                    &record,
                    &Hangs { link: None, digest: RecordDigest::default() },
                )?;
                (place, left) = (place + 1, left - 1);
            }
        }
    }
    store.commit()?;
    Ok(Ok(()))
}
