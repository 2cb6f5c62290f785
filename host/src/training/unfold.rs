//! The way back from a bundle: int8 convolutions become the learned layers of a network that can be trained on.
//!
//! A bundle holds each layer's weights in steps, and for each output the factor from accumulator to output steps. How
//! large an output step is it does not say, and need not: convolutions with ReLU are the same network at any size,
//! so the size is chosen here by which weights are as large as fresh ones. The front is fixed and tells its own steps.
//! What quantization rounded away stays lost.

use super::fold::{Folded, FoldedLayer, SPLIT, WAYS, front_layers};
use super::net::{Architecture, KERNEL, Layer};
use super::quantize::{weight_step, zero_in};
use safetensors::SafeTensors;
use synkiosk_models::align::INPUT_SCALE;
use synkiosk_models::network::{RawLayer, RawNetwork};

const TAPS: usize = KERNEL * KERNEL;

/// Why a bundle's network cannot be trained on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfoldError {
    /// The tensors are not those of the layer list.
    #[error("its tensor {0} cannot be read")]
    Tensor(String),
    /// Made in another way than `quantize` makes it.
    #[error("its layer {0} is not one that training makes")]
    Layer(String),
    /// Layers are missing.
    #[error("it has too few layers")]
    TooShort,
}

/// A bundle's network as learned layers, their batch norm in weights and bias.
#[derive(Debug, Clone, PartialEq)]
pub struct Unfolded {
    /// Which layers there are.
    pub architecture: Architecture,
    /// One for each learned layer, in their order.
    pub layers: Vec<FoldedLayer>,
    /// One for each feature.
    pub head: Vec<f32>,
    /// Added to the logit.
    pub head_bias: f32,
}

/// Undoes `quantize` and then `fold`.
pub fn unfold(raw: &RawNetwork, tensors: &[u8]) -> Result<Unfolded, UnfoldError> {
    let tensors = SafeTensors::deserialize(tensors).map_err(|_| UnfoldError::Tensor("list".to_owned()))?;
    let front = front_layers();
    let mut step = INPUT_SCALE;
    let mut learned = Learned::default();
    for (index, layer) in raw.layers.iter().enumerate() {
        let refused = || UnfoldError::Layer(layer.name.clone());
        plain(index, layer).then_some(()).ok_or_else(refused)?;
        let steps = in_steps(layer, &tensors)?;
        match front.get(index) {
            Some(known) => step = front_step(known, &steps, step).ok_or_else(refused)?,
            None => step = learned.take(&steps, step).ok_or_else(refused)?,
        }
    }
    let (architecture, layers) = learned.finish().ok_or(UnfoldError::TooShort)?;
    let pixels = architecture.last_side() * architecture.last_side();
    let factor = f64::from(raw.head.scale);
    let weights = int8(&tensors, "head.weight")?;
    let bias = eight(&tensors, "head.bias")?;
    Ok(Unfolded {
        architecture,
        layers,
        head: weights.map(|weight| (weight * factor * pixels as f64 / f64::from(step)) as f32).collect(),
        head_bias: (bias as f64 * factor) as f32,
    })
}

/// As `export` lists it: square kernels, zeros at zero, ReLU.
fn plain(index: usize, layer: &RawLayer) -> bool {
    (layer.kernel, layer.padding, layer.zero_out, layer.floor) == (KERNEL, 1, 0, 0)
        && layer.zero_in == zero_in(index)
}

/// The layer with weights in output steps per input step and bias in output steps.
fn in_steps(layer: &RawLayer, tensors: &SafeTensors) -> Result<FoldedLayer, UnfoldError> {
    let name = |what: &str| format!("{}.{what}", layer.name);
    let (inputs, outputs) = (layer.channels_in, layer.channels_out);
    let weights: Vec<f64> = int8(tensors, &name("weight"))?.collect();
    let bias = four(tensors, &name("bias"))?.map(i32::from_le_bytes);
    let scale: Vec<f64> =
        four(tensors, &name("scale"))?.map(|bytes| f64::from(f32::from_le_bytes(bytes))).collect();
    let bias: Vec<f32> = bias.zip(&scale).map(|(bias, scale)| (f64::from(bias) * scale) as f32).collect();
    if (weights.len(), bias.len(), scale.len()) != (outputs * inputs * TAPS, outputs, outputs) {
        return Err(UnfoldError::Tensor(name("weight")));
    }
    let at = |output: usize, input: usize, tap: usize| {
        (weights[(output * TAPS + tap) * inputs + input] * scale[output]) as f32
    };
    Ok(FoldedLayer { bias, ..FoldedLayer::filled(inputs, outputs, layer.stride, at) })
}

/// The output step of a front layer, if it is the fixed front's.
fn front_step(known: &FoldedLayer, steps: &FoldedLayer, step_in: f32) -> Option<f32> {
    let same = (known.inputs, known.outputs, known.stride) == (steps.inputs, steps.outputs, steps.stride);
    let sum = |weights: &[f32]| weights.iter().map(|weight| f64::from(weight.abs())).sum::<f64>();
    let step = (same && sum(&steps.weights) > 0.0)
        .then(|| (sum(&known.weights) * f64::from(step_in) / sum(&steps.weights)) as f32)?;
    let width = known.inputs * TAPS;
    let near = known.weights.chunks(width).zip(steps.weights.chunks(width)).all(|(known, steps)| {
        let most = weight_step(known) as f32;
        known.iter().zip(steps).all(|(known, steps)| (known - steps * step / step_in).abs() <= most)
    });
    near.then_some(step)
}

/// Learned layers as they come.
#[derive(Default)]
struct Learned {
    half: Vec<Layer>,
    difference: Option<Layer>,
    top: Vec<Layer>,
    layers: Vec<FoldedLayer>,
}

impl Learned {
    /// Takes the next layer, undoes its unrolling and gives its output step.
    fn take(&mut self, steps: &FoldedLayer, step_in: f32) -> Option<f32> {
        let mut layer = match (self.difference, self.top.len()) {
            (None, _) => match steps.untiled(SPLIT) {
                Some(half) => half,
                None => steps.untiled(WAYS)?,
            },
            (Some(_), 0) => steps.untiled([[1.0, 1.0]])?,
            (Some(_), _) => steps.clone(),
        };
        let shape = Layer { outputs: layer.outputs, stride: layer.stride };
        match self.difference {
            None if steps.untiled(SPLIT).is_some() => self.half.push(shape),
            None => self.difference = Some(shape),
            Some(_) => self.top.push(shape),
        }
        let squares = layer.weights.iter().map(|weight| f64::from(*weight).powi(2)).sum::<f64>();
        let usual = (2.0 / (layer.inputs * TAPS) as f64).sqrt();
        let factor = (usual / (squares / layer.weights.len() as f64).sqrt()) as f32;
        let step_out = factor * step_in;
        (factor.is_normal() && step_out.is_normal()).then_some(())?;
        layer.weights.iter_mut().for_each(|weight| *weight *= factor);
        layer.bias.iter_mut().for_each(|bias| *bias *= step_out);
        self.layers.push(layer);
        Some(step_out)
    }

    fn finish(self) -> Option<(Architecture, Vec<FoldedLayer>)> {
        let difference = self.difference.filter(|_| !self.top.is_empty())?;
        Some((Architecture { half: self.half, difference, top: self.top }, self.layers))
    }
}

impl Unfolded {
    /// Unrolled again, to be computed.
    pub fn refolded(&self) -> Folded {
        let halves = self.architecture.half.len();
        let layers = self.layers.iter().enumerate().map(|(index, layer)| match index {
            _ if index < halves => layer.tiled(SPLIT),
            _ if index == halves => layer.tiled(WAYS),
            _ if index == halves + 1 => layer.tiled([[1.0, 1.0]]),
            _ => layer.clone(),
        });
        let layers = front_layers().into_iter().chain(layers).collect();
        Folded { layers, head: self.head.clone(), head_bias: self.head_bias }
    }
}

fn bytes<'a>(tensors: &SafeTensors<'a>, name: &str) -> Result<&'a [u8], UnfoldError> {
    tensors.tensor(name).map(|tensor| tensor.data()).map_err(|_| UnfoldError::Tensor(name.to_owned()))
}

fn int8<'a>(tensors: &SafeTensors<'a>, name: &str) -> Result<impl Iterator<Item = f64> + 'a, UnfoldError> {
    Ok(bytes(tensors, name)?.iter().map(|byte| f64::from(*byte as i8)))
}

fn four<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
) -> Result<impl Iterator<Item = [u8; 4]> + 'a, UnfoldError> {
    Ok(bytes(tensors, name)?.as_chunks::<4>().0.iter().copied())
}

fn eight(tensors: &SafeTensors, name: &str) -> Result<i64, UnfoldError> {
    let number = bytes(tensors, name)?.as_chunks::<8>().0.first().copied();
    number.map(i64::from_le_bytes).ok_or_else(|| UnfoldError::Tensor(name.to_owned()))
}
