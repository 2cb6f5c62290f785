//! A face of few lines for each pose; what moves is drawn stronger, in the accent color.

use crate::{
    area::Area,
    frame::Frame,
    paint::{self, Ellipse, curve},
};
use embedded_graphics::pixelcolor::Rgb888;
use synkiosk_models::pose::Pose;

/// Colors of a pictogram.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colors {
    /// The face.
    pub(super) line: Rgb888,
    /// What moves.
    pub(super) moving: Rgb888,
    /// Teeth.
    pub(super) ground: Rgb888,
}

type Point = (f32, f32);

/// Draws into a square whose middle is (0, 0) and whose edges are 1 away; y goes down.
struct Pen<'a> {
    frame: &'a mut Frame,
    center: Point,
    scale: f32,
    line: f32,
}

impl Pen<'_> {
    fn at(&self, (x, y): Point) -> Point {
        (self.center.0 + x * self.scale, self.center.1 + y * self.scale)
    }

    fn stroke(&mut self, points: &[Point], weight: f32, color: Rgb888) {
        let points: Vec<_> = points.iter().map(|point| self.at(*point)).collect();
        paint::stroke(self.frame, &points, self.line * weight, color);
    }

    fn arc(&mut self, from: Point, pull: Point, to: Point, weight: f32, color: Rgb888) {
        self.stroke(&curve(from, pull, to), weight, color);
    }

    /// The same on both sides of the face.
    fn pair(&mut self, from: Point, pull: Point, to: Point, weight: f32, color: Rgb888) {
        for side in [-1.0, 1.0] {
            let mirrored = |(x, y): Point| (x * side, y);
            self.arc(mirrored(from), mirrored(pull), mirrored(to), weight, color);
        }
    }

    fn dot(&mut self, place: Point, radius: f32, color: Rgb888) {
        let center = self.at(place);
        paint::disc(self.frame, center, radius * self.scale, color);
    }

    fn shape(&mut self, points: &[Point], color: Rgb888) {
        let points: Vec<_> = points.iter().map(|point| self.at(*point)).collect();
        paint::polygon(self.frame, &points, color);
    }
}

/// Draws the pose into the largest square of the area.
pub(super) fn draw(frame: &mut Frame, pose: Pose, area: Area, colors: Colors) {
    let square = area.square();
    let scale = square.width / 2.0;
    let mut pen = Pen { frame, center: square.center(), scale, line: (scale * 0.045).max(1.5) };
    head(&mut pen, colors.line);
    brows(&mut pen, pose, colors);
    eyes(&mut pen, pose, colors);
    nose(&mut pen, pose, colors);
    mouth(&mut pen, pose, colors);
}

fn head(pen: &mut Pen<'_>, color: Rgb888) {
    let radii = (0.72 * pen.scale, 0.93 * pen.scale);
    let ellipse = Ellipse { center: pen.center, radii };
    paint::ellipse_outline(pen.frame, ellipse, pen.line * 1.2, color, |_| true);
    pen.pair((0.72, -0.18), (0.92, -0.26), (0.9, 0.02), 1.2, color);
    pen.pair((0.9, 0.02), (0.86, 0.24), (0.68, 0.22), 1.2, color);
}

fn brows(pen: &mut Pen<'_>, pose: Pose, colors: Colors) {
    match pose {
        Pose::BrowRaise => {
            pen.pair((0.14, -0.5), (0.32, -0.72), (0.54, -0.48), 2.0, colors.moving);
            for (y, reach) in [(-0.68, 0.3), (-0.78, 0.22)] {
                pen.arc((-reach, y), (0.0, y - 0.07), (reach, y), 0.8, colors.line);
            }
        }
        Pose::Snarl => pen.pair((0.13, -0.3), (0.34, -0.44), (0.52, -0.38), 1.4, colors.line),
        Pose::TightClosure => pen.pair((0.15, -0.3), (0.34, -0.42), (0.54, -0.34), 1.4, colors.line),
        _ => pen.pair((0.15, -0.37), (0.34, -0.5), (0.53, -0.36), 1.4, colors.line),
    }
}

fn eyes(pen: &mut Pen<'_>, pose: Pose, colors: Colors) {
    match pose {
        Pose::GentleClosure => {
            pen.pair((0.17, -0.14), (0.33, 0.0), (0.5, -0.14), 2.0, colors.moving);
            for (x, y, lower) in [(0.24, -0.06, 0.03), (0.335, -0.04, 0.06), (0.43, -0.06, 0.03)] {
                pen.pair((x, y), (x, y), (x + (x - 0.335) * 0.3, y + 0.05 + lower), 0.9, colors.moving);
            }
        }
        Pose::TightClosure => {
            pen.pair((0.48, -0.26), (0.3, -0.18), (0.16, -0.12), 2.0, colors.moving);
            pen.pair((0.48, 0.02), (0.3, -0.06), (0.16, -0.12), 2.0, colors.moving);
        }
        _ => {
            let (upper, lower) = match pose {
                Pose::BrowRaise => (-0.32, 0.04),
                Pose::Snarl => (-0.2, -0.04),
                _ => (-0.27, 0.01),
            };
            pen.pair((0.18, -0.12), (0.335, upper), (0.49, -0.12), 1.2, colors.line);
            pen.pair((0.18, -0.12), (0.335, lower), (0.49, -0.12), 0.9, colors.line);
            for side in [-0.335, 0.335] {
                pen.dot((side, -0.13), 0.062, colors.line);
            }
        }
    }
}

fn nose(pen: &mut Pen<'_>, pose: Pose, colors: Colors) {
    if pose == Pose::Snarl {
        for y in [-0.1, 0.02] {
            pen.arc((-0.11, y), (0.0, y + 0.08), (0.11, y), 1.5, colors.moving);
        }
        pen.pair((0.15, 0.14), (0.27, 0.12), (0.2, 0.25), 1.8, colors.moving);
    } else {
        pen.pair((0.14, 0.16), (0.2, 0.24), (0.1, 0.25), 1.0, colors.line);
    }
    pen.arc((-0.07, 0.25), (0.0, 0.3), (0.07, 0.25), 1.0, colors.line);
}

fn mouth(pen: &mut Pen<'_>, pose: Pose, colors: Colors) {
    match pose {
        Pose::ClosedSmile => {
            pen.arc((-0.36, 0.44), (0.0, 0.72), (0.36, 0.44), 2.0, colors.moving);
            pen.pair((0.33, 0.39), (0.38, 0.43), (0.42, 0.42), 1.6, colors.moving);
        }
        Pose::OpenSmile => open_smile(pen, colors),
        Pose::Snarl => {
            let upper = curve((-0.3, 0.54), (0.0, 0.36), (0.3, 0.54));
            let lower = curve((0.3, 0.54), (0.0, 0.66), (-0.3, 0.54));
            teeth(pen, &[upper, lower], (0.47, 0.56), &[-0.09, 0.09], colors);
            pen.pair((0.36, 0.3), (0.44, 0.4), (0.42, 0.54), 1.1, colors.moving);
        }
        Pose::Pucker => {
            let ring: Vec<_> = (0..=32)
                .map(|step| (step as f32 / 32.0 * std::f32::consts::TAU).sin_cos())
                .map(|(sin, cos)| (0.13 * sin, 0.5 + 0.11 * cos))
                .collect();
            pen.stroke(&ring, 2.2, colors.moving);
            pen.stroke(&[(-0.05, 0.5), (0.05, 0.5)], 1.2, colors.moving);
            for (from, to) in
                [((0.27, 0.42), (0.36, 0.37)), ((0.28, 0.5), (0.38, 0.5)), ((0.27, 0.58), (0.36, 0.63))]
            {
                pen.pair(from, from, to, 1.1, colors.moving);
            }
        }
        Pose::LowerTeeth => {
            let upper = curve((-0.3, 0.44), (0.0, 0.5), (0.3, 0.44));
            let lower = curve((0.3, 0.44), (0.0, 0.86), (-0.3, 0.44));
            teeth(pen, &[upper, lower], (0.5, 0.64), &[-0.14, 0.0, 0.14], colors);
            pen.pair((0.36, 0.62), (0.3, 0.7), (0.22, 0.74), 1.1, colors.moving);
        }
        Pose::Rest => pen.arc((-0.22, 0.49), (0.0, 0.52), (0.22, 0.49), 2.0, colors.moving),
        _ => pen.arc((-0.22, 0.49), (0.0, 0.52), (0.22, 0.49), 1.3, colors.line),
    }
}

fn open_smile(pen: &mut Pen<'_>, colors: Colors) {
    let upper = curve((-0.38, 0.38), (0.0, 0.48), (0.38, 0.38));
    let lower = curve((0.38, 0.38), (0.0, 0.98), (-0.38, 0.38));
    teeth(pen, &[upper, lower], (0.43, 0.56), &[-0.16, 0.0, 0.16], colors);
    pen.arc((-0.26, 0.54), (0.0, 0.62), (0.26, 0.54), 1.0, colors.moving);
}

/// An open mouth: its outline in the moving color, teeth in the ground's, and lines between the teeth.
fn teeth(pen: &mut Pen<'_>, outline: &[Vec<Point>; 2], height: (f32, f32), gaps: &[f32], colors: Colors) {
    let points = outline.concat();
    pen.shape(&points, colors.ground);
    for x in gaps {
        pen.stroke(&[(*x, height.0 + 0.015), (*x, height.1)], 0.8, colors.moving);
    }
    pen.stroke(&points, 2.0, colors.moving);
}
