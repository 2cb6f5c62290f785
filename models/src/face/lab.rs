//! The first stage: locally assembled binary features (Yan et al. 2008), boosted.

use super::{cascade::WINDOW, model::Numbers};
use zeroize::Zeroize;

/// Features between two looks at the threshold.
const GROUP: usize = 10;
/// A window whose luma deviates less is no face.
const LEAST_DEVIATION: f64 = 10.0;
/// A feature compares the sum of a block of so many pixels a side with those of the eight around it.
const BLOCK: usize = 3;
/// Pixels a side of all nine.
const REACH: usize = 3 * BLOCK;

/// A boosted classifier of windows.
pub(super) struct Lab {
    features: Vec<Feature>,
}

struct Feature {
    x: usize,
    y: usize,
    threshold: f32,
    /// One for each value of the feature.
    weights: [f32; 256],
}

impl Lab {
    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Lab> {
        let (count, bins) = (numbers.count()?, numbers.count()?);
        let places: Vec<_> =
            (0..count).map(|_| Some((numbers.count()?, numbers.count()?))).collect::<Option<_>>()?;
        let thresholds = numbers.reals(count)?;
        let mut features = Vec::with_capacity(count);
        for ((x, y), threshold) in places.into_iter().zip(thresholds) {
            let weights = numbers.reals(bins + 1)?;
            let weights = weights.get(..256)?.try_into().ok()?;
            if x.max(y) + REACH > WINDOW {
                return None;
            }
            features.push(Feature { x, y, threshold, weights });
        }
        features.len().is_multiple_of(GROUP).then_some(Lab { features })
    }

    /// The score of the window at (`x`, `y`), if it may be a face.
    pub(super) fn score(&self, map: &LabMap, x: usize, y: usize) -> Option<f32> {
        let mut score = 0.0;
        for group in self.features.chunks_exact(GROUP) {
            for feature in group {
                let value = map.values[(y + feature.y) * map.width + x + feature.x];
                score += feature.weights[usize::from(value)];
            }
            if score < group[GROUP - 1].threshold {
                return None;
            }
        }
        Some(score)
    }
}

/// The features at every place of a picture.
#[derive(Default)]
pub(super) struct LabMap {
    width: usize,
    values: Vec<u8>,
    /// Of the block whose upper left pixel is there.
    sums: Vec<i16>,
    columns: Vec<i16>,
}

impl LabMap {
    /// Takes the features of a picture.
    pub(super) fn take(&mut self, luma: &[u8], width: usize) {
        let height = luma.len() / width;
        self.width = width;
        self.values.clear();
        self.values.resize(luma.len(), 0);
        self.sums.clear();
        self.sums.resize(luma.len(), 0);
        self.columns.resize(width, 0);
        for row in 0..height + 1 - BLOCK {
            let line = |below: usize| luma[(row + below) * width..(row + below + 1) * width].iter();
            for (sum, ((a, b), c)) in self.columns.iter_mut().zip(line(0).zip(line(1)).zip(line(2))) {
                *sum = i16::from(*a) + i16::from(*b) + i16::from(*c);
            }
            let sums = &mut self.sums[row * width..row * width + width + 1 - BLOCK];
            let column = |right: usize| self.columns[right..].iter();
            for (sum, ((a, b), c)) in sums.iter_mut().zip(column(0).zip(column(1)).zip(column(2))) {
                *sum = a + b + c;
            }
        }
        for row in 0..height + 1 - REACH {
            let line = |at: usize, from: usize| {
                let start = (row + at * BLOCK) * width + from * BLOCK;
                &self.sums[start..start + width + 1 - REACH]
            };
            let middle = line(1, 1);
            // Around it, beginning at the upper left, clockwise; the highest bit is the first.
            let around = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)];
            let bits = [0x80, 0x40, 0x20, 0x08, 0x01, 0x02, 0x04, 0x10];
            let values = &mut self.values[row * width..row * width + width + 1 - REACH];
            for ((at, from), bit) in around.into_iter().zip(bits) {
                for ((value, middle), other) in values.iter_mut().zip(middle).zip(line(at, from)) {
                    *value |= if middle >= other { bit } else { 0 };
                }
            }
        }
    }
}

impl LabMap {
    pub(super) fn wipe(&mut self) {
        self.values.zeroize();
        self.sums.zeroize();
        self.columns.zeroize();
    }
}

/// Whether the luma of the window at (`x`, `y`) deviates enough.
pub(super) fn is_varied(luma: &[u8], width: usize, x: usize, y: usize) -> bool {
    let (mut sum, mut squares) = (0_u32, 0_u32);
    for row in luma.chunks_exact(width).skip(y).take(WINDOW) {
        for value in &row[x..x + WINDOW] {
            let value = u16::from(*value);
            sum += u32::from(value);
            squares += u32::from(value * value);
        }
    }
    let area = (WINDOW * WINDOW) as f64;
    let (mean, mean_square) = (f64::from(sum) / area, f64::from(squares) / area);
    (mean_square - mean * mean).sqrt() > LEAST_DEVIATION
}
