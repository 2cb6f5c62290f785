//! The head without features: a radius for every angle and height.
//!
//! Millimeters; x to image right (the person's left), y up from the pupils, z toward the camera.

use super::smooth::{curve, lerp, saturate, smooth_step, soft_max};
use std::f32::consts::PI;

/// Half width, depth to the front and depth to the back at a height; above 40 the skull is a dome.
const OUTLINE: [(f32, f32, f32, f32); 14] = [
    (-116.0, 40.0, 82.0, 50.0),
    (-108.0, 45.0, 88.0, 52.0),
    (-100.0, 49.0, 91.0, 56.0),
    (-86.0, 54.0, 91.5, 60.0),
    (-76.0, 58.0, 92.5, 63.0),
    (-66.0, 61.0, 93.5, 67.0),
    (-55.0, 63.5, 93.5, 75.0),
    (-40.0, 67.0, 92.5, 84.0),
    (-20.0, 70.0, 91.5, 91.0),
    (0.0, 72.0, 92.0, 95.0),
    (12.0, 73.5, 94.5, 97.0),
    (22.0, 74.5, 96.0, 98.0),
    (32.0, 75.0, 96.8, 98.0),
    (40.0, 75.0, 97.0, 97.0),
];

/// Lower border of the jaw: height over the angle from the front in degrees.
const JAW: [(f32, f32); 9] = [
    (0.0, -117.0),
    (12.0, -116.5),
    (25.0, -114.0),
    (38.0, -109.0),
    (52.0, -101.0),
    (66.0, -91.0),
    (80.0, -80.0),
    (95.0, -68.0),
    (130.0, -50.0),
];

/// Radius at `angle` (0 is the front, positive to image right) and height `y`.
pub fn radius(angle: f32, y: f32) -> f32 {
    let skull = if y > 40.0 { dome(angle, y) } else { face_outline(angle, y) };
    if y > -35.0 {
        return skull;
    }
    let degrees = angle.abs() * 180.0 / PI;
    let rounding = lerp(9.0, 20.0, smooth_step(10.0, 70.0, degrees));
    let below = saturate((curve(&JAW, degrees) + rounding - y) / rounding);
    let face = skull * (1.0 - below * below).max(0.0).sqrt();
    soft_max(face, neck(angle, y), lerp(5.0, 22.0, smooth_step(20.0, 75.0, degrees)))
}

fn dome(angle: f32, y: f32) -> f32 {
    let k = (1.0 - ((y - 40.0) / 72.0).powi(2)).max(0.0).sqrt();
    ellipse(angle, 75.0 * k, 97.0 * k, 97.0 * k)
}

fn face_outline(angle: f32, y: f32) -> f32 {
    let y = y.max(OUTLINE[0].0);
    let mut i = 0;
    while i + 2 < OUTLINE.len() && OUTLINE[i + 1].0 < y {
        i += 1;
    }
    let (low, high) = (OUTLINE[i], OUTLINE[i + 1]);
    let t = (y - low.0) / (high.0 - low.0);
    ellipse(angle, lerp(low.1, high.1, t), lerp(low.2, high.2, t), lerp(low.3, high.3, t))
}

fn ellipse(angle: f32, half_width: f32, front: f32, back: f32) -> f32 {
    let (sine, cosine) = angle.sin_cos();
    let depth = if cosine > 0.0 { front } else { back };
    1.0 / ((sine / half_width).powi(2) + (cosine / depth).powi(2)).sqrt()
}

/// The neck is an ellipse behind the axis that flares into the shoulders.
fn neck(angle: f32, y: f32) -> f32 {
    let flare = smooth_step(-128.0, -225.0, y);
    let shoulders = smooth_step(-150.0, -215.0, y);
    let (sine, cosine) = angle.sin_cos();
    let half_width = 53.0 + 150.0 * shoulders.powf(0.8) + 25.0 * flare;
    let half_depth = 56.0 + 32.0 * shoulders;
    let center = -20.0 - 4.0 * flare;
    // The ray from the axis meets the ellipse where this quadratic is zero.
    let a = (sine / half_width).powi(2) + (cosine / half_depth).powi(2);
    let b = -2.0 * cosine * center / (half_depth * half_depth);
    let c = (center / half_depth).powi(2) - 1.0;
    (-b + (b * b - 4.0 * a * c).max(0.0).sqrt()) / (2.0 * a)
}
