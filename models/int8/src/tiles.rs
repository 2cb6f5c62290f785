//! How the fast kernels cut a layer, and how its weights are laid out for them.
//!
//! A **vector** is as many output channels as a register holds sums. A **block** is one to four vectors. A **tile**
//! is some neighboring output pixels of one row in one block: its sums stay in registers from the bias to the rounded
//! output. The last tile of a row is moved left to overlap the one before, so there are no odd tiles.
//!
//! Each row of a window is one contiguous **run** of bytes, read in **quads** of four. A run that is no multiple of
//! four reads into what follows it, and weights of zero take that away again.

use crate::{
    Convolution,
    plane::{Plane, SLACK},
};

/// Bytes of a quad.
const QUAD: usize = 4;

/// What is particular to one kernel.
pub(crate) struct Format {
    /// Output channels of one vector.
    pub(crate) lanes: usize,
    /// Bytes of one weight: 1 or 2.
    pub(crate) weight: usize,
    /// Which weight of a vector's quad is that of this lane and this byte.
    pub(crate) place: fn(usize, usize) -> usize,
    /// What the stored activations are XORed with.
    pub(crate) flip: u8,
    /// For 1, 2, ... vectors: the most pixels of a tile.
    pub(crate) most_pixels: &'static [usize],
    /// Time of one quad of a tile of so many pixels and vectors, in any unit.
    pub(crate) quad_time: fn(usize, usize) -> usize,
    /// Time to round and store one vector, in the same unit.
    pub(crate) store_time: usize,
}

/// Bytes at the start of a cache line: a load that crosses two lines takes twice as long.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
pub(crate) struct Line(pub(crate) [u8; 64]);

/// Some vectors of output channels, and the width of their tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) vectors: usize,
    pub(crate) pixels: usize,
    /// The first of its channels.
    pub(crate) channel: usize,
    /// Where its weights start, in bytes.
    pub(crate) weights: usize,
}

/// A layer, packed. Every offset is in bytes.
pub(crate) struct Layer {
    /// Of the output.
    pub(crate) rows: usize,
    /// Of the output.
    pub(crate) columns: usize,
    pub(crate) channels_out: usize,
    /// Runs of a window.
    pub(crate) runs: usize,
    /// Quads of a run.
    pub(crate) quads: usize,
    /// From a run of a window to the next.
    pub(crate) input_row: usize,
    /// From the window of a pixel to the one right of it.
    pub(crate) input_step: usize,
    /// From the window of a pixel to the one below it.
    pub(crate) input_down: usize,
    pub(crate) output_start: usize,
    pub(crate) output_row: usize,
    pub(crate) blocks: Vec<Block>,
    /// `[block][run][quad][vector]`, in each the order of [`Format::place`].
    pub(crate) weights: Vec<Line>,
    /// What a sum starts at, with `- zero * sum(weights)` in it; filled up to whole vectors.
    pub(crate) start: Vec<i32>,
    /// Filled up to whole vectors.
    pub(crate) scale: Vec<f32>,
    pub(crate) zero_out: u8,
    pub(crate) floor: u8,
    input_length: usize,
    output_length: usize,
}

impl Layer {
    pub(crate) fn new(convolution: &Convolution, output: Plane, format: &Format) -> Layer {
        let raw = convolution.raw();
        let input = Plane::input_of(convolution);
        assert!(output == Plane { border: output.border, ..Plane::output_of(convolution) });
        let mut layer = Layer {
            rows: output.height,
            columns: output.width,
            channels_out: raw.channels_out,
            runs: raw.kernel,
            quads: (raw.kernel * raw.channels_in).div_ceil(QUAD),
            input_row: input.row(),
            input_step: raw.stride * raw.channels_in,
            input_down: raw.stride * input.row(),
            output_start: output.start(),
            output_row: output.row(),
            blocks: Vec::new(),
            weights: Vec::new(),
            start: Vec::new(),
            scale: raw.scale.clone(),
            zero_out: raw.zero_out,
            floor: raw.floor,
            input_length: input.length() + SLACK,
            output_length: output.length(),
        };
        layer.cut(format);
        layer.lay_out_weights(convolution, format);
        let padded = raw.channels_out.next_multiple_of(format.lanes);
        layer.start = starts(convolution, format.flip);
        layer.start.resize(padded, 0);
        layer.scale.resize(padded, 0.0);
        layer
    }

    /// Every offset that a kernel forms lies within buffers of these lengths.
    pub(crate) fn check(&self, input: &[u8], output: &[u8]) {
        assert!(input.len() >= self.input_length, "{} bytes of input", input.len());
        assert!(output.len() >= self.output_length, "{} bytes of output", output.len());
    }

    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.weights) + size_of_val(&*self.start) + size_of_val(&*self.scale)
    }

    /// Channels of a block that exist in its last vector.
    pub(crate) fn channels_in_last(&self, block: &Block, lanes: usize) -> usize {
        lanes.min(self.channels_out - block.channel - (block.vectors - 1) * lanes)
    }

    /// The blocks that take the least time in all, found from the last vectors to the first.
    fn cut(&mut self, format: &Format) {
        let vectors = self.channels_out.div_ceil(format.lanes);
        let mut best = vec![(0, 0, 0); vectors + 1];
        for rest in 1..=vectors {
            best[rest] = (1..=format.most_pixels.len().min(rest))
                .map(|taken| {
                    let (time, pixels) = self.fastest_width(taken, format);
                    (best[rest - taken].0 + time, taken, pixels)
                })
                .min_by_key(|(time, taken, _)| (*time, usize::MAX - taken))
                .expect("at least one vector is taken");
        }
        let step = self.runs * self.quads * format.lanes * QUAD * format.weight;
        let mut rest = vectors;
        while rest > 0 {
            let (_, taken, pixels) = best[rest];
            let done = vectors - rest;
            self.blocks.push(Block {
                vectors: taken,
                pixels,
                channel: done * format.lanes,
                weights: done * step,
            });
            rest -= taken;
        }
    }

    fn fastest_width(&self, vectors: usize, format: &Format) -> (usize, usize) {
        let quads = self.runs * self.quads;
        (1..=format.most_pixels[vectors - 1].min(self.columns))
            .map(|pixels| {
                let tile = quads * (format.quad_time)(pixels, vectors) + pixels * vectors * format.store_time;
                (self.columns.div_ceil(pixels) * tile, pixels)
            })
            .min_by_key(|(time, pixels)| (*time, usize::MAX - pixels))
            .expect("a tile of one pixel fits")
    }

    fn lay_out_weights(&mut self, convolution: &Convolution, format: &Format) {
        let vector = format.lanes * QUAD * format.weight;
        let run = self.runs * convolution.raw().channels_in;
        let vectors = self.channels_out.div_ceil(format.lanes);
        let bytes = self.runs * self.quads * vectors * vector;
        self.weights = vec![Line([0; 64]); bytes.div_ceil(64)];
        for block in &self.blocks {
            let channels = block.vectors * format.lanes;
            for offset in 0..channels.min(self.channels_out - block.channel) {
                let weights = convolution.weights_of(block.channel + offset);
                for (at, weight) in weights.iter().enumerate() {
                    let (row, byte) = (at / run, at % run);
                    let quad = (row * self.quads + byte / QUAD) * block.vectors + offset / format.lanes;
                    let place = (format.place)(offset % format.lanes, byte % QUAD);
                    let at = block.weights + quad * vector + place * format.weight;
                    match format.weight {
                        1 => self.weights[at / 64].0[at % 64] = *weight as u8,
                        _ => {
                            let value = i16::from(*weight).to_ne_bytes();
                            self.weights[at / 64].0[at % 64..][..2].copy_from_slice(&value);
                        }
                    }
                }
            }
        }
    }
}

/// `bias - zero * sum(weights)` for each channel, the zero being that of the activations as they are stored.
///
/// It fits an i32: the bound that was checked, `255 * sum|w| + |bias|`, is larger.
pub(crate) fn starts(convolution: &Convolution, flip: u8) -> Vec<i32> {
    let raw = convolution.raw();
    let zero = if flip == 0 { i32::from(raw.zero_in) } else { i32::from(raw.zero_in) - 128 };
    (0..raw.channels_out)
        .map(|channel| {
            let sum: i32 = convolution.weights_of(channel).iter().map(|weight| i32::from(*weight)).sum();
            raw.bias[channel] - zero * sum
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RawConvolution;

    const FORMAT: Format = Format {
        lanes: 16,
        weight: 1,
        place: |lane, byte| lane * 4 + byte,
        flip: 0,
        most_pixels: &[16, 12, 8, 6],
        quad_time: |pixels, vectors| (pixels * vectors).max(pixels + vectors).max(10),
        store_time: 5,
    };

    fn layer(width: usize, channels_out: usize) -> Layer {
        let raw = RawConvolution {
            height: 3,
            width,
            channels_in: 16,
            channels_out,
            kernel: 3,
            stride: 1,
            padding: 1,
            weights: vec![1; channels_out * 9 * 16],
            bias: vec![0; channels_out],
            scale: vec![1e-3; channels_out],
            ..RawConvolution::default()
        };
        let convolution = Convolution::new(raw).unwrap();
        Layer::new(&convolution, Plane::output_of(&convolution), &FORMAT)
    }

    /// Share of the work that is no overlap, padding or waiting.
    fn share(layer: &Layer) -> f64 {
        let quads = layer.runs * layer.quads;
        let time: usize = layer
            .blocks
            .iter()
            .map(|block| {
                layer.columns.div_ceil(block.pixels) * quads * (FORMAT.quad_time)(block.pixels, block.vectors)
            })
            .sum();
        (layer.columns * layer.channels_out.div_ceil(16) * quads) as f64 / time as f64
    }

    #[test]
    fn every_channel_is_in_one_block() {
        for channels in 1..200 {
            let layer = layer(20, channels);
            let mut next = 0;
            for block in &layer.blocks {
                assert_eq!(block.channel, next);
                next += block.vectors * 16;
            }
            assert!(next >= channels && next < channels + 16, "{channels}: {:?}", layer.blocks);
        }
    }

    #[test]
    fn odd_widths_waste_little() {
        for channels in [32, 48, 64, 80, 96] {
            for width in 5..200 {
                let layer = layer(width, channels);
                assert!(share(&layer) > 0.85, "{width} x {channels}: {} {:?}", share(&layer), layer.blocks);
            }
        }
    }
}
