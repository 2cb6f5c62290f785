//! What the network is shown: every training picture in all its copies, in batches that are made ahead.

use super::random::Random;
use super::samples::{self, Sample};
use super::settings::Settings;
use std::sync::mpsc::{Receiver, SyncSender};
use synkiosk_models::align::Crop;

/// Inputs, their targets and their weights in the loss.
pub(super) struct Batch {
    pub(super) crops: Vec<Crop>,
    pub(super) targets: Vec<f32>,
    pub(super) weights: Vec<f32>,
}

/// Dropped on the first error, which ends the thread that makes batches.
pub(super) fn receiver_of<B>(receiver: Receiver<B>) -> impl Iterator<Item = B> {
    receiver.into_iter()
}

/// Every picture and copy once, shuffled.
pub(super) fn order(settings: &Settings, epoch: usize, pictures: usize) -> Vec<(usize, usize)> {
    let copies = settings.copies.max(1);
    let mut order: Vec<_> =
        (0..pictures).flat_map(|picture| (0..copies).map(move |copy| (picture, copy))).collect();
    Random::new(&[settings.seed, 3, epoch as u64]).shuffle(&mut order);
    order
}

/// Batches of equal size but for one look: a small rest would upset batch norm.
pub(super) fn batches(order: &[(usize, usize)], batch: usize) -> Vec<&[(usize, usize)]> {
    let count = ((order.len() as f64 / batch.max(1) as f64).round() as usize).max(1);
    let bound = |index: usize| index * order.len() / count;
    (0..count).map(|index| &order[bound(index)..bound(index + 1)]).collect()
}

/// Makes the batches of an epoch in their order, and sends each.
pub(super) fn make_batches(
    settings: &Settings,
    epoch: usize,
    training: &[Sample],
    batches: &[&[(usize, usize)]],
    sender: SyncSender<Batch>,
) {
    let weight = class_weights(training);
    for looks in batches {
        let samples = || looks.iter().map(|&(picture, _)| &training[picture]);
        let crops = looks.iter().map(|&(picture, copy)| {
            let mut random = samples::stream(&training[picture], settings.seed, epoch, copy);
            settings.augmentation.crop(&training[picture], &mut random)
        });
        let batch = Batch {
            crops: crops.collect(),
            targets: samples().map(|sample| target(settings, sample)).collect(),
            weights: samples().map(&weight).collect(),
        };
        // The receiver is gone only after an error, which is reported there.
        if sender.send(batch).is_err() {
            return;
        }
    }
}

/// Both classes weigh the same, and a look one on average.
fn class_weights(training: &[Sample]) -> impl Fn(&Sample) -> f32 {
    let of_class = |positive: bool| {
        let samples = training.iter().filter(|sample| sample.is_positive() == positive);
        samples.map(|sample| f64::from(sample.weight)).sum::<f64>()
    };
    let count = training.len() as f64;
    let factor = [false, true].map(|positive| (count / (2.0 * of_class(positive)).max(1e-6)) as f32);
    move |sample| sample.weight * factor[usize::from(sample.is_positive())]
}

/// What the network is to say of a picture, 0 to 1.
pub(super) fn target(settings: &Settings, sample: &Sample) -> f32 {
    if sample.is_positive() { 1.0 - settings.label_smoothing } else { settings.label_smoothing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::run::tests::{samples, tiny};
    use std::sync::mpsc::sync_channel;

    #[test]
    fn batches_are_even_and_complete() {
        let settings = Settings { copies: 3, ..tiny(1) };
        let order = order(&settings, 2, 21);
        let batches = batches(&order, 8);
        assert_eq!(batches.iter().map(|batch| batch.len()).collect::<Vec<_>>(), [7, 8, 8, 8, 8, 8, 8, 8]);
        let mut all: Vec<_> = batches.concat();
        all.sort();
        assert_eq!(
            all,
            (0..21).flat_map(|picture| (0..3).map(move |copy| (picture, copy))).collect::<Vec<_>>()
        );
        assert_eq!(super::batches(&order[..3], 8).len(), 1);
    }

    #[test]
    fn both_classes_weigh_the_same() {
        let training = samples(0..12).into_iter().filter(|sample| sample.person % 3 != 1).collect::<Vec<_>>();
        let settings = Settings { batch: 8, ..tiny(1) };
        let order = order(&settings, 1, training.len());
        let (sender, receiver) = sync_channel(2);
        make_batches(&settings, 1, &training, &batches(&order, 8), sender);
        let batch = receiver.recv().unwrap();
        let weight = |positive: bool| -> f32 {
            let of_class =
                batch.targets.iter().zip(&batch.weights).filter(|(target, _)| (**target > 0.5) == positive);
            of_class.map(|(_, weight)| weight).sum()
        };
        assert!((weight(true) - weight(false)).abs() < 1e-5);
    }

    #[test]
    fn mixed_pictures_count_as_told() {
        let mut training = samples(0..12);
        training[8..].iter_mut().for_each(|sample| sample.weight = 0.25);
        let weight = class_weights(&training);
        assert!((weight(&training[8]) / weight(&training[0]) - 0.25).abs() < 1e-6);
        let all: f32 = training.iter().map(&weight).sum();
        assert!((all - 12.0).abs() < 1e-4, "{all}");
        let unmixed = samples(0..9);
        let weight = class_weights(&unmixed);
        assert_eq!((weight(&unmixed[0]), weight(&unmixed[1])), (9.0 / 10.0, 9.0 / 8.0));
    }
}
