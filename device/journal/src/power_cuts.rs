//! The promise: what was acknowledged is there, whole, and nothing else is; whatever the power and the disk do.

use crate::chain::Link;
use crate::fake_store::{FakeStore, Tear};
use crate::journal::{Journal, JournalError, Options, Recovery};
use crate::record::tests::sample;
use crate::segment::{HEADER_BYTES, Piece, read_segment};
use crate::store::{Folder, Store};
use age::x25519::Identity;
use proptest::prelude::*;
use std::sync::LazyLock;

/// One key for all: making it is the slowest part.
static KEY: LazyLock<Identity> = LazyLock::new(Identity::generate);

const SMALL: Options = Options { segment_bytes: Options::LEAST_SEGMENT_BYTES };

fn open<S: Store>(store: S) -> (Journal<S>, Recovery) {
    Journal::with_store(store, KEY.to_public(), SMALL).unwrap()
}

/// The counters of all records, in order, opened with the collector's key.
fn collected(store: &impl Store) -> Vec<u8> {
    let mut numbers = store.segments().unwrap();
    numbers.sort_unstable();
    let mut counters = Vec::new();
    for number in numbers {
        let bytes = store.read(number).unwrap();
        for piece in read_segment(&bytes).unwrap() {
            if let Piece::Frame(frame) = piece {
                let record = frame.open(&KEY).unwrap();
                assert_eq!(record, sample(record.session.0[0]));
                counters.push(record.session.0[0]);
            }
        }
    }
    counters
}

/// Appends records 0, 1, … until one fails; how many were acknowledged.
fn append_until_it_fails(store: FakeStore, records: u8) -> u8 {
    let Ok((mut journal, _)) = Journal::with_store(store, KEY.to_public(), SMALL) else { return 0 };
    (0..records).take_while(|counter| journal.append(&sample(*counter)).is_ok()).count() as u8
}

/// Acknowledged records are there. One more may be: written whole, and the power cut before it could be said.
fn assert_holds(store: &FakeStore, acknowledged: u8) -> u8 {
    let found = collected(store);
    let expected: Vec<u8> = (0..found.len() as u8).collect();
    assert_eq!(found, expected);
    let count = found.len() as u8;
    assert!(count == acknowledged || count == acknowledged + 1, "{count} found, {acknowledged} acknowledged");
    count
}

#[test]
fn a_folder_keeps_records_across_starts() {
    let folder = tempfile::tempdir().unwrap();
    for start in 0..3 {
        let (mut journal, recovery) =
            Journal::open(folder.path(), KEY.to_public(), Options::default()).unwrap();
        let expected =
            Recovery { segments: usize::from(start > 0), frames: usize::from(start), ..Recovery::default() };
        assert_eq!(recovery, expected);
        let receipt = journal.append(&sample(start)).unwrap();
        assert_eq!(receipt.segment, 1);
        let busy = Journal::open(folder.path(), KEY.to_public(), Options::default()).unwrap_err();
        assert!(matches!(busy, JournalError::InUse), "{busy}");
    }
    assert_eq!(collected(&Folder::open(folder.path()).unwrap()), [0, 1, 2]);
}

#[test]
fn a_folder_is_cut_at_every_length_and_written_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("00000001.segment");
    let receipts: Vec<_> = {
        let (mut journal, _) = Journal::open(folder.path(), KEY.to_public(), SMALL).unwrap();
        (0..3).map(|counter| journal.append(&sample(counter)).unwrap()).collect()
    };
    let sound = std::fs::read(&path).unwrap();
    let ends: Vec<_> = receipts.iter().map(|receipt| receipt.offset as usize + receipt.bytes).collect();
    assert_eq!(ends.last(), Some(&sound.len()));
    // Every length takes minutes on a slow disk; the ends of frames and their surroundings, and each 97th, do not.
    let near = |length: usize| ends.iter().any(|end| end.abs_diff(length) < 12);
    for length in (0..=sound.len()).filter(|length| *length < 60 || near(*length) || length % 97 == 0) {
        std::fs::write(&path, &sound[..length]).unwrap();
        let (mut journal, recovery) = Journal::open(folder.path(), KEY.to_public(), SMALL).unwrap();
        let whole = ends.iter().filter(|end| **end <= length).count();
        let good = if whole > 0 {
            ends[whole - 1]
        } else if length < HEADER_BYTES {
            0
        } else {
            HEADER_BYTES
        };
        assert_eq!(
            (recovery.frames, recovery.torn_bytes, recovery.damaged),
            (whole, length - good, 0),
            "{length}"
        );
        journal.append(&sample(9)).unwrap();
        drop(journal);
        let mut expected: Vec<u8> = (0..whole as u8).collect();
        expected.push(9);
        assert_eq!(collected(&Folder::open(folder.path()).unwrap()), expected, "{length}");
    }
}

#[test]
fn a_segment_that_is_full_is_followed_by_the_next() {
    let store = FakeStore::new();
    assert_eq!(append_until_it_fails(store.clone(), 60), 60);
    let numbers = store.segments().unwrap().len();
    assert!(numbers >= 2, "{numbers}");
    for number in 1..=numbers as u32 {
        assert!(store.bytes(number).len() <= SMALL.segment_bytes);
    }
    assert_eq!(collected(&store), (0..60).collect::<Vec<_>>());
    let (_, recovery) = open(store);
    assert_eq!(recovery, Recovery { segments: numbers, frames: 60, ..Recovery::default() });
}

#[test]
fn a_full_disk_costs_nothing_but_the_record_that_found_it() {
    let whole = {
        let store = FakeStore::new();
        append_until_it_fails(store.clone(), 2);
        store.bytes(1).len()
    };
    // Seals differ by a few hundred bytes in length, so the last steps go beyond.
    for room in 0..whole + 300 {
        let store = FakeStore::full_after(room);
        let (mut journal, _) = open(store.clone());
        let mut kept = Vec::new();
        for counter in 0..2 {
            let before = store.bytes(1);
            match journal.append(&sample(counter)) {
                Ok(_) => kept.push(counter),
                Err(error) => {
                    assert_eq!(store.bytes(1), before, "room {room}: something half-written is left");
                    assert!(matches!(error, JournalError::Full), "{error}");
                    assert!(error.help().contains("collect"));
                }
            }
            assert_eq!(collected(&store), kept, "room {room}");
        }
        store.set_room(usize::MAX);
        journal.append(&sample(7)).unwrap();
        kept.push(7);
        assert_eq!(collected(&store), kept, "room {room}");
        assert_eq!(open(store).1.torn_bytes, 0);
    }
}

#[test]
fn a_damaged_frame_in_the_middle_is_kept_and_counted() {
    let store = FakeStore::new();
    append_until_it_fails(store.clone(), 3);
    let mut bytes = store.bytes(1);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    store.plant(1, &bytes);
    let (mut journal, recovery) = open(store.clone());
    assert_eq!(recovery, Recovery { segments: 1, frames: 2, damaged: 1, ..Recovery::default() });
    journal.append(&sample(3)).unwrap();
    assert!(store.bytes(1).starts_with(&bytes));
    assert_eq!(collected(&store), [0, 2, 3]);
}

#[test]
fn what_is_not_ours_is_never_touched() {
    let mut newer = crate::segment::header(1, &Link::default());
    newer[8] = 9;
    let checksum = crc32fast::hash(&newer[..40]).to_le_bytes();
    newer[40..].copy_from_slice(&checksum);
    for foreign in [&newer[..], b"a letter that somebody saved under the wrong name"] {
        let store = FakeStore::new();
        store.plant(1, foreign);
        let (mut journal, recovery) = open(store.clone());
        assert_eq!(recovery.torn_bytes, 0);
        assert_eq!(recovery.unreadable + recovery.damaged, 1);
        assert_eq!(journal.append(&sample(0)).unwrap().segment, 2);
        assert_eq!(store.bytes(1), foreign);
    }
}

#[test]
fn the_last_number_is_the_last() {
    let store = FakeStore::new();
    store.plant(crate::store::MOST_SEGMENTS, b"a letter that somebody saved under the wrong name");
    let (mut journal, _) = open(store);
    assert!(matches!(journal.append(&sample(0)), Err(JournalError::NumbersUsedUp)));
}

#[test]
fn an_impossible_segment_size_is_refused() {
    for segment_bytes in [0, 1000, usize::MAX] {
        let opened = Journal::with_store(FakeStore::new(), KEY.to_public(), Options { segment_bytes });
        assert!(matches!(opened, Err(JournalError::SegmentBytes(_))));
    }
}

#[test]
fn a_record_too_large_is_refused_and_the_journal_goes_on() {
    let mut large = sample(0);
    large.poses = vec![large.poses[0].clone(); 1000];
    let store = FakeStore::new();
    let (mut journal, _) = open(store.clone());
    assert!(matches!(journal.append(&large), Err(JournalError::TooLarge(_))));
    journal.append(&sample(1)).unwrap();
    assert_eq!(collected(&store), [1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The power is cut at any step, whatever the tear, then once more while the first cut is mended or later on.
    #[test]
    fn power_may_be_cut_at_any_step(steps in 0usize..14_000, zeros: bool) {
        let tear = if zeros { Tear::Zeros } else { Tear::Short };
        let store = FakeStore::failing_after(steps, tear);
        let acknowledged = append_until_it_fails(store.clone(), 5);
        let store = store.restarted();
        let (mut journal, recovery) = open(store.clone());
        let count = assert_holds(&store, acknowledged);
        // A few zeros at the very end of a frame are not told from a changed byte, and are kept.
        prop_assert!(recovery.damaged <= usize::from(zeros), "{:?}", recovery);
        prop_assert_eq!(recovery.frames, usize::from(count));
        journal.append(&sample(count)).unwrap();
        drop(journal);
        assert_holds(&store, count + 1);
        prop_assert_eq!(open(store).1.torn_bytes, 0);
    }

    #[test]
    fn any_bytes_are_a_segment_of_some_kind(bytes in proptest::collection::vec(any::<u8>(), 0..300), number in 1u32..4) {
        let store = FakeStore::new();
        store.plant(number, &bytes);
        let (mut journal, _) = open(store.clone());
        journal.append(&sample(1)).unwrap();
        prop_assert_eq!(collected(&store), [1]);
    }
}
