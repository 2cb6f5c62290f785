//! From the folded network to integers: u8 activations, int8 weights with a step for each output channel.

use super::fold::{Folded, FoldedLayer};
use super::net::{self, KERNEL, values};
use synkiosk_models::align::{Crop, INPUT_SCALE, ZERO_POINT};

/// Share of a layer's activations that may lie above 255 steps: a few outliers would coarsen all others.
const CUT_SHARE: f64 = 1e-5;
/// Bins of the histogram from zero to a layer's largest activation.
const BINS: usize = 8192;
/// Largest bias in accumulator steps: exact as f32, and far from the accumulator's bound.
const MOST_BIAS: f64 = 16_777_216.0;
/// Least step of a weight: a channel that is always zero keeps scales that are normal numbers.
const LEAST_STEP: f64 = 1e-9;

/// One convolution in integers.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantizedLayer {
    /// Channels that come in.
    pub inputs: usize,
    /// Channels that come out.
    pub outputs: usize,
    /// 1 or 2.
    pub stride: usize,
    /// `[output][kernel row][kernel column][input]`.
    pub weights: Vec<i8>,
    /// One for each output, in accumulator steps.
    pub bias: Vec<i32>,
    /// One for each output: output steps per accumulator step.
    pub scale: Vec<f32>,
}

/// The whole network in integers.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantized {
    /// From the input on.
    pub layers: Vec<QuantizedLayer>,
    /// One for each feature.
    pub head: Vec<i8>,
    /// In steps of the sum.
    pub head_bias: i64,
    /// Logit per step of the sum; the mean's division is in it.
    pub head_scale: f32,
}

/// Quantizes; `steps` are the activations' steps by layer, `pixels` those of the last feature map.
pub fn quantize(folded: &Folded, steps: &[f32], pixels: usize) -> Quantized {
    let inputs = std::iter::once(INPUT_SCALE).chain(steps.iter().copied());
    let layers = folded.layers.iter().zip(inputs.zip(steps));
    let layers = layers.map(|(layer, (input, output))| quantize_layer(layer, input, *output)).collect();
    let input = f64::from(steps.last().copied().unwrap_or(INPUT_SCALE));
    let step = weight_step(&folded.head);
    let head_scale = input * step / pixels as f64;
    Quantized {
        layers,
        head: folded.head.iter().map(|weight| to_int8(*weight, step)).collect(),
        head_bias: (f64::from(folded.head_bias) / head_scale).round() as i64,
        head_scale: head_scale as f32,
    }
}

fn quantize_layer(layer: &FoldedLayer, step_in: f32, step_out: f32) -> QuantizedLayer {
    let taps = KERNEL * KERNEL;
    let (step_in, step_out) = (f64::from(step_in), f64::from(step_out));
    let mut quantized = QuantizedLayer {
        inputs: layer.inputs,
        outputs: layer.outputs,
        stride: layer.stride,
        weights: Vec::with_capacity(layer.weights.len()),
        bias: Vec::with_capacity(layer.outputs),
        scale: Vec::with_capacity(layer.outputs),
    };
    for (weights, bias) in layer.weights.chunks(layer.inputs * taps).zip(&layer.bias) {
        let bias = f64::from(*bias);
        let step = weight_step(weights).max(bias.abs() / step_in / MOST_BIAS);
        for tap in 0..taps {
            quantized
                .weights
                .extend((0..layer.inputs).map(|input| to_int8(weights[input * taps + tap], step)));
        }
        quantized.bias.push((bias / (step_in * step)).round() as i32);
        quantized.scale.push((step_in * step / step_out) as f32);
    }
    quantized
}

/// The step that brings the largest weight to 127.
pub(super) fn weight_step(weights: &[f32]) -> f64 {
    let largest = weights.iter().fold(0.0f32, |largest, weight| largest.max(weight.abs()));
    (f64::from(largest) / 127.0).max(LEAST_STEP)
}

fn to_int8(weight: f32, step: f64) -> i8 {
    (f64::from(weight) / step).round().clamp(-127.0, 127.0) as i8
}

/// Each layer's activation step: 255 steps reach all but the largest of its activations on these crops.
pub fn activation_steps(folded: &Folded, crops: &[&Crop]) -> Vec<f32> {
    let mut largest = vec![0.0f32; folded.layers.len()];
    for_each_map(folded, crops, |layer, values| {
        largest[layer] = values.iter().fold(largest[layer], |a, b| a.max(*b));
    });
    let mut histograms = vec![[0u64; BINS]; folded.layers.len()];
    for_each_map(folded, crops, |layer, values| {
        let bins_per_value = BINS as f32 / largest[layer].max(f32::MIN_POSITIVE);
        for value in values.iter().filter(|value| **value > 0.0) {
            histograms[layer][((value * bins_per_value) as usize).min(BINS - 1)] += 1;
        }
    });
    histograms.iter().zip(&largest).map(|(histogram, largest)| step(histogram, *largest)).collect()
}

fn for_each_map(folded: &Folded, crops: &[&Crop], mut with: impl FnMut(usize, &[f32])) {
    for batch in crops.chunks(32) {
        let (maps, _) = folded.forward(net::inputs(batch));
        for (layer, map) in maps.into_iter().enumerate() {
            with(layer, &values(map));
        }
    }
}

/// Zeros do not count: a layer of mostly zeros would otherwise lose its few activations.
fn step(histogram: &[u64; BINS], largest: f32) -> f32 {
    let all: u64 = histogram.iter().sum();
    let mut beyond = (all as f64 * CUT_SHARE) as u64;
    let mut top = BINS;
    while top > 1 && histogram[top - 1] <= beyond {
        beyond -= histogram[top - 1];
        top -= 1;
    }
    (largest * top as f32 / BINS as f32 / 255.0).max(1e-6)
}

/// The input's zero: what stands for the middle of the surroundings.
pub fn zero_in(layer: usize) -> u8 {
    if layer == 0 { ZERO_POINT } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(weights: Vec<f32>, bias: Vec<f32>) -> FoldedLayer {
        FoldedLayer { inputs: 2, outputs: bias.len(), stride: 1, weights, bias }
    }

    #[test]
    fn each_output_has_its_own_step() {
        let mut weights = vec![0.0; 2 * 2 * 9];
        weights[0] = 1.27;
        weights[9] = -0.5; // The second input's first tap.
        weights[18] = 12.7;
        let quantized = quantize_layer(&layer(weights, vec![0.5, -3.0]), 0.5, 0.25);
        assert_eq!(quantized.weights[..2], [127, -50]);
        assert_eq!(quantized.weights[18], 127);
        assert_eq!(quantized.bias, [100, -60]);
        assert!((quantized.scale[0] - 0.02).abs() < 1e-7 && (quantized.scale[1] - 0.2).abs() < 1e-6);
    }

    #[test]
    fn a_dead_channel_stays_within_bounds() {
        let quantized = quantize_layer(&layer(vec![0.0; 18], vec![-1e6]), 0.01, 10.0);
        assert!(quantized.scale[0].is_normal());
        assert!(f64::from(quantized.bias[0]).abs() <= MOST_BIAS);
        let back = f64::from(quantized.bias[0]) * f64::from(quantized.scale[0]) * 10.0;
        assert!((back + 1e6).abs() < 1.0, "{back}");
    }

    #[test]
    fn steps_cut_outliers_but_never_everything() {
        let mut histogram = [0; BINS];
        histogram[..BINS / 2].fill(100);
        assert!((step(&histogram, 510.0) - 1.0).abs() < 1e-3);
        histogram[BINS - 1] = 1;
        assert!((step(&histogram, 510.0) - 1.0).abs() < 1e-3);
        let mut one = [0; BINS];
        one[BINS - 1] = 5;
        assert!((step(&one, 255.0) - 1.0).abs() < 1e-3);
        assert!(step(&[0; BINS], 0.0) > 0.0);
    }
}
