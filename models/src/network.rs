//! The network: a checked layer list and its tensors become a graph that tract runs.
//!
//! This is the only module that names tract. The layer list stands in the manifest:
//!
//! ```toml
//! [network.input]            # must be what `align` makes
//! size = 128                 # pixels a side
//! channels = 2
//! zero_point = 128           # the activation that stands for zero
//! scale = 0.020833334        # real value of one step, 1/48
//!
//! [[network.layers]]         # square convolutions, one after the other
//! name = "c1"                # its tensors are c1.weight, c1.bias and c1.scale
//! channels_in = 2
//! channels_out = 16
//! kernel = 3
//! stride = 2
//! padding = 1
//! zero_in = 128
//! zero_out = 0
//! floor = 0                  # the least activation; zero_out fuses a ReLU
//!
//! [network.head]             # global average pool and one linear output, in integers
//! channels = 96
//! zero_in = 0
//! scale = 1.2e-6             # logit for each step of the sum; holds the average's division
//! ```
//!
//! The tensors stand in a safetensors file: for each layer `NAME.weight` (I8, `[out, row, column, in]`),
//! `NAME.bias` (I32, `[out]`) and `NAME.scale` (F32, `[out]`); `head.weight` (I8, `[in]`) and `head.bias` (I64,
//! `[1]`). The arithmetic is that of `synkiosk_int8::reference`.

mod tensors;

use crate::align::{CHANNELS, Crop, INPUT_SCALE, SIZE, ZERO_POINT};
use serde::{Deserialize, Serialize};
use std::fmt;
use synkiosk_int8::{
    Convolution, ConvolutionError, Head, HeadError, RawConvolution,
    kernel::{self, Kernel},
    operator::{Int8Convolution, Int8Head},
};
use tensors::Tensors;
pub(crate) use tensors::read as read_tensors;
use tract_core::internal::*;
use zeroize::Zeroize;

/// Multiply-accumulates a picture may cost: what the slowest board answers in time.
pub const MOST_MULTIPLY_ACCUMULATES: u64 = 60_000_000;
/// Layers a network may have.
pub const MOST_LAYERS: usize = 32;
/// Bytes its tensors may take.
pub const MOST_BYTES: usize = 16 << 20;

/// A network as it was written, not yet checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNetwork {
    /// What it expects to see.
    pub input: RawInput,
    /// Convolutions in their order.
    pub layers: Vec<RawLayer>,
    /// Pool and linear output.
    pub head: RawHead,
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

impl RawInput {
    /// What [`crate::align`] makes.
    pub const ALIGNED: RawInput =
        RawInput { size: SIZE, channels: CHANNELS, zero_point: ZERO_POINT, scale: INPUT_SCALE };
}

impl fmt::Display for RawInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RawInput { size, channels, zero_point, scale } = self;
        write!(f, "{size} x {size} x {channels}, zero {zero_point}, scale {scale}")
    }
}

/// Why a network was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// Its input is not what `align` makes.
    #[error("the network's input is {given}, this program makes {made}", made = RawInput::ALIGNED)]
    Input {
        /// What was written.
        given: RawInput,
    },
    /// No layer, or too many.
    #[error("the network has {0} layers, not 1 to {MOST_LAYERS}")]
    Layers(usize),
    /// A name that is empty, long, taken twice, or not of small letters and digits.
    #[error("\"{0}\" cannot name a layer")]
    LayerName(String),
    /// A layer does not begin where the one before ends.
    #[error("layer {layer} has {what} {given}, what comes before it gives {needed}")]
    Chain {
        /// The layer.
        layer: String,
        /// What does not agree.
        what: &'static str,
        /// What was written.
        given: usize,
        /// What it must be.
        needed: usize,
    },
    /// The tensors take too much memory.
    #[error("the network's tensors take {0} bytes, more than {MOST_BYTES}")]
    TooLarge(usize),
    /// The tensors cannot be read.
    #[error("the network's tensors are damaged ({0})")]
    Damaged(String),
    /// A tensor that the layer list needs.
    #[error("the tensor {0} is missing")]
    MissingTensor(String),
    /// A tensor that no layer needs.
    #[error("the tensor \"{0}\" belongs to no layer")]
    ExtraTensor(String),
    /// A tensor of another type or shape.
    #[error("the tensor {name} is {given}, the layer list needs {needed}")]
    TensorShape {
        /// The tensor.
        name: String,
        /// Its type and shape.
        given: String,
        /// The type and shape it must have.
        needed: String,
    },
    /// A convolution out of its bounds.
    #[error("layer {0}: {1}")]
    Convolution(String, ConvolutionError),
    /// A head out of its bounds.
    #[error("{0}")]
    Head(HeadError),
    /// A head scale that is zero, negative, subnormal, huge or no number.
    #[error("the head's scale is {0}, not a normal number above zero and up to one")]
    HeadScale(f32),
    /// More work than a picture may cost.
    #[error("the network takes {0} multiply-accumulates a picture, more than {MOST_MULTIPLY_ACCUMULATES}")]
    TooSlow(u64),
    /// The graph could not be made.
    #[error("the network's graph cannot be built ({0})")]
    Graph(String),
}

impl NetworkError {
    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            NetworkError::Input { .. } => {
                "use a bundle made for this version of the program, or update the program"
            }
            NetworkError::Damaged(_) | NetworkError::TooLarge(_) => "copy the file again from where it came",
            NetworkError::MissingTensor(_)
            | NetworkError::ExtraTensor(_)
            | NetworkError::TensorShape { .. } => {
                "use the layer list and the tensors of one and the same quantize run"
            }
            NetworkError::Layers(_) | NetworkError::LayerName(_) | NetworkError::Chain { .. } => {
                "write the layer list as quantize does"
            }
            NetworkError::Convolution(_, error) => error.help(),
            NetworkError::Head(error) => error.help(),
            NetworkError::HeadScale(_) => "quantize again; training may have diverged",
            NetworkError::TooSlow(_) => "train a smaller network",
            NetworkError::Graph(_) => "report it together with the bundle",
        }
    }
}

/// What the network says of one crop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Logit {
    /// The integer output, the same on every processor.
    pub sum: i64,
    /// The sum times the head's scale; above 0 it leans towards synkinesis.
    pub value: f32,
}

/// A checked network, ready to run.
pub struct Network {
    state: TypedSimpleState,
    scale: f32,
    multiply_accumulates: u64,
    kernel: &'static str,
}

impl Network {
    /// Checks the layer list and its tensors, and builds the graph.
    pub fn build(raw: &RawNetwork, safetensors: &[u8]) -> Result<Network, NetworkError> {
        Network::build_with(raw, safetensors, kernel::best())
    }

    /// The same on a kernel of the caller's choice.
    pub fn build_with(
        raw: &RawNetwork,
        safetensors: &[u8],
        kernel: &dyn Kernel,
    ) -> Result<Network, NetworkError> {
        raw.input_is_what_align_makes()?;
        raw.layers_have_names()?;
        raw.layers_form_a_chain()?;
        raw.head_scale_is_normal()?;
        let mut tensors = Tensors::read(safetensors)?;
        let convolutions = raw.convolutions(&mut tensors)?;
        let multiply_accumulates = within_the_budget(&convolutions)?;
        let head = raw.head(&mut tensors, &convolutions)?;
        tensors.none_is_left()?;
        let state = graph(raw, convolutions, head, kernel)
            .map_err(|error| NetworkError::Graph(format!("{error:#}")))?;
        Ok(Network { state, scale: raw.head.scale, multiply_accumulates, kernel: kernel.name() })
    }

    /// Runs the network on one crop.
    pub fn logit(&mut self, crop: &Crop) -> Logit {
        let sum = self
            .sum(crop)
            .expect("a crop has the shape and type that the graph was built for, and no node keeps it");
        Logit { sum, value: sum as f32 * self.scale }
    }

    fn sum(&mut self, crop: &Crop) -> TractResult<i64> {
        let input = Arc::new(Tensor::from_shape(&[1, SIZE, SIZE, CHANNELS], crop.pixels())?);
        let outputs = self.state.run(tvec!(TValue::from_const(input.clone())))?;
        // The crop wipes its own pixels; this copy of them must not stay behind.
        let mut input = Arc::into_inner(input).context("the graph kept its input")?;
        input.try_as_plain_ram_mut()?.as_slice_mut::<u8>()?.zeroize();
        Ok(*outputs[0].try_as_plain_ram()?.to_scalar::<i64>()?)
    }

    /// Multiply-accumulates of one picture.
    pub fn multiply_accumulates(&self) -> u64 {
        self.multiply_accumulates
    }

    /// The int8 kernel that runs it.
    pub fn kernel_name(&self) -> &'static str {
        self.kernel
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network({} multiply-accumulates, {})", self.multiply_accumulates, self.kernel)
    }
}

impl RawNetwork {
    fn input_is_what_align_makes(&self) -> Result<(), NetworkError> {
        if self.input == RawInput::ALIGNED { Ok(()) } else { Err(NetworkError::Input { given: self.input }) }
    }

    fn layers_have_names(&self) -> Result<(), NetworkError> {
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

    fn layers_form_a_chain(&self) -> Result<(), NetworkError> {
        let (mut channels, mut zero) = (self.input.channels, self.input.zero_point);
        for layer in &self.layers {
            agree(&layer.name, "channels_in", layer.channels_in, channels)?;
            agree(&layer.name, "zero_in", layer.zero_in.into(), zero.into())?;
            (channels, zero) = (layer.channels_out, layer.zero_out);
        }
        agree("head", "channels", self.head.channels, channels)?;
        agree("head", "zero_in", self.head.zero_in.into(), zero.into())
    }

    /// Up to one, so that no sum can make a logit infinite.
    fn head_scale_is_normal(&self) -> Result<(), NetworkError> {
        let scale = self.head.scale;
        if scale.is_normal() && scale > 0.0 && scale <= 1.0 {
            Ok(())
        } else {
            Err(NetworkError::HeadScale(scale))
        }
    }

    fn convolutions(&self, tensors: &mut Tensors) -> Result<Vec<Convolution>, NetworkError> {
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

    fn head(&self, tensors: &mut Tensors, convolutions: &[Convolution]) -> Result<Head, NetworkError> {
        let pixels = convolutions.last().map_or(0, |last| last.height_out() * last.width_out());
        let weights = tensors.take("head", "weight", &[self.head.channels])?;
        let bias = tensors.take("head", "bias", &[1])?[0];
        let &RawHead { channels, zero_in, .. } = &self.head;
        Head::new(synkiosk_int8::RawHead { pixels, channels, zero_in, weights, bias })
            .map_err(NetworkError::Head)
    }
}

fn agree(layer: &str, what: &'static str, given: usize, needed: usize) -> Result<(), NetworkError> {
    if given == needed {
        return Ok(());
    }
    Err(NetworkError::Chain { layer: layer.to_owned(), what, given, needed })
}

fn within_the_budget(convolutions: &[Convolution]) -> Result<u64, NetworkError> {
    let total = convolutions.iter().map(Convolution::multiply_accumulates).sum();
    if total > MOST_MULTIPLY_ACCUMULATES { Err(NetworkError::TooSlow(total)) } else { Ok(total) }
}

fn graph(
    raw: &RawNetwork,
    convolutions: Vec<Convolution>,
    head: Head,
    kernel: &dyn Kernel,
) -> TractResult<TypedSimpleState> {
    let mut model = TypedModel::default();
    let mut wire = model.add_source("input", u8::fact([1, SIZE, SIZE, CHANNELS]))?;
    let (mut height, mut width) = (SIZE, SIZE);
    for (layer, convolution) in raw.layers.iter().zip(convolutions) {
        (height, width) = (convolution.height_out(), convolution.width_out());
        wire = model.wire_node(layer.name.as_str(), Int8Convolution::new(convolution, kernel), &[wire])?[0];
    }
    let output = model.wire_node("head", Int8Head::new(head, height, width), &[wire])?;
    model.select_output_outlets(&output)?;
    SimplePlan::new(model.into_optimized()?)?.spawn()
}
