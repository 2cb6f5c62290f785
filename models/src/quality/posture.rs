//! How the head is held, by where the tip of the nose stands.

use crate::{head_frame::HeadFrame, landmarks::Point};

/// The nose's usual height: from the eyes' line, as a share of the chin's distance from it.
const NOSE_OF_CHIN: f32 = 0.376;

/// How far the tip of the nose stands beside the middle of the eyes.
pub(super) fn turn(head: &HeadFrame) -> f32 {
    head.at(Point::NoseTip)[0].abs()
}

/// How far the nose stands from its usual height between eyes and chin.
pub(super) fn tilt(head: &HeadFrame) -> f32 {
    let chin = (-head.at(Point::Chin)[1]).max(0.1);
    (-head.at(Point::NoseTip)[1] / chin - NOSE_OF_CHIN).abs()
}
