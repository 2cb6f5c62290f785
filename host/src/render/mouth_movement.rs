//! Movement of lips and mouth corners.

use super::action::Actions;
use super::features::{MOUTH_HALF_WIDTH, MOUTH_Y};
use super::movement::{Place, fold_relief, toward_corner};
use super::smooth::{bump, bump2, lerp, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use synkiosk_models::pose::Side;

/// 0 where the lips are sealed, so that what pulls one lip takes the other with it; 1 where each is free.
pub fn lips_apart(actions: &Actions) -> f32 {
    saturate((actions.part + 4.0 * actions.jaw) / 0.4)
}

/// One side's share of what moves the mouth.
pub(super) fn move_mouth(place: &Place, actions: &Actions, side: Side) -> Vec3 {
    let apart = lips_apart(actions);
    let (on_upper, on_lower) = if place.is_lower_lip { (1.0 - apart, 1.0) } else { (1.0, 1.0 - apart) };
    let moved = lift_upper_lip(place, on_upper) * actions.upper_lip.of(side)
        + pull_corner(place, on_upper) * actions.corner_pull.of(side)
        + lower_corner(place) * actions.corner_down.of(side)
        + lower_lower_lip(place) * (actions.lower_lip.of(side) * on_lower)
        + vec3(0.0, 0.0, 0.7 * fold_relief(place, [1.3, 5.0, 5.0], [1.2, 2.5])) * actions.fold.of(side);
    moved * place.weight
}

fn lift_upper_lip(place: &Place, on_upper: f32) -> Vec3 {
    let (ax, y) = (place.ax, place.at.y);
    let free_of_corner = 1.0 - smooth_step(16.0, 25.0, ax) * bump(place.over_mouth, 8.0);
    let up = 5.0 * bump2(ax - 9.0, 17.0, y + 60.0, 13.0) * free_of_corner;
    vec3(0.0, up, -bump2(ax - 13.0, 12.0, y + 64.0, 8.0)) * on_upper
}

/// At full strength the corner goes 12 mm outward and up, and the mouth widens by a third: the mouths of 101 young
/// adults were 1.3 times as wide in a smile as at rest (Rigsbee, Sperry and BeGole, 1988).
fn pull_corner(place: &Place, on_upper: f32) -> Vec3 {
    let (ax, y, over) = (place.ax, place.at.y, place.over_mouth);
    let out = toward_corner(ax, 1.15, 19.0) * bump(over, if over > 0.0 { 24.0 } else { 19.0 });
    let up = toward_corner(ax, 1.7, 17.0);
    let sagging = if ax < 22.0 { 0.8 * (1.0 - up) * bump(over, 9.0) } else { 0.0 };
    let mut moved = vec3(9.0 * out, 8.0 * up * bump(over, 19.0) - sagging, 0.0);
    let corner_depth = (-(ax - 27.0).max(0.0) / 14.0).exp();
    moved.z -= 5.0 * (0.25 + 0.75 * up) * bump(over, 13.0) * corner_depth;
    // The reds of the lips thin out.
    moved.y += 2.0 * bump2(ax, 19.0, over + 10.0, 5.5) - 2.2 * bump2(ax, 19.0, over - 8.0, 5.0);
    moved.y += on_upper * 0.9 * bump(ax, 4.5) * bump(over, 6.0);
    // The cheek bulges above the fold, the nose's wings widen.
    let cheek = bump2(ax - 38.0, 13.0, y + 42.0, 14.0);
    let wing = bump2(ax - 15.0, 8.0, y + 43.0, 9.0);
    moved.x += 2.0 * cheek + 1.3 * wing;
    moved.y += 3.5 * bump2(ax - 38.0, 16.0, y + 36.0, 14.0) + 0.8 * wing;
    moved.z += 4.5 * cheek + fold_relief(place, [0.8, 7.0, 6.0], [0.7, 3.5]);
    moved.x *= place.sign;
    moved
}

fn lower_corner(place: &Place) -> Vec3 {
    let near = toward_corner(place.ax, 2.0, 13.0) * bump(place.over_mouth + 4.0, 15.0);
    vec3(place.sign * 1.5 * near, -6.5 * near, 1.2 * bump2(place.ax - 28.0, 8.0, place.at.y + 88.0, 9.0))
}

fn lower_lower_lip(place: &Place) -> Vec3 {
    let free_of_corner = 1.0 - smooth_step(16.0, 25.0, place.ax);
    vec3(0.0, -6.0 * bump2(place.ax - 12.0, 11.0, place.at.y + 74.0, 12.0) * free_of_corner, 0.0)
}

/// What moves both sides at once: drag toward the stronger side, pucker, parted lips, jaw.
pub(super) fn move_both_lips(at: Vec3, is_lower: bool, front: f32, actions: &Actions) -> Vec3 {
    let over = at.y - MOUTH_Y;
    let (x, ax) = (at.x, at.x.abs());
    let drag = 3.0 * actions.corner_pull.difference()
        + actions.corner_down.difference()
        + actions.lower_lip.difference()
        + 4.0 * actions.pucker.difference();
    let mut moved = vec3(drag * bump2(x, 17.0, over, 17.0), 0.0, 0.0);
    let pucker = lerp(actions.pucker.right, actions.pucker.left, smooth_step(-16.0, 16.0, x));
    if pucker > 0.0 {
        moved.x -= pucker * x * 0.42 * bump2(ax, 30.0, over, 18.0);
        moved.y += pucker * over * 0.25 * bump2(ax, 14.0, over, 10.0);
        moved.z += pucker * 9.0 * bump2(ax, 20.0, over, 13.0);
    }
    // The lips stay joined at the corner.
    let joined = saturate(ax / MOUTH_HALF_WIDTH).powf(2.6);
    if actions.part > 0.0 && ax < MOUTH_HALF_WIDTH {
        let near = (1.0 - joined) * bump(over, 12.0);
        moved.y += actions.part * near * if is_lower { -2.2 } else { 1.6 };
    }
    if actions.jaw > 0.0 && at.y < -30.0 {
        let share = jaw_share(ax, at.y, over, joined, is_lower);
        moved.y -= actions.jaw * 20.0 * share;
        moved.z -= actions.jaw * 6.0 * share * smooth_step(-60.0, -110.0, at.y);
    }
    moved * front
}

/// How far a point follows the jaw.
fn jaw_share(ax: f32, y: f32, over: f32, joined: f32, is_lower: bool) -> f32 {
    let neck = smooth_step(-200.0, -135.0, y);
    let beside = smooth_step(-45.0, -92.0, y) * neck;
    let between_corners = if is_lower {
        lerp(lerp(1.0, 0.5, joined), 1.0, smooth_step(-72.0, -90.0, y)) * neck
    } else {
        0.5 * joined * bump(over, 13.0) + 0.06 * bump(over, 12.0) * (1.0 - joined)
    };
    let corner = if ax < 45.0 { 0.5 * bump(over, 13.0) * smooth_step(45.0, 24.0, ax) } else { 0.0 };
    lerp(between_corners, beside.max(corner), smooth_step(20.0, 31.0, ax))
}

#[cfg(test)]
mod tests {
    use super::super::action::Sides;
    use super::*;

    /// Vertical gap between the lips at `x` for the given actions.
    fn gap(actions: &Actions, x: f32) -> f32 {
        let height = |is_lower_lip| {
            let at = vec3(x, MOUTH_Y, 90.0);
            let sign = x.signum();
            let place = Place { at, ax: x.abs(), over_mouth: 0.0, is_lower_lip, sign, weight: 1.0 };
            let side = if x > 0.0 { Side::Left } else { Side::Right };
            (move_mouth(&place, actions, side) + move_both_lips(at, is_lower_lip, 1.0, actions)).y
        };
        height(false) - height(true)
    }

    #[test]
    fn sealed_lips_stay_sealed_whatever_pulls_them() {
        let actions = Actions {
            corner_pull: Sides { right: 1.0, left: 0.3 },
            upper_lip: Sides { right: 0.2, left: 0.9 },
            lower_lip: Sides::both(0.5),
            chin_raise: Sides::both(0.6),
            pucker: Sides { right: 0.4, left: 1.0 },
            ..Actions::default()
        };
        for x in [-24.0, -12.0, -3.0, 0.5, 8.0, 20.0] {
            assert!(gap(&actions, x).abs() < 1e-4, "{x}: {}", gap(&actions, x));
        }
        assert!(gap(&Actions { part: 1.0, ..actions }, 3.0) > 3.0);
    }
}
