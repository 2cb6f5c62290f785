//! Beards and moustaches, hair by hair over the shade that they throw on the skin.

use super::action::image_sign;
use super::brows::FaceHair;
use super::canvas::Canvas;
use super::drawn_identity::GRAY;
use super::features::{MOUTH_HALF_WIDTH, MOUTH_Y, lower_lip_height, upper_lip_height};
use super::hair::grayness;
use super::random::Random;
use super::raster::{Stroke, Visibility, draw_line};
use super::smooth::{bump2, noise, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use synkiosk_models::pose::Side;

/// Hairs of a full beard; what lies outside of it is not drawn.
const HAIRS: usize = 2600;

/// Share of the beard at a distance from the middle, a height and a depth on the average face; lips are not left out.
pub fn share(ax: f32, y: f32, z: f32) -> f32 {
    let chin = smooth_step(-52.0, -62.0, y) * smooth_step(-128.0, -112.0, y) * smooth_step(-30.0, 0.0, z);
    let cheek = smooth_step(34.0, 52.0, ax) * smooth_step(-35.0, -55.0, y) * smooth_step(78.0, 60.0, ax);
    let mustache = bump2(ax - 10.0, 16.0, y + 56.0, 6.0);
    saturate(chin.max(cheek).max(mustache))
}

/// Draws a beard, if there is one, over what is already seen.
pub fn draw(hair: &FaceHair, canvas: &mut Canvas, seen: &mut Visibility) {
    let who = hair.who;
    if who.skin.beard <= 0.0 {
        return;
    }
    let mut random = Random::new(who.seed ^ 0xbea6d);
    let r = &mut random;
    let length = 2.5 + 5.5 * who.skin.beard;
    for _ in 0..HAIRS {
        let side = if r.chance(0.5) { Side::Right } else { Side::Left };
        let (ax, y) = (64.0 * r.unit(), r.range(-122.0, -46.0));
        let patchy = 0.75 + 0.5 * noise(vec3(ax * 0.1, y * 0.1, (who.seed % 89) as f32));
        // Not below the border of the jaw.
        let is_below = y < -115.0 + 0.28 * ax;
        if is_below || is_on_lips(hair, ax, y) || !r.chance(who.skin.beard * patchy * share(ax, y, 30.0)) {
            continue;
        }
        // Down and outward; under the nose more to the side.
        let out = 0.25 + 0.6 * smooth_step(-66.0, -54.0, y) + 0.25 * r.normal();
        let reach = length * r.range(0.6, 1.2) * if y > -66.0 { 0.7 } else { 1.0 };
        let x = |ax: f32| image_sign(side) * ax;
        let root = hair.grid.at(hair.skin, x(ax), y);
        let drop = vec3(x(out), -1.0, 0.35).unit() * reach;
        let light = hair.grid.at(hair.light, x(ax), y) * (1.0 + 0.35 * r.normal()).max(0.3);
        let is_gray = r.chance(grayness(vec3(60.0, 20.0, 0.0), who));
        let color = if is_gray { GRAY } else { who.hair.pigment };
        let stroke = Stroke {
            width: (0.3 * hair.scale).max(0.6),
            color: color * light * (0.85 * hair.exposure),
            alpha: 0.65,
            bias: 2.5,
            hides: false,
        };
        let project = |place: Vec3| hair.camera.project(hair.camera.pose(place));
        draw_line(canvas, seen, project(root), project(root + drop), &stroke);
    }
}

/// Lips, and a margin below the moustache, stay free.
fn is_on_lips(hair: &FaceHair, ax: f32, y: f32) -> bool {
    let over = y - MOUTH_Y;
    ax < MOUTH_HALF_WIDTH
        && over < upper_lip_height(ax, hair.who) + 4.0
        && over > -lower_lip_height(ax, hair.who) - 1.5
}
