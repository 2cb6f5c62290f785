//! `synkiosk train`: from a data set to a trained network in a run folder.

use super::predict::{open_bundle, open_bundle_file};
use super::{Outcome, Refusal};
use crate::dataset::DataSet;
use crate::training::TrainingError;
use crate::training::checkpoint::Epoch;
use crate::training::landmarks::{LandmarkRun, export::LandmarkFiles};
use crate::training::parts::Parts;
use crate::training::run::{self, Ending, Observer, Recipe};
use crate::training::run_folder::RunFolder;
use crate::training::samples::{LeftOut, Samples};
use crate::training::settings::{Protocol, Settings};
use crate::training::split::{Part, Split};
use crate::training::start::Start;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Train the network on a data set.
///
/// People are divided into training, validation and test once, and RUN/split.csv says how. Interrupted, the same
/// command goes on after the last whole epoch and ends with the same weights.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples: synkiosk train --protocol paper --data DATA --seed 1 --out RUN\n          \
    synkiosk train --protocol clinical --data CLINIC --init FILE.bundle --mix DATA --out RUN"
)]
pub struct Args {
    /// How: as in the paper (385 pictures, 18 epochs), or for larger clinical sets.
    #[arg(long, value_enum, default_value = "paper")]
    pub protocol: Protocol,
    /// The data set's folder.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Seed of the split, the first weights, the order and the augmentation.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The run's folder, new or interrupted.
    #[arg(long, value_name = "RUN")]
    pub out: PathBuf,
    /// A split of your own: lines of person,split with train, validation or test.
    #[arg(long, value_name = "FILE")]
    pub split: Option<PathBuf>,
    /// The run of `synkiosk landmarks` whose network finds the landmarks (default: the shipped bundle's).
    #[arg(long, value_name = "DIR")]
    pub landmarks: Option<PathBuf>,
    /// Begin with these weights: a bundle, or the folder of a trained run. A third of the epochs and a fifth of the
    /// learning rate then do, unless told.
    #[arg(long, value_name = "BUNDLE|RUN")]
    pub init: Option<PathBuf>,
    /// Trust this public key as well, for --init.
    #[arg(long, value_name = "FILE", requires = "init")]
    pub key: Option<PathBuf>,
    /// A second data set, as of rendered people, for training only; validation and test are of --data alone.
    #[arg(long, value_name = "DIR")]
    pub mix: Option<PathBuf>,
    /// What a look at a picture of --mix counts in the loss; one of --data counts 1.
    #[arg(long, value_name = "W", requires = "mix", default_value_t = 0.25, value_parser = parse_weight)]
    pub mix_weight: f32,
    /// The highest learning rate, if not the protocol's.
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub learning_rate: Option<f64>,
    /// Epochs, if not the protocol's.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub epochs: Option<u16>,
    /// Augmented looks at each picture in an epoch, if not the protocol's.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub copies: Option<u16>,
}

fn parse_weight(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(weight) if (0.001..=10.0).contains(&weight) => Ok(weight),
        _ => Err("not a number from 0.001 to 10".to_owned()),
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (1e-7..=0.1).contains(&rate) => Ok(rate),
        _ => Err("not a number from 0.0000001 to 0.1".to_owned()),
    }
}

/// Trains and says how it went.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let recipe = recipe(args)?;
    let data = DataSet::read(&args.data).map_err(TrainingError::from).map_err(refusal)?;
    let split = match &args.split {
        Some(path) => read_split(path, &data).map_err(refusal)?,
        None => Split::draw(&data.people, recipe.settings.shares, args.seed),
    };
    let fits = split.fits(&data).map_err(|error| TrainingError::Split { path: args.data.clone(), error });
    fits.map_err(refusal)?;
    let bar = progress_bar(pictures(&data), "reading pictures");
    let landmarks = landmarks(args)?;
    let mut parts = Parts::load(&data, &split, &landmarks, || bar.inc(1)).map_err(refusal)?;
    bar.finish_and_clear();
    report_parts(&data, &split, &parts, out)?;
    if let Some(root) = &args.mix {
        mix(&mut parts, root, args.mix_weight, &landmarks, out)?;
    }
    report_left_out(&parts.left_out, out)?;
    let folder = RunFolder::new(&args.out);
    let epochs = recipe.settings.epochs;
    let mut shown = Shown { bar: progress_bar(0, "training"), out: &mut *out, epochs };
    let ending = run::train(&folder, &data, &split, &parts, &recipe, None, &mut shown).map_err(refusal)?;
    shown.bar.finish_and_clear();
    match ending {
        Ending::AlreadyTrained => writeln!(out, "{} was already trained", args.out.display())?,
        _ => writeln!(out, "trained: {}", folder.path("float.bpk").display())?,
    }
    Ok(Outcome::Done)
}

/// The network that finds the landmarks; the run keeps a copy of it.
fn landmarks(args: &Args) -> anyhow::Result<LandmarkFiles> {
    match &args.landmarks {
        Some(run) => Ok(LandmarkFiles::read(LandmarkRun::new(run).folder()).map_err(refusal)?),
        None => Ok(LandmarkFiles::of_bundle(&open_bundle(None, None)?)),
    }
}

fn recipe(args: &Args) -> anyhow::Result<Recipe> {
    let start = match &args.init {
        None => Start::Fresh,
        Some(path) if path.is_dir() => Start::of_run(&RunFolder::new(path)).map_err(refusal)?,
        Some(path) => {
            let (bundle, bytes) = open_bundle_file(path, args.key.as_deref())?;
            Start::of_bundle(&bundle, &bytes, path).map_err(refusal)?
        }
    };
    let mut settings = Settings::of(args.protocol, args.seed);
    start.adapt(&mut settings);
    settings.epochs = args.epochs.map_or(settings.epochs, usize::from);
    settings.copies = args.copies.map_or(settings.copies, usize::from);
    settings.learning_rate = args.learning_rate.unwrap_or(settings.learning_rate);
    Ok(Recipe { settings, start })
}

fn pictures(data: &DataSet) -> usize {
    data.people.iter().map(|person| person.pictures.len()).sum()
}

fn mix(
    parts: &mut Parts,
    root: &Path,
    weight: f32,
    landmarks: &LandmarkFiles,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let data = DataSet::read(root).map_err(TrainingError::from).map_err(refusal)?;
    let bar = progress_bar(pictures(&data), "reading pictures to mix in");
    let samples = Samples::load(&data, |_| true, landmarks, || bar.inc(1)).map_err(refusal)?;
    bar.finish_and_clear();
    let (people, pictures) = (data.people.len(), samples.usable.len());
    parts.mix(&data, samples, weight).map_err(refusal)?;
    writeln!(
        out,
        "mixed in   {people:>5} people {pictures:>6} pictures into training, each with weight {weight}"
    )?;
    Ok(())
}

fn read_split(path: &Path, data: &DataSet) -> Result<Split, TrainingError> {
    let text = std::fs::read_to_string(path).map_err(|source| TrainingError::Access {
        doing: "read",
        path: path.to_owned(),
        source,
    })?;
    Split::parse(&text, data).map_err(|error| TrainingError::Split { path: path.to_owned(), error })
}

fn report_parts(data: &DataSet, split: &Split, parts: &Parts, out: &mut dyn Write) -> std::io::Result<()> {
    for part in Part::ALL {
        let people = data.people.iter().filter(|person| split.part_of(&person.name) == Some(part)).count();
        let samples = parts.of(part);
        let positive = samples.iter().filter(|sample| sample.is_positive()).count();
        writeln!(
            out,
            "{part:<10} {people:>5} people {:>6} pictures, {positive} of them with synkinesis",
            samples.len()
        )?;
    }
    Ok(())
}

/// Pictures that could not be used, one a line.
pub(super) fn report_left_out(left_out: &[LeftOut], out: &mut dyn Write) -> std::io::Result<()> {
    if !left_out.is_empty() {
        writeln!(out, "left out: {} pictures", left_out.len())?;
    }
    for one in left_out {
        writeln!(out, "  {}: {}", one.path.display(), one.reason)?;
    }
    Ok(())
}

/// The bar on a terminal, and a line for each epoch.
struct Shown<'a> {
    bar: ProgressBar,
    out: &'a mut dyn Write,
    epochs: usize,
}

impl Observer for Shown<'_> {
    fn step(&mut self, done: usize, total: usize) {
        if self.bar.length() != Some(total as u64) {
            self.bar.set_length(total as u64);
            // What an interrupted run had done before does not count for the time left.
            self.bar.set_position(done as u64 - 1);
            self.bar.reset_eta();
        }
        self.bar.set_position(done as u64);
    }

    fn epoch(&mut self, epoch: &Epoch) {
        let line = format!(
            "epoch {:>2} of {}: loss {:.4}, validation loss {:.4}, validation accuracy {:.1} %",
            epoch.epoch,
            self.epochs,
            epoch.loss,
            epoch.validation_loss,
            100.0 * epoch.validation_accuracy
        );
        self.bar.suspend(|| {
            // A closed pipe must not end a training that checkpoints itself.
            let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
        });
    }
}

/// A bar with the time left; shows on a terminal only.
pub(super) fn progress_bar(length: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len}, {eta} left")
        .expect("the template is well-formed")
        .progress_chars("=> ");
    ProgressBar::new(length as u64).with_style(style).with_message(what)
}

/// As the user sees it.
pub(crate) fn refusal(error: TrainingError) -> Refusal {
    match error.is_refusal() {
        true => Refusal::checked(&error, error.help()),
        false => Refusal::could_not(&error, error.help()),
    }
}
