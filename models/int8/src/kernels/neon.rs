//! arm64 without dot product, as the Cortex-A72 of a Raspberry Pi 4: 16 products in three instructions.
//!
//! `smull` and `smlal` multiply two inputs for each of four channels and add them up in 16 bits, which hold
//! 2 * 128 * 127; `sadalp` adds neighbors to the sums. Activations are stored as signed bytes, XORed with 0x80.

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
    name: "neon",
    format: Format {
        lanes: LANES,
        weight: 1,
        place: |lane, byte| byte / 2 * 2 * LANES + lane * 2 + byte % 2,
        flip: 0x80,
        most_pixels: &[8, 8, 5, 4],
        // Cycles of a Cortex-A72: one multiplication or one load each, or two vector instructions of any kind.
        quad_time: |pixels, vectors| {
            let sums = pixels * vectors;
            (2 * sums).max(2 * pixels + vectors).max((3 * sums + 2 * pixels).div_ceil(2))
        },
        store_time: 4,
    },
    run_of,
    dot,
};

/// The kernel, where the processor has what it needs.
pub(super) fn detect() -> Option<&'static dyn Kernel> {
    std::arch::is_aarch64_feature_detected!("neon").then_some(&KERNEL as &dyn Kernel)
}

run_of! {
    "neon",
    1: 1 2 3 4 5 6 7 8;
    2: 1 2 3 4 5 6 7 8;
    3: 1 2 3 4 5;
    4: 1 2 3 4;
}

type Sums<const PIXELS: usize, const VECTORS: usize> = [[int32x4_t; VECTORS]; PIXELS];

/// Safety: that of [`super::tiled::Run`], for the window at `input`.
#[inline]
#[target_feature(enable = "neon")]
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
                let mut held = [[vdup_n_s8(0); 2]; VECTORS];
                for (vector, held) in held.iter_mut().enumerate() {
                    *held = [vld1_s8(weights.add(vector * 16)), vld1_s8(weights.add(vector * 16 + 8))];
                }
                for (pixel, sums) in sums.iter_mut().enumerate() {
                    let pairs = quad.add(pixel * layer.input_step).cast::<i16>();
                    let pairs = [
                        vreinterpret_s8_s16(vdup_n_s16(pairs.read_unaligned())),
                        vreinterpret_s8_s16(vdup_n_s16(pairs.add(1).read_unaligned())),
                    ];
                    for (sum, held) in sums.iter_mut().zip(held) {
                        *sum = multiply(*sum, pairs, held);
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

/// Adds the products of four inputs to the sums of four channels.
///
/// Three instructions that belong together: from single intrinsics the compiler adds moves between them.
#[inline]
#[target_feature(enable = "neon")]
fn multiply(mut sum: int32x4_t, inputs: [int8x8_t; 2], weights: [int8x8_t; 2]) -> int32x4_t {
    // SAFETY: registers alone.
    unsafe {
        asm!(
            "smull {products:v}.8h, {low:v}.8b, {low_weights:v}.8b",
            "smlal {products:v}.8h, {high:v}.8b, {high_weights:v}.8b",
            "sadalp {sum:v}.4s, {products:v}.8h",
            products = out(vreg) _,
            low = in(vreg) inputs[0],
            high = in(vreg) inputs[1],
            low_weights = in(vreg) weights[0],
            high_weights = in(vreg) weights[1],
            sum = inout(vreg) sum,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sum
}

/// The plain loop, which the compiler turns into `smlal`. Safety: none is needed.
unsafe fn dot(activations: &[u8], weights: &[i8]) -> i32 {
    crate::portable::dot(activations, weights)
}
