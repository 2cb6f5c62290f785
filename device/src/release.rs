//! Lets go of sessions that the collector has: exactly the segments that an acknowledgement names, byte for byte.

use std::{fmt, io};
use synkiosk_boards::unit::acknowledgement::{Acknowledgement, Segment};
use synkiosk_journal::store::{self, Discard};
use synkiosk_models::bundle::Member;

/// What became of the segments that were acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// Gone, for good.
    pub discarded: Vec<u32>,
    /// Gone before.
    pub gone: usize,
    /// Still there, and why.
    pub kept: Vec<(u32, Reason)>,
}

/// Why a segment was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is the last one: sessions are still written to it.
    StillWritten,
    /// It is not what the collector has.
    Differs,
    /// It could not be read.
    Unreadable,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::StillWritten => "is still written to",
            Reason::Differs => "is not what the collector has",
            Reason::Unreadable => "could not be read",
        })
    }
}

/// Discards what was acknowledged, and keeps everything else.
///
/// # Errors
/// When segments cannot be listed, or one cannot be taken away; what was discarded until then stays so.
pub fn release(acknowledged: &Acknowledgement, segments: &mut impl Discard) -> io::Result<Released> {
    let there = segments.segments()?;
    let closed = store::closed(segments)?;
    let mut released = Released::default();
    for segment in &acknowledged.segments {
        let number = segment.number;
        if !there.contains(&number) {
            released.gone += 1;
        } else if !closed.contains(&number) {
            released.kept.push((number, Reason::StillWritten));
        } else {
            match segments.read(number).map(|bytes| is_the_same(segment, &bytes)) {
                Ok(true) => {
                    segments.discard(number)?;
                    released.discarded.push(number);
                }
                Ok(false) => released.kept.push((number, Reason::Differs)),
                Err(_) => released.kept.push((number, Reason::Unreadable)),
            }
        }
    }
    Ok(released)
}

fn is_the_same(segment: &Segment, bytes: &[u8]) -> bool {
    segment.bytes == bytes.len() as u64 && segment.sha256 == Member::of("segment", bytes).sha256
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_journal::{fake_store::FakeStore, store::Store};

    fn store() -> FakeStore {
        let store = FakeStore::new();
        for number in 1..=4 {
            store.plant(number, format!("segment {number}").as_bytes());
        }
        store
    }

    fn segment(number: u32) -> Segment {
        let bytes = format!("segment {number}").into_bytes();
        Segment { number, bytes: bytes.len() as u64, sha256: Member::of("segment", &bytes).sha256 }
    }

    fn acknowledging(segments: Vec<Segment>) -> Acknowledgement {
        Acknowledgement::new("ward-3", segments).unwrap()
    }

    #[test]
    fn what_the_collector_has_goes_and_nothing_else() {
        let mut store = store();
        let other = Segment { sha256: segment(1).sha256, ..segment(2) };
        let shorter = Segment { bytes: 5, ..segment(3) };
        let acknowledged = acknowledging(vec![segment(1), other, shorter, segment(4), segment(9)]);
        let kept = vec![(2, Reason::Differs), (3, Reason::Differs), (4, Reason::StillWritten)];
        let expected = Released { discarded: vec![1], gone: 1, kept };
        assert_eq!(release(&acknowledged, &mut store).unwrap(), expected);
        assert_eq!(store.segments().unwrap(), [4, 3, 2]);
        // The same stick once more.
        let again = release(&acknowledging(vec![segment(1)]), &mut store).unwrap();
        assert_eq!(again, Released { gone: 1, ..Released::default() });
    }

    #[test]
    fn a_power_cut_between_two_leaves_the_rest_for_the_next_time() {
        let acknowledged = acknowledging((1..=3).map(segment).collect());
        for steps in 0..6 {
            let mut store = store();
            store.cut_after(steps, synkiosk_journal::fake_store::Tear::Short);
            assert!(release(&acknowledged, &mut store).is_err());
            let mut store = store.restarted();
            let left = store.segments().unwrap();
            assert!(left.contains(&4) && left.len() >= 1 + 3 - steps.div_ceil(2), "after {steps}: {left:?}");
            release(&acknowledged, &mut store).unwrap();
            assert_eq!(store.segments().unwrap(), [4]);
        }
    }
}
