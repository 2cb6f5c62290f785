//! Where hair grows, how far it stands off the scalp, and how it falls.

use super::identity::{HairStyle, Identity};
use super::smooth::{bump, curve, lerp, noise, saturate, smooth_step};
use super::vector::{Vec3, vec3};

/// 0 on skin to 1 on the scalp, at a point of the average head.
pub fn cover(at: Vec3, who: &Identity) -> f32 {
    if at.y < -100.0 {
        return 0.0;
    }
    let uneven = 2.5 * noise(vec3(at.x * 0.12, at.y * 0.12, (who.seed % 71) as f32)) + 1.2 * noise(at * 0.5);
    let degrees = at.x.abs().atan2(at.z) * 57.3;
    let line = who.hair.line;
    let is_falling = who.hair.falls();
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
    let within = at.y - curve(&border, degrees) + uneven;
    let grown = smooth_step(-3.0, 5.0, within);
    if who.hair.style == HairStyle::Rim {
        // What is left of it: a wreath around the sides.
        let top = curve(&[(38.0, 20.0), (58.0, 50.0), (90.0, 62.0), (180.0, 52.0)], degrees) + 3.0 * uneven;
        return grown * smooth_step(top, top - 18.0, at.y);
    }
    let parted =
        if is_falling { bump(at.x - parting(who, at), 1.7) * smooth_step(50.0, 75.0, at.y) } else { 0.0 };
    grown * (1.0 - 0.85 * parted)
}

/// Where the hair parts; the line is not quite straight.
pub fn parting(who: &Identity, at: Vec3) -> f32 {
    32.0 * who.hair.parting + 1.5 * noise(vec3(3.0, at.z * 0.05, (who.seed % 53) as f32))
}

/// Angle from the front, radians, that falling hair leaves free.
pub fn free_angle(y: f32, who: &Identity) -> f32 {
    let degrees = if who.hair.behind_ears {
        curve(
            &[
                (-215.0, 100.0),
                (-150.0, 96.0),
                (-110.0, 88.0),
                (-60.0, 90.0),
                (-20.0, 104.0),
                (12.0, 82.0),
                (72.0, 0.0),
            ],
            y,
        )
    } else if who.hair.before_shoulders {
        curve(
            &[
                (-300.0, 30.0),
                (-215.0, 37.0),
                (-150.0, 56.0),
                (-110.0, 66.0),
                (-70.0, 68.0),
                (-20.0, 66.0),
                (10.0, 63.0),
                (72.0, 0.0),
            ],
            y,
        )
    } else {
        curve(
            &[
                (-215.0, 96.0),
                (-150.0, 88.0),
                (-110.0, 72.0),
                (-70.0, 68.0),
                (-20.0, 66.0),
                (10.0, 63.0),
                (72.0, 0.0),
            ],
            y,
        )
    };
    degrees.to_radians()
}

/// The mass of falling hair below the scalp: how much of it covers a point of the average head, and how far it
/// stands off there.
pub fn fall(at: Vec3, who: &Identity) -> (f32, f32) {
    if !who.hair.falls() || at.y > 45.0 {
        return (0.0, 0.0);
    }
    let angle = at.x.abs().atan2(at.z);
    let around = angle * 80.0;
    let ragged = 9.0 * noise(vec3(at.x.signum() * around * 0.14, 1.0, 2.0))
        + 5.0 * noise(vec3(around * 0.5, at.x.signum(), 7.0));
    let end = at.y - who.hair.end - ragged;
    let side = (angle - free_angle(at.y, who)) * 70.0 + 1.5 * noise(vec3(at.y * 0.05, 5.0, 1.0));
    let cover = smooth_step(0.0, 3.0, side) * smooth_step(0.0, 5.0, end);
    if cover <= 0.0 {
        return (0.0, 0.0);
    }
    let locks = 2.5 * noise(vec3(around * 0.09 * at.x.signum(), at.y * 0.012, 4.0));
    let fallen = (hang(at.y, who) - at.x.hypot(at.z)).max(5.0) + locks;
    let inward = smooth_step(0.0, 12.0, side) * smooth_step(0.0, 20.0, end);
    (cover, lerp(1.5, fallen, inward * smooth_step(45.0, 0.0, at.y)).max(1.0))
}

/// Radius to which falling hair hangs: from the width of the head straight down, or close to the neck.
pub fn hang(y: f32, who: &Identity) -> f32 {
    let low = if who.hair.behind_ears { 62.0 } else { 68.0 + 8.0 * who.hair.volume };
    lerp(77.0, low, smooth_step(0.0, -70.0, y))
}

/// Millimeters by which the hair's shell stands off the scalp.
pub fn stand_off(at: Vec3, who: &Identity) -> f32 {
    let thickness = match who.hair.style {
        HairStyle::Bald => 0.0,
        HairStyle::Buzz => 1.0,
        HairStyle::Rim => 4.0,
        HairStyle::Short if who.hair.coil > 0.0 => 6.0 + 20.0 * who.hair.coil,
        HairStyle::Short => 9.0,
        HairStyle::Medium => 11.0,
        HairStyle::Long => 9.0,
        HairStyle::Back => 5.0,
    };
    let sides =
        if who.hair.style == HairStyle::Short { lerp(0.45, 1.0, smooth_step(20.0, 75.0, at.y)) } else { 1.0 };
    let pressed = if who.covering.is_some() { 0.2 } else { 1.0 };
    thickness * who.hair.volume.min(1.3) * sides * pressed * (1.0 + 0.25 * noise(at * 0.06))
}

/// Millimeters by which the surface between the strands stands off: thick hair rises behind the hairline.
pub fn shell(at: Vec3, who: &Identity) -> f32 {
    let (all, low) = (stand_off(at, who), 9.0);
    let behind = if all > low { cover(at + vec3(0.0, -20.0, 0.0), who) } else { 0.0 };
    all.min(low) * cover(at, who) + 0.85 * (all - low).max(0.0) * behind
}

/// Share of the strands that have lost their color at a point of the average head: temples first.
pub fn grayness(at: Vec3, who: &Identity) -> f32 {
    let temples = smooth_step(45.0, 70.0, at.x.abs()) * smooth_step(60.0, 10.0, at.y);
    saturate(who.hair.gray * (0.75 + 0.9 * temples))
}
