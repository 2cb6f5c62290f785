//! From a face in a photo to the network's input: placed, turned upright, and freed of uneven light.
//!
//! All of it is additions, multiplications and divisions of IEEE single precision, or integers, so that a photo
//! gives the same input on every CPU.

use crate::{
    face::FaceBox,
    landmarks::{Landmarks, midway},
    photo::{LEAST_SIDE, Part, Photo, whole},
    pose::Side,
};
use std::ops::Range;
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
const LEAST_DEVIATION: f64 = 6.0;
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
    // A large face is averaged first, or it would alias.
    let source = Source::of(photo, placement, side, 1.0);
    let (grid, view) = (Grid::new(&source.placement, side), source.view());
    let mut luma = vec![0; side * side];
    for (row, luma) in luma.chunks_exact_mut(side).enumerate() {
        view.take_row(&grid, row, luma, |value| (value + 0.5) as u8);
    }
    luma
}

/// Where the centers of a placed square's pixels lie, counted from the center of the photo's first pixel.
struct Grid {
    axes: Axes,
    /// What each column adds to x and to y.
    columns: Vec<(f32, f32)>,
    /// The same of each row.
    rows: Vec<(f32, f32)>,
}

impl Grid {
    fn new(placement: &Placement, side: usize) -> Grid {
        let axes = placement.axes();
        let at = |index: usize| (index as f32 + 0.5) / side as f32 - 0.5;
        let columns = (0..side).map(|column| (at(column) * axes.along, at(column) * axes.across));
        let rows = (0..side).map(|row| (at(row) * axes.across, at(row) * axes.along));
        Grid { axes, columns: columns.collect(), rows: rows.collect() }
    }

    /// In the order of operations of [`Axes::point`].
    fn row(&self, row: usize) -> impl Iterator<Item = (f32, f32)> {
        let (left, down) = self.rows[row];
        let Axes { center_x, center_y, .. } = self.axes;
        self.columns
            .iter()
            .map(move |(right, across)| (center_x + right - left - 0.5, center_y + across + down - 0.5))
    }

    /// The first and the last place of a row; all others lie between them, since sums are rounded in order.
    fn ends(&self, row: usize) -> [(f32, f32); 2] {
        let mut places = self.row(row);
        let first = places.next().unwrap_or_default();
        [first, places.last().unwrap_or(first)]
    }
}

/// What a placed square is taken from: the photo, or the part of it that the square covers at a whole fraction of
/// its size, at which the square has about as many pixels as are asked for.
struct Source<'a> {
    photo: &'a Photo,
    part: Option<Part>,
    /// Columns and rows of the whole picture at that size.
    size: (usize, usize),
    /// The placement there.
    placement: Placement,
}

impl<'a> Source<'a> {
    /// `reach` is how many times the square's side may be looked at, for placements that turn it.
    fn of(photo: &'a Photo, placement: &Placement, side: usize, reach: f32) -> Source<'a> {
        let by = (placement.side / side as f32).round().clamp(1.0, 64.0) as u32;
        let (width, height) = (photo.width() / by, photo.height() / by);
        if by == 1 || width.min(height) < LEAST_SIDE {
            let size = (photo.width() as usize, photo.height() as usize);
            return Source { photo, part: None, size, placement: *placement };
        }
        let across = width as f32 / photo.width() as f32;
        let down = height as f32 / photo.height() as f32;
        let placement = Placement {
            center_x: placement.center_x * across,
            center_y: placement.center_y * down,
            side: placement.side * across,
            roll: placement.roll,
        };
        let size = (width as usize, height as usize);
        let looked_at = Placement { side: placement.side * reach, ..placement };
        let part = Part::scaled(photo, size, covered(&looked_at, size));
        Source { photo, part: Some(part), size, placement }
    }

    fn view(&self) -> View<'_> {
        let last = (self.size.0 - 1, self.size.1 - 1);
        match &self.part {
            None => View { luma: self.photo.luma(), row_length: self.size.0, first: (0, 0), last },
            Some(part) => View {
                luma: &part.luma,
                row_length: part.columns.len(),
                first: (part.columns.start, part.rows.start),
                last,
            },
        }
    }
}

/// The pixels of a source.
#[derive(Clone, Copy)]
struct View<'a> {
    luma: &'a [u8],
    row_length: usize,
    /// Column and row of its first pixel.
    first: (usize, usize),
    /// The last column and row of the whole picture.
    last: (usize, usize),
}

impl View<'_> {
    /// Fills `to` from the luma at the places of a grid's row.
    fn take_row<T>(&self, grid: &Grid, row: usize, to: &mut [T], value: impl Fn(f32) -> T) {
        let places = to.iter_mut().zip(grid.row(row));
        if grid.ends(row).into_iter().all(|place| self.surrounds(place)) {
            places.for_each(|(to, (x, y))| *to = value(self.within(x, y)));
        } else {
            places.for_each(|(to, (x, y))| *to = value(self.bilinear(x, y)));
        }
    }

    /// Whether four pixels lie around this place.
    fn surrounds(&self, (x, y): (f32, f32)) -> bool {
        (0.0..self.last.0 as f32).contains(&x) && (0.0..self.last.1 as f32).contains(&y)
    }

    /// [`View::bilinear`] where four pixels surround the place.
    #[inline]
    fn within(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x as i32 as usize, y as i32 as usize);
        let start = (top - self.first.1) * self.row_length + left - self.first.0;
        let lower = start + self.row_length;
        let (upper, lower) = (&self.luma[start..start + 2], &self.luma[lower..lower + 2]);
        let (along, down) = (x - left as f32, y - top as f32);
        let upper = between(upper[0], upper[1], along);
        upper + (between(lower[0], lower[1], along) - upper) * down
    }

    /// Luma between pixel centers; `x` and `y` count from the center of the first pixel.
    #[inline]
    fn bilinear(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x.clamp(0.0, self.last.0 as f32), y.clamp(0.0, self.last.1 as f32));
        // No picture has a side of 2^31 pixels, and this conversion takes the fewest instructions.
        let (left, top) = (x as i32 as usize, y as i32 as usize);
        let (right, bottom) = ((left + 1).min(self.last.0), (top + 1).min(self.last.1));
        let (along, down) = (x - left as f32, y - top as f32);
        let (upper, lower) = (self.row(top), self.row(bottom));
        let (left, right) = (left - self.first.0, right - self.first.0);
        let upper = between(upper[left], upper[right], along);
        let lower = between(lower[left], lower[right], along);
        upper + (lower - upper) * down
    }

    #[inline]
    fn row(&self, row: usize) -> &[u8] {
        let start = (row - self.first.1) * self.row_length;
        &self.luma[start..start + self.row_length]
    }
}

fn between(a: u8, b: u8, part: f32) -> f32 {
    f32::from(a) + (f32::from(b) - f32::from(a)) * part
}

/// The columns and rows that a placed square touches, with those around them for what lies between pixels and for
/// what rounding moves; at least two of each, if there are two.
fn covered(placement: &Placement, size: (usize, usize)) -> [Range<usize>; 2] {
    let corners = [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)];
    let corners = corners.map(|(u, v)| placement.point(u, v));
    let range = |values: [f32; 4], limit: usize| {
        let least = values.into_iter().fold(f32::INFINITY, f32::min);
        let most = values.into_iter().fold(f32::NEG_INFINITY, f32::max);
        if !values.into_iter().all(f32::is_finite) {
            return 0..limit;
        }
        let first = (least - 2.0).clamp(0.0, (limit - 1) as f32) as usize;
        first..(most + 3.0).clamp(2.0, limit as f32) as usize
    };
    [range(corners.map(|(x, _)| x), size.0), range(corners.map(|(_, y)| y), size.1)]
}

/// The network's input from the luma of the square, `SIZE * SIZE` values.
pub fn normalize(luma: &[u8]) -> Crop {
    let mut pixels = Vec::with_capacity(SIZE * SIZE * CHANNELS);
    each_normalized_row(luma, SIZE, |row| {
        pixels.extend(row.iter().zip(row.iter().rev()).flat_map(|(face, mirror)| [*face, *mirror]));
    });
    Crop { pixels }
}

/// Each pixel of a square against the mean and deviation of its surroundings, `side * side` values.
///
/// Sums over a plain box window; after Lee's local statistics (1980).
pub fn normalized(luma: &[u8], side: usize) -> Vec<u8> {
    let mut plane = Vec::with_capacity(side * side);
    each_normalized_row(luma, side, |row| plane.extend_from_slice(row));
    plane
}

/// Calls `take` with the values of each row from the top.
fn each_normalized_row(luma: &[u8], side: usize, mut take: impl FnMut(&[u8])) {
    assert_eq!(luma.len(), side * side, "a square of this side");
    let reach = side / SURROUNDINGS;
    let window = |at: usize| at.saturating_sub(reach)..(at + reach + 1).min(side);
    let across: Vec<_> = (0..side).map(|column| window(column).len() as i32).collect();
    let mut columns = ColumnSums::new(side, reach);
    let mut values = vec![0; side];
    let mut held = 0..0;
    for (row, pixels) in luma.chunks_exact(side).enumerate() {
        let needed = window(row);
        for entering in held.end..needed.end {
            columns.add(&luma[entering * side..(entering + 1) * side]);
        }
        for leaving in held.start..needed.start {
            columns.subtract(&luma[leaving * side..(leaving + 1) * side]);
        }
        columns.run_up();
        let windows = columns.windows().zip(&across);
        for ((value, pixel), ((sum, squares), across)) in values.iter_mut().zip(pixels).zip(windows) {
            *value = against(*pixel, across * needed.len() as i32, sum, squares);
        }
        take(&values);
        held = needed;
    }
    values.zeroize();
}

/// One pixel against the `count` pixels around it. Sums fit 32 bits (a window has at most 2^14 pixels), and everything
/// before the root is a whole number below 2^53, which an f64 holds exactly.
#[inline]
fn against(pixel: u8, count: i32, sum: i32, squares: i32) -> u8 {
    let (count, sum, squares) = (f64::from(count), f64::from(sum), f64::from(squares));
    // Its square root and quotient are one rounding each.
    let deviation = (count * squares - sum * sum).sqrt() + LEAST_DEVIATION * count;
    let steps = 48.0 * (f64::from(pixel) * count - sum) / deviation;
    whole(f64::from(ZERO_POINT) + steps + 0.5)
}

/// Sums of the window's rows in each column, and their running sums along the row.
struct ColumnSums {
    sums: Vec<i32>,
    squares: Vec<i32>,
    /// Sums over the columns left of each place, which go on beyond both ends as far as a window reaches.
    run_of_sums: Vec<i32>,
    run_of_squares: Vec<i32>,
    reach: usize,
}

impl ColumnSums {
    fn new(side: usize, reach: usize) -> ColumnSums {
        // At 256 a row of windows holds 256 * 65 squares, each below 2^16.
        assert!(side <= 256, "sums of squares must fit 32 bits");
        let run = vec![0; side + 1 + 2 * reach];
        ColumnSums {
            sums: vec![0; side],
            squares: vec![0; side],
            run_of_sums: run.clone(),
            run_of_squares: run,
            reach,
        }
    }

    fn add(&mut self, row: &[u8]) {
        for ((sum, square), value) in self.sums.iter_mut().zip(&mut self.squares).zip(row) {
            let value = i32::from(*value);
            *sum += value;
            *square += value * value;
        }
    }

    fn subtract(&mut self, row: &[u8]) {
        for ((sum, square), value) in self.sums.iter_mut().zip(&mut self.squares).zip(row) {
            let value = i32::from(*value);
            *sum -= value;
            *square -= value * value;
        }
    }

    fn run_up(&mut self) {
        run_up(&self.sums, &mut self.run_of_sums[self.reach + 1..]);
        run_up(&self.squares, &mut self.run_of_squares[self.reach + 1..]);
    }

    /// Sum and sum of squares of the window around each column.
    fn windows(&self) -> impl Iterator<Item = (i32, i32)> {
        let length = 2 * self.reach + 1;
        let sums = self.run_of_sums.iter().zip(&self.run_of_sums[length..]);
        let squares = self.run_of_squares.iter().zip(&self.run_of_squares[length..]);
        sums.zip(squares).map(|(sum, square)| (sum.1 - sum.0, square.1 - square.0))
    }
}

/// Fills `run` with the sums of `values` up to each, and what is left of it with the last.
fn run_up(values: &[i32], run: &mut [i32]) {
    let mut along = 0;
    let (within, beyond) = run.split_at_mut(values.len());
    for (run, value) in within.iter_mut().zip(values) {
        along += value;
        *run = along;
    }
    beyond.fill(along);
}

impl Drop for ColumnSums {
    fn drop(&mut self) {
        self.sums.zeroize();
        self.squares.zeroize();
        self.run_of_sums.zeroize();
        self.run_of_squares.zeroize();
    }
}

/// The axis about which a face mirrors best.
mod symmetry;

#[cfg(test)]
mod tests;
