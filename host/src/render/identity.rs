//! Who it is: everything about a head that no movement changes.

use super::vector::Vec3;

/// The sex that shape and hair are drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// How the hair is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HairStyle {
    /// No hair.
    Bald,
    /// Only around the sides.
    Rim,
    /// A few millimeters.
    Buzz,
    /// Up to 3 cm.
    Short,
    /// To the chin.
    Medium,
    /// Over the shoulders.
    Long,
    /// Combed or tied back.
    Back,
}

/// Bones and fat; 0 (or 1 for factors) is the average head.
#[derive(Debug, Clone)]
pub struct Skull {
    /// Relative to the average.
    pub width: f32,
    /// Relative to the average.
    pub height: f32,
    /// Relative to the average.
    pub jaw_width: f32,
    /// Millimeters.
    pub chin_length: f32,
    /// Millimeters.
    pub chin_depth: f32,
    /// Factor.
    pub brow_ridge: f32,
    /// Millimeters.
    pub forehead: f32,
    /// Factor.
    pub cheekbone: f32,
    /// Factor.
    pub cheek_fat: f32,
    /// How far the ears stand off.
    pub ear_stand: f32,
    /// Factor.
    pub ear_size: f32,
    /// Relative to the average.
    pub neck_width: f32,
}

/// The nose.
#[derive(Debug, Clone)]
pub struct Nose {
    /// Millimeters.
    pub length: f32,
    /// Relative to the average.
    pub width: f32,
    /// Factor.
    pub depth: f32,
    /// Millimeters.
    pub hump: f32,
    /// Factor.
    pub tip: f32,
    /// Millimeters by which the root is higher.
    pub bridge: f32,
    /// Factor.
    pub bridge_width: f32,
    /// Millimeters by which the underside rises toward the tip.
    pub upturn: f32,
    /// Factor of the wings' bulge.
    pub wings: f32,
    /// Factor of the nostrils' size.
    pub nostrils: f32,
    /// Millimeters by which the ridge leaves the middle.
    pub deviation: f32,
}

/// Eyes and lids.
#[derive(Debug, Clone)]
pub struct Eyes {
    /// Millimeters outward.
    pub spacing: f32,
    /// Factor.
    pub scale: f32,
    /// Slope of the fissure.
    pub tilt: f32,
    /// Millimeters forward.
    pub depth: f32,
    /// Factor of the opening's height.
    pub opening: f32,
    /// Depth of the upper lid's crease.
    pub crease: f32,
    /// Bags below the eyes.
    pub bags: f32,
    /// Linear color.
    pub iris_color: Vec3,
    /// Millimeters.
    pub iris_radius: f32,
    /// Millimeters.
    pub pupil_radius: f32,
}

/// The mouth and its surroundings.
#[derive(Debug, Clone)]
pub struct Mouth {
    /// Relative to the average.
    pub width: f32,
    /// Millimeters.
    pub philtrum: f32,
    /// Factor of the red's height.
    pub upper_lip: f32,
    /// Factor of the red's height.
    pub lower_lip: f32,
    /// Color.
    pub redness: f32,
    /// Depth of the nasolabial fold at rest.
    pub fold: f32,
}

/// Eyebrows.
#[derive(Debug, Clone)]
pub struct Brows {
    /// Millimeters.
    pub height: f32,
    /// Factor.
    pub thickness: f32,
    /// Factor.
    pub arch: f32,
    /// Factor.
    pub density: f32,
}

/// The skin's color and finish.
#[derive(Debug, Clone)]
pub struct Skin {
    /// From 0.08 (very light) to 1.93 (very dark).
    pub melanin: f32,
    /// Redness.
    pub blood: f32,
    /// 0 none to 1.
    pub freckles: f32,
    /// Uneven redness of cheeks and nose.
    pub ruddiness: f32,
    /// Shine.
    pub oil: f32,
    /// Shadow of a shaved beard, 0 to 1.
    pub stubble: f32,
    /// A short beard, 0 to 1.
    pub beard: f32,
}

/// Hair of the head.
#[derive(Debug, Clone)]
pub struct Hair {
    /// Linear color on the whole.
    pub color: Vec3,
    /// Linear color of the strands that have not grayed.
    pub pigment: Vec3,
    /// Share of the strands that have.
    pub gray: f32,
    /// How tightly it curls: 0 straight or waved to 1.
    pub coil: f32,
    /// Height at which falling hair ends, millimeters.
    pub end: f32,
    /// Whether falling hair leaves the ears free.
    pub behind_ears: bool,
    /// Whether falling hair lies before the shoulders.
    pub before_shoulders: bool,
    /// How it is worn.
    pub style: HairStyle,
    /// Height of the hairline, millimeters.
    pub line: f32,
    /// Factor.
    pub volume: f32,
    /// Where it parts, -1 to 1.
    pub parting: f32,
}

/// How a cloth is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weave {
    /// Of one color.
    Plain,
    /// Ribs.
    Knit,
    /// Stripes across.
    Stripes,
    /// Stripes both ways.
    Checks,
    /// Blots of a second color.
    Print,
}

/// A piece of cloth.
#[derive(Debug, Clone)]
pub struct Cloth {
    /// Linear color.
    pub color: Vec3,
    /// Linear color of stripes and print.
    pub second: Vec3,
    /// How it is made.
    pub weave: Weave,
    /// Repeat of the pattern, millimeters.
    pub pitch: f32,
}

/// Shape of the clothes at the neck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collar {
    /// Round.
    Crew,
    /// An open triangle.
    Vee,
    /// Flaps and buttons.
    Shirt,
    /// Up the neck.
    Turtleneck,
    /// A jacket with a zip.
    Zip,
    /// A scarf over the clothes.
    Scarf,
}

impl Hair {
    /// Whether it hangs down beside the face.
    pub fn falls(&self) -> bool {
        matches!(self.style, HairStyle::Medium | HairStyle::Long)
    }
}

/// What is worn below the neck.
#[derive(Debug, Clone)]
pub struct Clothes {
    /// What it is made of.
    pub cloth: Cloth,
    /// What a scarf is made of.
    pub scarf: Cloth,
    /// Its shape at the neck.
    pub collar: Collar,
    /// How high it reaches, millimeters.
    pub height: f32,
}

/// What is worn on the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoveringKind {
    /// A cloth over hair and ears; it leaves the face free, and mostly the neck.
    Headscarf,
    /// Of wool, with a cuff.
    KnittedCap,
    /// Wound cloth.
    Turban,
    /// With a peak.
    Cap,
    /// With a brim all around.
    Hat,
    /// A tied kerchief.
    Bandana,
    /// Thin and loose, with an elastic edge.
    SurgicalCap,
}

impl CoveringKind {
    /// As in `truth.csv`.
    pub fn name(self) -> &'static str {
        match self {
            CoveringKind::Headscarf => "headscarf",
            CoveringKind::KnittedCap => "knitted-cap",
            CoveringKind::Turban => "turban",
            CoveringKind::Cap => "cap",
            CoveringKind::Hat => "hat",
            CoveringKind::Bandana => "bandana",
            CoveringKind::SurgicalCap => "surgical-cap",
        }
    }
}

/// How a headscarf falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drape {
    /// Tied behind: neck and throat are free.
    Behind,
    /// Down both sides of the neck.
    Sides,
    /// Around the neck, below the chin.
    Around,
}

/// A covering of the head.
#[derive(Debug, Clone)]
pub struct Covering {
    /// What it is.
    pub kind: CoveringKind,
    /// What it is made of.
    pub cloth: Cloth,
    /// How much higher than usual it begins on the forehead, millimeters.
    pub edge: f32,
    /// Factor of its thickness.
    pub volume: f32,
    /// How a headscarf falls.
    pub drape: Drape,
    /// Whether a cap is pulled over the ears.
    pub over_ears: bool,
}

/// A pair of glasses.
#[derive(Debug, Clone)]
pub struct Glasses {
    /// Half width and half height of a lens, millimeters.
    pub lens: [f32; 2],
    /// Exponent of the outline: 2 round, 4 nearly a rectangle.
    pub squareness: f32,
    /// Thickness of the rim, millimeters.
    pub rim: f32,
    /// Thickness of its lower half relative to the upper.
    pub lower_rim: f32,
    /// Linear color of the frame.
    pub color: Vec3,
    /// Strength of the lenses' reflection.
    pub reflection: f32,
    /// How far the frame slid down the nose, millimeters.
    pub drop: f32,
}

/// A head at rest.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Names the noise that is this person's own.
    pub seed: u64,
    /// Shapes and hair are drawn for it.
    pub sex: Sex,
    /// 0 (18 years) to 1 (85 years).
    pub age: f32,
    /// Bones and fat.
    pub skull: Skull,
    /// The nose.
    pub nose: Nose,
    /// Eyes and lids.
    pub eyes: Eyes,
    /// The mouth and its surroundings.
    pub mouth: Mouth,
    /// Eyebrows.
    pub brows: Brows,
    /// Color and finish.
    pub skin: Skin,
    /// Hair of the head.
    pub hair: Hair,
    /// What is worn.
    pub clothes: Clothes,
    /// About one person in four.
    pub glasses: Option<Glasses>,
    /// About one person in eight.
    pub covering: Option<Covering>,
}

impl Identity {
    /// Shape and hair of a woman.
    pub fn is_female(&self) -> bool {
        self.sex == Sex::Female
    }

    /// `female` or `male`, as in `people.csv`.
    pub fn sex_name(&self) -> &'static str {
        if self.is_female() { "female" } else { "male" }
    }

    /// Years.
    pub fn years(&self) -> u32 {
        18 + (67.0 * self.age) as u32
    }

    /// Band of years, as in `people.csv`.
    pub fn age_band(&self) -> &'static str {
        match self.years() {
            0..30 => "18-29",
            30..45 => "30-44",
            45..60 => "45-59",
            60..75 => "60-74",
            _ => "75-89",
        }
    }

    /// Skin type after Fitzpatrick's six, judged by melanin alone.
    pub fn skin_type(&self) -> &'static str {
        let upper_bounds = [(0.18, "I"), (0.32, "II"), (0.55, "III"), (0.85, "IV"), (1.3, "V")];
        upper_bounds.iter().find(|(bound, _)| self.skin.melanin < *bound).map_or("VI", |(_, name)| name)
    }
}
