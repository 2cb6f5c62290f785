//! A run's `quantized/` folder: the int8 network, its answer rule and what proves both.

use super::TrainingError;
use super::calibrate_answer::{SeriesCase, answer_rule};
use super::evaluate::{Report, Scored, score};
use super::fold::Folded;
use super::landmarks::{self, export::LandmarkFiles};
use super::metrics::Judged;
use super::quantize::{self, Quantized, QuantizedLayer, zero_in};
use super::random::Random;
use super::run_folder::{ANSWER, GOLDEN, NETWORK, RunFolder, VALIDATION, WEIGHTS};
use super::samples::{self, LeftOut, Sample, Samples};
use super::split::Part;
use super::{net, run};
use crate::dataset::DataSet;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use synkiosk_models::align::{CHANNELS, Crop, SIZE};
use synkiosk_models::answer::{AnswerRule, Features};
use synkiosk_models::evidence::indices;
use synkiosk_models::landmarker::{self, Landmarker};
use synkiosk_models::network::{Network, RawHead, RawInput, RawLayer, RawNetwork};
use synkiosk_models::pose::{Label, Pose};

/// Golden inputs that are validation pictures, and those that are noise.
const GOLDEN_PICTURES: usize = 12;
const GOLDEN_NOISE: usize = 4;

/// What a run leaves open.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Where the data set is, if not where it was.
    pub data: Option<PathBuf>,
    /// Share of each class that may be called the other.
    pub error_rate: f64,
    /// Poses that a session needs at least.
    pub min_poses: usize,
    /// Poses that a session takes: other series have other errors.
    pub poses: Vec<Pose>,
}

/// What came of it.
pub struct Delivery {
    /// Temperature and thresholds.
    pub rule: AnswerRule,
    /// Of the validation pictures.
    pub report: Report,
    /// Looks that the activations were calibrated on.
    pub calibration_pictures: usize,
    /// Training and validation pictures without a usable face.
    pub left_out: Vec<LeftOut>,
}

/// `validation.json`.
#[derive(Serialize)]
struct Validation<'a> {
    calibration_pictures: usize,
    activation_steps: &'a [f32],
    error_rate: f64,
    answer: &'a AnswerRule,
    poses: &'a [Pose],
    thresholds: &'static str,
    validation: &'a Report,
}

/// The poses that the answer rule of a quantized run was set on.
pub fn calibrated_poses(folder: &RunFolder) -> Result<Vec<Pose>, TrainingError> {
    #[derive(serde::Deserialize)]
    struct Calibrated {
        poses: Vec<Pose>,
    }
    let calibrated: Result<Calibrated, _> = serde_json::from_slice(&folder.read(VALIDATION)?);
    calibrated.map(|it| it.poses).map_err(|error| folder.damaged(VALIDATION, error))
}

/// Quantizes a trained run and writes everything that a bundle needs.
pub fn deliver(
    folder: &RunFolder,
    choices: &Choices,
    length: impl Fn(usize),
    step: impl Fn() + Sync,
) -> Result<Delivery, TrainingError> {
    let config = folder.config()?;
    let net = run::trained(folder, &config.settings)?;
    let data = DataSet::read(choices.data.as_ref().unwrap_or(&config.data))?;
    let split = folder.split(&data)?;
    let in_part = |person: &str, part| split.part_of(person) == Some(part);
    let people = data.people.iter().filter(|person| !in_part(&person.name, Part::Test));
    length(people.map(|person| person.pictures.len()).sum());
    let landmarks = LandmarkFiles::read(folder)?;
    let load = |part| Samples::load(&data, |person| in_part(&person.name, part), &landmarks, &step);
    let (training, validation) = (load(Part::Training)?, load(Part::Validation)?);

    let folded = Folded::of(&net);
    let looks = samples::calibration_looks(&config.settings, &training.usable);
    let steps = quantize::activation_steps(&folded, &looks.iter().collect::<Vec<_>>());
    let side = config.settings.architecture.last_side();
    let quantized = quantize::quantize(&folded, &steps, side * side);
    let (raw, weights) = written(&quantized);
    let mut network = Network::build(&raw, &weights)?;

    let scored = score(&validation.usable, &mut network, Some(&net));
    let series = series(&scored, &choices.poses);
    let rule = answer_rule(&judged(&scored), &series, choices.error_rate, choices.min_poses);
    let report = Report::of(&scored, &validation.left_out);
    write_all(
        folder,
        &raw,
        &weights,
        &rule,
        &golden(&validation.usable, &mut network, &mut landmarks.landmarker()?),
    )?;
    let summary = Validation {
        calibration_pictures: looks.len(),
        activation_steps: &steps,
        error_rate: choices.error_rate,
        answer: &rule,
        poses: &choices.poses,
        thresholds: "cross-conformal on the validation people's series, by class",
        validation: &report,
    };
    folder.write_json(VALIDATION, &summary)?;
    let left_out = training.left_out.into_iter().chain(validation.left_out).collect();
    Ok(Delivery { rule, report, calibration_pictures: looks.len(), left_out })
}

fn judged(scored: &[Scored]) -> Vec<Judged> {
    let judged = |one: &Scored| Judged { positive: one.label == Label::Synkinesis, logit: one.int8 };
    scored.iter().map(judged).collect()
}

/// Every person's series of these poses, in the people's order.
fn series(scored: &[Scored], poses: &[Pose]) -> Vec<SeriesCase> {
    let mut people: BTreeMap<usize, Vec<&Scored>> = BTreeMap::new();
    for one in scored.iter().filter(|one| poses.contains(&one.pose)) {
        people.entry(one.person).or_default().push(one);
    }
    let case = |taken: &Vec<&Scored>| {
        let logits: Vec<_> = taken.iter().map(|one| (one.pose, one.int8 as f32)).collect();
        let measured = taken.iter().filter_map(|one| Some((one.pose, one.measured?)));
        let features = Features::of(&logits, &indices(&measured.collect::<Vec<_>>()));
        SeriesCase { positive: taken[0].label == Label::Synkinesis, features }
    };
    people.values().map(case).collect()
}

fn write_all(
    folder: &RunFolder,
    raw: &RawNetwork,
    weights: &[u8],
    rule: &AnswerRule,
    golden: &[u8],
) -> Result<(), TrainingError> {
    let network = toml::to_string(raw).map_err(|error| folder.damaged(NETWORK, error))?;
    let answer = toml::to_string(rule).map_err(|error| folder.damaged(ANSWER, error))?;
    folder.write(NETWORK, network.as_bytes())?;
    folder.write(WEIGHTS, weights)?;
    folder.write(ANSWER, answer.as_bytes())?;
    folder.write(GOLDEN, golden)
}

/// Inputs and the sums that every device must give for them. Nobody's photograph leaves in a bundle: only rendered
/// faces and noise are taken.
fn golden(validation: &[Sample], network: &mut Network, landmarker: &mut Landmarker) -> Vec<u8> {
    let rendered: Vec<&Sample> = validation.iter().filter(|sample| sample.is_rendered).collect();
    let count = rendered.len().min(GOLDEN_PICTURES);
    let chosen: Vec<&Sample> = (0..count).map(|index| rendered[index * rendered.len() / count]).collect();
    let mut crops: Vec<Crop> = chosen.iter().map(|sample| sample.crop.clone()).collect();
    let mut random = Random::new(&[6]);
    let mut noise = || (0..SIZE * SIZE * CHANNELS).map(|_| random.bits() as u8).collect();
    crops.extend((0..GOLDEN_NOISE).filter_map(|_| Crop::from_pixels(noise())));
    let inputs: Vec<u8> = crops.iter().flat_map(|crop| crop.pixels().iter().copied()).collect();
    let sums: Vec<u8> = crops.iter().flat_map(|crop| network.logit(crop).sum.to_le_bytes()).collect();
    let mut tensors = vec![
        ("inputs".to_owned(), Dtype::U8, vec![crops.len(), SIZE, SIZE, CHANNELS], inputs),
        ("sums".to_owned(), Dtype::I64, vec![crops.len()], sums),
    ];
    let looks: Vec<Vec<u8>> =
        chosen.iter().map(|sample| landmarker::input(&sample.patch, &sample.placement)).collect();
    tensors.extend(landmarks::export::golden(&looks, landmarker));
    safetensors_file(&tensors)
}

/// A tensor on its way into a file: name, type, shape, bytes.
pub type NamedTensor = (String, Dtype, Vec<usize>, Vec<u8>);

/// The file of these tensors.
pub fn safetensors_file(tensors: &[NamedTensor]) -> Vec<u8> {
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        let view = TensorView::new(*dtype, shape.clone(), bytes).expect("the shape is that of the bytes");
        (name.as_str(), view)
    });
    safetensors::serialize(views, None).expect("names and shapes are plain")
}

/// The network as a bundle holds it: layer list and weights.
pub fn written(quantized: &Quantized) -> (RawNetwork, Vec<u8>) {
    let mut tensors = layer_tensors(&quantized.layers);
    let head = quantized.head.iter().map(|weight| *weight as u8).collect();
    tensors.push(("head.weight".to_owned(), Dtype::I8, vec![quantized.head.len()], head));
    let bias = quantized.head_bias.to_le_bytes().to_vec();
    tensors.push(("head.bias".to_owned(), Dtype::I64, vec![1], bias));
    let raw = RawNetwork {
        input: RawInput::ALIGNED,
        layers: raw_layers(&quantized.layers),
        head: RawHead { channels: quantized.head.len(), zero_in: 0, scale: quantized.head_scale },
    };
    (raw, safetensors_file(&tensors))
}

/// The tensors of convolutions.
pub fn layer_tensors(layers: &[QuantizedLayer]) -> Vec<NamedTensor> {
    let mut tensors: Vec<NamedTensor> = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let name = |what: &str| format!("c{}.{what}", index + 1);
        let shape = vec![layer.outputs, net::KERNEL, net::KERNEL, layer.inputs];
        let weights = layer.weights.iter().map(|weight| *weight as u8).collect();
        tensors.push((name("weight"), Dtype::I8, shape, weights));
        let bias = layer.bias.iter().flat_map(|bias| bias.to_le_bytes()).collect();
        tensors.push((name("bias"), Dtype::I32, vec![layer.outputs], bias));
        let scale = layer.scale.iter().flat_map(|scale| scale.to_le_bytes()).collect();
        tensors.push((name("scale"), Dtype::F32, vec![layer.outputs], scale));
    }
    tensors
}

/// The layer list of convolutions. Activations are zero at zero after every ReLU, which the floor of zero is.
pub fn raw_layers(layers: &[QuantizedLayer]) -> Vec<RawLayer> {
    let layers = layers.iter().enumerate().map(|(index, layer)| RawLayer {
        name: format!("c{}", index + 1),
        channels_in: layer.inputs,
        channels_out: layer.outputs,
        kernel: net::KERNEL,
        stride: layer.stride,
        padding: 1,
        zero_in: zero_in(index),
        zero_out: 0,
        floor: 0,
    });
    layers.collect()
}

/// The answer rule of a run.
pub fn rule(folder: &RunFolder) -> Result<AnswerRule, TrainingError> {
    folder.needs(ANSWER, "quantize --run")?;
    toml::from_slice(&folder.read(ANSWER)?).map_err(|error| folder.damaged(ANSWER, error.message()))
}

/// The int8 network of a run.
pub fn network(folder: &RunFolder) -> Result<Network, TrainingError> {
    folder.needs(NETWORK, "quantize --run")?;
    let text = folder.read(NETWORK)?;
    let raw: RawNetwork =
        toml::from_slice(&text).map_err(|error| folder.damaged(NETWORK, error.message()))?;
    Ok(Network::build(&raw, &folder.read(WEIGHTS)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::landmarks::net::LandmarkNet;
    use crate::training::run::tests::{samples, tiny};

    /// Trained for two seconds, then in integers: the device's sums follow the float logits.
    #[test]
    fn int8_follows_float() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let run_folder = RunFolder::new(folder.path());
        let settings = tiny(6);
        let (training, validation) = (samples(0..40), samples(100..140));
        run::fit(&run_folder, &run::Recipe::fresh(settings.clone()), &training, &validation, None, &mut ())
            .expect("trains");
        let net = run::trained(&run_folder, &settings).expect("loads");
        let folded = Folded::of(&net);
        let looks = samples::calibration_looks(&settings, &training);
        let steps = quantize::activation_steps(&folded, &looks.iter().collect::<Vec<_>>());
        let side = settings.architecture.last_side();
        let (raw, weights) = written(&quantize::quantize(&folded, &steps, side * side));
        let mut network = Network::build(&raw, &weights).expect("builds");
        let scored = score(&validation, &mut network, Some(&net));
        let float: Vec<f64> = scored.iter().filter_map(|one| one.float).collect();
        let spread = float.iter().fold(0.0f64, |a, b| a.max(b.abs()));
        for (one, float) in scored.iter().zip(&float) {
            assert!((one.int8 - float).abs() < 0.05 * spread, "{} for {float}", one.int8);
        }
        assert!(Report::of(&scored, &[]).pictures.agreement >= Some(0.95));

        // What is written is read as the same network.
        let rule = answer_rule(&judged(&scored), &series(&scored, Pose::ALL), 0.03, 1);
        let device = burn::tensor::Device::flex();
        let points = LandmarkNet::new(1, &[0.0; landmarker::OUTPUTS], &device);
        let look = landmarker::input(&validation[0].patch, &validation[0].placement);
        let files = landmarks::export::quantized(&points, &[look.as_slice()]);
        let golden = golden(&validation, &mut network, &mut files.landmarker().expect("builds"));
        write_all(&run_folder, &raw, &weights, &rule, &golden).expect("writes");
        let mut again = super::network(&run_folder).expect("reads");
        let tensors = safetensors::SafeTensors::deserialize(&golden).expect("safetensors");
        let (inputs, sums) =
            (tensors.tensor("inputs").expect("inputs"), tensors.tensor("sums").expect("sums"));
        assert_eq!(inputs.shape(), [GOLDEN_PICTURES + GOLDEN_NOISE, SIZE, SIZE, CHANNELS]);
        for (input, sum) in inputs.data().chunks(SIZE * SIZE * CHANNELS).zip(sums.data().as_chunks::<8>().0) {
            let crop = Crop::from_pixels(input.to_vec()).expect("a crop's length");
            assert_eq!(again.logit(&crop).sum, i64::from_le_bytes(*sum));
        }
    }
}
