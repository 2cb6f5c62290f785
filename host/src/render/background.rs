//! What stands behind the person, out of focus.

use super::canvas::Canvas;
use super::random::Random;
use super::vector::{Vec3, vec3};

/// A wall with a gradient, and up to sixteen things on or before it.
pub fn background(width: usize, height: usize, mut random: Random) -> Canvas {
    let r = &mut random;
    let (small_width, small_height) = (96, (96 * height / width).max(2));
    let mut small = Canvas::new(small_width, small_height);
    let brightness = r.range(0.08, 1.0);
    let from = muted(r, brightness);
    let to_brightness = brightness * r.range(0.6, 1.3);
    let to = muted(r, to_brightness);
    let slant = r.unit();
    for y in 0..small_height {
        for x in 0..small_width {
            let (across, down) = (x as f32 / small_width as f32, y as f32 / small_height as f32);
            small.pixels[y * small_width + x] = from.lerp(to, slant * across + (1.0 - slant) * down);
        }
    }
    let things = if r.chance(0.3) { 0 } else { r.below(17) };
    for _ in 0..things {
        let thing_brightness = brightness * r.range(0.2, 1.6);
        let color = muted(r, thing_brightness);
        let (left, top) = (r.range(-20.0, small_width as f32), r.range(-20.0, small_height as f32));
        small.fill(left, top, r.range(4.0, 45.0), r.range(4.0, 50.0), color);
    }
    small.blur(r.range(0.5, 3.0));
    enlarged(&small, width, height)
}

fn muted(r: &mut Random, brightness: f32) -> Vec3 {
    vec3(r.unit(), r.unit(), r.unit()).lerp(vec3(0.5, 0.48, 0.45), 0.86) * brightness
}

fn enlarged(small: &Canvas, width: usize, height: usize) -> Canvas {
    let mut large = Canvas::new(width, height);
    for y in 0..height {
        for x in 0..width {
            large.pixels[y * width + x] = small.at(x as f32 / width as f32, y as f32 / height as f32);
        }
    }
    large
}
