//! What hangs on a wall and stands before it: windows, doors, shelves, pictures, plants, lamps, and mere shapes.

use super::background::{Pattern, Room, paint};
use super::random::Random;
use super::smooth::{noise, smooth_step};
use super::vector::{Vec3, vec3};
use std::f32::consts::{PI, TAU};

/// Adds one thing to a room of a mean brightness.
pub(super) fn furnish(room: &mut Room, brightness: f32, r: &mut Random) {
    let things: [fn(&mut Room, f32, &mut Random); 12] =
        [window, blinds, shelf, door, poster, plant, lamp, cloth, shapes, beam, lights, chair];
    let thing = things[r.below(things.len())];
    thing(room, brightness, r);
}

/// A place for something of about a width and height, mostly within the picture.
fn place(room: &Room, wide: f32, high: f32, r: &mut Random) -> [f32; 4] {
    [r.range(-0.6 * wide, room.aspect - 0.4 * wide), r.range(-0.4 * high, 1.0 - 0.5 * high), wide, high]
}

/// Another brightness than the room's.
fn other(brightness: f32, r: &mut Random) -> Vec3 {
    paint(brightness * r.range(-1.3, 1.0).exp(), r)
}

fn window(room: &mut Room, brightness: f32, r: &mut Random) {
    let [left, top, wide, high] = place(room, 0.0, 0.0, r);
    let (wide, high, top) = (wide + r.range(0.25, 0.7), high + r.range(0.35, 0.8), top - 0.3);
    let frame = other(brightness, r);
    let day = brightness.max(0.25) * r.range(1.0, 4.0);
    let (sky, ground) = (vec3(0.92, 1.0, 1.1) * day, vec3(0.5, 0.55, 0.4) * (day * r.range(0.3, 0.9)));
    let (horizon, own, leaves) = (r.range(0.3, 0.9) * high, r.range(0.0, 300.0), r.range(4.0, 14.0));
    room.rectangle([left, top, wide, high], |x, y| {
        let below = y - horizon + 0.14 * noise(vec3(x * leaves + own, y * leaves, 0.5));
        sky.lerp(ground, smooth_step(-0.01, 0.01, below))
    });
    let bar = r.range(0.008, 0.03);
    let (columns, rows) = (1 + r.below(3), 1 + r.below(3));
    for column in 0..=columns {
        let x = left + wide * column as f32 / columns as f32;
        room.rectangle([x - bar * 0.5, top, bar, high], |_, _| frame);
    }
    for row in 0..=rows {
        let y = top + high * row as f32 / rows as f32;
        room.rectangle([left, y - bar * 0.5, wide, bar], |_, _| frame * 0.85);
    }
}

fn blinds(room: &mut Room, brightness: f32, r: &mut Random) {
    let (wide, high) = (r.range(0.3, 1.2), r.range(0.4, 1.0));
    let pitch = r.range(0.012, 0.06);
    let (slat, gap) = (other(brightness, r), other(brightness * r.range(0.8, 2.5), r));
    let open = r.range(0.1, 0.6);
    let is_upright = r.chance(0.3);
    let area = place(room, wide, high, r);
    room.rectangle(area, |x, y| {
        let phase = (if is_upright { x } else { y } / pitch).rem_euclid(1.0);
        if phase < open { gap } else { slat * (0.7 + 0.5 * phase) }
    });
}

fn shelf(room: &mut Room, brightness: f32, r: &mut Random) {
    let [left, top, wide, high] = {
        let (wide, high) = (r.range(0.3, 0.9), r.range(0.3, 1.0));
        place(room, wide, high, r)
    };
    let (wood, back) = (other(brightness, r), other(brightness * 0.6, r));
    let boards = 1 + r.below(4);
    let tall = high / boards as f32;
    if r.chance(0.7) {
        room.rectangle([left, top, wide, high], |_, _| back);
    }
    for board in 0..boards {
        let foot = top + tall * (board + 1) as f32;
        let mut x = left + 0.01;
        while x < left + wide - 0.02 {
            let thick = r.range(0.008, 0.05);
            let book = tall * r.range(0.4, 0.9);
            let color = other(brightness, r);
            if r.chance(0.85) {
                let band = r.range(0.1, 0.8) * book;
                room.rectangle([x, foot - book, thick, book], |across, y| {
                    let rounded = 0.75 + 0.5 * (across / thick * PI).sin();
                    color * if (y - band).abs() < 0.008 { 1.7 } else { rounded }
                });
            }
            x += thick + 0.002;
        }
        room.rectangle([left, foot - 0.012, wide, 0.018], |_, _| wood);
    }
    room.rectangle([left - 0.012, top, 0.015, high], |_, _| wood * 0.8);
    room.rectangle([left + wide, top, 0.015, high], |_, _| wood * 0.9);
}

fn door(room: &mut Room, brightness: f32, r: &mut Random) {
    let wide = r.range(0.3, 0.6);
    let (left, top) = (r.range(-0.3, room.aspect - 0.1), r.range(-0.3, 0.4));
    let (leaf, frame) = (other(brightness, r), other(brightness, r));
    room.rectangle([left - 0.03, top - 0.03, wide + 0.06, 1.5], |_, _| frame);
    room.rectangle([left, top, wide, 1.5], |_, _| leaf);
    let panels = r.below(4);
    for panel in 0..panels {
        let (y, high) = (top + 0.06 + 0.33 * panel as f32, 0.27);
        room.rectangle([left + 0.06, y, wide - 0.12, high], |_, _| leaf * 0.7);
        room.rectangle([left + 0.07, y + 0.012, wide - 0.13, high - 0.018], |_, _| leaf * 1.08);
    }
    let handle = if r.chance(0.5) { left + 0.04 } else { left + wide - 0.08 };
    let height = top + r.range(0.4, 0.7);
    room.rectangle([handle, height, 0.045, 0.013], |_, _| vec3(0.5, 0.48, 0.42));
}

fn poster(room: &mut Room, brightness: f32, r: &mut Random) {
    let [left, top, wide, high] = {
        let (wide, high) = (r.range(0.12, 0.5), r.range(0.12, 0.6));
        place(room, wide, high, r)
    };
    let (frame, paper) = (other(brightness, r), other(brightness * 1.4, r));
    let edge = r.range(0.004, 0.03);
    room.rectangle([left - edge, top - edge, wide + 2.0 * edge, high + 2.0 * edge], |_, _| frame);
    room.rectangle([left, top, wide, high], |_, _| paper);
    match r.below(3) {
        0 => {
            let ink = other(brightness * 0.4, r);
            let line = r.range(0.012, 0.03);
            let mut y = top + line;
            while y < top + high - line {
                let length = wide * r.range(0.3, 0.85);
                room.rectangle([left + 0.08 * wide, y, length, line * 0.5], |_, _| ink);
                y += line;
            }
        }
        1 => {
            let (dark, fine, own) = (other(brightness, r), r.range(3.0, 20.0), r.range(0.0, 300.0));
            let margin = r.range(0.0, 0.15) * wide;
            room.rectangle(
                [left + margin, top + margin, wide - 2.0 * margin, high - 2.0 * margin],
                |x, y| paper.lerp(dark, 0.5 + 0.5 * noise(vec3(x * fine + own, y * fine, 0.5))),
            );
        }
        _ => {
            for _ in 0..2 + r.below(5) {
                let at = [left + wide * r.range(0.2, 0.8), top + high * r.range(0.2, 0.8)];
                let radii = [wide * r.range(0.05, 0.2), high * r.range(0.05, 0.2)];
                room.ellipse(at, radii, r.range(0.0, PI), 0.1, other(brightness, r));
            }
        }
    }
}

fn plant(room: &mut Room, brightness: f32, r: &mut Random) {
    let root = [r.range(0.0, room.aspect), r.range(0.5, 1.1)];
    let size = r.range(0.12, 0.4);
    let narrow = r.range(0.12, 0.5);
    for _ in 0..12 + r.below(25) {
        let angle = 1.1 * r.normal();
        let reach = size * r.range(0.3, 1.0);
        let at = [root[0] + reach * angle.sin(), root[1] - reach * angle.cos()];
        let leaf = size * r.range(0.12, 0.3);
        let green = vec3(0.28, 0.5, 0.2) * (brightness * r.range(0.3, 1.8));
        room.ellipse(at, [leaf * narrow, leaf], angle + 0.4 * r.normal(), 0.15, green);
    }
    if r.chance(0.6) {
        let pot = other(brightness, r);
        room.rectangle([root[0] - 0.3 * size, root[1], 0.6 * size, 0.6 * size], |_, _| pot);
    }
}

fn lamp(room: &mut Room, brightness: f32, r: &mut Random) {
    let at = [r.range(0.0, room.aspect), r.range(0.0, 0.6)];
    let radius = r.range(0.02, 0.1);
    let warm = vec3(1.1, 1.0, r.range(0.6, 1.0));
    let glow = r.range(2.0, 6.0) * radius;
    let strength = brightness * r.range(0.5, 2.0);
    room.region([at[0] - glow, at[1] - glow, at[0] + glow, at[1] + glow], |x, y, below| {
        let distance = (x - at[0]).hypot(y - at[1]) / glow;
        *below += warm * (strength * (1.0 - distance).max(0.0).powi(2));
    });
    room.ellipse(at, [radius, radius * r.range(0.6, 1.2)], 0.0, 0.2, warm * (brightness + 1.0));
    let stand = other(brightness * 0.5, r);
    if r.chance(0.5) {
        room.rectangle([at[0] - 0.006, at[1] + radius, 0.012, 1.0], |_, _| stand);
    }
}

/// A rectangle with a pattern of its own: a carpet, a curtain, a pin board.
fn cloth(room: &mut Room, brightness: f32, r: &mut Random) {
    let color = other(brightness, r);
    let pattern = Pattern::random(r);
    let (wide, high) = (r.range(0.15, 0.9), r.range(0.15, 1.0));
    let area = place(room, wide, high, r);
    room.rectangle(area, |x, y| color * pattern.at(x, y));
}

/// Round shapes with hard or soft edges.
fn shapes(room: &mut Room, brightness: f32, r: &mut Random) {
    for _ in 0..1 + r.below(8) {
        let at = [r.range(0.0, room.aspect), r.unit()];
        let radii = [r.range(0.02, 0.25), r.range(0.02, 0.25)];
        let softness = if r.chance(0.5) { 0.03 } else { r.unit() };
        room.ellipse(at, radii, r.range(0.0, PI), softness, other(brightness, r));
    }
}

/// A slanting band with hard edges: a beam, a banister, the corner of a room.
fn beam(room: &mut Room, brightness: f32, r: &mut Random) {
    let color = other(brightness, r);
    let angle = if r.chance(0.5) { 0.15 * r.normal() } else { r.range(0.0, TAU) };
    let (sine, cosine) = angle.sin_cos();
    let at = [r.range(0.0, room.aspect), r.unit()];
    let half = if r.chance(0.3) { 0.5 } else { r.range(0.004, 0.08) };
    let aspect = room.aspect;
    room.region([0.0, 0.0, aspect, 1.0], |x, y, below| {
        let across = (x - at[0]) * cosine + (y - at[1]) * sine;
        if (0.0..2.0 * half).contains(&across) {
            *below = color * (1.1 - 0.3 * across / half);
        }
    });
}

/// Far lights out of focus.
fn lights(room: &mut Room, brightness: f32, r: &mut Random) {
    let radius = r.range(0.01, 0.05);
    for _ in 0..5 + r.below(20) {
        let at = [r.range(0.0, room.aspect), r.range(0.0, 0.8)];
        let color = paint((brightness + 0.2) * r.range(0.5, 2.0), r);
        let size = radius * r.range(0.6, 1.4);
        room.ellipse(at, [size, size], 0.0, 0.15, color);
    }
}

/// Bars and a back: a chair, a bed's end, a radiator.
fn chair(room: &mut Room, brightness: f32, r: &mut Random) {
    let [left, top, wide, high] = {
        let (wide, high) = (r.range(0.2, 0.7), r.range(0.15, 0.5));
        place(room, wide, high, r)
    };
    let color = other(brightness, r);
    let (pitch, bar) = (r.range(0.02, 0.1), r.range(0.3, 0.8));
    room.region([left, top, left + wide, top + high], |x, y, below| {
        let phase = ((x - left) / pitch).rem_euclid(1.0);
        let is_rail = y - top < 0.03 || top + high - y < 0.03;
        if is_rail || phase < bar {
            *below = color * if is_rail { 1.1 } else { 0.7 + 0.5 * (phase / bar * PI).sin() };
        }
    });
}
