//! Headscarves, caps, turbans, hats: where they lie on the head, how they stand off it, and their color.
//!
//! A covering is the head's own surface lifted off it, so that it takes light and throws shadows as skin does; only
//! peaks and brims are sheets of their own.

use super::identity::{Covering, CoveringKind, Drape, Identity};
use super::mesh::{Material, Patch};
use super::skull;
use super::smooth::{bump, curve, lerp, noise, saturate, smooth_step};
use super::vector::{Vec3, vec3};
use super::warp::warp;
use std::f32::consts::{PI, TAU};

/// Height of each kind's lower edge over the angle from the front, degrees; a headscarf's is found otherwise.
fn lower_edge(covering: &Covering) -> &'static [(f32, f32)] {
    match covering.kind {
        CoveringKind::KnittedCap | CoveringKind::SurgicalCap if covering.over_ears => &[
            (0.0, 52.0),
            (25.0, 50.0),
            (48.0, 34.0),
            (64.0, 0.0),
            (76.0, -32.0),
            (110.0, -44.0),
            (180.0, -50.0),
        ],
        CoveringKind::KnittedCap => &[(0.0, 50.0), (30.0, 47.0), (60.0, 33.0), (90.0, 27.0), (180.0, -20.0)],
        CoveringKind::SurgicalCap => &[(0.0, 60.0), (30.0, 55.0), (60.0, 34.0), (90.0, 27.0), (180.0, -40.0)],
        CoveringKind::Turban => {
            &[(0.0, 60.0), (12.0, 55.0), (35.0, 45.0), (60.0, 32.0), (90.0, 26.0), (180.0, -20.0)]
        }
        CoveringKind::Bandana => &[(0.0, 56.0), (30.0, 53.0), (60.0, 40.0), (90.0, 30.0), (180.0, 0.0)],
        _ => &[(0.0, 56.0), (30.0, 53.0), (60.0, 44.0), (90.0, 36.0), (180.0, 10.0)],
    }
}

impl Covering {
    /// Whether nothing of the ears is seen.
    pub fn hides_ears(&self) -> bool {
        match self.kind {
            CoveringKind::Headscarf => true,
            CoveringKind::KnittedCap | CoveringKind::SurgicalCap => self.over_ears,
            _ => false,
        }
    }

    /// Whether no hair of the head is seen.
    pub fn hides_hair(&self) -> bool {
        self.kind == CoveringKind::Headscarf
    }

    /// Millimeters within the covering's edge at a point of the average head; below 0 it is free.
    pub fn depth(&self, at: Vec3) -> f32 {
        let degrees = at.x.abs().atan2(at.z) * 180.0 / PI;
        if self.kind == CoveringKind::Headscarf {
            return self.scarf_depth(at.y, degrees);
        }
        let droop = noise(vec3(at.x * 0.02, 0.0, 2.0)) * 2.0;
        at.y - curve(lower_edge(self), degrees) - self.edge * smooth_step(80.0, 30.0, degrees) + droop
    }

    /// The face looks out of an oval that narrows toward the chin.
    fn scarf_depth(&self, y: f32, degrees: f32) -> f32 {
        if y > 0.0 {
            return 60.0 * ((degrees / 62.0).hypot(y / (61.0 + self.edge)) - 1.0);
        }
        let limit = match self.drape {
            Drape::Behind => {
                curve(&[(-150.0, 118.0), (-120.0, 104.0), (-90.0, 84.0), (-50.0, 68.0), (0.0, 62.0)], y)
            }
            Drape::Sides => {
                let knots = [
                    (-260.0, 30.0),
                    (-210.0, 34.0),
                    (-160.0, 52.0),
                    (-125.0, 66.0),
                    (-85.0, 66.0),
                    (-40.0, 66.0),
                    (0.0, 62.0),
                ];
                curve(&knots, y)
            }
            Drape::Around => curve(&[(-125.0, 58.0), (-95.0, 58.0), (-50.0, 65.0), (0.0, 62.0)], y),
        };
        let side = 1.2 * (degrees - limit);
        let end = match self.drape {
            Drape::Behind => y + 175.0,
            Drape::Sides => y + 275.0,
            Drape::Around => y + 205.0,
        };
        let below_chin = if self.drape == Drape::Around { -121.0 - y - 0.06 * degrees } else { -99.0 };
        side.max(below_chin).min(end)
    }

    /// Folds at a point, -1 to 1.
    fn folds(&self, at: Vec3, depth: f32) -> f32 {
        let degrees = at.x.atan2(at.z) * 180.0 / PI;
        match self.kind {
            CoveringKind::Headscarf if at.y < -100.0 => {
                let across = if self.drape == Drape::Around {
                    vec3(at.x * 0.015, at.y * 0.11, 1.0)
                } else {
                    vec3(at.x * 0.13, at.y * 0.012, 1.0)
                };
                noise(across) + 0.4 * noise(across * 2.3)
            }
            CoveringKind::Headscarf => {
                let along = vec3(depth * 0.10, at.y * 0.012 + degrees * 0.004, 6.0);
                noise(along) + 0.5 * noise(along * 2.2)
            }
            CoveringKind::Turban => {
                // Layers wound upward from one side.
                let layer = (at.y + 0.4 * at.x + 0.15 * at.z + 4.0 * noise(at * 0.015)) / 17.0;
                let t = layer.rem_euclid(1.0);
                2.0 * smooth_step(0.0, 0.75, t) * smooth_step(1.0, 0.85, t) - 1.0
            }
            CoveringKind::SurgicalCap => {
                let gathered = noise(vec3(degrees * 0.16, at.y * 0.02, 2.0)) * smooth_step(35.0, 4.0, depth);
                gathered + 0.6 * noise(at * 0.05)
            }
            CoveringKind::Bandana => noise(vec3(degrees * 0.02, depth * 0.12, 2.0)),
            CoveringKind::KnittedCap => 0.3 * noise(at * 0.04),
            _ => 0.0,
        }
    }

    /// How far the covering is lifted off the head, sideways and upward, in millimeters.
    pub fn lift(&self, at: Vec3) -> Vec3 {
        let depth = self.depth(at);
        if depth < -1.0 {
            return Vec3::ZERO;
        }
        let edge = smooth_step(-1.0, 2.5, depth);
        let top = smooth_step(45.0, 110.0, at.y);
        let folds = self.folds(at, depth);
        let thickness = match self.kind {
            CoveringKind::Headscarf => self.scarf_thickness(at, depth, folds),
            CoveringKind::KnittedCap => {
                let cuff = 3.0 * smooth_step(32.0, 29.0, depth);
                5.5 + cuff + 2.0 * folds + 20.0 * self.volume * top * top
            }
            CoveringKind::Turban => {
                (12.0 + 10.0 * smooth_step(0.0, 26.0, depth)) * self.volume + 2.4 * folds + 6.0 * top
            }
            CoveringKind::Cap => 6.0 + 9.0 * smooth_step(0.0, 40.0, depth) * self.volume,
            CoveringKind::Hat => 7.0 + (26.0 * self.volume + 6.0) * smooth_step(12.0, 60.0, depth),
            CoveringKind::Bandana => 3.5 + 1.2 * folds + 3.0 * top,
            CoveringKind::SurgicalCap => {
                3.0 + (6.0 + 8.0 * self.volume) * smooth_step(0.0, 30.0, depth) + 2.0 * folds
            }
        };
        let outward = vec3(at.x, if at.y > 40.0 { (at.y - 20.0) * 1.2 } else { 0.0 }, at.z).unit();
        outward * (edge * thickness.max(1.5))
    }

    fn scarf_thickness(&self, at: Vec3, depth: f32, folds: f32) -> f32 {
        let inward = smooth_step(0.0, 14.0, depth);
        let cap = 3.5 + (3.0 + 5.0 * self.volume) * inward + 2.2 * folds * inward;
        if at.y > -30.0 {
            return cap;
        }
        // Below the jaw it hangs down from its width rather than follow the neck.
        let radius = at.x.hypot(at.z);
        let hang = match self.drape {
            Drape::Behind => 66.0,
            Drape::Sides => lerp(80.0, 88.0, smooth_step(-90.0, -150.0, at.y)),
            Drape::Around => 74.0,
        };
        let sides = smooth_step(-30.0, -80.0, at.y) * inward;
        let fallen = (hang + 4.0 * folds - radius).max(6.0 + 3.0 * folds);
        if self.drape == Drape::Around && at.y < -121.0 {
            // Loose around the throat.
            let loose = (lerp(58.0, 74.0, smooth_step(10.0, 60.0, at.x.abs())) - radius).max(7.0);
            let inward = smooth_step(0.0, 22.0, depth);
            return lerp(4.0, loose, inward) + 5.0 * self.volume * folds * inward;
        }
        lerp(cap, fallen, sides)
    }

    /// Color of the cloth `depth` millimeters within its edge.
    pub fn color(&self, at: Vec3, depth: f32) -> Vec3 {
        let around = at.x.atan2(at.z) * 80.0;
        let folds = self.folds(at, depth);
        let hem = 1.0 - 0.3 * bump(depth - 3.5, 0.8) - 0.25 * smooth_step(1.2, 0.0, depth);
        let shade = hem * (1.0 + 0.22 * folds);
        let color = self.cloth.color_at(around, at.y) * shade;
        match self.kind {
            CoveringKind::KnittedCap => color * (1.0 - 0.5 * bump(depth - 31.0, 1.6)),
            CoveringKind::Cap => {
                let seams = (around / 80.0 / TAU * 6.0 + 0.5).rem_euclid(1.0) - 0.5;
                color * (1.0 - 0.3 * bump(seams * 60.0, 0.8))
            }
            CoveringKind::Hat => {
                let band = smooth_step(2.0, 4.0, depth) * smooth_step(26.0, 24.0, depth);
                color.lerp(self.cloth.second * 0.6, band)
            }
            _ => color,
        }
    }

    /// Peak or brim, if there is one.
    pub fn brim(&self, who: &Identity) -> Option<Patch> {
        let (half_angle, reach) = match self.kind {
            CoveringKind::Cap => (1.05, 62.0),
            CoveringKind::Hat => (PI, 44.0 + 14.0 * self.volume),
            _ => return None,
        };
        const COLUMNS: usize = 13;
        const ROWS: usize = 49;
        let mut vertices = Vec::with_capacity(ROWS * COLUMNS);
        for row in 0..ROWS {
            let turn = row as f32 / (ROWS - 1) as f32 * 2.0 - 1.0;
            let angle = turn * half_angle;
            let degrees = angle.abs() * 180.0 / PI;
            let y = curve(lower_edge(self), degrees) + self.edge * smooth_step(80.0, 30.0, degrees) + 3.0;
            let radius = skull::radius(angle, y) + 4.0;
            for column in 0..COLUMNS {
                let out = column as f32 / (COLUMNS - 1) as f32;
                let place = if self.kind == CoveringKind::Cap {
                    // Longest in the middle, bent down at both sides.
                    let far = reach * (1.0 - turn.powi(2)).max(0.0).sqrt() * out;
                    let (x, z) = (radius * angle.sin(), radius * angle.cos());
                    vec3(
                        x * (1.0 + 0.06 * out),
                        y + 0.10 * far - (0.10 + 9.0 / reach) * far * turn.powi(2),
                        z + far,
                    )
                } else {
                    let far = radius + reach * out * (1.0 - 0.2 * angle.sin().powi(2));
                    let rise = reach * out * out * (0.06 + 0.22 * angle.sin().powi(2));
                    vec3(far * angle.sin(), y + rise - 1.0, far * angle.cos())
                };
                let base = warp(vec3(radius * angle.sin(), y, radius * angle.cos()), who);
                let offset = place - vec3(radius * angle.sin(), y, radius * angle.cos());
                vertices.push((base + offset, vec3(angle * 80.0, out * reach, saturate(out))));
            }
        }
        Some(Patch { columns: COLUMNS, vertices, material: Material::Brim, is_flipped: false })
    }

    /// Color of the brim by its parameters: millimeters around and out, and the share of the way out.
    pub fn brim_color(&self, parameter: Vec3) -> Vec3 {
        let stitch = (parameter.y / 7.0).rem_euclid(1.0) - 0.5;
        let lines = if self.kind == CoveringKind::Cap { 0.15 * bump(stitch * 7.0, 0.6) } else { 0.0 };
        self.cloth.color_at(parameter.x, parameter.y) * (1.0 - lines)
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    const KINDS: [CoveringKind; 7] = [
        CoveringKind::Headscarf,
        CoveringKind::KnittedCap,
        CoveringKind::Turban,
        CoveringKind::Cap,
        CoveringKind::Hat,
        CoveringKind::Bandana,
        CoveringKind::SurgicalCap,
    ];

    fn coverings() -> Vec<Covering> {
        let drawn = (0..4000).filter_map(|seed| Identity::random(Random::new(seed)).covering);
        drawn.collect()
    }

    #[test]
    fn about_one_head_in_eight_is_covered_and_every_kind_occurs() {
        let coverings = coverings();
        assert!((400..560).contains(&coverings.len()), "{}", coverings.len());
        for kind in KINDS {
            assert!(coverings.iter().any(|covering| covering.kind == kind), "{}", kind.name());
        }
    }

    #[test]
    fn no_covering_lies_over_the_features() {
        // Brows, eyes, nose, mouth, chin, and the cheek beside the mouth.
        let features = [
            (40.0, 26.0, 80.0),
            (31.0, 0.0, 80.0),
            (0.0, -40.0, 110.0),
            (25.0, -69.0, 85.0),
            (0.0, -114.0, 80.0),
            (45.0, -65.0, 65.0),
        ];
        for covering in coverings() {
            for (x, y, z) in features {
                let (right, left) = (vec3(-x, y, z), vec3(x, y, z));
                let depth = covering.depth(right).max(covering.depth(left));
                assert!(depth < 0.0, "{} at {x}, {y}: {depth}", covering.kind.name());
                assert_eq!(covering.lift(left), Vec3::ZERO);
            }
        }
    }

    #[test]
    fn most_coverings_leave_the_neck_free() {
        let coverings = coverings();
        let neck = [vec3(0.0, -135.0, 36.0), vec3(20.0, -138.0, 28.0)];
        let is_free = |covering: &&Covering| neck.iter().all(|at| covering.depth(*at) < 0.0);
        let free = coverings.iter().filter(is_free).count();
        assert!(free * 10 > coverings.len() * 8, "{free} of {}", coverings.len());
        assert!(free < coverings.len());
    }
}
