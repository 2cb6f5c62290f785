//! The network in training. It compares the two halves of a face:
//!
//! 1. a fixed front: brightness edges in eight directions, smoothed, for the face and for its mirror image alike;
//! 2. learned features of each, by the same weights for both;
//! 3. their difference, taken both ways, so that it does not matter which side is affected;
//! 4. convolutions over the sum of both ways, a mean over all pixels, and one logit.
//!
//! With a few hundred pictures a network that has to find out by itself that sides are to be compared learns the
//! people by heart instead. For the device all of it is unrolled into plain convolutions: see `fold`.

use super::random::Random;
use burn::module::{Module, Param, ParamId, RunningState};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use std::f32::consts::FRAC_PI_4;
use synkiosk_models::align::{CHANNELS, Crop, INPUT_SCALE, SIZE, ZERO_POINT};

/// Side of every kernel; the padding is one pixel of zeros.
pub const KERNEL: usize = 3;
/// Directions of edges that the front tells apart.
pub const DIRECTIONS: usize = 8;
/// Side of the front's maps: three convolutions of stride 2.
pub const FRONT_SIDE: usize = SIZE / 8;

/// One convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Channels that come out.
    pub outputs: usize,
    /// 1 or 2.
    pub stride: usize,
}

/// The learned convolutions; each has a kernel of 3 x 3, batch norm and ReLU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Features of each half, from the front on.
    pub half: Vec<Layer>,
    /// Differences between the halves.
    pub difference: Layer,
    /// What is made of them; at least one.
    pub top: Vec<Layer>,
}

impl Architecture {
    /// The shipped bundle's: 20 million multiply-accumulates, unrolled.
    pub fn shipped() -> Architecture {
        Architecture::of(&[(24, 1)], (48, 1), &[(48, 2), (48, 1)])
    }

    /// From pairs of outputs and stride.
    pub fn of(half: &[(usize, usize)], difference: (usize, usize), top: &[(usize, usize)]) -> Architecture {
        let layer = |&(outputs, stride): &(usize, usize)| Layer { outputs, stride };
        Architecture {
            half: half.iter().map(layer).collect(),
            difference: layer(&difference),
            top: top.iter().map(layer).collect(),
        }
    }

    /// All learned layers in their order.
    pub fn layers(&self) -> impl Iterator<Item = Layer> {
        self.half.iter().copied().chain([self.difference]).chain(self.top.iter().copied())
    }

    /// Channels of the last feature map.
    pub fn features(&self) -> usize {
        self.layers().last().map_or(DIRECTIONS, |layer| layer.outputs)
    }

    /// Side of the last feature map, pixels.
    pub fn last_side(&self) -> usize {
        self.layers().fold(FRONT_SIDE, |side, layer| side.div_ceil(layer.stride))
    }
}

/// A convolution with its batch norm.
#[derive(Module, Debug)]
pub struct Block {
    /// Weights only.
    pub conv: Conv2d,
    /// Scale and shift.
    pub norm: BatchNorm,
}

/// The whole network but for its fixed front.
#[derive(Module, Debug)]
pub struct Net {
    /// Features of each half.
    pub half: Vec<Block>,
    /// Differences between the halves.
    pub difference: Block,
    /// What is made of them.
    pub top: Vec<Block>,
    /// `[features, 1]`.
    pub head: Param<Tensor<2>>,
    /// `[1]`.
    pub head_bias: Param<Tensor<1>>,
}

impl Net {
    /// First weights by He's rule (2015) from the seed alone. Parameters are numbered, not named at random, so
    /// that the same training gives the same file.
    pub fn new(architecture: &Architecture, seed: u64, device: &Device) -> Net {
        let mut maker = Maker::new(seed, device);
        let mut inputs = DIRECTIONS;
        let mut block = |maker: &mut Maker, layer: &Layer| {
            let block = maker.block(inputs, layer);
            inputs = layer.outputs;
            block
        };
        let half = architecture.half.iter().map(|layer| block(&mut maker, layer)).collect();
        let difference = block(&mut maker, &architecture.difference);
        let top = architecture.top.iter().map(|layer| block(&mut maker, layer)).collect();
        let features = architecture.features();
        let head = maker.even((3.0 / features as f32).sqrt(), [features, 1]);
        Net {
            half,
            difference,
            top,
            head: maker.parameter(head),
            head_bias: maker.parameter(Tensor::zeros([1], device)),
        }
    }

    /// Logits `[n]` of the front's maps `[2 n, DIRECTIONS, FRONT_SIDE, FRONT_SIDE]`: all faces, then all their
    /// mirror images. `kept` are factors `[n, features]` for dropout.
    pub fn forward(&self, front: Tensor<4>, kept: Option<Tensor<2>>) -> Tensor<1> {
        self.forward_seen(front, kept, &mut |_| ())
    }

    /// The same; `seen` is shown each convolution's maps before its batch norm, in the order of the blocks.
    pub fn forward_seen(
        &self,
        front: Tensor<4>,
        kept: Option<Tensor<2>>,
        seen: &mut dyn FnMut(&Tensor<4>),
    ) -> Tensor<1> {
        let count = front.dims()[0] / 2;
        let halves = self.half.iter().fold(front, |maps, block| block.forward_seen(maps, seen));
        let one_way = halves.clone().narrow(0, 0, count) - halves.narrow(0, count, count);
        let both_ways =
            self.difference.forward_seen(Tensor::cat(vec![one_way.clone(), one_way.neg()], 0), seen);
        let sum = both_ways.clone().narrow(0, 0, count) + both_ways.narrow(0, count, count);
        let maps = self.top.iter().fold(sum, |maps, block| block.forward_seen(maps, seen));
        let features = mean_over_pixels(maps);
        let features = match kept {
            Some(kept) => features * kept,
            None => features,
        };
        features.matmul(self.head.val()).reshape([count]) + self.head_bias.val()
    }

    /// Logits of crops; of a `valid()` network.
    pub fn logits(&self, crops: &[&Crop]) -> Vec<f32> {
        crops.chunks(32).flat_map(|batch| values(self.forward(front(batch), None))).collect()
    }

    /// All blocks in their order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.half.iter().chain([&self.difference]).chain(&self.top)
    }
}

impl Settle for Net {
    fn settle(&self) {
        self.blocks().for_each(Block::settle);
    }
}

/// A network whose running means lag behind until they are asked for.
pub trait Settle {
    /// Brings the running means up to date, without which a saved file would hold older ones.
    fn settle(&self);
}

impl Block {
    /// Brings the running means up to date.
    pub fn settle(&self) {
        self.norm.running_mean.value_sync();
        self.norm.running_var.value_sync();
    }

    /// Convolved, normed, cut at zero.
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        self.forward_seen(maps, &mut |_| ())
    }

    /// The same; `seen` is shown what comes into the norm.
    fn forward_seen(&self, maps: Tensor<4>, seen: &mut dyn FnMut(&Tensor<4>)) -> Tensor<4> {
        let maps = self.conv.forward(maps);
        seen(&maps);
        burn::tensor::activation::relu(self.norm.forward(maps))
    }
}

/// Makes parameters in a fixed order.
pub(super) struct Maker<'a> {
    random: Random,
    ids: u64,
    device: &'a Device,
}

impl<'a> Maker<'a> {
    pub(super) fn new(seed: u64, device: &'a Device) -> Maker<'a> {
        Maker { random: Random::new(&[seed, 2]), ids: 0, device }
    }

    fn id(&mut self) -> ParamId {
        self.ids += 1;
        ParamId::from(self.ids)
    }

    pub(super) fn block(&mut self, inputs: usize, layer: &Layer) -> Block {
        let mut conv = Conv2dConfig::new([inputs, layer.outputs], [KERNEL, KERNEL])
            .with_stride([layer.stride, layer.stride])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_bias(false)
            .init(self.device);
        let spread = (6.0 / (inputs * KERNEL * KERNEL) as f32).sqrt();
        let weights = self.even(spread, [layer.outputs, inputs, KERNEL, KERNEL]);
        conv.weight = self.parameter(weights);
        let mut norm = BatchNormConfig::new(layer.outputs).init(self.device);
        norm.gamma = self.parameter(Tensor::ones([layer.outputs], self.device));
        norm.beta = self.parameter(Tensor::zeros([layer.outputs], self.device));
        norm.running_mean = RunningState::with_id(self.id(), Tensor::zeros([layer.outputs], self.device));
        norm.running_var = RunningState::with_id(self.id(), Tensor::ones([layer.outputs], self.device));
        Block { conv, norm }
    }

    pub(super) fn parameter<const D: usize>(&mut self, value: Tensor<D>) -> Param<Tensor<D>> {
        let (_, value, mapper) = Param::from_tensor(value).consume();
        Param::from_mapped_value(self.id(), value, mapper)
    }

    /// Values spread evenly from `-spread` to `spread`.
    pub(super) fn even<const D: usize>(&mut self, spread: f32, shape: [usize; D]) -> Tensor<D> {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| self.random.within(spread)).collect();
        Tensor::from_data(TensorData::new(values, shape), self.device)
    }
}

/// One 3 x 3 kernel for each direction: Sobel's, turned in steps of 45 degrees.
pub fn edge_kernels() -> [[f32; KERNEL * KERNEL]; DIRECTIONS] {
    const ACROSS: [f32; 9] = [-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0];
    const DOWN: [f32; 9] = [-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0];
    std::array::from_fn(|direction| {
        let (sine, cosine) = (direction as f32 * FRAC_PI_4).sin_cos();
        std::array::from_fn(|tap| (cosine * ACROSS[tap] + sine * DOWN[tap]) / 8.0)
    })
}

/// The binomial kernel that smooths and halves the edges' maps.
pub const SMOOTHING: [f32; KERNEL * KERNEL] =
    [0.0625, 0.125, 0.0625, 0.125, 0.25, 0.125, 0.0625, 0.125, 0.0625];

/// The fixed front's maps of crops, faces first and then their mirror images; nothing in it is learned.
pub fn front(crops: &[&Crop]) -> Tensor<4> {
    let device = Device::flex();
    let inputs = inputs(crops);
    let faces = inputs.clone().narrow(1, 0, 1);
    let halves = Tensor::cat(vec![faces, inputs.narrow(1, 1, 1)], 0);
    let edges = Tensor::<1>::from_floats(edge_kernels().as_flattened(), &device);
    let edges = edges.reshape([DIRECTIONS, 1, KERNEL, KERNEL]);
    let smoothing = Tensor::<1>::from_floats(SMOOTHING.repeat(DIRECTIONS).as_slice(), &device);
    let smoothing = smoothing.reshape([DIRECTIONS, 1, KERNEL, KERNEL]);
    let halving = |groups| ConvOptions::new([2, 2], [1, 1], [1, 1], groups);
    let maps = burn::tensor::activation::relu(burn::tensor::module::conv2d(halves, edges, None, halving(1)));
    let maps = burn::tensor::module::conv2d(maps, smoothing.clone(), None, halving(DIRECTIONS));
    burn::tensor::module::conv2d(maps, smoothing, None, halving(DIRECTIONS))
}

/// `[n, channels, side, side]` to `[n, channels]`.
pub fn mean_over_pixels(maps: Tensor<4>) -> Tensor<2> {
    let [count, channels, height, width] = maps.dims();
    maps.reshape([count, channels, height * width]).mean_dim(2).reshape([count, channels])
}

/// What crops stand for, `[n, CHANNELS, SIZE, SIZE]`.
pub fn inputs(crops: &[&Crop]) -> Tensor<4> {
    let mut values = Vec::with_capacity(crops.len() * SIZE * SIZE * CHANNELS);
    for crop in crops {
        for channel in 0..CHANNELS {
            let channel = crop.pixels().iter().skip(channel).step_by(CHANNELS);
            values.extend(channel.map(|value| (f32::from(*value) - f32::from(ZERO_POINT)) * INPUT_SCALE));
        }
    }
    Tensor::from_data(TensorData::new(values, [crops.len(), CHANNELS, SIZE, SIZE]), &Device::flex())
}

/// A tensor's values in order.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec_as().expect("every tensor of the network holds floats")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_weights_depend_on_the_seed_alone() {
        let device = Device::flex();
        let architecture = Architecture::of(&[(4, 1)], (6, 1), &[(6, 2)]);
        let bytes = |seed| {
            let net = Net::new(&architecture, seed, &device);
            net.into_record().into_bytes().unwrap().to_vec()
        };
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
    }

    #[test]
    fn a_mirrored_face_has_the_same_logit() {
        let mut random = Random::new(&[8]);
        let pixels: Vec<u8> = (0..SIZE * SIZE * CHANNELS).map(|_| random.bits() as u8).collect();
        let mirrored =
            pixels.as_chunks::<CHANNELS>().0.iter().flat_map(|[face, mirror]| [*mirror, *face]).collect();
        let (crop, mirrored) = (Crop::from_pixels(pixels).unwrap(), Crop::from_pixels(mirrored).unwrap());
        let net = Net::new(&Architecture::of(&[(4, 1)], (6, 1), &[(6, 2)]), 1, &Device::flex());
        let logits = net.logits(&[&crop, &mirrored]);
        assert!((logits[0] - logits[1]).abs() < 1e-5, "{logits:?}");
    }

    #[test]
    fn crops_become_planes_around_zero() {
        let mut pixels = vec![ZERO_POINT; SIZE * SIZE * CHANNELS];
        (pixels[0], pixels[3]) = (176, 80);
        let crop = Crop::from_pixels(pixels).unwrap();
        let tensor = inputs(&[&crop, &crop]);
        assert_eq!(tensor.dims(), [2, CHANNELS, SIZE, SIZE]);
        let values = values(tensor);
        assert_eq!(
            (values[0], values[1], values[SIZE * SIZE], values[SIZE * SIZE + 1]),
            (1.0, 0.0, 0.0, -1.0)
        );
    }
}
