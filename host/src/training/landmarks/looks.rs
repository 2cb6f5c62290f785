//! Looks at a picture in training: placed as the first or the second look on the device might be, lit and taken
//! otherwise, with the truth moved along.

use super::samples::LandmarkSample;
use crate::training::augment::Augmentation;
use crate::training::random::Random;
use serde::{Deserialize, Serialize};
use synkiosk_models::align::{Placement, normalized, sample};
use synkiosk_models::landmarker::{OUTPUTS, SIZE, closer_look, first_look};
use synkiosk_models::landmarks::{Activity, COUNT, Point};

/// How far looks differ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looks {
    /// Share of looks as from a face box; the others are as from landmarks.
    pub coarse_share: f32,
    /// Around a face box.
    pub coarse: Augmentation,
    /// Around landmarks.
    pub fine: Augmentation,
}

impl Default for Looks {
    fn default() -> Looks {
        let taken = Augmentation {
            aspect: 0.0,
            light: 0.6,
            blur: 0.5,
            noise: 9.0,
            occlusion: 0.35,
            // The rendered rooms are varied, and a mask that is made for a face straight ahead would cut a turned one's neck.
            surroundings: 0.0,
            ..Augmentation::default()
        };
        Looks {
            coarse_share: 0.4,
            // The detector's boxes stray by a twelfth, and heads lean by up to 23 degrees.
            coarse: Augmentation { shift: 0.08, scale: 0.18, roll: 0.4, ..taken },
            fine: Augmentation { shift: 0.03, scale: 0.08, roll: 0.1, ..taken },
        }
    }
}

/// An input and what the network is to say of it.
pub struct Look {
    /// `SIZE * SIZE` values.
    pub input: Vec<u8>,
    /// In the network's order of outputs.
    pub target: [f32; OUTPUTS],
}

impl Looks {
    /// The next look at a picture.
    pub fn look(&self, from: &LandmarkSample, random: &mut Random) -> Look {
        let coarse = random.chance(self.coarse_share);
        let (augmentation, square) = match coarse {
            true => (&self.coarse, first_look(&from.face)),
            false => (&self.fine, closer_look(&from.truth.landmarks)),
        };
        let placement = augmentation.moved(&square, random);
        let mut luma = sample(&from.patch, &placement, SIZE);
        let mirrored = random.chance(0.5);
        if mirrored {
            luma.chunks_mut(SIZE).for_each(<[u8]>::reverse);
        }
        augmentation.develop(&mut luma, SIZE, random);
        Look { input: normalized(&luma, SIZE), target: target(from, &placement, mirrored) }
    }
}

/// What is true of a placed square, as the network says it.
pub fn target(from: &LandmarkSample, placement: &Placement, mirrored: bool) -> [f32; OUTPUTS] {
    let mut target = [0.0; OUTPUTS];
    for (index, point) in Point::ALL.into_iter().enumerate() {
        let seen = if mirrored { point.mirrored() } else { point };
        let [x, y] = placement.within(from.truth.landmarks.at(seen));
        target[2 * index] = if mirrored { -x } else { x };
        target[2 * index + 1] = y;
    }
    let Activity { chin_right, chin_left, neck_right, neck_left } = from.truth.activity;
    let strengths = match mirrored {
        false => [chin_right, chin_left, neck_right, neck_left],
        true => [chin_left, chin_right, neck_left, neck_right],
    };
    target[2 * COUNT..].copy_from_slice(&strengths);
    target
}
