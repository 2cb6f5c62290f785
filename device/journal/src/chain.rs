//! How records hang together: each carries its number and the digest of the one before it, inside of what is sealed.
//!
//! Whoever takes a record out, moves one or puts one in twice leaves a number that is missing, out of order or there twice;
//! whoever puts another in its place leaves a digest that does not fit. The collector, who can open them, sees that. A unit
//! needs no key to go on: digests are of sealed bytes, and every segment's header says where its first record hangs.
//!
//! A chain does not say who wrote it, nor that its end is there: for both a unit signs its [`End`], in `unit.toml`.

use crate::{
    hex, seal,
    segment::{self, FRAME_HEAD_BYTES, Header, Piece},
    slip::{SlipKey, SlipPublicKey},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};

/// Of a digest: no other record can be found that has the same one.
pub(crate) const DIGEST_BYTES: usize = 16;
/// The smallest frame that a unit writes: the least that is filled up to, and no more than age puts around it (a header of
/// 168 bytes at least, a nonce and a tag of 16 each). Of a damaged stretch it tells how many records were in it at most.
const LEAST_FRAME_BYTES: usize = FRAME_HEAD_BYTES + seal::FILLED_TO + 200;
/// Stands before what is signed, so that no signature of a slip is one of a link.
const CONTEXT: &[u8] = b"synkiosk journal 1\0";

/// The first bytes of the SHA-256 of a sealed record; zeros where there is none. Written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordDigest(pub [u8; DIGEST_BYTES]);

/// Where a record hangs: what it carries beside itself, and what the next one will.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// How many records this journal was given before it.
    pub sequence: u64,
    /// Of the record before it.
    pub previous: RecordDigest,
}

/// Where a unit's journal ends, and how many of its records it had to drop unread for want of room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct End {
    /// Where the next record would hang.
    pub next: Link,
    /// Ever dropped.
    pub dropped: u64,
}

impl RecordDigest {
    /// Of what is sealed.
    pub fn of(sealed: &[u8]) -> RecordDigest {
        let mut digest = [0; DIGEST_BYTES];
        digest.copy_from_slice(&Sha256::digest(sealed)[..DIGEST_BYTES]);
        RecordDigest(digest)
    }
}

impl Link {
    /// Of the record after one that hangs here.
    #[must_use]
    pub fn next(self, sealed: &[u8]) -> Link {
        Link { sequence: self.sequence.saturating_add(1), previous: RecordDigest::of(sealed) }
    }

    /// Of the first record of a segment, where its header says so.
    pub fn first_of(bytes: &[u8]) -> Option<Link> {
        match Header::of(bytes) {
            Header::Sound(link) => link,
            Header::Newer(_) | Header::Broken => None,
        }
    }

    /// Of the record after all that a segment holds; its header knows better than `self` where it begins.
    #[must_use]
    pub fn after(self, bytes: &[u8]) -> Link {
        let mut next = Link::first_of(bytes).unwrap_or(self);
        for piece in segment::read_segment(bytes).into_iter().flatten() {
            match piece {
                Piece::Frame(frame) => next = next.next(frame.sealed),
                // What is torn was never there.
                Piece::Damage(damage) if damage.torn => {}
                // A number is rather left out than given twice. A broken header is no record.
                Piece::Damage(damage) => {
                    let records = (damage.bytes / LEAST_FRAME_BYTES).max(usize::from(damage.offset > 0));
                    next.sequence = next.sequence.saturating_add(records as u64);
                }
            }
        }
        next
    }
}

impl End {
    /// The unit's word for it: 128 hexadecimal digits.
    pub fn signed(&self, unit: &str, key: &SlipKey) -> String {
        key.sign(&self.message(unit)).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether the holder of a key said so.
    pub fn is_signed_by(&self, unit: &str, key: &SlipPublicKey, signature: &str) -> bool {
        hex::bytes_of(signature).is_some_and(|signature| key.has_signed(&self.message(unit), &signature))
    }

    fn message(&self, unit: &str) -> Vec<u8> {
        let Link { sequence, previous } = self.next;
        let numbers = [sequence.to_le_bytes(), self.dropped.to_le_bytes()].concat();
        [CONTEXT, &numbers, &previous.0, unit.as_bytes()].concat()
    }
}

/// A text that is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 32 hexadecimal digits in lower case")]
pub struct DigestError;

impl FromStr for RecordDigest {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<RecordDigest, DigestError> {
        hex::bytes_of(text).map(RecordDigest).ok_or(DigestError)
    }
}

impl fmt::Display for RecordDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl Serialize for RecordDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RecordDigest, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Journal, Options,
        fake_store::FakeStore,
        record::tests::sample,
        store::{Discard, Store},
    };
    use age::x25519::Identity;

    /// The links of all records, in the order of the medium.
    fn links(store: &FakeStore, key: &Identity) -> Vec<Link> {
        let mut numbers = store.segments().unwrap();
        numbers.sort_unstable();
        let mut links = Vec::new();
        for number in numbers {
            for piece in segment::read_segment(&store.bytes(number)).unwrap() {
                if let Piece::Frame(frame) = piece {
                    links.push(frame.open_linked(key).unwrap().1.unwrap());
                }
            }
        }
        links
    }

    fn append(store: &FakeStore, key: &Identity, records: std::ops::Range<u8>) -> Link {
        let options = Options { segment_bytes: Options::LEAST_SEGMENT_BYTES };
        let (mut journal, _) = Journal::with_store(store.clone(), key.to_public(), options).unwrap();
        for record in records {
            journal.append(&sample(record)).unwrap();
        }
        journal.next_link()
    }

    #[test]
    fn a_chain_goes_on_over_segments_and_starts_and_what_was_released() {
        let (mut store, key) = (FakeStore::new(), Identity::generate());
        append(&store, &key, 0..40);
        append(&store, &key, 40..60);
        assert!(store.segments().unwrap().len() >= 2);
        store.discard(1).unwrap();
        let end = append(&store, &key, 60..64);
        let links = links(&store, &key);
        let first = links[0].sequence;
        assert!(first > 0 && links[0].previous != RecordDigest::default());
        assert_eq!((first + links.len() as u64, end.sequence), (64, 64));
        assert!(links.iter().zip(first..).all(|(link, sequence)| link.sequence == sequence));
    }

    #[test]
    fn each_link_names_the_record_before_it() {
        let (store, key) = (FakeStore::new(), Identity::generate());
        let end = append(&store, &key, 0..5);
        let bytes = store.bytes(1);
        let mut next = Link::default();
        for piece in segment::read_segment(&bytes).unwrap() {
            let Piece::Frame(frame) = piece else { panic!("{piece:?}") };
            assert_eq!(frame.open_linked(&key).unwrap().1, Some(next));
            next = next.next(frame.sealed);
        }
        assert_eq!((next, Link::default().after(&bytes)), (end, end));
    }

    #[test]
    fn a_number_is_never_given_twice_whatever_was_damaged() {
        let (store, key) = (FakeStore::new(), Identity::generate());
        append(&store, &key, 0..6);
        let whole = store.bytes(1);
        let frames: Vec<_> = segment::read_segment(&whole).unwrap().collect();
        for first in 0..6 {
            for last in first..6 {
                let mut bytes = whole.clone();
                for piece in &frames[first..=last] {
                    let Piece::Frame(frame) = piece else { panic!() };
                    bytes[frame.offset + 100] ^= 1;
                }
                let next = Link::default().after(&bytes);
                assert!((6..=7).contains(&next.sequence), "{first} to {last}: {}", next.sequence);
            }
        }
        // A power cut in a record that nobody was promised takes no number.
        assert_eq!(Link::default().after(&whole[..whole.len() - 5]).sequence, 5);
    }

    #[test]
    fn a_unit_signs_where_its_journal_ends() {
        let key = SlipKey::random().unwrap();
        let next = Link { sequence: 7, previous: RecordDigest::of(b"sealed") };
        let end = End { next, dropped: 2 };
        let signature = end.signed("ward-3", &key);
        assert_eq!(signature.len(), 128);
        assert!(end.is_signed_by("ward-3", &key.public(), &signature));
        let other = SlipKey::random().unwrap().public();
        assert!(!end.is_signed_by("ward-3", &other, &signature));
        assert!(!end.is_signed_by("ward-4", &key.public(), &signature));
        let fewer = Link { sequence: 6, ..next };
        for changed in [End { next: fewer, ..end }, End { dropped: 3, ..end }, End::default()] {
            assert!(!changed.is_signed_by("ward-3", &key.public(), &signature));
        }
        for wrong in ["", &signature[1..], &signature.to_uppercase(), &"é".repeat(64)] {
            assert!(!end.is_signed_by("ward-3", &key.public(), wrong));
        }
        assert_eq!(next.previous.to_string().parse(), Ok(next.previous));
    }
}
