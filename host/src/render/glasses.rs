//! Glasses: rims, bridge, temples, and what the lenses reflect.

use super::action::image_sign;
use super::camera::Camera;
use super::canvas::Canvas;
use super::identity::{Glasses, Identity};
use super::light::Lighting;
use super::raster::{Stroke, Visibility, draw_line};
use super::smooth::{lerp, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use super::warp::{EYE, eye_center};
use synkiosk_models::pose::Side;

/// From the front of the eyeball to the lens, millimeters.
const VERTEX_DISTANCE: f32 = 13.0;

/// One lens in the picture: its center, and one millimeter along its axes, in samples.
struct Lens {
    center: Vec3,
    across: [f32; 2],
    up: [f32; 2],
}

/// Draws the glasses over everything else. `light` is the mean light on the face, exposed.
pub fn draw(
    who: &Identity,
    glasses: &Glasses,
    camera: &Camera,
    lighting: &Lighting,
    light: Vec3,
    canvas: &mut Canvas,
    seen: &mut Visibility,
) {
    let middle = |side| {
        let eye = eye_center(side, who);
        // Lenses sit wider than the eyes, and level with each other.
        vec3(
            image_sign(side) * (EYE.x + 1.5 + who.eyes.spacing),
            -2.0 - glasses.drop,
            eye.z + 12.0 + VERTEX_DISTANCE,
        )
    };
    let frame = frame_color(glasses, light);
    for side in [Side::Right, Side::Left] {
        let lens = Lens::project(middle(side), camera);
        lens.cast_shadow(glasses, canvas, seen);
        lens.draw(glasses, lighting, light, frame, canvas);
    }
    draw_wires(glasses, [middle(Side::Right), middle(Side::Left)], frame, camera, canvas, seen);
}

fn frame_color(glasses: &Glasses, light: Vec3) -> Vec3 {
    glasses.color * light + light * 0.02
}

/// Bridge and temples.
fn draw_wires(
    glasses: &Glasses,
    middles: [Vec3; 2],
    color: Vec3,
    camera: &Camera,
    canvas: &mut Canvas,
    seen: &mut Visibility,
) {
    let half_width = glasses.lens[0];
    let millimeter = Lens::project(middles[0], camera).across[0].abs();
    let stroke = Stroke {
        width: (glasses.rim * 1.1 * millimeter).max(1.2),
        color,
        alpha: 0.95,
        bias: 1.0,
        hides: true,
    };
    let project = |place: Vec3| camera.project(camera.pose(place));
    let inner = |middle: Vec3| {
        let toward_nose = -middle.x.signum() * (half_width - 0.6);
        vec3(middle.x + toward_nose, middle.y + 5.0, middle.z)
    };
    let (from, to) = (inner(middles[0]), inner(middles[1]));
    let top = from.lerp(to, 0.5) + vec3(0.0, 2.6, 2.0);
    let bridge = Stroke { bias: 12.0, ..stroke };
    draw_line(canvas, seen, project(from), project(top), &bridge);
    draw_line(canvas, seen, project(top), project(to), &bridge);
    for middle in middles {
        let outward = middle.x.signum();
        let hinge = vec3(middle.x + outward * (half_width - 0.4), middle.y + 6.0, middle.z - 1.0);
        let corner = vec3(hinge.x + outward * 5.0, hinge.y, hinge.z - 8.0);
        let ear = vec3(outward * 79.0, middle.y + 8.0, -2.0);
        draw_line(canvas, seen, project(hinge), project(corner), &stroke);
        draw_line(canvas, seen, project(corner), project(ear), &stroke);
    }
}

impl Lens {
    fn project(middle: Vec3, camera: &Camera) -> Lens {
        let at = |offset: Vec3| camera.project(camera.pose(middle + offset));
        let center = at(Vec3::ZERO);
        // Frames are curved a little around the face.
        let across = at(vec3(1.0, 0.0, -0.10 * middle.x.signum()));
        let up = at(vec3(0.0, 1.0, 0.08));
        Lens {
            center,
            across: [across.x - center.x, across.y - center.y],
            up: [up.x - center.x, up.y - center.y],
        }
    }

    /// Millimeters on the lens for a sample.
    fn millimeters(&self, x: f32, y: f32) -> [f32; 2] {
        let determinant = self.across[0] * self.up[1] - self.across[1] * self.up[0];
        let (dx, dy) = (x - self.center.x, y - self.center.y);
        [
            (dx * self.up[1] - dy * self.up[0]) / determinant,
            (dy * self.across[0] - dx * self.across[1]) / determinant,
        ]
    }

    /// Calls `paint` with the index and the lens's millimeters of every sample near it.
    fn each_sample(&self, glasses: &Glasses, canvas: &Canvas, mut paint: impl FnMut(usize, [f32; 2])) {
        let millimeter = self.across[0].hypot(self.across[1]);
        let reach = [(glasses.lens[0] + 5.0) * millimeter, (glasses.lens[1] + 9.0) * millimeter];
        let first = |center: f32, reach: f32| (center - reach).max(0.0) as usize;
        let end = |center: f32, reach: f32, limit: usize| ((center + reach).max(0.0) as usize).min(limit);
        for y in first(self.center.y, reach[1])..end(self.center.y, reach[1], canvas.height) {
            for x in first(self.center.x, reach[0])..end(self.center.x, reach[0], canvas.width) {
                paint(y * canvas.width + x, self.millimeters(x as f32 + 0.5, y as f32 + 0.5));
            }
        }
    }

    /// The rim's soft shadow below itself.
    fn cast_shadow(&self, glasses: &Glasses, canvas: &mut Canvas, seen: &Visibility) {
        let mut shadows = Vec::new();
        self.each_sample(glasses, canvas, |k, [u, v]| {
            let distance = to_rim(glasses, u, v + 3.5).abs();
            let rim = 2.0 * half_rim(glasses, v + 3.5);
            let strength = 0.18 * rim.min(1.0) * smooth_step(rim + 2.2, 0.3 * rim, distance);
            if strength > 0.0 && seen.samples[k].triangle != super::raster::EMPTY {
                shadows.push((k, 1.0 - strength));
            }
        });
        for (k, factor) in shadows {
            canvas.pixels[k] = canvas.pixels[k] * factor;
        }
    }

    fn draw(&self, glasses: &Glasses, lighting: &Lighting, light: Vec3, frame: Vec3, canvas: &mut Canvas) {
        let slant = lighting.highlights[0].x;
        let mut painted = Vec::new();
        self.each_sample(glasses, canvas, |k, [u, v]| {
            let distance = to_rim(glasses, u, v);
            let half = half_rim(glasses, v);
            // What is thinner than a sample covers it in part.
            let on_rim = saturate((half + 0.35 - distance.abs()) / 0.5) * saturate(0.3 + half / 0.4);
            if on_rim > 0.0 {
                // Rounded in section: lit from above.
                let lit = 0.75 + 0.6 * saturate((v / glasses.lens[1]) * 0.5 + 0.3);
                painted.push((k, frame * lit, on_rim));
            } else if distance < 0.0 {
                let band = smooth_step(9.0, 3.0, (u - slant * 12.0 + 0.7 * v + 6.0).abs());
                let pane = window(u / glasses.lens[0] - 0.5 * slant, v / glasses.lens[1]);
                let sky = 0.3 + 0.7 * saturate(v / glasses.lens[1] + 0.3);
                painted.push((
                    k,
                    light * 0.9,
                    glasses.reflection * (0.25 * sky + 0.55 * band * sky + 0.6 * pane),
                ));
            }
        });
        for (k, color, alpha) in painted {
            canvas.pixels[k] = canvas.pixels[k].lerp(color, alpha);
        }
    }
}

/// Half the rim's thickness at a height.
fn half_rim(glasses: &Glasses, v: f32) -> f32 {
    0.5 * glasses.rim * lerp(1.0, glasses.lower_rim, smooth_step(0.15, -0.25, v / glasses.lens[1]))
}

/// A window with a cross bar, mirrored in the upper part of a lens.
fn window(u: f32, v: f32) -> f32 {
    let edge = |at: f32, half: f32| smooth_step(half, half - 0.06, at.abs());
    let bars = (1.0 - edge(u, 0.05)) * (1.0 - edge(v - 0.55, 0.06));
    edge(u, 0.26) * edge(v - 0.55, 0.22) * bars
}

/// Millimeters from the rim's middle line, negative within the lens.
fn to_rim(glasses: &Glasses, u: f32, v: f32) -> f32 {
    let (a, b) = ((u / glasses.lens[0]).abs(), (v / glasses.lens[1]).abs());
    let rho = (a.powf(glasses.squareness) + b.powf(glasses.squareness)).powf(1.0 / glasses.squareness);
    if rho < 1e-3 {
        return -glasses.lens[1];
    }
    // Distance along the ray from the middle, turned into one across the rim by the outline's slope.
    let radius = u.hypot(v) / rho;
    let slope = (a / glasses.lens[0] * b / glasses.lens[1]).sqrt() * radius * 0.5;
    (rho - 1.0) * radius / (1.0 + slope).max(1.0)
}
