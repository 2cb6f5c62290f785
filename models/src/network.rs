//! The network: a checked layer list and its tensors become a graph that tract runs.
//!
//! `graph` is the only module that names tract. The layer list stands in the manifest:
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
//!
//! A network of landmarks ends otherwise: `[landmarks.head]` has `channels`, `zero_in` and `outputs`, and its tensors are
//! `head.weight` (I8, `[outputs, row, column, in]`), `head.bias` (I64, `[outputs]`) and `head.scale` (F32, `[outputs]`,
//! the value of one step).

mod error;
mod graph;
mod logit;
mod outputs;
mod raw;
mod tensors;

pub use error::NetworkError;
pub use logit::{ActivationMap, Logit, Network};
pub use outputs::OutputsNetwork;
pub use raw::{End, MOST_LAYERS, RawHead, RawInput, RawLayer, RawNetwork, RawOutputs};
pub(crate) use tensors::read as read_tensors;

pub use synkiosk_int8::kernel;

use synkiosk_int8::Convolution;

/// Multiply-accumulates a picture may cost: what the slowest board answers in time.
pub const MOST_MULTIPLY_ACCUMULATES: u64 = 60_000_000;
/// Bytes its tensors may take.
pub const MOST_BYTES: usize = 16 << 20;

fn within_the_budget(convolutions: &[Convolution]) -> Result<u64, NetworkError> {
    let total = convolutions.iter().map(Convolution::multiply_accumulates).sum();
    if total > MOST_MULTIPLY_ACCUMULATES { Err(NetworkError::TooSlow(total)) } else { Ok(total) }
}
