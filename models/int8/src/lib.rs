//! The int8 convolution of the networks: its definition, its kernels, and the operators that tract runs.
//!
//! The arithmetic is defined once, in [`reference`], and every kernel gives the same bits on every processor.
//! A fast kernel is one more file that implements [`kernel::Kernel`], and one more line in [`kernel::best`].
#![forbid(unsafe_code)]

pub mod convolution;
pub mod reference;
pub mod requantization;

pub mod kernel;
pub mod portable;

pub mod dense;
pub mod head;
pub mod operator;

pub use convolution::{Convolution, ConvolutionError, RawConvolution};
pub use dense::{Dense, RawDense};
pub use head::{Head, HeadError, RawHead};
