//! Teeth, gums, tongue and the hollow behind the lips.

use super::action::Actions;
use super::identity::Identity;
use super::mesh::{Material, Patch};
use super::smooth::{bump, lerp, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use super::warp::warp;

/// What part of the mouth a vertex belongs to; stands in its third parameter.
const UPPER_TEETH: f32 = 1.0;
const LOWER_TEETH: f32 = 2.0;
const TONGUE: f32 = 3.0;
const HOLLOW: f32 = 4.0;

/// Distances of the borders between teeth from the middle, along the arch.
const UPPER_BORDERS: [f32; 6] = [0.0, 8.4, 14.8, 22.0, 28.0, 33.0];
const LOWER_BORDERS: [f32; 6] = [0.0, 5.3, 11.0, 17.6, 24.0, 30.0];

/// Color of a surface, its gloss, and the share of light that reaches it.
pub struct Finish {
    /// Linear color.
    pub albedo: Vec3,
    /// 0 dull to 1 wet.
    pub gloss: f32,
    /// Factor of the light.
    pub shade: f32,
}

/// The sheets behind the lips.
pub fn patches(who: &Identity, actions: &Actions) -> [Patch; 4] {
    let jaw = vec3(0.0, -17.0 * actions.jaw - 1.5 * actions.part, -4.0 * actions.jaw);
    let arch = |x: f32| -(x / 25.0) * (x / 25.0) * 17.0;
    let still = |place: Vec3| warp(place, who);
    let with_jaw = |place: Vec3| warp(place, who) + jaw;
    [
        sheet(41, 6, false, |u, v| {
            let (x, y) = (u * 25.0, -58.0 - v * (14.6 - 1.2 * u * u));
            (still(vec3(x, y, 88.0 + arch(x) + 1.2 * (v - 0.5))), vec3(x, y, UPPER_TEETH))
        }),
        sheet(41, 6, true, |u, v| {
            let (x, y) = (u * 23.0, -84.0 + v * (13.0 - u * u));
            (with_jaw(vec3(x, y, 84.5 + arch(x))), vec3(x, y, LOWER_TEETH))
        }),
        sheet(13, 8, true, |u, v| {
            let place = vec3(u * 19.0, -80.0 + 10.0 * v - 4.0 * u * u, 81.0 - 22.0 * v - 10.0 * u * u);
            (with_jaw(place), vec3(u * 19.0, v, TONGUE))
        }),
        sheet(13, 9, false, |u, v| {
            let place = vec3(u * 34.0, -52.0 - 46.0 * v, 62.0 - 14.0 * u * u);
            (still(place) + jaw * (v * 0.9), vec3(0.0, v, HOLLOW))
        }),
    ]
}

/// A sheet over u from -1 to 1 and v from 0 to 1.
fn sheet(columns: usize, rows: usize, is_upward: bool, at: impl Fn(f32, f32) -> (Vec3, Vec3)) -> Patch {
    let vertices = (0..columns * rows)
        .map(|k| {
            let (column, row) = (k % columns, k / columns);
            at(column as f32 / (columns - 1) as f32 * 2.0 - 1.0, row as f32 / (rows - 1) as f32)
        })
        .collect();
    Patch { columns, vertices, material: Material::MouthInside, is_flipped: !is_upward }
}

/// The finish of a point by its parameters.
pub fn finish(parameter: Vec3, who: &Identity) -> Finish {
    let part = parameter.z.round();
    if part == HOLLOW {
        // Palate above, throat in the middle, floor below.
        let depth = bump(parameter.y - 0.5, 0.35);
        return Finish { albedo: vec3(0.2, 0.065, 0.055), gloss: 0.2, shade: lerp(0.42, 0.14, depth) };
    }
    if part == TONGUE {
        return Finish { albedo: vec3(0.38, 0.13, 0.12), gloss: 0.4, shade: 0.3 + 0.25 * parameter.y };
    }
    let gum = vec3(0.36, 0.13, 0.12);
    let white = vec3(0.74, 0.63, 0.53).lerp(vec3(0.64, 0.51, 0.37), 0.5 * who.age);
    let ax = parameter.x.abs();
    let is_upper = part == UPPER_TEETH;
    let along = ax * 1.08;
    let borders = if is_upper { UPPER_BORDERS } else { LOWER_BORDERS };
    let to_border = borders.iter().map(|border| (along - border).abs()).fold(9.0, f32::min);
    let within_tooth = 1.0 - saturate(to_border / 3.0);
    let gum_share = if is_upper {
        smooth_step(-64.5, -63.5, parameter.y + 0.9 * within_tooth)
    } else {
        smooth_step(-77.0, -78.5, parameter.y - 0.7 * within_tooth)
    };
    let strength = if is_upper { lerp(0.85, 0.7, gum_share) } else { 0.5 };
    Finish {
        albedo: white.lerp(gum, gum_share) * (1.0 - 0.5 * bump(to_border, 0.4)),
        gloss: 0.6,
        shade: lerp(1.0, 0.16, smooth_step(6.0, 24.0, ax)) * strength,
    }
}
