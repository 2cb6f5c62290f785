//! From sums to activations on 256 bits, for the kernels with eight channels a vector.

use crate::tiles::{Block, Layer};
use std::arch::x86_64::*;

const LANES: usize = 8;

/// Rounds and stores `PIXELS * VECTORS` vectors of sums.
///
/// Safety: the processor has the feature; `sums` are as many; the output's pixels from `output` lie within its buffer.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) unsafe fn store<const PIXELS: usize, const VECTORS: usize>(
    layer: &Layer,
    block: &Block,
    sums: *const __m256i,
    output: *mut u8,
) {
    let scale = layer.scale.as_ptr();
    let zero = _mm256_set1_epi16(i16::from(layer.zero_out));
    let floor = _mm256_set1_epi8(layer.floor as i8);
    let last = layer.channels_in_last(block, LANES);
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    // SAFETY: vectors below PIXELS * VECTORS only are read and stored, and of each only channels that exist.
    unsafe {
        let rounded = |at: usize| {
            let at = at.min(PIXELS * VECTORS - 1);
            let scale = _mm256_loadu_ps(scale.add(block.channel + at % VECTORS * LANES));
            // To the nearest, ties to even: the mode that every Rust program runs in.
            _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_loadu_si256(sums.add(at))), scale))
        };
        let keep = |at: usize, bytes: i64| {
            if at < PIXELS * VECTORS {
                let output = output.add(at / VECTORS * layer.channels_out + at % VECTORS * LANES);
                if at % VECTORS < VECTORS - 1 || last == LANES {
                    output.cast::<i64>().write_unaligned(bytes);
                } else {
                    for (channel, byte) in bytes.to_le_bytes().into_iter().take(last).enumerate() {
                        output.add(channel).write(byte);
                    }
                }
            }
        };
        let mut at = 0;
        while at < PIXELS * VECTORS {
            // Saturating at 16 bits, adding, saturating at 8: the same as adding and clamping to 0..=255.
            let low = _mm256_packs_epi32(rounded(at), rounded(at + 1));
            let high = _mm256_packs_epi32(rounded(at + 2), rounded(at + 3));
            let bytes = _mm256_packus_epi16(_mm256_adds_epi16(low, zero), _mm256_adds_epi16(high, zero));
            let bytes = _mm256_permutevar8x32_epi32(_mm256_max_epu8(bytes, floor), order);
            keep(at, _mm256_extract_epi64::<0>(bytes));
            keep(at + 1, _mm256_extract_epi64::<1>(bytes));
            keep(at + 2, _mm256_extract_epi64::<2>(bytes));
            keep(at + 3, _mm256_extract_epi64::<3>(bytes));
            at += 4;
        }
    }
}
