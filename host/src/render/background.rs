//! What stands behind the person: a wall, what hangs on it and stands before it, and how far out of focus it is.

use super::canvas::{Canvas, gray};
use super::furnishings::furnish;
use super::random::Random;
use super::smooth::{lerp, noise, smooth_step};
use super::vector::{Vec3, vec3};
use std::f32::consts::TAU;

/// Rows in which a room is painted at most; finer detail is behind what the eye of the camera looks at.
const MOST_ROWS: f32 = 256.0;

/// Draws a room of which everything is left to chance, from an even wall to clutter.
pub fn background(width: usize, height: usize, mut random: Random) -> Canvas {
    let r = &mut random;
    // Shares of the height: half of the rooms are sharp enough to read a poster.
    let blur = if r.chance(0.5) { r.range(0.001, 0.006) } else { 0.006 * r.range(0.0, 1.9).exp() };
    // The more is blurred, the fewer rows tell the same.
    let rows = (1.6 / blur).clamp(64.0, MOST_ROWS).min(height as f32);
    let scale = rows / height as f32;
    let mut room = Room::new((width as f32 * scale).ceil() as usize, rows as usize);
    let brightness = r.range(-3.0, -0.35).exp();
    room.paint_wall(brightness, r);
    let things = if r.chance(0.16) { 0 } else { 1 + r.below(18) };
    for _ in 0..things {
        furnish(&mut room, brightness, r);
    }
    room.shade(r);
    room.set_contrast(r.range(0.35, 1.25));
    room.canvas.blur(blur * rows);
    enlarged(room.canvas, width, height)
}

/// A color that things have: mostly dull, sometimes strong.
pub(super) fn paint(brightness: f32, r: &mut Random) -> Vec3 {
    // Wood, stone and skin tones first, then blues, then anything.
    let hue = match r.unit() {
        ..0.55 => 0.7 + 0.45 * r.normal(),
        ..0.75 => 3.9 + 0.4 * r.normal(),
        _ => r.range(0.0, TAU),
    };
    let wave = |shift: f32| 0.5 + 0.5 * (hue - shift).cos();
    let strength = r.unit();
    let pure = vec3(wave(0.0), wave(TAU / 3.0), wave(2.0 * TAU / 3.0));
    gray(0.5).lerp(pure, 0.6 * strength * strength * strength) * (2.0 * brightness)
}

/// A picture in the making. Places are in shares of the height, from the top left corner.
pub(super) struct Room {
    pub(super) canvas: Canvas,
    /// Width over height.
    pub(super) aspect: f32,
}

impl Room {
    fn new(width: usize, height: usize) -> Room {
        let (width, height) = (width.max(2), height.max(2));
        Room { canvas: Canvas::new(width, height), aspect: width as f32 / height as f32 }
    }

    /// Paints a rectangle of (left, top, width, height); the color may depend on the place from its corner.
    pub(super) fn rectangle(&mut self, [left, top, wide, high]: [f32; 4], color: impl Fn(f32, f32) -> Vec3) {
        self.region([left, top, left + wide, top + high], |x, y, below| {
            *below = color(x - left, y - top);
        });
    }

    /// Calls `change` for every pixel within (left, top, right, bottom).
    pub(super) fn region(
        &mut self,
        [left, top, right, bottom]: [f32; 4],
        mut change: impl FnMut(f32, f32, &mut Vec3),
    ) {
        let rows = self.canvas.height as f32;
        let pixel = |share: f32, limit: usize| ((share * rows).round().max(0.0) as usize).min(limit);
        let columns = pixel(left, self.canvas.width)..pixel(right, self.canvas.width);
        for row in pixel(top, self.canvas.height)..pixel(bottom, self.canvas.height) {
            let y = (row as f32 + 0.5) / rows;
            for column in columns.clone() {
                let x = (column as f32 + 0.5) / rows;
                change(x, y, &mut self.canvas.pixels[row * self.canvas.width + column]);
            }
        }
    }

    /// An ellipse turned by `angle`; its edge takes the share `softness` of the radius.
    pub(super) fn ellipse(
        &mut self,
        [x, y]: [f32; 2],
        radii: [f32; 2],
        angle: f32,
        softness: f32,
        color: Vec3,
    ) {
        let (sine, cosine) = angle.sin_cos();
        let reach = radii[0].max(radii[1]);
        self.region([x - reach, y - reach, x + reach, y + reach], |px, py, below| {
            let (dx, dy) = (px - x, py - y);
            let across = (dx * cosine + dy * sine) / radii[0];
            let along = (dy * cosine - dx * sine) / radii[1];
            let cover = smooth_step(1.0, 1.0 - softness.max(0.02), across.hypot(along));
            *below = below.lerp(color, cover);
        });
    }

    fn paint_wall(&mut self, brightness: f32, r: &mut Random) {
        let (from, to) = (paint(brightness, r), paint(brightness * r.range(0.6, 1.4), r));
        let to = from.lerp(to, r.unit());
        let slant = r.unit();
        let aspect = self.aspect;
        let everywhere = [0.0, 0.0, aspect, 1.0];
        let even = |x: f32, y: f32| from.lerp(to, slant * x / aspect + (1.0 - slant) * y);
        self.rectangle(everywhere, even);
        let pattern = Pattern::random(r);
        if !pattern.is_even() {
            self.region(everywhere, |x, y, below| *below = *below * pattern.at(x, y));
        }
        if r.chance(0.15) {
            // A lower part of the wall in another color.
            let (top, color) = (r.range(0.4, 0.85), paint(brightness * r.range(0.5, 1.5), r));
            self.rectangle([0.0, top, aspect, 1.0], |_, _| color);
            self.rectangle([0.0, top, aspect, 0.015], |_, _| color * 1.4);
        }
    }

    /// Light falls off to one side, and something throws a soft shadow.
    fn shade(&mut self, r: &mut Random) {
        let (across, down) = (0.45 * r.normal(), 0.35 * r.normal());
        let aspect = self.aspect;
        self.region([0.0, 0.0, aspect, 1.0], |x, y, below| {
            *below = *below * (1.0 + across * (x / aspect - 0.5) + down * (y - 0.5)).max(0.1);
        });
        if r.chance(0.4) {
            let (x, slope) = (r.range(0.0, aspect), 0.6 * r.normal());
            let (soft, dark) = (r.range(0.01, 0.2), r.range(0.3, 0.9));
            self.region([0.0, 0.0, aspect, 1.0], |px, py, below| {
                *below = *below * lerp(1.0, dark, smooth_step(-soft, soft, px - x - slope * py));
            });
        }
    }

    /// Draws all colors toward their mean, or away from it.
    fn set_contrast(&mut self, contrast: f32) {
        let count = self.canvas.pixels.len() as f32;
        let mean = self.canvas.pixels.iter().fold(Vec3::ZERO, |sum, color| sum + *color) * (1.0 / count);
        for color in &mut self.canvas.pixels {
            *color = mean.lerp(*color, contrast).at_least(0.0).at_most(2.0);
        }
    }
}

/// How the light that a surface gives back varies over it: a factor around 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern {
    kind: Kind,
    /// Repeats within the picture's height.
    pitch: f32,
    strength: f32,
    /// Direction of stripes, and where the noise is read.
    turn: [f32; 2],
    own: f32,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Even,
    Stripes,
    Tiles,
    Boards,
    Folds,
    Clouds,
    Grain,
    Cells,
}

impl Pattern {
    pub(super) fn random(r: &mut Random) -> Pattern {
        let kinds = [
            (0.34, Kind::Even),
            (0.42, Kind::Stripes),
            (0.50, Kind::Tiles),
            (0.56, Kind::Boards),
            (0.64, Kind::Folds),
            (0.82, Kind::Clouds),
            (0.92, Kind::Grain),
            (1.0, Kind::Cells),
        ];
        let share = r.unit();
        let kind = kinds.iter().find(|(bound, _)| share < *bound).map_or(Kind::Even, |(_, kind)| *kind);
        let straight = r.chance(0.6);
        let angle = if straight { 0.0 } else { r.range(0.0, TAU) };
        Pattern {
            kind,
            pitch: r.range(0.9, 4.4).exp(),
            strength: r.range(0.05, 0.3) * if r.chance(0.4) { 2.5 } else { 1.0 },
            turn: [angle.cos(), angle.sin()],
            own: r.range(0.0, 500.0),
        }
    }

    fn is_even(&self) -> bool {
        matches!(self.kind, Kind::Even)
    }

    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let (u, v) = (x * self.turn[0] + y * self.turn[1], y * self.turn[0] - x * self.turn[1]);
        let (u, v) = (u * self.pitch, v * self.pitch);
        let value = match self.kind {
            Kind::Even => return 1.0,
            Kind::Stripes => (u.rem_euclid(1.0) - 0.5).signum(),
            Kind::Tiles => {
                let row = (v * 1.5).floor();
                let brick = u * 0.75 + 0.5 * row.rem_euclid(2.0);
                let joint = (brick.rem_euclid(1.0)).min((v * 1.5).rem_euclid(1.0)) < 0.1;
                let own = noise(vec3(brick.floor() * 0.71 + self.own, row * 0.83, 0.5));
                if joint { -1.0 } else { 0.7 * own }
            }
            Kind::Boards => {
                let board = u.floor();
                let joint = if u - board < 0.06 { -1.0 } else { 0.0 };
                joint
                    + noise(vec3(u * 6.0 + self.own, v * 0.6, 0.5)) * 0.5
                    + noise(vec3(board, self.own, 0.5))
            }
            Kind::Folds => (TAU * (u + 0.4 * noise(vec3(u * 0.4 + self.own, v * 0.25, 0.5)))).sin(),
            Kind::Clouds => {
                1.2 * noise(vec3(u + self.own, v, 0.5)) + 0.5 * noise(vec3(u * 2.3, v * 2.3 + self.own, 3.5))
            }
            Kind::Grain => noise(vec3(x * 170.0 + self.own, y * 170.0, 0.5)),
            Kind::Cells => 1.5 * noise(vec3(u.floor() * 0.77 + self.own, v.floor() * 0.77, 0.5)),
        };
        (self.strength * value).exp()
    }
}

fn enlarged(small: Canvas, width: usize, height: usize) -> Canvas {
    if small.width == width && small.height == height {
        return small;
    }
    let mut large = Canvas::new(width, height);
    for y in 0..height {
        for x in 0..width {
            large.pixels[y * width + x] = small.at(x as f32 / width as f32, y as f32 / height as f32);
        }
    }
    large
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_have_the_size_that_was_asked_for_and_differ() {
        let rooms: Vec<Canvas> = (0..100).map(|seed| background(80, 48, Random::new(seed))).collect();
        for room in &rooms {
            assert_eq!((room.width, room.height, room.pixels.len()), (80, 48, 80 * 48));
            assert!(room.pixels.iter().all(|color| color.x >= 0.0 && color.x.is_finite() && color.x <= 2.0));
        }
        let busy = rooms.iter().filter(|room| unevenness(room) > 0.25).count();
        let calm = rooms.iter().filter(|room| unevenness(room) < 0.15).count();
        assert!(busy > 50 && calm > 5, "{busy} busy, {calm} calm");
    }

    /// Deviation of the brightness over its mean.
    fn unevenness(room: &Canvas) -> f32 {
        let values: Vec<f32> = room.pixels.iter().map(|color| color.luminance()).collect();
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / values.len() as f32;
        square.sqrt() / mean
    }
}
