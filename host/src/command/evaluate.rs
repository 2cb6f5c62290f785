//! `synkiosk evaluate`: what a run or a bundle is worth on people whom it never saw.

use super::predict::open_bundle;
use super::train::{progress_bar, refusal, report_left_out};
use super::{Outcome, Refusal};
use crate::dataset::{DataSet, Person};
use crate::training::TrainingError;
use crate::training::evaluate::{Report, Scored, Side, score};
use crate::training::export;
use crate::training::landmarks::export::LandmarkFiles;
use crate::training::metrics::Metrics;
use crate::training::run;
use crate::training::run_folder::RunFolder;
use crate::training::samples::{LeftOut, Samples};
use crate::training::split::Part;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Measures accuracy, precision, recall, F1 and AUC with 95 % Wilson intervals, float and int8 side by side.
///
/// The int8 figures come from the device's own code. A picture is called synkinesis from a score of one half on, a
/// person by the mean logit over the pictures.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples: synkiosk evaluate --run RUN --split test --json\n          \
    synkiosk evaluate --bundle FILE.bundle --data DIR --json")]
#[command(group(clap::ArgGroup::new("network").required(true).args(["run", "bundle"])))]
pub struct Args {
    /// A quantized run.
    #[arg(long, value_name = "RUN")]
    pub run: Option<PathBuf>,
    /// A signed bundle; then there are int8 figures only.
    #[arg(long, value_name = "FILE", requires = "data")]
    pub bundle: Option<PathBuf>,
    /// Trust this public key as well.
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    pub key: Option<PathBuf>,
    /// Which part of the run's own data set.
    #[arg(long, value_enum, default_value = "test", conflicts_with = "bundle")]
    pub split: PartName,
    /// Another data set, all of it; with --run this replaces --split.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// One JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// A part's name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PartName {
    /// What the weights were fitted to.
    Train,
    /// What temperature and thresholds were set on.
    Validation,
    /// What nothing was set on.
    Test,
}

impl PartName {
    fn part(self) -> Part {
        match self {
            PartName::Train => Part::Training,
            PartName::Validation => Part::Validation,
            PartName::Test => Part::Test,
        }
    }
}

/// Measures and prints.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (scored, left_out) = match (&args.run, &args.bundle) {
        (Some(run), _) => of_run(run, args).map_err(refusal)?,
        (None, Some(bundle)) => of_bundle(bundle, args)?,
        (None, None) => {
            return Err(Refusal::checked("nothing to evaluate", "pass --run RUN or --bundle FILE"))?;
        }
    };
    let report = Report::of(&scored, &left_out);
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&report, &left_out, out)?;
    }
    Ok(Outcome::Done)
}

type Looked = (Vec<Scored>, Vec<LeftOut>);

fn of_bundle(file: &Path, args: &Args) -> anyhow::Result<Looked> {
    let bundle = open_bundle(Some(file), args.key.as_deref())?;
    let mut network = bundle.network().map_err(|error| Refusal::checked(&error, error.help()))?;
    let root = args.data.as_ref().ok_or_else(|| Refusal::checked("no data set", "pass --data DIR"))?;
    let data = DataSet::read(root).map_err(TrainingError::from).map_err(refusal)?;
    let landmarks = LandmarkFiles::of_bundle(&bundle);
    let samples = load(&data, |_| true, &landmarks).map_err(refusal)?;
    Ok((score(&samples.usable, &mut network, None), samples.left_out))
}

fn of_run(root: &Path, args: &Args) -> Result<Looked, TrainingError> {
    let folder = RunFolder::new(root);
    let config = folder.config()?;
    let mut network = export::network(&folder)?;
    let net = run::trained(&folder, &config.settings)?;
    let data = DataSet::read(args.data.as_ref().unwrap_or(&config.data))?;
    let landmarks = LandmarkFiles::read(&folder)?;
    let samples = match args.data {
        Some(_) => load(&data, |_| true, &landmarks)?,
        None => {
            let split = folder.split(&data)?;
            load(&data, |person| split.part_of(&person.name) == Some(args.split.part()), &landmarks)?
        }
    };
    Ok((score(&samples.usable, &mut network, Some(&net)), samples.left_out))
}

fn load(
    data: &DataSet,
    wanted: impl Fn(&Person) -> bool,
    landmarks: &LandmarkFiles,
) -> Result<Samples, TrainingError> {
    let people = data.people.iter().filter(|person| wanted(person));
    let bar = progress_bar(people.map(|person| person.pictures.len()).sum(), "reading pictures");
    let samples = Samples::load(data, wanted, landmarks, || bar.inc(1));
    bar.finish_and_clear();
    samples
}

fn print(report: &Report, left_out: &[LeftOut], out: &mut dyn Write) -> std::io::Result<()> {
    table("pictures", &report.pictures, out)?;
    table("people", &report.people, out)?;
    if let Some(without) = &report.without_palsy {
        table("pictures, without palsy people", &without.pictures, out)?;
        table("people, without palsy people", &without.people, out)?;
    }
    report_left_out(left_out, out)
}

fn table(title: &str, side: &Side, out: &mut dyn Write) -> std::io::Result<()> {
    let columns: Vec<(&str, &Metrics)> = std::iter::once(("int8", &side.int8))
        .chain(side.float.as_ref().map(|float| ("float", float)))
        .collect();
    writeln!(out, "{} {title}", side.n)?;
    write!(out, "{:<12}", "")?;
    columns.iter().try_for_each(|(name, _)| write!(out, "{name:<26}"))?;
    writeln!(out)?;
    type Row = (&'static str, fn(&Metrics) -> String);
    let rows: [Row; 6] = [
        ("accuracy", |m| with_interval(m.accuracy, m.wilson95.accuracy)),
        ("precision", |m| with_interval(m.precision, m.wilson95.precision)),
        ("recall", |m| with_interval(m.recall, m.wilson95.recall)),
        ("F1", |m| with_interval(m.f1, None)),
        ("AUC", |m| with_interval(m.auc, None)),
        ("tn fp fn tp", |m| m.confusion.as_flattened().iter().map(|n| format!("{n} ")).collect()),
    ];
    for (name, cell) in rows {
        write!(out, "{name:<12}")?;
        columns.iter().try_for_each(|(_, metrics)| write!(out, "{:<26}", cell(metrics)))?;
        writeln!(out)?;
    }
    if let Some(agreement) = side.agreement {
        writeln!(out, "{:<12}{:.2} % called the same by both", "agreement", 100.0 * agreement)?;
    }
    writeln!(out)
}

fn with_interval(share: Option<f64>, interval: Option<[f64; 2]>) -> String {
    match (share, interval) {
        (Some(share), Some([low, high])) => {
            format!("{:.1} % ({:.1} to {:.1})", 100.0 * share, 100.0 * low, 100.0 * high)
        }
        (Some(share), None) => format!("{:.1} %", 100.0 * share),
        (None, _) => "nothing to count".to_owned(),
    }
}
