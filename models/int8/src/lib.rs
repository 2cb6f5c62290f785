//! The int8 convolution of the networks: its definition, its kernels, and the operator that tract runs.
//!
//! The arithmetic is defined once, in [`reference`], and every kernel gives the same bits on every processor.
//! A fast kernel is one more file in `kernels`, and one more line in its `all`.
#![deny(unsafe_code)]

pub mod convolution;
pub mod reference;
pub mod requantization;

pub mod kernel;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[expect(unsafe_code, reason = "instructions that only some processors have")]
mod kernels;
pub mod plane;
pub mod portable;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod tiles;

pub mod chain;
pub mod dense;
pub mod head;
pub mod operator;

pub use chain::{Arena, Chain, ChainError};
pub use convolution::{Convolution, ConvolutionError, RawConvolution};
pub use dense::{Dense, RawDense};
pub use head::{Head, HeadError, RawHead};
