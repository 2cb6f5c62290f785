//! Layer lists as they are written, and the checks of their order.

use super::NetworkError;
use super::tensors::Tensors;
use crate::align::{CHANNELS, INPUT_SCALE, SIZE, ZERO_POINT};
use serde::{Deserialize, Serialize};
use std::fmt;
use synkiosk_int8::{Convolution, RawConvolution};

/// Layers a network may have.
pub const MOST_LAYERS: usize = 32;

/// A network as it was written, not yet checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNetwork<H = RawHead> {
    /// What it expects to see.
    pub input: RawInput,
    /// Convolutions in their order.
    pub layers: Vec<RawLayer>,
    /// How it ends.
    pub head: H,
}

/// The input contract: u8, channels-last, `size` x `size` pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawInput {
    /// Pixels a side.
    pub size: usize,
    /// Values a pixel.
    pub channels: usize,
    /// The activation that stands for zero.
    pub zero_point: u8,
    /// Real value of one step.
    pub scale: f32,
}

/// One convolution without its tensors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawLayer {
    /// What its tensors' names begin with.
    pub name: String,
    /// Channels of its input.
    pub channels_in: usize,
    /// Channels of its output.
    pub channels_out: usize,
    /// Side of the kernel.
    pub kernel: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// Pixels of zero around the input.
    pub padding: usize,
    /// The activation that stands for zero in its input.
    pub zero_in: u8,
    /// The activation that stands for zero in its output.
    pub zero_out: u8,
    /// The least activation of its output.
    pub floor: u8,
}

/// Pool and linear output without their tensors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawHead {
    /// Channels of its input.
    pub channels: usize,
    /// The activation that stands for zero in its input.
    pub zero_in: u8,
    /// The logit for each step of the sum.
    pub scale: f32,
}

/// Linear outputs over the whole last map, without their tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOutputs {
    /// Channels of the last map.
    pub channels: usize,
    /// The activation that stands for zero in it.
    pub zero_in: u8,
    /// How many there are.
    pub outputs: usize,
}

impl RawInput {
    /// What [`crate::align`] makes.
    pub const ALIGNED: RawInput =
        RawInput { size: SIZE, channels: CHANNELS, zero_point: ZERO_POINT, scale: INPUT_SCALE };

    /// Refused unless it is what this program makes.
    pub(super) fn is(&self, made: RawInput) -> Result<(), NetworkError> {
        if *self == made { Ok(()) } else { Err(NetworkError::Input { given: *self, made }) }
    }
}

impl fmt::Display for RawInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RawInput { size, channels, zero_point, scale } = self;
        write!(f, "{size} x {size} x {channels}, zero {zero_point}, scale {scale}")
    }
}

/// The end of a network.
pub trait End {
    /// Channels of its input, and the activation that stands for zero there.
    fn begins_with(&self) -> (usize, u8);
}

impl End for RawHead {
    fn begins_with(&self) -> (usize, u8) {
        (self.channels, self.zero_in)
    }
}

impl End for RawOutputs {
    fn begins_with(&self) -> (usize, u8) {
        (self.channels, self.zero_in)
    }
}

impl<H: End> RawNetwork<H> {
    pub(super) fn layers_have_names(&self) -> Result<(), NetworkError> {
        if !(1..=MOST_LAYERS).contains(&self.layers.len()) {
            return Err(NetworkError::Layers(self.layers.len()));
        }
        for (at, RawLayer { name, .. }) in self.layers.iter().enumerate() {
            let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            let taken = name == "head" || self.layers[..at].iter().any(|layer| layer.name == *name);
            if !plain || taken || !(1..=16).contains(&name.len()) {
                return Err(NetworkError::LayerName(name.chars().take(40).collect()));
            }
        }
        Ok(())
    }

    pub(super) fn layers_form_a_chain(&self) -> Result<(), NetworkError> {
        let (mut channels, mut zero) = (self.input.channels, self.input.zero_point);
        for layer in &self.layers {
            agree(&layer.name, "channels_in", layer.channels_in, channels)?;
            agree(&layer.name, "zero_in", layer.zero_in.into(), zero.into())?;
            (channels, zero) = (layer.channels_out, layer.zero_out);
        }
        let (channels_in, zero_in) = self.head.begins_with();
        agree("head", "channels", channels_in, channels)?;
        agree("head", "zero_in", zero_in.into(), zero.into())
    }

    /// The checked convolutions with their tensors.
    pub(super) fn convolutions(&self, tensors: &mut Tensors) -> Result<Vec<Convolution>, NetworkError> {
        let (mut height, mut width) = (self.input.size, self.input.size);
        let mut convolutions = Vec::new();
        for layer in &self.layers {
            let &RawLayer { channels_in, channels_out, kernel, .. } = layer;
            let raw = RawConvolution {
                height,
                width,
                channels_in,
                channels_out,
                kernel,
                stride: layer.stride,
                padding: layer.padding,
                weights: tensors.take(&layer.name, "weight", &[channels_out, kernel, kernel, channels_in])?,
                bias: tensors.take(&layer.name, "bias", &[channels_out])?,
                scale: tensors.take(&layer.name, "scale", &[channels_out])?,
                zero_in: layer.zero_in,
                zero_out: layer.zero_out,
                floor: layer.floor,
            };
            let convolution = Convolution::new(raw)
                .map_err(|error| NetworkError::Convolution(layer.name.clone(), error))?;
            (height, width) = (convolution.height_out(), convolution.width_out());
            convolutions.push(convolution);
        }
        Ok(convolutions)
    }
}

fn agree(layer: &str, what: &'static str, given: usize, needed: usize) -> Result<(), NetworkError> {
    if given == needed {
        return Ok(());
    }
    Err(NetworkError::Chain { layer: layer.to_owned(), what, given, needed })
}
