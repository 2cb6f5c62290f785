//! From a face in a photo to the network's input: placed, turned upright, and freed of uneven light.
//!
//! All of it is additions, multiplications and divisions of IEEE single precision, or integers, so that a photo
//! gives the same input on every CPU.

use crate::{
    face::FaceBox,
    landmarks::{Landmarks, midway},
    photo::Photo,
    pose::Side,
};
use zeroize::Zeroize;

/// Side of the network's square input, pixels.
pub const SIZE: usize = 128;
/// Values a pixel: the luma freed of uneven light, and the same of the mirror image, so that the first layer sees
/// both halves of the face side by side.
pub const CHANNELS: usize = 2;
/// The input value that stands for "as bright as its surroundings".
pub const ZERO_POINT: u8 = 128;
/// One step of the input, in standard deviations of the surroundings.
pub const INPUT_SCALE: f32 = 1.0 / 48.0;

/// Side of the input over half the side of the square whose mean and deviation are "the surroundings".
const SURROUNDINGS: usize = 8;
/// Added to the deviation, in luma steps, so that noise on a flat cheek is not blown up.
const LEAST_DEVIATION: i64 = 6;
/// Side of the input over the width of the face box: from above the brows to the upper neck.
const SIDE_PER_WIDTH: f32 = 1.35;
/// Input center below the box's center, in box heights.
const BELOW_CENTER: f32 = 0.08;
/// Side of the input over the distance between the eyes: the same reach.
const SIDE_PER_INTEROCULAR: f32 = 2.8;
/// Input center below the eyes, in distances between the eyes.
const BELOW_EYES: f32 = 0.72;

/// The square of a photo that becomes the network's input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Center, pixels of the photo from its left edge.
    pub center_x: f32,
    /// Center, pixels of the photo from its upper edge.
    pub center_y: f32,
    /// Side, pixels of the photo.
    pub side: f32,
    /// Turn in radians; positive when the head leans clockwise in the picture.
    pub roll: f32,
}

impl Placement {
    /// The square around a face box, upright.
    pub fn of_box(face: &FaceBox) -> Placement {
        Placement {
            center_x: face.x + face.width * 0.5,
            center_y: face.y + face.height * (0.5 + BELOW_CENTER),
            side: face.width * SIDE_PER_WIDTH,
            roll: 0.0,
        }
    }

    /// The square around a face's landmarks, turned upright by its eyes.
    pub fn around(landmarks: &Landmarks) -> Placement {
        Placement::upright(landmarks, SIDE_PER_INTEROCULAR, BELOW_EYES)
    }

    /// A square that is turned upright by the eyes; its side, and how far its center lies below them, in distances
    /// between the eyes.
    pub fn upright(landmarks: &Landmarks, side: f32, below_eyes: f32) -> Placement {
        let [right, left] = [Side::Right, Side::Left].map(|side| landmarks.eye_center(side));
        let apart = landmarks.interocular();
        let between = midway(right, left);
        let (across, down) = ((left[0] - right[0]) / apart, (left[1] - right[1]) / apart);
        let below = apart * below_eyes;
        Placement {
            center_x: between[0] - down * below,
            center_y: between[1] + across * below,
            side: apart * side,
            roll: arc(down, across),
        }
    }

    /// Around the landmarks, then shifted sideways and turned onto the axis about which the face mirrors best.
    pub fn of(photo: &Photo, landmarks: &Landmarks) -> Placement {
        symmetry::onto_axis(photo, Placement::around(landmarks))
    }

    /// Where a point of the photo lies, in sides from the square's center.
    pub fn within(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let Axes { center_x, center_y, along, across } = self.axes();
        let square = self.side * self.side;
        let (right, down) = (x - center_x, y - center_y);
        [(right * along + down * across) / square, (down * along - right * across) / square]
    }

    /// Where the point (`u`, `v`) of the input, in sides from its center, lies in the photo.
    pub fn point(&self, u: f32, v: f32) -> (f32, f32) {
        self.axes().point(u, v)
    }

    fn axes(&self) -> Axes {
        let (sine, cosine) = small_angle(self.roll);
        let (along, across) = (self.side * cosine, self.side * sine);
        Axes { center_x: self.center_x, center_y: self.center_y, along, across }
    }
}

/// A placement with its turn worked out.
#[derive(Clone, Copy)]
struct Axes {
    center_x: f32,
    center_y: f32,
    along: f32,
    across: f32,
}

impl Axes {
    fn point(&self, u: f32, v: f32) -> (f32, f32) {
        (self.center_x + u * self.along - v * self.across, self.center_y + u * self.across + v * self.along)
    }
}

/// Sine and cosine by their series, exact to 1e-5 below half a radian; library functions differ between systems.
fn small_angle(angle: f32) -> (f32, f32) {
    let angle = angle.clamp(-0.6, 0.6);
    let square = angle * angle;
    let sine = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0));
    let cosine = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0));
    (sine, cosine)
}

/// The angle of a direction, by its sine's series: exact to 1e-3 below half a radian, and clamped there.
fn arc(sine: f32, cosine: f32) -> f32 {
    let sine = if cosine > 0.0 { sine.clamp(-0.56, 0.56) } else { 0.56f32.copysign(sine) };
    let square = sine * sine;
    sine * (1.0 + square / 6.0 * (1.0 + square * 0.45 * (1.0 + square * 0.595)))
}

/// The network's input: `SIZE` x `SIZE` pixels, `CHANNELS` values each, rows from the top. Wiped when dropped.
#[derive(Clone)]
pub struct Crop {
    pixels: Vec<u8>,
}

impl Crop {
    /// The placed square of a photo.
    pub fn take(photo: &Photo, placement: &Placement) -> Crop {
        let mut luma = sample(photo, placement, SIZE);
        let crop = normalize(&luma);
        luma.zeroize();
        crop
    }

    /// An input from its values; `None` if their number is wrong.
    pub fn from_pixels(pixels: Vec<u8>) -> Option<Crop> {
        (pixels.len() == SIZE * SIZE * CHANNELS).then_some(Crop { pixels })
    }

    /// `SIZE * SIZE * CHANNELS` values, channels last.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

impl Drop for Crop {
    fn drop(&mut self) {
        self.pixels.zeroize();
    }
}

/// The luma of the placed square, `side` x `side` pixels. Beyond the photo its border goes on.
pub fn sample(photo: &Photo, placement: &Placement, side: usize) -> Vec<u8> {
    let at = |index: usize| (index as f32 + 0.5) / side as f32 - 0.5;
    let look = |photo: &Photo, placement: &Placement| {
        let axes = placement.axes();
        let mut luma = Vec::with_capacity(side * side);
        for row in 0..side {
            for column in 0..side {
                let (x, y) = axes.point(at(column), at(row));
                luma.push((bilinear(photo, x - 0.5, y - 0.5) + 0.5) as u8);
            }
        }
        luma
    };
    // A large face is averaged first, or it would alias.
    match shrunk(photo, placement, side) {
        Some((photo, placement)) => look(&photo, &placement),
        None => look(photo, placement),
    }
}

/// The photo and the placement at a whole fraction of their size, at which the placed square has about `side`
/// pixels; `None` where it has no more than that.
fn shrunk(photo: &Photo, placement: &Placement, side: usize) -> Option<(Photo, Placement)> {
    let by = (placement.side / side as f32).round().clamp(1.0, 64.0) as u32;
    if by == 1 {
        return None;
    }
    let small = photo.scaled(photo.width() / by, photo.height() / by).ok()?;
    let across = small.width() as f32 / photo.width() as f32;
    let down = small.height() as f32 / photo.height() as f32;
    let placement = Placement {
        center_x: placement.center_x * across,
        center_y: placement.center_y * down,
        side: placement.side * across,
        roll: placement.roll,
    };
    Some((small, placement))
}

/// Luma between pixel centers; `x` and `y` count from the center of the first pixel.
fn bilinear(photo: &Photo, x: f32, y: f32) -> f32 {
    let (last_x, last_y) = (photo.width() as usize - 1, photo.height() as usize - 1);
    let (x, y) = (x.clamp(0.0, last_x as f32), y.clamp(0.0, last_y as f32));
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = ((left + 1).min(last_x), (top + 1).min(last_y));
    let (along, down) = (x - left as f32, y - top as f32);
    let width = photo.width() as usize;
    let at = |column: usize, row: usize| f32::from(photo.luma()[row * width + column]);
    let upper = at(left, top) + (at(right, top) - at(left, top)) * along;
    let lower = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * along;
    upper + (lower - upper) * down
}

/// The network's input from the luma of the square, `SIZE * SIZE` values.
pub fn normalize(luma: &[u8]) -> Crop {
    let mut plane = normalized(luma, SIZE);
    let mut pixels = Vec::with_capacity(SIZE * SIZE * CHANNELS);
    for row in plane.chunks_exact(SIZE) {
        pixels.extend(row.iter().zip(row.iter().rev()).flat_map(|(face, mirror)| [*face, *mirror]));
    }
    plane.zeroize();
    Crop { pixels }
}

/// Each pixel of a square against the mean and deviation of its surroundings, `side * side` values.
///
/// Sums over a plain box window; after Lee's local statistics (1980).
pub fn normalized(luma: &[u8], side: usize) -> Vec<u8> {
    assert_eq!(luma.len(), side * side, "a square of this side");
    let sums = RunningSums::of(luma, side);
    let mut plane = Vec::with_capacity(side * side);
    for (row, values) in luma.chunks_exact(side).enumerate() {
        for (column, value) in values.iter().enumerate() {
            let (count, sum, squares) = sums.window(column, row);
            // Exact as f64, and its square root and quotient are one rounding each.
            let deviation = ((count * squares - sum * sum) as f64).sqrt() + (LEAST_DEVIATION * count) as f64;
            let difference = i64::from(*value) * count - sum;
            let steps = (48 * difference) as f64 / deviation;
            // The conversion cuts the fraction off and stops at 0 and 255.
            plane.push((f64::from(ZERO_POINT) + steps + 0.5) as u8);
        }
    }
    plane
}

/// Sums and sums of squares over everything above and left of a pixel.
struct RunningSums {
    side: usize,
    values: Vec<(i64, i64)>,
}

impl RunningSums {
    fn of(luma: &[u8], side: usize) -> RunningSums {
        let stride = side + 1;
        let mut values = vec![(0, 0); stride * stride];
        for row in 0..side {
            let mut along = (0, 0);
            for column in 0..side {
                let value = i64::from(luma[row * side + column]);
                along = (along.0 + value, along.1 + value * value);
                let above = values[row * stride + column + 1];
                values[(row + 1) * stride + column + 1] = (above.0 + along.0, above.1 + along.1);
            }
        }
        RunningSums { side, values }
    }

    /// Count, sum and sum of squares of the pixels around one.
    fn window(&self, column: usize, row: usize) -> (i64, i64, i64) {
        let (side, reach) = (self.side, self.side / SURROUNDINGS);
        let (left, top) = (column.saturating_sub(reach), row.saturating_sub(reach));
        let (right, bottom) = ((column + reach + 1).min(side), (row + reach + 1).min(side));
        let at = |column: usize, row: usize| self.values[row * (side + 1) + column];
        let (a, b, c, d) = (at(left, top), at(right, top), at(left, bottom), at(right, bottom));
        let count = ((right - left) * (bottom - top)) as i64;
        (count, d.0 - b.0 - c.0 + a.0, d.1 - b.1 - c.1 + a.1)
    }
}

impl Drop for RunningSums {
    fn drop(&mut self) {
        for (sum, squares) in &mut self.values {
            sum.zeroize();
            squares.zeroize();
        }
    }
}

/// The axis about which a face mirrors best.
mod symmetry {
    use super::{Placement, bilinear, shrunk};
    use crate::photo::Photo;
    use zeroize::Zeroize;

    /// Side of the picture in which the axis is searched, pixels.
    const SIDE: usize = 48;
    /// Largest shift, pixels of that picture: a sixteenth of the input's side; the landmarks are near.
    const MOST_SHIFT: i32 = 3;
    /// Turns that are tried: steps of 2.5 degrees up to 5.
    const TURNS: i32 = 2;
    const TURN: f32 = 0.0436;

    /// Shifts and turns `rough` to where the luma, freed of slow changes, agrees best with its mirror image.
    pub(super) fn onto_axis(photo: &Photo, rough: Placement) -> Placement {
        match shrunk(photo, &rough, 2 * SIDE) {
            None => best_axis(photo, rough),
            Some((small, small_rough)) => {
                let found = best_axis(&small, small_rough);
                let factor = rough.side / small_rough.side;
                Placement {
                    center_x: rough.center_x + (found.center_x - small_rough.center_x) * factor,
                    center_y: rough.center_y + (found.center_y - small_rough.center_y) * factor,
                    side: rough.side,
                    roll: found.roll,
                }
            }
        }
    }

    fn best_axis(photo: &Photo, rough: Placement) -> Placement {
        let mut best = (f32::MIN, 0.0, 0.0);
        let mut ridge = Vec::with_capacity(2 * TURNS as usize + 1);
        for turn in -TURNS..=TURNS {
            let placement = Placement { roll: rough.roll + turn as f32 * TURN, ..rough };
            let mut picture = detail(photo, &placement);
            let (agreement, shift) = best_shift(&picture);
            picture.zeroize();
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

    /// The placed square at low resolution, minus its own blur, in eighths of a luma step.
    fn detail(photo: &Photo, placement: &Placement) -> Vec<i16> {
        let at = |index: usize| (index as f32 + 0.5) / SIDE as f32 - 0.5;
        let axes = placement.axes();
        let mut luma: Vec<i16> = (0..SIDE * SIDE)
            .map(|k| {
                let (x, y) = axes.point(at(k % SIDE), at(k / SIDE));
                (bilinear(photo, x - 0.5, y - 0.5) * 8.0) as i16
            })
            .collect();
        let mut slow = blurred(&luma);
        for (value, mean) in luma.iter_mut().zip(&slow) {
            *value -= mean;
        }
        slow.zeroize();
        luma
    }

    /// Means over nine by nine pixels, fewer at the border.
    fn blurred(luma: &[i16]) -> Vec<i16> {
        const REACH: usize = 4;
        let window = |k: usize| (k.saturating_sub(REACH), (k + REACH + 1).min(SIDE));
        let mut columns = vec![0i32; SIDE * SIDE];
        for (row, sums) in columns.chunks_exact_mut(SIDE).enumerate() {
            let (from, to) = window(row);
            for line in luma.chunks_exact(SIDE).take(to).skip(from) {
                for (sum, value) in sums.iter_mut().zip(line) {
                    *sum += i32::from(*value);
                }
            }
        }
        let mut means = Vec::with_capacity(SIDE * SIDE);
        for (row, sums) in columns.chunks_exact(SIDE).enumerate() {
            let (top, bottom) = window(row);
            means.extend((0..SIDE).map(|column| {
                let (from, to) = window(column);
                let sum: i32 = sums[from..to].iter().sum();
                (sum / ((to - from) * (bottom - top)) as i32) as i16
            }));
        }
        columns.zeroize();
        means
    }

    /// The best agreement (-1 to 1) of the picture with its mirror image, and the axis's shift in pixels.
    fn best_shift(picture: &[i16]) -> (f32, f32) {
        let agreements: Vec<(f32, f32)> = (-MOST_SHIFT..=MOST_SHIFT)
            .map(|shift| (agreement(picture, 2 * shift) - 0.0016 * (shift * shift) as f32, shift as f32))
            .collect();
        let mut best = 0;
        for (index, (agreement, _)) in agreements.iter().enumerate() {
            if *agreement > agreements[best].0 {
                best = index;
            }
        }
        (agreements[best].0, agreements[best].1 + peak(&agreements, best))
    }

    /// Correlation of the picture with itself mirrored about the middle plus `double` half pixels. Rows from brow
    /// to mouth count; chin and neck vary with clothes and pose. In integers, which vectorize.
    fn agreement(picture: &[i16], double: i32) -> f32 {
        let from = (SIDE as i32 / 8).max(double) as usize;
        let to = (SIDE as i32 * 7 / 8).min(SIDE as i32 + double) as usize;
        let (mut product, mut power) = (0i64, 0i64);
        let mut mirrored = [0i16; SIDE];
        // The columns that mirror `from..to`, last first.
        let (first, last) =
            ((SIDE as i32 - to as i32 + double) as usize, (SIDE as i32 - from as i32 + double) as usize);
        for row in picture.chunks_exact(SIDE).take(SIDE * 13 / 16).skip(SIDE / 8) {
            let (a, b) = (&row[from..to], &mut mirrored[..to - from]);
            b.copy_from_slice(&row[first..last]);
            b.reverse();
            let b = &*b;
            product += i64::from(dot(a, b));
            power += i64::from(dot(a, a)) + i64::from(dot(b, b));
        }
        mirrored.zeroize();
        2.0 * product as f32 / (power + 1) as f32
    }

    /// At most `SIDE` products of values below 2^11: no overflow.
    fn dot(a: &[i16], b: &[i16]) -> i32 {
        a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
    }
}
