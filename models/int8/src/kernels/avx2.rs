//! x86-64 with AVX2 alone: 16 products an instruction (`vpmaddwd`), exact because they are of 16 bits.
//!
//! Four bytes of a window become two pairs of 16-bit values, bytes 0 and 2 by a mask, bytes 1 and 3 by a shift; the
//! weights lie in the same pairs.

use super::{
    store8::store,
    tiled::{TiledKernel, run_of},
};
use crate::{
    kernel::Kernel,
    tiles::{Block, Format, Layer},
};
use std::{arch::x86_64::*, mem::MaybeUninit};

const LANES: usize = 8;

static KERNEL: TiledKernel = TiledKernel {
    name: "avx2",
    format: Format {
        lanes: LANES,
        weight: 2,
        place: |lane, byte| byte % 2 * 2 * LANES + lane * 2 + byte / 2,
        flip: 0,
        most_pixels: &[6, 4],
        // Instructions: two multiplications and two additions a vector, mask, shift and broadcast a pixel.
        quad_time: |pixels, vectors| pixels * (4 * vectors + 3) + 2 * vectors,
        store_time: 10,
    },
    run_of,
    dot,
};

/// The kernel, where the processor has what it needs.
pub(super) fn detect() -> Option<&'static dyn Kernel> {
    is_x86_feature_detected!("avx2").then_some(&KERNEL as &dyn Kernel)
}

run_of! {
    "avx2",
    1: 1 2 3 4 5 6;
    2: 1 2 3 4;
}

type Sums<const PIXELS: usize, const VECTORS: usize> = [[__m256i; VECTORS]; PIXELS];

/// Safety: that of [`super::tiled::Run`], for the window at `input`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn sums<const PIXELS: usize, const VECTORS: usize>(
    layer: &Layer,
    block: &Block,
    input: *const u8,
) -> MaybeUninit<Sums<PIXELS, VECTORS>> {
    // SAFETY: the layer holds whole vectors of starts and `runs * quads` pairs of vectors of weights for each of the
    // block's; the window's bytes are readable, and up to three more.
    unsafe {
        let mut sums = [[_mm256_setzero_si256(); VECTORS]; PIXELS];
        for vector in 0..VECTORS {
            let start = _mm256_loadu_si256(layer.start.as_ptr().add(block.channel + vector * LANES).cast());
            for pixel in &mut sums {
                pixel[vector] = start;
            }
        }
        let even = _mm256_set1_epi16(0xff);
        let mut weights = layer.weights.as_ptr().cast::<__m256i>().byte_add(block.weights);
        for run in 0..layer.runs {
            let mut quad = input.add(run * layer.input_row);
            for _ in 0..layer.quads {
                let mut held = [[_mm256_setzero_si256(); 2]; VECTORS];
                for (vector, held) in held.iter_mut().enumerate() {
                    *held = [
                        _mm256_load_si256(weights.add(2 * vector)),
                        _mm256_load_si256(weights.add(2 * vector + 1)),
                    ];
                }
                for (pixel, sums) in sums.iter_mut().enumerate() {
                    let bytes = quad.add(pixel * layer.input_step).cast::<i32>().read_unaligned();
                    let bytes = _mm256_set1_epi32(bytes);
                    let pairs = [_mm256_and_si256(bytes, even), _mm256_srli_epi16::<8>(bytes)];
                    for (sum, held) in sums.iter_mut().zip(held) {
                        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs[0], held[0]));
                        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs[1], held[1]));
                    }
                }
                quad = quad.add(4);
                weights = weights.add(2 * VECTORS);
            }
        }
        // Written once: read through a pointer from here on, or the compiler keeps the sums in memory in the loop too.
        MaybeUninit::new(sums)
    }
}

/// The plain loop, made of what this processor has.
#[target_feature(enable = "avx2")]
unsafe fn dot(activations: &[u8], weights: &[i8]) -> i32 {
    crate::portable::dot(activations, weights)
}
