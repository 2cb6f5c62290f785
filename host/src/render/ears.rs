//! Ears, as polar sheets with helix, antihelix and concha.

use super::action::image_sign;
use super::identity::Identity;
use super::mesh::{Material, Patch};
use super::smooth::{bump, bump2, saturate, smooth_step};
use super::vector::vec3;
use super::warp::warp;
use std::f32::consts::TAU;
use synkiosk_models::pose::Side;

const COLUMNS: usize = 27;
const ROWS: usize = 49;

/// One ear; its parameters are (unused, unused, shade).
pub fn ear(side: Side, who: &Identity) -> Patch {
    let sign = image_sign(side);
    let mut vertices = Vec::with_capacity(COLUMNS * ROWS);
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            // Rows run around the outline, columns from the center over the rim to the back.
            let angle = row as f32 / (ROWS - 1) as f32 * TAU;
            let outward = column as f32 / (COLUMNS - 1) as f32 * 1.25;
            let rho = if outward < 1.0 { outward } else { 1.0 - 0.35 * (outward - 1.0) };
            let lobe = smooth_step(-0.4, -1.0, angle.sin());
            let half_width = 17.5 * (1.0 - 0.12 * lobe) * (1.0 + 0.12 * angle.sin());
            let (x, y) = (-half_width * rho * angle.cos(), 29.5 * rho * angle.sin());
            let stand = who.skull.ear_stand * (14.0 - x);
            let height = (relief(x, y, rho, outward, angle) + stand).max(-6.0);
            let size = who.skull.ear_size;
            let place = vec3(sign * (72.0 + height), -8.0 + y * size, -4.0 + x * size - 0.12 * y);
            let mut warped = warp(place, who);
            warped.z = place.z;
            vertices.push((warped, vec3(0.0, 0.0, shade(x, y, rho, angle))));
        }
    }
    Patch { columns: COLUMNS, vertices, material: Material::Ear, is_flipped: side == Side::Right }
}

fn upper_part(angle: f32) -> f32 {
    smooth_step(-0.75, -0.2, angle.sin())
}

/// The groove between helix and antihelix.
fn groove(rho: f32, angle: f32) -> f32 {
    bump(rho - 0.74, 0.085) * upper_part(angle) * smooth_step(0.75, 0.3, -angle.cos())
}

fn concha(x: f32, y: f32) -> f32 {
    saturate(1.25 * bump2(x - 1.0, 7.0, y + 4.0, 9.5))
}

fn relief(x: f32, y: f32, rho: f32, outward: f32, angle: f32) -> f32 {
    let upper = upper_part(angle);
    // The rim rolls forward, runs into the hollow in front, and ends above the lobe.
    let helix = 5.0 * upper * bump(rho - 0.91, 0.11) - 2.8 * groove(rho, angle);
    let behind = smooth_step(0.5, -0.3, -angle.cos());
    let antihelix = 3.6 * upper * bump(rho - 0.57, 0.11) * behind;
    // The antihelix forks toward the front above.
    let fork = 1.8 * bump(y - 13.0 - 0.5 * x, 2.2) * smooth_step(12.0, 2.0, x) * smooth_step(-9.0, -2.0, x);
    let root = 2.0 * bump(y - 3.0 + 0.4 * x, 1.8) * smooth_step(2.0, 9.0, x);
    let tragus = 5.0 * bump2(x - 11.0, 3.4, y + 3.0, 4.8);
    let antitragus = 2.6 * bump2(x + 1.0, 4.0, y + 14.0, 2.8);
    let lobe = 2.2 * bump2(x - 1.0, 9.0, y + 23.0, 6.0);
    let back = if outward >= 1.0 { 28.0 * (outward - 1.0) } else { 0.0 };
    2.5 + helix + antihelix + fork + root + tragus + antitragus + lobe - 7.5 * concha(x, y) - back
}

fn shade(x: f32, y: f32, rho: f32, angle: f32) -> f32 {
    let canal = bump2(x - 5.5, 3.5, y + 4.0, 4.0);
    let rim = 0.10 * bump(rho - 0.93, 0.07) * upper_part(angle);
    (1.0 + rim) * (1.0 - 0.48 * concha(x, y)) * (1.0 - 0.4 * groove(rho, angle)) * (1.0 - 0.5 * canal)
}
