//! The operator that a tract graph is built of: a whole network.
//!
//! [`Int8Network`] takes a u8 tensor `[1, height, width, channels]` and gives two: the end's sums, i64 `[outputs]`, and the
//! last convolution's map, u8 `[1, height, width, channels]`. Its state holds the arena and both outputs, so that a run
//! allocates nothing once the caller has let go of the outputs of the run before.

use crate::{Chain, Dense, Head, chain::Arena, kernel::Kernel};
use std::{fmt, sync::Arc};
use tract_core::internal::*;

/// How a network ends.
#[derive(Debug, Clone)]
pub enum End {
    /// Pool and one linear output.
    Pool(Head),
    /// Linear outputs over the whole last map.
    Outputs(Dense),
}

impl End {
    fn inputs(&self) -> usize {
        match self {
            End::Pool(head) => head.input_length(),
            End::Outputs(dense) => dense.raw().inputs,
        }
    }

    fn outputs(&self) -> usize {
        match self {
            End::Pool(_) => 1,
            End::Outputs(dense) => dense.raw().outputs,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            End::Pool(head) => head.raw().weights.len(),
            // One byte each, and bias and start of each output.
            End::Outputs(dense) => dense.raw().weights.len() + 16 * dense.raw().outputs,
        }
    }

    fn run(&self, map: &[u8], sums: &mut [i64], kernel: &dyn Kernel) {
        match self {
            End::Pool(head) => sums[0] = head.run(map),
            End::Outputs(dense) => dense.run(map, sums, kernel),
        }
    }
}

/// Convolutions and an end as a node of a graph.
#[derive(Clone)]
pub struct Int8Network {
    shared: Arc<Shared>,
}

struct Shared {
    chain: Chain,
    end: End,
    kernel: &'static dyn Kernel,
    multiply_accumulates: u64,
}

impl Int8Network {
    /// Both packed for `kernel`; the multiply-accumulates are what tract may say of the node's cost.
    pub fn new(
        chain: Chain,
        end: End,
        kernel: &'static dyn Kernel,
        multiply_accumulates: u64,
    ) -> Int8Network {
        Int8Network { shared: Arc::new(Shared { chain, end, kernel, multiply_accumulates }) }
    }

    /// Bytes of packed weights, and of the state of one run.
    pub fn bytes(&self) -> usize {
        let Shared { chain, end, .. } = &*self.shared;
        chain.bytes() + chain.arena().bytes() + chain.output().length() + end.bytes() + 8 * end.outputs()
    }

    fn output_shape(&self) -> [usize; 4] {
        let map = self.shared.chain.output();
        [1, map.height, map.width, map.channels]
    }

    fn input_shape(&self) -> [usize; 4] {
        let input = self.shared.chain.input();
        [1, input.height, input.width, input.channels]
    }
}

impl fmt::Debug for Int8Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Int8Network({:?}, {})", self.shared.chain, self.shared.kernel.name())
    }
}

/// Two are equal where they share their weights.
impl PartialEq for Int8Network {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Eq for Int8Network {}

impl Op for Int8Network {
    fn name(&self) -> StaticName {
        "Int8Network".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Int8Network {
    not_out_of_plan!();

    fn state(&self, _ctx: &EvalContext) -> TractResult<Option<Box<dyn OpState>>> {
        Ok(Some(Box::new(State {
            arena: self.shared.chain.arena(),
            sums: Arc::new(Tensor::zero::<i64>(&[self.shared.end.outputs()])?),
            map: Arc::new(Tensor::zero::<u8>(&self.output_shape())?),
            network: self.clone(),
        })))
    }
}

impl TypedOp for Int8Network {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let [input] = inputs else { bail!("{} inputs where one is needed", inputs.len()) };
        let needed = u8::fact(self.input_shape());
        ensure!(
            input.datum_type == needed.datum_type && input.shape == needed.shape,
            "input {input:?} where {needed:?} is needed"
        );
        let map = self.output_shape();
        let end = &self.shared.end;
        ensure!(map.iter().product::<usize>() == end.inputs(), "an end of {} on {map:?}", end.inputs());
        Ok(tvec!(i64::fact([end.outputs()]), u8::fact(map)))
    }

    fn cost(&self, _inputs: &[&TypedFact]) -> TractResult<TVec<(Cost, TDim)>> {
        Ok(tvec!((Cost::FMA(i8::datum_type()), self.shared.multiply_accumulates.into())))
    }
}

/// What changes with each picture.
#[derive(Debug, Clone)]
struct State {
    network: Int8Network,
    arena: Arena,
    sums: Arc<Tensor>,
    map: Arc<Tensor>,
}

impl OpState for State {
    fn eval(&mut self, _ctx: &EvalContext, _op: &dyn Op, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        ensure!(input.shape() == self.network.input_shape(), "input shape {:?}", input.shape());
        let Shared { chain, end, kernel, .. } = &*self.network.shared;
        let map = Arc::make_mut(&mut self.map).as_bytes_mut();
        chain.run(&mut self.arena, input.try_as_plain_ram()?.as_slice::<u8>()?, map);
        let mut sums = Arc::make_mut(&mut self.sums).try_as_plain_ram_mut()?;
        end.run(map, sums.as_slice_mut::<i64>()?, *kernel);
        Ok(tvec!(TValue::from_const(self.sums.clone()), TValue::from_const(self.map.clone())))
    }

    fn reset_lanes(&mut self, _lanes: &[LaneId]) -> TractResult<()> {
        Ok(())
    }
}
