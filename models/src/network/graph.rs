//! Convolutions and an end as a graph that tract runs. The only module that names tract.

use super::NetworkError;
use super::raw::{RawInput, RawLayer};
use synkiosk_int8::{
    Convolution, Dense, Head,
    kernel::Kernel,
    operator::{Int8Convolution, Int8Dense, Int8Head},
};
use tract_core::internal::*;
use zeroize::Zeroize;

/// How a graph ends.
pub(super) enum End {
    /// Pool and one linear output.
    Pool(Head),
    /// Linear outputs over the whole last map.
    Outputs(Dense),
}

/// A graph, ready to run. Its state holds no input between two runs.
pub(super) struct Graph {
    state: TypedSimpleState,
    shape: [usize; 4],
}

/// What a run gives.
pub(super) struct Run {
    /// The end's sums.
    pub(super) sums: Vec<i64>,
    /// The last convolution's activations, `[row][column][channel]`.
    pub(super) map: Vec<u8>,
    /// Its side.
    pub(super) side: usize,
}

impl Graph {
    pub(super) fn build(
        input: &RawInput,
        layers: &[RawLayer],
        convolutions: Vec<Convolution>,
        end: End,
        kernel: &dyn Kernel,
    ) -> Result<Graph, NetworkError> {
        wired(input, layers, convolutions, end, kernel)
            .map_err(|error| NetworkError::Graph(format!("{error:#}")))
    }

    /// Runs on `[row][column][channel]`.
    pub(super) fn run(&mut self, pixels: &[u8]) -> Run {
        self.try_run(pixels)
            .expect("the input has the shape and type that the graph was built for, and no node keeps it")
    }

    fn try_run(&mut self, pixels: &[u8]) -> TractResult<Run> {
        let input = Arc::new(Tensor::from_shape(&self.shape, pixels)?);
        let outputs = self.state.run(tvec!(TValue::from_const(input.clone())))?;
        // The caller wipes its own pixels; this copy of them must not stay behind.
        let mut input = Arc::into_inner(input).context("the graph kept its input")?;
        input.try_as_plain_ram_mut()?.as_slice_mut::<u8>()?.zeroize();
        Ok(Run {
            sums: outputs[0].try_as_plain_ram()?.as_slice::<i64>()?.to_vec(),
            map: outputs[1].try_as_plain_ram()?.as_slice::<u8>()?.to_vec(),
            side: outputs[1].shape()[1],
        })
    }
}

fn wired(
    input: &RawInput,
    layers: &[RawLayer],
    convolutions: Vec<Convolution>,
    end: End,
    kernel: &dyn Kernel,
) -> TractResult<Graph> {
    let shape = [1, input.size, input.size, input.channels];
    let mut model = TypedModel::default();
    let mut wire = model.add_source("input", u8::fact(shape))?;
    let [_, mut height, mut width, mut channels] = shape;
    for (layer, convolution) in layers.iter().zip(convolutions) {
        (height, width) = (convolution.height_out(), convolution.width_out());
        channels = convolution.raw().channels_out;
        wire = model.wire_node(layer.name.as_str(), Int8Convolution::new(convolution, kernel), &[wire])?[0];
    }
    let end = match end {
        End::Pool(head) => model.wire_node("head", Int8Head::new(head, height, width), &[wire])?[0],
        End::Outputs(dense) => {
            model.wire_node("head", Int8Dense::new(dense, height, width, channels), &[wire])?[0]
        }
    };
    model.select_output_outlets(&[end, wire])?;
    Ok(Graph { state: SimplePlan::new(model.into_optimized()?)?.spawn()?, shape })
}
