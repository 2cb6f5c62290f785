//! The training of the second network, or on from where it was interrupted.

use super::looks::{Look, Looks, target};
use super::net::{self, LandmarkNet};
use super::samples::LandmarkSample;
use crate::training::TrainingError;
use crate::training::batches::{batches, receiver_of};
use crate::training::checkpoint::{self, Epoch, State};
use crate::training::random::Random;
use crate::training::run::Observer;
use crate::training::run_folder::{self, RunFolder};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use std::sync::mpsc::{SyncSender, sync_channel};
use synkiosk_models::landmarker::{OUTPUTS, closer_look};
use synkiosk_models::landmarks::{COUNT, Point};

/// Batches that are made ahead.
const AHEAD: usize = 2;
/// Weight of an activity's squared error beside a coordinate's distance.
const ACTIVITY_WEIGHT: f32 = 1.0;
/// Weight of the points that the indices are measured by, beside the others.
const MEASURED_WEIGHT: f32 = 2.0;

/// Everything that decides the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LandmarkSettings {
    /// Of the first weights, the order and the looks.
    pub seed: u64,
    /// Times that every picture is shown.
    pub epochs: usize,
    /// Looks a step.
    pub batch: usize,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// AdamW's.
    pub weight_decay: f32,
    /// How looks differ.
    pub looks: Looks,
    /// SHA-256 of the pictures.
    pub data_digest: String,
    /// SHA-256 of the weights that it begins with; none where they are drawn from the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
}

impl LandmarkSettings {
    /// The usual numbers.
    pub fn new(seed: u64, epochs: usize, data_digest: String) -> LandmarkSettings {
        let looks = Looks::default();
        LandmarkSettings {
            seed,
            epochs,
            batch: 32,
            learning_rate: 2e-3,
            weight_decay: 0.02,
            looks,
            data_digest,
            started: None,
        }
    }

    /// The same for a training that goes on from other weights: half the rate.
    pub fn started(self, weights: &[u8]) -> LandmarkSettings {
        let learning_rate = 0.5 * self.learning_rate;
        LandmarkSettings { learning_rate, started: Some(run_folder::digest(weights)), ..self }
    }

    fn rate(&self, step: usize, steps: usize) -> f64 {
        let done = (step as f64 + 0.5) / steps.max(1) as f64;
        match done < 0.05 {
            true => self.learning_rate * done / 0.05,
            false => self.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * (done - 0.05) / 0.95).cos()),
        }
    }
}

/// Trains, from the weights of the finished run `first` if there is one; what is done stays in the folder's checkpoints.
pub fn fit(
    folder: &RunFolder,
    settings: &LandmarkSettings,
    first: Option<&RunFolder>,
    training: &[LandmarkSample],
    observer: &mut impl Observer,
) -> Result<LandmarkNet, TrainingError> {
    let device = Device::flex().autodiff();
    let mean = mean_target(training);
    let fresh = || State {
        net: LandmarkNet::new(settings.seed, &mean, &device),
        optimizer: AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(settings.weight_decay).init(),
        history: Vec::new(),
    };
    if folder.path(run_folder::FLOAT).exists() {
        let net = checkpoint::with_weights(fresh().net, folder.read(run_folder::FLOAT)?);
        return net.map_err(|reason| folder.damaged(run_folder::FLOAT, reason));
    }
    let mut state = match checkpoint::load(folder, fresh) {
        Some(saved) => saved,
        None => begun(fresh(), first)?,
    };
    while state.history.len() < settings.epochs {
        let number = state.history.len() + 1;
        let loss;
        (state, loss) = one_epoch(settings, number, state, training, observer)?;
        let epoch = Epoch { epoch: number, loss, validation_loss: 0.0, validation_accuracy: 0.0 };
        state.history.push(epoch);
        observer.epoch(&epoch);
        checkpoint::save(folder, &state)?;
    }
    let weights = checkpoint::weights(&state.net);
    folder.write(run_folder::FLOAT, &weights.map_err(|reason| folder.damaged(run_folder::FLOAT, reason))?)?;
    checkpoint::clear(folder)?;
    Ok(state.net)
}

fn begun(fresh: State<LandmarkNet>, first: Option<&RunFolder>) -> Result<State<LandmarkNet>, TrainingError> {
    let Some(first) = first else { return Ok(fresh) };
    let net = checkpoint::with_weights(fresh.net, first.read(run_folder::FLOAT)?);
    Ok(State { net: net.map_err(|reason| first.damaged(run_folder::FLOAT, reason))?, ..fresh })
}

/// Where points lie on the average in looks as from landmarks.
fn mean_target(training: &[LandmarkSample]) -> [f32; OUTPUTS] {
    let mut mean = [0.0; OUTPUTS];
    for sample in training {
        let one = target(sample, &closer_look(&sample.truth.landmarks), false);
        mean.iter_mut().zip(one).for_each(|(sum, value)| *sum += value / training.len() as f32);
    }
    mean
}

fn one_epoch(
    settings: &LandmarkSettings,
    epoch: usize,
    mut state: State<LandmarkNet>,
    training: &[LandmarkSample],
    observer: &mut impl Observer,
) -> Result<(State<LandmarkNet>, f64), TrainingError> {
    let mut order: Vec<(usize, usize)> = (0..training.len()).map(|picture| (picture, 0)).collect();
    Random::new(&[settings.seed, 3, epoch as u64]).shuffle(&mut order);
    let batches = batches(&order, settings.batch);
    let steps = batches.len() * settings.epochs;
    let first = batches.len() * (epoch - 1);
    let device = Device::flex().autodiff();
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(AHEAD);
        scope.spawn(|| make_batches(settings, epoch, training, &batches, sender));
        let mut losses = 0.0;
        for (step, looks) in (first..).zip(receiver_of(receiver)) {
            let loss = loss(&state.net, &looks, &device);
            let value: f32 = loss.clone().into_scalar();
            if !value.is_finite() {
                return Err(TrainingError::Diverged(epoch));
            }
            losses += f64::from(value);
            let gradients = GradientsParams::from_grads(loss.backward(), &state.net);
            state.net = state.optimizer.step(settings.rate(step, steps), state.net, gradients);
            observer.step(step + 1, steps);
        }
        Ok((state, losses / batches.len() as f64))
    })
}

fn make_batches(
    settings: &LandmarkSettings,
    epoch: usize,
    training: &[LandmarkSample],
    batches: &[&[(usize, usize)]],
    sender: SyncSender<Vec<Look>>,
) {
    for batch in batches {
        let looks = batch.iter().map(|(picture, _)| {
            let sample = &training[*picture];
            let mut random = Random::new(&[settings.seed, sample.stream, epoch as u64]);
            settings.looks.look(sample, &mut random)
        });
        // The receiver is gone only after an error, which is reported there.
        if sender.send(looks.collect()).is_err() {
            return;
        }
    }
}

/// Mean weighted distance of the points, rounded off near zero, and squares of the activities: most are 0, and a
/// median of them would always be.
fn loss(net: &LandmarkNet, looks: &[Look], device: &Device) -> Tensor<1> {
    let pixels: Vec<&[u8]> = looks.iter().map(|look| look.input.as_slice()).collect();
    let outputs = net.forward(net::inputs(&pixels).autodiff());
    let targets: Vec<f32> = looks.iter().flat_map(|look| look.target).collect();
    let targets = Tensor::<2>::from_data(TensorData::new(targets, [looks.len(), OUTPUTS]), device);
    let weights = Tensor::<2>::from_data(TensorData::new(weights(), [1, 2 * COUNT]), device);
    let apart = outputs - targets;
    let square = apart.clone() * apart;
    let places = (square.clone().narrow(1, 0, 2 * COUNT) + 1e-5).sqrt() * weights;
    places.mean() + square.narrow(1, 2 * COUNT, OUTPUTS - 2 * COUNT).mean() * ACTIVITY_WEIGHT
}

fn weights() -> Vec<f32> {
    let weight = |point: &Point| match point {
        Point::RightLidUpper | Point::LeftLidUpper | Point::RightLidLower | Point::LeftLidLower => {
            MEASURED_WEIGHT
        }
        Point::RightMouthCorner | Point::LeftMouthCorner => MEASURED_WEIGHT,
        _ => 1.0,
    };
    Point::ALL.iter().flat_map(|point| [weight(point); 2]).collect()
}
