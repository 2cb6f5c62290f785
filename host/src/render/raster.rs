//! Triangles into a visibility buffer and into depth maps; soft lines for hair.

use super::canvas::Canvas;
use super::smooth::saturate;
use super::vector::Vec3;

/// Nothing was drawn here.
pub const EMPTY: u32 = u32::MAX;

/// What is seen at one sample.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Distance from the camera.
    pub depth: f32,
    /// Index of the triangle, or `EMPTY`.
    pub triangle: u32,
    /// Weights of the triangle's second and third corner.
    pub weights: [f32; 2],
}

/// The nearest triangle at every sample.
#[derive(Debug, Clone)]
pub struct Visibility {
    /// Samples a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width` x `height` samples.
    pub samples: Vec<Sample>,
}

impl Visibility {
    /// Nothing seen anywhere.
    pub fn new(width: usize, height: usize) -> Visibility {
        let nothing = Sample { depth: 1e9, triangle: EMPTY, weights: [0.0; 2] };
        Visibility { width, height, samples: vec![nothing; width * height] }
    }

    /// Draws a triangle that faces the camera (or any, if two-sided); `keep` decides at each sample by the
    /// weights of the second and third corner, for openings that are cut into the skin.
    #[inline]
    pub fn draw(&mut self, id: u32, two_sided: bool, [a, b, c]: [Vec3; 3], keep: impl Fn(f32, f32) -> bool) {
        let area = cross(a, b, c.x, c.y);
        // Rows run downward, so what faces the camera has a negative area.
        if area >= -1e-6 && !(two_sided && area > 1e-6) {
            return;
        }
        let left = a.x.min(b.x).min(c.x).max(0.0) as usize;
        let top = a.y.min(b.y).min(c.y).max(0.0) as usize;
        let right = a.x.max(b.x).max(c.x).min(self.width as f32 - 1.0);
        let bottom = a.y.max(b.y).max(c.y).min(self.height as f32 - 1.0);
        if right < 0.0 || bottom < 0.0 {
            return;
        }
        let inverse = 1.0 / area;
        for row in top..=bottom as usize {
            let y = row as f32 + 0.5;
            for column in left..=right as usize {
                let x = column as f32 + 0.5;
                let second = ((x - a.x) * (c.y - a.y) - (y - a.y) * (c.x - a.x)) * inverse;
                let third = cross(a, b, x, y) * inverse;
                if second < -1e-4 || third < -1e-4 || second + third > 1.0001 {
                    continue;
                }
                let depth = a.z + (b.z - a.z) * second + (c.z - a.z) * third;
                let sample = &mut self.samples[row * self.width + column];
                if depth < sample.depth && keep(second, third) {
                    *sample = Sample { depth, triangle: id, weights: [second, third] };
                }
            }
        }
    }
}

fn cross(a: Vec3, b: Vec3, x: f32, y: f32) -> f32 {
    (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x)
}

/// Draws a triangle that faces the light into a square map of heights; the nearest to the light stays.
pub fn draw_height(map: &mut [f32], side: usize, [a, b, c]: [Vec3; 3]) {
    let area = cross(a, b, c.x, c.y);
    if area < 1e-9 {
        return;
    }
    let last = side as f32 - 1.0;
    let left = (a.x.min(b.x).min(c.x) + 1.0).max(0.0) as usize;
    let top = (a.y.min(b.y).min(c.y) + 1.0).max(0.0) as usize;
    let right = a.x.max(b.x).max(c.x).min(last);
    let bottom = a.y.max(b.y).max(c.y).min(last);
    if right < 0.0 || bottom < 0.0 {
        return;
    }
    let inverse = 1.0 / area;
    for row in top..=bottom as usize {
        let y = row as f32;
        for column in left..=right as usize {
            let x = column as f32;
            let second = ((x - a.x) * (c.y - a.y) - (y - a.y) * (c.x - a.x)) * inverse;
            let third = cross(a, b, x, y) * inverse;
            if second >= -1e-3 && third >= -1e-3 && second + third <= 1.001 {
                let height = a.z + (b.z - a.z) * second + (c.z - a.z) * third;
                let cell = &mut map[row * side + column];
                *cell = cell.max(height);
            }
        }
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    /// Samples.
    pub width: f32,
    /// Linear color.
    pub color: Vec3,
    /// Opacity.
    pub alpha: f32,
    /// How far behind a surface it may lie and still show.
    pub bias: f32,
    /// Whether what is drawn later is tested against it.
    pub hides: bool,
}

/// A soft line between two projected points, with a depth test.
pub fn draw_line(canvas: &mut Canvas, seen: &mut Visibility, from: Vec3, to: Vec3, stroke: &Stroke) {
    let along = to - from;
    let steps = (along.x.abs().max(along.y.abs()) + 0.999) as u32 as f32;
    let steps = steps.max(1.0);
    if steps > 1200.0 || (is_hidden(seen, from, stroke.bias) && is_hidden(seen, to, stroke.bias)) {
        return;
    }
    let is_steep = along.y.abs() > along.x.abs();
    let length = (along.x * along.x + along.y * along.y).sqrt().max(1e-3);
    let reach = (stroke.width * 0.5 * length / steps.max(0.3 * length)).max(0.5);
    let opacity = stroke.alpha * stroke.width.min(1.0);
    let limits = if is_steep { (canvas.width, canvas.height) } else { (canvas.height, canvas.width) };
    for step in 0..steps as u32 {
        let place = from + along * ((step as f32 + 0.5) / steps);
        let (across, forward) = if is_steep { (place.x, place.y) } else { (place.y, place.x) };
        if forward < 0.0 || forward >= limits.1 as f32 {
            continue;
        }
        // Cells whose coverage is above 0.
        let first = (across - reach).max(0.0) as usize;
        let end = ((across + reach + 1.0).max(0.0) as usize).min(limits.0);
        for q in first..end {
            let coverage = saturate(reach + 0.5 - (q as f32 + 0.5 - across).abs());
            let k = if is_steep {
                forward as usize * canvas.width + q
            } else {
                q * canvas.width + forward as usize
            };
            let sample = &mut seen.samples[k];
            if coverage > 0.0 && place.z - stroke.bias < sample.depth {
                let alpha = coverage * opacity;
                canvas.pixels[k] = canvas.pixels[k].lerp(stroke.color, alpha);
                if stroke.hides && alpha > 0.45 {
                    sample.depth = sample.depth.min(place.z);
                }
            }
        }
    }
}

/// Whether a line's end lies in the picture and well behind what is seen there.
fn is_hidden(seen: &Visibility, end: Vec3, bias: f32) -> bool {
    if end.x < 0.0 || end.y < 0.0 || end.x >= seen.width as f32 || end.y >= seen.height as f32 {
        return false;
    }
    end.z - bias > seen.samples[end.y as usize * seen.width + end.x as usize].depth + 3.0
}

#[cfg(test)]
mod tests {
    use super::super::canvas::gray;
    use super::super::vector::vec3;
    use super::*;

    #[test]
    fn the_nearer_triangle_is_seen_and_openings_stay_open() {
        let mut seen = Visibility::new(8, 8);
        let at = |z| [vec3(0.0, 0.0, z), vec3(0.0, 8.0, z), vec3(8.0, 8.0, z)];
        seen.draw(0, false, at(5.0), |_, _| true);
        seen.draw(1, false, at(9.0), |_, _| true);
        seen.draw(2, false, at(2.0), |second, _| second < 0.3);
        let ids: std::collections::BTreeSet<u32> =
            seen.samples.iter().map(|sample| sample.triangle).collect();
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), [0, 2, EMPTY]);
    }

    #[test]
    fn lines_that_leave_the_picture_are_cut() {
        let mut canvas = Canvas::new(16, 9);
        let mut seen = Visibility::new(16, 9);
        let stroke = Stroke { width: 1.5, color: gray(1.0), alpha: 1.0, bias: 0.0, hides: true };
        for (from, to) in
            [((-30.0, -5.0), (40.0, 14.0)), ((3.0, -50.0), (5.0, 60.0)), ((-9.0, 3.0), (-2.0, 3.0))]
        {
            draw_line(&mut canvas, &mut seen, vec3(from.0, from.1, 1.0), vec3(to.0, to.1, 1.0), &stroke);
        }
        assert!(canvas.pixels.iter().any(|color| color.x > 0.9));
        assert!(canvas.pixels.iter().all(|color| color.x <= 1.0));
    }
}
