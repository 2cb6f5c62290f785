//! `synkiosk train`: from a data set to a trained network in a run folder.

use super::predict::open_bundle;
use super::{Outcome, Refusal};
use crate::dataset::DataSet;
use crate::training::TrainingError;
use crate::training::checkpoint::Epoch;
use crate::training::landmarks::{LandmarkRun, export::LandmarkFiles};
use crate::training::parts::Parts;
use crate::training::run::{self, Ending, Observer};
use crate::training::run_folder::RunFolder;
use crate::training::samples::LeftOut;
use crate::training::settings::{Protocol, Settings};
use crate::training::split::{Part, Split};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Trains the network on a data set.
///
/// People are divided into training, validation and test once, and RUN/split.csv says how. Interrupted, the same
/// command goes on after the last whole epoch and ends with the same weights.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: synkiosk train --protocol paper --data DATA --seed 1 --out RUN")]
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
    /// Epochs, if not the protocol's.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub epochs: Option<u16>,
    /// Augmented looks at each picture in an epoch, if not the protocol's.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub copies: Option<u16>,
}

/// Trains and says how it went.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut settings = Settings::of(args.protocol, args.seed);
    settings.epochs = args.epochs.map_or(settings.epochs, usize::from);
    settings.copies = args.copies.map_or(settings.copies, usize::from);
    let data = DataSet::read(&args.data).map_err(TrainingError::from).map_err(refusal)?;
    let split = match &args.split {
        Some(path) => read_split(path, &data).map_err(refusal)?,
        None => Split::draw(&data.people, settings.shares, args.seed),
    };
    let fits = split.fits(&data).map_err(|error| TrainingError::Split { path: args.data.clone(), error });
    fits.map_err(refusal)?;
    let pictures = data.people.iter().map(|person| person.pictures.len()).sum::<usize>();
    let bar = progress_bar(pictures, "reading pictures");
    let landmarks = landmarks(args)?;
    let parts = Parts::load(&data, &split, &landmarks, || bar.inc(1)).map_err(refusal)?;
    bar.finish_and_clear();
    report_parts(&data, &split, &parts, out)?;
    let folder = RunFolder::new(&args.out);
    let mut shown = Shown { bar: progress_bar(0, "training"), out: &mut *out, epochs: settings.epochs };
    let ending = run::train(&folder, &data, &split, &landmarks, &parts, &settings, None, &mut shown)
        .map_err(refusal)?;
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
    report_left_out(&parts.left_out, out)
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
