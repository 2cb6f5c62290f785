//! What a kernel is, and which one runs.

use crate::{Convolution, plane::Plane, portable::Portable};
use std::fmt;

/// One way to run convolutions, for one kind of processor.
pub trait Kernel: fmt::Debug + Send + Sync {
    /// The name on the command line, in benchmarks and in logs.
    fn name(&self) -> &'static str;

    /// What activations are XORed with where this kernel keeps them: 0x80 where the processor multiplies signed
    /// bytes only, else 0.
    fn flip(&self) -> u8;

    /// Lays the weights out as this kernel reads them, for an output that goes to `output`.
    fn pack(&self, convolution: &Convolution, output: Plane) -> Box<dyn PackedConvolution>;

    /// The sum of the products; both lists are of the same length, at most [`crate::dense::MOST_INPUTS`].
    fn dot(&self, activations: &[u8], weights: &[i8]) -> i32 {
        crate::portable::dot(activations, weights)
    }
}

/// A convolution laid out for one kernel.
pub trait PackedConvolution: fmt::Debug + Send + Sync {
    /// Runs it from a buffer of [`Plane::input_of`] and [`crate::plane::SLACK`] bytes more to one of the output's plane: the
    /// bytes of [`crate::reference::run`], all of them XORed with [`Kernel::flip`]. The output's border stays as it is.
    /// Panics where a buffer is too short.
    fn run(&self, input: &[u8], output: &mut [u8]);

    /// Bytes that the packed weights, biases and scales take.
    fn bytes(&self) -> usize;
}

/// The fastest kernel that this processor has.
pub fn best() -> &'static dyn Kernel {
    all()[0]
}

/// Every kernel that this processor has, the fastest first.
pub fn all() -> Vec<&'static dyn Kernel> {
    let mut kernels: Vec<&'static dyn Kernel> = Vec::new();
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    kernels.extend(crate::kernels::all());
    kernels.push(&Portable);
    kernels
}

/// The kernel of this name, if this processor has it.
pub fn by_name(name: &str) -> Option<&'static dyn Kernel> {
    all().into_iter().find(|kernel| kernel.name() == name)
}
