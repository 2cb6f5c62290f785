//! What is worn below the neck: how high it reaches, how far it stands off, and its color.

use super::identity::{Clothes, Collar, Identity};
use super::smooth::{bump, lerp, noise, saturate, smooth_step};
use super::vector::{Vec3, vec3};

/// Height over the clothes' upper edge at a point of the average head; below 0 is cloth.
pub fn over_collar(at: Vec3, who: &Identity) -> f32 {
    at.y - collar_height(at, &who.clothes)
}

fn collar_height(at: Vec3, clothes: &Clothes) -> f32 {
    let (ax, high) = (at.x.abs(), clothes.height);
    let front = smooth_step(-30.0, 10.0, at.z);
    let round = -150.0 + 0.6 * high - (14.0 + 1.6 * high) * bump(at.x, 36.0) * front;
    // An opening with straight sides, wider above.
    let opening = |depth: f32, half_width: f32| depth * saturate(1.0 - ax / half_width) * front;
    match clothes.collar {
        Collar::Crew => round,
        Collar::Vee => round - opening(34.0 + 2.0 * high, 34.0),
        Collar::Shirt => -147.0 + 0.5 * high - 4.0 * front - opening(44.0 + high, 24.0),
        Collar::Zip => -146.0 + 0.6 * high - opening(16.0 + high, 12.0),
        Collar::Turtleneck => -139.0 + 0.8 * high - 6.0 * front,
        Collar::Scarf => -146.0 + 0.7 * high - 10.0 * bump(at.x, 40.0) * front + 2.0 * noise(at * 0.05),
    }
}

/// Millimeters by which the cloth stands off the body.
pub fn stand_off(at: Vec3, who: &Identity) -> f32 {
    if at.y > -115.0 {
        return 0.0;
    }
    let over = over_collar(at, who);
    let edge = smooth_step(0.5, -2.5, over);
    let thickness = match who.clothes.collar {
        Collar::Scarf => {
            let roll = smooth_step(0.0, -12.0, over) * smooth_step(-44.0, -26.0, over);
            4.0 + roll * (15.0 + 6.0 * folds(at))
        }
        Collar::Shirt | Collar::Zip => 3.5 + 2.5 * smooth_step(-34.0, -20.0, over),
        Collar::Turtleneck => 4.0 + 1.5 * smooth_step(-26.0, -18.0, over),
        _ => 3.5,
    };
    edge * thickness
}

/// Folds of a scarf, running around the neck.
fn folds(at: Vec3) -> f32 {
    noise(vec3(at.x * 0.02, at.y * 0.13, at.z * 0.02))
}

/// Color and shade of the cloth, `over` millimeters below its edge (negative).
pub fn color(at: Vec3, over: f32, who: &Identity) -> Vec3 {
    let clothes = &who.clothes;
    let ax = at.x.abs();
    let seam = 1.0 - 0.35 * bump(over + 1.0, 1.5);
    let cloth = clothes.cloth.color_at(at.x, at.y + 0.35 * ax);
    let creases = 1.0 + 0.14 * noise(vec3(at.x * 0.022, at.y * 0.03, 4.0));
    let color = cloth * (seam * creases);
    match clothes.collar {
        Collar::Crew => color * (1.0 - 0.15 * bump(over + 14.0, 1.0)),
        Collar::Vee => color * (1.0 - 0.18 * bump(over + 11.0, 1.0)),
        Collar::Shirt => {
            // The flaps' outer border falls from the neck outward to a point, and throws a shadow.
            let flap = over + lerp(34.0, 20.0, saturate(ax / 50.0));
            let shadow = 0.45 * smooth_step(1.0, -0.5, flap) * smooth_step(-9.0, -1.0, flap);
            let placket = 0.3 * bump(ax - 9.0, 0.9) * smooth_step(-40.0, -46.0, over);
            let button = smooth_step(4.2, 3.4, ax.hypot((at.y / 34.0).fract().abs() * 34.0 - 17.0));
            let lower = smooth_step(-4.0, -9.0, over);
            (color * (1.0 - shadow - placket)).lerp(clothes.cloth.second, 0.7 * button * lower)
        }
        Collar::Zip => {
            let teeth = smooth_step(2.4, 1.8, ax) * (0.6 + 0.4 * (at.y * 2.2).sin().signum());
            let tape = 0.25 * bump(ax - 5.0, 1.0);
            (color * (1.0 - tape)).lerp(vec3(0.30, 0.30, 0.30), teeth)
        }
        Collar::Turtleneck => {
            let ribs = 0.84 + 0.2 * (at.x * 1.9).sin();
            color * if over > -26.0 { ribs } else { 1.0 }
        }
        Collar::Scarf => {
            let scarf = clothes.scarf.color_at(at.x, at.y * 1.5) * (1.0 + 0.35 * folds(at));
            color.lerp(scarf, smooth_step(-44.0, -40.0, over)) * (1.0 - 0.4 * bump(over + 46.0, 5.0))
        }
    }
}
