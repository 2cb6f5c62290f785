//! The later stages: gradients summed over cells (Bay et al. 2008, as Li and Zhang 2013 use them), then a small network.

use super::{cascade::WINDOW, model::Numbers};
use zeroize::Zeroize;

/// Sums of a cell: of both gradients and their sizes, each by the sign of the other.
const CHANNELS: usize = 8;
/// A patch has two by two cells.
const VALUES: usize = 4 * CHANNELS;
/// Which of them a pixel counts for, by whether the gradients down and right are below zero.
const KEPT: [[[i32; CHANNELS]; 2]; 2] = [
    [[-1, -1, 0, 0, -1, -1, 0, 0], [-1, -1, 0, 0, 0, 0, -1, -1]],
    [[0, 0, -1, -1, -1, -1, 0, 0], [0, 0, -1, -1, 0, 0, -1, -1]],
];
/// Steps of places and least sides of patches.
const STEP: usize = 16;
/// Width and height of the patches' shapes.
const SHAPES: [(usize, usize); 5] = [(1, 1), (1, 2), (2, 1), (2, 3), (3, 2)];
/// Row of the running sums: one more than the window has.
const STRIDE: usize = WINDOW + 1;

/// One stage.
pub(super) struct Surf {
    patches: Vec<Patch>,
    threshold: f32,
    layers: Vec<Layer>,
}

/// Part of the window: two by two cells.
#[derive(Clone, Copy)]
struct Patch {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// Outputs that are summed side by side, each still in the order of its inputs.
const LANES: usize = 16;

struct Layer {
    /// `[block of outputs][input][output]`; beyond the last output they are 0.
    weights: Vec<[f32; LANES]>,
    biases: Vec<f32>,
}

/// What a stage says of a window: its score, then where the face lies in it.
pub(super) struct Verdict {
    pub(super) score: f32,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) side: f32,
}

impl Surf {
    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Surf> {
        let (layers, features) = (numbers.count()?, numbers.count()?);
        let pool = pool();
        let patch = |numbers: &mut Numbers<'_>| pool.get(numbers.count()?.checked_sub(1)?).copied();
        let patches: Vec<_> = (0..features).map(|_| patch(numbers)).collect::<Option<_>>()?;
        let threshold = numbers.real()?;
        let mut inputs = numbers.count()?;
        if inputs != patches.len() * VALUES {
            return None;
        }
        let mut read = Vec::new();
        for _ in 1..layers {
            let outputs = numbers.count()?;
            let given = numbers.reals(inputs * outputs)?;
            read.push(Layer { weights: side_by_side(&given, inputs), biases: numbers.reals(outputs)? });
            inputs = outputs;
        }
        (inputs == 4).then_some(Surf { patches, threshold, layers: read })
    }

    /// What it says, if it takes the window for a face.
    pub(super) fn judge(&self, map: &mut SurfMap) -> Option<Verdict> {
        let SurfMap { sums, values, next } = map;
        values.clear();
        for patch in &self.patches {
            patch.describe(sums, values);
        }
        let (last, before) = self.layers.split_last()?;
        for layer in before {
            layer.run(values, next, |x| if x > 0.0 { x } else { 0.0 });
            std::mem::swap(values, next);
        }
        last.run(values, next, |x| 1.0 / (1.0 + (-x).exp()));
        let &[score, x, y, side] = next.as_array()?;
        (score > self.threshold).then_some(Verdict { score, x, y, side })
    }
}

/// From `[output][input]`.
fn side_by_side(weights: &[f32], inputs: usize) -> Vec<[f32; LANES]> {
    let mut packed = Vec::new();
    for outputs in weights.chunks(inputs * LANES) {
        let start = packed.len();
        packed.resize(start + inputs, [0.0; LANES]);
        for (lane, output) in outputs.chunks_exact(inputs).enumerate() {
            for (packed, weight) in packed[start..].iter_mut().zip(output) {
                packed[lane] = *weight;
            }
        }
    }
    packed
}

impl Layer {
    fn run(&self, input: &[f32], output: &mut Vec<f32>, activation: impl Fn(f32) -> f32) {
        output.clear();
        for (weights, biases) in self.weights.chunks_exact(input.len()).zip(self.biases.chunks(LANES)) {
            let mut sums = [-0.0; LANES];
            for (weights, value) in weights.iter().zip(input) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += value * weight;
                }
            }
            output.extend(biases.iter().zip(sums).map(|(bias, sum)| activation(sum + bias)));
        }
    }
}

impl Patch {
    /// Appends the cells' sums, scaled to length one.
    fn describe(&self, sums: &[[i32; CHANNELS]], values: &mut Vec<f32>) {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut cells = [0; VALUES];
        for (cell, channels) in cells.chunks_exact_mut(CHANNELS).enumerate() {
            let (left, top) = (self.x + cell % 2 * width, self.y + cell / 2 * height);
            let at = |x: usize, y: usize| &sums[y * STRIDE + x];
            let (a, b) = (at(left, top), at(left + width, top));
            let (c, d) = (at(left, top + height), at(left + width, top + height));
            for (channel, value) in channels.iter_mut().enumerate() {
                *value = d[channel] - b[channel] - c[channel] + a[channel];
            }
        }
        // The square is taken in 32 bits and may wrap: the model was trained so.
        let power: f64 = cells.iter().map(|value| f64::from(value.wrapping_mul(*value))).sum();
        let length = power.sqrt() as f32;
        values.extend(cells.iter().map(|value| if power == 0.0 { 0.0 } else { *value as f32 / length }));
    }
}

/// All patches in the order of their numbers in the model.
fn pool() -> Vec<Patch> {
    let mut pool = Vec::new();
    for (across, down) in SHAPES {
        for height in (STEP..=WINDOW).filter(|height| height.is_multiple_of(2) && height.is_multiple_of(down))
        {
            let width = height / down * across;
            if !width.is_multiple_of(2) || !(STEP..=WINDOW).contains(&width) {
                continue;
            }
            for y in (0..=WINDOW - height).step_by(STEP) {
                pool.extend((0..=WINDOW - width).step_by(STEP).map(|x| Patch { x, y, width, height }));
            }
        }
    }
    pool
}

/// The running sums of a window, and room to work in.
#[derive(Default)]
pub(super) struct SurfMap {
    /// Over all above and left of each place.
    sums: Vec<[i32; CHANNELS]>,
    values: Vec<f32>,
    next: Vec<f32>,
}

impl SurfMap {
    /// Takes the gradients of a window.
    pub(super) fn take(&mut self, luma: &[u8; WINDOW * WINDOW]) {
        self.sums.resize(STRIDE * STRIDE, [0; CHANNELS]);
        // At the border the difference to the one neighbor counts twice.
        let between = |before: usize, after: usize| {
            let step = if after - before == 2 { 1 } else { 2 };
            move |low: u8, high: u8| (i32::from(high) - i32::from(low)) * step
        };
        let neighbors = |at: usize| (at.saturating_sub(1), (at + 1).min(WINDOW - 1));
        for y in 0..WINDOW {
            let (above, below) = neighbors(y);
            let down = between(above, below);
            let mut along = [0; CHANNELS];
            let (earlier, row) = self.sums.split_at_mut((y + 1) * STRIDE);
            let earlier = &earlier[y * STRIDE..];
            for x in 0..WINDOW {
                let (left, right) = neighbors(x);
                let dx = between(left, right)(luma[y * WINDOW + left], luma[y * WINDOW + right]);
                let dy = down(luma[above * WINDOW + x], luma[below * WINDOW + x]);
                let values = [dx, dx.abs(), dx, dx.abs(), dy, dy.abs(), dy, dy.abs()];
                let kept = &KEPT[usize::from(dy < 0)][usize::from(dx < 0)];
                for channel in 0..CHANNELS {
                    along[channel] += values[channel] & kept[channel];
                    row[x + 1][channel] = earlier[x + 1][channel] + along[channel];
                }
            }
        }
    }

    pub(super) fn wipe(&mut self) {
        self.sums.zeroize();
        self.values.zeroize();
        self.next.zeroize();
    }
}
