//! A face's points in a frame that goes with the head: free of place, distance and roll.
//!
//! The origin lies midway between the centers of the eyes, x runs along the line through them to the person's left,
//! y up, and the unit is their distance. Only additions, multiplications, divisions and square roots, in fixed
//! order: the same on every CPU.

use crate::{
    landmarks::{Landmarks, Point, midway},
    pose::Side,
};

/// Landmarks in the head's frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadFrame {
    landmarks: Landmarks,
    origin: [f32; 2],
    /// Unit vector from the right eye to the left, in pixels.
    along: [f32; 2],
    interocular: f32,
}

impl HeadFrame {
    /// The frame of a face.
    pub fn of(landmarks: &Landmarks) -> HeadFrame {
        let (right, left) = (landmarks.eye_center(Side::Right), landmarks.eye_center(Side::Left));
        let interocular = landmarks.interocular();
        let along = [(left[0] - right[0]) / interocular, (left[1] - right[1]) / interocular];
        HeadFrame { landmarks: *landmarks, origin: midway(right, left), along, interocular }
    }

    /// A point: to the person's left, and up, in interocular distances.
    pub fn at(&self, point: Point) -> [f32; 2] {
        let [x, y] = self.landmarks.at(point);
        let (x, y) = (x - self.origin[0], y - self.origin[1]);
        let [cosine, sine] = self.along;
        [(x * cosine + y * sine) / self.interocular, (x * sine - y * cosine) / self.interocular]
    }

    /// How far the lids of one eye stand apart, 0 where they meet.
    pub fn eye_opening(&self, side: Side) -> f32 {
        let height = |point: Point| self.at(point.on(side))[1];
        (height(Point::RightLidUpper) - height(Point::RightLidLower)).max(0.0)
    }

    /// Mean height of one brow over the line of the eyes.
    pub fn brow_height(&self, side: Side) -> f32 {
        let brow = [Point::RightBrowInner, Point::RightBrowMiddle, Point::RightBrowOuter];
        brow.iter().map(|point| self.at(point.on(side))[1]).sum::<f32>() / 3.0
    }

    /// One corner of the mouth: outward from the middle, and up.
    pub fn mouth_corner(&self, side: Side) -> [f32; 2] {
        let [left, up] = self.at(Point::RightMouthCorner.on(side));
        match side {
            Side::Right => [-left, up],
            Side::Left => [left, up],
        }
    }

    /// From corner to corner of the mouth.
    pub fn mouth_width(&self) -> f32 {
        self.mouth_corner(Side::Right)[0] + self.mouth_corner(Side::Left)[0]
    }

    /// From the upper to the lower border of the lips' red.
    pub fn lips_height(&self) -> f32 {
        self.at(Point::LipUpper)[1] - self.at(Point::LipLower)[1]
    }

    /// How far the head leans: rise over run of the line of the eyes, below 0 with the person's left up.
    pub fn roll(&self) -> f32 {
        self.along[1] / self.along[0].max(1e-3)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::landmarks::{COUNT, Point::*};

    /// A face at rest in the head's frame, person's left and up, after the average head of the renderer.
    pub(crate) const REST: [(Point, [f32; 2]); COUNT] = [
        (RightEyeInner, [-0.26, -0.02]),
        (LeftEyeInner, [0.26, -0.02]),
        (RightEyeOuter, [-0.74, 0.02]),
        (LeftEyeOuter, [0.74, 0.02]),
        (RightLidUpper, [-0.5, 0.07]),
        (LeftLidUpper, [0.5, 0.07]),
        (RightLidLower, [-0.5, -0.07]),
        (LeftLidLower, [0.5, -0.07]),
        (RightIris, [-0.5, 0.0]),
        (LeftIris, [0.5, 0.0]),
        (RightBrowInner, [-0.22, 0.3]),
        (LeftBrowInner, [0.22, 0.3]),
        (RightBrowMiddle, [-0.55, 0.4]),
        (LeftBrowMiddle, [0.55, 0.4]),
        (RightBrowOuter, [-0.85, 0.3]),
        (LeftBrowOuter, [0.85, 0.3]),
        (RightMouthCorner, [-0.4, -1.12]),
        (LeftMouthCorner, [0.4, -1.12]),
        (NoseTip, [0.0, -0.69]),
        (LipUpper, [0.0, -1.0]),
        (LipLower, [0.0, -1.28]),
        (Chin, [0.0, -1.82]),
    ];

    /// `REST` with some points moved by so much (person's left, up), as a photo with eyes `scale` pixels apart, turned by
    /// the sine `roll`, would show it.
    pub(crate) fn face(moved: &[(Point, [f32; 2])], scale: f32, roll: f32) -> Landmarks {
        let cosine = (1.0 - roll * roll).sqrt();
        let points = REST.map(|(point, [x, y])| {
            let by = |axis: usize| -> f32 {
                moved.iter().filter(|(which, _)| *which == point).map(|(_, by)| by[axis]).sum()
            };
            let (x, y) = ((x + by(0)) * scale, -(y + by(1)) * scale);
            [320.0 + x * cosine - y * roll, 200.0 + x * roll + y * cosine]
        });
        Landmarks::new(points).expect("a face")
    }

    #[test]
    fn the_list_above_is_in_the_order_of_points() {
        assert_eq!(REST.map(|(point, _)| point), Point::ALL);
    }

    #[test]
    fn measures_do_not_depend_on_place_distance_or_roll() {
        let smile = [(LeftMouthCorner, [0.12, 0.1]), (RightLidUpper, [0.0, -0.08])];
        for (scale, roll) in [(40.0, 0.0), (63.0, 0.2), (250.0, -0.3)] {
            let head = HeadFrame::of(&face(&smile, scale, roll));
            let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-4, "{a} for {b} at {scale} {roll}");
            near(head.mouth_corner(Side::Left)[0], 0.52);
            near(head.mouth_corner(Side::Left)[1], -1.02);
            near(head.mouth_corner(Side::Right)[0], 0.4);
            near(head.eye_opening(Side::Right), 0.06);
            near(head.eye_opening(Side::Left), 0.14);
            near(head.brow_height(Side::Left), 1.0 / 3.0);
            near(head.mouth_width(), 0.92);
            near(head.lips_height(), 0.28);
            near(head.roll(), roll / (1.0 - roll * roll).sqrt());
        }
    }
}
