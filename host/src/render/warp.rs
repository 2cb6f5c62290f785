//! Identity as a warp of the average head. Everything else is defined on the average head, so that true
//! landmarks, masks and movements need no search.

use super::action::image_sign;
use super::features::MOUTH_Y;
use super::identity::Identity;
use super::smooth::{bump2, noise, smooth_step};
use super::vector::{Vec3, vec3};
use synkiosk_models::pose::Side;

/// Center of the person's left eyeball on the average head.
pub const EYE: Vec3 = vec3(31.0, 0.0, 71.0);

/// Where a point of the average head lies on this person's head.
pub fn warp(average: Vec3, who: &Identity) -> Vec3 {
    let eye = {
        let front = smooth_step(10.0, 50.0, average.z);
        bump2(average.x.abs() - EYE.x, 24.0, average.y, 15.0) * front
    };
    let moved = lengths(features(average, eye, who), average, who);
    own_relief(widths(moved, average, who), average, eye, who)
}

/// Center of an eyeball on this person's head.
pub fn eye_center(side: Side, who: &Identity) -> Vec3 {
    let mut center = warp(vec3(image_sign(side) * EYE.x, 0.0, 84.0), who);
    center.z = EYE.z + who.eyes.depth;
    center
}

fn features(c: Vec3, eye: f32, who: &Identity) -> Vec3 {
    let (ax, y, sign) = (c.x.abs(), c.y, c.x.signum());
    let front = smooth_step(10.0, 50.0, c.z);
    let grown = who.eyes.scale - 1.0;
    let mut q = c;
    q.x += sign * eye * grown * (ax - EYE.x);
    q.y += eye * (grown * y + who.eyes.tilt * (ax - EYE.x));
    q.x += sign * who.eyes.spacing * bump2(ax - 33.0, 20.0, y - 3.0, 20.0) * front;
    q.x += c.x * who.nose.width * bump2(c.x, 24.0, y + 40.0, 15.0) * front;
    q.x += c.x * who.mouth.width * bump2(c.x, 34.0, y - MOUTH_Y, 14.0) * front;
    q
}

fn lengths(mut q: Vec3, c: Vec3, who: &Identity) -> Vec3 {
    let y = c.y;
    let front = smooth_step(10.0, 50.0, c.z);
    let above_shoulders = smooth_step(-165.0, -125.0, y);
    let longer = who.nose.length * smooth_step(4.0, -45.0, y)
        + who.mouth.philtrum * smooth_step(-50.0, -64.0, y)
        + who.skull.chin_length * smooth_step(-74.0, -106.0, y);
    q.y -= longer * above_shoulders * front.max(0.5);
    q.y += who.skull.forehead * smooth_step(22.0, 75.0, y);
    q
}

fn widths(mut q: Vec3, c: Vec3, who: &Identity) -> Vec3 {
    let y = c.y;
    let jaw = smooth_step(-25.0, -75.0, y) * smooth_step(-135.0, -110.0, y);
    let neck = smooth_step(-60.0, -120.0, y) * smooth_step(-185.0, -140.0, y) * smooth_step(60.0, 30.0, c.z);
    q.x *= 1.0
        + who.skull.jaw_width * jaw
        + who.skull.width * smooth_step(-150.0, -110.0, y)
        + who.skull.neck_width * neck;
    q.y *= 1.0 + who.skull.height * smooth_step(-150.0, -100.0, y);
    q
}

/// Low-frequency noise: this person's own relief, and the natural asymmetry of the bones.
fn own_relief(mut q: Vec3, c: Vec3, eye: f32, who: &Identity) -> Vec3 {
    let own = (who.seed % 977) as f32 * 1.37;
    let at = c * (1.0 / 34.0) + vec3(own, 3.0, 8.0);
    let strength = 1.5 * smooth_step(-140.0, -110.0, c.y) * (1.0 - 0.6 * eye);
    q.z += strength * noise(at) * smooth_step(10.0, 50.0, c.z);
    q.x += 0.8 * strength * noise(at + vec3(31.0, 7.0, 1.0));
    q.y += 0.55 * strength * noise(at + vec3(1.0, 57.0, 5.0));
    q
}
