//! The relief of the face at rest: brow ridge, orbits, nose, cheeks, lips, chin.

use super::identity::Identity;
use super::smooth::{bump, bump2, curve, lerp, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use std::f32::consts::FRAC_PI_2;

/// Height of the line between the lips.
pub const MOUTH_Y: f32 = -69.0;
/// Half width of the mouth.
pub const MOUTH_HALF_WIDTH: f32 = 25.0;

/// Height of the nose over the face's outline.
const NOSE_HEIGHT: [(f32, f32); 14] = [
    (-64.0, 0.0),
    (-57.0, 0.3),
    (-52.0, 1.5),
    (-49.5, 5.5),
    (-47.5, 13.0),
    (-45.5, 20.0),
    (-42.0, 25.0),
    (-38.0, 25.5),
    (-33.0, 22.5),
    (-24.0, 16.5),
    (-14.0, 10.0),
    (-5.0, 5.0),
    (5.0, 2.2),
    (16.0, 0.0),
];
const NOSE_WIDTH: [(f32, f32); 7] =
    [(-52.0, 9.0), (-46.0, 10.4), (-40.0, 11.0), (-33.0, 8.8), (-20.0, 9.2), (-7.0, 7.6), (8.0, 11.5)];

/// Height of the upper lip's red at distance `ax` from the middle.
pub fn upper_lip_height(ax: f32, who: &Identity) -> f32 {
    let t = (1.0 - (ax / MOUTH_HALF_WIDTH).powi(2)).max(0.0);
    (8.3 * t.powf(0.85) - 1.7 * bump(ax, 3.2) + 0.6 * bump(ax - 6.0, 4.0)) * who.mouth.upper_lip
}

/// Height of the lower lip's red at distance `ax` from the middle.
pub fn lower_lip_height(ax: f32, who: &Identity) -> f32 {
    let t = (1.0 - (ax / (MOUTH_HALF_WIDTH - 0.5)).powi(2)).max(0.0);
    10.0 * t.powf(0.8) * who.mouth.lower_lip
}

/// How far the line between the lips swings from `MOUTH_Y`.
pub fn mouth_line(ax: f32) -> f32 {
    -0.9 * bump(ax, 4.5) + 0.7 * bump(ax - 9.0, 6.0) - 0.1 * smooth_step(14.0, 25.0, ax)
}

/// Height over the line between the lips.
pub fn over_mouth_line(ax: f32, y: f32) -> f32 {
    y - MOUTH_Y - mouth_line(ax) * bump(y - MOUTH_Y, 9.0)
}

/// Distance from the nasolabial fold (positive toward the cheek) and the fold's weight along its line.
pub fn fold_coordinate(ax: f32, y: f32) -> (f32, f32) {
    // 0 at the nose's wing, 1 beside the mouth's corner.
    let t = (-39.0 - y) / 38.0;
    let line = 18.5 + 17.5 * saturate(t).powf(0.9) + 5.0 * (t - 1.0).max(0.0);
    (ax - line, smooth_step(-0.1, 0.2, t) * smooth_step(1.2, 0.45, t))
}

/// What the features add to a point of the outline.
pub fn relief(outline: Vec3, who: &Identity) -> Vec3 {
    let y = outline.y;
    if outline.z < 0.0 || !(-128.0..=112.0).contains(&y) {
        return Vec3::ZERO;
    }
    let (x, ax) = (outline.x, outline.x.abs());
    let forward = brow(x, ax, y, who)
        + orbit(ax, y, who)
        + nose(x, ax, y, who)
        + cheek(ax, y, who)
        + mouth(x, ax, y, who)
        + chin(x, ax, y, who);
    let outward = 2.2 * who.skull.cheekbone * bump2(ax - 62.0, 14.0, y + 20.0, 15.0)
        + 1.8 * who.skull.cheek_fat * bump2(ax - 52.0, 16.0, y + 58.0, 22.0)
        - 2.5 * bump2(ax - 72.0, 16.0, y - 26.0, 18.0);
    let sideways = smooth_step(-10.0, 20.0, outline.z);
    vec3(x.signum() * outward * sideways, 0.0, forward * smooth_step(0.0, 45.0, outline.z))
}

fn brow(x: f32, ax: f32, y: f32, who: &Identity) -> f32 {
    let ridge = who.skull.brow_ridge;
    2.6 * ridge * bump2(ax - 25.0, 20.0, y - 15.0 - 0.08 * ax, 8.0)
        + 1.8 * ridge * bump2(x, 13.0, y - 18.0, 10.0)
        + 1.2 * bump2(ax - 26.0, 20.0, y - 55.0, 16.0)
}

fn orbit(ax: f32, y: f32, who: &Identity) -> f32 {
    let along = (ax - 31.0) / 17.0;
    let arch = 9.6 - 3.2 * along * along;
    -8.0 * bump2(ax - 28.0, 14.0, y - 2.0, 10.5)
        - 4.0 * bump2(ax - 15.5, 5.5, y - 2.0, 7.0)
        - 1.5 * bump2(ax - 45.0, 7.0, y - 1.0, 8.0)
        + 1.6 * bump2(ax - 33.0, 15.0, y - arch - 3.0, 3.4)
        - 1.4 * who.eyes.bags * bump2(ax - 26.0, 12.0, y + 13.5 - 0.1 * (ax - 26.0), 3.0)
        + 1.2 * who.eyes.bags * bump2(ax - 28.0, 11.0, y + 9.5, 3.2)
}

fn nose(x: f32, ax: f32, y: f32, who: &Identity) -> f32 {
    if ax > 70.0 || !(-66.0..26.0).contains(&y) {
        return 0.0;
    }
    let nose = &who.nose;
    // The ridge swings out of the middle between root and tip.
    let middle = nose.deviation * bump(y + 22.0, 14.0);
    let off = (x - middle).abs();
    let rolled = y - 1.6 * (off.min(14.0) / 9.0).powi(2) - nose.upturn * bump(y + 50.0, 7.0);
    let height = curve(&NOSE_HEIGHT, rolled) * nose.depth
        + nose.hump * bump(y + 16.0, 9.0)
        + nose.bridge * bump(y + 5.0, 12.0)
        // The ridge dips a little before the tip.
        - 0.9 * nose.tip * bump(y + 32.5, 4.5);
    let width = curve(&NOSE_WIDTH, y)
        * lerp(1.0, nose.bridge_width, smooth_step(-40.0, -26.0, y))
        * (1.0 + 0.25 * (nose.tip - 1.0) * bump(y + 41.0, 9.0));
    // Flat for a few millimeters, with walls that end in the cheeks.
    let wall = (off / (width * 1.08)).min(3.0);
    let mut z = height * (0.40 * (-wall * wall * wall.sqrt()).exp() + 0.60 * bump(off, width * 1.7));
    z += 1.5 * bump(x, 16.0) * smooth_step(8.0, -12.0, y) * smooth_step(-50.0, -44.0, y);
    z += 3.2 * nose.tip * bump2(x, 8.0, y + 40.5 - 0.5 * nose.upturn, 6.5);
    // The wings, and the furrows around them and toward the tip.
    let (across, along) = ((ax - 13.0) / 5.8, (y + 42.6) / 6.6);
    let q = across * across + along * along;
    if q < 1.6 {
        z += 7.6 * (1.0 - q / 1.6).powf(1.05) * nose.depth * nose.wings;
    }
    z -= 2.0 * bump(q.sqrt() - 1.28, 0.33) * smooth_step(12.0, 15.5, ax) * smooth_step(-52.0, -46.0, y);
    z -= 1.3 * bump2(ax - 9.6, 2.4, y + 39.5, 5.0);
    z -= 5.0 * nose.nostrils * bump2(ax - 6.6, 3.4, y + 47.4, 2.4);
    z + 2.0 * bump2(ax - 32.0, 13.0, y + 28.0, 11.0)
}

fn cheek(ax: f32, y: f32, who: &Identity) -> f32 {
    let (fold, weight) = fold_coordinate(ax, y);
    2.5 * who.skull.cheekbone * bump2(ax - 43.0, 15.0, y + 20.0, 12.0)
        + 2.2 * who.skull.cheek_fat * bump2(ax - 38.0, 16.0, y + 45.0, 17.0)
        - 1.2 * bump2(ax - 46.0, 10.0, y + 52.0, 14.0) * (1.5 - who.skull.cheek_fat).max(0.0)
        + weight * who.mouth.fold * (1.3 * bump(fold - 5.0, 5.0) - 1.2 * bump(fold, 2.5))
}

fn mouth(x: f32, ax: f32, y: f32, who: &Identity) -> f32 {
    let mut z = 3.4 * bump2(x, 26.0, y + 66.0, 17.0);
    let philtrum = smooth_step(-64.0, -61.0, y) * smooth_step(-50.0, -53.0, y);
    z += philtrum * (0.8 * bump(ax - 5.2, 2.4) - 0.9 * bump(x, 3.0));
    let over = over_mouth_line(ax, y);
    let taper = (1.0 - (ax / (MOUTH_HALF_WIDTH + 1.0)).powi(2)).max(0.0).powf(0.7);
    let (strength, share) = if over >= 0.0 {
        (4.4 * (0.55 + 0.45 * who.mouth.upper_lip), over / upper_lip_height(ax, who).max(2.0))
    } else {
        (4.6 * (0.5 + 0.5 * who.mouth.lower_lip), -over / lower_lip_height(ax, who).max(2.0))
    };
    z += taper * (strength * lip_roll(share) - 2.4 * bump(over, 1.6));
    z -= 2.2 * bump2(ax - 26.5, 4.5, y - MOUTH_Y, 4.5);
    z + 1.3 * bump2(ax - 32.0, 5.0, y - MOUTH_Y + 1.0, 8.0)
}

/// Profile of a lip from the mouth's line (0) over its border (1) to the skin.
fn lip_roll(share: f32) -> f32 {
    if share < 0.0 {
        0.0
    } else if share < 0.42 {
        (share / 0.42 * FRAC_PI_2).sin()
    } else {
        0.18 + 0.82 * smooth_step(1.45, 0.42, share) - 0.18 * smooth_step(1.4, 2.2, share)
    }
}

fn chin(x: f32, ax: f32, y: f32, who: &Identity) -> f32 {
    (3.6 + who.skull.chin_depth) * bump2(x, 16.0, y + 102.0, 9.5) - 3.6 * bump2(x, 21.0, y + 87.0, 5.5)
        + 1.4 * bump2(ax - 11.0, 8.0, y + 104.0, 8.0)
}
