//! Whether the face did what the pose asks, as far as this face can.
//!
//! Where a movement has two sides the better one counts, because a palsied side cannot move; nothing here asks for
//! symmetry, a closed eye on both sides, or an even smile.

use crate::{
    head_frame::HeadFrame,
    landmarks::Point,
    pose::{Pose, Side},
};

/// Usual movements in interocular distances, medians over rendered people with and without palsy.
const BROW_RAISE: f32 = 0.1;
const SMILE: f32 = 0.14;
const PUCKER: f32 = 0.11;
const LIPS_PARTED: f32 = 0.055;
const LIP_MOVED: f32 = 0.05;
/// A share of the eye's opening, by the squint that goes with a snarl.
const SQUINT: f32 = 0.3;
/// An open eye.
const OPEN_EYE: f32 = 0.14;

/// How far a pose was performed, 0 not at all to 1 as most do and beyond; `None` where it takes a picture at rest to tell.
pub fn performance(pose: Pose, head: &HeadFrame, rest: Option<&HeadFrame>) -> Option<f32> {
    if pose == Pose::Rest {
        return Some(better(|side| head.eye_opening(side)) / OPEN_EYE);
    }
    let rest = rest?;
    let smile = better(|side| pulled(head, rest, side)) / SMILE;
    let parted = (head.lips_height() - rest.lips_height()) / LIPS_PARTED;
    let closed = better(|side| 1.0 - head.eye_opening(side) / rest.eye_opening(side).max(0.01));
    Some(match pose {
        Pose::Rest => 1.0,
        Pose::BrowRaise => better(|side| head.brow_height(side) - rest.brow_height(side)) / BROW_RAISE,
        Pose::GentleClosure | Pose::TightClosure => closed,
        Pose::ClosedSmile => smile,
        Pose::OpenSmile => smile.max(parted),
        Pose::Pucker => (rest.mouth_width() - head.mouth_width()) / PUCKER,
        // Small movements, seen in one place or another.
        Pose::Snarl => {
            let lifted = below_nose(rest, Point::LipUpper) - below_nose(head, Point::LipUpper);
            parted.max(lifted / LIP_MOVED).max(closed / SQUINT)
        }
        Pose::LowerTeeth => {
            let lowered = below_nose(head, Point::LipLower) - below_nose(rest, Point::LipLower);
            parted.max(lowered / LIP_MOVED)
        }
    })
}

fn better(of: impl Fn(Side) -> f32) -> f32 {
    of(Side::Right).max(of(Side::Left))
}

/// How far a corner moved along the way of a smile: 9 out to 8 up.
fn pulled(head: &HeadFrame, rest: &HeadFrame, side: Side) -> f32 {
    let (now, before) = (head.mouth_corner(side), rest.mouth_corner(side));
    0.747 * (now[0] - before[0]) + 0.664 * (now[1] - before[1])
}

fn below_nose(head: &HeadFrame, point: Point) -> f32 {
    head.at(Point::NoseTip)[1] - head.at(point)[1]
}
