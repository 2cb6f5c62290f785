//! Does the card have the size that it says? A counterfeit loses what is written beyond its real size, or puts it where
//! something else is already.
//!
//! Marks that cannot be told in advance are written at powers of two, and beyond the image in steps no wider than the image,
//! and read back at once: what vanishes shows there. A mark that a counterfeit puts within the image's stretch shows
//! later, when image and marks are both read back: one of them destroyed the other. With [`MOST`] steps this holds for any
//! real size, as long as the card is not more than so many times as large as the image.

use super::SECTOR;
use super::disk::{Buffer, Disk};
use super::error::FlashError;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Bytes of a mark.
const MARK: usize = 4096;
/// The first power of two that has a mark: 1 MiB.
const FIRST: u64 = 1 << 20;
/// Steps beyond the image, at most: a card takes some 10 ms for each.
pub const MOST: u64 = 512;

/// Where the marks of one card are, and what they say.
#[derive(Debug)]
pub struct Marks {
    seed: [u8; 32],
    card: u64,
    image: u64,
    places: BTreeSet<u64>,
}

impl Marks {
    /// For a card of so many bytes and an image of so many. The seed is nobody's to guess.
    pub fn new(card: u64, image: u64, seed: [u8; 32]) -> Marks {
        Marks { seed, card, image, places: places(card, image) }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// How many bytes these are.
    pub fn bytes(&self) -> u64 {
        (self.places.len() * MARK) as u64
    }

    /// Writes all of them.
    ///
    /// # Errors
    /// What the card says.
    pub fn write(&self, disk: &mut dyn Disk) -> Result<(), FlashError> {
        for at in &self.places {
            put(disk, &self.mark(*at), *at)?;
        }
        disk.sync().map_err(FlashError::Sync)
    }

    /// Reads back all of them.
    ///
    /// # Errors
    /// When one is lost, and what the card says.
    pub fn check(&self, disk: &mut dyn Disk) -> Result<(), FlashError> {
        self.check_these(disk, self.places.iter())
    }

    /// Reads back those beyond the image.
    ///
    /// # Errors
    /// When one is lost, and what the card says.
    pub fn check_beyond(&self, disk: &mut dyn Disk) -> Result<(), FlashError> {
        self.check_these(disk, self.places.range(self.image..))
    }

    fn check_these<'p>(
        &self,
        disk: &mut dyn Disk,
        places: impl Iterator<Item = &'p u64>,
    ) -> Result<(), FlashError> {
        let mut found = Buffer::zeros(MARK);
        for at in places {
            disk.read_fresh(&mut found, *at).map_err(|cause| FlashError::ReadBack { at: *at, cause })?;
            if found[..] != self.mark(*at)[..] {
                return Err(FlashError::Counterfeit { says: self.card, lost_at: *at });
            }
        }
        Ok(())
    }

    /// Overwrites those within the image's stretch with zeros, where the image may have a hole.
    ///
    /// # Errors
    /// What the card says.
    pub fn wipe_within(&self, disk: &mut dyn Disk) -> Result<(), FlashError> {
        self.places.range(..self.image).try_for_each(|at| put(disk, &Buffer::zeros(MARK), *at))
    }

    /// Overwrites those beyond the image with zeros.
    ///
    /// # Errors
    /// What the card says.
    pub fn wipe_beyond(&self, disk: &mut dyn Disk) -> Result<(), FlashError> {
        self.places.range(self.image..).try_for_each(|at| put(disk, &Buffer::zeros(MARK), *at))
    }

    fn mark(&self, at: u64) -> Buffer {
        let mut mark = Buffer::zeros(MARK);
        for (number, part) in mark.chunks_mut(32).enumerate() {
            let mut hash = Sha256::new();
            hash.update(self.seed);
            hash.update(at.to_le_bytes());
            hash.update((number as u64).to_le_bytes());
            part.copy_from_slice(&hash.finalize());
        }
        // At the beginning of a card it must not be taken for a partition table.
        mark[SECTOR - 2..SECTOR].fill(0);
        mark
    }
}

fn put(disk: &mut dyn Disk, bytes: &[u8], at: u64) -> Result<(), FlashError> {
    disk.write(bytes, at).map_err(|cause| FlashError::Write { at, cause })
}

/// None of them reaches over the end of the card or into another one.
fn places(card: u64, image: u64) -> BTreeSet<u64> {
    let mark = MARK as u64;
    let Some(last) = card.checked_sub(mark).map(|last| last / SECTOR as u64 * SECTOR as u64) else {
        return BTreeSet::new();
    };
    let powers = (FIRST.trailing_zeros()..63).map(|power| 1_u64 << power).take_while(|at| *at < last);
    let step = image.max(card.saturating_sub(image) / MOST).next_multiple_of(mark);
    let first = image.next_multiple_of(mark);
    let steps = std::iter::successors(Some(first), |at| at.checked_add(step)).take_while(|at| *at < last);
    powers.chain(steps).chain([0]).filter(|at| at + mark <= last).chain([last]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_apart_and_reach_to_the_end() {
        let image = 769 << 20;
        for card in
            [image, image + 512, image + 5000 * 512, 31_914_983_424, 64 << 30, 256 << 30, 4096, 9 * 512]
        {
            let places: Vec<_> = places(card, image.min(card)).into_iter().collect();
            assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= MARK as u64), "{card}: {places:?}");
            assert_eq!(places.last(), Some(&(card - MARK as u64)), "{card}");
            assert!(places.len() as u64 <= MOST + 40);
            // No stretch as wide as the image is without a mark, so that none of a wrong size goes unseen.
            let beyond = places.windows(2).filter(|pair| pair[0] >= image);
            assert!(beyond.clone().all(|pair| pair[1] - pair[0] <= image), "{card}");
        }
    }

    #[test]
    fn no_two_marks_are_alike_and_none_is_a_partition_table() {
        let marks = Marks::new(1 << 30, 1 << 20, [1; 32]);
        let other = Marks::new(1 << 30, 1 << 20, [2; 32]);
        assert_ne!(marks.mark(0)[..], marks.mark(4096)[..]);
        assert_ne!(marks.mark(0)[..], other.mark(0)[..]);
        assert_eq!(marks.mark(0)[510..512], [0, 0]);
    }
}
