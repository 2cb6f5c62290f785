//! A picture in linear light.

use super::vector::{Vec3, vec3};

/// Linear colors, row by row from the top left.
#[derive(Debug, Clone)]
pub struct Canvas {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width` x `height` colors.
    pub pixels: Vec<Vec3>,
}

impl Canvas {
    /// A black picture.
    pub fn new(width: usize, height: usize) -> Canvas {
        Canvas { width, height, pixels: vec![Vec3::ZERO; width * height] }
    }

    /// Gaussian blur; edges are repeated.
    pub fn blur(&mut self, sigma: f32) {
        if sigma < 0.2 {
            return;
        }
        let reach = (sigma * 2.5).ceil() as usize;
        let weights: Vec<f32> = (0..=2 * reach)
            .map(|i| (-(i as f32 - reach as f32).powi(2) / (2.0 * sigma * sigma)).exp())
            .collect();
        let sum: f32 = weights.iter().sum();
        let weights: Vec<f32> = weights.iter().map(|weight| weight / sum).collect();
        self.blur_rows(&weights, reach);
        self.blur_columns(&weights, reach);
    }

    fn blur_rows(&mut self, weights: &[f32], reach: usize) {
        let mut padded = vec![Vec3::ZERO; self.width + 2 * reach];
        for row in self.pixels.chunks_exact_mut(self.width) {
            padded[..reach].fill(row[0]);
            padded[reach..reach + row.len()].copy_from_slice(row);
            padded[reach + row.len()..].fill(row[row.len() - 1]);
            for (pixel, window) in row.iter_mut().zip(padded.windows(weights.len())) {
                *pixel = window
                    .iter()
                    .zip(weights)
                    .fold(Vec3::ZERO, |sum, (color, weight)| sum + *color * *weight);
            }
        }
    }

    fn blur_columns(&mut self, weights: &[f32], reach: usize) {
        let source = self.pixels.clone();
        let width = self.width;
        for y in 0..self.height {
            let into = &mut self.pixels[y * width..(y + 1) * width];
            into.fill(Vec3::ZERO);
            for (k, weight) in weights.iter().enumerate() {
                let from = (y + k).saturating_sub(reach).min(self.height - 1);
                for (pixel, color) in into.iter_mut().zip(&source[from * width..(from + 1) * width]) {
                    *pixel += *color * *weight;
                }
            }
        }
    }

    /// Averages blocks of `factor` x `factor`; highlights are cut at 2 before.
    pub fn shrunk(&self, factor: usize) -> Canvas {
        let mut small = Canvas::new(self.width / factor, self.height / factor);
        let share = 1.0 / (factor * factor) as f32;
        for y in 0..small.height {
            for x in 0..small.width {
                let mut sum = Vec3::ZERO;
                for row in y * factor..(y + 1) * factor {
                    let start = row * self.width + x * factor;
                    for color in &self.pixels[start..start + factor] {
                        sum += color.at_most(2.0);
                    }
                }
                small.pixels[y * small.width + x] = sum * share;
            }
        }
        small
    }

    /// Bilinear color at a place given in shares of width and height.
    pub fn at(&self, across: f32, down: f32) -> Vec3 {
        let (x, y) = (across * (self.width - 1) as f32, down * (self.height - 1) as f32);
        let (i, j) = ((x as usize).min(self.width - 2), (y as usize).min(self.height - 2));
        let (tx, ty) = (x - i as f32, y - j as f32);
        let color = |i: usize, j: usize| self.pixels[j * self.width + i];
        color(i, j).lerp(color(i + 1, j), tx).lerp(color(i, j + 1).lerp(color(i + 1, j + 1), tx), ty)
    }

    /// Fills a rectangle, cut at the borders.
    pub fn fill(&mut self, left: f32, top: f32, width: f32, height: f32, color: Vec3) {
        let (right, bottom) = (left + width, top + height);
        for y in top.max(0.0) as usize..(bottom.max(0.0) as usize).min(self.height) {
            for x in left.max(0.0) as usize..(right.max(0.0) as usize).min(self.width) {
                self.pixels[y * self.width + x] = color;
            }
        }
    }
}

/// A gray.
pub const fn gray(value: f32) -> Vec3 {
    vec3(value, value, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blurring_keeps_the_sum_and_an_even_picture() {
        let mut even = Canvas::new(20, 12);
        even.pixels.fill(gray(0.4));
        even.blur(1.3);
        assert!(even.pixels.iter().all(|color| (color.x - 0.4).abs() < 1e-5));
        let mut dot = Canvas::new(21, 21);
        dot.pixels[10 * 21 + 10] = gray(1.0);
        dot.blur(1.0);
        let sum: f32 = dot.pixels.iter().map(|color| color.y).sum();
        assert!((sum - 1.0).abs() < 1e-4);
        assert!((dot.pixels[10 * 21 + 9].x - dot.pixels[9 * 21 + 10].x).abs() < 1e-6);
    }

    #[test]
    fn rectangles_are_cut_at_the_borders() {
        let mut canvas = Canvas::new(4, 3);
        canvas.fill(-5.0, 1.0, 7.0, 50.0, gray(1.0));
        let filled = canvas.pixels.iter().filter(|color| color.x > 0.5).count();
        assert_eq!(filled, 4);
        canvas.fill(-50.0, -50.0, 3.0, 3.0, gray(0.0));
    }
}
