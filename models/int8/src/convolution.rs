//! One convolution: what is written of it, and what is left after every check.

use std::fmt;

/// Most channels of an input or an output.
pub const MOST_CHANNELS: usize = 1024;
/// Largest side of a kernel.
pub const MOST_KERNEL: usize = 7;
/// Largest stride.
pub const MOST_STRIDE: usize = 4;
/// Largest side of an input, in pixels.
pub const MOST_SIDE: usize = 1024;
/// The bits beyond which an accumulator, or its scaled value, would not fit 32 bits.
const ACCUMULATOR_BOUND: i64 = i32::MAX as i64;

/// A convolution as it was written, not yet checked.
///
/// Activations are u8, channels-last: `[row][column][channel]`. A real value is `(u8 - zero) * step`.
#[derive(Debug, Clone, Default)]
pub struct RawConvolution {
    /// Rows of the input.
    pub height: usize,
    /// Columns of the input.
    pub width: usize,
    /// Channels of the input.
    pub channels_in: usize,
    /// Channels of the output.
    pub channels_out: usize,
    /// Side of the square kernel.
    pub kernel: usize,
    /// Pixels from one window to the next, in both directions.
    pub stride: usize,
    /// Pixels of value zero around the input, on every side; less than `kernel`.
    pub padding: usize,
    /// `[channel out][kernel row][kernel column][channel in]`, each -127 to 127.
    pub weights: Vec<i8>,
    /// One for each output channel, in steps of the accumulator.
    pub bias: Vec<i32>,
    /// One for each output channel: output steps for each accumulator step.
    pub scale: Vec<f32>,
    /// The activation that stands for zero in the input.
    pub zero_in: u8,
    /// The activation that stands for zero in the output.
    pub zero_out: u8,
    /// The least activation of the output; `zero_out` fuses a ReLU.
    pub floor: u8,
}

/// A checked convolution: no input of the right length can overflow it.
#[derive(Clone)]
pub struct Convolution {
    raw: RawConvolution,
    height_out: usize,
    width_out: usize,
}

/// Why a convolution was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConvolutionError {
    /// A dimension is out of its range.
    #[error("{what} is {value}, not {least} to {most}")]
    Dimension {
        /// Which one.
        what: &'static str,
        /// What was written.
        value: usize,
        /// The least that is taken.
        least: usize,
        /// The most that is taken.
        most: usize,
    },
    /// The kernel is larger than the padded input.
    #[error("a kernel of {kernel} does not fit an input of {height} x {width} with padding {padding}")]
    KernelTooLarge {
        /// Side of the kernel.
        kernel: usize,
        /// Rows of the input.
        height: usize,
        /// Columns of the input.
        width: usize,
        /// Pixels around it.
        padding: usize,
    },
    /// A list has not the length that the dimensions ask for.
    #[error("{given} {what} where the dimensions need {needed}")]
    Length {
        /// Which list.
        what: &'static str,
        /// Its length.
        given: usize,
        /// The length it must have.
        needed: usize,
    },
    /// A weight of -128, which has no opposite.
    #[error("a weight of output channel {0} is -128")]
    Weight(usize),
    /// A scale that is zero, negative, subnormal, infinite or no number.
    #[error("the scale of output channel {0} is {1}, not a normal number above zero")]
    Scale(usize, f32),
    /// The accumulator, or its scaled value, could leave 32 bits.
    #[error("output channel {0} could overflow 32 bits")]
    Overflow(usize),
}

impl ConvolutionError {
    /// What the maker of the network can do.
    pub fn help(&self) -> &'static str {
        match self {
            ConvolutionError::Dimension { .. } | ConvolutionError::KernelTooLarge { .. } => {
                "build the network within these bounds"
            }
            ConvolutionError::Length { .. } => "write tensors of the shapes that the layer list gives",
            ConvolutionError::Weight(_) => "quantize weights to -127..=127",
            ConvolutionError::Scale(..) => "drop channels that are always zero before quantizing",
            ConvolutionError::Overflow(_) => "quantize with larger steps, or with fewer input channels",
        }
    }
}

impl Convolution {
    /// Checks all of it.
    pub fn new(raw: RawConvolution) -> Result<Convolution, ConvolutionError> {
        raw.dimensions_are_bounded()?;
        raw.kernel_fits_input()?;
        raw.lengths_agree()?;
        raw.weights_are_symmetric()?;
        raw.scales_are_normal()?;
        raw.sums_fit_32_bits()?;
        let outputs = |side: usize| (side + 2 * raw.padding - raw.kernel) / raw.stride + 1;
        let (height_out, width_out) = (outputs(raw.height), outputs(raw.width));
        Ok(Convolution { raw, height_out, width_out })
    }

    /// What was written and found good.
    pub fn raw(&self) -> &RawConvolution {
        &self.raw
    }

    /// Rows of the output.
    pub fn height_out(&self) -> usize {
        self.height_out
    }

    /// Columns of the output.
    pub fn width_out(&self) -> usize {
        self.width_out
    }

    /// Bytes of an input.
    pub fn input_length(&self) -> usize {
        self.raw.height * self.raw.width * self.raw.channels_in
    }

    /// Bytes of an output.
    pub fn output_length(&self) -> usize {
        self.height_out * self.width_out * self.raw.channels_out
    }

    /// Products of one output value.
    pub fn window_length(&self) -> usize {
        self.raw.kernel * self.raw.kernel * self.raw.channels_in
    }

    /// The weights of one output channel: `[kernel row][kernel column][channel in]`.
    pub fn weights_of(&self, channel: usize) -> &[i8] {
        let length = self.window_length();
        &self.raw.weights[channel * length..(channel + 1) * length]
    }

    /// Multiply-accumulates of one run.
    pub fn multiply_accumulates(&self) -> u64 {
        self.output_length() as u64 * self.window_length() as u64
    }
}

impl fmt::Debug for Convolution {
    /// The shape only: there can be a million weights.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &RawConvolution { height, width, channels_in, channels_out, kernel, stride, padding, .. } =
            &self.raw;
        write!(f, "{height}x{width}x{channels_in} -> {}x{}x{channels_out}", self.height_out, self.width_out)?;
        write!(f, ", kernel {kernel}, stride {stride}, padding {padding}")
    }
}

impl RawConvolution {
    fn dimensions_are_bounded(&self) -> Result<(), ConvolutionError> {
        in_range("input height", self.height, 1, MOST_SIDE)?;
        in_range("input width", self.width, 1, MOST_SIDE)?;
        in_range("number of input channels", self.channels_in, 1, MOST_CHANNELS)?;
        in_range("number of output channels", self.channels_out, 1, MOST_CHANNELS)?;
        in_range("kernel", self.kernel, 1, MOST_KERNEL)?;
        in_range("stride", self.stride, 1, MOST_STRIDE)?;
        in_range("padding", self.padding, 0, self.kernel - 1)
    }

    fn kernel_fits_input(&self) -> Result<(), ConvolutionError> {
        let &RawConvolution { kernel, height, width, padding, .. } = self;
        if height.min(width) + 2 * padding < kernel {
            return Err(ConvolutionError::KernelTooLarge { kernel, height, width, padding });
        }
        Ok(())
    }

    fn lengths_agree(&self) -> Result<(), ConvolutionError> {
        let weights = self.channels_out * self.kernel * self.kernel * self.channels_in;
        same_length("weights", self.weights.len(), weights)?;
        same_length("biases", self.bias.len(), self.channels_out)?;
        same_length("scales", self.scale.len(), self.channels_out)
    }

    fn weights_are_symmetric(&self) -> Result<(), ConvolutionError> {
        let window = self.weights.len() / self.channels_out;
        match self.weights.iter().position(|weight| *weight == i8::MIN) {
            Some(at) => Err(ConvolutionError::Weight(at / window)),
            None => Ok(()),
        }
    }

    fn scales_are_normal(&self) -> Result<(), ConvolutionError> {
        match self.scale.iter().position(|scale| !(scale.is_normal() && *scale > 0.0)) {
            Some(channel) => Err(ConvolutionError::Scale(channel, self.scale[channel])),
            None => Ok(()),
        }
    }

    /// An activation is at most 255 away from zero, so an accumulator is at most `255 * sum(|w|) + |bias|` away.
    fn sums_fit_32_bits(&self) -> Result<(), ConvolutionError> {
        let window = self.weights.len() / self.channels_out;
        for (channel, weights) in self.weights.chunks_exact(window).enumerate() {
            let weight_sum: i64 = weights.iter().map(|weight| i64::from(*weight).abs()).sum();
            let most = 255 * weight_sum + i64::from(self.bias[channel]).abs();
            // With room for the arithmetic's two roundings, each under one part in 2^23.
            let scaled = most as f64 * f64::from(self.scale[channel]) * (1.0 + 1e-6);
            if most > ACCUMULATOR_BOUND || scaled > ACCUMULATOR_BOUND as f64 {
                return Err(ConvolutionError::Overflow(channel));
            }
        }
        Ok(())
    }
}

fn in_range(what: &'static str, value: usize, least: usize, most: usize) -> Result<(), ConvolutionError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ConvolutionError::Dimension { what, value, least, most })
}

fn same_length(what: &'static str, given: usize, needed: usize) -> Result<(), ConvolutionError> {
    if given == needed {
        return Ok(());
    }
    Err(ConvolutionError::Length { what, given, needed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> RawConvolution {
        RawConvolution {
            height: 4,
            width: 5,
            channels_in: 2,
            channels_out: 3,
            kernel: 3,
            stride: 1,
            padding: 1,
            weights: vec![1; 3 * 3 * 3 * 2],
            bias: vec![0; 3],
            scale: vec![0.5; 3],
            zero_in: 128,
            zero_out: 0,
            floor: 0,
        }
    }

    fn refusal(change: impl FnOnce(&mut RawConvolution)) -> String {
        let mut raw = good();
        change(&mut raw);
        let error = Convolution::new(raw).expect_err("refused");
        assert!(!error.help().is_empty());
        error.to_string()
    }

    #[test]
    fn shapes_follow() {
        let convolution = Convolution::new(good()).unwrap();
        assert_eq!((convolution.height_out(), convolution.width_out()), (4, 5));
        assert_eq!((convolution.input_length(), convolution.output_length()), (40, 60));
        assert_eq!(convolution.multiply_accumulates(), 60 * 18);
        let strided = Convolution::new(RawConvolution { stride: 2, ..good() }).unwrap();
        assert_eq!((strided.height_out(), strided.width_out()), (2, 3));
    }

    #[test]
    fn one_defect_each() {
        let four_billion = 4_000_000_000_usize;
        assert_eq!(refusal(|raw| raw.height = four_billion), "input height is 4000000000, not 1 to 1024");
        assert_eq!(refusal(|raw| raw.width = 0), "input width is 0, not 1 to 1024");
        assert_eq!(refusal(|raw| raw.channels_in = 1025), "number of input channels is 1025, not 1 to 1024");
        assert_eq!(refusal(|raw| raw.channels_out = 0), "number of output channels is 0, not 1 to 1024");
        assert_eq!(refusal(|raw| raw.kernel = 8), "kernel is 8, not 1 to 7");
        assert_eq!(refusal(|raw| raw.stride = 0), "stride is 0, not 1 to 4");
        assert_eq!(refusal(|raw| raw.padding = 3), "padding is 3, not 0 to 2");
        assert_eq!(
            refusal(|raw| (raw.height, raw.padding) = (2, 0)),
            "a kernel of 3 does not fit an input of 2 x 5 with padding 0"
        );
        assert_eq!(refusal(|raw| raw.weights.push(1)), "55 weights where the dimensions need 54");
        assert_eq!(refusal(|raw| raw.bias.push(1)), "4 biases where the dimensions need 3");
        assert_eq!(refusal(|raw| raw.scale = vec![0.5; 2]), "2 scales where the dimensions need 3");
        assert_eq!(refusal(|raw| raw.weights[20] = -128), "a weight of output channel 1 is -128");
        assert_eq!(refusal(|raw| raw.bias[2] = i32::MIN), "output channel 2 could overflow 32 bits");
        assert_eq!(refusal(|raw| raw.bias[0] = i32::MAX), "output channel 0 could overflow 32 bits");
        assert_eq!(refusal(|raw| raw.scale[0] = 1e6), "output channel 0 could overflow 32 bits");
        for bad in [f32::NAN, f32::INFINITY, 0.0, -1.0, 1e-40] {
            assert!(
                refusal(|raw| raw.scale[1] = bad).starts_with("the scale of output channel 1 is "),
                "{bad}"
            );
        }
    }
}
