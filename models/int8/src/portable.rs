//! The plain kernel, for every processor.
//!
//! Windows are copied one after the other, widened to 16 bits and with the zero taken off, so that padding is
//! plain zeros; then every output is one dot product of two contiguous lists. Lists go by chunks of 32 because
//! compilers turn exactly this loop into multiply-add instructions (`pmaddwd` on x86-64, `smlal` on arm64).

use crate::{
    Convolution,
    kernel::{Kernel, PackedConvolution},
    requantization::Requantization,
};

/// Values of a dot product that are taken at once.
const CHUNK: usize = 32;
/// Windows that are held at once: 16 of 864 values are 27 KB, which stays in the innermost cache with one channel's weights.
const TILE: usize = 16;

type Chunk = [i16; CHUNK];

/// The kernel.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

impl Kernel for Portable {
    fn name(&self) -> &'static str {
        "portable"
    }

    fn pack(&self, convolution: &Convolution) -> Box<dyn PackedConvolution> {
        let chunks = convolution.window_length().div_ceil(CHUNK);
        let mut weights = vec![[0; CHUNK]; convolution.raw().channels_out * chunks];
        for (channel, packed) in weights.chunks_exact_mut(chunks).enumerate() {
            for (packed, weight) in packed.as_flattened_mut().iter_mut().zip(convolution.weights_of(channel))
            {
                *packed = i16::from(*weight);
            }
        }
        Box::new(Packed { convolution: convolution.clone(), chunks, weights })
    }
}

#[derive(Debug)]
struct Packed {
    convolution: Convolution,
    /// Chunks of one window, the last one filled up with zeros.
    chunks: usize,
    /// `[channel out][chunk]`.
    weights: Vec<Chunk>,
}

impl PackedConvolution for Packed {
    fn run(&self, input: &[u8], output: &mut [u8]) {
        assert_eq!(input.len(), self.convolution.input_length());
        assert_eq!(output.len(), self.convolution.output_length());
        let raw = self.convolution.raw();
        let requantization = Requantization::new(raw.zero_out, raw.floor);
        let mut windows = vec![[0; CHUNK]; TILE * self.chunks];
        let mut sums = vec![0; TILE * raw.channels_out];
        for (tile, output) in output.chunks_mut(TILE * raw.channels_out).enumerate() {
            let pixels = output.len() / raw.channels_out;
            for (pixel, window) in windows.chunks_exact_mut(self.chunks).take(pixels).enumerate() {
                self.copy_window(input, tile * TILE + pixel, window.as_flattened_mut());
            }
            self.multiply(&windows[..pixels * self.chunks], &mut sums[..output.len()]);
            for (output, sums) in
                output.chunks_exact_mut(raw.channels_out).zip(sums.chunks_exact(raw.channels_out))
            {
                requantization.apply_all(sums, &raw.scale, output);
            }
        }
    }
}

impl Packed {
    /// Copies what the output pixel number `pixel` sees of the input. What lies outside is zero; the values
    /// after the window's end are left as they are, which is zero.
    fn copy_window(&self, input: &[u8], pixel: usize, window: &mut [i16]) {
        let raw = self.convolution.raw();
        let top = pixel / self.convolution.width_out() * raw.stride;
        let left = pixel % self.convolution.width_out() * raw.stride;
        let run = raw.kernel * raw.channels_in;
        // The columns of the kernel that fall inside the input: never none, as padding is less than the kernel.
        let first = raw.padding.saturating_sub(left);
        let last = raw.kernel.min(raw.width + raw.padding - left);
        let zero = i16::from(raw.zero_in);
        for (kernel_row, window) in window.chunks_exact_mut(run).take(raw.kernel).enumerate() {
            let row = (top + kernel_row).checked_sub(raw.padding).filter(|row| *row < raw.height);
            let Some(row) = row else {
                window.fill(0);
                continue;
            };
            let start = (row * raw.width + left + first - raw.padding) * raw.channels_in;
            let inside = first * raw.channels_in..last * raw.channels_in;
            let pixels = &input[start..start + inside.len()];
            window[..inside.start].fill(0);
            window[inside.end..].fill(0);
            for (value, activation) in window[inside].iter_mut().zip(pixels) {
                *value = i16::from(*activation) - zero;
            }
        }
    }

    /// `sums[pixel][channel]` = bias + window x weights. One channel's weights serve every window of the tile.
    fn multiply(&self, windows: &[Chunk], sums: &mut [i32]) {
        let raw = self.convolution.raw();
        for (channel, weights) in self.weights.chunks_exact(self.chunks).enumerate() {
            let sums = sums.iter_mut().skip(channel).step_by(raw.channels_out);
            for (sum, window) in sums.zip(windows.chunks_exact(self.chunks)) {
                *sum = raw.bias[channel] + dot(window, weights);
            }
        }
    }
}

/// The bound `255 * sum(|w|) + |bias|`, checked when the convolution was made, holds for every partial sum too.
#[inline(always)]
fn dot(window: &[Chunk], weights: &[Chunk]) -> i32 {
    window.iter().zip(weights).map(|(window, weights)| dot_chunk(window, weights)).sum()
}

#[inline(always)]
fn dot_chunk(window: &Chunk, weights: &Chunk) -> i32 {
    let mut sum = 0;
    for (value, weight) in window.iter().zip(weights) {
        sum += i32::from(*value) * i32::from(*weight);
    }
    sum
}
