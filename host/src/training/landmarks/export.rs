//! From the trained network to integers, its files, and its golden vectors.

use super::net::{self, LAYERS, LandmarkNet, last_side};
use crate::training::TrainingError;
use crate::training::export::{layer_tensors, raw_layers, safetensors_file};
use crate::training::fold::{FoldedLayer, fold};
use crate::training::net::{KERNEL, Settle, values};
use crate::training::quantize::{QuantizedLayer, quantize_layer, steps_of, to_int8, weight_step, zero_in};
use crate::training::random::Random;
use safetensors::Dtype;
use synkiosk_models::align::INPUT_SCALE;
use synkiosk_models::landmarker::{INPUT, Landmarker, OUTPUTS, SIZE};
use synkiosk_models::network::{RawNetwork, RawOutputs};

/// The network in integers: its layer list and its tensors.
#[derive(Debug, Clone, PartialEq)]
pub struct LandmarkFiles {
    /// Its layer list.
    pub raw: RawNetwork<RawOutputs>,
    /// Its tensors, in safetensors.
    pub tensors: Vec<u8>,
}

impl LandmarkFiles {
    /// A network to find landmarks with.
    pub fn landmarker(&self) -> Result<Landmarker, TrainingError> {
        Ok(Landmarker::new(&self.raw, &self.tensors)?)
    }
}

/// Quantizes; activations are measured on these inputs.
pub fn quantized(net: &LandmarkNet, calibration: &[&[u8]]) -> LandmarkFiles {
    net.settle();
    let folded: Vec<FoldedLayer> = net.blocks.iter().map(fold).collect();
    let steps = steps_of(&folded, &|range| net::inputs(&calibration[range]), calibration.len());
    let before = std::iter::once(INPUT_SCALE).chain(steps.iter().copied());
    let layers: Vec<QuantizedLayer> = folded
        .iter()
        .zip(before.zip(&steps))
        .map(|(layer, (step_in, step_out))| quantize_layer(layer, step_in, *step_out))
        .collect();
    let mut tensors = layer_tensors(&layers);
    let step_in = f64::from(steps.last().copied().unwrap_or(INPUT_SCALE));
    tensors.extend(head_tensors(net, step_in));
    let channels = LAYERS[LAYERS.len() - 1].outputs;
    let raw = RawNetwork {
        input: INPUT,
        layers: raw_layers(&layers),
        head: RawOutputs { channels, zero_in: zero_in(LAYERS.len()), outputs: OUTPUTS },
    };
    debug_assert!(raw.layers.iter().all(|layer| layer.kernel == KERNEL));
    LandmarkFiles { raw, tensors: safetensors_file(&tensors) }
}

type NamedTensor = (String, Dtype, Vec<usize>, Vec<u8>);

/// The trained head has its features channel by channel, the device's map its channels pixel by pixel.
fn head_tensors(net: &LandmarkNet, step_in: f64) -> Vec<NamedTensor> {
    let (side, channels) = (last_side(), LAYERS[LAYERS.len() - 1].outputs);
    let (weights, bias) = (values(net.head.val()), values(net.head_bias.val()));
    let (mut bytes, mut biases, mut scales) = (Vec::new(), Vec::new(), Vec::new());
    for output in 0..OUTPUTS {
        let at = |pixel: usize, channel: usize| weights[(channel * side * side + pixel) * OUTPUTS + output];
        let column: Vec<f32> = (0..side * side)
            .flat_map(|pixel| (0..channels).map(move |channel| (pixel, channel)))
            .map(|(pixel, channel)| at(pixel, channel))
            .collect();
        let step = weight_step(&column);
        bytes.extend(column.iter().map(|weight| to_int8(*weight, step) as u8));
        let scale = step_in * step;
        biases.extend(((f64::from(bias[output]) / scale).round() as i64).to_le_bytes());
        scales.extend((scale as f32).to_le_bytes());
    }
    vec![
        ("head.weight".to_owned(), Dtype::I8, vec![OUTPUTS, side, side, channels], bytes),
        ("head.bias".to_owned(), Dtype::I64, vec![OUTPUTS], biases),
        ("head.scale".to_owned(), Dtype::F32, vec![OUTPUTS], scales),
    ]
}

/// Golden vectors: these inputs and some noise, with the sums for them.
pub fn golden(inputs: &[Vec<u8>], landmarker: &mut Landmarker) -> Vec<NamedTensor> {
    let mut random = Random::new(&[0, 9]);
    let noise = (0..2).map(|_| (0..SIZE * SIZE).map(|_| random.bits() as u8).collect::<Vec<u8>>());
    let inputs: Vec<Vec<u8>> = inputs.iter().cloned().chain(noise).collect();
    let sums = inputs.iter().flat_map(|input| landmarker.network().sums(input));
    let sums: Vec<u8> = sums.flat_map(i64::to_le_bytes).collect();
    vec![
        ("landmark_inputs".to_owned(), Dtype::U8, vec![inputs.len(), SIZE, SIZE], inputs.concat()),
        ("landmark_sums".to_owned(), Dtype::I64, vec![inputs.len(), OUTPUTS], sums),
    ]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use burn::tensor::Device;

    /// A network that has learned nothing, in integers.
    pub(crate) fn untrained() -> LandmarkFiles {
        let mut mean = [0.0; OUTPUTS];
        // The eyes' outer corners, so that what comes out is a face.
        (mean[4], mean[6]) = (-0.25, 0.25);
        let net = LandmarkNet::new(1, &mean, &Device::flex());
        let mut random = Random::new(&[7]);
        let noise: Vec<u8> = (0..SIZE * SIZE).map(|_| random.bits() as u8).collect();
        quantized(&net, &[noise.as_slice()])
    }

    /// Head and layers in integers give the places that they give in floats.
    #[test]
    fn int8_follows_float() {
        let mut mean = [0.0; OUTPUTS];
        (mean[4], mean[6]) = (-0.25, 0.25);
        let net = LandmarkNet::new(1, &mean, &Device::flex());
        let mut random = Random::new(&[7]);
        let noise: Vec<u8> = (0..SIZE * SIZE).map(|_| random.bits() as u8).collect();
        let float = net.outputs(&[noise.as_slice()])[0];
        let mut landmarker = quantized(&net, &[noise.as_slice()]).landmarker().unwrap();
        let spread = float.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        for (int8, float) in landmarker.network().values(&noise).iter().zip(float) {
            assert!((int8 - float).abs() < 0.05 * spread, "{int8} for {float}");
        }
    }
}
