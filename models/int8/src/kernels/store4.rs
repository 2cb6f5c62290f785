//! From sums to activations on arm64, for the kernels with four channels a vector.

use crate::tiles::{Block, Layer};
use std::arch::aarch64::*;

const LANES: usize = 4;

/// Rounds and stores `PIXELS * VECTORS` vectors of sums.
///
/// Safety: `sums` are as many; the output's pixels from `output` lie within its buffer.
#[inline]
#[target_feature(enable = "neon")]
pub(super) unsafe fn store<const PIXELS: usize, const VECTORS: usize>(
    layer: &Layer,
    block: &Block,
    sums: *const int32x4_t,
    output: *mut u8,
) {
    let zero = vdupq_n_s16(i16::from(layer.zero_out));
    let floor = vdup_n_u8(layer.floor);
    let sign = vdup_n_u8(0x80);
    let last = (VECTORS - 1) * LANES + layer.channels_in_last(block, LANES);
    // SAFETY: vectors below PIXELS * VECTORS only are read and stored, and of each only channels that exist.
    unsafe {
        for pixel in 0..PIXELS {
            let rounded = |vector: usize| {
                let vector = vector.min(VECTORS - 1);
                let scale = vld1q_f32(layer.scale.as_ptr().add(block.channel + vector * LANES));
                let sum = vld1q_s32(sums.add(pixel * VECTORS + vector).cast());
                vqmovn_s32(vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(sum), scale)))
            };
            let mut vector = 0;
            while vector < VECTORS {
                // Saturating at 16 bits, adding, saturating at 8: the same as adding and clamping to 0..=255.
                let wide = vqaddq_s16(vcombine_s16(rounded(vector), rounded(vector + 1)), zero);
                let bytes = veor_u8(vmax_u8(vqmovun_s16(wide), floor), sign);
                let output = output.add(pixel * layer.channels_out + vector * LANES);
                let channels = last - vector * LANES;
                if channels >= 2 * LANES {
                    vst1_u8(output, bytes);
                } else {
                    let bytes = vget_lane_u64::<0>(vreinterpret_u64_u8(bytes)).to_le_bytes();
                    for (channel, byte) in bytes.into_iter().take(channels).enumerate() {
                        output.add(channel).write(byte);
                    }
                }
                vector += 2;
            }
        }
    }
}
