//! The operators that a tract graph is built of.
//!
//! [`Int8Convolution`] takes and gives u8 tensors `[1, height, width, channels]`; [`Int8Head`] takes such a tensor
//! and gives an i64 tensor `[1]`, [`Int8Dense`] one `[outputs]`.

use crate::{
    Convolution, Dense, Head,
    kernel::{Kernel, PackedConvolution},
};
use std::{fmt, sync::Arc};
use tract_core::internal::*;

/// A convolution as a node of a graph.
#[derive(Clone)]
pub struct Int8Convolution {
    shared: Arc<Shared>,
}

struct Shared {
    convolution: Convolution,
    packed: Box<dyn PackedConvolution>,
    kernel: &'static str,
}

impl Int8Convolution {
    /// Packs the weights for `kernel`.
    pub fn new(convolution: Convolution, kernel: &dyn Kernel) -> Int8Convolution {
        let packed = kernel.pack(&convolution);
        Int8Convolution { shared: Arc::new(Shared { convolution, packed, kernel: kernel.name() }) }
    }

    fn input_shape(&self) -> [usize; 4] {
        let raw = self.shared.convolution.raw();
        [1, raw.height, raw.width, raw.channels_in]
    }

    fn output_shape(&self) -> [usize; 4] {
        let convolution = &self.shared.convolution;
        [1, convolution.height_out(), convolution.width_out(), convolution.raw().channels_out]
    }
}

impl fmt::Debug for Int8Convolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Int8Convolution({:?}, {})", self.shared.convolution, self.shared.kernel)
    }
}

/// Two are equal where they share their weights.
impl PartialEq for Int8Convolution {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Eq for Int8Convolution {}

impl Op for Int8Convolution {
    fn name(&self) -> StaticName {
        "Int8Convolution".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Int8Convolution {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        ensure!(input.shape() == self.input_shape(), "input shape {:?}", input.shape());
        let mut output = Tensor::zero::<u8>(&self.output_shape())?;
        let activations = input.try_as_plain_ram()?;
        self.shared
            .packed
            .run(activations.as_slice::<u8>()?, output.try_as_plain_ram_mut()?.as_slice_mut::<u8>()?);
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for Int8Convolution {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        expect_input(inputs, &u8::fact(self.input_shape()))?;
        Ok(tvec!(u8::fact(self.output_shape())))
    }

    fn cost(&self, _inputs: &[&TypedFact]) -> TractResult<TVec<(Cost, TDim)>> {
        Ok(tvec!((Cost::FMA(i8::datum_type()), self.shared.convolution.multiply_accumulates().into())))
    }
}

/// Pool and linear output as a node of a graph.
#[derive(Debug, Clone)]
pub struct Int8Head {
    head: Arc<Head>,
    input_shape: [usize; 4],
}

impl Int8Head {
    /// For an input of this many rows and columns, which must be the head's pixels.
    pub fn new(head: Head, height: usize, width: usize) -> Int8Head {
        let input_shape = [1, height, width, head.raw().channels];
        Int8Head { head: Arc::new(head), input_shape }
    }
}

/// Two are equal where they share their weights.
impl PartialEq for Int8Head {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.head, &other.head) && self.input_shape == other.input_shape
    }
}

impl Eq for Int8Head {}

impl Op for Int8Head {
    fn name(&self) -> StaticName {
        "Int8Head".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Int8Head {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        ensure!(input.shape() == self.input_shape, "input shape {:?}", input.shape());
        let sum = self.head.run(input.try_as_plain_ram()?.as_slice::<u8>()?);
        Ok(tvec!(tensor1(&[sum]).into_tvalue()))
    }
}

impl TypedOp for Int8Head {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        ensure!(
            self.input_shape.iter().product::<usize>() == self.head.input_length(),
            "a head of {} pixels on {:?}",
            self.head.raw().pixels,
            self.input_shape
        );
        expect_input(inputs, &u8::fact(self.input_shape))?;
        Ok(tvec!(i64::fact([1])))
    }
}

/// Linear outputs over a whole map as a node of a graph.
#[derive(Debug, Clone)]
pub struct Int8Dense {
    dense: Arc<Dense>,
    input_shape: [usize; 4],
}

impl Int8Dense {
    /// For an input of this shape, which must hold the dense layer's inputs.
    pub fn new(dense: Dense, height: usize, width: usize, channels: usize) -> Int8Dense {
        Int8Dense { dense: Arc::new(dense), input_shape: [1, height, width, channels] }
    }
}

/// Two are equal where they share their weights.
impl PartialEq for Int8Dense {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.dense, &other.dense) && self.input_shape == other.input_shape
    }
}

impl Eq for Int8Dense {}

impl Op for Int8Dense {
    fn name(&self) -> StaticName {
        "Int8Dense".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Int8Dense {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        ensure!(input.shape() == self.input_shape, "input shape {:?}", input.shape());
        let sums = self.dense.run(input.try_as_plain_ram()?.as_slice::<u8>()?);
        Ok(tvec!(tensor1(&sums).into_tvalue()))
    }
}

impl TypedOp for Int8Dense {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let raw = self.dense.raw();
        ensure!(
            self.input_shape.iter().product::<usize>() == raw.inputs,
            "{} inputs on {:?}",
            raw.inputs,
            self.input_shape
        );
        expect_input(inputs, &u8::fact(self.input_shape))?;
        Ok(tvec!(i64::fact([raw.outputs])))
    }
}

fn expect_input(inputs: &[&TypedFact], expected: &TypedFact) -> TractResult<()> {
    let [input] = inputs else { bail!("{} inputs where one is needed", inputs.len()) };
    ensure!(
        input.datum_type == expected.datum_type && input.shape == expected.shape,
        "input {input:?} where {expected:?} is needed"
    );
    Ok(())
}
