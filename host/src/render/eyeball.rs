//! Eyeballs: white, iris, pupil, and the shade of the lids on them.

use super::action::image_sign;
use super::camera::Camera;
use super::identity::Identity;
use super::lids::{EYE_RADIUS, INNER_END, Lids, OUTER_END, outward_stretch};
use super::mesh::{Material, Patch};
use super::mouth_inside::Finish;
use super::smooth::{layered_noise, lerp, noise, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use synkiosk_models::pose::Side;

/// The front of an eyeball, and the orbit behind it that no gap may show through. Parameters are places on
/// the head.
pub fn patches(lids: &Lids) -> [Patch; 2] {
    const COLUMNS: usize = 25;
    let angle = |k: usize| (k as f32 / (COLUMNS - 1) as f32 * 2.0 - 1.0) * 1.35;
    let ball = (0..COLUMNS * COLUMNS).map(|k| {
        let (x, y) = (angle(k % COLUMNS), angle(k / COLUMNS));
        let mut from_center = vec3(x.sin() * y.cos(), y.sin(), x.cos() * y.cos()) * EYE_RADIUS;
        from_center.x *= outward_stretch(image_sign(lids.side) * from_center.x);
        lids.center + from_center
    });
    let orbit = (0..9 * 5).map(|k| {
        let column = (k % 9) as f32 - 4.0;
        let out = column * if column > 0.0 { 3.55 } else { 4.0 };
        let up = ((k / 9) as f32 - 2.0) * 3.5;
        lids.center + vec3(image_sign(lids.side) * out, up, 0.5 - 0.28 * out - 0.014 * out * out)
    });
    let with_parameters = |places: Vec<Vec3>| places.into_iter().map(|place| (place, place)).collect();
    [
        Patch {
            columns: COLUMNS,
            vertices: with_parameters(ball.collect()),
            material: Material::Eye,
            is_flipped: false,
        },
        Patch {
            columns: 9,
            vertices: with_parameters(orbit.collect()),
            material: Material::Orbit,
            is_flipped: lids.side == Side::Right,
        },
    ]
}

/// The finish of a place on the eyeball.
pub fn finish(place: Vec3, lids: &Lids, who: &Identity) -> Finish {
    let from_center = place - lids.center;
    let out = image_sign(lids.side) * from_center.x;
    let up = from_center.y;
    let to_edge = saturate((out.abs() - 5.0) / 9.0);
    let vein = layered_noise(from_center * 0.8 + vec3(who.seed as f32 % 91.0, 0.0, 0.0), 3).max(0.0);
    let redness = saturate(0.1 + 0.5 * to_edge * to_edge + 0.5 * vein * to_edge);
    let white = vec3(0.56, 0.50, 0.47).lerp(vec3(0.55, 0.33, 0.28), redness);
    let caruncle = smooth_step(-11.3, -12.8, out);
    let albedo = iris(from_center.unit(), lids.gaze, white, who)
        .lerp(vec3(0.5, 0.22, 0.18), caruncle)
        .lerp(vec3(0.46, 0.27, 0.23), smooth_step(11.8, 13.4, out) * 0.85);
    let (lower, upper) = lids.contour(out.clamp(INNER_END + 0.1, OUTER_END - 0.1));
    let shade = lerp(0.22, 1.0, smooth_step(-0.3, 3.8, upper - up))
        * lerp(0.6, 1.0, smooth_step(-0.3, 1.2, up - lower))
        * lerp(0.62, 1.0, smooth_step(17.0, 11.0, out.abs()));
    Finish { albedo, gloss: 1.0 - 0.5 * caruncle, shade }
}

/// Color of iris and pupil over the white.
fn iris(direction: Vec3, gaze: Vec3, white: Vec3, who: &Identity) -> Vec3 {
    let eyes = &who.eyes;
    let radius = direction.dot(gaze).clamp(-1.0, 1.0).acos() * EYE_RADIUS * 1.02;
    if radius >= eyes.iris_radius + 0.8 {
        return white;
    }
    let around = direction - gaze;
    let (sine, cosine) = around.y.atan2(around.x).sin_cos();
    let fibers = noise(vec3(cosine * 9.0, sine * 9.0, 3.0)) * 0.5
        + noise(vec3(cosine * 22.0, sine * 22.0, radius * 0.5)) * 0.4;
    let inner = eyes.iris_color.lerp(vec3(0.25, 0.14, 0.05), 0.4) * 1.2;
    let color = (eyes.iris_color * (1.0 + 0.5 * fibers)).lerp(inner, smooth_step(3.6, 2.2, radius) * 0.6);
    let rim = 1.0 - 0.75 * smooth_step(eyes.iris_radius - 1.3, eyes.iris_radius, radius);
    let pupil = smooth_step(eyes.pupil_radius + 0.35, eyes.pupil_radius - 0.1, radius);
    (color * rim)
        .lerp(vec3(0.004, 0.004, 0.004), pupil)
        .lerp(white, smooth_step(eyes.iris_radius - 0.3, eyes.iris_radius + 0.8, radius))
}

/// Normal of the wet surface: the cornea bulges out of the eyeball.
pub fn wet_normal(normal: Vec3, place: Vec3, lids: &Lids, camera: &Camera) -> Vec3 {
    let direction = (place - lids.center).unit();
    let angle = direction.dot(lids.gaze).clamp(-1.0, 1.0).acos();
    let bulge = (direction - lids.gaze * direction.dot(lids.gaze)) * (0.75 * smooth_step(0.55, 0.40, angle));
    (normal + camera.turn(bulge)).unit()
}
