//! The smooth functions of which the head is made, and value noise.

use super::vector::{Vec3, vec3};

/// Straight from `from` (0) to `to` (1).
pub fn lerp(from: f32, to: f32, share: f32) -> f32 {
    from + (to - from) * share
}

/// Cut to 0..=1.
pub fn saturate(value: f32) -> f32 {
    value.clamp(0.0, 1.0)
}

/// Rises smoothly from 0 at `from` to 1 at `to`; falls where `from` is the larger.
pub fn smooth_step(from: f32, to: f32, value: f32) -> f32 {
    let t = saturate((value - from) / (to - from));
    t * t * (3.0 - 2.0 * t)
}

/// Gaussian of `distance / width`, 1 at 0; cut where it is below 4e-5.
pub fn bump(distance: f32, width: f32) -> f32 {
    let q = distance / width;
    if q.abs() > 3.2 { 0.0 } else { (-q * q).exp() }
}

/// Product of two Gaussians.
pub fn bump2(dx: f32, width: f32, dy: f32, height: f32) -> f32 {
    let (a, b) = (dx / width, dy / height);
    let q = a * a + b * b;
    if q > 9.0 { 0.0 } else { (-q).exp() }
}

/// The larger of both, rounded where they are within `blend`.
pub fn soft_max(a: f32, b: f32, blend: f32) -> f32 {
    let near = (blend - (a - b).abs()).max(0.0) / blend;
    a.max(b) + near * near * blend * 0.25
}

/// Catmull-Rom spline through knots with rising x; constant outside of them.
pub fn curve(knots: &[(f32, f32)], x: f32) -> f32 {
    let last = knots.len() - 1;
    if x <= knots[0].0 {
        return knots[0].1;
    }
    if x >= knots[last].0 {
        return knots[last].1;
    }
    let mut i = 0;
    while knots[i + 1].0 < x {
        i += 1;
    }
    let slope = |from: (f32, f32), to: (f32, f32)| (to.1 - from.1) / (to.0 - from.0);
    let (start, end) = (knots[i], knots[i + 1]);
    let into = if i > 0 { slope(knots[i - 1], end) } else { slope(start, end) };
    let out_of = if i + 2 <= last { slope(start, knots[i + 2]) } else { slope(start, end) };
    let width = end.0 - start.0;
    let t = (x - start.0) / width;
    let (t2, t3) = (t * t, t * t * t);
    (2.0 * t3 - 3.0 * t2 + 1.0) * start.1
        + (t3 - 2.0 * t2 + t) * width * into
        + (3.0 * t2 - 2.0 * t3) * end.1
        + (t3 - t2) * width * out_of
}

/// Smooth value noise in -1..=1 with cells of side 1.
pub fn noise(p: Vec3) -> f32 {
    let (x, y, z) = (floor(p.x), floor(p.y), floor(p.z));
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (tx, ty, tz) = (ease(p.x - x as f32), ease(p.y - y as f32), ease(p.z - z as f32));
    // Each coordinate's share of a lattice point's hash.
    let share =
        |cell: i32, factor: u32| [cell, cell.wrapping_add(1)].map(|c| (c as u32).wrapping_mul(factor));
    let (hx, hy, hz) = (share(x, 0x8da6_b343), share(y, 0xd816_3841), share(z, 0xcb1a_b31f));
    let edge = |hash: u32| lerp(scatter(hash ^ hx[0]), scatter(hash ^ hx[1]), tx);
    let plane = |hash: u32| lerp(edge(hash ^ hy[0]), edge(hash ^ hy[1]), ty);
    lerp(plane(hz[0]), plane(hz[1]), tz)
}

/// Sum of `octaves` noises, each half as strong and twice as fine as the one before.
pub fn layered_noise(p: Vec3, octaves: u32) -> f32 {
    let (mut sum, mut strength, mut q) = (0.0, 0.5, p);
    for octave in 0..octaves {
        sum += strength * noise(q);
        strength *= 0.5;
        q = q * 2.03 + vec3(17.3, 5.1 * octave as f32, 9.7);
    }
    sum
}

/// Rounds down; far quicker than the library's call where the processor has no instruction for it.
fn floor(value: f32) -> i32 {
    let cut = value as i32;
    cut - i32::from((cut as f32) > value)
}

/// A number in -1..1 for a hash.
fn scatter(mut hash: u32) -> f32 {
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x2c1b_3c6d);
    hash ^= hash >> 12;
    hash = hash.wrapping_mul(0x297a_2d39);
    hash ^= hash >> 15;
    (hash & 0x00ff_ffff) as i32 as f32 * (2.0 / 16_777_216.0) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_pass_through_their_knots() {
        let knots = [(-2.0, 1.0), (0.0, 3.0), (1.0, -1.0), (4.0, 0.5)];
        for (x, y) in knots {
            assert!((curve(&knots, x) - y).abs() < 1e-6);
        }
        assert_eq!(curve(&knots, -9.0), 1.0);
        assert_eq!(curve(&knots, 9.0), 0.5);
    }

    #[test]
    fn noise_stays_within_one_and_is_continuous() {
        for k in 0..2000 {
            let p = vec3(k as f32 * 0.37 - 300.0, k as f32 * 0.11, -k as f32 * 0.05);
            assert!(noise(p).abs() <= 1.0);
            assert!((noise(p) - noise(p + vec3(1e-3, 0.0, 0.0))).abs() < 0.01);
        }
    }
}
