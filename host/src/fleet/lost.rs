//! What a store cannot take of a segment, told record by record.

use synkiosk_journal::record::RecordError;
use synkiosk_journal::seal::OpenError;
use synkiosk_journal::segment::{
    Damage, FRAME_HEAD_BYTES, HEADER_BYTES, MOST_SEALED_BYTES, UNCHAINED_HEADER_BYTES,
};

/// Why bytes are no record of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A record whose bytes were changed.
    Damaged,
    /// The beginning of a record: the file ends in it.
    Torn,
    /// Sealed for another collector.
    OtherKey,
    /// A later program wrote it.
    NewerFormat,
    /// It opened, and is no record.
    Malformed,
    /// A segment's header; no record is lost with it.
    Header,
    /// A whole segment that cannot be read.
    Segment,
}

impl Reason {
    /// All, in the order of reports.
    pub const ALL: [Reason; 7] = [
        Reason::Damaged,
        Reason::Torn,
        Reason::OtherKey,
        Reason::NewerFormat,
        Reason::Malformed,
        Reason::Header,
        Reason::Segment,
    ];

    /// Its name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Damaged => "damaged",
            Reason::Torn => "torn",
            Reason::OtherKey => "other-key",
            Reason::NewerFormat => "newer-format",
            Reason::Malformed => "malformed",
            Reason::Header => "header",
            Reason::Segment => "segment",
        }
    }

    /// Of an error in opening.
    pub fn of(error: &OpenError) -> Reason {
        match error {
            OpenError::OtherKey => Reason::OtherKey,
            OpenError::Damaged(_) => Reason::Damaged,
            OpenError::Record(RecordError::NewerFormat(_)) => Reason::NewerFormat,
            OpenError::Record(RecordError::Malformed(_)) => Reason::Malformed,
        }
    }
}

/// What every age file begins with.
const AGE: &[u8] = b"age-encryption.org/v1\n";

/// The records within a stretch of damage, `[from, to)` in the segment: several where neighbors were hit.
pub fn records_in(segment: &[u8], damage: Damage) -> Vec<([usize; 2], Reason)> {
    let end = damage.offset + damage.bytes;
    let mut parts = Vec::new();
    let mut at = damage.offset;
    if at == 0 {
        // The header could not be read, so that damage begins before the first record.
        let old = is_sealed(segment, UNCHAINED_HEADER_BYTES);
        at = end.min(if old { UNCHAINED_HEADER_BYTES } else { HEADER_BYTES });
        parts.push(([0, at], Reason::Header));
    }
    while at < end {
        let next =
            claimed_end(segment, at, end).or_else(|| sealed_after(segment, at + 1, end)).unwrap_or(end);
        let reason = if next == end && damage.torn { Reason::Torn } else { Reason::Damaged };
        parts.push(([at, next], reason));
        at = next;
    }
    parts
}

/// Where the record at `at` says that it ends, if another record or the end of the damage confirms it.
fn claimed_end(segment: &[u8], at: usize, end: usize) -> Option<usize> {
    let confirmed = |claimed: usize| claimed == end || (claimed < end && is_sealed(segment, claimed));
    let claimed = length_end(segment, at)?;
    // A neighbor whose first words were hit still has its length.
    let by_neighbor = || claimed < end && length_end(segment, claimed).is_some_and(confirmed);
    (confirmed(claimed) || by_neighbor()).then_some(claimed)
}

fn length_end(segment: &[u8], at: usize) -> Option<usize> {
    let length = segment.get(at..)?.first_chunk::<4>().map(|four| u32::from_le_bytes(*four))?;
    let length = usize::try_from(length).ok().filter(|it| (1..=MOST_SEALED_BYTES).contains(it))?;
    Some(at + FRAME_HEAD_BYTES + length)
}

fn sealed_after(segment: &[u8], from: usize, end: usize) -> Option<usize> {
    (from..end.saturating_sub(FRAME_HEAD_BYTES)).find(|at| is_sealed(segment, *at))
}

fn is_sealed(segment: &[u8], at: usize) -> bool {
    segment.get(at + FRAME_HEAD_BYTES..).is_some_and(|rest| rest.starts_with(AGE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: usize) -> Vec<u8> {
        let mut bytes = u32::try_from(length).unwrap().to_le_bytes().to_vec();
        bytes.extend([0; 4]);
        bytes.extend(AGE);
        bytes.resize(FRAME_HEAD_BYTES + length, 7);
        bytes
    }

    fn of(bytes: &[u8], torn: bool) -> Vec<([usize; 2], Reason)> {
        records_in(bytes, Damage { offset: HEADER_BYTES, bytes: bytes.len() - HEADER_BYTES, torn })
    }

    #[test]
    fn neighbors_are_told_apart_by_length_or_by_what_they_begin_with() {
        let mut bytes = vec![1; HEADER_BYTES];
        bytes.extend(frame(100));
        bytes.extend(frame(200));
        let both = vec![([44, 152], Reason::Damaged), ([152, 360], Reason::Damaged)];
        assert_eq!(of(&bytes, false), both);
        for at in [44, 45, 52, 84, 152, 164] {
            let mut changed = bytes.clone();
            changed[at] ^= 0x55;
            let parts = of(&changed, false);
            assert_eq!(parts, both, "byte {at}");
        }
    }

    #[test]
    fn a_header_is_no_record_and_a_torn_end_is_called_so() {
        let mut bytes = vec![1; HEADER_BYTES];
        bytes.extend(&frame(100)[..60]);
        let damage = Damage { offset: 0, bytes: bytes.len(), torn: true };
        assert_eq!(records_in(&bytes, damage), [([0, 44], Reason::Header), ([44, 104], Reason::Torn)]);
        let damage = Damage { offset: 0, bytes: 44, torn: false };
        assert_eq!(records_in(&bytes, damage), [([0, 44], Reason::Header)]);
        let old = [&[1; UNCHAINED_HEADER_BYTES], &frame(100)[..]].concat();
        let damage = Damage { offset: 0, bytes: old.len(), torn: false };
        assert_eq!(records_in(&old, damage), [([0, 20], Reason::Header), ([20, 128], Reason::Damaged)]);
    }
}
