//! `synkiosk landmarks`: trains the network that finds landmarks, on rendered faces.

use super::train::{progress_bar, refusal, report_left_out};
use super::{Outcome, Refusal};
use crate::dataset::DataSet;
use crate::training::TrainingError;
use crate::training::checkpoint::Epoch;
use crate::training::landmarks::errors::LandmarkErrors;
use crate::training::landmarks::looks::Look;
use crate::training::landmarks::run::{self, LandmarkSettings};
use crate::training::landmarks::samples::{LandmarkSample, LandmarkSamples};
use crate::training::landmarks::truth::Truth;
use crate::training::landmarks::{LandmarkRun, export};
use crate::training::random::Random;
use crate::training::run::Observer;
use crate::training::run_folder::{self, RunFolder};
use indicatif::ProgressBar;
use std::io::Write;
use std::path::PathBuf;

/// Inputs on which activations are measured.
const CALIBRATION: usize = 256;

/// Train the network that finds landmarks, and write it as the device runs it.
///
/// It learns from rendered faces alone, whose true landmarks are known: every tenth person is kept for judging.
/// Interrupted, the same command goes on after the last whole epoch.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  synkiosk landmarks --data RENDERED --out LANDMARKS\n  \
    synkiosk landmarks --init LANDMARKS --data RENDERED --data MORE --epochs 15 --out BETTER")]
pub struct Args {
    /// A data set that synth has written; several may be named.
    #[arg(long, value_name = "DIR", required = true)]
    pub data: Vec<PathBuf>,
    /// Go on from the weights of this finished run instead of fresh ones.
    #[arg(long, value_name = "RUN")]
    pub init: Option<PathBuf>,
    /// Seed of the first weights, the order and the looks.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Times that every picture is shown.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    pub epochs: u16,
    /// The run's folder, new or interrupted.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Print the errors as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Trains, quantizes, measures.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let samples = samples(&args.data).map_err(refusal)?;
    if samples.training.is_empty() || samples.held_out.is_empty() {
        let help = "pass a data set of 20 people or more";
        return Err(Refusal::checked("there are too few people to learn landmarks from", help).into());
    }
    if !args.json {
        report_left_out(&samples.left_out, out)?;
    }
    let first = args.init.as_deref().map(RunFolder::new);
    let mut settings = LandmarkSettings::new(args.seed, args.epochs.into(), samples.digest.clone());
    if let Some(first) = &first {
        first.needs(run_folder::FLOAT, "landmarks --out").map_err(refusal)?;
        settings = settings.started(&first.read(run_folder::FLOAT).map_err(refusal)?);
    }
    let run = LandmarkRun::new(&args.out);
    run.claim(&settings).map_err(refusal)?;
    let mut shown = Shown { bar: progress_bar(0, "training"), out: &mut *out, quiet: args.json };
    let net =
        run::fit(run.folder(), &settings, first.as_ref(), &samples.training, &mut shown).map_err(refusal)?;
    shown.bar.finish_and_clear();
    let looks = calibration_looks(&settings, &samples.training);
    let pixels: Vec<&[u8]> = looks.iter().map(|look| look.input.as_slice()).collect();
    let files = export::quantized(&net, &pixels);
    let mut landmarker = files.landmarker().map_err(refusal)?;
    let errors = LandmarkErrors::of(&samples.held_out, &mut landmarker);
    run.write(&files, &errors).map_err(refusal)?;
    match args.json {
        true => writeln!(out, "{}", serde_json::to_string_pretty(&errors)?)?,
        false => table(&errors, out)?,
    }
    Ok(Outcome::Done)
}

/// All pictures of all data sets.
fn samples(folders: &[PathBuf]) -> Result<LandmarkSamples, TrainingError> {
    let mut all = LandmarkSamples::default();
    for folder in folders {
        let data = DataSet::read(folder)?;
        let truth = Truth::read(folder)?;
        let pictures = data.people.iter().map(|person| person.pictures.len()).sum::<usize>();
        let bar = progress_bar(pictures, "reading pictures");
        all.extend(LandmarkSamples::load(&data, &truth, || bar.inc(1))?);
        bar.finish_and_clear();
    }
    Ok(all)
}

fn calibration_looks(settings: &LandmarkSettings, training: &[LandmarkSample]) -> Vec<Look> {
    let mut random = Random::new(&[settings.seed, 5]);
    let count = training.len().min(CALIBRATION);
    let pictures = (0..count).map(|index| &training[index * training.len() / count]);
    pictures.map(|sample| settings.looks.look(sample, &mut random)).collect()
}

fn table(errors: &LandmarkErrors, out: &mut dyn Write) -> std::io::Result<()> {
    let percent = |share: f64| 100.0 * share;
    writeln!(out, "{} held-out pictures, int8, in % of the interocular distance", errors.pictures)?;
    writeln!(out, "{:<20} {:>7} {:>7}", "", "median", "p90")?;
    for (name, spread) in errors.points.iter().chain([(&"all points", &errors.all)]) {
        writeln!(out, "{name:<20} {:>7.2} {:>7.2}", percent(spread.median), percent(spread.p90))?;
    }
    writeln!(
        out,
        "correlation with the truth: eye opening {:.3}, left-right difference {:.3}",
        errors.opening, errors.opening_difference
    )?;
    for (name, correlation) in &errors.activity {
        writeln!(out, "  {name:<18} {correlation:.3}")?;
    }
    Ok(())
}

/// The bar on a terminal, and a line for each epoch.
struct Shown<'a> {
    bar: ProgressBar,
    out: &'a mut dyn Write,
    quiet: bool,
}

impl Observer for Shown<'_> {
    fn step(&mut self, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
    }

    fn epoch(&mut self, epoch: &Epoch) {
        if !self.quiet {
            self.bar.suspend(|| {
                // A closed pipe must not end a training that checkpoints itself.
                let _ = writeln!(self.out, "epoch {:>2}: loss {:.5}", epoch.epoch, epoch.loss);
                let _ = self.out.flush();
            });
        }
    }
}
