//! Smooth-edged shapes on a frame. Lengths are pixels; a shape may stand partly or wholly outside.

use crate::{area::Area, frame::Frame};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use std::f32::consts::TAU;
use synkiosk_models::photo::Photo;

/// Fills where `distance` (pixels from the edge, negative inside) says so, within `bounds`.
fn fill(frame: &mut Frame, bounds: Area, color: Rgb888, distance: impl Fn(f32, f32) -> f32) {
    let (left, right) = span(bounds.x, bounds.right(), frame.width());
    let (top, bottom) = span(bounds.y, bounds.bottom(), frame.height());
    for y in top..bottom {
        for x in left..right {
            let cover = 0.5 - distance(x as f32 + 0.5, y as f32 + 0.5);
            if cover > 0.0 {
                frame.blend(x, y, color, cover);
            }
        }
    }
}

fn span(from: f32, to: f32, limit: u32) -> (i32, i32) {
    let limit = limit as f32;
    ((from - 1.0).floor().clamp(0.0, limit) as i32, (to + 1.0).ceil().clamp(0.0, limit) as i32)
}

fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

fn rounded_distance(area: Area, radius: f32, x: f32, y: f32) -> f32 {
    let (center_x, center_y) = area.center();
    let dx = (x - center_x).abs() - area.width / 2.0 + radius;
    let dy = (y - center_y).abs() - area.height / 2.0 + radius;
    // Only corners are round.
    if dx > 0.0 && dy > 0.0 { length(dx, dy) - radius } else { dx.max(dy) - radius }
}

/// A filled rectangle with round corners.
pub fn rounded(frame: &mut Frame, area: Area, radius: f32, color: Rgb888) {
    let radius = radius.min(area.width / 2.0).min(area.height / 2.0);
    fill(frame, area, color, |x, y| rounded_distance(area, radius, x, y));
}

/// The outline of a rectangle with round corners; the line lies inside the area.
pub fn rounded_outline(frame: &mut Frame, area: Area, radius: f32, line: f32, color: Rgb888) {
    let radius = radius.min(area.width / 2.0).min(area.height / 2.0);
    fill(frame, area, color, |x, y| (rounded_distance(area, radius, x, y) + line / 2.0).abs() - line / 2.0);
}

/// A filled circle.
pub fn disc(frame: &mut Frame, center: (f32, f32), radius: f32, color: Rgb888) {
    let bounds = Area::new(center.0 - radius, center.1 - radius, 2.0 * radius, 2.0 * radius);
    fill(frame, bounds, color, |x, y| length(x - center.0, y - center.1) - radius);
}

/// An upright ellipse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipse {
    /// Its middle.
    pub center: (f32, f32),
    /// Half axes, across and upright.
    pub radii: (f32, f32),
}

impl Ellipse {
    /// Pixels from the edge, negative inside; exact on the edge, of first order near it.
    fn distance(&self, x: f32, y: f32) -> f32 {
        let (u, v) = ((x - self.center.0) / self.radii.0, (y - self.center.1) / self.radii.1);
        let value = length(u, v).max(1e-6);
        let slope = length(u / self.radii.0, v / self.radii.1) / value;
        (value - 1.0) / slope.max(1e-6)
    }

    /// Half of the width at a height, or nothing above and below.
    fn half_width(&self, y: f32) -> f32 {
        let v = (y - self.center.1) / self.radii.1;
        self.radii.0 * (1.0 - v * v).max(0.0).sqrt()
    }

    fn grown(&self, by: f32) -> Ellipse {
        let radii = ((self.radii.0 + by).max(0.1), (self.radii.1 + by).max(0.1));
        Ellipse { center: self.center, radii }
    }
}

/// The line around an ellipse, where `shown` says so; it is asked with the part of a clockwise turn from the top,
/// 0 to 1.
pub fn ellipse_outline(
    frame: &mut Frame,
    ellipse: Ellipse,
    line: f32,
    color: Rgb888,
    shown: impl Fn(f32) -> bool,
) {
    let (center, radii) = (ellipse.center, ellipse.radii);
    let (outer, inner) = (ellipse.grown(line / 2.0 + 2.0), ellipse.grown(-line / 2.0 - 2.0));
    let (top, bottom) = span(center.1 - outer.radii.1, center.1 + outer.radii.1, frame.height());
    for y in top..bottom {
        let at_y = y as f32 + 0.5;
        let (far, near) = (outer.half_width(at_y), inner.half_width(at_y));
        // Between the inner ends of both sides there is no line.
        for (from, to) in [(center.0 - far, center.0 - near), (center.0 + near, center.0 + far)] {
            for x in pixels(from, to, frame.width()) {
                let at_x = x as f32 + 0.5;
                let distance = ellipse.distance(at_x, at_y).abs() - line / 2.0;
                let direction = || turn((at_x - center.0) / radii.0, (at_y - center.1) / radii.1);
                if distance < 0.5 && shown(direction()) {
                    frame.blend(x, y, color, 0.5 - distance);
                }
            }
        }
    }
}

/// Pixels whose middles lie from `from` up to but not at `to`.
fn pixels(from: f32, to: f32, limit: u32) -> std::ops::Range<i32> {
    let limit = limit as f32;
    (from - 0.5).ceil().clamp(0.0, limit) as i32..(to - 0.5).ceil().clamp(0.0, limit) as i32
}

/// Which part of a clockwise turn from the top a direction is, 0 to 1.
fn turn(dx: f32, dy: f32) -> f32 {
    (dx.atan2(-dy) / TAU).rem_euclid(1.0)
}

/// The part of a ring from the top clockwise to `part`, 0 to 1, with round ends.
pub fn ring(frame: &mut Frame, center: (f32, f32), radius: f32, line: f32, part: f32, color: Rgb888) {
    let steps = (96.0 * part.clamp(0.0, 1.0)).round() as usize;
    let points: Vec<_> = (0..=steps)
        .map(|step| {
            let angle = step as f32 / 96.0 * TAU;
            (center.0 + radius * angle.sin(), center.1 - radius * angle.cos())
        })
        .collect();
    if steps > 0 {
        stroke(frame, &points, line, color);
    }
}

/// A line through all points with round ends and corners.
pub fn stroke(frame: &mut Frame, points: &[(f32, f32)], line: f32, color: Rgb888) {
    let bounds = around(points, line / 2.0);
    let (left, right) = span(bounds.x, bounds.right(), frame.width());
    let (top, bottom) = span(bounds.y, bounds.bottom(), frame.height());
    let width = (right - left) as usize;
    // Each piece is measured near itself only, and the pieces are laid on together, so that they do not
    // darken where they meet.
    let mut cover = vec![0.0_f32; width * (bottom - top) as usize];
    for pair in points.windows(2) {
        let piece = around(pair, line / 2.0);
        let (piece_left, piece_right) = span(piece.x, piece.right(), frame.width());
        let (piece_top, piece_bottom) = span(piece.y, piece.bottom(), frame.height());
        for y in piece_top..piece_bottom {
            for x in piece_left..piece_right {
                let distance = to_piece(pair[0], pair[1], (x as f32 + 0.5, y as f32 + 0.5)) - line / 2.0;
                let at = (y - top) as usize * width + (x - left) as usize;
                cover[at] = cover[at].max(0.5 - distance);
            }
        }
    }
    lay(frame, &cover, (left, top), width, color);
}

fn lay(frame: &mut Frame, cover: &[f32], at: (i32, i32), width: usize, color: Rgb888) {
    if width == 0 {
        return;
    }
    for (y, row) in (at.1..).zip(cover.chunks_exact(width)) {
        for (x, cover) in (at.0..).zip(row) {
            if *cover > 0.0 {
                frame.blend(x, y, color, *cover);
            }
        }
    }
}

fn around(points: &[(f32, f32)], reach: f32) -> Area {
    let (mut left, mut top) = (f32::INFINITY, f32::INFINITY);
    let (mut right, mut bottom) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for (x, y) in points {
        (left, right) = (left.min(*x), right.max(*x));
        (top, bottom) = (top.min(*y), bottom.max(*y));
    }
    Area::new(left - reach, top - reach, right - left + 2.0 * reach, bottom - top + 2.0 * reach)
}

fn to_piece(from: (f32, f32), to: (f32, f32), point: (f32, f32)) -> f32 {
    let (along_x, along_y) = (to.0 - from.0, to.1 - from.1);
    let (x, y) = (point.0 - from.0, point.1 - from.1);
    let squared = (along_x * along_x + along_y * along_y).max(1e-9);
    let part = ((x * along_x + y * along_y) / squared).clamp(0.0, 1.0);
    length(x - part * along_x, y - part * along_y)
}

/// Fills the polygon through all points; inside by the even-odd rule.
pub fn polygon(frame: &mut Frame, points: &[(f32, f32)], color: Rgb888) {
    fill(frame, around(points, 0.0), color, |x, y| {
        let mut inside = false;
        let mut nearest = f32::INFINITY;
        for (index, to) in points.iter().enumerate() {
            let from = points[(index + points.len() - 1) % points.len()];
            nearest = nearest.min(to_piece(from, *to, (x, y)));
            if (from.1 > y) != (to.1 > y) && x < from.0 + (y - from.1) / (to.1 - from.1) * (to.0 - from.0) {
                inside = !inside;
            }
        }
        if inside { -nearest } else { nearest }
    });
}

/// Points of the curve from `from` to `to` that is pulled towards `pull` (quadratic Bezier).
pub fn curve(from: (f32, f32), pull: (f32, f32), to: (f32, f32)) -> Vec<(f32, f32)> {
    (0..=16)
        .map(|step| {
            let t = step as f32 / 16.0;
            let mix =
                |a: f32, b: f32, c: f32| (1.0 - t) * (1.0 - t) * a + 2.0 * t * (1.0 - t) * b + t * t * c;
            (mix(from.0, pull.0, to.0), mix(from.1, pull.1, to.1))
        })
        .collect()
}

/// The middle of a photo, mirrored, so that it fills `area`, whose corners are rounded. Outside the ellipse it is
/// half hidden by `veil`.
pub fn mirrored_photo(
    frame: &mut Frame,
    photo: &Photo,
    (area, radius): (Area, f32),
    ellipse: Ellipse,
    veil: Rgb888,
) {
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let scale = (width / area.width.max(1.0)).min(height / area.height.max(1.0));
    let (left, right) = span(area.x, area.right(), frame.width());
    let (top, bottom) = span(area.y, area.bottom(), frame.height());
    let (center_x, center_y) = area.center();
    let columns: Vec<_> = (left..right)
        .map(|x| Between::at(width / 2.0 - (x as f32 + 0.5 - center_x) * scale, photo.width()))
        .collect();
    // One row of the photo at a time, mixed of the two nearest.
    let mut across = vec![0_u16; photo.width() as usize];
    for y in top..bottom {
        let at_y = y as f32 + 0.5;
        let row = Between::at(height / 2.0 + (at_y - center_y) * scale, photo.height());
        mix_rows(photo, &row, &mut across);
        let half_width = ellipse.half_width(at_y);
        let luma = |column: &Between| {
            let (first, second) = (u32::from(across[column.first]), u32::from(across[column.second]));
            ((first * (256 - column.part) + second * column.part + (1 << 15)) >> 16) as u8
        };
        let is_outside = |at_x: f32| (at_x - ellipse.center.0).abs() > half_width;
        let edge = radius.ceil() + 1.0;
        let corner = at_y < area.y + edge || at_y > area.bottom() - edge;
        let inset = if corner { edge as i32 } else { 2 };
        let (from, to) = (left + inset, (right - inset).max(left + inset));
        for (x, column) in (left..right).zip(&columns).filter(|(x, _)| *x < from || *x >= to) {
            let at_x = x as f32 + 0.5;
            let cover = 0.5 - rounded_distance(area, radius, at_x, at_y);
            if cover > 0.0 {
                let luma = luma(column);
                let color = if is_outside(at_x) { half(luma, veil) } else { Rgb888::new(luma, luma, luma) };
                frame.blend(x, y, color, cover);
            }
        }
        // Between the edges nothing is mixed with what was there, but for the first and the last row.
        let cover = 0.5 - rounded_distance(area, radius, center_x, at_y);
        if cover < 1.0 {
            for (x, column) in (left..right).zip(&columns).filter(|(x, _)| (from..to).contains(x)) {
                frame.blend(x, y, half(luma(column), veil), cover);
            }
            continue;
        }
        let inner = columns.get((from - left) as usize..(to - left) as usize).unwrap_or_default();
        let pixels = frame.row_mut(y, from..to).chunks_exact_mut(3);
        for ((x, column), pixel) in (from..to).zip(inner).zip(pixels) {
            let luma = luma(column);
            if is_outside(x as f32 + 0.5) {
                let color = half(luma, veil);
                pixel.copy_from_slice(&[color.r(), color.g(), color.b()]);
            } else {
                pixel.fill(luma);
            }
        }
    }
}

/// Halfway from gray to a color.
fn half(luma: u8, color: Rgb888) -> Rgb888 {
    let mix = |part: u8| ((u16::from(luma) + u16::from(part)) / 2) as u8;
    Rgb888::new(mix(color.r()), mix(color.g()), mix(color.b()))
}

/// A place between two rows or columns of pixels.
struct Between {
    first: usize,
    second: usize,
    /// How much of the second, 0 to 256.
    part: u32,
}

impl Between {
    /// `place` counts from the edge of the first pixel; beyond the picture its edge goes on.
    fn at(place: f32, count: u32) -> Between {
        let last = count.saturating_sub(1) as usize;
        let place = (place - 0.5).clamp(0.0, last as f32);
        let first = (place as usize).min(last);
        Between { first, second: (first + 1).min(last), part: ((place - first as f32) * 256.0) as u32 }
    }
}

/// A row between two rows of a photo, 256 times its luma.
fn mix_rows(photo: &Photo, row: &Between, into: &mut [u16]) {
    let width = photo.width() as usize;
    let line = |row: usize| &photo.luma()[row * width..(row + 1) * width];
    for ((mixed, first), second) in into.iter_mut().zip(line(row.first)).zip(line(row.second)) {
        *mixed = (u32::from(*first) * (256 - row.part) + u32::from(*second) * row.part) as u16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn lit(frame: &Frame) -> f32 {
        frame.rgb().chunks_exact(3).map(|pixel| f32::from(pixel[0]) / 255.0).sum()
    }

    #[test]
    fn shapes_cover_what_geometry_says() {
        let area = Area::new(40.0, 50.0, 100.0, 60.0);
        let check = |what: &str, wanted: f32, draw: &dyn Fn(&mut Frame)| {
            let mut frame = Frame::new(240, 240);
            draw(&mut frame);
            let got = lit(&frame);
            assert!((got - wanted).abs() < wanted * 0.02, "{what}: {got} instead of {wanted}");
        };
        check("disc", 7854.0, &|frame| disc(frame, (120.0, 120.0), 50.0, Rgb888::WHITE));
        check("rounded", 6000.0 - 0.8584 * 100.0, &|frame| rounded(frame, area, 10.0, Rgb888::WHITE));
        check("stroke", 100.0 * 4.0 + 12.57, &|frame| {
            stroke(frame, &[(50.0, 60.0), (100.0, 60.0), (150.0, 60.0)], 4.0, Rgb888::WHITE);
        });
        check("polygon", 5000.0, &|frame| {
            polygon(frame, &[(50.0, 50.0), (150.0, 50.0), (50.0, 150.0)], Rgb888::WHITE);
        });
        // Thin against its axes, so that the circumference by Ramanujan's formula tells the area.
        check("ellipse", 484.4 * 3.0, &|frame| {
            let ellipse = Ellipse { center: (120.3, 119.6), radii: (60.0, 90.0) };
            ellipse_outline(frame, ellipse, 3.0, Rgb888::WHITE, |_| true);
        });
        check("half a ring", TAU / 2.0 * 60.0 * 6.0 + 28.3, &|frame| {
            ring(frame, (120.0, 120.0), 60.0, 6.0, 0.5, Rgb888::WHITE);
        });
    }

    #[test]
    fn the_preview_is_mirrored() {
        let luma = (0..96 * 96).map(|at| if at % 96 < 48 { 250 } else { 10 }).collect();
        let photo = Photo::new(96, 96, luma, Duration::ZERO).unwrap();
        let mut frame = Frame::new(240, 240);
        let ellipse = Ellipse { center: (120.0, 120.0), radii: (100.0, 100.0) };
        let area = Area::new(0.0, 0.0, 240.0, 240.0);
        mirrored_photo(&mut frame, &photo, (area, 0.0), ellipse, Rgb888::BLACK);
        assert_eq!(frame.pixel(30, 120).unwrap().r(), 10);
        assert_eq!(frame.pixel(210, 120).unwrap().r(), 250);
        assert_eq!(frame.pixel(230, 10).unwrap().r(), 125);
    }

    #[test]
    fn shapes_outside_are_left_out() {
        let mut frame = Frame::new(240, 240);
        disc(&mut frame, (-500.0, 9000.0), 50.0, Rgb888::WHITE);
        stroke(&mut frame, &[(900.0, 900.0), (1000.0, 1000.0)], 8.0, Rgb888::WHITE);
        stroke(&mut frame, &[], 8.0, Rgb888::WHITE);
        polygon(&mut frame, &[], Rgb888::WHITE);
        rounded(&mut frame, Area::new(300.0, 10.0, 50.0, 50.0), 5.0, Rgb888::WHITE);
        assert_eq!(lit(&frame), 0.0);
    }
}
