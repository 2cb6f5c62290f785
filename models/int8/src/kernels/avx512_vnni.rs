//! x86-64 with AVX-512 VNNI: 64 products an instruction (`vpdpbusd` on 512 bits).

use super::tiled::{TiledKernel, run_of};
use crate::{
    kernel::Kernel,
    tiles::{Block, Format, Layer},
};
use std::{
    arch::{asm, x86_64::*},
    mem::MaybeUninit,
};

const LANES: usize = 16;

static KERNEL: TiledKernel = TiledKernel {
    name: "avx512-vnni",
    format: Format {
        lanes: LANES,
        weight: 1,
        place: |lane, byte| lane * 4 + byte,
        flip: 0,
        most_pixels: &[16, 12, 8, 6],
        // Half cycles: two multiplications or two loads a cycle, and five cycles until a sum can be added to again.
        quad_time: |pixels, vectors| (pixels * vectors).max(pixels + vectors).max(10),
        store_time: 5,
    },
    run_of,
    dot,
};

/// The kernel, where the processor has what it needs.
pub(super) fn detect() -> Option<&'static dyn Kernel> {
    let has = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni");
    has.then_some(&KERNEL as &dyn Kernel)
}

run_of! {
    "avx512f,avx512bw,avx512vl,avx512vnni",
    1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16;
    2: 1 2 3 4 5 6 7 8 9 10 11 12;
    3: 1 2 3 4 5 6 7 8;
    4: 1 2 3 4 5 6;
}

type Sums<const PIXELS: usize, const VECTORS: usize> = [[__m512i; VECTORS]; PIXELS];

/// Safety: that of [`super::tiled::Run`], for the window at `input`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn sums<const PIXELS: usize, const VECTORS: usize>(
    layer: &Layer,
    block: &Block,
    input: *const u8,
) -> MaybeUninit<Sums<PIXELS, VECTORS>> {
    // SAFETY: the layer holds whole vectors of starts and `runs * quads` vectors of weights for each of the block's;
    // the window's bytes are readable, and up to three more.
    unsafe {
        let mut sums = [[_mm512_setzero_si512(); VECTORS]; PIXELS];
        for vector in 0..VECTORS {
            let start = _mm512_loadu_si512(layer.start.as_ptr().add(block.channel + vector * LANES).cast());
            for pixel in &mut sums {
                pixel[vector] = start;
            }
        }
        let mut weights = layer.weights.as_ptr().cast::<u8>().add(block.weights);
        for run in 0..layer.runs {
            let row = input.add(run * layer.input_row);
            let mut pixels = [row; PIXELS];
            for (pixel, at) in pixels.iter_mut().enumerate() {
                *at = row.add(apart(pixel * layer.input_step, PIXELS));
            }
            for quad in 0..layer.quads {
                let mut held = [_mm512_setzero_si512(); VECTORS];
                for (vector, held) in held.iter_mut().enumerate() {
                    *held = _mm512_load_si512(weights.add(vector * 64).cast());
                }
                for (pixel, sums) in pixels.iter().zip(&mut sums) {
                    let bytes = _mm512_set1_epi32(pixel.add(4 * quad).cast::<i32>().read_unaligned());
                    for (sum, held) in sums.iter_mut().zip(held) {
                        *sum = _mm512_dpbusd_epi32(*sum, bytes, held);
                    }
                }
                weights = weights.add(VECTORS * 64);
            }
        }
        // Written once: read through a pointer from here on, or the compiler keeps the sums in memory in the loop too.
        MaybeUninit::new(sums)
    }
}

/// The same offset, for a few pixels in a way that the compiler cannot derive one from the other: it would step from one to
/// the next with additions in the inner loop, on ports that the multiplications need.
#[inline(always)]
fn apart(mut offset: usize, pixels: usize) -> usize {
    if pixels <= 9 {
        // SAFETY: does nothing.
        unsafe { asm!("/* {0} */", inout(reg) offset, options(pure, nomem, nostack, preserves_flags)) }
    }
    offset
}

/// Rounds and stores. Safety: that of [`super::tiled::Run`], for the output pixel at `output`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn store<const PIXELS: usize, const VECTORS: usize>(
    layer: &Layer,
    block: &Block,
    sums: *const __m512i,
    output: *mut u8,
) {
    let scale = layer.scale.as_ptr();
    let zero = _mm512_set1_epi16(i16::from(layer.zero_out));
    let floor = _mm512_set1_epi8(layer.floor as i8);
    let last: __mmask16 = 0xffff >> (LANES - layer.channels_in_last(block, LANES));
    let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    // SAFETY: vectors below PIXELS * VECTORS only are read and stored; the mask keeps to channels that exist.
    unsafe {
        let rounded = |at: usize| {
            let at = at.min(PIXELS * VECTORS - 1);
            let scale = _mm512_loadu_ps(scale.add(block.channel + at % VECTORS * LANES));
            let scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_loadu_si512(sums.add(at))), scale);
            _mm512_cvt_roundps_epi32::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(scaled)
        };
        let keep = |at: usize, bytes: __m128i| {
            if at < PIXELS * VECTORS {
                let output = output.add(at / VECTORS * layer.channels_out + at % VECTORS * LANES);
                if at % VECTORS < VECTORS - 1 {
                    _mm_storeu_si128(output.cast(), bytes);
                } else {
                    _mm_mask_storeu_epi8(output.cast(), last, bytes);
                }
            }
        };
        let mut at = 0;
        while at < PIXELS * VECTORS {
            // Saturating at 16 bits, adding, saturating at 8: the same as adding and clamping to 0..=255.
            let low = _mm512_packs_epi32(rounded(at), rounded(at + 1));
            let high = _mm512_packs_epi32(rounded(at + 2), rounded(at + 3));
            let bytes = _mm512_packus_epi16(_mm512_adds_epi16(low, zero), _mm512_adds_epi16(high, zero));
            let bytes = _mm512_permutexvar_epi32(order, _mm512_max_epu8(bytes, floor));
            keep(at, _mm512_castsi512_si128(bytes));
            keep(at + 1, _mm512_extracti32x4_epi32::<1>(bytes));
            keep(at + 2, _mm512_extracti32x4_epi32::<2>(bytes));
            keep(at + 3, _mm512_extracti32x4_epi32::<3>(bytes));
            at += 4;
        }
    }
}

/// Safety: the processor has the features.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn dot(activations: &[u8], weights: &[i8]) -> i32 {
    const SUMS: usize = 4;
    let mut sums = [_mm512_setzero_si512(); SUMS];
    let (chunks, rest) = activations.as_chunks::<64>();
    let (weight_chunks, weight_rest) = weights.as_chunks::<64>();
    for (at, (activations, weights)) in chunks.iter().zip(weight_chunks).enumerate() {
        // SAFETY: both chunks hold 64 bytes.
        unsafe {
            let activations = _mm512_loadu_si512(activations.as_ptr().cast());
            let weights = _mm512_loadu_si512(weights.as_ptr().cast());
            sums[at % SUMS] = _mm512_dpbusd_epi32(sums[at % SUMS], activations, weights);
        }
    }
    let sum = sums.into_iter().map(|sum| _mm512_reduce_add_epi32(sum)).sum::<i32>();
    sum + crate::portable::dot(rest, weight_rest)
}
