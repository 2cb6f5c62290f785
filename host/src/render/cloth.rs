//! Woven, knitted and printed cloth: what clothes and coverings of the head look like from near.

use super::identity::{Cloth, Weave};
use super::random::Random;
use super::smooth::{layered_noise, noise, smooth_step};
use super::vector::{Vec3, vec3};
use std::f32::consts::TAU;

/// Usual colors of what people wear: linear, black to white, then blues, reds, earths and greens.
const DYES: [Vec3; 18] = [
    vec3(0.012, 0.012, 0.014),
    vec3(0.03, 0.03, 0.033),
    vec3(0.09, 0.09, 0.095),
    vec3(0.25, 0.25, 0.25),
    vec3(0.46, 0.45, 0.43),
    vec3(0.68, 0.67, 0.65),
    vec3(0.60, 0.55, 0.46),
    vec3(0.018, 0.028, 0.075),
    vec3(0.06, 0.11, 0.22),
    vec3(0.20, 0.30, 0.44),
    vec3(0.12, 0.02, 0.03),
    vec3(0.26, 0.07, 0.06),
    vec3(0.50, 0.27, 0.27),
    vec3(0.16, 0.10, 0.06),
    vec3(0.33, 0.25, 0.15),
    vec3(0.05, 0.07, 0.035),
    vec3(0.08, 0.20, 0.19),
    vec3(0.11, 0.09, 0.14),
];

impl Cloth {
    /// Draws a cloth of any usual color.
    pub fn random(r: &mut Random) -> Cloth {
        let dye = |r: &mut Random| {
            let jitter = vec3(r.range(0.9, 1.1), r.range(0.9, 1.1), r.range(0.9, 1.1));
            DYES[r.below(DYES.len())] * jitter
        };
        let color = dye(r);
        // Patterns are mostly quiet.
        let second = color.lerp(dye(r), r.range(0.15, 0.9));
        Cloth { color, second, weave: Weave::random(r), pitch: r.range(3.0, 14.0) }
    }

    /// Linear color at a place of the cloth, millimeters: x around the body, y up.
    pub fn color_at(&self, x: f32, y: f32) -> Vec3 {
        let phase = |at: f32| (at / self.pitch).rem_euclid(1.0);
        let band = |at: f32, share: f32| {
            let t = phase(at);
            smooth_step(0.0, 0.08, t) * smooth_step(share + 0.08, share, t)
        };
        let worn = 1.0 + 0.10 * layered_noise(vec3(x * 0.03, y * 0.03, 1.0), 2);
        let thread = 1.0 + 0.12 * noise(vec3(x * 0.9, y * 0.9, 7.0));
        let color = match self.weave {
            Weave::Plain => self.color,
            Weave::Knit => {
                let rib = 0.72 + 0.4 * (x * TAU / 4.2).sin().abs();
                self.color * (rib * (1.0 + 0.12 * (y * TAU / 3.4).sin()))
            }
            Weave::Stripes => self.color.lerp(self.second, band(y, 0.4)),
            Weave::Checks => {
                let crossed = 0.5 * (band(x, 0.35) + band(y, 0.35));
                self.color.lerp(self.second, crossed)
            }
            Weave::Print => {
                let at = vec3(x / self.pitch, y / self.pitch, 3.0);
                self.color.lerp(self.second, smooth_step(0.12, 0.25, noise(at * 1.3)))
            }
        };
        color * (worn * thread)
    }
}

impl Weave {
    fn random(r: &mut Random) -> Weave {
        match r.unit() {
            ..0.62 => Weave::Plain,
            ..0.75 => Weave::Knit,
            ..0.85 => Weave::Stripes,
            ..0.93 => Weave::Checks,
            _ => Weave::Print,
        }
    }
}
