//! What a kernel is, and which one runs.

use crate::{Convolution, portable::Portable};
use std::fmt;

/// One way to run convolutions, for one kind of processor.
pub trait Kernel: fmt::Debug + Send + Sync {
    /// The name in benchmarks and logs.
    fn name(&self) -> &'static str;
    /// Lays the weights out as this kernel reads them.
    fn pack(&self, convolution: &Convolution) -> Box<dyn PackedConvolution>;
}

/// A convolution laid out for one kernel.
pub trait PackedConvolution: fmt::Debug + Send + Sync {
    /// Runs it: the bytes of [`crate::reference::run`]. Panics where the lengths are not those of the convolution.
    fn run(&self, input: &[u8], output: &mut [u8]);
}

/// The fastest kernel that this processor has.
pub fn best() -> &'static dyn Kernel {
    &Portable
}

/// Every kernel that this processor has, the fastest first; for tests and benchmarks.
pub fn all() -> Vec<&'static dyn Kernel> {
    vec![&Portable]
}
