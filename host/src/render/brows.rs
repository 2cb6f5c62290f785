//! Hairs of the brows, and lashes.

use super::action::image_sign;
use super::camera::Camera;
use super::canvas::Canvas;
use super::grid::Grid;
use super::identity::Identity;
use super::lids::{EyeLids, Lids};
use super::random::Random;
use super::raster::{Stroke, Visibility, draw_line};
use super::skin::{BROW_LENGTH, BROW_START, brow_line, tone};
use super::smooth::{lerp, smooth_step};
use super::vector::{Vec3, vec3};
use synkiosk_models::pose::Side;

/// What the hairs of a face are drawn with.
pub struct FaceHair<'a> {
    /// Whose they are.
    pub who: &'a Identity,
    /// Finds places of the skin.
    pub grid: &'a Grid,
    /// The moved skin on the head.
    pub skin: &'a [Vec3],
    /// Light on each vertex of the skin.
    pub light: &'a [Vec3],
    /// The projection.
    pub camera: &'a Camera,
    /// Brightness of the picture.
    pub exposure: f32,
    /// Samples a millimeter.
    pub scale: f32,
}

/// Brows gray later than the head, and stand out from the skin even then.
pub fn brow_color(who: &Identity) -> Vec3 {
    let lightest = 0.3 * tone(who.skin.melanin, who.skin.blood).luminance();
    who.hair
        .pigment
        .lerp(who.hair.color, 0.35)
        .lerp(vec3(0.03, 0.02, 0.015), 0.55)
        .at_most(lightest.min(0.12))
}

impl FaceHair<'_> {
    /// Draws brows and lashes over what is already seen.
    pub fn draw(&self, lids: &EyeLids, canvas: &mut Canvas, seen: &mut Visibility) {
        for side in [Side::Right, Side::Left] {
            self.draw_brow(side, canvas, seen);
            self.draw_lashes(lids.of(side), canvas, seen);
        }
    }

    fn draw_brow(&self, side: Side, canvas: &mut Canvas, seen: &mut Visibility) {
        let brows = &self.who.brows;
        let color = brow_color(self.who);
        let mut random = Random::new(self.who.seed ^ (0xb0 + side as u64));
        let r = &mut random;
        let uneven = 0.6 * r.normal();
        for _ in 0..(560.0 * brows.density * brows.thickness) as usize {
            let along = r.unit();
            let (ax, across) = (BROW_START + BROW_LENGTH * along, r.normal() * 0.5);
            let half = 3.6
                * brows.thickness
                * smooth_step(-0.12, 0.12, along)
                * (1.0 - 0.72 * smooth_step(0.4, 1.0, along));
            let y = brow_line(along, self.who) - 0.3 + uneven + across * half * 1.5;
            // Hairs rise near the nose, lie along the brow farther out, and fall above the arch.
            let slope = lerp(0.85, -0.28, smooth_step(0.0, 0.6, along))
                - 0.55 * across * smooth_step(0.1, 0.5, along)
                + 0.18 * r.normal();
            let length = r.range(3.6, 6.2)
                * (0.75 + 0.35 * smooth_step(0.0, 0.3, along))
                * (1.0 - 0.3 * smooth_step(0.5, 1.0, along));
            let (tip_x, tip_y) = (ax + length * slope.cos(), y + length * slope.sin());
            let x = |ax: f32| image_sign(side) * ax;
            let root = self.grid.at(self.skin, x(ax), y);
            let middle = self.grid.at(self.skin, x((ax + tip_x) * 0.5), (y + tip_y) * 0.5 + 0.3);
            let tip = self.grid.at(self.skin, x(tip_x), tip_y);
            let light = self.grid.at(self.light, x(ax), y) * (1.0 + 0.3 * r.normal()).max(0.2);
            self.draw_hair([root, middle, tip], color * light, 0.22, [0.72, 0.52], canvas, seen);
        }
    }

    fn draw_lashes(&self, lids: &Lids, canvas: &mut Canvas, seen: &mut Visibility) {
        let sign = image_sign(lids.side);
        let color = vec3(0.012, 0.009, 0.008).lerp(self.who.hair.color, 0.2);
        let longer = if self.who.is_female() { 1.25 } else { 0.8 };
        let mut random = Random::new(self.who.seed ^ (0x1a5 + lids.side as u64));
        let r = &mut random;
        for is_upper in [true, false] {
            let count = if is_upper { 90 } else { 45 };
            for k in 0..count {
                let out = -12.5 + 25.0 * (k as f32 + r.unit()) / count as f32;
                let root = lids.margin(self.grid, self.skin, out, is_upper);
                let reach = if is_upper { 5.0 + 2.0 * smooth_step(-8.0, 10.0, out) } else { 2.8 };
                let length = longer * r.range(0.7, 1.1) * reach;
                let sideways = sign * (0.42 * (out / 12.0) + 0.08 * r.normal());
                let (direction, curl, alpha) = if is_upper {
                    let down = lerp(0.12, -0.62, lids.closure);
                    (vec3(sideways, down, 0.85), lerp(0.75, 0.2, lids.closure), 0.75)
                } else {
                    (vec3(sideways, -0.55, 0.55), -0.15, 0.35)
                };
                let direction = direction.unit();
                let middle = root + direction * (length * 0.5);
                let tip = root + direction * length + vec3(0.0, curl * length * 0.55, 0.0);
                self.draw_hair([root, middle, tip], color, 0.16, [alpha, alpha * 0.7], canvas, seen);
            }
        }
    }

    fn draw_hair(
        &self,
        places: [Vec3; 3],
        color: Vec3,
        thickness: f32,
        alpha: [f32; 2],
        canvas: &mut Canvas,
        seen: &mut Visibility,
    ) {
        let lift = vec3(0.0, 0.0, 0.33);
        let [root, middle, tip] = places.map(|place| self.camera.project(self.camera.pose(place + lift)));
        let width = (self.scale * thickness).max(0.55);
        let color = color * self.exposure;
        let thick = Stroke { width, color, alpha: alpha[0], bias: 2.2, hides: false };
        draw_line(canvas, seen, root, middle, &thick);
        draw_line(canvas, seen, middle, tip, &Stroke { width: width * 0.75, alpha: alpha[1], ..thick });
    }
}
