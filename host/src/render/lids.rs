//! Lids: the contour of each opening, and the skin that lies on the eyeball.

use super::action::{Actions, image_sign};
use super::grid::Grid;
use super::identity::Identity;
use super::smooth::{bump, bump2, smooth_step, soft_max};
use super::vector::{Vec3, vec3};
use super::warp::{EYE, eye_center};
use synkiosk_models::pose::Side;

/// Ends of the opening, millimeters from the pupil toward the ear. The outer one lies on the eyeball, the inner
/// one beyond it, with the caruncle between.
pub const INNER_END: f32 = -15.0;
/// See `INNER_END`.
pub const OUTER_END: f32 = 13.2;
/// Radius of the eyeball, millimeters.
pub const EYE_RADIUS: f32 = 12.0;

/// Both eyes.
#[derive(Debug, Clone)]
pub struct EyeLids {
    right: Lids,
    left: Lids,
}

/// One eye's lids, in coordinates about its center on the average head: `out` toward the ear, `up`.
#[derive(Debug, Clone)]
pub struct Lids {
    /// Which eye.
    pub side: Side,
    /// Center of the eyeball on this head.
    pub center: Vec3,
    /// Direction of gaze.
    pub gaze: Vec3,
    /// 0 open to 1 shut.
    pub closure: f32,
    /// How far the cheek pushes the lower lid up.
    pub squint: f32,
    upper: f32,
    lower: f32,
    crease: f32,
    brow: f32,
}

impl EyeLids {
    /// The lids of a face in action.
    pub fn new(who: &Identity, actions: &Actions) -> EyeLids {
        EyeLids { right: Lids::new(Side::Right, who, actions), left: Lids::new(Side::Left, who, actions) }
    }

    /// The eye of a side.
    pub fn of(&self, side: Side) -> &Lids {
        match side {
            Side::Right => &self.right,
            Side::Left => &self.left,
        }
    }

    /// The eye on whose side image x lies.
    pub fn at(&self, x: f32) -> &Lids {
        if x > 0.0 { &self.left } else { &self.right }
    }
}

impl Lids {
    fn new(side: Side, who: &Identity, actions: &Actions) -> Lids {
        let [across, up] = actions.gaze;
        let (wide, squint) = (actions.lid_wide.of(side), actions.cheek_raise.of(side));
        let frown = actions.brow_lower.of(side);
        let hanging_brow = (-actions.brow_raise.of(side)).max(0.0);
        Lids {
            side,
            center: eye_center(side, who),
            gaze: vec3(across, up, 1.0).unit(),
            closure: actions.lid_close.of(side).clamp(0.0, 1.0),
            squint,
            upper: 4.7 * who.eyes.opening * (1.0 + 0.35 * wide) + 2.5 * up - 0.8 * frown - 0.9 * hanging_brow,
            lower: 4.7 * who.eyes.opening.max(0.1).sqrt() * (1.0 + 0.12 * wide)
                - 0.8 * up
                - 1.7 * squint
                - 0.6 * actions.nose_wrinkle.of(side),
            crease: who.eyes.crease,
            brow: actions.brow_raise.of(side),
        }
    }

    /// (lower, upper) border of the opening at `out`.
    pub fn contour(&self, out: f32) -> (f32, f32) {
        let t = along(out).clamp(-1.0, 1.0);
        let room = (1.0 - t * t).max(0.0);
        let upper = axis(t) + self.upper * room.powf(0.72) * (1.0 - 0.14 * t);
        let lower = axis(t) - self.lower * room.powf(0.85) * (1.0 + 0.2 * t);
        let height = (upper - lower).max(0.0);
        // Most of a closure is the upper lid's.
        let lower = lower + 0.14 * self.closure * height;
        (lower, lower + height * (1.0 - self.closure))
    }

    /// `out` and `up` of a point of the average head.
    pub fn local(&self, x: f32, y: f32) -> (f32, f32) {
        (x.abs() - EYE.x, y)
    }

    /// Whether a point of the average head lies in the opening.
    pub fn is_open_at(&self, x: f32, y: f32) -> bool {
        let (out, up) = self.local(x, y);
        if !is_between_ends(out) {
            return false;
        }
        let (lower, upper) = self.contour(out);
        lower < up && up < upper
    }

    /// Height of the upper lid's crease at `out`.
    pub fn crease_height(&self, out: f32) -> f32 {
        let t = along(out).clamp(-1.15, 1.15);
        let room = (1.0 - (t / 1.2) * (t / 1.2)).max(0.0);
        axis(t.clamp(-1.0, 1.0))
            + self.upper * 0.95 * room.powf(0.6)
            + 2.2
            + 0.7 * self.crease
            + 1.3 * self.brow
    }

    /// Lays lid skin onto the eyeball; `at` is the point on the average head.
    pub fn wrap(&self, mut skin: Vec3, at: Vec3) -> Vec3 {
        let (out, up) = self.local(at.x, at.y);
        let from_center = skin - self.center;
        let with_lid = EYE_RADIUS + 1.1;
        let across = from_center.x / outward_stretch(image_sign(self.side) * from_center.x / 1.1);
        let left_over = with_lid * with_lid - across * across - from_center.y * from_center.y;
        let rim = left_over.max(0.0).sqrt() - 0.8 * (-left_over).max(0.0).sqrt();
        if from_center.z > -6.0 {
            skin.z = soft_max(skin.z, self.center.z + rim, 2.5);
        }
        let near = smooth_step(19.0, 12.0, out.abs());
        if near > 0.0 {
            skin.z += near * self.crease_relief(out, up);
            if is_between_ends(out) {
                let (lower, upper) = self.contour(out);
                skin.z += 0.35 * (bump(up - upper - 0.6, 1.0) + bump(up - lower + 0.6, 1.0)) * near;
            }
        }
        skin.z += 1.3 * self.squint * bump2(out, 12.0, up + 9.0, 3.0);
        skin
    }

    /// The fold above the crease; it flattens when the lid is shut.
    fn crease_relief(&self, out: f32, up: f32) -> f32 {
        let crease = self.crease_height(out);
        let fold = smooth_step(crease - 0.4, crease + 1.2, up) * smooth_step(crease + 9.0, crease + 2.0, up);
        self.crease * (0.35 + 0.65 * (1.0 - self.closure)) * (0.9 * fold - 0.6 * bump(up - crease, 0.8))
    }

    /// The point of the skin on a lid's margin.
    pub fn margin(&self, grid: &Grid, skin: &[Vec3], out: f32, of_upper: bool) -> Vec3 {
        let (lower, upper) = self.contour(out);
        grid.at(skin, image_sign(self.side) * (EYE.x + out), if of_upper { upper } else { lower })
    }
}

/// -1 at the inner to 1 at the outer end of the opening.
pub fn along(out: f32) -> f32 {
    (2.0 * out - OUTER_END - INNER_END) / (OUTER_END - INNER_END)
}

/// Whether the opening has a height at `out`.
pub fn is_between_ends(out: f32) -> bool {
    INNER_END < out && out < OUTER_END
}

/// How much farther out the surface of the eye reaches than a ball, as a factor of `out`: the lids lie on it up
/// to the outer canthus.
pub fn outward_stretch(out: f32) -> f32 {
    1.0 + 0.12 * (out.clamp(0.0, EYE_RADIUS) / EYE_RADIUS).powi(4)
}

/// The line from canthus to canthus.
fn axis(t: f32) -> f32 {
    -0.3 + 1.1 * t - 0.9 * smooth_step(-0.75, -1.0, t)
}

#[cfg(test)]
mod tests {
    use super::super::action::Sides;
    use super::super::movement::deform;
    use super::super::random::Random;
    use super::*;

    fn mean_and_deviation(values: &[f32]) -> (f32, f32) {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let squares: f32 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (mean, (squares / values.len() as f32).sqrt())
    }

    /// Means and deviations beside those of Read et al., 2006 (height 9.7 +- 1.2 mm).
    #[test]
    fn openings_at_rest_are_those_of_people() {
        let (mut heights, mut widths, mut over_pupil) = (Vec::new(), Vec::new(), Vec::new());
        let rest = Actions::default();
        for seed in 0..120 {
            let who = Identity::random(Random::new(seed));
            let grid = Grid::new(&who, 0.5);
            let both = EyeLids::new(&who, &rest);
            let skin = deform(&grid, &rest, &both);
            for side in [Side::Right, Side::Left] {
                let lids = both.of(side);
                let margin = |out: f32, of_upper: bool| lids.margin(&grid, &skin, out, of_upper);
                heights.push(margin(0.0, true).y - margin(0.0, false).y);
                over_pupil.push(margin(0.0, true).y - lids.center.y);
                widths.push((margin(OUTER_END, true).x - margin(INNER_END, true).x).abs());
            }
        }
        let (height, spread) = mean_and_deviation(&heights);
        assert!((9.2..10.2).contains(&height) && (0.8..1.5).contains(&spread), "{height} +- {spread}");
        let (width, spread) = mean_and_deviation(&widths);
        assert!((27.0..30.0).contains(&width) && (0.8..2.2).contains(&spread), "{width} +- {spread}");
        let (upper, spread) = mean_and_deviation(&over_pupil);
        assert!((3.8..5.0).contains(&upper) && (0.4..1.2).contains(&spread), "{upper} +- {spread}");
    }

    #[test]
    fn closure_narrows_its_own_eye_only() {
        let who = Identity::random(Random::new(3));
        let height = |actions: &Actions, side| {
            let lids = EyeLids::new(&who, actions);
            let (lower, upper) = lids.of(side).contour(0.0);
            upper - lower
        };
        let open = Actions::default();
        let narrowed = Actions { lid_close: Sides { right: 0.5, left: 0.0 }, ..Actions::default() };
        let half = height(&open, Side::Right) * 0.5;
        assert!((height(&narrowed, Side::Right) - half).abs() < 1e-3);
        assert_eq!(height(&narrowed, Side::Left), height(&open, Side::Left));
        let shut = Actions { lid_close: Sides::both(1.0), ..Actions::default() };
        assert!(height(&shut, Side::Left).abs() < 1e-5);
    }
}
