//! One training run, from a checked data set to `float.bpk`, or on from where it was interrupted.

use super::TrainingError;
use super::batches::{Batch, batches, make_batches, order, receiver_of, target};
use super::checkpoint::{self, Epoch, State};
use super::net::{self, Net};
use super::parts::Parts;
use super::random::Random;
use super::run_folder::{self, RunFolder};
use super::samples::{self, Sample};
use super::settings::{Config, Settings};
use super::split::Split;
use super::start::Start;
use crate::dataset::DataSet;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use std::sync::mpsc::sync_channel;
use synkiosk_models::align::Crop;

/// Batches that are made ahead, while the network computes.
const AHEAD: usize = 2;

/// Who wants to know how far training is.
pub trait Observer {
    /// `done` of `total` steps.
    fn step(&mut self, _done: usize, _total: usize) {}
    /// An epoch is done.
    fn epoch(&mut self, _epoch: &Epoch) {}
}

/// Nobody.
impl Observer for () {}

/// What decides the weights beside the pictures.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// All numbers.
    pub settings: Settings,
    /// The first weights.
    pub start: Start,
}

impl Recipe {
    /// From fresh weights.
    pub fn fresh(settings: Settings) -> Recipe {
        Recipe { settings, start: Start::Fresh }
    }
}

/// Where a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// `float.bpk` is written.
    Trained,
    /// It was there before.
    AlreadyTrained,
    /// After the epoch that the caller had named.
    Interrupted,
}

/// Trains, or goes on with a run of the same settings, data and split.
///
/// `stop_after` ends the run after that epoch as a power cut would; for tests.
pub fn train(
    folder: &RunFolder,
    data: &DataSet,
    split: &Split,
    parts: &Parts,
    recipe: &Recipe,
    stop_after: Option<usize>,
    observer: &mut impl Observer,
) -> Result<Ending, TrainingError> {
    let Recipe { settings, start } = recipe;
    let config = Config {
        format: Config::FORMAT,
        settings: settings.clone(),
        weights: Config::LAST_EPOCH.to_owned(),
        data: std::path::absolute(&data.root).unwrap_or_else(|_| data.root.clone()),
        data_digest: parts.digest.clone(),
        split_digest: run_folder::digest(split.text().as_bytes()),
        landmarks_digest: run_folder::digest(&parts.landmarks.tensors),
        started: start.started(),
        mixed: parts.mixed.clone(),
    };
    folder.claim(&config, split)?;
    parts.landmarks.write(folder)?;
    fit(folder, recipe, &parts.training, &parts.validation, stop_after, observer)
}

/// The training itself, on pictures that are in memory.
pub fn fit(
    folder: &RunFolder,
    recipe: &Recipe,
    training: &[Sample],
    validation: &[Sample],
    stop_after: Option<usize>,
    observer: &mut impl Observer,
) -> Result<Ending, TrainingError> {
    let Recipe { settings, start } = recipe;
    if folder.path(run_folder::FLOAT).exists() {
        return Ok(Ending::AlreadyTrained);
    }
    let device = Device::flex().autodiff();
    let state = |net| State { net, optimizer: optimizer(settings), history: Vec::new() };
    let fresh = || state(Net::new(&settings.architecture, settings.seed, &device));
    let mut state = match checkpoint::load(folder, fresh) {
        Some(saved) => saved,
        None => state(start.net(settings, &samples::calibration_looks(settings, training), &device)?),
    };
    while state.history.len() < settings.epochs {
        let number = state.history.len() + 1;
        let (net, loss) = one_epoch(settings, number, state.net, &mut state.optimizer, training, observer)?;
        state.net = net;
        let epoch = validated(settings, number, loss, &state.net, validation);
        state.history.push(epoch);
        observer.epoch(&epoch);
        checkpoint::save(folder, &state)?;
        if stop_after == Some(number) {
            return Ok(Ending::Interrupted);
        }
    }
    finish(folder, &state)?;
    Ok(Ending::Trained)
}

fn optimizer(settings: &Settings) -> ModuleOptimizer {
    // The default epsilon of 1e-5 would outweigh the moments of small gradients.
    AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(settings.weight_decay).init()
}

fn finish(folder: &RunFolder, state: &State<Net>) -> Result<(), TrainingError> {
    let mut history = "epoch,loss,validation_loss,validation_accuracy\n".to_owned();
    for Epoch { epoch, loss, validation_loss, validation_accuracy } in &state.history {
        history += &format!("{epoch},{loss:.6},{validation_loss:.6},{validation_accuracy:.6}\n");
    }
    folder.write(run_folder::HISTORY, history.as_bytes())?;
    let weights =
        checkpoint::weights(&state.net).map_err(|reason| folder.damaged(run_folder::FLOAT, reason))?;
    folder.write(run_folder::FLOAT, &weights)?;
    checkpoint::clear(folder)
}

/// Shows every picture in all its copies; gives the network and the mean loss.
fn one_epoch(
    settings: &Settings,
    epoch: usize,
    mut net: Net,
    optimizer: &mut ModuleOptimizer,
    training: &[Sample],
    observer: &mut impl Observer,
) -> Result<(Net, f64), TrainingError> {
    let order = order(settings, epoch, training.len());
    let batches = batches(&order, settings.batch);
    let device = Device::flex().autodiff();
    let steps = batches.len() * settings.epochs;
    let first = batches.len() * (epoch - 1);
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(AHEAD);
        scope.spawn(|| make_batches(settings, epoch, training, &batches, sender));
        let mut losses = 0.0;
        for (step, batch) in (first..).zip(receiver_of(receiver)) {
            let kept = dropout(settings, step, batch.crops.len(), &device);
            let loss = loss(&net, &batch, kept, &device);
            let value: f32 = loss.clone().into_scalar();
            if !value.is_finite() {
                return Err(TrainingError::Diverged(epoch));
            }
            losses += f64::from(value);
            let gradients = GradientsParams::from_grads(loss.backward(), &net);
            net = optimizer.step(settings.rate(step, steps), net, gradients);
            observer.step(step + 1, steps);
        }
        Ok((net, losses / batches.len() as f64))
    })
}

/// Factors that drop features and make up for it in the others.
fn dropout(settings: &Settings, step: usize, count: usize, device: &Device) -> Option<Tensor<2>> {
    if settings.dropout <= 0.0 {
        return None;
    }
    let mut random = Random::new(&[settings.seed, 4, step as u64]);
    let kept = 1.0 / (1.0 - settings.dropout);
    let features = settings.architecture.features();
    let factors: Vec<f32> =
        (0..count * features).map(|_| if random.chance(settings.dropout) { 0.0 } else { kept }).collect();
    Some(Tensor::from_data(TensorData::new(factors, [count, features]), device))
}

/// Weighted binary cross entropy with logits.
fn loss(net: &Net, batch: &Batch, kept: Option<Tensor<2>>, device: &Device) -> Tensor<1> {
    let crops: Vec<&Crop> = batch.crops.iter().collect();
    let logits = net.forward(net::front(&crops).autodiff(), kept);
    let targets = Tensor::<1>::from_floats(batch.targets.as_slice(), device);
    let weights = Tensor::<1>::from_floats(batch.weights.as_slice(), device);
    let softplus =
        burn::tensor::activation::relu(logits.clone()) + (logits.clone().abs().neg().exp() + 1.0).log();
    ((softplus - logits * targets) * weights).mean()
}

fn validated(settings: &Settings, epoch: usize, loss: f64, net: &Net, validation: &[Sample]) -> Epoch {
    let crops: Vec<&Crop> = validation.iter().map(|sample| &sample.crop).collect();
    let logits = net.valid().logits(&crops);
    let mut losses = 0.0;
    let mut right = 0;
    for (sample, logit) in validation.iter().zip(&logits) {
        let logit = f64::from(*logit);
        losses += logit.max(0.0) + (-logit.abs()).exp().ln_1p() - logit * f64::from(target(settings, sample));
        right += usize::from(sample.is_positive() == (logit >= 0.0));
    }
    let count = validation.len().max(1) as f64;
    Epoch { epoch, loss, validation_loss: losses / count, validation_accuracy: right as f64 / count }
}

/// The trained network of a run, on the plain device.
pub fn trained(folder: &RunFolder, settings: &Settings) -> Result<Net, TrainingError> {
    folder.needs(run_folder::FLOAT, "train --out")?;
    let net = Net::new(&settings.architecture, settings.seed, &Device::flex());
    let net = checkpoint::with_weights(net, folder.read(run_folder::FLOAT)?);
    net.map(|net| net.valid()).map_err(|reason| folder.damaged(run_folder::FLOAT, reason))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::training::augment::Augmentation;
    use crate::training::near_duplicates::Fingerprint;
    use crate::training::net::Architecture;
    use crate::training::settings::Protocol;
    use std::time::Duration;
    use synkiosk_models::align::Placement;
    use synkiosk_models::landmarks::{Activity, Landmarks, Measured};
    use synkiosk_models::photo::Photo;
    use synkiosk_models::pose::{Label, Pose};

    /// A soft bar on a noisy ground: lying with synkinesis, standing without.
    pub(crate) fn sample(index: usize) -> Sample {
        const SIDE: u32 = 160;
        let positive = index.is_multiple_of(2);
        let mut random = Random::new(&[index as u64]);
        let (u, v, width) =
            (random.within(25.0) + 80.0, random.within(25.0) + 80.0, 6.0 + 6.0 * random.unit());
        let luma = |k: u32| {
            let (x, y) = ((k % SIDE) as f32 - u, (k / SIDE) as f32 - v);
            let across = if positive { y } else { x } / width;
            (90.0 + 80.0 * (-across * across).exp() + random.within(12.0)) as u8
        };
        let patch = Photo::new(SIDE, SIDE, (0..SIDE * SIDE).map(luma).collect(), Duration::ZERO).unwrap();
        let placement = Placement { center_x: 80.0, center_y: 80.0, side: 120.0, roll: 0.0 };
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&(index as u64).to_le_bytes());
        Sample {
            person: index,
            label: if positive { Label::Synkinesis } else { Label::Healthy },
            pose: Pose::Rest,
            path: format!("p{index}/rest.png").into(),
            crop: Crop::take(&patch, &placement),
            measured: Measured { landmarks: upright(), activity: Activity::default() },
            is_rendered: true,
            patch,
            placement,
            fingerprint: Fingerprint { path: Default::default(), digest, looks: None, group: 0 },
            weight: 1.0,
        }
    }

    /// Eyes 40 pixels apart, everything else in one place.
    fn upright() -> Landmarks {
        let points = std::array::from_fn(|index| [60.0 + 40.0 * (index % 2) as f32, 60.0]);
        Landmarks::new(points).unwrap()
    }

    pub(crate) fn samples(indices: std::ops::Range<usize>) -> Vec<Sample> {
        indices.map(sample).collect()
    }

    /// Large enough to learn the bars, small enough to train in a second.
    pub(crate) fn tiny(epochs: usize) -> Settings {
        Settings {
            epochs,
            copies: 1,
            batch: 8,
            learning_rate: 1e-2,
            augmentation: Augmentation { occlusion: 0.0, ..Augmentation::default() },
            architecture: Architecture::of(&[(6, 1)], (8, 1), &[(8, 2)]),
            ..Settings::of(Protocol::Paper, 5)
        }
    }

    struct Epochs(Vec<Epoch>);

    impl Observer for Epochs {
        fn epoch(&mut self, epoch: &Epoch) {
            self.0.push(*epoch);
        }
    }

    fn weights_of(folder: &tempfile::TempDir) -> Vec<u8> {
        RunFolder::new(folder.path()).read(run_folder::FLOAT).unwrap()
    }

    fn fit_to_end(settings: &Settings) -> (tempfile::TempDir, Vec<Epoch>) {
        let folder = tempfile::tempdir().unwrap();
        let mut epochs = Epochs(Vec::new());
        let (training, validation) = (samples(0..40), samples(100..120));
        let run = RunFolder::new(folder.path());
        let ending =
            fit(&run, &Recipe::fresh(settings.clone()), &training, &validation, None, &mut epochs).unwrap();
        assert_eq!(ending, Ending::Trained);
        (folder, epochs.0)
    }

    #[test]
    fn an_interrupted_run_ends_with_the_same_bytes() {
        let settings = tiny(4);
        let (whole, epochs) = fit_to_end(&settings);
        let (again, _) = fit_to_end(&settings);
        assert_eq!(weights_of(&whole), weights_of(&again), "the same seed");
        let (other, _) = fit_to_end(&Settings { seed: 6, ..settings.clone() });
        assert_ne!(weights_of(&whole), weights_of(&other), "another seed");

        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::new(folder.path());
        let (training, validation) = (samples(0..40), samples(100..120));
        let mut seen = Epochs(Vec::new());
        for (stop_after, ending) in
            [(Some(1), Ending::Interrupted), (Some(3), Ending::Interrupted), (None, Ending::Trained)]
        {
            assert_eq!(
                fit(&run, &Recipe::fresh(settings.clone()), &training, &validation, stop_after, &mut seen)
                    .unwrap(),
                ending
            );
        }
        assert_eq!(seen.0, epochs);
        assert_eq!(weights_of(&folder), weights_of(&whole), "interrupted twice");
        let ending =
            fit(&run, &Recipe::fresh(settings.clone()), &training, &validation, None, &mut seen).unwrap();
        assert_eq!(ending, Ending::AlreadyTrained);
    }

    #[test]
    fn a_damaged_checkpoint_falls_back_to_the_one_before() {
        let settings = tiny(4);
        let (whole, _) = fit_to_end(&settings);
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::new(folder.path());
        let (training, validation) = (samples(0..40), samples(100..120));
        fit(&run, &Recipe::fresh(settings.clone()), &training, &validation, Some(3), &mut ()).unwrap();
        std::fs::write(run.path("checkpoints/epoch-0003/weights.bpk"), b"torn").unwrap();
        assert!(!run.path("checkpoints/epoch-0001").exists(), "only two are kept");
        fit(&run, &Recipe::fresh(settings.clone()), &training, &validation, None, &mut ()).unwrap();
        assert_eq!(weights_of(&folder), weights_of(&whole));
    }

    #[test]
    fn a_tiny_network_learns() {
        let settings = tiny(12);
        let (_folder, epochs) = fit_to_end(&settings);
        let last = epochs.last().unwrap();
        assert!(last.validation_accuracy >= 0.9, "{epochs:?}");
        assert!(last.loss < 0.85 * epochs[0].loss, "{epochs:?}");
    }
}
