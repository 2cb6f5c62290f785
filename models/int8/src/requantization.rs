//! From accumulators to activations, fast: steps 2 to 6 of [`crate::reference`] without a call for each value.
//!
//! Two rewritings, both exact:
//! - **Clamp first.** Rounding to an integer keeps order and leaves integers as they are, so clamping the scaled
//!   value to the integers `floor - zero_out ..= 255 - zero_out` before rounding gives the same as clamping
//!   after it. Both bounds are within -255..=255.
//! - **Round by adding.** For |v| <= 255, `v + 1.5 * 2^23` lies between 2^23 and 2^24, where neighboring f32
//!   values are 1 apart: the addition itself rounds v to the nearest integer, and to an even significand on a tie,
//!   which is an even integer because 1.5 * 2^23 is even. The rounded integer is the difference of the bits.

/// 1.5 * 2^23.
const ROUNDER: f32 = 12_582_912.0;

/// Where an activation starts and what it is clamped to.
#[derive(Debug, Clone, Copy)]
pub struct Requantization {
    least: f32,
    most: f32,
    zero_out: i32,
}

impl Requantization {
    /// For a layer with this zero and this least activation.
    pub fn new(zero_out: u8, floor: u8) -> Requantization {
        let zero = f32::from(zero_out);
        Requantization { least: f32::from(floor) - zero, most: 255.0 - zero, zero_out: i32::from(zero_out) }
    }

    /// One value; the same as [`crate::reference::requantize`] for every sum of 32 bits and every finite scale.
    #[inline(always)]
    pub fn apply(self, sum: i32, scale: f32) -> u8 {
        let scaled = sum as f32 * scale;
        // Compared rather than `clamp`ed: the same for numbers, and two instructions.
        let scaled = if scaled < self.least { self.least } else { scaled };
        let scaled = if scaled > self.most { self.most } else { scaled };
        let rounded = (scaled + ROUNDER).to_bits() as i32 - ROUNDER.to_bits() as i32;
        // In 0..=255 by the clamp.
        (rounded + self.zero_out) as u8
    }

    /// One pixel: `sums`, `scale` and `output` go by channel.
    #[inline]
    pub fn apply_all(self, sums: &[i32], scale: &[f32], output: &mut [u8]) {
        for ((output, sum), scale) in output.iter_mut().zip(sums).zip(scale) {
            *output = self.apply(*sum, *scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    fn check(sum: i32, scale: f32, zero_out: u8, floor: u8) {
        let fast = Requantization::new(zero_out, floor).apply(sum, scale);
        let defined = reference::requantize(i64::from(sum), scale, zero_out, floor);
        assert_eq!(fast, defined, "sum {sum}, scale {scale:e}, zero {zero_out}, floor {floor}");
    }

    /// With a scale of 1/64 the sums pass through every tie, every clamp and everything between.
    #[test]
    fn every_tie_and_every_bound() {
        for (zero_out, floor) in [(0, 0), (128, 128), (128, 0), (255, 0), (255, 255), (7, 200), (200, 7)] {
            for sum in -40_000..40_000 {
                check(sum, 1.0 / 64.0, zero_out, floor);
                check(sum, 0.5, zero_out, floor);
            }
        }
    }

    /// The neighbors of each tie, reached through sums that an f32 rounds.
    #[test]
    fn large_sums_and_odd_scales() {
        let mut state = 1_u64;
        for _ in 0..2_000_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let sum = (state >> 32) as i32 >> ((state >> 8) % 24);
            let scale = f32::from_bits(0x3000_0000 + ((state >> 3) as u32 & 0x0fff_ffff));
            // Small enough for what a checked convolution may hold.
            if f64::from(sum).abs() * f64::from(scale) < 2_147_000_000.0 {
                check(sum, scale, (state >> 40) as u8, (state >> 48) as u8);
            }
        }
        for sum in [i32::MIN, i32::MIN + 1, i32::MAX, i32::MAX - 1, 0, 16_777_217, -16_777_217] {
            for scale in [f32::MIN_POSITIVE, 1e-9, 1.0 / 16_777_217.0, 3.0e-8, 0.999] {
                check(sum, scale, 128, 0);
            }
        }
    }
}
