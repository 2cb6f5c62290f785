//! A network that comes back from its bundle is the one that went in, but for what int8 rounds.

use super::*;
use crate::training::export::written;
use crate::training::fold::Folded;
use crate::training::quantize;
use crate::training::run::tests::{samples, tiny};
use crate::training::run::{self, Ending, Recipe};
use crate::training::samples::calibration_looks;
use burn::module::Module;
use synkiosk_models::bundle::{TrustedKeys, shipped};
use synkiosk_models::network::Network;

/// The largest difference over the largest logit.
fn furthest(one: &[f32], other: &[f32]) -> f32 {
    let largest = one.iter().fold(0.0f32, |most, logit| most.max(logit.abs()));
    one.iter().zip(other).fold(0.0f32, |most, (a, b)| most.max((a - b).abs())) / largest
}

fn int8_logits(network: &mut Network, crops: &[&Crop]) -> Vec<f32> {
    crops.iter().map(|crop| network.logit(crop).value).collect()
}

#[test]
fn a_trained_network_comes_back_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = RunFolder::new(folder.path());
    let settings = tiny(6);
    let (training, validation) = (samples(0..40), samples(100..140));
    run::fit(&run_folder, &Recipe::fresh(settings.clone()), &training, &validation, None, &mut ()).unwrap();
    let net = run::trained(&run_folder, &settings).unwrap();
    let looks = calibration_looks(&settings, &training);
    let folded = Folded::of(&net);
    let steps = quantize::activation_steps(&folded, &looks.iter().collect::<Vec<_>>());
    let side = settings.architecture.last_side();
    let (raw, weights) = written(&quantize::quantize(&folded, &steps, side * side));

    let unfolded = unfold(&raw, &weights).unwrap();
    assert_eq!(unfolded.architecture, settings.architecture);
    let started = Started { from: "bundle".to_owned(), digest: "0".to_owned() };
    let start = Start::Bundle { unfolded: Box::new(unfolded), started };
    let device = Device::flex().autodiff();
    let back = start.net(&settings, &looks, &device).unwrap();
    let crops: Vec<&Crop> = validation.iter().map(|sample| &sample.crop).collect();
    let float = net.logits(&crops);
    let int8 = int8_logits(&mut Network::build(&raw, &weights).unwrap(), &crops);
    let returned = back.valid().logits(&crops);
    assert!(furthest(&int8, &returned) < 0.05, "{int8:?} {returned:?}");
    assert!(furthest(&float, &returned) < 0.05, "{float:?} {returned:?}");

    // As training computes it, with the batch's own mean and deviation, it is still the same network.
    let looks: Vec<&Crop> = looks.iter().collect();
    let in_training = values(back.forward(net::front(&looks).autodiff(), None));
    let at_work = back.valid().logits(&looks);
    assert!(furthest(&at_work, &in_training) < 0.15, "{at_work:?} {in_training:?}");

    // One gentle epoch more is no worse than where it began.
    let mut gentle = settings.clone();
    start.adapt(&mut gentle);
    assert_eq!((gentle.epochs, gentle.architecture.clone()), (2, settings.architecture));
    assert!(gentle.learning_rate < 0.3 * settings.learning_rate);
    let next = tempfile::tempdir().unwrap();
    let next_run = RunFolder::new(next.path());
    let recipe = Recipe { settings: gentle.clone(), start };
    assert_eq!(run::fit(&next_run, &recipe, &training, &validation, None, &mut ()).unwrap(), Ending::Trained);
    let right = |logits: &[f32]| {
        validation
            .iter()
            .zip(logits)
            .filter(|(sample, logit)| sample.is_positive() == (**logit >= 0.0))
            .count()
    };
    let after = run::trained(&next_run, &gentle).unwrap().logits(&crops);
    assert!(right(&after) + 1 >= right(&float), "{} and {}", right(&after), right(&float));
}

#[test]
fn the_shipped_bundle_can_be_begun_with() {
    let bundle = Bundle::read(shipped(), &TrustedKeys::demo()).unwrap();
    let start = Start::of_bundle(&bundle, shipped(), Path::new("shipped")).unwrap();
    let mut settings = tiny(1);
    start.adapt(&mut settings);
    // The golden noise after the twelve faces drives activations beyond the steps that int8 has; faces do not.
    let inputs = &bundle.golden().inputs[..12];
    let net = start.net(&settings, inputs, &Device::flex()).unwrap();
    let crops: Vec<&Crop> = inputs.iter().collect();
    let int8 = int8_logits(&mut bundle.network().unwrap(), &crops);
    let float = net.logits(&crops);
    assert!(furthest(&int8, &float) < 0.05, "{int8:?} {float:?}");
    let started = start.started().unwrap();
    assert!(started.from.starts_with("bundle synkiosk version "), "{}", started.from);
    assert_eq!(started.digest, run_folder::digest(shipped()));
}

#[test]
fn a_run_is_begun_with_as_it_is_and_other_networks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = RunFolder::new(folder.path());
    assert!(matches!(Start::of_run(&run_folder), Err(TrainingError::NotYet { .. })));

    let bundle = Bundle::read(shipped(), &TrustedKeys::demo()).unwrap();
    let tensors = bundle.tensors();
    let refused = |change: &dyn Fn(&mut synkiosk_models::network::RawNetwork)| {
        let mut raw = bundle.manifest().network.clone();
        change(&mut raw);
        unfold(&raw, tensors).unwrap_err().to_string()
    };
    assert_eq!(refused(&|raw| raw.layers[3].padding = 0), "its layer c4 is not one that training makes");
    assert_eq!(refused(&|raw| raw.layers.truncate(4)), "it has too few layers");
    assert_eq!(refused(&|raw| raw.layers[4].name = "x".to_owned()), "its tensor x.weight cannot be read");
    assert_eq!(refused(&|raw| raw.layers[0].stride = 1), "its layer c1 is not one that training makes");
    // Without the difference the layer on it is not tiled as it would have to be.
    assert_eq!(refused(&|raw| _ = raw.layers.remove(4)), "its layer c6 is not one that training makes");
}

#[test]
fn begun_with_a_bundle_and_interrupted_it_ends_with_the_same_bytes() {
    let bundle = Bundle::read(shipped(), &TrustedKeys::demo()).unwrap();
    let start = Start::of_bundle(&bundle, shipped(), Path::new("shipped")).unwrap();
    let mut settings = tiny(1);
    start.adapt(&mut settings);
    settings.epochs = 2;
    let recipe = Recipe { settings, start };
    let (training, validation) = (samples(0..16), samples(100..104));
    let (whole, torn) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let fit = |folder: &tempfile::TempDir, stop| {
        run::fit(&RunFolder::new(folder.path()), &recipe, &training, &validation, stop, &mut ()).unwrap()
    };
    assert_eq!(fit(&whole, None), Ending::Trained);
    assert_eq!(fit(&torn, Some(1)), Ending::Interrupted);
    // What a power cut leaves behind: a checkpoint and files that were being written.
    std::fs::create_dir_all(torn.path().join("checkpoints/.part")).unwrap();
    std::fs::write(torn.path().join("checkpoints/.part/weights.bpk"), b"half").unwrap();
    std::fs::write(torn.path().join(".float.bpk.part"), b"half").unwrap();
    assert_eq!(fit(&torn, None), Ending::Trained);
    let weights = |folder: &tempfile::TempDir| RunFolder::new(folder.path()).read(FLOAT).unwrap();
    assert_eq!(weights(&whole), weights(&torn));
}
