//! What the fast kernels share: the loop over the tiles of a layer. Each kernel's file brings the tile itself.

use crate::{
    Convolution,
    kernel::{Kernel, PackedConvolution},
    plane::Plane,
    tiles::{Block, Format, Layer},
};
use std::fmt;

/// Runs one block of a layer.
///
/// Safety: the processor has the features of the kernel that made it, and the buffers passed [`Layer::check`].
pub(super) type Run = unsafe fn(&Layer, &Block, *const u8, *mut u8);

/// A kernel that cuts layers into tiles. Each file holds one, and gives it away only where the processor has its features.
pub(super) struct TiledKernel {
    pub(super) name: &'static str,
    pub(super) format: Format,
    /// For tiles of so many pixels and vectors.
    pub(super) run_of: fn(usize, usize) -> Run,
    /// Safety: the processor has the features.
    pub(super) dot: unsafe fn(&[u8], &[i8]) -> i32,
}

impl fmt::Debug for TiledKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Kernel for TiledKernel {
    fn name(&self) -> &'static str {
        self.name
    }

    fn flip(&self) -> u8 {
        self.format.flip
    }

    fn pack(&self, convolution: &Convolution, output: Plane) -> Box<dyn PackedConvolution> {
        let layer = Layer::new(convolution, output, &self.format);
        let runs = layer.blocks.iter().map(|block| (self.run_of)(block.pixels, block.vectors)).collect();
        Box::new(Tiled { name: self.name, layer, runs })
    }

    fn dot(&self, activations: &[u8], weights: &[i8]) -> i32 {
        assert_eq!(activations.len(), weights.len());
        // SAFETY: the processor has the features, or this kernel would not have been given away.
        unsafe { (self.dot)(activations, weights) }
    }
}

/// A layer with the function for each of its blocks.
struct Tiled {
    name: &'static str,
    layer: Layer,
    runs: Vec<Run>,
}

impl fmt::Debug for Tiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name, self.layer.blocks)
    }
}

impl PackedConvolution for Tiled {
    fn run(&self, input: &[u8], output: &mut [u8]) {
        self.layer.check(input, output);
        for (block, run) in self.layer.blocks.iter().zip(&self.runs) {
            // SAFETY: the processor has the features, and the buffers were checked against the layer.
            unsafe { run(&self.layer, block, input.as_ptr(), output.as_mut_ptr()) }
        }
    }

    fn bytes(&self) -> usize {
        self.layer.bytes()
    }
}

/// Makes `run_of` for one kernel: the loop over a block's tiles, compiled for the kernel's features and for each shape of
/// a tile that its format allows, around the file's own `sums` and `store`.
macro_rules! run_of {
    ($features:literal, $($vectors:literal: $($pixels:literal)*;)*) => {
        fn run_of(pixels: usize, vectors: usize) -> $crate::kernels::tiled::Run {
            match (pixels, vectors) {
                $($(($pixels, $vectors) => block::<$pixels, $vectors>,)*)*
                _ => unreachable!("no tile of {pixels} pixels x {vectors} vectors"),
            }
        }

        /// Safety: that of [`super::tiled::Run`].
        #[target_feature(enable = $features)]
        unsafe fn block<const PIXELS: usize, const VECTORS: usize>(
            layer: &Layer,
            block: &Block,
            input: *const u8,
            output: *mut u8,
        ) {
            for row in 0..layer.rows {
                let mut column = 0;
                while column < layer.columns {
                    let left = column.min(layer.columns - PIXELS);
                    // SAFETY: the windows and the output pixels of this row from `left` on lie within the buffers.
                    unsafe {
                        let window = input.add(row * layer.input_down + left * layer.input_step);
                        let pixel = layer.output_start + row * layer.output_row + left * layer.channels_out;
                        let sums = sums::<PIXELS, VECTORS>(layer, block, window);
                        store::<PIXELS, VECTORS>(
                            layer,
                            block,
                            sums.as_ptr().cast(),
                            output.add(pixel + block.channel),
                        );
                    }
                    column += PIXELS;
                }
            }
        }
    };
}
pub(super) use run_of;
