//! Makes networks and bundles: good ones, and through their public parts any with one defect.
#![allow(dead_code, reason = "each test file uses its own part")]

use minisign::{SecretKey, SecretKeyBox};
use safetensors::{Dtype, tensor::TensorView};
use synkiosk_models::{
    align::{CHANNELS, Crop, SIZE},
    answer::{AnswerRule, Term},
    bundle::{
        FORMAT, Manifest, Member, SIGNATURE_COMMENT,
        archive::{self, Members, NAMES},
    },
    landmarker::{self, Landmarker},
    network::{Network, RawHead, RawInput, RawLayer, RawNetwork, RawOutputs},
    pose::{Label, Pose},
    quality::QualityRule,
};

/// Channels out and stride of each layer of a network of the usual size.
pub(crate) const USUAL: &[[usize; 2]] = &[[16, 2], [32, 2], [32, 1], [64, 2], [64, 1], [96, 2], [96, 1]];
/// Of one that runs in no time.
pub(crate) const SMALL: &[[usize; 2]] = &[[3, 4], [5, 4]];

/// Numbers by seed.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// -127 to 127, as the byte of a tensor.
    fn weight(&mut self) -> [u8; 1] {
        [(self.below(255) as i16 - 127) as u8]
    }

    pub(crate) fn crop(&mut self) -> Crop {
        let pixels = (0..SIZE * SIZE * CHANNELS).map(|_| self.below(256) as u8).collect();
        Crop::from_pixels(pixels).expect("the right number of pixels")
    }
}

/// A tensor on its way into a file.
#[derive(Clone)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn safetensors(tensors: &[Tensor]) -> Vec<u8> {
    let views = tensors.iter().map(|tensor| {
        let view =
            TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes).expect("bytes fit the shape");
        (tensor.name.as_str(), view)
    });
    safetensors::serialize(views, None).expect("plain names")
}

fn tensor<const N: usize>(
    name: String,
    dtype: Dtype,
    shape: &[usize],
    values: impl Iterator<Item = [u8; N]>,
) -> Tensor {
    Tensor { name, dtype, shape: shape.to_vec(), bytes: values.flatten().collect() }
}

/// A network with seeded weights whose activations stay alive to its end.
pub(crate) fn network(layers: &[[usize; 2]], seed: u64) -> (RawNetwork, Vec<Tensor>) {
    let mut numbers = Numbers(seed);
    let (raw_layers, mut tensors, channels, side) = convolutions(layers, &mut numbers, RawInput::ALIGNED);
    let weights = (0..channels).map(|_| numbers.weight());
    tensors.push(tensor("head.weight".to_owned(), Dtype::I8, &[channels], weights));
    tensors.push(tensor("head.bias".to_owned(), Dtype::I64, &[1], [1234_i64.to_le_bytes()].into_iter()));
    let head = RawHead { channels, zero_in: 0, scale: 1e-3 / (side * side) as f32 };
    (RawNetwork { input: RawInput::ALIGNED, layers: raw_layers, head }, tensors)
}

/// The same for landmarks: whatever it sees, the points are near those of an upright face.
pub(crate) fn landmarks(layers: &[[usize; 2]], seed: u64) -> (RawNetwork<RawOutputs>, Vec<Tensor>) {
    let mut numbers = Numbers(seed);
    let (raw_layers, mut tensors, channels, side) = convolutions(layers, &mut numbers, landmarker::INPUT);
    let outputs = landmarker::OUTPUTS;
    let shape = [outputs, side, side, channels];
    let weights = (0..shape.iter().product()).map(|_| numbers.weight());
    tensors.push(tensor("head.weight".to_owned(), Dtype::I8, &shape, weights));
    // Steps of 1e-9: the eyes' corners at -0.25, -0.15, 0.15 and 0.25 of the side.
    let place = |at: usize| match at {
        0 => -150_000_000,
        2 => 150_000_000,
        4 => -250_000_000,
        6 => 250_000_000,
        _ => 0_i64,
    };
    let biases = (0..outputs).map(|at| place(at).to_le_bytes());
    tensors.push(tensor("head.bias".to_owned(), Dtype::I64, &[outputs], biases));
    tensors.push(tensor(
        "head.scale".to_owned(),
        Dtype::F32,
        &[outputs],
        (0..outputs).map(|_| 1e-9_f32.to_le_bytes()),
    ));
    let head = RawOutputs { channels, zero_in: 0, outputs };
    (RawNetwork { input: landmarker::INPUT, layers: raw_layers, head }, tensors)
}

/// Layers, their tensors, and the channels and side of the last map.
fn convolutions(
    layers: &[[usize; 2]],
    numbers: &mut Numbers,
    input: RawInput,
) -> (Vec<RawLayer>, Vec<Tensor>, usize, usize) {
    let (mut raw_layers, mut tensors) = (Vec::new(), Vec::new());
    let (mut channels_in, mut zero_in, mut side) = (input.channels, input.zero_point, input.size);
    for (at, &[channels_out, stride]) in layers.iter().enumerate() {
        let name = format!("c{}", at + 1);
        // From the usual size of a window's sum to outputs of some 40.
        let activation = if at == 0 { 74.0 } else { 30.0 };
        let scale = 40.0 / (activation * 73.0 * 3.0 * (channels_in as f32).sqrt());
        let shape = [channels_out, 3, 3, channels_in];
        let weights = (0..shape.iter().product()).map(|_| numbers.weight());
        tensors.push(tensor(format!("{name}.weight"), Dtype::I8, &shape, weights));
        let biases = (0..channels_out).map(|_| (numbers.below(2000) as i32 - 1000).to_le_bytes());
        tensors.push(tensor(format!("{name}.bias"), Dtype::I32, &[channels_out], biases));
        let scales =
            (0..channels_out).map(|_| (scale * (0.5 + numbers.below(100) as f32 / 100.0)).to_le_bytes());
        tensors.push(tensor(format!("{name}.scale"), Dtype::F32, &[channels_out], scales));
        raw_layers.push(RawLayer {
            name,
            channels_in,
            channels_out,
            kernel: 3,
            stride,
            padding: 1,
            zero_in,
            zero_out: 0,
            floor: 0,
        });
        (channels_in, zero_in, side) = (channels_out, 0, side / stride);
    }
    (raw_layers, tensors, channels_in, side)
}

/// Golden vectors: seeded inputs and what both networks say to them.
pub(crate) fn golden(
    (raw, weights): (&RawNetwork, &[u8]),
    (raw_landmarks, landmark_weights): (&RawNetwork<RawOutputs>, &[u8]),
    count: usize,
) -> Vec<Tensor> {
    let mut network = Network::build(raw, weights).expect("a good network");
    let crops: Vec<Crop> = (0..count).map(|at| Numbers(at as u64 + 100).crop()).collect();
    let sums: Vec<_> = crops.iter().map(|crop| network.logit(crop).sum.to_le_bytes()).collect();
    let pixels = crops.iter().flat_map(|crop| crop.pixels().iter().map(|pixel| [*pixel]));
    let mut landmarker = Landmarker::new(raw_landmarks, landmark_weights).expect("a good network");
    let (side, outputs) = (landmarker::SIZE, landmarker::OUTPUTS);
    let mut numbers = Numbers(200);
    let input: Vec<u8> = (0..side * side).map(|_| numbers.below(256) as u8).collect();
    let places = landmarker.network().sums(&input).into_iter().map(i64::to_le_bytes);
    vec![
        tensor("inputs".to_owned(), Dtype::U8, &[count, SIZE, SIZE, CHANNELS], pixels),
        tensor("sums".to_owned(), Dtype::I64, &[count], sums.into_iter()),
        tensor(
            "landmark_inputs".to_owned(),
            Dtype::U8,
            &[1, side, side],
            input.into_iter().map(|byte| [byte]),
        ),
        tensor("landmark_sums".to_owned(), Dtype::I64, &[1, outputs], places),
    ]
}

/// The parts of a bundle before they are packed.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) manifest: Manifest,
    pub(crate) network: Vec<u8>,
    pub(crate) landmarks: Vec<u8>,
    pub(crate) card: Vec<u8>,
    pub(crate) golden: Vec<u8>,
}

impl Parts {
    pub(crate) fn of(layers: &[[usize; 2]], seed: u64) -> Parts {
        let (raw, tensors) = network(layers, seed);
        let network = safetensors(&tensors);
        let (raw_landmarks, tensors) = landmarks(SMALL, seed);
        let landmarks = safetensors(&tensors);
        let golden = safetensors(&golden((&raw, &network), (&raw_landmarks, &landmarks), 2));
        let manifest = Manifest {
            format: FORMAT,
            name: "synkiosk".to_owned(),
            version: 1,
            made_from: "nothing (seeded weights)".to_owned(),
            labels: vec![Label::Healthy, Label::Synkinesis],
            poses: vec![Pose::Rest, Pose::TightClosure, Pose::OpenSmile, Pose::Pucker],
            quality: QualityRule::default(),
            answer: AnswerRule {
                temperature: 1.0,
                likely: 0.75,
                unlikely: 0.25,
                error_rate: 0.03,
                min_poses: 2,
                intercept: 0.0,
                mean_logit: Term { weight: 1.0, center: 0.0 },
                strongest_index: Term { weight: 0.0, center: 0.0 },
                mean_index: Term { weight: 0.0, center: 0.0 },
            },
            network: raw,
            landmarks: raw_landmarks,
            audit: None,
            members: Vec::new(),
        };
        let card = b"# Seeded weights\n\nNot trained: it knows nothing of faces.\n".to_vec();
        Parts { manifest, network, landmarks, card, golden }
    }

    pub(crate) fn small() -> Parts {
        Parts::of(SMALL, 1)
    }

    /// The manifest's text, with the digests of the members as they are now.
    pub(crate) fn manifest_text(&self) -> String {
        let members = NAMES[2..].iter().zip([&self.network, &self.landmarks, &self.card, &self.golden]);
        let members = members.map(|(name, bytes)| Member::of(name, bytes)).collect();
        toml::to_string(&Manifest { members, ..self.manifest.clone() }).expect("a manifest is TOML")
    }

    /// Signed with the demo key.
    pub(crate) fn pack(&self) -> Vec<u8> {
        self.pack_with(&self.manifest_text())
    }

    /// With this manifest in the place of its own, signed with the demo key.
    pub(crate) fn pack_with(&self, manifest: &str) -> Vec<u8> {
        self.pack_signed(manifest, &sign(manifest, &demo_key(), SIGNATURE_COMMENT))
    }

    /// With this manifest and this signature.
    pub(crate) fn pack_signed(&self, manifest: &str, signature: &str) -> Vec<u8> {
        archive::write(&Members {
            signature: signature.as_bytes(),
            manifest: manifest.as_bytes(),
            network: &self.network,
            landmarks: &self.landmarks,
            card: &self.card,
            golden: &self.golden,
        })
    }
}

pub(crate) fn demo_key() -> SecretKey {
    let text = include_str!("../../shipped/demo.key");
    SecretKeyBox::from_string(text)
        .and_then(SecretKeyBox::into_unencrypted_secret_key)
        .expect("the demo key opens")
}

pub(crate) fn sign(manifest: &str, key: &SecretKey, comment: &str) -> String {
    let signature = minisign::sign(None, key, manifest.as_bytes(), Some("synkiosk bundle"), Some(comment));
    signature.expect("signs").into_string()
}
