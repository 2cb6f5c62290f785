//! Hair of the head: strands are grown once a person, and drawn in every picture.

use super::camera::Camera;
use super::canvas::Canvas;
use super::drawn_identity::GRAY;
use super::hair::{cover, free_angle, grayness, hang, parting, stand_off};
use super::identity::{Covering, HairStyle, Identity};
use super::light::Lighting;
use super::random::Random;
use super::raster::{Stroke, Visibility, draw_line};
use super::skull;
use super::smooth::{lerp, noise, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use super::warp::warp;
use std::f32::consts::TAU;

/// Lines of a strand that hangs, and of one that stands.
const FALLING_STEPS: usize = 15;
const STANDING_STEPS: usize = 5;

/// One strand as a line of places on the head.
#[derive(Debug, Clone)]
pub struct Strand {
    points: Vec<Vec3>,
    normals: Vec<Vec3>,
    color: Vec3,
    /// 0 next to the scalp to 1 outermost.
    layer: f32,
    /// Fine at the hairline.
    alpha: f32,
}

/// How one person wears the hair.
struct Cut {
    style: HairStyle,
    falls: bool,
    length: f32,
    curl: f32,
    coil: f32,
    /// Half width and half length of the waves of a falling strand, millimeters.
    wave: [f32; 2],
    /// How unevenly falling hair ends, millimeters.
    layered: f32,
    has_fringe: bool,
    sweep: f32,
    forward: f32,
}

impl Cut {
    fn random(who: &Identity, r: &mut Random) -> Cut {
        let style = who.hair.style;
        Cut {
            style,
            falls: who.hair.falls(),
            curl: r.range(0.0, 0.35) * if r.chance(0.3) { 2.2 } else { 1.0 },
            coil: if matches!(style, HairStyle::Short | HairStyle::Rim) { who.hair.coil } else { 0.0 },
            wave: [if r.chance(0.5) { r.range(0.0, 1.5) } else { r.range(1.5, 5.0) }, r.range(14.0, 32.0)],
            layered: r.range(4.0, 22.0),
            has_fringe: style != HairStyle::Back && r.chance(0.3),
            sweep: r.range(-1.0, 1.0),
            forward: r.range(-0.3, 0.9),
            length: match style {
                HairStyle::Short => r.range(14.0, 34.0),
                HairStyle::Rim => r.range(8.0, 16.0),
                _ => r.range(70.0, 110.0),
            },
        }
    }

    /// Direction in which hair leaves the scalp at a root.
    fn comb(&self, root: &Root) -> Vec3 {
        let (at, normal, tuft) = (root.at, root.normal, root.tuft);
        if self.coil > 0.0 {
            return normal + tuft * 0.4;
        }
        let away = if at.x > root.parting { 1.0 } else { -1.0 };
        match self.style {
            HairStyle::Short if at.y > 45.0 => vec3(0.9 * self.sweep, 0.05, self.forward) + normal * 0.12,
            HairStyle::Short | HairStyle::Rim => vec3(0.0, -1.0, -0.45) + normal * 0.03 - tuft * 0.25,
            HairStyle::Back => {
                let up = 1.3 * smooth_step(20.0, 85.0, at.z) + 0.25 * smooth_step(20.0, -40.0, at.y);
                vec3(-0.1 * away, up, -1.0) - tuft * 0.28
            }
            _ if root.is_fringe => vec3(0.4 * self.sweep, -0.5, 0.7),
            _ => vec3(away * 0.95, -0.25, if at.z > 0.0 { -0.45 } else { -0.1 }),
        }
    }

    fn gravity(&self) -> f32 {
        match self.style {
            HairStyle::Back => 0.0,
            _ if self.falls => 0.30,
            _ => 0.10,
        }
    }
}

/// Where a strand begins.
struct Root {
    at: Vec3,
    normal: Vec3,
    /// Common to the strands of one tuft.
    tuft: Vec3,
    layer: f32,
    is_fringe: bool,
    /// How much farther or nearer to the face it may fall.
    margin: f32,
    stand_off: f32,
    /// Share of hair on the scalp here.
    cover: f32,
    /// Where the hair parts.
    parting: f32,
}

/// Grows all strands.
pub fn grow(who: &Identity) -> Vec<Strand> {
    if who.covering.as_ref().is_some_and(Covering::hides_hair) {
        return Vec::new();
    }
    let count = match who.hair.style {
        HairStyle::Bald | HairStyle::Buzz => return Vec::new(),
        HairStyle::Rim => 3000,
        HairStyle::Short if who.hair.coil > 0.0 => 5600,
        HairStyle::Short => 5200,
        HairStyle::Back => 4600,
        HairStyle::Medium | HairStyle::Long => 4200,
    };
    let mut random = Random::new(who.seed ^ 0x51ab);
    let cut = Cut::random(who, &mut random);
    let mut strands = Vec::with_capacity(count);
    let mut planted = 0;
    for _ in 0..count * 12 {
        if planted == count {
            break;
        }
        if let Some(root) = plant(who, &cut, &mut random) {
            planted += 1;
            strands.extend(seen_part(grow_strand(who, &cut, &root, &mut random), who));
        }
    }
    strands
}

/// What comes out below a covering.
fn seen_part(mut strand: Strand, who: &Identity) -> Option<Strand> {
    let Some(covering) = &who.covering else { return Some(strand) };
    let from =
        strand.points.iter().rposition(|place| covering.depth(*place) > -2.0).map_or(0, |last| last + 1);
    if from + 2 > strand.points.len() {
        return None;
    }
    strand.points.drain(..from);
    strand.normals.drain(..from);
    Some(strand)
}

fn plant(who: &Identity, cut: &Cut, r: &mut Random) -> Option<Root> {
    let angle = r.range(-std::f32::consts::PI, std::f32::consts::PI);
    let y = if r.chance(0.65) { 40.0 + 71.5 * (r.unit() * 1.5).sin() } else { r.range(-85.0, 60.0) };
    let radius = skull::radius(angle, y);
    let at = vec3(radius * angle.sin(), y, radius * angle.cos());
    // What grows behind is not seen.
    if at.z < -40.0 && r.chance(0.7) {
        return None;
    }
    let cover = cover(at, who);
    if !r.chance(cover) {
        return None;
    }
    let layer = r.unit();
    let cell = vec3((angle * 9.0).floor(), (y / 9.0).floor(), 0.0) * 1.7;
    Some(Root {
        at,
        normal: vec3(at.x, (y - 20.0) * if y > 20.0 { 1.0 } else { 0.2 }, at.z).unit(),
        tuft: vec3(noise(cell), noise(cell + vec3(9.0, 0.0, 0.0)), noise(cell + vec3(0.0, 9.0, 4.0))),
        layer,
        is_fringe: cut.has_fringe && at.z > 40.0 && at.x.abs() < 45.0 && layer > 0.4,
        margin: r.range(-0.05, 0.08),
        // Lower toward the hairline.
        stand_off: stand_off(at, who) * lerp(0.3, 1.0, self::cover(at + vec3(0.0, -14.0, 0.0), who)),
        cover,
        parting: parting(who, at),
    })
}

fn grow_strand(who: &Identity, cut: &Cut, root: &Root, r: &mut Random) -> Strand {
    let fine = lerp(0.55, 1.0, root.cover);
    // Falling hair is cut at one height, whatever its root.
    let stop = if root.is_fringe {
        r.range(22.0, 36.0)
    } else {
        who.hair.end + cut.layered * (1.2 * r.normal() + root.tuft.z)
    };
    let (length, steps) = if cut.falls {
        ((1.25 * (root.at.y - stop) + 30.0).clamp(30.0, 420.0), FALLING_STEPS)
    } else if cut.style == HairStyle::Back {
        let shorter = if root.at.y < 40.0 { 0.5 } else { 1.0 };
        (cut.length * r.range(0.7, 1.15) * shorter, FALLING_STEPS)
    } else {
        let coiled = lerp(1.0, 0.55, cut.coil);
        (cut.length * coiled * r.range(0.6, 1.2) * fine, STANDING_STEPS)
    };
    let scatter = vec3(r.normal(), r.normal(), r.normal()) * if cut.coil > 0.0 { 0.5 } else { 0.10 };
    let mut direction = (cut.comb(root) + root.tuft * 0.35 + scatter).unit();
    let color = strand_color(who, root, r);
    let phase = r.range(0.0, TAU);
    // The strands of one tuft wave together.
    let wave_phase = 4.0 * root.tuft.x + 0.5 * r.normal();
    let mut place = warp(root.at, who) + root.normal * (root.stand_off * (0.25 + 0.6 * root.layer));
    let mut normal = root.normal;
    let (mut points, mut normals) = (vec![place], vec![normal]);
    let step_length = length / steps as f32;
    for step in 0..steps {
        let turn = phase + step as f32 / steps as f32 * 14.0;
        let curl = vec3(turn.sin(), 0.0, turn.cos()) * (cut.curl * 0.175);
        let coil = vec3(r.normal(), r.normal(), r.normal()) * (0.9 * cut.coil);
        direction = (direction + vec3(0.0, -cut.gravity(), 0.0) + root.tuft * 0.04 + curl + coil).unit();
        let free = place + direction * step_length;
        let Some(next) = stay_outside(who, cut, root, free) else { break };
        if next.y < 40.0 && cut.falls {
            direction = direction.lerp(vec3(0.0, -1.0, 0.0), 0.45).unit();
        }
        let next = leave_face_free(who, cut, root, next);
        let falls_below = (cut.falls || root.is_fringe) && next.y < stop;
        if falls_below {
            break;
        }
        normal = normal.lerp(vec3(next.x, (next.y - 20.0).max(0.0), next.z).unit(), 0.6).unit();
        place = next;
        points.push(if cut.falls {
            next + wave(cut, next, length * step as f32 / steps as f32, wave_phase)
        } else {
            next
        });
        normals.push(normal);
    }
    Strand { points, normals, color, layer: root.layer, alpha: 0.9 * lerp(0.4, 1.0, root.cover) }
}

/// Sideways shift of a falling strand `along` millimeters from its root.
fn wave(cut: &Cut, place: Vec3, along: f32, phase: f32) -> Vec3 {
    let grown = smooth_step(30.0, 120.0, along) * cut.wave[0];
    let angle = along / cut.wave[1] * std::f32::consts::PI * 0.5 + phase;
    vec3(place.z, 0.0, -place.x).unit() * (grown * angle.sin())
        + vec3(place.x, 0.0, place.z).unit() * (0.6 * grown * angle.cos())
}

/// Strands differ, tufts differ, and some have gone gray.
fn strand_color(who: &Identity, root: &Root, r: &mut Random) -> Vec3 {
    let is_gray = r.chance(grayness(root.at, who));
    let color = if is_gray { GRAY } else { who.hair.pigment };
    let varied = 1.0 + 0.30 * r.normal() + 0.30 * root.tuft.x;
    (color * varied.max(0.25)).lerp(vec3(0.004, 0.003, 0.003), 0.05).at_least(0.002)
}

/// Pushes a place out of the head, the neck and the shoulders; none where the strand ends on a shoulder.
fn stay_outside(who: &Identity, cut: &Cut, root: &Root, place: Vec3) -> Option<Vec3> {
    let wider = 1.0 + who.skull.width;
    let angle = place.x.atan2(place.z);
    let hanging = if angle.abs() > 0.5 && cut.falls && !root.is_fringe {
        smooth_step(30.0, -30.0, place.y)
    } else {
        0.0
    };
    let close = if who.hair.behind_ears { 0.5 } else { 1.0 };
    let off = (root.stand_off * (0.55 + 0.55 * root.layer) + 2.0) * lerp(1.0, close, hanging)
        + hanging * close * (1.0 + 4.0 * root.layer);
    if place.y > 40.0 {
        let up = place.y - 40.0;
        let shell = ((place.x / (75.0 * wider + off)).powi(2)
            + (place.z / (97.0 + off)).powi(2)
            + (up / (72.0 + who.skull.forehead + off)).powi(2))
        .sqrt()
        .max(1e-3);
        if cut.coil > 0.0 && shell > 1.0 {
            return Some(place);
        }
        // Outside of the shell always, close to it mostly.
        let factor = if shell < 1.0 { 1.0 / shell } else { 1.0 / lerp(1.0, shell, 0.35) };
        return Some(vec3(place.x * factor, 40.0 + up * factor, place.z * factor));
    }
    let toward_face = smooth_step(0.0, 0.5, angle.abs() - smooth_step(72.0, 10.0, place.y) * 1.14);
    let edge = if root.is_fringe { 1.0 } else { lerp(0.12, 1.0, toward_face) };
    // The mass of falling hair lies below its outer strands.
    let least = hanging * hang(place.y, who);
    let need = skull::radius(angle, place.y.clamp(-240.0, 104.0)).max(least) * wider + off * edge;
    let radius = place.x.hypot(place.z);
    if place.y < -120.0 && need > radius + 22.0 {
        return None;
    }
    let mut factor = if radius < need { (need / radius.max(1.0)).min(1.6) } else { 1.0 };
    let clings = !cut.falls || edge < 0.95;
    if clings && cut.coil <= 0.0 && radius * factor > need + 1.0 {
        factor *= lerp(1.0, (need + 1.0) / (radius * factor), 0.6);
    }
    Some(vec3(place.x * factor, place.y, place.z * factor))
}

fn leave_face_free(who: &Identity, cut: &Cut, root: &Root, place: Vec3) -> Vec3 {
    if root.is_fringe || cut.coil > 0.0 {
        return place;
    }
    let free = if cut.falls { free_angle(place.y, who) } else { 1.10 * smooth_step(72.0, 10.0, place.y) };
    let limit = free * (1.0 + 0.06 * root.layer + root.margin);
    let angle = place.x.atan2(place.z);
    if angle.abs() >= limit {
        return place;
    }
    let radius = place.x.hypot(place.z);
    let angle = limit * if place.x < 0.0 { -1.0 } else { 1.0 };
    vec3(radius * angle.sin(), place.y, radius * angle.cos())
}

/// Draws the strands over what is already seen. `scale` is samples a millimeter.
pub fn draw(
    strands: &[Strand],
    camera: &Camera,
    lighting: &Lighting,
    exposure: f32,
    scale: f32,
    canvas: &mut Canvas,
    seen: &mut Visibility,
) {
    for strand in strands {
        let is_long = strand.points.len() > 8;
        // What stands behind the head is hidden by it.
        if !is_long && camera.turn(strand.normals[0]).z < -0.25 {
            continue;
        }
        let thickness = scale * if is_long { 0.75 } else { 0.45 };
        let steps = strand.points.len() as f32 - 1.0;
        let mut from = camera.project(camera.pose(strand.points[0]));
        for k in 1..strand.points.len() {
            let (place, along) = (strand.points[k], (k - 1) as f32 / steps);
            let to = camera.project(camera.pose(place));
            let tangent = (place - strand.points[k - 1]).unit();
            let color = shade(lighting, tangent, strand.normals[k], strand.color, depth_shade(strand, place));
            let stroke = Stroke {
                width: (thickness * (1.0 - 0.5 * along * along)).max(0.7),
                color: color * exposure,
                alpha: strand.alpha,
                bias: 0.5,
                hides: true,
            };
            draw_line(canvas, seen, from, to, &stroke);
            from = to;
        }
    }
}

/// Inner layers, and what hangs beside the neck, get less light.
fn depth_shade(strand: &Strand, place: Vec3) -> f32 {
    let layer = 0.35 + 0.75 * strand.layer;
    if place.y >= 0.0 {
        return layer;
    }
    layer * lerp(1.0, 0.55, smooth_step(0.0, -110.0, place.y) * smooth_step(40.0, -10.0, place.z))
}

/// Kajiya and Kay's model of a thin cylinder.
fn shade(lighting: &Lighting, tangent: Vec3, normal: Vec3, color: Vec3, depth: f32) -> Vec3 {
    const TOWARD_CAMERA: Vec3 = vec3(0.0, 0.0, 1.0);
    let mut light = color * ((0.30 + 0.25 * normal.y.max(0.0)) * depth);
    for (direction, radiance) in lighting.highlights.iter().zip(lighting.highlight_colors) {
        let along = tangent.dot(*direction);
        let facing = normal.dot(*direction);
        let diffuse = (1.0 - along * along).max(0.0).sqrt() * saturate(facing * 0.8 + 0.25);
        let half_along = tangent.dot((*direction + TOWARD_CAMERA).unit());
        let gloss = (1.0 - half_along * half_along).max(0.0).powi(22) * saturate(facing + 0.15);
        let tinted = color * 0.5 + vec3(0.035, 0.034, 0.032);
        light += color * radiance * (1.1 * diffuse * depth) + radiance * tinted * (0.75 * gloss * depth);
    }
    light
}
