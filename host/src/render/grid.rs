//! The head's surface as a grid of angles and heights.

use super::features::{MOUTH_Y, mouth_line, relief};
use super::identity::Identity;
use super::skull;
use super::smooth::{bump, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use super::warp::warp;
use std::f32::consts::{FRAC_PI_2, PI};

/// Half height, in row coordinates, of the rows between the lips, which all lie on the mouth's line at rest.
pub const LIP_SLIT: f32 = 1.0;

/// The surface of a head at rest; vertices row by row from below, each row from image left to right.
#[derive(Debug, Clone)]
pub struct Grid {
    /// Vertices a row.
    pub columns: usize,
    /// Number of rows.
    pub rows: usize,
    /// Height coordinate of each row; rows between the lips differ in it alone.
    pub row_height: Vec<f32>,
    /// Each vertex on the average head.
    pub average: Vec<Vec3>,
    /// Each vertex on this person's head.
    pub rest: Vec<Vec3>,
}

impl Grid {
    /// `detail` 1 has vertices 0.7 mm apart in the face, 0.5 twice as far.
    pub fn new(who: &Identity, detail: f32) -> Grid {
        let angles = angles(detail);
        let row_height = row_heights(detail);
        let (columns, rows) = (angles.len(), row_height.len());
        let mut grid = Grid {
            columns,
            rows,
            row_height,
            average: Vec::with_capacity(columns * rows),
            rest: Vec::with_capacity(columns * rows),
        };
        for row in 0..rows {
            let y = without_slit(grid.row_height[row]);
            for angle in &angles {
                let radius = skull::radius(*angle, y);
                let mut outline = vec3(radius * angle.sin(), y, radius * angle.cos());
                if outline.z > 0.0 {
                    let ax = outline.x.abs();
                    outline.y += mouth_line(ax) * bump(y - MOUTH_Y, 9.0) * smooth_step(60.0, 40.0, ax);
                }
                let average = outline + relief(outline, who);
                grid.rest.push(warp(average, who));
                grid.average.push(vec3(outline.x, outline.y, average.z));
            }
        }
        grid
    }

    /// A field's value at a point of the average face.
    pub fn at(&self, field: &[Vec3], x: f32, y: f32) -> Vec3 {
        let (row, along) = self.row_below(y);
        let (column, across) = self.column_before(row, x);
        let k = row * self.columns + column;
        let low = field[k].lerp(field[k + 1], across);
        let high = field[k + self.columns].lerp(field[k + self.columns + 1], across);
        low.lerp(high, along)
    }

    /// A field's value at x on the first row at or above a row coordinate.
    pub fn at_row(&self, field: &[Vec3], x: f32, row_height: f32) -> Vec3 {
        let row = self.row_height.iter().position(|height| *height >= row_height).unwrap_or(self.rows - 1);
        let (column, across) = self.column_before(row, x);
        let k = row * self.columns + column;
        field[k].lerp(field[k + 1], across)
    }

    /// First row whose coordinate is above `height`.
    pub fn first_row_above(&self, height: f32) -> usize {
        self.row_height.partition_point(|row| *row <= height).min(self.rows - 1)
    }

    fn row_below(&self, y: f32) -> (usize, f32) {
        let middle = self.columns / 2;
        let height = |row: usize| self.average[row * self.columns + middle].y;
        let (mut low, mut high) = (0, self.rows - 2);
        while low < high {
            let half = (low + high).div_ceil(2);
            if height(half) <= y { low = half } else { high = half - 1 }
        }
        (low, saturate((y - height(low)) / (height(low + 1) - height(low)).max(1e-4)))
    }

    fn column_before(&self, row: usize, x: f32) -> (usize, f32) {
        let at = |column: usize| self.average[row * self.columns + column].x;
        let (mut low, mut high) = (self.columns / 4, 3 * self.columns / 4);
        while low < high {
            let half = (low + high).div_ceil(2);
            if at(half) <= x { low = half } else { high = half - 1 }
        }
        (low, saturate((x - at(low)) / (at(low + 1) - at(low)).max(1e-4)))
    }
}

/// Columns are closest in the face; an odd number, so that one runs down the middle.
fn angles(detail: f32) -> Vec<f32> {
    let half = (140.0 * detail) as i32;
    let angle = |u: f32| PI * (0.36 * u + 0.64 * u * u * u);
    (-half..=half).map(|column| angle(column as f32 / half as f32)).collect()
}

fn row_heights(detail: f32) -> Vec<f32> {
    let mut heights = Vec::new();
    let mut y = -345.0;
    while y < 40.0 {
        heights.push(y);
        let from_mouth = (y - MOUTH_Y).abs();
        y += if y < -240.0 {
            15.0
        } else if y < -135.0 {
            5.0
        } else if from_mouth < 2.0 {
            // Not thinned: the rows that part when the mouth opens.
            0.34
        } else if from_mouth < 10.0 {
            0.6 / detail
        } else if !(-118.0..=22.0).contains(&y) {
            1.6 / detail
        } else if y.abs() < 14.0 {
            0.75 / detail
        } else {
            0.9 / detail
        };
    }
    let dome = (30.0 * detail) as usize;
    heights.extend((0..dome).map(|row| 40.0 + 71.97 * (row as f32 / (dome - 1) as f32 * FRAC_PI_2).sin()));
    heights
}

/// Height on the face of a row: rows within the slit fall onto the mouth's line, those beside it close up.
fn without_slit(height: f32) -> f32 {
    let from_line = height - MOUTH_Y;
    let distance = from_line.abs();
    let closing = if distance > LIP_SLIT { (-(distance - LIP_SLIT) / 14.0).exp() } else { 1.0 };
    MOUTH_Y + from_line - from_line.signum() * distance.min(LIP_SLIT) * closing
}
