//! The 22 points of a face that movement is measured by, and how active chin and neck are.
//!
//! Left and right are the person's own. Points are in pixels of the photo, x from its left edge, y from its upper
//! edge; 0.5 is the center of the first pixel.

use crate::pose::Side;
use serde::Serialize;

/// A face has so many landmarks.
pub const COUNT: usize = 22;

macro_rules! points {
    ($($(#[$doc:meta])* $point:ident $name:literal),+ $(,)?) => {
        /// One landmark.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Point {
            $($(#[$doc])* $point),+
        }

        impl Point {
            /// Every point, in the order in which networks and files give them.
            pub const ALL: [Point; COUNT] = [$(Point::$point),+];

            /// The name in files.
            pub fn name(self) -> &'static str {
                match self {
                    $(Point::$point => $name),+
                }
            }
        }
    };
}

points!(
    /// Inner corner of the right eye.
    RightEyeInner "right_eye_inner",
    /// Inner corner of the left eye.
    LeftEyeInner "left_eye_inner",
    /// Outer corner of the right eye.
    RightEyeOuter "right_eye_outer",
    /// Outer corner of the left eye.
    LeftEyeOuter "left_eye_outer",
    /// Middle of the right upper lid's margin.
    RightLidUpper "right_lid_upper",
    /// Middle of the left upper lid's margin.
    LeftLidUpper "left_lid_upper",
    /// Middle of the right lower lid's margin.
    RightLidLower "right_lid_lower",
    /// Middle of the left lower lid's margin.
    LeftLidLower "left_lid_lower",
    /// Center of the right pupil, also behind a shut lid.
    RightIris "right_iris",
    /// Center of the left pupil, also behind a shut lid.
    LeftIris "left_iris",
    /// Inner end of the right brow.
    RightBrowInner "right_brow_inner",
    /// Inner end of the left brow.
    LeftBrowInner "left_brow_inner",
    /// Middle of the right brow.
    RightBrowMiddle "right_brow_middle",
    /// Middle of the left brow.
    LeftBrowMiddle "left_brow_middle",
    /// Outer end of the right brow.
    RightBrowOuter "right_brow_outer",
    /// Outer end of the left brow.
    LeftBrowOuter "left_brow_outer",
    /// Right corner of the mouth.
    RightMouthCorner "right_mouth_corner",
    /// Left corner of the mouth.
    LeftMouthCorner "left_mouth_corner",
    /// Tip of the nose.
    NoseTip "nose_tip",
    /// Upper border of the upper lip's red, in the middle.
    LipUpper "lip_upper",
    /// Lower border of the lower lip's red, in the middle.
    LipLower "lip_lower",
    /// Lowest point of the chin's outline.
    Chin "chin",
);

/// The pairs come first, right before left.
const PAIRED: usize = 18;

impl Point {
    /// The point that a mirror shows in its place.
    pub fn mirrored(self) -> Point {
        let index = self as usize;
        if index < PAIRED { Point::ALL[index ^ 1] } else { self }
    }

    /// The side on which it lies; `None` in the middle.
    pub fn side(self) -> Option<Side> {
        match (self as usize) < PAIRED {
            true if (self as usize).is_multiple_of(2) => Some(Side::Right),
            true => Some(Side::Left),
            false => None,
        }
    }

    /// The same point of the given side; itself in the middle.
    pub fn on(self, side: Side) -> Point {
        if self.side().is_none_or(|own| own == side) { self } else { self.mirrored() }
    }
}

/// Where the points of one face are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Landmarks {
    points: [[f32; 2]; COUNT],
}

impl Landmarks {
    /// Points in the order of [`Point::ALL`]; `None` if any is no finite number or the eyes fall together.
    pub fn new(points: [[f32; 2]; COUNT]) -> Option<Landmarks> {
        let landmarks = Landmarks { points };
        let finite = points.as_flattened().iter().all(|value| value.is_finite());
        (finite && landmarks.interocular() > 1.0).then_some(landmarks)
    }

    /// One point.
    pub fn at(&self, point: Point) -> [f32; 2] {
        self.points[point as usize]
    }

    /// All points in the order of [`Point::ALL`].
    pub fn points(&self) -> &[[f32; 2]; COUNT] {
        &self.points
    }

    /// The corners of the upright box that holds all points: the upper left, the lower right.
    pub fn extent(&self) -> ([f32; 2], [f32; 2]) {
        let along = |axis: usize| self.points.iter().map(move |point| point[axis]);
        let (least, most) =
            (|axis| along(axis).fold(f32::MAX, f32::min), |axis| along(axis).fold(f32::MIN, f32::max));
        ([least(0), least(1)], [most(0), most(1)])
    }

    /// Midway between the corners of one eye.
    pub fn eye_center(&self, side: Side) -> [f32; 2] {
        midway(self.at(Point::RightEyeInner.on(side)), self.at(Point::RightEyeOuter.on(side)))
    }

    /// Distance between the eyes' centers in pixels: the unit of every measure, since neither gaze nor lids move it.
    pub fn interocular(&self) -> f32 {
        distance(self.eye_center(Side::Right), self.eye_center(Side::Left))
    }
}

/// How strongly chin and neck are active on each side: 0 at ease to about 1 for as far as most people can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Activity {
    /// Mentalis of the right: the chin is bunched and dimpled.
    pub chin_right: f32,
    /// Mentalis of the left.
    pub chin_left: f32,
    /// Platysma of the right: bands stand out in the neck.
    pub neck_right: f32,
    /// Platysma of the left.
    pub neck_left: f32,
}

/// What the second network says of a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Where its points are.
    pub landmarks: Landmarks,
    /// How active chin and neck are.
    pub activity: Activity,
}

/// The point halfway.
pub fn midway(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]
}

/// The distance of two points, pixels.
pub fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    let (across, down) = (a[0] - b[0], a[1] - b[1]);
    (across * across + down * down).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_exchanges_the_sides() {
        for point in Point::ALL {
            assert_eq!(point.mirrored().mirrored(), point);
            assert_eq!(point.mirrored().side(), point.side().map(Side::other));
            let exchanged = match point.name().split_once('_') {
                Some(("right", rest)) => format!("left_{rest}"),
                Some(("left", rest)) => format!("right_{rest}"),
                _ => point.name().to_owned(),
            };
            assert_eq!(point.mirrored().name(), exchanged);
            assert_eq!(point.on(Side::Left).side(), point.side().map(|_| Side::Left));
        }
    }

    #[test]
    fn points_that_are_no_face_are_refused() {
        assert_eq!(Landmarks::new([[5.0, 5.0]; COUNT]), None);
        let mut points: [[f32; 2]; COUNT] = std::array::from_fn(|index| [20.0 * (index % 2) as f32, 0.0]);
        assert_eq!(Landmarks::new(points).map(|face| face.interocular()), Some(20.0));
        points[21][1] = f32::NAN;
        assert_eq!(Landmarks::new(points), None);
    }
}
