//! Pictures that are the same, or nearly: such a pair in two parts of a split would let a network recognize
//! instead of judge.

use std::collections::HashMap;
use std::path::PathBuf;
use synkiosk_models::align::{self, Placement};
use synkiosk_models::landmarks::Landmarks;
use synkiosk_models::photo::Photo;

/// Cells a side of the grid that a face is reduced to.
const GRID: usize = 16;
/// Differences between neighboring cells, along rows and along columns.
const BITS: usize = 2 * GRID * (GRID - 1);
/// Bits of 480 that may differ. In 300 rendered pictures of as many people and 300 copies, mirrored, larger or smaller by
/// 1.5 or cut out as much, brighter or darker and compressed hard, the nearest two of different people differed in 70
/// bits, one pair in ten thousand in 78 or less; at that rate one of the pairs of 10,000 pictures comes as near as 57. Half
/// of the copies differ in 31 bits or less, 95 of 100 in 55 or less. So a copy in twenty still goes unseen.
pub const MOST_DIFFERENT_BITS: u32 = 56;
/// Side of the hashed square, and how far its center lies below the eyes, in distances between the eyes: from above the
/// brows to below the chin, placed by landmarks, so that neither size, place nor turn of the face matters.
const SIDE: f32 = 2.8;
const BELOW_EYES: f32 = 0.72;

/// A face's perceptual difference hash: which of two neighboring cells is brighter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    bits: [u64; BITS.div_ceil(64)],
}

impl Look {
    /// Of a face in a photo, and of its mirror image.
    pub fn both(photo: &Photo, landmarks: &Landmarks) -> [Look; 2] {
        let luma = align::sample(photo, &Placement::upright(landmarks, SIDE, BELOW_EYES), align::SIZE);
        let mirrored: Vec<u8> = luma.chunks(align::SIZE).flat_map(|row| row.iter().rev().copied()).collect();
        [Look::of(&luma), Look::of(&mirrored)]
    }

    /// Of an aligned face, `align::SIZE` x `align::SIZE` luma values.
    pub fn of(luma: &[u8]) -> Look {
        let cell = align::SIZE / GRID;
        let mut means = [[0u32; GRID]; GRID];
        for (index, value) in luma.iter().take(align::SIZE * align::SIZE).enumerate() {
            means[index / align::SIZE / cell][index % align::SIZE / cell] += u32::from(*value);
        }
        let mut bits = [0u64; BITS.div_ceil(64)];
        let mut next = 0;
        for (row, line) in means.iter().enumerate() {
            for column in 0..GRID - 1 {
                let along = line[column] > line[column + 1];
                let down = means[column][row] > means[column + 1][row];
                for brighter in [along, down] {
                    bits[next / 64] |= u64::from(brighter) << (next % 64);
                    next += 1;
                }
            }
        }
        Look { bits }
    }

    /// Bits that differ, of 480.
    pub fn distance(&self, other: &Look) -> u32 {
        self.bits.iter().zip(&other.bits).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

/// What is needed of a picture to find its doubles.
#[derive(Debug, Clone)]
pub struct Fingerprint {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// The face, and its mirror image; none where no face was found.
    pub looks: Option<[Look; 2]>,
    /// Pictures of different groups must not be doubles.
    pub group: usize,
}

/// A pair of doubles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubles {
    /// One file.
    pub first: PathBuf,
    /// The other.
    pub second: PathBuf,
    /// Bits by which the faces differ; none if the files are the same byte for byte.
    pub distance: Option<u32>,
}

/// The first pair of doubles in different groups, identical files first.
pub fn find(prints: &[Fingerprint]) -> Option<Doubles> {
    let pair = |a: &Fingerprint, b: &Fingerprint, distance| Doubles {
        first: a.path.clone(),
        second: b.path.clone(),
        distance,
    };
    let mut known: HashMap<[u8; 32], &Fingerprint> = HashMap::new();
    for print in prints {
        let earlier = known.entry(print.digest).or_insert(print);
        if earlier.group != print.group {
            return Some(pair(earlier, print, None));
        }
    }
    for (index, later) in prints.iter().enumerate() {
        for earlier in prints[..index].iter().filter(|earlier| earlier.group != later.group) {
            let (Some([look, mirrored]), Some([other, _])) = (later.looks, earlier.looks) else { continue };
            let distance = look.distance(&other).min(mirrored.distance(&other));
            if distance <= MOST_DIFFERENT_BITS {
                return Some(pair(earlier, later, Some(distance)));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::random::Random;
    use synkiosk_models::align::SIZE;

    /// Smooth blobs, as unlike as faces of two people and more.
    fn picture(seed: u64) -> Vec<u8> {
        let mut random = Random::new(&[seed]);
        let waves: Vec<[f32; 3]> =
            (0..6).map(|_| [random.within(0.2), random.within(0.2), random.within(3.0)]).collect();
        let luma = |index: usize| {
            let (x, y) = ((index % SIZE) as f32, (index / SIZE) as f32);
            let sum: f32 = waves.iter().map(|[u, v, phase]| (u * x + v * y + phase).sin()).sum();
            (128.0 + 18.0 * sum) as u8
        };
        (0..SIZE * SIZE).map(luma).collect()
    }

    fn mirrored(luma: &[u8]) -> Vec<u8> {
        luma.chunks(SIZE).flat_map(|row| row.iter().rev().copied()).collect()
    }

    fn print(name: &str, luma: &[u8], group: usize) -> Fingerprint {
        let looks = Some([Look::of(luma), Look::of(&mirrored(luma))]);
        let mut digest = [0; 32];
        digest.copy_from_slice(&luma[..32]);
        Fingerprint { path: name.into(), digest, looks, group }
    }

    #[test]
    fn noise_and_light_keep_the_look_and_other_pictures_do_not() {
        let mut random = Random::new(&[9]);
        let one = picture(1);
        let changed: Vec<u8> =
            one.iter().map(|value| (f32::from(*value) * 0.9 + 10.0 + random.within(4.0)) as u8).collect();
        assert!(Look::of(&one).distance(&Look::of(&changed)) <= MOST_DIFFERENT_BITS);
        for other in 2..20 {
            assert!(Look::of(&one).distance(&Look::of(&picture(other))) > 100);
        }
    }

    #[test]
    fn doubles_across_groups_are_named() {
        let (one, two) = (picture(1), picture(2));
        let mut brighter: Vec<u8> = one.iter().map(|value| value.saturating_add(9)).collect();
        assert_eq!(find(&[print("a", &one, 0), print("b", &two, 1), print("c", &brighter, 0)]), None);
        let doubles = find(&[print("a", &one, 0), print("b", &two, 1), print("c", &brighter, 2)]).unwrap();
        assert_eq!((doubles.first, doubles.second), ("a".into(), "c".into()));
        assert!(doubles.distance.is_some());
        brighter = mirrored(&brighter);
        assert!(find(&[print("a", &one, 0), print("c", &brighter, 2)]).is_some(), "mirrored");
        let same = find(&[print("a", &one, 0), print("b", &one, 1)]).unwrap();
        assert_eq!(same.distance, None);
    }
}
