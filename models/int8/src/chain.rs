//! Convolutions one after the other, from the pixels to the last map.
//!
//! The weights are packed once. What changes with each picture lies in an [`Arena`]: the planes of all layers in one
//! piece of memory, each layer writing into the next one's plane. Nothing is converted, copied or allocated between.

use crate::{
    Convolution,
    kernel::{Kernel, PackedConvolution},
    plane::{Plane, SLACK},
};
use zeroize::Zeroize;

/// Packed convolutions.
#[derive(Debug)]
pub struct Chain {
    layers: Vec<Box<dyn PackedConvolution>>,
    /// One more than layers: the first one's input, then every output.
    planes: Vec<Plane>,
    /// The activation that stands for zero in each plane but the last.
    zeros: Vec<u8>,
    flip: u8,
}

/// The planes of one chain. Wiped when it goes.
#[derive(Debug, Clone)]
pub struct Arena {
    bytes: Vec<u8>,
}

impl Drop for Arena {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// Why convolutions form no chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// There is none.
    #[error("a chain of no convolution")]
    Empty,
    /// One does not begin where the one before ends.
    #[error("convolution {0} does not take what the one before it gives")]
    Link(usize),
}

impl Chain {
    /// Packs them for `kernel`. Each must take the shape and the zero that the one before gives.
    pub fn new(convolutions: &[Convolution], kernel: &dyn Kernel) -> Result<Chain, ChainError> {
        let last = convolutions.last().ok_or(ChainError::Empty)?;
        for (at, pair) in convolutions.windows(2).enumerate() {
            let (given, taken) = (Plane::output_of(&pair[0]), Plane::input_of(&pair[1]));
            let zeros_agree = pair[0].raw().zero_out == pair[1].raw().zero_in;
            if !zeros_agree || (Plane { border: 0, ..taken }) != given {
                return Err(ChainError::Link(at + 1));
            }
        }
        let mut planes: Vec<Plane> = convolutions.iter().map(Plane::input_of).collect();
        planes.push(Plane::output_of(last));
        let outputs = &planes[1..];
        Ok(Chain {
            layers: convolutions
                .iter()
                .zip(outputs)
                .map(|(layer, output)| kernel.pack(layer, *output))
                .collect(),
            zeros: convolutions.iter().map(|layer| layer.raw().zero_in).collect(),
            flip: kernel.flip(),
            planes,
        })
    }

    /// Memory to run in, with every border written.
    pub fn arena(&self) -> Arena {
        let mut bytes = Vec::with_capacity(self.planes.iter().map(|plane| plane.length() + SLACK).sum());
        for (at, plane) in self.planes.iter().enumerate() {
            let zero = self.zeros.get(at).map_or(0, |zero| zero ^ self.flip);
            bytes.resize(bytes.len() + plane.length() + SLACK, zero);
        }
        Arena { bytes }
    }

    /// What comes in.
    pub fn input(&self) -> Plane {
        Plane { border: 0, ..self.planes[0] }
    }

    /// What comes out.
    pub fn output(&self) -> Plane {
        self.planes[self.layers.len()]
    }

    /// How many convolutions it has.
    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    /// Bytes of weights, biases and scales.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.bytes()).sum()
    }

    /// From `[row][column][channel]` to the same of the last layer. Panics where a length or the arena is another chain's.
    /// No pixel of the input stays in the arena.
    pub fn run(&self, arena: &mut Arena, input: &[u8], output: &mut [u8]) {
        self.load(arena, input);
        for layer in 0..self.layers.len() {
            self.run_layer(arena, layer);
        }
        self.wipe_input(arena);
        self.unload(arena, output);
    }

    /// Copies the input into its plane.
    fn load(&self, arena: &mut Arena, input: &[u8]) {
        let plane = self.planes[0];
        assert_eq!(input.len(), plane.height * plane.width * plane.channels);
        let rows = input.chunks_exact(plane.width * plane.channels);
        for (inside, row) in plane.rows_mut(&mut arena.bytes).zip(rows) {
            copy_flipped(row, inside, self.flip);
        }
    }

    /// Runs one layer on what its plane holds; for benchmarks.
    pub fn run_layer(&self, arena: &mut Arena, layer: usize) {
        let start: usize = self.planes[..layer].iter().map(|plane| plane.length() + SLACK).sum();
        let length = self.planes[layer].length() + SLACK;
        let (input, output) = arena.bytes[start..].split_at_mut(length);
        self.layers[layer].run(input, output);
    }

    fn wipe_input(&self, arena: &mut Arena) {
        arena.bytes[..self.planes[0].length()].fill(self.zeros[0] ^ self.flip);
    }

    fn unload(&self, arena: &Arena, output: &mut [u8]) {
        let plane = self.output();
        assert_eq!(output.len(), plane.length());
        let start = arena.bytes.len() - plane.length() - SLACK;
        copy_flipped(&arena.bytes[start..][..plane.length()], output, self.flip);
    }
}

impl Arena {
    /// Bytes it takes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

fn copy_flipped(from: &[u8], to: &mut [u8], flip: u8) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from ^ flip;
    }
}
