//! The later stages: gradients summed over cells (Bay et al. 2008, as Li and Zhang 2013 use them), then a small network.

use super::{cascade::WINDOW, model::Numbers};
use zeroize::Zeroize;

/// Sums of a cell: of both gradients and their sizes, each by the sign of the other.
const CHANNELS: usize = 8;
/// A patch has two by two cells.
const VALUES: usize = 4 * CHANNELS;
/// Steps of places and least sides of patches.
const STEP: usize = 16;
/// Width and height of the patches' shapes.
const SHAPES: [(usize, usize); 5] = [(1, 1), (1, 2), (2, 1), (2, 3), (3, 2)];
/// Row of the running sums: one more than the window has.
const STRIDE: usize = WINDOW + 1;

/// One stage.
pub(super) struct Surf {
    patches: Vec<Patch>,
    /// At which rows a cell of them begins or ends.
    edges: [bool; STRIDE],
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
        let mut edges = [false; STRIDE];
        for Patch { y, height, .. } in &patches {
            [0, height / 2, height / 2 * 2].iter().for_each(|down| edges[y + down] = true);
        }
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
        (inputs == 4).then_some(Surf { patches, edges, threshold, layers: read })
    }

    /// What it says of a window, if it takes it for a face.
    pub(super) fn judge(&self, window: &[u8; WINDOW * WINDOW], map: &mut SurfMap) -> Option<Verdict> {
        map.take(window, &self.edges);
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
    /// Over all above and left of each place, at the edges of cells.
    sums: Vec<[i32; CHANNELS]>,
    values: Vec<f32>,
    next: Vec<f32>,
}

impl SurfMap {
    /// Takes the gradients of a window, and their running sums at some rows.
    fn take(&mut self, luma: &[u8; WINDOW * WINDOW], edges: &[bool; STRIDE]) {
        self.sums.resize(STRIDE * STRIDE, [0; CHANNELS]);
        let (lines, _) = luma.as_chunks::<WINDOW>();
        let mut columns = [[0; WINDOW]; CHANNELS];
        for y in 0..WINDOW {
            let (above, below) = (&lines[y.saturating_sub(1)], &lines[(y + 1).min(WINDOW - 1)]);
            add_gradients(&mut columns, &lines[y], above, below, y == 0 || y == WINDOW - 1);
            if edges[y + 1] {
                let mut along = [0; CHANNELS];
                for (x, sums) in self.sums[(y + 1) * STRIDE + 1..][..WINDOW].iter_mut().enumerate() {
                    for (along, column) in along.iter_mut().zip(&columns) {
                        *along += i32::from(column[x]);
                    }
                    *sums = along;
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

/// Adds those of one row to the sums of each column, which stay within 40 times 2 times 255. A pixel counts for some of
/// the channels, by whether its gradients right and down are below zero.
fn add_gradients(
    columns: &mut [[i16; WINDOW]; CHANNELS],
    line: &[u8; WINDOW],
    above: &[u8; WINDOW],
    below: &[u8; WINDOW],
    is_border: bool,
) {
    let difference = |low: u8, high: u8| i16::from(high) - i16::from(low);
    // At the border the difference to the one neighbor counts twice.
    let twice = if is_border { 2 } else { 1 };
    let (mut across, mut down) = ([0; WINDOW], [0; WINDOW]);
    for x in 1..WINDOW - 1 {
        across[x] = difference(line[x - 1], line[x + 1]);
    }
    across[0] = difference(line[0], line[1]) * 2;
    across[WINDOW - 1] = difference(line[WINDOW - 2], line[WINDOW - 1]) * 2;
    for x in 0..WINDOW {
        down[x] = difference(above[x], below[x]) * twice;
    }
    let mut add = |first: usize, gradients: &[i16; WINDOW], others: &[i16; WINDOW]| {
        let [sums, sizes, sums_below, sizes_below] = &mut columns[first..first + 4] else { return };
        for x in 0..WINDOW {
            let below = others[x] >> 15;
            let size = gradients[x].abs();
            sums[x] += gradients[x] & !below;
            sizes[x] += size & !below;
            sums_below[x] += gradients[x] & below;
            sizes_below[x] += size & below;
        }
    };
    add(0, &across, &down);
    add(4, &down, &across);
}
