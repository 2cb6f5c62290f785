//! Convolutions and an end as a graph that tract runs. The only module that names tract.

use super::NetworkError;
use super::raw::RawInput;
use synkiosk_int8::{
    Chain, Convolution,
    kernel::Kernel,
    operator::{End, Int8Network},
};
use tract_core::internal::*;
use zeroize::Zeroize;

/// A graph, ready to run. Nothing is allocated from its second run on, and it holds no input between two runs.
pub(super) struct Graph {
    state: TypedSimpleState,
    /// All zeros between two runs.
    input: Arc<Tensor>,
    bytes: usize,
}

/// What a run gives. To be let go before the next run, or that one allocates.
pub(super) struct Run {
    outputs: TVec<TValue>,
}

impl Run {
    /// The end's sums.
    pub(super) fn sums(&self) -> &[i64] {
        self.tensor(0).expect("the first output is the sums")
    }

    /// The last convolution's activations, `[row][column][channel]`.
    pub(super) fn map(&self) -> &[u8] {
        self.tensor(1).expect("the second output is the map")
    }

    /// Its side.
    pub(super) fn side(&self) -> usize {
        self.outputs[1].shape()[1]
    }

    fn tensor<T: Datum>(&self, output: usize) -> TractResult<&[T]> {
        self.outputs[output].try_as_plain_ram()?.as_slice::<T>()
    }
}

impl Graph {
    pub(super) fn build(
        input: &RawInput,
        convolutions: &[Convolution],
        end: End,
        kernel: &'static dyn Kernel,
    ) -> Result<Graph, NetworkError> {
        wired(input, convolutions, end, kernel).map_err(|error| NetworkError::Graph(format!("{error:#}")))
    }

    /// Bytes of packed weights, and of all that a run works in.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Runs on `[row][column][channel]`.
    pub(super) fn run(&mut self, pixels: &[u8]) -> Run {
        self.try_run(pixels)
            .expect("the input has the shape and type that the graph was built for, and no node keeps it")
    }

    fn try_run(&mut self, pixels: &[u8]) -> TractResult<Run> {
        self.input_bytes()?.copy_from_slice(pixels);
        let outputs = self.state.run(tvec!(TValue::from_const(self.input.clone())))?;
        // The caller wipes its own pixels; this copy of them must not stay behind.
        self.input_bytes()?.zeroize();
        Ok(Run { outputs })
    }

    fn input_bytes(&mut self) -> TractResult<&mut [u8]> {
        Ok(Arc::get_mut(&mut self.input).context("the graph kept its input")?.as_bytes_mut())
    }
}

fn wired(
    input: &RawInput,
    convolutions: &[Convolution],
    end: End,
    kernel: &'static dyn Kernel,
) -> TractResult<Graph> {
    let shape = [1, input.size, input.size, input.channels];
    let mut model = TypedModel::default();
    let source = model.add_source("input", u8::fact(shape))?;
    let work = convolutions.iter().map(Convolution::multiply_accumulates).sum();
    let network = Int8Network::new(Chain::new(convolutions, kernel)?, end, kernel, work);
    let bytes = network.bytes() + shape.iter().product::<usize>();
    let outputs = model.wire_node("network", network, &[source])?;
    model.select_output_outlets(&outputs)?;
    let state = SimplePlan::new(model.into_optimized()?)?.spawn()?;
    Ok(Graph { state, input: Arc::new(Tensor::zero::<u8>(&shape)?), bytes })
}
