//! `synkiosk report`: what the store says.

use super::{Outcome, Refusal};
use crate::files;
use crate::fleet::drift::Bins;
use crate::fleet::figures::{Asked, Figures, Group};
use crate::fleet::made_up::Numbers;
use crate::fleet::page;
use crate::fleet::publish::{self, Noise, OUTCOMES, Published};
use crate::fleet::store::{self, Store};
use crate::report::words::{RESEARCH_USE_ONLY, per_cent};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Count what kiosks sent: answers, retakes, quality, times, errors, drift, silent units.
///
/// With --publish, tables by site, week and model without counts under 5 and without those that would give them away.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  synkiosk report --store kiosks.sqlite --html report.html\n  \
    synkiosk report --store kiosks.sqlite --publish --epsilon 1 --json")]
pub struct Args {
    /// The store that collect filled.
    #[arg(long, value_name = "FILE.sqlite")]
    store: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write one page that needs nothing else.
    #[arg(long, value_name = "FILE", conflicts_with = "publish")]
    html: Option<PathBuf>,
    /// Compare scores with these: {"scores": [ten counts, by tenths]}. Otherwise with each model's first weeks.
    #[arg(long, value_name = "FILE.json")]
    baseline: Option<PathBuf>,
    /// How many first weeks of each model are the baseline.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=520))]
    baseline_weeks: u16,
    /// A unit is silent when nothing came for so many weeks.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=520))]
    silent_weeks: u16,
    /// Print only what may be published.
    #[arg(long)]
    publish: bool,
    /// Add geometric noise: epsilon of all published counts together, for one session.
    #[arg(long, value_name = "E", requires = "publish", value_parser = parse_epsilon)]
    epsilon: Option<f64>,
    /// Draw the same noise every time. Who knows the seed can take the noise off: for tests.
    #[arg(long, value_name = "S", requires = "epsilon")]
    seed: Option<u64>,
}

fn parse_epsilon(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(epsilon) if (0.01..=100.0).contains(&epsilon) => Ok(epsilon),
        _ => Err("not a number from 0.01 to 100".to_owned()),
    }
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let asked = Asked {
        baseline: args.baseline.as_deref().map(read_baseline).transpose()?,
        baseline_weeks: args.baseline_weeks.into(),
        silent_weeks: args.silent_weeks.into(),
    };
    let store = Store::read(&args.store)?;
    let figures = Figures::of(&store, &asked).map_err(|error| store::cannot(&args.store, &error))?;
    if args.publish {
        let noise = match (args.epsilon, args.seed) {
            (None, _) => Noise::Without,
            (Some(epsilon), None) => Noise::Random { epsilon },
            (Some(epsilon), Some(seed)) => Noise::Seeded { epsilon, numbers: Numbers(seed) },
        };
        let published = publish::publish(&figures, noise)?;
        if args.json {
            writeln!(out, "{}", serde_json::to_string_pretty(&published)?)?;
        } else {
            print_published(&published, out)?;
        }
        return Ok(Outcome::Done);
    }
    if let Some(path) = &args.html {
        files::replace(path, page::html(&figures).as_bytes()).map_err(|error| {
            Refusal::could_not(
                format!("could not write {}: {error}", path.display()),
                "name a file in a folder that you may write to",
            )
        })?;
    }
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&figures)?)?;
    } else {
        print(&figures, out)?;
    }
    Ok(Outcome::Done)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBaseline {
    scores: Bins,
}

fn read_baseline(path: &Path) -> Result<Bins, Refusal> {
    let text = fs::read_to_string(path).map_err(|error| {
        Refusal::could_not(
            format!("could not read {}: {error}", path.display()),
            "name a file with {\"scores\": [ten counts]}",
        )
    })?;
    let refused = |reason: &str| {
        let message = format!("{} is no baseline: {reason}", path.display());
        Refusal::checked(
            message,
            "write {\"scores\": [ten counts of scores, 0 to 9 %, 10 to 19 %, ..., 90 to 100 %]}",
        )
    };
    let raw: RawBaseline = serde_json::from_str(&text).map_err(|error| refused(&error.to_string()))?;
    if raw.scores.iter().sum::<u64>() == 0 { Err(refused("all counts are 0")) } else { Ok(raw.scores) }
}

fn print(figures: &Figures, out: &mut dyn Write) -> std::io::Result<()> {
    let newest = figures.newest_week.as_deref().unwrap_or("no week that is known");
    writeln!(out, "{RESEARCH_USE_ONLY}\n{} sessions up to {newest}\n", figures.all.sessions)?;
    for (by, groups) in [
        ("model", &figures.models),
        ("site", &figures.sites),
        ("unit", &figures.units),
        ("week", &figures.weeks),
    ] {
        table(by, groups, out)?;
    }
    for (what, codes) in
        [("pictures did not do", &figures.all.quality_failures), ("errors", &figures.all.errors)]
    {
        let codes: Vec<String> = codes.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let codes = if codes.is_empty() { "none".to_owned() } else { codes.join(", ") };
        writeln!(out, "{what}: {codes}")?;
    }
    for field in &figures.in_the_field {
        writeln!(out, "in the field: {} on {} units", field.model, field.units.len())?;
    }
    for unit in &figures.silent {
        let last = unit.last_week.as_deref().unwrap_or("never");
        writeln!(out, "silent: {} ({}), last heard of: {last}", unit.unit, unit.site)?;
    }
    for it in &figures.dropped {
        writeln!(out, "dropped: {} sessions of {}, whose card was full", it.sessions, it.unit)?;
    }
    for kept in &figures.quarantined {
        writeln!(out, "quarantined: {} {} {}", kept.unit, kept.reason, kept.count)?;
    }
    writeln!(out, "\ndrift of scores from {} (population stability index)", figures.baseline)?;
    for it in &figures.drift {
        let drift = &it.drift;
        writeln!(
            out,
            "  {:6} {:20} {:12} {:6.3} ({:.3} by chance), n {} against {}: {}",
            it.of,
            it.name,
            it.model,
            drift.psi,
            drift.by_chance,
            drift.n,
            drift.baseline_n,
            drift.verdict.name()
        )?;
    }
    Ok(())
}

fn table(by: &str, groups: &[Group], out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{by:20} {:>8}  {:26} {:26} {:26} {:>7}  {:>14}",
        "sessions", "likely", "cannot tell", "retake", "errors", "ms, half / 90 %"
    )?;
    for group in groups {
        let took =
            group.milliseconds.map_or("-".to_owned(), |it| format!("{} / {}", it.median, it.nine_in_ten));
        writeln!(
            out,
            "{:20} {:>8}  {:26} {:26} {:26} {:>7}  {took:>15}",
            group.name,
            group.sessions,
            per_cent(&group.likely),
            per_cent(&group.cannot_tell),
            per_cent(&group.retake),
            group.errors.values().sum::<u64>()
        )?;
    }
    writeln!(out)
}

fn print_published(published: &Published, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{RESEARCH_USE_ONLY}")?;
    match published.epsilon {
        Some(epsilon) => writeln!(
            out,
            "Counts under {} and those that would give them away are left out; geometric noise, epsilon {epsilon}.\n",
            published.least
        )?,
        None => writeln!(
            out,
            "Counts under {} and those that would give them away are left out; no noise: pass --epsilon.\n",
            published.least
        )?,
    }
    let heads: String = OUTCOMES.iter().chain([&"all"]).map(|head| format!("{head:>12}")).collect();
    let cell = |count: &Option<u64>| count.map_or("-".to_owned(), |count| count.to_string());
    let line = |name: &str, cells: &[Option<u64>]| {
        let cells: String = cells.iter().map(|count| format!("{:>12}", cell(count))).collect();
        format!("{name:20}{cells}")
    };
    for table in &published.tables {
        writeln!(out, "{:20}{heads}", format!("by {}", table.by))?;
        for (name, cells) in &table.rows {
            writeln!(out, "{}", line(name, cells))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", line("all", &published.totals))
}
