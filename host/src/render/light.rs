//! Light: a soft key, a fill and a sphere of surroundings, each with a shadow map; then the diffusion that
//! makes skin look soft (red light travels farthest in it).

use super::random::Random;
use super::raster::draw_height;
use super::smooth::{lerp, saturate, smooth_step};
use super::vector::{Vec3, vec3};

/// One direction from which light falls.
#[derive(Debug, Clone, PartialEq)]
pub struct Light {
    /// Toward the light, in the room's frame.
    pub direction: Vec3,
    /// Linear color.
    pub radiance: Vec3,
    /// Part of the key light.
    pub is_key: bool,
}

/// All light in a room.
#[derive(Debug, Clone, PartialEq)]
pub struct Lighting {
    /// Key, fill and surroundings.
    pub lights: Vec<Light>,
    /// Directions of key and fill.
    pub highlights: [Vec3; 2],
    /// Colors of key and fill.
    pub highlight_colors: [Vec3; 2],
    /// Exposure relative to a well exposed face.
    pub exposure: f32,
}

/// Directions of the surroundings.
const SURROUNDINGS: usize = 18;
/// Directions that share the key light, for soft shadows.
const KEYS: usize = 4;

impl Lighting {
    /// Draws the light of a room.
    pub fn random(spread: f32, r: &mut Random) -> Lighting {
        let warmth = r.range(-1.0, 1.0);
        let key_color = vec3(1.0 + 0.10 * warmth, 1.0, 1.0 - 0.14 * warmth);
        let key = vec3(spread * r.range(-1.1, 1.1), r.range(0.05, 1.1), 1.0).unit();
        let contrast = 0.3 + 0.55 * spread * r.unit();
        let fill = vec3(-key.x.signum() * r.range(0.5, 1.5), r.range(-0.1, 0.7), r.range(0.1, 1.0)).unit();
        let fill_strength = r.range(0.0, 0.4);
        let softness = r.range(0.04, 0.22);
        let across = key.cross(vec3(0.0, 1.0, 0.1)).unit();
        let along = key.cross(across);
        let mut lights: Vec<Light> = (0..KEYS)
            .map(|k| {
                let angle = k as f32 * std::f32::consts::FRAC_PI_2 + 0.6;
                let direction = key + across * (softness * angle.cos()) + along * (softness * angle.sin());
                let radiance = key_color * (contrast / KEYS as f32);
                Light { direction: direction.unit(), radiance, is_key: true }
            })
            .collect();
        let fill_color = vec3(1.0 - 0.08 * warmth, 1.0, 1.0 + 0.1 * warmth);
        let radiance = fill_color * (fill_strength * contrast);
        lights.push(Light { direction: fill, radiance, is_key: false });
        lights.extend(surroundings(warmth, 1.0 - contrast, r));
        Lighting {
            lights,
            highlights: [key, fill],
            highlight_colors: [key_color * contrast, key_color * (fill_strength * contrast)],
            exposure: r.range(0.75, 1.25),
        }
    }
}

/// Sky above and floor below, spread evenly on a sphere (golden angle).
fn surroundings(warmth: f32, strength: f32, r: &mut Random) -> Vec<Light> {
    let sky = vec3(1.0 - 0.05 * warmth, 1.0, 1.0 + 0.06 * warmth);
    let floor = vec3(0.62, 0.5, 0.42) * r.range(0.15, 0.5);
    let frontal = r.range(0.2, 1.0);
    let mut lights: Vec<Light> = (0..SURROUNDINGS)
        .map(|k| {
            let y = 1.0 - 2.0 * (k as f32 + 0.5) / SURROUNDINGS as f32;
            let turn = k as f32 * 2.399_96;
            let level = (1.0 - y * y).sqrt();
            let direction = vec3(level * turn.cos(), y, level * turn.sin());
            let color = floor.lerp(sky, smooth_step(-0.7, 0.7, y));
            let radiance = color * (0.5 + frontal * smooth_step(-0.3, 1.0, direction.z));
            Light { direction, radiance, is_key: false }
        })
        .collect();
    let total: f32 = lights.iter().map(|light| light.radiance.y * light.direction.z.max(0.0)).sum();
    for light in &mut lights {
        light.radiance = light.radiance * (strength * 1.15 / total);
    }
    lights
}

/// Light that arrives at each vertex.
#[derive(Debug, Clone)]
pub struct Received {
    /// Irradiance over pi.
    pub light: Vec<Vec3>,
    /// Share of the key light that is not shadowed.
    pub key: Vec<f32>,
}

/// A surface that light falls on.
pub struct Receivers<'a> {
    /// Where each vertex is.
    pub places: &'a [Vec3],
    /// Unit normals.
    pub normals: &'a [Vec3],
    /// How far light reaches around the edge of each vertex: 0.22 skin, 0.5 cloth.
    pub softness: &'a [f32],
    /// Vertices that the camera may see; others stay dark.
    pub seen: &'a [bool],
}

/// A thinned mesh that casts the shadows.
pub struct Occluders {
    /// Corners.
    pub places: Vec<Vec3>,
    /// Indices of three corners each.
    pub triangles: Vec<[u32; 3]>,
}

/// Cells of a shadow map's side, and half the width of what it covers in millimeters.
const MAP_SIDE: usize = 120;
const MAP_REACH: f32 = 150.0;
/// Middle of what the shadow maps cover.
const MAP_CENTER: Vec3 = vec3(0.0, -10.0, 0.0);

/// Light from all directions on each receiver.
pub fn receive(lighting: &Lighting, receivers: &Receivers, occluders: &Occluders) -> Received {
    let count = receivers.places.len();
    let mut received = Received { light: vec![Vec3::ZERO; count], key: vec![0.0; count] };
    let mut map = ShadowMap::new();
    let seen: Vec<usize> = (0..count).filter(|k| receivers.seen[*k]).collect();
    for light in &lighting.lights {
        map.draw(light.direction, occluders);
        // Vertex and visibility of the last look into the map.
        let mut last = (usize::MAX, 1.0);
        for &k in &seen {
            let softness = receivers.softness[k];
            let facing = receivers.normals[k].dot(light.direction);
            let strength = (facing + softness) / (1.0 + softness);
            if strength <= 0.0 {
                continue;
            }
            // A neighbor's is near enough for soft light from around: vertices are closer than the map's cells.
            if light.is_key || last.0.wrapping_add(1) != k || k % 2 == 0 {
                // Softer receivers (cloth, the foot of the neck) also get a wider bias.
                let bias = 2.2 + 2.5 * (1.0 - facing.max(0.0)) + 24.0 * (softness - 0.22).max(0.0);
                last = (k, map.visible(receivers.places[k], bias));
            }
            let visible = last.1;
            received.light[k] += light.radiance * (strength * visible);
            if light.is_key {
                received.key[k] += visible / KEYS as f32;
            }
        }
    }
    received
}

struct ShadowMap {
    heights: Vec<f32>,
    corners: Vec<Vec3>,
    axes: [Vec3; 3],
}

impl ShadowMap {
    fn new() -> ShadowMap {
        ShadowMap { heights: vec![0.0; MAP_SIDE * MAP_SIDE], corners: Vec::new(), axes: [Vec3::ZERO; 3] }
    }

    fn draw(&mut self, toward: Vec3, occluders: &Occluders) {
        let x = vec3(0.31, 0.9, 0.17).cross(toward).unit();
        self.axes = [x, toward.cross(x), toward];
        let mut corners = std::mem::take(&mut self.corners);
        corners.clear();
        corners.extend(occluders.places.iter().map(|place| self.project(*place)));
        self.heights.fill(-1e9);
        for triangle in &occluders.triangles {
            draw_height(&mut self.heights, MAP_SIDE, triangle.map(|corner| corners[corner as usize]));
        }
        self.corners = corners;
    }

    fn project(&self, place: Vec3) -> Vec3 {
        let cells = MAP_SIDE as f32 / (2.0 * MAP_REACH);
        let from_center = place - MAP_CENTER;
        let [x, y, z] = &self.axes;
        vec3(
            (from_center.dot(*x) + MAP_REACH) * cells,
            (from_center.dot(*y) + MAP_REACH) * cells,
            from_center.dot(*z),
        )
    }

    /// 0 in shadow to 1, bilinear between cells.
    fn visible(&self, place: Vec3, bias: f32) -> f32 {
        let at = self.project(place);
        let last = MAP_SIDE as f32 - 2.0;
        if at.x <= 1.0 || at.y <= 1.0 || at.x >= last || at.y >= last {
            return 1.0;
        }
        let (i, j) = (at.x as usize, at.y as usize);
        let (tx, ty) = (at.x - i as f32, at.y - j as f32);
        let lit = |i: usize, j: usize| saturate((at.z + bias + 1.5 - self.heights[j * MAP_SIDE + i]) / 1.5);
        lerp(lerp(lit(i, j), lit(i + 1, j), tx), lerp(lit(i, j + 1), lit(i + 1, j + 1), tx), ty)
    }
}

/// Spreads light over a grid of vertices: red through about 4 mm of skin, green and blue less.
pub fn diffuse(light: &mut [Vec3], places: &[Vec3], columns: usize, from_row: usize, detail: f32) {
    // Rounds at full detail; a coarser grid carries light farther in each round.
    let mut left = vec3(4.8, 2.1, 1.6) * (detail * detail);
    let rows = light.len() / columns;
    let mut spread = light.to_vec();
    while left.x > 0.0 {
        let share = left.at_most(1.0).at_least(0.0);
        for row in from_row.max(1)..rows - 1 {
            for k in row * columns + 1..(row + 1) * columns - 1 {
                if places[k].z < -30.0 {
                    continue;
                }
                let around = light[k - 1] + light[k + 1] + light[k - columns] + light[k + columns];
                let mean = around * 0.15 + light[k] * 0.4;
                spread[k] = light[k] + (mean - light[k]) * share;
            }
        }
        light.copy_from_slice(&spread);
        left += vec3(-1.0, -1.0, -1.0);
    }
    // Deep shade beside lit skin would glow.
    for light in light {
        light.x = light.x.min(1.35 * light.y.max(light.z));
    }
}
