//! Puts one picture together, and reports where its landmarks are.

use super::action::{Actions, image_sign};
use super::beard;
use super::brows::FaceHair;
use super::camera::{Camera, SAMPLES, View};
use super::canvas::Canvas;
use super::clothes;
use super::ears::ear;
use super::eyeball;
use super::features::{MOUTH_HALF_WIDTH, MOUTH_Y};
use super::glasses;
use super::grid::LIP_SLIT;
use super::head::Head;
use super::landmarks::Landmarks;
use super::lids::{EyeLids, INNER_END, OUTER_END};
use super::light::{Lighting, Occluders, Received, Receivers, diffuse, receive};
use super::mesh::{Material, Mesh};
use super::mouth_inside;
use super::mouth_movement::lips_apart;
use super::movement::deform;
use super::raster::Visibility;
use super::shade::Shader;
use super::skin;
use super::smooth::{lerp, smooth_step};
use super::strands;
use super::vector::{Vec3, vec3};
use super::warp::EYE;
use std::ops::Range;
use synkiosk_models::pose::Side;

/// A picture in linear light, and the truth about it.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// What reaches the lens.
    pub light: Canvas,
    /// Where the landmarks are.
    pub landmarks: Landmarks,
}

/// Pixels a millimeter from which pores are more than noise.
const PORES_FROM: f32 = 0.8;

/// Draws a head in action before a background of the view's size.
pub fn render(
    head: &Head,
    actions: &Actions,
    view: &View,
    lighting: &Lighting,
    background: &Canvas,
) -> Rendered {
    let camera = Camera::new(view);
    let lids = EyeLids::new(&head.who, actions);
    let skin = deform(&head.grid, actions, &lids);
    let scene = Scene::assemble(head, actions, &lids, &skin, &camera);
    let received = scene.light(head, &lids, lighting, &camera);
    let mean = mean_light(head, &received.light);
    let exposure = exposure(head, lighting, mean);
    let mut seen = scene.visibility(&lids, &camera, view);
    let mut canvas = repeated(background);
    let mesh = &scene.mesh;
    let shader = Shader {
        head,
        actions,
        lids: &lids,
        camera: &camera,
        lighting,
        mesh,
        received: &received,
        exposure,
        shows_pores: view.scale > PORES_FROM,
    };
    shader.paint(&seen, &mut canvas);
    let scale = view.scale * SAMPLES as f32;
    let face_hair = FaceHair {
        who: &head.who,
        grid: &head.grid,
        skin: &skin,
        light: &received.light,
        camera: &camera,
        exposure,
        scale,
    };
    face_hair.draw(&lids, &mut canvas, &mut seen);
    beard::draw(&face_hair, &mut canvas, &mut seen);
    strands::draw(&head.strands, &camera, lighting, exposure, scale, &mut canvas, &mut seen);
    if let Some(pair) = &head.who.glasses {
        glasses::draw(&head.who, pair, &camera, lighting, mean * exposure, &mut canvas, &mut seen);
    }
    Rendered {
        light: canvas.shrunk(SAMPLES),
        landmarks: Landmarks::project(&head.who, &head.grid, &skin, &lids, &camera),
    }
}

/// All surfaces, and which vertices are what.
struct Scene {
    mesh: Mesh,
    eyes: Range<usize>,
    mouth: Range<usize>,
    /// Triangles of a peak or brim.
    brim: Range<usize>,
    /// The slit between the lips is cut open.
    mouth_is_open: bool,
}

impl Scene {
    fn assemble(head: &Head, actions: &Actions, lids: &EyeLids, skin: &[Vec3], camera: &Camera) -> Scene {
        let mut mesh = Mesh::default();
        push_skin(&mut mesh, head, skin, camera);
        let pose = |place: Vec3| camera.pose(place);
        let eyes_from = mesh.places.len();
        for side in [Side::Right, Side::Left] {
            for patch in eyeball::patches(lids.of(side)) {
                mesh.push_patch(&patch, pose);
            }
        }
        let eyes = eyes_from..mesh.places.len();
        if head.shows_ears() {
            for side in [Side::Right, Side::Left] {
                mesh.push_patch(&ear(side, &head.who), pose);
            }
        }
        let brim_from = mesh.triangles.len();
        if let Some(brim) = head.who.covering.as_ref().and_then(|covering| covering.brim(&head.who)) {
            mesh.push_patch(&brim, pose);
        }
        let brim = brim_from..mesh.triangles.len();
        let mouth_from = mesh.places.len();
        let mouth_is_open = lips_apart(actions) > 0.0;
        if mouth_is_open {
            for patch in mouth_inside::patches(&head.who, actions) {
                mesh.push_patch(&patch, pose);
            }
        }
        let mouth = mouth_from..mesh.places.len();
        mesh.find_normals();
        smooth_lip_normals(&mut mesh, head);
        Scene { mesh, eyes, mouth, brim, mouth_is_open }
    }

    fn light(&self, head: &Head, lids: &EyeLids, lighting: &Lighting, camera: &Camera) -> Received {
        let mesh = &self.mesh;
        let eye = camera.position();
        let is_seen = |(place, normal): (&Vec3, &Vec3)| normal.dot((eye - *place).unit()) > -0.25;
        let seen: Vec<bool> = mesh.places.iter().zip(&mesh.normals).map(is_seen).collect();
        let receivers =
            Receivers { places: &mesh.places, normals: &mesh.normals, softness: &mesh.softness, seen: &seen };
        let mut occluders = occluders(head, &mesh.places);
        for corners in &mesh.triangles[self.brim.clone()] {
            let first = occluders.places.len() as u32;
            occluders.places.extend(corners.map(|corner| mesh.places[corner as usize]));
            // Both sides keep the light off.
            occluders.triangles.extend([[first, first + 1, first + 2], [first, first + 2, first + 1]]);
        }
        let mut received = receive(lighting, &receivers, &occluders);
        let grid = &head.grid;
        let skin = grid.columns * grid.rows;
        diffuse(
            &mut received.light[..skin],
            &mesh.places,
            grid.columns,
            grid.first_row_above(-124.0),
            head.detail,
        );
        self.light_eyes(head, lids, &mut received);
        self.light_mouth(head, &mut received);
        received
    }

    /// Eyeballs get mostly the light that falls on the lids around them.
    fn light_eyes(&self, head: &Head, lids: &EyeLids, received: &mut Received) {
        for k in self.eyes.clone() {
            let place = self.mesh.parameters[k];
            let lids = lids.at(place.x);
            let sign = image_sign(lids.side);
            let out = (sign * (place.x - lids.center.x)).clamp(INNER_END, OUTER_END);
            let x = sign * (EYE.x + out);
            let around =
                (head.grid.at(&received.light, x, -11.0) + head.grid.at(&received.light, x, 8.0)) * 0.5;
            received.light[k] = received.light[k] * 0.35 + around * 0.65;
            received.key[k] = received.key[k].max(0.5);
        }
    }

    /// The inside of the mouth is lit through the opening: it borrows the light of the lips.
    fn light_mouth(&self, head: &Head, received: &mut Received) {
        for k in self.mouth.clone() {
            let x = self.mesh.parameters[k].x * 0.8;
            let lips = head.grid.at(&received.light, x, -58.0) + head.grid.at(&received.light, x, -80.0);
            received.light[k] = lips * 0.45;
            received.key[k] = 0.6;
        }
    }

    /// Which triangle is seen at each sample; eyes and mouth are cut out of the skin.
    fn visibility(&self, lids: &EyeLids, camera: &Camera, view: &View) -> Visibility {
        let mesh = &self.mesh;
        let mut seen = Visibility::new(view.width * SAMPLES, view.height * SAMPLES);
        let projected: Vec<Vec3> = mesh.places.iter().map(|place| camera.project(*place)).collect();
        for (id, (corners, material)) in mesh.triangles.iter().zip(&mesh.materials).enumerate() {
            let corners = corners.map(|corner| corner as usize);
            let places = corners.map(|corner| projected[corner]);
            match material {
                Material::SkinWithOpening => seen.draw(id as u32, false, places, |second, third| {
                    !self.is_opening(lids, corners, [1.0 - second - third, second, third])
                }),
                Material::Ear | Material::Brim => seen.draw(id as u32, true, places, |_, _| true),
                _ => seen.draw(id as u32, false, places, |_, _| true),
            }
        }
        seen
    }

    fn is_opening(&self, lids: &EyeLids, corners: [usize; 3], weights: [f32; 3]) -> bool {
        let mesh = &self.mesh;
        let mut at = Vec3::ZERO;
        for (corner, weight) in corners.into_iter().zip(weights) {
            at += mesh.parameters[corner] * weight;
        }
        if at.y > -25.0 {
            return lids.at(at.x).is_open_at(at.x, at.y);
        }
        let heights = corners.map(|corner| mesh.row_height[corner]);
        let row: f32 = heights.iter().zip(weights).map(|(height, weight)| height * weight).sum();
        self.mouth_is_open && (row - MOUTH_Y).abs() <= 0.5 * LIP_SLIT && at.x.abs() <= MOUTH_HALF_WIDTH - 0.5
    }
}

fn push_skin(mesh: &mut Mesh, head: &Head, skin: &[Vec3], camera: &Camera) {
    let (who, grid) = (&head.who, &head.grid);
    for (k, (at, place)) in grid.average.iter().zip(skin).enumerate() {
        let upward = vec3(at.x, (at.y - 20.0).max(0.0) * 1.2, at.z);
        let hair = if head.hair_height[k] > 0.0 { upward.unit() * head.hair_height[k] } else { Vec3::ZERO };
        let cloth = vec3(at.x, 0.0, at.z + 20.0).unit() * clothes::stand_off(*at, who);
        let covering = who.covering.as_ref().map_or(Vec3::ZERO, |covering| covering.lift(*at));
        let softness = if at.y < -122.0 { 0.5 } else { 0.22 };
        mesh.push_skin(
            camera.pose(*place + hair + longer(cloth, covering)),
            *at,
            grid.row_height[k / grid.columns],
            softness,
        );
    }
    let columns = grid.columns as u32;
    for row in 0..grid.rows - 1 {
        for column in 0..grid.columns - 1 {
            let k = row * grid.columns + column;
            let material = skin_material(grid.average[k], grid.row_height[row]);
            let a = k as u32;
            mesh.push_triangle([a, a + 1, a + columns + 1], material);
            mesh.push_triangle([a, a + columns + 1, a + columns], material);
        }
    }
}

/// What lies outside of the other.
fn longer(a: Vec3, b: Vec3) -> Vec3 {
    if a.dot(a) > b.dot(b) { a } else { b }
}

fn skin_material(at: Vec3, row_height: f32) -> Material {
    // Margins cover the triangles that reach into an opening from outside.
    let near_eye = at.y.abs() < 13.0 && (INNER_END - 3.0..OUTER_END + 3.0).contains(&(at.x.abs() - EYE.x));
    let near_mouth = (row_height - MOUTH_Y).abs() < 3.0 && at.x.abs() < MOUTH_HALF_WIDTH + 2.0;
    if at.z > 20.0 && (near_eye || near_mouth) { Material::SkinWithOpening } else { Material::Skin }
}

/// Rows within the slit have no area of their own: they take the normals of the lips beside them.
fn smooth_lip_normals(mesh: &mut Mesh, head: &Head) {
    let grid = &head.grid;
    let below = grid.first_row_above(MOUTH_Y - LIP_SLIT).saturating_sub(2);
    let above = grid.first_row_above(MOUTH_Y + LIP_SLIT) + 1;
    for column in 0..grid.columns {
        let (lower, upper) = (below * grid.columns + column, above * grid.columns + column);
        let (from, to) = (mesh.normals[lower], mesh.normals[upper]);
        let beside_mouth = smooth_step(20.0, 25.0, grid.average[lower].x.abs());
        for row in below + 1..above {
            let lip = if grid.row_height[row] < MOUTH_Y { 0.0 } else { 1.0 };
            mesh.normals[row * grid.columns + column] = from.lerp(to, lerp(lip, 0.5, beside_mouth)).unit();
        }
    }
}

/// Every third vertex of the skin casts the shadows: about 3 mm, a little more than a cell of a shadow map.
fn occluders(head: &Head, places: &[Vec3]) -> Occluders {
    let step = 3;
    let grid = &head.grid;
    let rows: Vec<usize> = (0..grid.rows).step_by(step).collect();
    let columns: Vec<usize> = (0..grid.columns).step_by(step).collect();
    let mut thinned = Occluders { places: Vec::new(), triangles: Vec::new() };
    for (j, row) in rows.iter().enumerate() {
        for (i, column) in columns.iter().enumerate() {
            thinned.places.push(places[row * grid.columns + column]);
            if j + 1 < rows.len() && i + 1 < columns.len() {
                let a = (j * columns.len() + i) as u32;
                let next = columns.len() as u32;
                thinned.triangles.push([a, a + 1, a + next + 1]);
                thinned.triangles.push([a, a + next + 1, a + next]);
            }
        }
    }
    thinned
}

/// Mean light on the front of the face.
fn mean_light(head: &Head, light: &[Vec3]) -> Vec3 {
    let is_front = |at: &Vec3| at.z > 50.0 && (-100.0..50.0).contains(&at.y);
    let mut sum = Vec3::ZERO;
    let mut count = 0.0;
    for (_, light) in head.grid.average.iter().zip(light).step_by(7).filter(|(at, _)| is_front(at)) {
        sum += *light;
        count += 1.0;
    }
    sum * (1.0 / f32::max(count, 1.0))
}

/// Exposed for the face; dark skin a little longer, as a camera's meter does.
fn exposure(head: &Head, lighting: &Lighting, mean: Vec3) -> f32 {
    let reflected = skin::tone(head.who.skin.melanin, head.who.skin.blood).luminance();
    lighting.exposure / mean.y.max(1e-3) * (0.42 / reflected).powf(0.4).clamp(0.85, 1.75)
}

/// Each pixel as `SAMPLES` x `SAMPLES` equal samples.
fn repeated(picture: &Canvas) -> Canvas {
    let mut samples = Canvas::new(picture.width * SAMPLES, picture.height * SAMPLES);
    for (row, into) in samples.pixels.chunks_exact_mut(picture.width * SAMPLES).enumerate() {
        let from = &picture.pixels[row / SAMPLES * picture.width..];
        for (column, sample) in into.iter_mut().enumerate() {
            *sample = from[column / SAMPLES];
        }
    }
    samples
}
