//! Why a network was refused.

use super::raw::{MOST_LAYERS, RawInput};
use super::{MOST_BYTES, MOST_MULTIPLY_ACCUMULATES};
use synkiosk_int8::{ConvolutionError, HeadError};

/// Why a network was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// Its input is not what this program makes.
    #[error("the network's input is {given}, this program makes {made}")]
    Input {
        /// What was written.
        given: RawInput,
        /// What this program makes.
        made: RawInput,
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
    /// Not as many outputs as there are things to measure.
    #[error("the network has {given} outputs, {needed} are measured")]
    Outputs {
        /// What was written.
        given: usize,
        /// What is needed.
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
            NetworkError::Layers(_)
            | NetworkError::LayerName(_)
            | NetworkError::Chain { .. }
            | NetworkError::Outputs { .. } => "write the layer list as quantize does",
            NetworkError::Convolution(_, error) => error.help(),
            NetworkError::Head(error) => error.help(),
            NetworkError::HeadScale(_) => "quantize again; training may have diverged",
            NetworkError::TooSlow(_) => "train a smaller network",
            NetworkError::Graph(_) => "report it together with the bundle",
        }
    }
}
