//! arm64 with dot product, as the Cortex-A76 of a Raspberry Pi 5 and the A78AE of a Jetson Orin: 16 products an
//! instruction (`sdot`). Activations are stored as signed bytes, XORed with 0x80.

use super::{
    store4::store,
    tiled::{TiledKernel, run_of},
};
use crate::{
    kernel::Kernel,
    tiles::{Block, Format, Layer},
};
use std::{
    arch::{aarch64::*, asm},
    mem::MaybeUninit,
};

const LANES: usize = 4;

static KERNEL: TiledKernel = TiledKernel {
    name: "neon-dot",
    format: Format {
        lanes: LANES,
        weight: 1,
        place: |lane, byte| lane * 4 + byte,
        flip: 0x80,
        most_pixels: &[16, 12, 8, 6],
        // Half cycles: two multiplications or two loads a cycle, and four cycles until a sum can be added to again.
        quad_time: |pixels, vectors| (pixels * vectors).max(pixels + vectors).max(8),
        store_time: 5,
    },
    run_of,
    dot,
};

/// The kernel, where the processor has what it needs.
pub(super) fn detect() -> Option<&'static dyn Kernel> {
    let has =
        std::arch::is_aarch64_feature_detected!("neon") && std::arch::is_aarch64_feature_detected!("dotprod");
    has.then_some(&KERNEL as &dyn Kernel)
}

run_of! {
    "neon,dotprod",
    1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16;
    2: 1 2 3 4 5 6 7 8 9 10 11 12;
    3: 1 2 3 4 5 6 7 8;
    4: 1 2 3 4 5 6;
}

type Sums<const PIXELS: usize, const VECTORS: usize> = [[int32x4_t; VECTORS]; PIXELS];

/// Safety: that of [`super::tiled::Run`], for the window at `input`.
#[inline]
#[target_feature(enable = "neon,dotprod")]
unsafe fn sums<const PIXELS: usize, const VECTORS: usize>(
    layer: &Layer,
    block: &Block,
    input: *const u8,
) -> MaybeUninit<Sums<PIXELS, VECTORS>> {
    // SAFETY: the layer holds whole vectors of starts and `runs * quads` vectors of weights for each of the block's;
    // the window's bytes are readable, and up to three more.
    unsafe {
        let mut sums = [[vdupq_n_s32(0); VECTORS]; PIXELS];
        for vector in 0..VECTORS {
            let start = vld1q_s32(layer.start.as_ptr().add(block.channel + vector * LANES));
            for pixel in &mut sums {
                pixel[vector] = start;
            }
        }
        let mut weights = layer.weights.as_ptr().cast::<i8>().add(block.weights);
        for run in 0..layer.runs {
            let mut quad = input.add(run * layer.input_row);
            for _ in 0..layer.quads {
                let mut held = [vdupq_n_s8(0); VECTORS];
                for (vector, held) in held.iter_mut().enumerate() {
                    *held = vld1q_s8(weights.add(vector * 16));
                }
                for (pixel, sums) in sums.iter_mut().enumerate() {
                    // As a float, because that is one plain load into a vector register.
                    let bytes = quad.add(pixel * layer.input_step).cast::<f32>().read_unaligned();
                    for (sum, held) in sums.iter_mut().zip(held) {
                        *sum = multiply(*sum, held, bytes);
                    }
                }
                quad = quad.add(4);
                weights = weights.add(VECTORS * 16);
            }
        }
        // Written once: read through a pointer from here on, or the compiler keeps the sums in memory in the loop too.
        MaybeUninit::new(sums)
    }
}

/// Adds the products of four inputs to the sums of four channels. By its name, as the intrinsic is not stable yet.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn multiply(mut sum: int32x4_t, weights: int8x16_t, inputs: f32) -> int32x4_t {
    // SAFETY: registers alone.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {weights:v}.16b, {inputs:v}.4b[0]",
            sum = inout(vreg) sum,
            weights = in(vreg) weights,
            inputs = in(vreg) inputs,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sum
}

/// The plain loop, which the compiler turns into `smlal`. Safety: none is needed.
unsafe fn dot(activations: &[u8], weights: &[i8]) -> i32 {
    crate::portable::dot(activations, weights)
}
