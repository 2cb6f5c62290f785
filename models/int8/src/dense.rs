//! Another end of a network: linear outputs over every activation of a small map, in integers.
//!
//! `sum[o]` = bias\[o\] + for each activation: weight\[o\]\[k\] * (x\[k\] - zero_in). Nothing is rounded; whoever reads the
//! sums scales them.

use crate::{
    head::{HeadError, MOST_BIAS},
    kernel::Kernel,
};

/// Most activations: 255 * 127 * 2^16 fits an i32.
pub const MOST_INPUTS: usize = 1 << 16;
/// Most outputs.
pub const MOST_OUTPUTS: usize = 256;

/// Linear outputs as they were written, not yet checked.
#[derive(Debug, Clone, Default)]
pub struct RawDense {
    /// Activations that come in: rows, columns, channels last.
    pub inputs: usize,
    /// Sums that come out.
    pub outputs: usize,
    /// The activation that stands for zero in the input.
    pub zero_in: u8,
    /// `[output][input]`, -127 to 127.
    pub weights: Vec<i8>,
    /// One for each output, in steps of the sum.
    pub bias: Vec<i64>,
}

/// Checked linear outputs.
#[derive(Debug, Clone)]
pub struct Dense {
    raw: RawDense,
    /// `bias - zero_in * sum(weights)`.
    start: Vec<i64>,
}

impl Dense {
    /// Checks all of it.
    pub fn new(raw: RawDense) -> Result<Dense, HeadError> {
        raw.dimensions_are_bounded()?;
        raw.weights_are_symmetric()?;
        raw.biases_are_bounded()?;
        let rows = raw.weights.chunks_exact(raw.inputs).zip(&raw.bias);
        let zero = i64::from(raw.zero_in);
        let start = rows
            .map(|(weights, bias)| bias - zero * weights.iter().map(|weight| i64::from(*weight)).sum::<i64>())
            .collect();
        Ok(Dense { raw, start })
    }

    /// What was written and found good.
    pub fn raw(&self) -> &RawDense {
        &self.raw
    }

    /// The sums of one map. Panics where a length is not that of the inputs or outputs.
    pub fn run(&self, input: &[u8], sums: &mut [i64], kernel: &dyn Kernel) {
        let RawDense { inputs, outputs, weights, .. } = &self.raw;
        assert_eq!((input.len(), sums.len()), (*inputs, *outputs));
        for ((sum, start), weights) in sums.iter_mut().zip(&self.start).zip(weights.chunks_exact(*inputs)) {
            *sum = start + i64::from(kernel.dot(input, weights));
        }
    }
}

impl RawDense {
    fn dimensions_are_bounded(&self) -> Result<(), HeadError> {
        for (what, value, most) in
            [("inputs", self.inputs, MOST_INPUTS), ("outputs", self.outputs, MOST_OUTPUTS)]
        {
            if !(1..=most).contains(&value) {
                return Err(HeadError::Dimension { what, value, most });
            }
        }
        Ok(())
    }

    fn weights_are_symmetric(&self) -> Result<(), HeadError> {
        if self.weights.len() != self.inputs * self.outputs {
            return Err(HeadError::Weights {
                given: self.weights.len(),
                channels: self.inputs * self.outputs,
            });
        }
        match self.weights.iter().position(|weight| *weight == i8::MIN) {
            Some(at) => Err(HeadError::Weight(at)),
            None => Ok(()),
        }
    }

    fn biases_are_bounded(&self) -> Result<(), HeadError> {
        if self.bias.len() != self.outputs {
            return Err(HeadError::Biases { given: self.bias.len(), outputs: self.outputs });
        }
        match self.bias.iter().find(|bias| !(-MOST_BIAS..=MOST_BIAS).contains(*bias)) {
            Some(bias) => Err(HeadError::Bias(*bias)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel;

    fn good() -> RawDense {
        RawDense {
            inputs: 3,
            outputs: 2,
            zero_in: 10,
            weights: vec![1, -2, 127, 0, 3, -127],
            bias: vec![5, -7],
        }
    }

    fn run(dense: &Dense, input: &[u8]) -> Vec<i64> {
        let mut expected: Option<Vec<i64>> = None;
        for kernel in kernel::all() {
            let mut sums = vec![0; dense.raw().outputs];
            dense.run(input, &mut sums, kernel);
            assert_eq!(*expected.get_or_insert_with(|| sums.clone()), sums, "kernel {}", kernel.name());
        }
        expected.unwrap()
    }

    #[test]
    fn sums_by_hand() {
        let dense = Dense::new(good()).unwrap();
        assert_eq!(run(&dense, &[0, 255, 12]), [5 - 10 - 490 + 254, -7 + 735 - 254]);
    }

    #[test]
    fn lengths_that_fill_no_register() {
        for inputs in 1..200 {
            let weights: Vec<i8> =
                (0..inputs).map(|k| (k * 71 % 255) as u8 as i8).map(|w| w.max(-127)).collect();
            let input: Vec<u8> = (0..inputs).map(|k| (k * 37 % 256) as u8).collect();
            let products = input.iter().zip(&weights).map(|(x, w)| (i64::from(*x) - 7) * i64::from(*w));
            let expected: i64 = products.sum();
            let raw = RawDense { inputs, outputs: 1, zero_in: 7, weights, bias: vec![0] };
            assert_eq!(run(&Dense::new(raw).unwrap(), &input), [expected]);
        }
    }

    #[test]
    fn one_defect_each() {
        let refusal = |change: &dyn Fn(&mut RawDense)| {
            let mut raw = good();
            change(&mut raw);
            Dense::new(raw).expect_err("refused").to_string()
        };
        assert_eq!(refusal(&|raw| raw.inputs = 0), "the head's number of inputs is 0, not 1 to 65536");
        assert_eq!(refusal(&|raw| raw.outputs = 257), "the head's number of outputs is 257, not 1 to 256");
        assert_eq!(refusal(&|raw| raw.weights.truncate(5)), "the head has 5 weights for 6 channels");
        assert_eq!(refusal(&|raw| raw.weights[4] = -128), "the head's weight 4 is -128");
        assert_eq!(refusal(&|raw| raw.bias.truncate(1)), "the head has 1 biases for 2 outputs");
        assert_eq!(
            refusal(&|raw| raw.bias[1] = i64::MAX),
            "the head's bias is 9223372036854775807, not within 2^53 of zero"
        );
    }

    #[test]
    fn the_largest_sum_fits() {
        let inputs = MOST_INPUTS;
        let raw = RawDense { inputs, outputs: 1, zero_in: 0, weights: vec![-127; inputs], bias: vec![0] };
        assert_eq!(run(&Dense::new(raw).unwrap(), &vec![255; inputs]), [-127 * 255 * inputs as i64]);
    }
}
