//! The definition of the arithmetic: slow, plain, in 64 bits. Every kernel must give these very bytes.
//!
//! For each output pixel and channel:
//! 1. `sum` = bias + sum of `(x - zero_in) * w` over the window; a pixel outside the input counts as `zero_in`;
//! 2. `sum` is made an f32, rounded to the nearest, ties to even;
//! 3. it is multiplied by the channel's scale, rounded the same way, never fused with another step;
//! 4. it is rounded to an integer, ties to even;
//! 5. `zero_out` is added;
//! 6. the result is clamped to `floor..=255`.

use crate::Convolution;

/// Runs the convolution as it is defined.
///
/// Panics where the lengths are not those of the convolution.
pub fn run(convolution: &Convolution, input: &[u8], output: &mut [u8]) {
    assert_eq!(input.len(), convolution.input_length());
    assert_eq!(output.len(), convolution.output_length());
    let raw = convolution.raw();
    let values = accumulators(convolution, input);
    for (at, (output, sum)) in output.iter_mut().zip(values).enumerate() {
        *output = requantize(sum, raw.scale[at % raw.channels_out], raw.zero_out, raw.floor);
    }
}

/// The sums of step 1: `[row][column][channel]` of the output.
pub fn accumulators(convolution: &Convolution, input: &[u8]) -> Vec<i64> {
    let mut sums = Vec::with_capacity(convolution.output_length());
    for row in 0..convolution.height_out() {
        for column in 0..convolution.width_out() {
            for channel in 0..convolution.raw().channels_out {
                sums.push(accumulator(convolution, input, row, column, channel));
            }
        }
    }
    sums
}

fn accumulator(convolution: &Convolution, input: &[u8], row: usize, column: usize, channel: usize) -> i64 {
    let raw = convolution.raw();
    let weights = convolution.weights_of(channel);
    let mut sum = i64::from(raw.bias[channel]);
    for kernel_row in 0..raw.kernel {
        for kernel_column in 0..raw.kernel {
            let y = (row * raw.stride + kernel_row).checked_sub(raw.padding);
            let x = (column * raw.stride + kernel_column).checked_sub(raw.padding);
            let (Some(y), Some(x)) = (y, x) else { continue };
            if y >= raw.height || x >= raw.width {
                continue;
            }
            for channel_in in 0..raw.channels_in {
                let activation = i64::from(input[(y * raw.width + x) * raw.channels_in + channel_in]);
                let weight = i64::from(
                    weights[(kernel_row * raw.kernel + kernel_column) * raw.channels_in + channel_in],
                );
                sum += (activation - i64::from(raw.zero_in)) * weight;
            }
        }
    }
    sum
}

/// Steps 2 to 6.
pub fn requantize(sum: i64, scale: f32, zero_out: u8, floor: u8) -> u8 {
    let scaled = sum as f32 * scale;
    let rounded = scaled.round_ties_even() as i64 + i64::from(zero_out);
    // In 0..=255 after the clamp.
    rounded.clamp(i64::from(floor), 255) as u8
}
