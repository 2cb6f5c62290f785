//! A network with several linear outputs over its last map: places and strengths.

use super::graph::Graph;
use super::raw::{RawInput, RawNetwork, RawOutputs};
use super::tensors::Tensors;
use super::{NetworkError, within_the_budget};
use std::fmt;
use synkiosk_int8::{Convolution, Dense, RawDense, kernel::Kernel, operator::End};

/// A checked network, ready to run.
pub struct OutputsNetwork {
    graph: Graph,
    scale: Vec<f32>,
    multiply_accumulates: u64,
}

impl OutputsNetwork {
    /// Checks the layer list and its tensors against the input that is made and the outputs that are needed, and
    /// builds the graph.
    pub fn build(
        raw: &RawNetwork<RawOutputs>,
        safetensors: &[u8],
        made: RawInput,
        needed: usize,
        kernel: &'static dyn Kernel,
    ) -> Result<OutputsNetwork, NetworkError> {
        raw.input.is(made)?;
        raw.layers_have_names()?;
        raw.layers_form_a_chain()?;
        if raw.head.outputs != needed {
            return Err(NetworkError::Outputs { given: raw.head.outputs, needed });
        }
        let mut tensors = Tensors::read(safetensors)?;
        let convolutions = raw.convolutions(&mut tensors)?;
        let multiply_accumulates = within_the_budget(&convolutions)?;
        let dense = raw.head.checked(&mut tensors, &convolutions)?;
        let scale: Vec<f32> = tensors.take("head", "scale", &[needed])?;
        if let Some(scale) = scale.iter().find(|scale| !(scale.is_normal() && (0.0..=1.0).contains(*scale))) {
            return Err(NetworkError::HeadScale(*scale));
        }
        tensors.none_is_left()?;
        let graph = Graph::build(&raw.input, &convolutions, End::Outputs(dense), kernel)?;
        Ok(OutputsNetwork { graph, scale, multiply_accumulates })
    }

    /// The outputs' sums for an input `[row][column][channel]`, the same on every processor.
    pub fn sums(&mut self, pixels: &[u8]) -> Vec<i64> {
        self.graph.run(pixels).sums().to_vec()
    }

    /// The outputs' values.
    pub fn values(&mut self, pixels: &[u8]) -> Vec<f32> {
        let mut values = vec![0.0; self.scale.len()];
        self.values_into(pixels, &mut values);
        values
    }

    /// The same, into memory of the caller's; allocates nothing from the second time on.
    pub fn values_into(&mut self, pixels: &[u8], values: &mut [f32]) {
        let run = self.graph.run(pixels);
        for ((value, sum), scale) in values.iter_mut().zip(run.sums()).zip(&self.scale) {
            *value = *sum as f32 * scale;
        }
    }

    /// Bytes of packed weights, and of all that a run works in.
    pub fn bytes(&self) -> usize {
        self.graph.bytes()
    }

    /// Multiply-accumulates of one picture, those of the outputs left out.
    pub fn multiply_accumulates(&self) -> u64 {
        self.multiply_accumulates
    }
}

impl fmt::Debug for OutputsNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "OutputsNetwork({} outputs, {} multiply-accumulates)",
            self.scale.len(),
            self.multiply_accumulates
        )
    }
}

impl RawOutputs {
    fn checked(&self, tensors: &mut Tensors, convolutions: &[Convolution]) -> Result<Dense, NetworkError> {
        let &RawOutputs { channels, zero_in, outputs } = self;
        let (height, width) =
            convolutions.last().map_or((0, 0), |last| (last.height_out(), last.width_out()));
        let weights = tensors.take("head", "weight", &[outputs, height, width, channels])?;
        let bias = tensors.take("head", "bias", &[outputs])?;
        Dense::new(RawDense { inputs: height * width * channels, outputs, zero_in, weights, bias })
            .map_err(NetworkError::Head)
    }
}
