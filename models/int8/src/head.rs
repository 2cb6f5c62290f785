//! The end of a network: global average pool and one linear output, both in integers.
//!
//! `sum` = bias + for each channel: weight * sum over the pixels of `(x - zero_in)`. The average's division is
//! left to whoever scales the sum, so nothing is rounded here.

use crate::convolution::{MOST_CHANNELS, MOST_SIDE};

/// Most pixels of a channel: 255 * 2^20 fits an i32.
pub const MOST_PIXELS: usize = MOST_SIDE * MOST_SIDE;
/// Largest bias, either way: beside it the sum, at most 2^45, fits an i64 by far.
pub const MOST_BIAS: i64 = 1 << 53;

/// A head as it was written, not yet checked.
#[derive(Debug, Clone, Default)]
pub struct RawHead {
    /// Pixels of each channel.
    pub pixels: usize,
    /// Channels of the input.
    pub channels: usize,
    /// The activation that stands for zero in the input.
    pub zero_in: u8,
    /// One for each channel, -127 to 127.
    pub weights: Vec<i8>,
    /// In steps of the sum.
    pub bias: i64,
}

/// A checked head.
#[derive(Debug, Clone)]
pub struct Head {
    raw: RawHead,
}

/// Why a head was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// A dimension is out of its range.
    #[error("the head's number of {what} is {value}, not 1 to {most}")]
    Dimension {
        /// Which one.
        what: &'static str,
        /// What was written.
        value: usize,
        /// The most that is taken.
        most: usize,
    },
    /// Not one weight for each channel.
    #[error("the head has {given} weights for {channels} channels")]
    Weights {
        /// Weights that came.
        given: usize,
        /// Channels of the input.
        channels: usize,
    },
    /// Not one bias for each output.
    #[error("the head has {given} biases for {outputs} outputs")]
    Biases {
        /// Biases that came.
        given: usize,
        /// Outputs of the head.
        outputs: usize,
    },
    /// A weight of -128, which has no opposite.
    #[error("the head's weight {0} is -128")]
    Weight(usize),
    /// The bias is out of range.
    #[error("the head's bias is {0}, not within 2^53 of zero")]
    Bias(i64),
}

impl HeadError {
    /// What the maker of the network can do.
    pub fn help(&self) -> &'static str {
        match self {
            HeadError::Dimension { .. } => "build the network within these bounds",
            HeadError::Weights { .. } => "write one weight for each channel of the last layer",
            HeadError::Biases { .. } => "write one bias for each output",
            HeadError::Weight(_) => "quantize weights to -127..=127",
            HeadError::Bias(_) => "quantize the head with larger steps",
        }
    }
}

impl Head {
    /// Checks all of it.
    pub fn new(raw: RawHead) -> Result<Head, HeadError> {
        raw.dimensions_are_bounded()?;
        raw.weights_are_symmetric()?;
        raw.bias_is_bounded()?;
        Ok(Head { raw })
    }

    /// What was written and found good.
    pub fn raw(&self) -> &RawHead {
        &self.raw
    }

    /// Bytes of an input.
    pub fn input_length(&self) -> usize {
        self.raw.pixels * self.raw.channels
    }

    /// The sum of `[pixel][channel]`. Panics where the length is not that of the head.
    pub fn run(&self, input: &[u8]) -> i64 {
        assert_eq!(input.len(), self.input_length());
        let mut pooled = [0_i32; MOST_CHANNELS];
        let pooled = &mut pooled[..self.raw.channels];
        for pixel in input.chunks_exact(self.raw.channels) {
            for (sum, activation) in pooled.iter_mut().zip(pixel) {
                *sum += i32::from(*activation) - i32::from(self.raw.zero_in);
            }
        }
        let products =
            pooled.iter().zip(&self.raw.weights).map(|(sum, weight)| i64::from(*sum) * i64::from(*weight));
        self.raw.bias + products.sum::<i64>()
    }
}

impl RawHead {
    fn dimensions_are_bounded(&self) -> Result<(), HeadError> {
        for (what, value, most) in
            [("pixels", self.pixels, MOST_PIXELS), ("channels", self.channels, MOST_CHANNELS)]
        {
            if !(1..=most).contains(&value) {
                return Err(HeadError::Dimension { what, value, most });
            }
        }
        Ok(())
    }

    fn weights_are_symmetric(&self) -> Result<(), HeadError> {
        if self.weights.len() != self.channels {
            return Err(HeadError::Weights { given: self.weights.len(), channels: self.channels });
        }
        match self.weights.iter().position(|weight| *weight == i8::MIN) {
            Some(at) => Err(HeadError::Weight(at)),
            None => Ok(()),
        }
    }

    fn bias_is_bounded(&self) -> Result<(), HeadError> {
        if (-MOST_BIAS..=MOST_BIAS).contains(&self.bias) { Ok(()) } else { Err(HeadError::Bias(self.bias)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> RawHead {
        RawHead { pixels: 2, channels: 3, zero_in: 10, weights: vec![1, -2, 127], bias: 1000 }
    }

    #[test]
    fn sums_by_hand() {
        let head = Head::new(good()).unwrap();
        // Channels pool to (0 - 10) + (10 - 10), (255 - 10) + (11 - 10), (10 - 10) + (13 - 10).
        assert_eq!(head.run(&[0, 255, 10, 10, 11, 13]), 1000 - 10 - 2 * 246 + 127 * 3);
    }

    #[test]
    fn one_defect_each() {
        let refusal = |change: &dyn Fn(&mut RawHead)| {
            let mut raw = good();
            change(&mut raw);
            Head::new(raw).expect_err("refused").to_string()
        };
        assert_eq!(
            refusal(&|raw| raw.pixels = 4_000_000_000),
            "the head's number of pixels is 4000000000, not 1 to 1048576"
        );
        assert_eq!(refusal(&|raw| raw.channels = 0), "the head's number of channels is 0, not 1 to 1024");
        assert_eq!(refusal(&|raw| raw.weights.push(1)), "the head has 4 weights for 3 channels");
        assert_eq!(refusal(&|raw| raw.weights[1] = -128), "the head's weight 1 is -128");
        assert_eq!(
            refusal(&|raw| raw.bias = i64::MIN),
            "the head's bias is -9223372036854775808, not within 2^53 of zero"
        );
    }
}
