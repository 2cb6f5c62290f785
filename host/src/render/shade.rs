//! The color of each pixel: what is seen there, under the light that falls on it.

use super::action::Actions;
use super::camera::{Camera, SAMPLES};
use super::canvas::{Canvas, gray};
use super::clothes;
use super::eyeball;
use super::head::Head;
use super::identity::HairStyle;
use super::lids::EyeLids;
use super::light::{Lighting, Received};
use super::mesh::{Material, Mesh};
use super::mouth_inside;
use super::raster::{EMPTY, Sample, Visibility};
use super::skin;
use super::smooth::{noise, saturate, smooth_step};
use super::vector::{Vec3, vec3};

/// Samples of one surface are shaded together if they are not farther apart in depth, millimeters.
const SAME_SURFACE: f32 = 3.0;

/// Everything that decides a color.
pub struct Shader<'a> {
    /// Whose head.
    pub head: &'a Head,
    /// What it does.
    pub actions: &'a Actions,
    /// Its lids.
    pub lids: &'a EyeLids,
    /// The projection.
    pub camera: &'a Camera,
    /// The room's light.
    pub lighting: &'a Lighting,
    /// All surfaces.
    pub mesh: &'a Mesh,
    /// Light on each vertex.
    pub received: &'a Received,
    /// Brightness of the picture.
    pub exposure: f32,
    /// Pixels are small enough to show pores.
    pub shows_pores: bool,
}

/// What the samples of one surface in one pixel have in common.
#[derive(Default)]
struct Point {
    place: Vec3,
    normal: Vec3,
    light: Vec3,
    parameter: Vec3,
    row_height: f32,
    key: f32,
    cover: f32,
}

impl Shader<'_> {
    /// Colors every sample on which something is seen; light is found once for each surface in a pixel.
    pub fn paint(&self, seen: &Visibility, canvas: &mut Canvas) {
        // Half a millimeter toward the key light, for the relief of the pores.
        let toward_light =
            self.shows_pores.then(|| self.camera.turn_back(self.lighting.highlights[0]) * 0.55);
        let mut members = [0; SAMPLES * SAMPLES];
        for top in (0..canvas.height).step_by(SAMPLES) {
            for left in (0..canvas.width).step_by(SAMPLES) {
                let index = |k: usize| (top + k / SAMPLES) * canvas.width + left + k % SAMPLES;
                let mut open = [true; SAMPLES * SAMPLES];
                for first in 0..open.len() {
                    let sample = seen.samples[index(first)];
                    if !open[first] || sample.triangle == EMPTY {
                        continue;
                    }
                    let material = self.material(&sample);
                    let mut count = 0;
                    let mut point = Point::default();
                    for (other, is_open) in open.iter_mut().enumerate().skip(first) {
                        let candidate = seen.samples[index(other)];
                        let same = candidate.triangle != EMPTY
                            && self.material(&candidate) == material
                            && (candidate.depth - sample.depth).abs() < SAME_SURFACE;
                        if *is_open && same {
                            *is_open = false;
                            members[count] = index(other);
                            count += 1;
                            self.add(&candidate, &mut point);
                        }
                    }
                    let color = self.color(material, &point.mean(count as f32), toward_light);
                    for member in &members[..count] {
                        canvas.pixels[*member] = color * self.exposure;
                    }
                }
            }
        }
    }

    fn material(&self, sample: &Sample) -> Material {
        match self.mesh.materials[sample.triangle as usize] {
            Material::SkinWithOpening => Material::Skin,
            other => other,
        }
    }

    fn add(&self, sample: &Sample, point: &mut Point) {
        let corners = self.mesh.triangles[sample.triangle as usize].map(|corner| corner as usize);
        let [second, third] = sample.weights;
        for (corner, weight) in corners.into_iter().zip([1.0 - second - third, second, third]) {
            point.place += self.mesh.places[corner] * weight;
            point.normal += self.mesh.normals[corner] * weight;
            point.light += self.received.light[corner] * weight;
            point.parameter += self.mesh.parameters[corner] * weight;
            point.row_height += self.mesh.row_height[corner] * weight;
            point.key += self.received.key[corner] * weight;
            point.cover += self.head.hair_cover.get(corner).copied().unwrap_or_default() * weight;
        }
    }

    fn color(&self, material: Material, point: &Point, toward_light: Option<Vec3>) -> Vec3 {
        match material {
            Material::Skin | Material::SkinWithOpening => self.skin_or_cloth(point, toward_light),
            Material::Ear => self.ear(point),
            Material::Brim => self.brim(point),
            Material::Eye => self.eye(point),
            Material::Orbit => vec3(0.44, 0.23, 0.19) * point.light * 0.62,
            Material::MouthInside => {
                let finish = mouth_inside::finish(point.parameter, &self.head.who);
                let wet = self.highlight(point, point.normal, 60.0) * (0.03 * finish.gloss);
                (finish.albedo * point.light + wet) * finish.shade
            }
        }
    }

    fn skin_or_cloth(&self, point: &Point, toward_light: Option<Vec3>) -> Vec3 {
        let who = &self.head.who;
        let at = point.parameter;
        let mut contact = 1.0;
        if let Some(covering) = &who.covering {
            let depth = covering.depth(at);
            if depth > 0.0 {
                return covering.color(at, depth) * point.light;
            }
            contact -= 0.45 * smooth_step(-9.0, 0.0, depth);
        }
        let is_buzz = who.hair.style == HairStyle::Buzz;
        let hair = saturate(point.cover * 1.25 - 0.12);
        if hair >= 1.0 && !is_buzz && who.hair.style != HairStyle::Bald {
            return self.hair_mass(point);
        }
        let over_collar = clothes::over_collar(at, who);
        if over_collar < 0.0 {
            let cloth = clothes::color(at, over_collar, who) * point.light;
            return if hair > 0.0 { cloth.lerp(self.hair_mass(point), hair) } else { cloth };
        }
        let surface = skin::surface(at, point.row_height, who, self.actions, self.lids, toward_light);
        let mut shade = surface.shade * contact * (1.0 - 0.35 * smooth_step(5.0, 0.0, over_collar));
        let is_bald = who.hair.style == HairStyle::Bald;
        if !is_buzz && !is_bald {
            shade *= 1.0 - 0.2 * point.cover;
        }
        let mut normal = point.normal;
        if self.shows_pores {
            let rough = vec3(noise(at * 1.3), noise(at * 1.3 + vec3(7.0, 1.0, 2.0)), 0.0) * 0.065;
            normal = (normal + rough).unit();
        }
        let shine = self.highlight(point, normal, 18.0) * 0.030 + self.highlight(point, normal, 60.0) * 0.010;
        let grazing = (1.0 - point.normal.dot(self.view(point)).max(0.0)).powi(5);
        let reflected = (shine + point.light * (0.022 + 0.22 * grazing)) * (surface.gloss * shade);
        let skin = surface.albedo * point.light * (shade * (1.0 + 0.13 * surface.grain)) + reflected;
        if point.cover <= 0.0 {
            return skin;
        }
        let cover = match who.hair.style {
            HairStyle::Bald => skin.lerp(who.hair.color * point.light, 0.30 * who.skin.stubble),
            HairStyle::Buzz => self.cropped(point, skin),
            _ => self.hair_mass(point),
        };
        skin.lerp(cover, hair)
    }

    /// Hair of a few millimeters.
    fn cropped(&self, point: &Point, skin: Vec3) -> Vec3 {
        let at = point.parameter;
        let density = 0.5 + 0.5 * noise(at * 1.9) + 0.3 * noise(at * 3.1);
        skin.lerp(self.head.who.hair.color * point.light * 0.8, saturate(0.25 + 0.6 * density))
    }

    /// What shows between the strands: more hair, in the shade of the outer.
    fn hair_mass(&self, point: &Point) -> Vec3 {
        let (at, color) = (point.parameter, self.head.who.hair.color);
        let streaks = if at.y > 0.0 {
            noise(vec3(at.x * 0.9, at.y * 0.2, at.z * 0.9))
        } else {
            let around = at.x.atan2(at.z) * 80.0;
            noise(vec3(around * 0.8, at.y * 0.03, 1.0)) + 0.6 * noise(vec3(around * 0.25, at.y * 0.02, 5.0))
        };
        // Without the red that thin dark hair would seem to have over skin.
        let color = color.lerp(gray(color.luminance()), 0.3);
        color * point.light * (0.42 + 0.2 * streaks).max(0.1)
    }

    fn ear(&self, point: &Point) -> Vec3 {
        let skin = &self.head.who.skin;
        let color = skin::tone(
            skin.melanin + 0.03 * noise(point.place * 0.4),
            skin.blood + 0.07 + 0.08 * skin.ruddiness,
        );
        let translucent = point.light + vec3(0.030, 0.010, 0.007);
        color * translucent * point.parameter.z.clamp(0.1, 1.0)
            + self.highlight(point, point.normal, 18.0) * 0.02
    }

    fn brim(&self, point: &Point) -> Vec3 {
        let Some(covering) = &self.head.who.covering else { return Vec3::ZERO };
        // From below no more is seen than what the face sends back.
        let is_below = point.normal.dot(self.view(point)) < 0.0;
        let light = if is_below { point.light * 0.2 + vec3(0.14, 0.12, 0.11) } else { point.light };
        covering.brim_color(point.parameter) * light
    }

    fn eye(&self, point: &Point) -> Vec3 {
        let lids = self.lids.at(point.parameter.x);
        let finish = eyeball::finish(point.parameter, lids, &self.head.who);
        let mut color = finish.albedo * point.light * (finish.shade * 0.95);
        // Key and fill as small soft windows in the tear film.
        let normal = eyeball::wet_normal(point.normal, point.parameter, lids, self.camera);
        let view = self.view(point);
        let mirrored = normal * (2.0 * normal.dot(view)) - view;
        let windows = self.lighting.highlights.iter().zip(self.lighting.highlight_colors).zip([1.0, 0.6]);
        for ((direction, radiance), strength) in windows {
            let angle = mirrored.dot(*direction).clamp(-1.0, 1.0).acos();
            color +=
                radiance * (1.6 * strength * finish.gloss * finish.shade * smooth_step(0.20, 0.13, angle));
        }
        color + point.light * (0.022 * finish.shade * finish.gloss * smooth_step(-0.2, 0.7, mirrored.y))
    }

    fn view(&self, point: &Point) -> Vec3 {
        (self.camera.position() - point.place).unit()
    }

    /// Blinn and Phong's highlight of key and fill.
    fn highlight(&self, point: &Point, normal: Vec3, sharpness: f32) -> Vec3 {
        let view = self.view(point);
        let lobe = |direction: Vec3| {
            let half = (direction + view).unit();
            let peak = normal.dot(half).max(0.0).powf(sharpness) * (sharpness + 8.0) / 25.1;
            peak * saturate(normal.dot(direction) * 4.0)
        };
        let [key, fill] = self.lighting.highlights;
        let [key_color, fill_color] = self.lighting.highlight_colors;
        key_color * (point.key * lobe(key)) + fill_color * (0.6 * lobe(fill))
    }
}

impl Point {
    fn mean(mut self, count: f32) -> Point {
        let share = 1.0 / count;
        self.place = self.place * share;
        self.normal = self.normal.unit();
        self.light = self.light * share;
        self.parameter = self.parameter * share;
        self.row_height *= share;
        self.key *= share;
        self.cover *= share;
        self
    }
}
