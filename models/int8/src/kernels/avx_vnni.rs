//! x86-64 with AVX-VNNI: 32 products an instruction (`vpdpbusd` on 256 bits).

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
    name: "avx-vnni",
    format: Format {
        lanes: LANES,
        weight: 1,
        place: |lane, byte| lane * 4 + byte,
        flip: 0,
        most_pixels: &[12, 6],
        // Half cycles: two multiplications or two loads a cycle, and five cycles until a sum can be added to again.
        quad_time: |pixels, vectors| (pixels * vectors).max(pixels + vectors).max(10),
        store_time: 5,
    },
    run_of,
    dot,
};

/// The kernel, where the processor has what it needs.
pub(super) fn detect() -> Option<&'static dyn Kernel> {
    let has = is_x86_feature_detected!("avxvnni") && is_x86_feature_detected!("avx2");
    has.then_some(&KERNEL as &dyn Kernel)
}

run_of! {
    "avx2,avxvnni",
    1: 1 2 3 4 5 6 7 8 9 10 11 12;
    2: 1 2 3 4 5 6;
}

type Sums<const PIXELS: usize, const VECTORS: usize> = [[__m256i; VECTORS]; PIXELS];

/// Safety: that of [`super::tiled::Run`], for the window at `input`.
#[inline]
#[target_feature(enable = "avx2,avxvnni")]
unsafe fn sums<const PIXELS: usize, const VECTORS: usize>(
    layer: &Layer,
    block: &Block,
    input: *const u8,
) -> MaybeUninit<Sums<PIXELS, VECTORS>> {
    // SAFETY: the layer holds whole vectors of starts and `runs * quads` vectors of weights for each of the block's; the window's bytes are readable, and up to three more.
    unsafe {
        let mut sums = [[_mm256_setzero_si256(); VECTORS]; PIXELS];
        for vector in 0..VECTORS {
            let start = _mm256_loadu_si256(layer.start.as_ptr().add(block.channel + vector * LANES).cast());
            for pixel in &mut sums {
                pixel[vector] = start;
            }
        }
        let mut weights = layer.weights.as_ptr().cast::<__m256i>().byte_add(block.weights);
        for run in 0..layer.runs {
            let mut quad = input.add(run * layer.input_row);
            for _ in 0..layer.quads {
                let mut held = [_mm256_setzero_si256(); VECTORS];
                for (vector, held) in held.iter_mut().enumerate() {
                    *held = _mm256_load_si256(weights.add(vector));
                }
                for (pixel, sums) in sums.iter_mut().enumerate() {
                    let bytes = quad.add(pixel * layer.input_step).cast::<i32>().read_unaligned();
                    let bytes = _mm256_set1_epi32(bytes);
                    for (sum, held) in sums.iter_mut().zip(held) {
                        *sum = _mm256_dpbusd_avx_epi32(*sum, bytes, held);
                    }
                }
                quad = quad.add(4);
                weights = weights.add(VECTORS);
            }
        }
        // Written once: read through a pointer from here on, or the compiler keeps the sums in memory in the loop too.
        MaybeUninit::new(sums)
    }
}

/// Safety: the processor has the features.
#[target_feature(enable = "avx2,avxvnni")]
unsafe fn dot(activations: &[u8], weights: &[i8]) -> i32 {
    const SUMS: usize = 4;
    let mut sums = [_mm256_setzero_si256(); SUMS];
    let (chunks, rest) = activations.as_chunks::<32>();
    let (weight_chunks, weight_rest) = weights.as_chunks::<32>();
    for (at, (activations, weights)) in chunks.iter().zip(weight_chunks).enumerate() {
        // SAFETY: both chunks hold 32 bytes.
        unsafe {
            let activations = _mm256_loadu_si256(activations.as_ptr().cast());
            let weights = _mm256_loadu_si256(weights.as_ptr().cast());
            sums[at % SUMS] = _mm256_dpbusd_avx_epi32(sums[at % SUMS], activations, weights);
        }
    }
    let mut lanes = [[0; 8]; SUMS];
    for (lanes, sum) in lanes.iter_mut().zip(sums) {
        // SAFETY: eight lanes of 32 bits.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sum) }
    }
    lanes.as_flattened().iter().sum::<i32>() + crate::portable::dot(rest, weight_rest)
}
