//! What is measured on pixels: light, sharpness, and the eyes' contrast.

use crate::{face::FaceBox, landmarks::Landmarks, photo::Photo, pose::Side};
use zeroize::Zeroize;

/// Side of the scaled face that light and sharpness are measured on.
const SIDE: usize = 64;
/// The inner part of each half that light is compared on: the box's rim shows hair and background.
const INNER: [(usize, usize); 2] = [(14, 30), (34, 50)];

/// An upright part of a photo scaled to `W` x `H` by averaging, so that measures do not depend on the camera.
struct Patch<const W: usize, const H: usize>([[f32; W]; H]);

impl<const W: usize, const H: usize> Patch<W, H> {
    /// The part from (`x`, `y`) of this width and height; what lies beyond the photo's border repeats the border.
    fn take(photo: &Photo, [x, y]: [f32; 2], [width, height]: [f32; 2]) -> Patch<W, H> {
        let (columns, rows) = (photo.width() as usize, photo.height() as usize);
        let edge = |start: f32, length: f32, step: usize, steps: usize, limit: usize| {
            ((start + length * step as f32 / steps as f32).max(0.0) as usize).min(limit - 1)
        };
        let mut pixels = [[0.0; W]; H];
        for (row, line) in pixels.iter_mut().enumerate() {
            let top = edge(y, height, row, H, rows);
            let bottom = edge(y, height, row + 1, H, rows).max(top + 1);
            for (column, pixel) in line.iter_mut().enumerate() {
                let left = edge(x, width, column, W, columns);
                let right = edge(x, width, column + 1, W, columns).max(left + 1);
                let lines = (top..bottom).map(|at| &photo.luma()[at * columns + left..at * columns + right]);
                let sum: u32 = lines.flatten().map(|luma| u32::from(*luma)).sum();
                *pixel = sum as f32 / ((bottom - top) * (right - left)) as f32;
            }
        }
        Patch(pixels)
    }

    fn mean(&self) -> f32 {
        self.0.as_flattened().iter().sum::<f32>() / (W * H) as f32
    }

    /// Sum of the squared distances from the mean.
    fn squares(&self) -> f32 {
        let mean = self.mean();
        self.0.as_flattened().iter().map(|luma| (luma - mean) * (luma - mean)).sum()
    }
}

impl<const W: usize, const H: usize> Drop for Patch<W, H> {
    fn drop(&mut self) {
        self.0.as_flattened_mut().zeroize();
    }
}

/// The face, scaled.
pub struct FacePixels(Patch<SIDE, SIDE>);

impl FacePixels {
    /// Scales the face box.
    pub fn take(photo: &Photo, face: &FaceBox) -> FacePixels {
        FacePixels(Patch::take(photo, [face.x, face.y], [face.width, face.height]))
    }

    /// Mean luma.
    pub fn mean(&self) -> f32 {
        self.0.mean()
    }

    /// Mean luma of the darker half over that of the other, 0 to 1.
    pub fn balance(&self) -> f32 {
        let [a, b] = INNER.map(|(from, to)| {
            let lines = self.0.0[SIDE / 4..SIDE].iter();
            lines.map(|line| line[from..to].iter().sum::<f32>()).sum::<f32>()
        });
        a.min(b).max(1.0) / a.max(b).max(1.0)
    }

    /// Variance of the Laplacian over the variance of the luma: 0 for a smooth ramp, 20 for noise.
    pub fn sharpness(&self) -> f32 {
        let at = &self.0.0;
        let mut squares = 0.0;
        for y in 1..SIDE - 1 {
            for x in 1..SIDE - 1 {
                let edge = at[y][x - 1] + at[y][x + 1] + at[y - 1][x] + at[y + 1][x] - 4.0 * at[y][x];
                squares += edge * edge;
            }
        }
        squares / self.0.squares().max(1.0)
    }

    /// Contrast within the eye that shows less of it, over the face's mean luma: lashes and pupil stand out from skin,
    /// also when shut; a dark lens, a patch or a hand is even.
    pub fn eye_contrast(&self, photo: &Photo, landmarks: &Landmarks) -> f32 {
        let contrast = |side| {
            let [x, y] = landmarks.eye_center(side);
            // Inside of a lens; the margins of shut lids lie a little below the line of the corners.
            let (width, height) = (0.44 * landmarks.interocular(), 0.30 * landmarks.interocular());
            let eye = Patch::<22, 15>::take(photo, [x - width / 2.0, y - height / 2.0], [width, height]);
            (eye.squares() / (22.0 * 15.0)).sqrt()
        };
        contrast(Side::Right).min(contrast(Side::Left)) / self.mean().max(1.0)
    }
}
