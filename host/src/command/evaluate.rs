//! `synkiosk evaluate`: what a run or a bundle is worth on people whom it never saw.

mod page;
mod table;

use super::predict::open_bundle;
use super::train::{progress_bar, refusal};
use super::{Outcome, Refusal};
use crate::dataset::{DataSet, Person};
use crate::files;
use crate::training::TrainingError;
use crate::training::evaluate::series::{self, PersonRow};
use crate::training::evaluate::worn::worn;
use crate::training::evaluate::{Report, Scored, Series, score};
use crate::training::indices::{self, Agreement};
use crate::training::landmarks::export::LandmarkFiles;
use crate::training::run_folder::RunFolder;
use crate::training::samples::Samples;
use crate::training::split::Part;
use crate::training::{export, run};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use synkiosk_models::answer::AnswerRule;
use synkiosk_models::bundle::Bundle;
use synkiosk_models::landmarks::Measured;
use synkiosk_models::pose::Pose;

/// Measure a network per picture and per person, float and int8, with intervals.
///
/// The int8 figures come from the device's own code. A picture is called synkinesis from a score of one half on, a
/// person by the mean logit over the pictures. Figures are given with palsy people among the negatives and, where there
/// are such people, without them, as in the study. Intervals of people are Wilson's; for pictures, people are drawn with
/// replacement.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples: synkiosk evaluate --run RUN --split test --json\n          \
    synkiosk evaluate --run RUN --html report.html\n          \
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
    /// The poses of a session, whose answer is counted; a bundle has its own.
    #[arg(long, value_delimiter = ',', default_value = "rest,tight-closure,open-smile,pucker")]
    #[arg(conflicts_with = "bundle")]
    pub poses: Vec<Pose>,
    /// One JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Write a page with curves, groups, activation maps, audit and card.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Show faces of real people on the page too; without it only rendered faces are shown.
    #[arg(long, requires = "html")]
    pub with_pictures: bool,
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

/// A network and the people whom it was shown.
struct Looked {
    network: Looker,
    data: DataSet,
    samples: Samples,
    scored: Vec<Scored>,
    rows: Vec<PersonRow>,
    rule: AnswerRule,
}

/// Where the network is from.
enum Looker {
    Run { folder: RunFolder, own_test: bool },
    Bundle(Box<Bundle>),
}

/// Measures and prints.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let looked = match (&args.run, &args.bundle) {
        (Some(run), _) => of_run(run, args).map_err(refusal)?,
        (None, Some(bundle)) => of_bundle(bundle, args)?,
        (None, None) => {
            return Err(Refusal::checked("nothing to evaluate", "pass --run RUN or --bundle FILE"))?;
        }
    };
    let report = report_of(&looked);
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        table::print(&report, &looked.samples.left_out, out)?;
    }
    if let Some(file) = &args.html {
        let html = page::html(&looked, &report, args)?;
        files::replace(file, html.as_bytes()).map_err(|error| {
            Refusal::could_not(
                format!("could not write {}: {error}", file.display()),
                "name a file in a folder that you may write to, on a disk with space left",
            )
        })?;
        if !args.json {
            writeln!(out, "page: {}", file.display())?;
        }
    }
    Ok(Outcome::Done)
}

fn report_of(looked: &Looked) -> Report {
    let series = Series { temperature: f64::from(looked.rule.temperature), rows: &looked.rows };
    let report = Report::with(&looked.scored, &looked.samples.left_out, Some(series));
    Report { indices: agreement(looked), ..report }
}

/// What a bundle is worth on a data set: the figures, and the page of `--html` without real people's faces.
///
/// # Errors
/// A `Refusal`, where bundle or data set cannot be taken.
pub fn of_bundle_on(bundle: Bundle, data: &Path) -> anyhow::Result<(Report, String)> {
    let looked = look_with(bundle, data)?;
    let report = report_of(&looked);
    let args = Args {
        run: None,
        bundle: None,
        key: None,
        split: PartName::Test,
        data: Some(data.to_owned()),
        poses: Vec::new(),
        json: false,
        html: None,
        with_pictures: false,
    };
    let html = page::html(&looked, &report, &args)?;
    Ok((report, html))
}

fn of_bundle(file: &Path, args: &Args) -> anyhow::Result<Looked> {
    let bundle = open_bundle(Some(file), args.key.as_deref())?;
    let root = args.data.as_ref().ok_or_else(|| Refusal::checked("no data set", "pass --data DIR"))?;
    look_with(bundle, root)
}

fn look_with(bundle: Bundle, root: &Path) -> anyhow::Result<Looked> {
    let mut network = bundle.network().map_err(|error| Refusal::checked(&error, error.help()))?;
    let data = DataSet::read(root).map_err(TrainingError::from).map_err(refusal)?;
    let samples = load(&data, |_| true, &LandmarkFiles::of_bundle(&bundle)).map_err(refusal)?;
    let scored = score(&samples.usable, &mut network, None);
    let (rule, poses) = (bundle.manifest().answer, bundle.manifest().poses.clone());
    let rows = series::rows(data.people.iter().enumerate(), &scored, &worn(&data.root), &poses, &rule);
    Ok(Looked { network: Looker::Bundle(Box::new(bundle)), data, samples, scored, rows, rule })
}

/// How the indices follow the true couplings; nothing where the data set has no truth.
fn agreement(looked: &Looked) -> Vec<Agreement> {
    let Ok(couplings) = indices::couplings(&looked.data.root) else { return Vec::new() };
    let mut series: BTreeMap<usize, Vec<(Pose, Measured)>> = BTreeMap::new();
    for sample in &looked.samples.usable {
        series.entry(sample.person).or_default().push((sample.pose, sample.measured));
    }
    let people = series.iter().filter_map(|(person, series)| {
        let couplings = couplings.get(&looked.data.people[*person].name)?;
        Some((series.as_slice(), *couplings))
    });
    indices::agreement(people)
}

fn of_run(root: &Path, args: &Args) -> Result<Looked, TrainingError> {
    let folder = RunFolder::new(root);
    let config = folder.config()?;
    let mut network = export::network(&folder)?;
    let rule = export::rule(&folder)?;
    let net = run::trained(&folder, &config.settings)?;
    let data = DataSet::read(args.data.as_ref().unwrap_or(&config.data))?;
    let split = if args.data.is_none() { Some(folder.split(&data)?) } else { None };
    let part = args.split.part();
    let wanted =
        |person: &Person| split.as_ref().is_none_or(|split| split.part_of(&person.name) == Some(part));
    let samples = load(&data, wanted, &LandmarkFiles::read(&folder)?)?;
    let scored = score(&samples.usable, &mut network, Some(&net));
    let people = data.people.iter().enumerate().filter(|(_, person)| wanted(person));
    let rows = series::rows(people, &scored, &worn(&data.root), &args.poses, &rule);
    let own_test = split.is_some() && part == Part::Test;
    let network = Looker::Run { folder, own_test };
    Ok(Looked { network, data, samples, scored, rows, rule })
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
