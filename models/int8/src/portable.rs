//! The plain kernel, for every processor: one output after the other.
//!
//! Weights are held as 16 bits, run by run, each filled up with zeros to whole chunks, because compilers turn the loop
//! over a chunk into multiply-add instructions (`pmaddwd` on x86-64, `smlal` on arm64).

use crate::{
    Convolution,
    kernel::{Kernel, PackedConvolution},
    plane::{Plane, SLACK},
    requantization::Requantization,
    tiles,
};
use std::fmt;

/// Products that are taken at once.
const CHUNK: usize = 16;
const _: () = assert!(CHUNK <= SLACK, "a run is read up to a whole chunk");

/// The kernel.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

impl Kernel for Portable {
    fn name(&self) -> &'static str {
        "portable"
    }

    fn flip(&self) -> u8 {
        0
    }

    fn pack(&self, convolution: &Convolution, output: Plane) -> Box<dyn PackedConvolution> {
        let raw = convolution.raw();
        let run = raw.kernel * raw.channels_in;
        let chunks = run.div_ceil(CHUNK);
        let mut weights = vec![[0; CHUNK]; raw.channels_out * raw.kernel * chunks];
        for (packed, weights) in weights.chunks_exact_mut(chunks).zip(raw.weights.chunks_exact(run)) {
            for (packed, weight) in packed.as_flattened_mut().iter_mut().zip(weights) {
                *packed = i16::from(*weight);
            }
        }
        Box::new(Packed {
            input: Plane::input_of(convolution),
            output,
            kernel: raw.kernel,
            stride: raw.stride,
            chunks,
            weights,
            start: tiles::starts(convolution, 0),
            scale: raw.scale.clone(),
            requantization: Requantization::new(raw.zero_out, raw.floor),
        })
    }
}

struct Packed {
    input: Plane,
    output: Plane,
    /// Runs of a window.
    kernel: usize,
    stride: usize,
    /// Chunks of a run.
    chunks: usize,
    /// `[channel out][run][chunk]`.
    weights: Vec<[i16; CHUNK]>,
    /// The bias with the zero's share in it, one for each channel.
    start: Vec<i32>,
    scale: Vec<f32>,
    requantization: Requantization,
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "portable {:?} -> {:?}", self.input, self.output)
    }
}

impl PackedConvolution for Packed {
    fn run(&self, input: &[u8], output: &mut [u8]) {
        for (row, output) in self.output.rows_mut(output).enumerate() {
            for (column, output) in output.chunks_exact_mut(self.output.channels).enumerate() {
                let window = self.stride * (row * self.input.row() + column * self.input.channels);
                self.pixel(&input[window..], output);
            }
        }
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.weights) + size_of_val(&*self.start) + size_of_val(&*self.scale)
    }
}

impl Packed {
    /// All channels of the output pixel whose window starts at `window`.
    fn pixel(&self, window: &[u8], output: &mut [u8]) {
        let channels = output.iter_mut().zip(self.weights.chunks_exact(self.kernel * self.chunks));
        for ((output, weights), (start, scale)) in channels.zip(self.start.iter().zip(&self.scale)) {
            let runs = weights.chunks_exact(self.chunks).enumerate();
            // At most `255 * sum|w|`, which was checked to fit; only what it is added to may wrap and wrap back.
            let sum: i32 = runs.map(|(run, weights)| self.run(window, run, weights)).sum();
            *output = self.requantization.apply(start.wrapping_add(sum), *scale);
        }
    }

    #[inline(always)]
    fn run(&self, window: &[u8], run: usize, weights: &[[i16; CHUNK]]) -> i32 {
        let activations = &window[run * self.input.row()..][..weights.len() * CHUNK];
        let chunks = activations.as_chunks::<CHUNK>().0.iter().zip(weights);
        chunks.map(|(activations, weights)| dot_chunk(activations, weights)).sum()
    }
}

#[inline(always)]
fn dot_chunk(activations: &[u8; CHUNK], weights: &[i16; CHUNK]) -> i32 {
    let mut sum = 0;
    for (activation, weight) in activations.iter().zip(weights) {
        sum += i32::from(*activation) * i32::from(*weight);
    }
    sum
}

/// The sum of the products of two lists of one length.
#[inline(always)]
pub fn dot(activations: &[u8], weights: &[i8]) -> i32 {
    let products = activations.iter().zip(weights);
    products.map(|(activation, weight)| i32::from(*activation) * i32::from(*weight)).sum()
}
