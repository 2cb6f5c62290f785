//! The facial nerve of one person: how a voluntary movement arrives at each side.
//!
//! - Healthy: both sides differ by a few per cent, in strength and at rest.
//! - Palsy: one side is weak; its eye stays open, its brow and mouth corner hang, its fold is flat (grades II to
//!   V of House and Brackmann, 1985).
//! - Synkinesis, after aberrant regeneration: one side is moderately weak, its fold deep and its eye slightly
//!   narrow at rest, and what one muscle does on purpose others do with it. The kinds are those that the
//!   Synkinesis Assessment Questionnaire asks for (Mehta, WernickRobinson and Hadlock, 2007), their strength goes
//!   with the 0 to 3 of the Sunnybrook system's synkinesis score (Ross, Fradet and Nedzelski, 1996).
//!
//! The numbers below are chosen so that pictures look like those grades; they are not fitted to measurements.

use super::cast::Member;
use crate::render::action::{Actions, Sides};
use crate::render::random::Random;
use synkiosk_models::pose::{Label, Side, SynkinesisType};

/// Strengths of the unwanted movements, 0 none to about 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Couplings {
    /// Activation of the mouth corner by a full closure of the eye.
    pub ocular_oral: f32,
    /// Share of the eye's opening that a full movement of the mouth takes away.
    pub oral_ocular: f32,
    /// Activation of the chin by any full movement.
    pub mentalis: f32,
    /// Activation of the neck by any full movement.
    pub platysma: f32,
}

/// Strength of the affected side by region of the face, 1 as the other side.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Gains {
    brow: f32,
    closure: f32,
    midface: f32,
    mouth: f32,
}

/// One person's facial nerve.
#[derive(Debug, Clone, PartialEq)]
pub struct FacialNerve {
    /// The side on which everything below happens; for healthy people it only names a side.
    side: Side,
    gains: Gains,
    /// Added on the affected side, whatever the face does.
    at_rest: Resting,
    /// Natural strength of the affected side relative to the other, by unit.
    natural: Vec<f32>,
    couplings: Couplings,
    /// Share of upper lip and cheek in ocular-oral movement.
    lip_share: f32,
    cheek_share: f32,
}

/// Activations at rest on the affected side.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Resting {
    brow_raise: f32,
    lid_close: f32,
    lid_wide: f32,
    corner_pull: f32,
    corner_down: f32,
    fold: f32,
}

impl FacialNerve {
    /// Draws the nerve of a person.
    pub fn random(member: &Member, mut random: Random) -> FacialNerve {
        let r = &mut random;
        // Drawn first and for everybody, so that natural asymmetry does not depend on the label.
        let natural = Actions::UNIT_NAMES.iter().map(|_| 1.0 + 0.045 * r.normal()).collect();
        let asymmetry = natural_rest(r);
        let severity = member.severity.unwrap_or_default();
        // 0 the mildest to 1 the most severe that is drawn.
        let degree = ((severity - 0.35) / 0.65).clamp(0.0, 1.0);
        let (gains, at_rest, couplings) = match member.label {
            Label::Healthy => (Gains::full(), asymmetry, Couplings::default()),
            Label::Palsy => {
                let gains = Gains::of_palsy(degree, r);
                (gains, asymmetry.plus(Resting::of_palsy(1.0 - gains.mouth, r)), Couplings::default())
            }
            Label::Synkinesis => {
                let resting = asymmetry.plus(Resting::of_synkinesis(degree, r));
                (Gains::of_synkinesis(degree, r), resting, Couplings::random(&member.types, degree, r))
            }
        };
        FacialNerve {
            side: member.side.unwrap_or(Side::Right),
            gains,
            at_rest,
            natural,
            couplings,
            lip_share: r.range(0.2, 0.6),
            cheek_share: r.range(0.2, 0.6),
        }
    }

    /// The unwanted movements' strengths.
    pub fn couplings(&self) -> Couplings {
        self.couplings
    }

    /// What the face does when `wanted` is meant.
    pub fn carry_out(&self, wanted: &Actions) -> Actions {
        let mut done = wanted.clone();
        self.weaken(&mut done);
        self.rest(&mut done);
        self.couple(wanted, &mut done);
        done
    }

    fn weaken(&self, done: &mut Actions) {
        let gains = &self.gains;
        let units: [(&mut Sides, f32); 13] = [
            (&mut done.brow_raise, gains.brow),
            (&mut done.brow_lower, gains.brow),
            (&mut done.lid_close, gains.closure),
            (&mut done.lid_wide, 1.0),
            (&mut done.cheek_raise, gains.midface),
            (&mut done.nose_wrinkle, gains.midface),
            (&mut done.upper_lip, gains.midface),
            (&mut done.corner_pull, gains.mouth),
            (&mut done.corner_down, gains.mouth),
            (&mut done.lower_lip, gains.mouth),
            (&mut done.chin_raise, gains.mouth),
            (&mut done.platysma, gains.mouth),
            (&mut done.pucker, gains.mouth),
        ];
        for ((unit, gain), natural) in units.into_iter().zip(&self.natural) {
            *unit.of_mut(self.side) *= gain * natural;
        }
        // A healthy lid shuts wholly, however strong it is.
        if gains.closure > 0.95 && done.lid_close.of(self.side.other()) > 0.97 {
            *done.lid_close.of_mut(self.side) = 1.0;
        }
    }

    fn rest(&self, done: &mut Actions) {
        let rest = &self.at_rest;
        let side = self.side;
        *done.brow_raise.of_mut(side) += rest.brow_raise;
        *done.lid_wide.of_mut(side) += rest.lid_wide;
        *done.corner_pull.of_mut(side) += rest.corner_pull.max(0.0);
        *done.corner_down.of_mut(side) += rest.corner_down;
        *done.fold.of_mut(side) += rest.fold;
        narrow(done.lid_close.of_mut(side), rest.lid_close.max(0.0));
        // What is negative on this side is a little more on the other.
        *done.corner_pull.of_mut(side.other()) += (-rest.corner_pull).max(0.0);
        narrow(done.lid_close.of_mut(side.other()), (-rest.lid_close).max(0.0));
    }

    fn couple(&self, wanted: &Actions, done: &mut Actions) {
        let side = self.side;
        let intent = |unit: &Sides| unit.of(side).clamp(0.0, 1.0);
        let eye = intent(&wanted.lid_close);
        let brow = intent(&wanted.brow_raise);
        let mouth = intent(&wanted.corner_pull)
            .max(intent(&wanted.pucker))
            .max(0.8 * intent(&wanted.lower_lip))
            .max(0.75 * intent(&wanted.upper_lip));
        // A movement well short of the utmost already brings the whole of the other.
        let mouth = (mouth / 0.6).min(1.0);
        let from_eye = self.couplings.ocular_oral * eye.max(0.8 * brow);
        *done.corner_pull.of_mut(side) += from_eye;
        *done.upper_lip.of_mut(side) += from_eye * self.lip_share;
        *done.cheek_raise.of_mut(side) += from_eye * self.cheek_share;
        *done.nose_wrinkle.of_mut(side) += from_eye * 0.4 * self.lip_share;
        let from_mouth = self.couplings.oral_ocular * mouth;
        narrow(done.lid_close.of_mut(side), from_mouth);
        *done.cheek_raise.of_mut(side) += from_mouth * 0.35;
        let any = eye.max(brow).max(mouth);
        *done.chin_raise.of_mut(side) += self.couplings.mentalis * any;
        *done.chin_raise.of_mut(side.other()) += self.couplings.mentalis * any * 0.35;
        *done.platysma.of_mut(side) += self.couplings.platysma * any;
    }
}

/// Takes `share` of what is open away.
fn narrow(closure: &mut f32, share: f32) {
    *closure = 1.0 - (1.0 - *closure) * (1.0 - share);
}

fn natural_rest(r: &mut Random) -> Resting {
    Resting {
        brow_raise: 0.04 * r.normal(),
        lid_close: 0.025 * r.normal(),
        corner_pull: 0.02 * r.normal(),
        fold: 0.15 * r.normal(),
        ..Resting::default()
    }
}

impl Resting {
    fn plus(self, other: Resting) -> Resting {
        Resting {
            brow_raise: self.brow_raise + other.brow_raise,
            lid_close: self.lid_close + other.lid_close,
            lid_wide: self.lid_wide + other.lid_wide,
            corner_pull: self.corner_pull + other.corner_pull,
            corner_down: self.corner_down + other.corner_down,
            fold: self.fold + other.fold,
        }
    }

    /// Everything hangs.
    fn of_palsy(weakness: f32, r: &mut Random) -> Resting {
        Resting {
            brow_raise: -weakness * r.range(0.1, 0.4),
            lid_wide: weakness * r.range(0.2, 0.7),
            corner_down: weakness * r.range(0.15, 0.5),
            fold: -weakness * r.range(0.6, 1.2),
            ..Resting::default()
        }
    }

    /// Everything is a little tight.
    fn of_synkinesis(degree: f32, r: &mut Random) -> Resting {
        let tightness = 0.4 + 0.6 * degree;
        Resting {
            brow_raise: -0.15 * r.unit(),
            lid_close: tightness * r.range(0.06, 0.20),
            corner_pull: tightness * r.range(0.02, 0.14),
            fold: tightness * r.range(0.4, 1.2),
            ..Resting::default()
        }
    }
}

impl Gains {
    fn full() -> Gains {
        Gains { brow: 1.0, closure: 1.0, midface: 1.0, mouth: 1.0 }
    }

    fn of_palsy(degree: f32, r: &mut Random) -> Gains {
        let gain = 0.75 - 0.60 * degree;
        let mut near = |gain: f32| (gain * r.range(0.85, 1.15)).clamp(0.02, 0.9);
        Gains { brow: near(gain * 0.8), closure: near(gain + 0.15), midface: near(gain), mouth: near(gain) }
    }

    fn of_synkinesis(degree: f32, r: &mut Random) -> Gains {
        let gain = 0.85 - 0.45 * degree;
        let mut near = |gain: f32| (gain * r.range(0.9, 1.1)).clamp(0.1, 0.95);
        Gains { brow: near(gain * 0.7), closure: 1.0, midface: near(gain), mouth: near(gain) }
    }
}

impl Couplings {
    fn random(types: &[SynkinesisType], degree: f32, r: &mut Random) -> Couplings {
        let mut strength = |kind, from: f32, to: f32| {
            let drawn = (from + (to - from) * degree) * r.range(0.92, 1.08);
            if types.contains(&kind) { drawn } else { 0.0 }
        };
        Couplings {
            ocular_oral: strength(SynkinesisType::OcularOral, 0.42, 0.95),
            oral_ocular: strength(SynkinesisType::OralOcular, 0.42, 0.72),
            mentalis: strength(SynkinesisType::Mentalis, 0.5, 0.95),
            platysma: strength(SynkinesisType::Platysma, 0.5, 0.95),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::poses::voluntary;
    use super::*;
    use crate::render::features::{MOUTH_HALF_WIDTH, MOUTH_Y};
    use crate::render::grid::Grid;
    use crate::render::identity::Identity;
    use crate::render::lids::EyeLids;
    use crate::render::movement::deform;
    use crate::render::vector::Vec3;
    use synkiosk_models::pose::Pose;

    fn member(label: Label, side: Side, severity: f32) -> Member {
        let types = if label == Label::Synkinesis { SynkinesisType::ALL.to_vec() } else { Vec::new() };
        Member {
            name: "person-0001".to_owned(),
            index: 0,
            label,
            side: (label != Label::Healthy).then_some(side),
            types,
            severity: (label != Label::Healthy).then_some(severity),
            poses: Vec::new(),
        }
    }

    fn done(label: Label, side: Side, severity: f32, pose: Pose, seed: u64) -> Actions {
        let nerve = FacialNerve::random(&member(label, side, severity), Random::new(seed));
        nerve.carry_out(&voluntary(pose, Random::new(seed + 1), &mut Random::new(seed + 2)))
    }

    #[test]
    fn the_other_side_is_the_mirror_image() {
        for label in [Label::Palsy, Label::Synkinesis] {
            for pose in Pose::ALL {
                let right = done(label, Side::Right, 0.8, *pose, 9);
                assert_eq!(right.mirrored(), done(label, Side::Left, 0.8, *pose, 9), "{label} {pose}");
            }
        }
    }

    #[test]
    fn healthy_sides_differ_by_little() {
        for seed in 0..200 {
            for pose in Pose::ALL {
                let actions = done(Label::Healthy, Side::Right, 0.0, *pose, seed);
                for (unit, name) in actions.units().iter().zip(Actions::UNIT_NAMES) {
                    let limit = if *name == "fold" { 0.4 } else { 0.22 };
                    assert!(unit.difference().abs() < limit, "{pose} {name}: {unit:?}");
                }
            }
        }
    }

    /// Rigsbee, Sperry and BeGole (1988) found the mouth of 101 young adults 1.3 times as wide in a smile as at rest.
    #[test]
    fn a_healthy_smile_widens_the_mouth_as_people_s_do() {
        let corners = |pose: Pose, seed: u64| -> [Vec3; 2] {
            let who = Identity::random(Random::new(seed));
            let grid = Grid::new(&who, 0.5);
            let actions = done(Label::Healthy, Side::Right, 0.0, pose, seed);
            let skin = deform(&grid, &actions, &EyeLids::new(&who, &actions));
            [-1.0, 1.0].map(|sign| grid.at_row(&skin, sign * (MOUTH_HALF_WIDTH - 0.5), MOUTH_Y))
        };
        let (mut widening, mut excursion) = (0.0, 0.0);
        const PEOPLE: u64 = 60;
        for seed in 0..PEOPLE {
            let (rest, smile) = (corners(Pose::Rest, seed), corners(Pose::OpenSmile, seed));
            widening += (smile[1] - smile[0]).length() / (rest[1] - rest[0]).length();
            for side in 0..2 {
                let moved = (smile[side] - rest[side]).length();
                assert!((5.0..16.0).contains(&moved), "person {seed}: {moved} mm");
                excursion += 0.5 * moved;
            }
        }
        let (widening, excursion) = (widening / PEOPLE as f32, excursion / PEOPLE as f32);
        assert!((1.22..1.38).contains(&widening), "{widening}");
        assert!((7.0..14.0).contains(&excursion), "{excursion} mm");
    }

    #[test]
    fn an_eye_with_synkinesis_narrows_with_the_mouth_and_one_without_does_not() {
        for seed in 0..100 {
            for (severity, pose) in [(0.35, Pose::Pucker), (1.0, Pose::OpenSmile)] {
                let open = 1.0 - done(Label::Synkinesis, Side::Left, severity, pose, seed).lid_close.left;
                let at_rest =
                    1.0 - done(Label::Synkinesis, Side::Left, severity, Pose::Rest, seed).lid_close.left;
                let taken = 1.0 - open / at_rest;
                assert!((0.35..0.80).contains(&taken), "{severity} {pose}: {taken}");
                let palsy = done(Label::Palsy, Side::Left, severity, pose, seed);
                assert!(palsy.lid_close.left < 0.2);
            }
        }
    }

    #[test]
    fn a_corner_with_synkinesis_moves_with_the_eye() {
        for seed in 0..100 {
            let tight = done(Label::Synkinesis, Side::Right, 0.35, Pose::TightClosure, seed);
            assert!(tight.corner_pull.difference() < -0.2, "{:?}", tight.corner_pull);
            let palsy = done(Label::Palsy, Side::Right, 0.9, Pose::TightClosure, seed);
            assert!(palsy.corner_pull.difference() > -0.1);
            assert!(palsy.lid_close.right < 0.9 && palsy.lid_close.left > 0.97, "{:?}", palsy.lid_close);
        }
    }
}
