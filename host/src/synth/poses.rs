//! What each pose asks of the face: the same on both sides, as far as this person takes it today.

use crate::render::action::{Actions, Sides};
use crate::render::random::Random;
use synkiosk_models::pose::Pose;

/// Voluntary activations for a pose; `habit` is the person's own way, `effort` this picture's.
pub fn voluntary(pose: Pose, mut habit: Random, effort: &mut Random) -> Actions {
    let h = &mut habit;
    // The habit's numbers are drawn in the same order for every pose, so that poses of one person match.
    let vigor = h.range(0.85, 1.05) * effort.range(0.88, 1.0);
    let smiling_eyes = h.range(0.1, 0.8);
    let frown = h.range(0.25, 0.85);
    let scrunch = h.unit();
    let bared = h.unit();
    let level = |low: f32, high: f32, share: f32| Sides::both((low + (high - low) * share) * vigor);
    let today = effort.unit();
    let mut actions = Actions::default();
    match pose {
        Pose::Rest => {}
        Pose::BrowRaise => {
            actions.brow_raise = level(0.75, 1.1, today);
            actions.lid_wide = level(0.1, 0.4, bared);
        }
        Pose::GentleClosure => {
            actions.lid_close = Sides::both(1.0);
            actions.brow_lower = level(0.0, 0.1, frown);
        }
        Pose::TightClosure => {
            actions.lid_close = Sides::both(1.0);
            actions.cheek_raise = level(0.6, 1.0, scrunch);
            actions.brow_lower = level(0.3, 1.0, frown);
            actions.nose_wrinkle = level(0.1, 0.5, scrunch);
            actions.upper_lip = level(0.0, 0.22, scrunch);
            actions.corner_pull = level(0.0, 0.22, bared);
        }
        Pose::ClosedSmile => {
            actions.corner_pull = level(0.6, 0.95, today);
            actions.cheek_raise = Sides::both(0.6 * smiling_eyes);
        }
        Pose::OpenSmile => {
            actions.corner_pull = level(0.7, 1.0, today);
            actions.upper_lip = level(0.3, 0.6, bared);
            actions.lower_lip = level(0.0, 0.3, bared);
            actions.cheek_raise = Sides::both(0.9 * smiling_eyes);
            actions.lid_close = Sides::both(0.10 * smiling_eyes);
            actions.part = 0.7 + 0.5 * bared;
            actions.jaw = 0.04 + 0.14 * scrunch;
        }
        Pose::Snarl => {
            actions.nose_wrinkle = level(0.7, 1.0, today);
            actions.upper_lip = level(0.65, 1.0, today);
            actions.cheek_raise = level(0.2, 0.5, scrunch);
            actions.brow_lower = level(0.1, 0.5, frown);
            actions.part = 0.3 + 0.5 * bared;
        }
        Pose::Pucker => {
            actions.pucker = level(0.75, 1.05, today);
            actions.chin_raise = level(0.0, 0.2, scrunch);
            actions.lid_close = Sides::both(0.06 * smiling_eyes);
        }
        Pose::LowerTeeth => {
            actions.lower_lip = level(0.75, 1.05, today);
            actions.corner_down = level(0.3, 0.6, scrunch);
            actions.platysma = level(0.1, 0.45, scrunch);
            actions.part = 0.5 + 0.4 * bared;
            actions.jaw = 0.02 + 0.06 * today;
        }
    }
    actions
}

/// What the face does besides the pose: gaze, and now and then a half blink.
pub fn distract(actions: &mut Actions, r: &mut Random) {
    let wandering = if r.chance(0.1) { 0.16 } else { 0.05 };
    actions.gaze = [wandering * r.normal(), 0.6 * wandering * r.normal()];
    let tired = 0.08 * r.unit();
    let blink = if r.chance(0.05) { r.range(0.1, 0.4) } else { 0.0 };
    for lid in [&mut actions.lid_close.right, &mut actions.lid_close.left] {
        *lid = 1.0 - (1.0 - *lid).max(0.0) * (1.0 - tired) * (1.0 - blink);
    }
}
