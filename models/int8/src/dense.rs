//! Another end of a network: linear outputs over every activation of a small map, in integers.
//!
//! `sum[o]` = bias\[o\] + for each activation: weight\[o\]\[k\] * (x\[k\] - zero_in). Nothing is rounded; whoever reads the
//! sums scales them.

use crate::head::{HeadError, MOST_BIAS};

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
}

impl Dense {
    /// Checks all of it.
    pub fn new(raw: RawDense) -> Result<Dense, HeadError> {
        raw.dimensions_are_bounded()?;
        raw.weights_are_symmetric()?;
        raw.biases_are_bounded()?;
        Ok(Dense { raw })
    }

    /// What was written and found good.
    pub fn raw(&self) -> &RawDense {
        &self.raw
    }

    /// The sums of one map. Panics where the length is not that of the inputs.
    pub fn run(&self, input: &[u8]) -> Vec<i64> {
        let RawDense { inputs, zero_in, weights, bias, .. } = &self.raw;
        assert_eq!(input.len(), *inputs);
        let activations: Vec<i32> = input.iter().map(|x| i32::from(*x) - i32::from(*zero_in)).collect();
        let sum = |weights: &[i8]| -> i32 {
            activations.iter().zip(weights).map(|(x, weight)| x * i32::from(*weight)).sum()
        };
        weights
            .chunks_exact(*inputs)
            .zip(bias)
            .map(|(weights, bias)| bias + i64::from(sum(weights)))
            .collect()
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

    fn good() -> RawDense {
        RawDense {
            inputs: 3,
            outputs: 2,
            zero_in: 10,
            weights: vec![1, -2, 127, 0, 3, -127],
            bias: vec![5, -7],
        }
    }

    #[test]
    fn sums_by_hand() {
        let dense = Dense::new(good()).unwrap();
        assert_eq!(dense.run(&[0, 255, 12]), [5 - 10 - 490 + 254, -7 + 735 - 254]);
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
        let sum = Dense::new(raw).unwrap().run(&vec![255; inputs])[0];
        assert_eq!(sum, -127 * 255 * inputs as i64);
    }
}
