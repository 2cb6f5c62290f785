//! The network unrolled into plain convolutions with a bias and ReLU, as the device computes it: batch norm folded
//! in, and both halves' features side by side in one map.

use super::net::{Block, DIRECTIONS, KERNEL, Net, SMOOTHING, Settle, edge_kernels, mean_over_pixels, values};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};
use synkiosk_models::align::CHANNELS;

const TAPS: usize = KERNEL * KERNEL;

/// Both halves side by side, each for itself.
pub(super) const SPLIT: [[f32; CHANNELS]; 2] = [[1.0, 0.0], [0.0, 1.0]];
/// Their difference, both ways.
pub(super) const WAYS: [[f32; CHANNELS]; 2] = [[1.0, -1.0], [-1.0, 1.0]];

/// One convolution with its bias.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedLayer {
    /// Channels that come in.
    pub inputs: usize,
    /// Channels that come out.
    pub outputs: usize,
    /// 1 or 2.
    pub stride: usize,
    /// `[output][input][kernel row][kernel column]`.
    pub weights: Vec<f32>,
    /// One for each output.
    pub bias: Vec<f32>,
}

/// The network as plain convolutions; its logits are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// From the input on.
    pub layers: Vec<FoldedLayer>,
    /// One for each feature.
    pub head: Vec<f32>,
    /// Added to the logit.
    pub head_bias: f32,
}

impl Folded {
    /// Unrolls a trained network.
    pub fn of(net: &Net) -> Folded {
        net.settle();
        let mut layers = front_layers().to_vec();
        layers.extend(net.half.iter().map(|block| fold(block).tiled(SPLIT)));
        layers.push(fold(&net.difference).tiled(WAYS));
        // The first layer on top adds both ways up.
        let top = net.top.iter().map(fold).enumerate();
        layers.extend(top.map(|(index, layer)| if index == 0 { layer.tiled([[1.0, 1.0]]) } else { layer }));
        Folded { layers, head: values(net.head.val()), head_bias: values(net.head_bias.val())[0] }
    }

    /// Every layer's maps after ReLU, and the logits, for inputs `[n, channels, side, side]`.
    pub fn forward(&self, inputs: Tensor<4>) -> (Vec<Tensor<4>>, Tensor<1>) {
        let device = Device::flex();
        let maps = maps(&self.layers, inputs.clone());
        let features = mean_over_pixels(maps.last().unwrap_or(&inputs).clone());
        let [count, channels] = features.dims();
        let head = Tensor::<2>::from_data(TensorData::new(self.head.clone(), [channels, 1]), &device);
        let logits = features.matmul(head).reshape([count]) + self.head_bias;
        (maps, logits)
    }
}

/// Every layer's maps after ReLU.
pub fn maps(layers: &[FoldedLayer], inputs: Tensor<4>) -> Vec<Tensor<4>> {
    let device = Device::flex();
    let mut maps: Vec<Tensor<4>> = Vec::with_capacity(layers.len());
    for layer in layers {
        let shape = [layer.outputs, layer.inputs, KERNEL, KERNEL];
        let weights = Tensor::from_data(TensorData::new(layer.weights.clone(), shape), &device);
        let bias = Tensor::<1>::from_floats(layer.bias.as_slice(), &device);
        let options = ConvOptions::new([layer.stride; 2], [1, 1], [1, 1], 1);
        let input = maps.last().unwrap_or(&inputs).clone();
        let output = burn::tensor::module::conv2d(input, weights, Some(bias), options);
        maps.push(burn::tensor::activation::relu(output));
    }
    maps
}

/// The fixed front, unrolled.
pub(super) fn front_layers() -> [FoldedLayer; 3] {
    let edges = edge_kernels();
    let edges = FoldedLayer::filled(1, DIRECTIONS, 2, |output, _, tap| edges[output][tap]);
    let own = |output, input, tap: usize| if output == input { SMOOTHING[tap] } else { 0.0 };
    let smoothing = FoldedLayer::filled(DIRECTIONS, DIRECTIONS, 2, own);
    [edges.tiled(SPLIT), smoothing.tiled(SPLIT), smoothing.tiled(SPLIT)]
}

/// A convolution whose batch norm is in its weights and bias.
pub fn fold(block: &Block) -> FoldedLayer {
    let [outputs, inputs, _, _] = block.conv.weight.dims();
    let weights = values(block.conv.weight.val());
    let gamma = values(block.norm.gamma.val());
    let beta = values(block.norm.beta.val());
    let mean = values(block.norm.running_mean.value());
    let variance = values(block.norm.running_var.value());
    let factor =
        |output: usize| f64::from(gamma[output]) / (f64::from(variance[output]) + block.norm.epsilon).sqrt();
    let scaled = |output: usize, input: usize, tap: usize| {
        (f64::from(weights[(output * inputs + input) * TAPS + tap]) * factor(output)) as f32
    };
    let mut layer = FoldedLayer::filled(inputs, outputs, block.conv.stride[0], scaled);
    for (output, bias) in layer.bias.iter_mut().enumerate() {
        *bias = (f64::from(beta[output]) - f64::from(mean[output]) * factor(output)) as f32;
    }
    layer
}

impl FoldedLayer {
    /// A layer without bias.
    pub(super) fn filled(
        inputs: usize,
        outputs: usize,
        stride: usize,
        at: impl Fn(usize, usize, usize) -> f32,
    ) -> FoldedLayer {
        let mut weights = Vec::with_capacity(outputs * inputs * TAPS);
        for output in 0..outputs {
            weights.extend((0..inputs * TAPS).map(|index| at(output, index / TAPS, index % TAPS)));
        }
        FoldedLayer { inputs, outputs, stride, weights, bias: vec![0.0; outputs] }
    }

    /// The same weights for each pair of halves, times the pair's factor: `factors[half out][half in]`.
    pub(super) fn tiled<const OUT: usize>(&self, factors: [[f32; CHANNELS]; OUT]) -> FoldedLayer {
        let at = |output: usize, input: usize, tap: usize| {
            let factor = factors[output / self.outputs][input / self.inputs];
            factor * self.weights[(output % self.outputs * self.inputs + input % self.inputs) * TAPS + tap]
        };
        let tiled = FoldedLayer::filled(self.inputs * CHANNELS, self.outputs * OUT, self.stride, at);
        FoldedLayer { bias: self.bias.repeat(OUT), ..tiled }
    }

    /// What gives this layer when tiled so, if there is such a one.
    pub(super) fn untiled<const OUT: usize>(&self, factors: [[f32; CHANNELS]; OUT]) -> Option<FoldedLayer> {
        let (inputs, outputs) = (self.inputs / CHANNELS, self.outputs / OUT);
        let at = |output: usize, input: usize, tap: usize| {
            self.weights[(output * self.inputs + input) * TAPS + tap] / factors[0][0]
        };
        let one = FoldedLayer::filled(inputs, outputs, self.stride, at);
        let one = FoldedLayer { bias: self.bias[..outputs].to_vec(), ..one };
        (inputs * outputs > 0 && one.tiled(factors) == *self).then_some(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::net::{self, Architecture};
    use crate::training::random::Random;
    use burn::module::Module;
    use synkiosk_models::align::{Crop, SIZE};

    #[test]
    fn unrolled_and_trained_networks_agree() {
        let device = Device::flex().autodiff();
        let architecture = Architecture::of(&[(6, 1), (5, 1)], (8, 1), &[(8, 2), (7, 1)]);
        let net = Net::new(&architecture, 3, &device);
        let mut random = Random::new(&[5]);
        let crops: Vec<Crop> = (0..6)
            .map(|_| {
                Crop::from_pixels((0..SIZE * SIZE * CHANNELS).map(|_| random.bits() as u8).collect()).unwrap()
            })
            .collect();
        let crops: Vec<&Crop> = crops.iter().collect();
        // Passes in training move the running means away from 0 and 1.
        for _ in 0..5 {
            net.forward(net::front(&crops).autodiff(), None);
        }
        let trained = net.valid().logits(&crops);
        let folded = Folded::of(&net);
        let (maps, unrolled) = folded.forward(net::inputs(&crops));
        for (trained, unrolled) in trained.iter().zip(values(unrolled)) {
            assert!((trained - unrolled).abs() < 1e-4, "{trained} and {unrolled}");
        }
        assert!(trained.iter().any(|logit| (logit - trained[0]).abs() > 1e-3), "{trained:?}");
        let outputs: Vec<usize> = folded.layers.iter().map(|layer| layer.outputs).collect();
        assert_eq!(outputs, [16, 16, 16, 12, 10, 16, 8, 7]);
        assert_eq!(maps.last().unwrap().dims(), [6, 7, architecture.last_side(), architecture.last_side()]);
    }

    #[test]
    fn the_shipped_network_has_its_size() {
        let folded = Folded::of(&Net::new(&Architecture::shipped(), 1, &Device::flex()));
        let mut side = SIZE;
        let mut multiplications = 0;
        for layer in &folded.layers {
            side = side.div_ceil(layer.stride);
            multiplications += side * side * layer.weights.len();
        }
        assert!((19_000_000..21_000_000).contains(&multiplications), "{multiplications}");
    }
}
