//! The axis about which a face mirrors best.

use super::{Grid, Placement, Source};
use crate::photo::Photo;
use std::ops::Range;
use zeroize::Zeroize;

/// Side of the picture in which the axis is searched, pixels.
const SIDE: usize = 48;
/// Largest shift, pixels of that picture: a sixteenth of the input's side; the landmarks are near.
const MOST_SHIFT: i32 = 3;
/// Turns that are tried: steps of 2.5 degrees up to 5.
const TURNS: i32 = 2;
const TURN: f32 = 0.0436;
/// A square that is turned so far stays within one of so many sides.
const REACH: f32 = 1.15;
/// Rows from brow to mouth count; chin and neck vary with clothes and pose.
const COUNTED: Range<usize> = SIDE / 8..SIDE * 13 / 16;

/// Shifts and turns `rough` to where the luma, freed of slow changes, agrees best with its mirror image.
pub(super) fn onto_axis(photo: &Photo, rough: Placement) -> Placement {
    let source = Source::of(photo, &rough, 2 * SIDE, REACH);
    let small_rough = source.placement;
    let found = best_axis(&source);
    if small_rough == rough {
        return found;
    }
    let factor = rough.side / small_rough.side;
    Placement {
        center_x: rough.center_x + (found.center_x - small_rough.center_x) * factor,
        center_y: rough.center_y + (found.center_y - small_rough.center_y) * factor,
        side: rough.side,
        roll: found.roll,
    }
}

fn best_axis(source: &Source<'_>) -> Placement {
    let rough = source.placement;
    let mut best = (f32::MIN, 0.0, 0.0);
    let mut ridge = Vec::with_capacity(2 * TURNS as usize + 1);
    for turn in -TURNS..=TURNS {
        let placement = Placement { roll: rough.roll + turn as f32 * TURN, ..rough };
        let (agreement, shift) = Detail::of(source, &placement).best_shift();
        // What the landmarks say is likelier than what is far from it.
        ridge.push((agreement - 0.01 * (turn * turn) as f32 / TURNS as f32, shift));
    }
    for (index, (agreement, shift)) in ridge.iter().enumerate() {
        if *agreement > best.0 {
            let between = peak(&ridge, index);
            best = (*agreement, rough.roll + (index as f32 - TURNS as f32 + between) * TURN, *shift);
        }
    }
    let turned = Placement { roll: best.1, ..rough };
    let (center_x, center_y) = turned.point(best.2 / SIDE as f32, 0.0);
    Placement { center_x, center_y, ..turned }
}

/// Where between its neighbors the peak lies, -0.5 to 0.5 steps, by a parabola through three values.
fn peak(ridge: &[(f32, f32)], index: usize) -> f32 {
    if index == 0 || index + 1 == ridge.len() {
        return 0.0;
    }
    vertex(ridge[index - 1].0, ridge[index].0, ridge[index + 1].0)
}

fn vertex(before: f32, at: f32, after: f32) -> f32 {
    let bend = before - 2.0 * at + after;
    if bend >= -1e-9 { 0.0 } else { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) }
}

/// The counted rows of the placed square at low resolution, minus its own blur, in eighths of a luma step; and the same
/// with each row reversed.
struct Detail {
    face: Vec<i16>,
    mirrored: Vec<i16>,
}

impl Detail {
    fn of(source: &Source<'_>, placement: &Placement) -> Detail {
        let (grid, view) = (Grid::new(placement, SIDE), source.view());
        let mut luma = vec![0; (COUNTED.end + BLUR).min(SIDE) * SIDE];
        for (row, luma) in luma.chunks_exact_mut(SIDE).enumerate() {
            view.take_row(&grid, row, luma, |value| (value * 8.0) as i16);
        }
        let mut face = Vec::with_capacity(COUNTED.len() * SIDE);
        minus_blur(&luma, &mut face);
        luma.zeroize();
        let mirrored = face.chunks_exact(SIDE).flat_map(|row| row.iter().rev().copied()).collect();
        Detail { face, mirrored }
    }

    /// The best agreement (-1 to 1) of the picture with its mirror image, and the axis's shift in pixels.
    fn best_shift(&self) -> (f32, f32) {
        let agreements: Vec<(f32, f32)> = (-MOST_SHIFT..=MOST_SHIFT)
            .map(|shift| (self.agreement(2 * shift) - 0.0016 * (shift * shift) as f32, shift as f32))
            .collect();
        let mut best = 0;
        for (index, (agreement, _)) in agreements.iter().enumerate() {
            if *agreement > agreements[best].0 {
                best = index;
            }
        }
        (agreements[best].0, agreements[best].1 + peak(&agreements, best))
    }

    /// Correlation of the picture with itself mirrored about the middle plus `double` half pixels. In integers, which
    /// vectorize.
    fn agreement(&self, double: i32) -> f32 {
        let from = (SIDE as i32 / 8).max(double) as usize;
        let to = (SIDE as i32 * 7 / 8).min(SIDE as i32 + double) as usize;
        // The mirror's column that falls onto the first.
        let mirror_from = (from as i32 - double) as usize;
        let (mut product, mut power) = (0i64, 0i64);
        for (face, mirrored) in self.face.chunks_exact(SIDE).zip(self.mirrored.chunks_exact(SIDE)) {
            let (a, b) = (&face[from..to], &mirrored[mirror_from..mirror_from + to - from]);
            product += i64::from(dot(a, b));
            power += i64::from(dot(a, a)) + i64::from(dot(b, b));
        }
        2.0 * product as f32 / (power + 1) as f32
    }
}

impl Drop for Detail {
    fn drop(&mut self) {
        self.face.zeroize();
        self.mirrored.zeroize();
    }
}

/// The blur reaches so far: means over nine by nine pixels, fewer at the border.
const BLUR: usize = 4;

/// Appends the counted rows minus their means.
fn minus_blur(luma: &[i16], face: &mut Vec<i16>) {
    let window = |at: usize| at.saturating_sub(BLUR)..(at + BLUR + 1).min(SIDE);
    let mut columns = [0i32; SIDE];
    let mut run = [0i32; SIDE + 1];
    let mut held = 0..0;
    for row in COUNTED {
        let needed = window(row);
        for at in held.end..needed.end {
            columns.iter_mut().zip(line(luma, at)).for_each(|(sum, value)| *sum += i32::from(*value));
        }
        for at in held.start..needed.start {
            columns.iter_mut().zip(line(luma, at)).for_each(|(sum, value)| *sum -= i32::from(*value));
        }
        for (column, sum) in columns.iter().enumerate() {
            run[column + 1] = run[column] + sum;
        }
        face.extend(line(luma, row).iter().enumerate().map(|(column, value)| {
            let across = window(column);
            let count = (across.len() * needed.len()) as i32;
            value - ((run[across.end] - run[across.start]) / count) as i16
        }));
        held = needed;
    }
    columns.zeroize();
    run.zeroize();
}

fn line(luma: &[i16], row: usize) -> &[i16] {
    &luma[row * SIDE..(row + 1) * SIDE]
}

/// At most `SIDE` products of values below 2^11: no overflow.
fn dot(a: &[i16], b: &[i16]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}
