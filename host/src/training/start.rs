//! The weights that a training begins with: fresh ones, another run's, or those of a bundle.

use super::TrainingError;
use super::checkpoint;
use super::fold::FoldedLayer;
use super::net::{self, Architecture, Block, Net, values};
use super::run_folder::{self, FLOAT, RunFolder};
use super::settings::{Settings, Started};
use super::unfold::{UnfoldError, Unfolded, unfold};
use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use std::path::Path;
use synkiosk_models::align::Crop;
use synkiosk_models::bundle::Bundle;

/// Epochs and learning rate over those of a training from fresh weights: what was learned is to be kept.
const FEWER_EPOCHS: usize = 3;
const SLOWER: f64 = 5.0;

/// Where the first weights come from.
#[derive(Debug, Clone, Default)]
pub enum Start {
    /// Drawn from the seed.
    #[default]
    Fresh,
    /// A run's float weights.
    Run {
        /// As `float.bpk` holds them.
        weights: Vec<u8>,
        /// Its network.
        architecture: Architecture,
        /// For `config.json`.
        started: Started,
    },
    /// A bundle's int8 weights.
    Bundle {
        /// Its learned layers.
        unfolded: Box<Unfolded>,
        /// For `config.json`.
        started: Started,
    },
}

impl Start {
    /// From a trained run.
    pub fn of_run(folder: &RunFolder) -> Result<Start, TrainingError> {
        folder.needs(FLOAT, "train --out")?;
        let weights = folder.read(FLOAT)?;
        let started = Started { from: "run".to_owned(), digest: run_folder::digest(&weights) };
        Ok(Start::Run { weights, architecture: folder.config()?.settings.architecture, started })
    }

    /// From a checked bundle; `bytes` are the whole file, for its digest.
    pub fn of_bundle(bundle: &Bundle, bytes: &[u8], path: &Path) -> Result<Start, TrainingError> {
        let manifest = bundle.manifest();
        let unfolded = unfold(&manifest.network, bundle.tensors())
            .map_err(|error: UnfoldError| TrainingError::Start { path: path.to_owned(), error })?;
        let from = format!(
            "bundle {} version {}, made from {}",
            manifest.name, manifest.version, manifest.made_from
        );
        let started = Started { from, digest: run_folder::digest(bytes) };
        Ok(Start::Bundle { unfolded: Box::new(unfolded), started })
    }

    /// The start's network, and smaller and fewer steps than from fresh weights.
    pub fn adapt(&self, settings: &mut Settings) {
        settings.architecture = match self {
            Start::Fresh => return,
            Start::Run { architecture, .. } => architecture.clone(),
            Start::Bundle { unfolded, .. } => unfolded.architecture.clone(),
        };
        settings.epochs = (settings.epochs / FEWER_EPOCHS).max(1);
        settings.learning_rate /= SLOWER;
    }

    /// For `config.json`.
    pub fn started(&self) -> Option<Started> {
        match self {
            Start::Fresh => None,
            Start::Run { started, .. } | Start::Bundle { started, .. } => Some(started.clone()),
        }
    }

    /// The network to train. A bundle's batch norm is measured on `looks`, which must be training pictures.
    pub fn net(&self, settings: &Settings, looks: &[Crop], device: &Device) -> Result<Net, TrainingError> {
        let net = Net::new(&settings.architecture, settings.seed, device);
        match self {
            Start::Fresh => Ok(net),
            Start::Run { weights, .. } => checkpoint::with_weights(net, weights.clone())
                .map_err(|reason| TrainingError::Damaged { path: FLOAT.into(), reason }),
            Start::Bundle { unfolded, .. } => Ok(with_layers(net, unfolded, looks, device)),
        }
    }
}

/// Puts a bundle's layers into a network, whose logits then are those of the layers.
///
/// In training batch norm divides by each batch's deviation, so that a mean of 0 and a variance of 1 would make
/// another network of it at the first step. Mean and variance are therefore measured, and gamma and beta undo them.
fn with_layers(mut net: Net, unfolded: &Unfolded, looks: &[Crop], device: &Device) -> Net {
    let blocks = net.half.iter_mut().chain([&mut net.difference]).chain(&mut net.top);
    for (block, layer) in blocks.zip(&unfolded.layers) {
        let shape = block.conv.weight.dims();
        block.conv.weight = exchanged(&block.conv.weight, &layer.weights, shape, device);
        norm(block, layer, &vec![0.0; layer.outputs], &vec![1.0; layer.outputs], device);
    }
    net.head = exchanged(&net.head, &unfolded.head, [unfolded.head.len(), 1], device);
    net.head_bias = exchanged(&net.head_bias, &[unfolded.head_bias], [1], device);
    let measured = measure(&net, looks);
    let blocks = net.half.iter_mut().chain([&mut net.difference]).chain(&mut net.top);
    for ((block, layer), Moments { mean, variance }) in blocks.zip(&unfolded.layers).zip(measured) {
        norm(block, layer, &mean, &variance, device);
    }
    net
}

/// Batch norm that does nothing but add the layer's bias, whatever mean and variance are.
fn norm(block: &mut Block, layer: &FoldedLayer, mean: &[f32], variance: &[f32], device: &Device) {
    let deviation = |variance: &f32| (f64::from(*variance) + block.norm.epsilon).sqrt() as f32;
    let gamma: Vec<f32> = variance.iter().map(deviation).collect();
    let beta: Vec<f32> = layer.bias.iter().zip(mean).map(|(bias, mean)| bias + mean).collect();
    block.norm.gamma = exchanged(&block.norm.gamma, &gamma, [gamma.len()], device);
    block.norm.beta = exchanged(&block.norm.beta, &beta, [beta.len()], device);
    for (state, values) in [(&block.norm.running_mean, mean), (&block.norm.running_var, variance)] {
        state.update(Tensor::from_floats(values, device));
        state.value_sync();
    }
}

/// The same parameter with other values.
fn exchanged<const D: usize>(
    parameter: &Param<Tensor<D>>,
    values: &[f32],
    shape: [usize; D],
    device: &Device,
) -> Param<Tensor<D>> {
    let tensor = Tensor::from_data(TensorData::new(values.to_vec(), shape), device);
    let (_, value, mapper) = Param::from_tensor(tensor).consume();
    Param::from_mapped_value(parameter.id, value, mapper)
}

/// Of one layer's convolution before its batch norm, by channel.
struct Moments {
    mean: Vec<f32>,
    variance: Vec<f32>,
}

fn measure(net: &Net, looks: &[Crop]) -> Vec<Moments> {
    use burn::module::Module;
    let net = net.valid();
    let mut sums: Vec<Vec<[f64; 3]>> =
        net.blocks().map(|block| vec![[0.0; 3]; block.conv.weight.dims()[0]]).collect();
    for batch in looks.chunks(32) {
        let mut block = 0;
        let crops: Vec<&Crop> = batch.iter().collect();
        net.forward_seen(net::front(&crops), None, &mut |maps| {
            let [_, channels, height, width] = maps.dims();
            for (index, plane) in values(maps.clone()).chunks(height * width).enumerate() {
                let [count, sum, squares] = &mut sums[block][index % channels];
                *count += plane.len() as f64;
                *sum += plane.iter().map(|value| f64::from(*value)).sum::<f64>();
                *squares += plane.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>();
            }
            block += 1;
        });
    }
    let moments = |channels: Vec<[f64; 3]>| {
        let of = |&[count, sum, squares]: &[f64; 3]| {
            let mean = sum / count.max(1.0);
            (mean as f32, (squares / count.max(1.0) - mean * mean).max(1e-6) as f32)
        };
        let (mean, variance) = channels.iter().map(of).unzip();
        Moments { mean, variance }
    };
    sums.into_iter().map(moments).collect()
}

#[cfg(test)]
mod tests;
