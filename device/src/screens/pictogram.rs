//! A face of few lines that goes from rest to a pose; what moves is drawn stronger, in the accent color.
//!
//! A face is a handful of curves, the same for every pose, so that any step between two of them is a face as well.

use crate::{
    area::Area,
    frame::Frame,
    paint::{self, Ellipse, curve},
    session::screen::{Heat, PHASES},
};
use embedded_graphics::pixelcolor::Rgb888;
use synkiosk_models::pose::{Pose, Side, SynkinesisType};

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
/// From, pull, to.
type Curve = [Point; 3];

/// The curves of the right half or, of the mouth, of the whole face; (0, 0) is the middle, 1 the edge, y goes down.
#[derive(Debug, Clone, Copy)]
struct Face {
    brow: Curve,
    upper_lid: Curve,
    lower_lid: Curve,
    /// Radius of the pupil.
    pupil: f32,
    upper_lip: Curve,
    lower_lip: Curve,
}

const REST: Face = Face {
    brow: [(0.15, -0.37), (0.34, -0.5), (0.53, -0.36)],
    upper_lid: [(0.18, -0.12), (0.335, -0.27), (0.49, -0.12)],
    lower_lid: [(0.18, -0.12), (0.335, 0.01), (0.49, -0.12)],
    pupil: 0.062,
    upper_lip: [(-0.22, 0.49), (0.0, 0.52), (0.22, 0.49)],
    lower_lip: [(-0.22, 0.49), (0.0, 0.52), (0.22, 0.49)],
};

impl Face {
    fn of(pose: Pose) -> Face {
        match pose {
            Pose::Rest => REST,
            Pose::BrowRaise => Face {
                brow: [(0.14, -0.5), (0.32, -0.72), (0.54, -0.48)],
                upper_lid: [(0.18, -0.12), (0.335, -0.32), (0.49, -0.12)],
                lower_lid: [(0.18, -0.12), (0.335, 0.04), (0.49, -0.12)],
                ..REST
            },
            Pose::GentleClosure => Face {
                upper_lid: [(0.17, -0.14), (0.335, 0.0), (0.5, -0.14)],
                lower_lid: [(0.17, -0.14), (0.335, 0.0), (0.5, -0.14)],
                pupil: 0.0,
                ..REST
            },
            Pose::TightClosure => Face {
                brow: [(0.15, -0.3), (0.34, -0.42), (0.54, -0.34)],
                upper_lid: [(0.16, -0.12), (0.3, -0.18), (0.48, -0.26)],
                lower_lid: [(0.16, -0.12), (0.3, -0.06), (0.48, 0.02)],
                pupil: 0.0,
                ..REST
            },
            Pose::ClosedSmile => Face {
                upper_lip: [(-0.36, 0.44), (0.0, 0.72), (0.36, 0.44)],
                lower_lip: [(-0.36, 0.44), (0.0, 0.72), (0.36, 0.44)],
                ..REST
            },
            Pose::OpenSmile => Face {
                upper_lip: [(-0.38, 0.38), (0.0, 0.48), (0.38, 0.38)],
                lower_lip: [(-0.38, 0.38), (0.0, 0.98), (0.38, 0.38)],
                ..REST
            },
            Pose::Snarl => Face {
                brow: [(0.13, -0.3), (0.34, -0.44), (0.52, -0.38)],
                upper_lid: [(0.18, -0.12), (0.335, -0.2), (0.49, -0.12)],
                lower_lid: [(0.18, -0.12), (0.335, -0.04), (0.49, -0.12)],
                upper_lip: [(-0.3, 0.54), (0.0, 0.36), (0.3, 0.54)],
                lower_lip: [(-0.3, 0.54), (0.0, 0.66), (0.3, 0.54)],
                ..REST
            },
            Pose::Pucker => Face {
                upper_lip: [(-0.12, 0.5), (0.0, 0.27), (0.12, 0.5)],
                lower_lip: [(-0.12, 0.5), (0.0, 0.73), (0.12, 0.5)],
                ..REST
            },
            Pose::LowerTeeth => Face {
                upper_lip: [(-0.3, 0.44), (0.0, 0.5), (0.3, 0.44)],
                lower_lip: [(-0.3, 0.44), (0.0, 0.86), (0.3, 0.44)],
                ..REST
            },
        }
    }

    /// The face on the way to another one, 0 to 1.
    fn towards(&self, other: &Face, part: f32) -> Face {
        let mix = |from: f32, to: f32| from + (to - from) * part;
        let curves = |from: Curve, to: Curve| -> Curve {
            std::array::from_fn(|at| (mix(from[at].0, to[at].0), mix(from[at].1, to[at].1)))
        };
        Face {
            brow: curves(self.brow, other.brow),
            upper_lid: curves(self.upper_lid, other.upper_lid),
            lower_lid: curves(self.lower_lid, other.lower_lid),
            pupil: mix(self.pupil, other.pupil),
            upper_lip: curves(self.upper_lip, other.upper_lip),
            lower_lip: curves(self.lower_lip, other.lower_lip),
        }
    }
}

/// Draws into a square whose middle is (0, 0) and whose edges are 1 away; y goes down.
struct Pen<'a> {
    frame: &'a mut Frame,
    center: Point,
    scale: f32,
    line: f32,
}

impl<'a> Pen<'a> {
    fn new(frame: &'a mut Frame, area: Area) -> Pen<'a> {
        let square = area.square();
        let scale = square.width / 2.0;
        Pen { frame, center: square.center(), scale, line: (scale * 0.045).max(1.5) }
    }

    fn at(&self, (x, y): Point) -> Point {
        (self.center.0 + x * self.scale, self.center.1 + y * self.scale)
    }

    fn stroke(&mut self, points: &[Point], weight: f32, color: Rgb888) {
        let points: Vec<_> = points.iter().map(|point| self.at(*point)).collect();
        paint::stroke(self.frame, &points, self.line * weight, color);
    }

    fn arc(&mut self, [from, pull, to]: Curve, weight: f32, color: Rgb888) {
        self.stroke(&curve(from, pull, to), weight, color);
    }

    /// The same on both sides of the face.
    fn pair(&mut self, side: Curve, weight: f32, color: Rgb888) {
        for sign in [-1.0, 1.0] {
            self.arc(side.map(|(x, y)| (x * sign, y)), weight, color);
        }
    }

    fn dot(&mut self, place: Point, radius: f32, color: Rgb888) {
        let center = self.at(place);
        paint::disc(self.frame, center, radius * self.scale, color);
    }
}

/// Draws the pose into the largest square of the area.
pub(super) fn draw(frame: &mut Frame, pose: Pose, area: Area, colors: Colors) {
    moving(frame, pose, PHASES, area, colors);
}

/// Draws a step of the way from rest to the pose, 0 to `PHASES`.
pub(super) fn moving(frame: &mut Frame, pose: Pose, phase: u8, area: Area, colors: Colors) {
    let mut pen = Pen::new(frame, area);
    let part = (f32::from(phase) / f32::from(PHASES)).min(1.0);
    // Slow at both ends.
    let part = part * part * (3.0 - 2.0 * part);
    let face = REST.towards(&Face::of(pose), part);
    head(&mut pen, colors.line);
    let is = |poses: &[Pose]| poses.contains(&pose);
    lines(&mut pen, &face, (is(&[Pose::BrowRaise]), is(&[Pose::GentleClosure, Pose::TightClosure])), colors);
    nose(&mut pen, pose == Pose::Snarl && part > 0.5, colors);
    let mouth_moves = !is(&[Pose::BrowRaise, Pose::GentleClosure, Pose::TightClosure]);
    mouth(&mut pen, &face, mouth_moves, colors);
    if part > 0.5 {
        marks(&mut pen, pose, colors);
    }
}

fn head(pen: &mut Pen<'_>, color: Rgb888) {
    let radii = (0.72 * pen.scale, 0.93 * pen.scale);
    let ellipse = Ellipse { center: pen.center, radii };
    paint::ellipse_outline(pen.frame, ellipse, pen.line * 1.2, color, |_| true);
    pen.pair([(0.72, -0.18), (0.92, -0.26), (0.9, 0.02)], 1.2, color);
    pen.pair([(0.9, 0.02), (0.86, 0.24), (0.68, 0.22)], 1.2, color);
}

/// Brows and eyes.
fn lines(pen: &mut Pen<'_>, face: &Face, (brow_moves, eye_moves): (bool, bool), colors: Colors) {
    let (weight, color) = if brow_moves { (2.0, colors.moving) } else { (1.4, colors.line) };
    pen.pair(face.brow, weight, color);
    let (weight, color) = if eye_moves { (2.0, colors.moving) } else { (1.2, colors.line) };
    pen.pair(face.upper_lid, weight, color);
    pen.pair(face.lower_lid, weight * 0.8, color);
    if face.pupil > 0.02 {
        for side in [-0.335, 0.335] {
            pen.dot((side, -0.13), face.pupil, colors.line);
        }
    }
}

fn nose(pen: &mut Pen<'_>, is_wrinkled: bool, colors: Colors) {
    if is_wrinkled {
        for y in [-0.1, 0.02] {
            pen.arc([(-0.11, y), (0.0, y + 0.08), (0.11, y)], 1.5, colors.moving);
        }
        pen.pair([(0.15, 0.14), (0.27, 0.12), (0.2, 0.25)], 1.8, colors.moving);
    } else {
        pen.pair([(0.14, 0.16), (0.2, 0.24), (0.1, 0.25)], 1.0, colors.line);
    }
    pen.arc([(-0.07, 0.25), (0.0, 0.3), (0.07, 0.25)], 1.0, colors.line);
}

/// An open mouth has teeth: its outline in the moving color, teeth in the ground's.
fn mouth(pen: &mut Pen<'_>, face: &Face, moves: bool, colors: Colors) {
    let (weight, color) = if moves { (2.0, colors.moving) } else { (1.3, colors.line) };
    let [upper, lower] = [face.upper_lip, face.lower_lip].map(|[from, pull, to]| curve(from, pull, to));
    if lower[8].1 - upper[8].1 < 0.02 {
        return pen.stroke(&upper, weight, color);
    }
    let outline: Vec<Point> = upper.iter().chain(lower.iter().rev()).chain(upper.first()).copied().collect();
    let points: Vec<_> = outline.iter().map(|point| pen.at(*point)).collect();
    paint::polygon(pen.frame, &points, colors.ground);
    pen.stroke(&outline, weight, color);
}

/// What else is seen of a pose: creases, lashes, teeth.
fn marks(pen: &mut Pen<'_>, pose: Pose, colors: Colors) {
    let mut gaps = |xs: &[f32], from: f32, to: f32| {
        xs.iter().for_each(|x| pen.stroke(&[(*x, from), (*x, to)], 0.8, colors.moving));
    };
    match pose {
        Pose::OpenSmile => {
            gaps(&[-0.16, 0.0, 0.16], 0.445, 0.56);
            pen.arc([(-0.26, 0.54), (0.0, 0.62), (0.26, 0.54)], 1.0, colors.moving);
        }
        Pose::Snarl => {
            gaps(&[-0.09, 0.09], 0.485, 0.56);
            pen.pair([(0.36, 0.3), (0.44, 0.4), (0.42, 0.54)], 1.1, colors.moving);
        }
        Pose::LowerTeeth => {
            gaps(&[-0.14, 0.0, 0.14], 0.515, 0.64);
            pen.pair([(0.36, 0.62), (0.3, 0.7), (0.22, 0.74)], 1.1, colors.moving);
        }
        Pose::BrowRaise => {
            for (y, reach) in [(-0.68, 0.3), (-0.78, 0.22)] {
                pen.arc([(-reach, y), (0.0, y - 0.07), (reach, y)], 0.8, colors.line);
            }
        }
        Pose::GentleClosure => {
            for (x, y, lower) in [(0.24, -0.06, 0.03), (0.335, -0.04, 0.06), (0.43, -0.06, 0.03)] {
                let end = (x + (x - 0.335) * 0.3, y + 0.05 + lower);
                pen.pair([(x, y), (x, y), end], 0.9, colors.moving);
            }
        }
        Pose::ClosedSmile => {
            pen.pair([(0.33, 0.39), (0.38, 0.43), (0.42, 0.42)], 1.6, colors.moving);
        }
        Pose::Pucker => {
            pen.stroke(&[(-0.05, 0.5), (0.05, 0.5)], 1.2, colors.moving);
            for (from, to) in
                [((0.27, 0.42), (0.36, 0.37)), ((0.28, 0.5), (0.38, 0.5)), ((0.27, 0.58), (0.36, 0.63))]
            {
                pen.pair([from, from, to], 1.1, colors.moving);
            }
        }
        Pose::Rest | Pose::TightClosure => {}
    }
}

/// A drawn face with dots where the network found what speaks for synkinesis: the larger, the more.
pub(super) fn heated(frame: &mut Frame, pose: Pose, heat: &Heat, area: Area, colors: Colors) {
    draw(frame, pose, area, Colors { moving: colors.line, ..colors });
    let mut pen = Pen::new(frame, area);
    // The square that the network sees is 2.8 distances between the eyes wide, its middle 0.72 below them; here they are
    // 0.67 apart and 0.12 above the middle.
    let (side, center) = (0.67 * 2.8, (0.0, -0.12 + 0.67 * 0.72));
    let step = side / Heat::SIDE as f32;
    for (at, value) in heat.0.iter().enumerate().filter(|(_, value)| **value > 24) {
        let (row, column) = ((at / Heat::SIDE) as f32, (at % Heat::SIDE) as f32);
        let place =
            (center.0 - side / 2.0 + (column + 0.5) * step, center.1 - side / 2.0 + (row + 0.5) * step);
        // Only on the face and on what of the neck is drawn.
        if place.0.hypot(place.1 * 0.78) < 0.8 {
            pen.dot(place, step * 0.46 * (f32::from(*value) / 255.0).sqrt(), colors.moving);
        }
    }
}

/// A drawn face with a ring around each place where something moved along. The person's right is at the left, as they
/// are looked at.
pub(super) fn found(frame: &mut Frame, found: &[(SynkinesisType, Option<Side>)], area: Area, colors: Colors) {
    // Room for the neck.
    let square = area.square();
    let face = Area::new(square.x, square.y, square.width, square.height * 0.84);
    let mut pen = Pen::new(frame, face);
    pen.pair([(0.36, 0.8), (0.36, 1.0), (0.4, 1.28)], 1.2, colors.line);
    draw(frame, Pose::Rest, face, Colors { moving: colors.line, ..colors });
    let pen = Pen::new(frame, face);
    for (kind, side) in found {
        let (place, radius) = match kind {
            SynkinesisType::OcularOral => ((0.24, 0.49), 0.2),
            SynkinesisType::OralOcular => ((0.335, -0.12), 0.24),
            SynkinesisType::Mentalis => ((0.14, 0.74), 0.15),
            SynkinesisType::Platysma => ((0.2, 1.12), 0.15),
        };
        let sign = match side {
            Some(Side::Right) => -1.0,
            Some(Side::Left) => 1.0,
            None => continue,
        };
        let center = pen.at((place.0 * sign, place.1));
        paint::ring(pen.frame, center, radius * pen.scale, pen.line * 1.8, 1.0, colors.moving);
    }
}
