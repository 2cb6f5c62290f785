//! Where hair grows, and how far it stands off the scalp.

use super::identity::{HairStyle, Identity};
use super::smooth::{curve, lerp, noise, smooth_step};
use super::vector::{Vec3, vec3};

/// 0 on skin to 1 on the scalp, at a point of the average head.
pub fn cover(at: Vec3, who: &Identity) -> f32 {
    if who.hair.style == HairStyle::Bald || at.y < -100.0 {
        return 0.0;
    }
    let uneven = 2.5 * noise(vec3(at.x * 0.12, at.y * 0.12, (who.seed % 71) as f32)) + 1.2 * noise(at * 0.5);
    let degrees = at.x.abs().atan2(at.z) * 57.3;
    let line = who.hair.line;
    let is_falling = matches!(who.hair.style, HairStyle::Medium | HairStyle::Long);
    let temples = if who.is_female() || is_falling { 0.0 } else { 9.0 * who.age };
    // Forehead, temple, sideburn, behind the ear, nape.
    let border = [
        (0.0, 64.0 + line),
        (14.0, 65.0 + line + 0.5 * temples),
        (26.0, 62.0 + line + temples),
        (36.0, 52.0 + 0.6 * line),
        (46.0, 34.0),
        (56.0, 24.0),
        (66.0, 14.0),
        (74.0, -4.0),
        (84.0, -8.0),
        (95.0, 6.0),
        (112.0, -20.0),
        (140.0, -75.0),
        (180.0, -85.0),
    ];
    smooth_step(-3.0, 4.0, at.y - curve(&border, degrees) + uneven)
}

/// Millimeters by which the hair's shell stands off the scalp.
pub fn stand_off(at: Vec3, who: &Identity) -> f32 {
    let thickness = match who.hair.style {
        HairStyle::Bald => 0.0,
        HairStyle::Buzz => 1.0,
        HairStyle::Short => 9.0,
        HairStyle::Medium => 12.0,
        HairStyle::Long => 10.0,
        HairStyle::Back => 5.0,
    };
    let sides =
        if who.hair.style == HairStyle::Short { lerp(0.45, 1.0, smooth_step(20.0, 75.0, at.y)) } else { 1.0 };
    thickness * who.hair.volume.min(1.3) * sides * (1.0 + 0.25 * noise(at * 0.06))
}
