//! Draws who it is from a stream of random numbers.

use super::identity::{
    Brows, Cloth, Clothes, Collar, Covering, CoveringKind, Drape, Eyes, Glasses, Hair, HairStyle, Identity,
    Mouth, Nose, Sex, Skin, Skull, Weave,
};
use super::random::Random;
use super::smooth::smooth_step;
use super::vector::{Vec3, vec3};

impl Identity {
    /// Draws a head. Eyes are fitted to what was measured of people: an opening 9.7 mm high with a deviation of 1.2
    /// (Read, Collins, Carney and Iskander, 2006), its width 0.7 mm larger in men, brows 2.5 mm higher in women
    /// (van den Bosch, Leenders and Mulder, 1999). The other distributions are plausible, not measured.
    pub fn random(mut random: Random) -> Identity {
        let r = &mut random;
        let seed = r.bits() >> 16;
        let sex = if r.chance(0.5) { Sex::Female } else { Sex::Male };
        let feminine = if sex == Sex::Female { 1.0 } else { -1.0 };
        let age = r.unit();
        let melanin = {
            let t = r.unit();
            0.08 + 1.85 * t * t
        };
        let dark = smooth_step(0.3, 0.8, melanin);
        let skin = Skin {
            melanin,
            blood: 0.35 + 0.1 * r.normal(),
            freckles: if r.chance(0.25) { r.unit() } else { 0.0 },
            ruddiness: (1.0 + 0.4 * r.normal()).max(0.2),
            oil: r.range(0.3, 1.2),
            stubble: if sex == Sex::Female { 0.0 } else { r.unit() },
            beard: if sex == Sex::Male && r.chance(0.28) { r.range(0.4, 1.0) } else { 0.0 },
        };
        Identity {
            seed,
            sex,
            age,
            skull: Skull::random(r, feminine),
            nose: Nose::random(r, feminine, dark),
            eyes: Eyes::random(r, feminine, dark, age),
            mouth: Mouth::random(r, feminine, dark, age),
            brows: Brows::random(r, feminine),
            skin,
            hair: Hair::random(r, sex, dark, age),
            clothes: Clothes::random(r),
            glasses: if r.chance(0.25) { Some(Glasses::random(r)) } else { None },
            covering: if r.chance(0.12) { Some(Covering::random(r, sex)) } else { None },
        }
    }
}

impl Skull {
    fn random(r: &mut Random, feminine: f32) -> Skull {
        Skull {
            width: 0.035 * r.normal() - 0.012 * feminine,
            height: 0.03 * r.normal() - 0.01 * feminine,
            jaw_width: 0.055 * r.normal() - 0.03 * feminine,
            chin_length: 2.5 * r.normal() - 1.5 * feminine,
            chin_depth: 1.8 * r.normal() - feminine,
            brow_ridge: (1.0 + 0.35 * r.normal() - 0.45 * feminine).max(0.1),
            forehead: 3.0 * r.normal(),
            cheekbone: 1.0 + 0.4 * r.normal(),
            cheek_fat: 0.5 + 1.2 * r.normal(),
            ear_stand: (0.40 + 0.14 * r.normal()).max(0.15),
            ear_size: 1.0 + 0.08 * r.normal() - 0.03 * feminine,
            neck_width: 0.07 * r.normal() - 0.09 * feminine,
        }
    }
}

impl Nose {
    fn random(r: &mut Random, feminine: f32, dark: f32) -> Nose {
        Nose {
            length: 2.2 * r.normal() - feminine,
            width: 0.10 * r.normal() - 0.07 - 0.04 * feminine + 0.20 * dark,
            depth: 1.0 + 0.12 * r.normal() - 0.04 * feminine - 0.12 * dark,
            hump: 1.4 * r.normal() - 0.4 * feminine,
            tip: 1.0 + 0.3 * r.normal(),
            bridge: 1.3 * r.normal() - 1.2 * dark,
            bridge_width: 1.0 + 0.13 * r.normal() + 0.12 * dark,
            upturn: 1.3 * r.normal() + 0.4 * feminine,
            wings: 1.0 + 0.22 * r.normal() + 0.15 * dark,
            nostrils: r.range(0.65, 1.1),
            deviation: 0.9 * r.normal(),
        }
    }
}

impl Eyes {
    fn random(r: &mut Random, feminine: f32, dark: f32, age: f32) -> Eyes {
        let light_eyed = 1.0 - dark;
        let iris_color = if r.chance(0.35 * light_eyed) {
            vec3(0.16, 0.24, 0.33) * r.range(0.7, 1.3)
        } else if r.chance(0.3 * light_eyed) {
            vec3(0.2, 0.2, 0.09) * r.range(0.7, 1.2)
        } else {
            vec3(0.12, 0.055, 0.025) * r.range(0.5, 1.4)
        };
        Eyes {
            spacing: 1.1 * r.normal(),
            scale: 1.0 + 0.05 * r.normal(),
            tilt: 0.04 * r.normal() + 0.015 * feminine,
            depth: 1.2 * r.normal(),
            opening: (1.05 + 0.12 * r.normal() + 0.03 * feminine - 0.08 * age).max(0.6),
            crease: (0.75 + 0.45 * r.normal()).clamp(0.0, 1.6),
            bags: 0.3 + 0.6 * age * r.unit(),
            iris_color,
            iris_radius: 5.9 + 0.15 * r.normal(),
            pupil_radius: r.range(1.4, 2.6),
        }
    }
}

impl Mouth {
    fn random(r: &mut Random, feminine: f32, dark: f32, age: f32) -> Mouth {
        Mouth {
            width: 0.06 * r.normal(),
            philtrum: 1.3 * r.normal() - 0.6 * feminine,
            upper_lip: (1.0 + 0.2 * r.normal() + 0.05 * feminine + 0.3 * dark - 0.25 * age).max(0.5),
            lower_lip: (1.0 + 0.18 * r.normal() + 0.05 * feminine + 0.25 * dark - 0.2 * age).max(0.55),
            redness: if feminine > 0.0 { r.range(0.7, 1.7) } else { r.range(0.5, 1.0) },
            fold: (0.25 + 0.5 * age + 0.15 * r.normal()).max(0.05),
        }
    }
}

impl Brows {
    fn random(r: &mut Random, feminine: f32) -> Brows {
        Brows {
            height: 1.5 * r.normal() + 1.25 * feminine,
            thickness: 1.0 + 0.22 * r.normal() - 0.2 * feminine,
            arch: (1.0 + 0.4 * r.normal() + 0.3 * feminine).max(0.45),
            density: (1.0 + 0.25 * r.normal()).max(0.4),
        }
    }
}

/// Linear color of hair without pigment.
pub const GRAY: Vec3 = vec3(0.30, 0.285, 0.265);

impl Hair {
    fn random(r: &mut Random, sex: Sex, dark: f32, age: f32) -> Hair {
        let light = 1.0 - dark;
        let mut color = if r.chance(0.2 * light) {
            vec3(0.38, 0.25, 0.12) * r.range(0.6, 1.2)
        } else if r.chance(0.1 * light) {
            vec3(0.26, 0.08, 0.03)
        } else {
            vec3(0.055, 0.032, 0.02) * (r.range(0.3, 2.2) * (1.0 - 0.6 * dark))
        };
        let pigment = color;
        let gray = if r.chance(0.15 * age + 0.85 * age * age) { r.range(0.1, 0.95) } else { 0.0 };
        color = color.lerp(GRAY, gray);
        let receding = if sex == Sex::Female { -2.0 } else { 8.0 * age * r.unit() };
        let style = HairStyle::random(r, sex, age);
        let is_long = style == HairStyle::Long;
        Hair {
            color,
            pigment,
            gray,
            coil: if r.chance(0.06 + 0.6 * dark) { r.range(0.2, 1.0) } else { 0.0 },
            end: if is_long { r.range(-290.0, -140.0) } else { r.range(-125.0, -55.0) },
            behind_ears: r.chance(if is_long { 0.4 } else { 0.25 }),
            before_shoulders: is_long && r.chance(0.5),
            style,
            line: 3.0 * r.normal() + receding,
            volume: r.range(0.6, 1.5),
            parting: r.range(-1.0, 1.0),
        }
    }
}

impl HairStyle {
    fn random(r: &mut Random, sex: Sex, age: f32) -> HairStyle {
        if sex == Sex::Male && r.chance(0.25 * age * age) {
            return HairStyle::Rim;
        }
        let share = r.unit();
        let upper_bounds: &[(f32, HairStyle)] = match sex {
            Sex::Female => &[
                (0.10, HairStyle::Short),
                (0.38, HairStyle::Medium),
                (0.66, HairStyle::Long),
                (1.0, HairStyle::Back),
            ],
            Sex::Male => &[
                (0.10, HairStyle::Bald),
                (0.25, HairStyle::Buzz),
                (0.88, HairStyle::Short),
                (1.0, HairStyle::Medium),
            ],
        };
        upper_bounds.iter().find(|(bound, _)| share < *bound).map_or(HairStyle::Short, |(_, style)| *style)
    }
}

impl Clothes {
    fn random(r: &mut Random) -> Clothes {
        let collar = match r.unit() {
            ..0.38 => Collar::Crew,
            ..0.60 => Collar::Vee,
            ..0.80 => Collar::Shirt,
            ..0.91 => Collar::Zip,
            ..0.95 => Collar::Turtleneck,
            _ => Collar::Scarf,
        };
        Clothes { cloth: Cloth::random(r), scarf: Cloth::random(r), collar, height: r.range(-6.0, 6.0) }
    }
}

impl Covering {
    fn random(r: &mut Random, sex: Sex) -> Covering {
        let share = r.unit();
        let kind = match sex {
            Sex::Female => match share {
                ..0.55 => CoveringKind::Headscarf,
                ..0.70 => CoveringKind::KnittedCap,
                ..0.76 => CoveringKind::Turban,
                ..0.82 => CoveringKind::Cap,
                ..0.88 => CoveringKind::Hat,
                ..0.94 => CoveringKind::Bandana,
                _ => CoveringKind::SurgicalCap,
            },
            Sex::Male => match share {
                ..0.28 => CoveringKind::KnittedCap,
                ..0.50 => CoveringKind::Turban,
                ..0.72 => CoveringKind::Cap,
                ..0.82 => CoveringKind::Hat,
                ..0.90 => CoveringKind::Bandana,
                _ => CoveringKind::SurgicalCap,
            },
        };
        let mut cloth = Cloth::random(r);
        match kind {
            CoveringKind::KnittedCap => cloth.weave = Weave::Knit,
            CoveringKind::Headscarf if r.chance(0.7) => cloth.weave = Weave::Plain,
            CoveringKind::Turban | CoveringKind::Hat => cloth.weave = Weave::Plain,
            CoveringKind::SurgicalCap => {
                cloth.weave = Weave::Plain;
                cloth.color =
                    vec3(0.16, 0.36, 0.38).lerp(vec3(0.18, 0.30, 0.52), r.unit()) * r.range(0.7, 1.3);
            }
            _ => {}
        }
        let drape = match r.unit() {
            ..0.35 => Drape::Behind,
            ..0.80 => Drape::Sides,
            _ => Drape::Around,
        };
        Covering {
            kind,
            cloth,
            edge: r.range(-3.0, 9.0),
            volume: r.range(0.6, 1.4),
            drape,
            over_ears: r.chance(0.5),
        }
    }
}

impl Glasses {
    fn random(r: &mut Random) -> Glasses {
        // Rimless, wire, plastic, thick plastic.
        let (rim, wire) = match r.unit() {
            ..0.15 => (0.25, true),
            ..0.50 => (r.range(0.6, 1.0), true),
            ..0.85 => (r.range(1.5, 2.5), false),
            _ => (r.range(2.6, 3.6), false),
        };
        let color = if wire {
            vec3(0.30, 0.28, 0.25).lerp(vec3(0.02, 0.02, 0.02), r.unit())
        } else {
            vec3(0.02, 0.015, 0.012).lerp(vec3(0.16, 0.07, 0.03), r.unit() * r.unit())
        };
        Glasses {
            lens: [r.range(23.5, 27.0), r.range(16.5, 21.5)],
            squareness: r.range(2.0, 4.5),
            rim,
            lower_rim: if r.chance(0.15) { r.range(0.1, 0.5) } else { 1.0 },
            color,
            reflection: 0.14 * r.unit() * r.unit(),
            drop: r.range(0.0, 3.5),
        }
    }
}
