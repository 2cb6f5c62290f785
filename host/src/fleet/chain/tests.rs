//! A stick on its way from the unit to the collector: what is done to it is noticed, and what happens to it by itself is not
//! taken for that.

use super::Flaw;
use crate::fleet::{
    collect::{self, Report},
    made_up::{self, Numbers},
    store::Store,
};
use age::x25519::Identity;
use std::{
    fs,
    path::{Path, PathBuf},
};
use synkiosk_boards::unit::outbox::{FILE, JournalEnd, UnitFile};
use synkiosk_journal::{
    Journal, Options, SlipKey,
    chain::{End, Link},
    segment::{HEADER_BYTES, Piece, read_segment},
    store::segment_name,
};

const SMALL: Options = Options { segment_bytes: Options::LEAST_SEGMENT_BYTES };
/// Enough for three segments.
const RECORDS: u32 = 70;

/// A unit, its stick, and the study center.
struct Bench {
    folder: tempfile::TempDir,
    identity: Identity,
    key: SlipKey,
    numbers: Numbers,
}

impl Bench {
    fn new() -> Bench {
        let (folder, identity) = (tempfile::tempdir().unwrap(), Identity::generate());
        let bench = Bench { folder, identity, key: SlipKey::random().unwrap(), numbers: Numbers(7) };
        fs::create_dir_all(bench.outbox()).unwrap();
        bench
    }

    fn outbox(&self) -> PathBuf {
        self.folder.path().join("stick/synkiosk/outbox/ward-3")
    }

    /// The unit remembers so many sessions more, and puts them on the stick.
    fn remember(&mut self, records: u32) -> End {
        let journal = self.folder.path().join("card");
        let (mut writer, _) = Journal::open(&journal, self.identity.to_public(), SMALL).unwrap();
        for _ in 0..records {
            writer.append(&made_up::record(&mut self.numbers, 0, 0)).unwrap();
        }
        for entry in fs::read_dir(&journal).unwrap().flatten() {
            if entry.file_name() != "lock" {
                fs::copy(entry.path(), self.outbox().join(entry.file_name())).unwrap();
            }
        }
        let end = End { next: writer.next_link(), dropped: 0 };
        self.say(&end);
        end
    }

    fn say(&self, end: &End) {
        let journal = JournalEnd {
            records: end.next.sequence,
            last: end.next.previous.to_string(),
            signature: end.signed("ward-3", &self.key),
        };
        self.write_file(end.dropped, Some(journal));
    }

    fn write_file(&self, dropped: u64, journal: Option<JournalEnd>) {
        let slip_key = Some(self.key.public().to_string());
        let file = UnitFile { unit: "ward-3".into(), site: None, board: None, dropped, slip_key, journal };
        fs::write(self.outbox().join(FILE), file.to_text()).unwrap();
    }

    fn segment(&self, number: u32) -> PathBuf {
        self.outbox().join(segment_name(number))
    }

    /// The header and the frames of a segment on the stick.
    fn parts(&self, number: u32) -> (Vec<u8>, Vec<Vec<u8>>) {
        let bytes = fs::read(self.segment(number)).unwrap();
        let frames = read_segment(&bytes).unwrap().map(|piece| match piece {
            Piece::Frame(frame) => bytes[frame.offset..frame.end()].to_vec(),
            Piece::Damage(damage) => panic!("{damage:?}"),
        });
        (bytes[..HEADER_BYTES].to_vec(), frames.collect())
    }

    /// Puts a segment together again from what somebody made of its frames.
    fn change(&self, number: u32, by: impl FnOnce(&mut Vec<Vec<u8>>)) {
        let (header, mut frames) = self.parts(number);
        by(&mut frames);
        fs::write(self.segment(number), [header, frames.concat()].concat()).unwrap();
    }

    fn collect(&self) -> Report {
        let path = self.folder.path().join("kiosks.sqlite");
        let store = Store::open(&path).unwrap();
        let stick = self.folder.path().join("stick");
        let report = collect::collect(&[stick], &self.identity, 2, &store, &path).unwrap();
        assert!(report.refused.is_empty(), "{:?}", report.refused);
        report
    }

    fn flaws(&self) -> Vec<Flaw> {
        self.collect().flaws.into_values().flatten().collect()
    }
}

/// What the collector says of a stick that somebody had in hands.
fn after(tamper: impl FnOnce(&mut Bench, End)) -> Vec<Flaw> {
    let mut bench = Bench::new();
    let end = bench.remember(RECORDS);
    tamper(&mut bench, end);
    bench.flaws()
}

/// A frame as anyone can make it who has the collector's public key, which is no secret.
fn forged(bench: &Bench, link: Link) -> Vec<u8> {
    let record = made_up::record(&mut Numbers(99), 1, 1);
    let text = [serde_json::to_vec(&link).unwrap(), b"\n".to_vec(), record.to_json()].concat();
    let sealed = age::encrypt(&bench.identity.to_public(), &text).unwrap();
    let checksum = crc32fast::hash(&sealed).to_le_bytes();
    [&(sealed.len() as u32).to_le_bytes()[..], &checksum, &sealed].concat()
}

/// Where the record hangs whose frame is the `index`th of the first segment.
fn link_of(bench: &Bench, index: u64) -> Link {
    let bytes = fs::read(bench.segment(1)).unwrap();
    let frames = read_segment(&bytes).unwrap().take(index as usize);
    frames.fold(Link::default(), |link, piece| match piece {
        Piece::Frame(frame) => link.next(frame.sealed),
        Piece::Damage(damage) => panic!("{damage:?}"),
    })
}

#[test]
fn an_honest_stick_has_no_flaw_and_neither_has_the_next_visit() {
    let mut bench = Bench::new();
    bench.remember(RECORDS);
    let report = bench.collect();
    assert_eq!((report.total(|it| it.taken), report.flaws.len()), (RECORDS as usize, 0));
    assert_eq!(bench.flaws(), []);
    bench.remember(9);
    assert_eq!(bench.flaws(), []);
}

#[test]
fn a_record_taken_out_is_missed() {
    let flaws = after(|bench, _| bench.change(2, |frames| drop(frames.drain(3..5))));
    let [Flaw::Missing { records: 2, before }] = flaws[..] else { panic!("{flaws:?}") };
    assert_eq!(before.segment, 2);
    let flaws = after(|bench, _| fs::remove_file(bench.segment(2)).unwrap());
    let [Flaw::Missing { records, before }] = flaws[..] else { panic!("{flaws:?}") };
    assert!(records > 10 && before.segment == 3);
}

#[test]
fn a_unit_is_not_told_to_let_go_of_what_does_not_hang_together() {
    let mut bench = Bench::new();
    bench.remember(RECORDS);
    assert_eq!(bench.collect().trusted_segments().len(), 3);
    let mut bench = Bench::new();
    bench.remember(RECORDS);
    bench.change(2, |frames| drop(frames.remove(3)));
    let report = bench.collect();
    assert_eq!((report.segments.len(), report.trusted_segments().len()), (3, 0));
}

#[test]
fn records_that_changed_places_are_out_of_order() {
    let flaws = after(|bench, _| bench.change(1, |frames| frames.swap(4, 5)));
    assert!(flaws.iter().any(|flaw| matches!(flaw, Flaw::OutOfOrder { .. })), "{flaws:?}");
    let flaws = after(|bench, _| {
        let (one, two) = (fs::read(bench.segment(1)).unwrap(), fs::read(bench.segment(2)).unwrap());
        fs::write(bench.segment(1), two).unwrap();
        fs::write(bench.segment(2), one).unwrap();
    });
    assert!(flaws.iter().any(|flaw| matches!(flaw, Flaw::OutOfOrder { .. })), "{flaws:?}");
}

#[test]
fn a_record_put_in_twice_is_no_second_session() {
    let mut bench = Bench::new();
    bench.remember(RECORDS);
    bench.change(1, |frames| frames.push(frames[2].clone()));
    let report = bench.collect();
    assert_eq!(report.total(|it| it.taken), RECORDS as usize);
    let flaws: Vec<_> = report.flaws.into_values().flatten().collect();
    assert!(flaws.iter().any(|flaw| matches!(flaw, Flaw::Repeated { .. })), "{flaws:?}");
}

#[test]
fn a_forged_record_in_the_place_of_another_does_not_fit_its_neighbor() {
    let flaws = after(|bench, _| {
        let frame = forged(bench, link_of(bench, 6));
        bench.change(1, |frames| frames[6] = frame);
    });
    assert!(matches!(flaws[..], [Flaw::Replaced { .. }]), "{flaws:?}");
}

#[test]
fn a_forged_record_behind_the_last_one_is_beyond_what_was_signed() {
    let flaws = after(|bench, end| {
        let frame = forged(bench, end.next);
        bench.change(3, |frames| frames.push(frame));
    });
    assert!(matches!(flaws[..], [Flaw::NotSigned { .. }]), "{flaws:?}");
    let flaws = after(|bench, end| {
        let last = Link { sequence: end.next.sequence - 1, ..Link::default() };
        let frame = forged(bench, last);
        bench.change(3, |frames| *frames.last_mut().unwrap() = frame);
    });
    assert!(flaws.contains(&Flaw::OtherEnd), "{flaws:?}");
}

#[test]
fn an_end_that_was_cut_off_is_missed_and_no_reason_for_alarm_yet() {
    for cut in 1..4 {
        let flaws = after(|bench, _| bench.change(3, |frames| frames.truncate(frames.len() - cut)));
        assert_eq!(flaws, [Flaw::EndMissing { records: cut as u64 }]);
        assert!(!flaws[0].is_alarming());
    }
    let flaws = after(|bench, _| (1..4).for_each(|number| fs::remove_file(bench.segment(number)).unwrap()));
    assert_eq!(flaws, [Flaw::EndMissing { records: u64::from(RECORDS) }]);
}

#[test]
fn what_the_unit_says_of_its_end_cannot_be_changed() {
    let fewer = |end: &End| End { next: Link { sequence: end.next.sequence - 2, ..end.next }, ..*end };
    let flaws = after(|bench, end| {
        let end = fewer(&end);
        let (records, last) = (end.next.sequence, end.next.previous.to_string());
        bench.write_file(0, Some(JournalEnd { records, last, signature: "0a".repeat(64) }));
    });
    assert!(flaws.contains(&Flaw::Signature), "{flaws:?}");
    // Nor can what is missing be called dropped.
    let flaws = after(|bench, end| {
        bench.change(2, |frames| drop(frames.drain(3..5)));
        let signature = end.signed("ward-3", &bench.key);
        let (records, last) = (end.next.sequence, end.next.previous.to_string());
        bench.write_file(2, Some(JournalEnd { records, last, signature }));
    });
    assert!(flaws.contains(&Flaw::Signature), "{flaws:?}");
}

#[test]
fn what_a_forged_count_excused_is_missed_on_the_next_stick() {
    let mut bench = Bench::new();
    let end = bench.remember(RECORDS);
    let (records, last) = (end.next.sequence, end.next.previous.to_string());
    bench.write_file(9, Some(JournalEnd { records, last, signature: "0a".repeat(64) }));
    assert_eq!(bench.flaws(), [Flaw::Signature]);
    bench.remember(9);
    let number = (1..9).rev().find(|number| bench.segment(*number).exists()).unwrap();
    bench.change(number, |frames| drop(frames.remove(frames.len() - 2)));
    let flaws = bench.flaws();
    assert!(matches!(flaws[..], [Flaw::Missing { records: 1, .. }]), "{flaws:?}");
}

#[test]
fn a_unit_that_was_known_keeps_its_key_and_its_word() {
    let mut bench = Bench::new();
    bench.remember(RECORDS);
    assert_eq!(bench.flaws(), []);
    bench.write_file(0, None);
    assert_eq!(bench.flaws(), [Flaw::EndNotSaid]);
    bench.key = SlipKey::random().unwrap();
    bench.remember(1);
    assert_eq!(bench.flaws(), [Flaw::OtherKey]);
}

#[test]
fn what_happens_by_itself_is_not_taken_for_tampering() {
    // A card's bytes go bad.
    let flaws = after(|bench, _| {
        let mut bytes = fs::read(bench.segment(2)).unwrap();
        for at in [bytes.len() / 3, bytes.len() / 2] {
            bytes[at] ^= 1;
        }
        fs::write(bench.segment(2), bytes).unwrap();
    });
    assert_eq!(flaws, []);
    // A full card drops its oldest segment and says so.
    let flaws = after(|bench, end| {
        let (_, frames) = bench.parts(1);
        fs::remove_file(bench.segment(1)).unwrap();
        bench.say(&End { dropped: frames.len() as u64, ..end });
    });
    assert_eq!(flaws, []);
    // What was let go of after it was collected is not on the next stick.
    let mut bench = Bench::new();
    bench.remember(RECORDS);
    assert_eq!(bench.flaws(), []);
    for number in 1..3 {
        fs::remove_file(bench.folder.path().join("card").join(segment_name(number))).unwrap();
        fs::remove_file(bench.segment(number)).unwrap();
    }
    bench.remember(40);
    assert_eq!(bench.flaws(), []);
}

#[test]
fn an_older_stick_that_comes_later_changes_nothing() {
    let mut bench = Bench::new();
    bench.remember(5);
    let old = bench.folder.path().join("old");
    copy(&bench.outbox(), &old);
    bench.remember(5);
    assert_eq!(bench.flaws(), []);
    copy(&old, &bench.outbox());
    assert_eq!(bench.flaws(), []);
}

#[test]
fn a_program_before_the_chain_is_no_reason_for_alarm() {
    let mut bench = Bench::new();
    bench.remember(RECORDS);
    for number in 1..4 {
        let (header, _) = bench.parts(number);
        let mut old = header[..20].to_vec();
        old[8] = 1;
        let checksum = crc32fast::hash(&old[..16]).to_le_bytes();
        old[16..].copy_from_slice(&checksum);
        let (_, frames) = bench.parts(number);
        let frames: Vec<_> = frames.iter().map(|frame| without_link(&bench, frame)).collect();
        fs::write(
            bench.folder.path().join("card").join(segment_name(number)),
            [old, frames.concat()].concat(),
        )
        .unwrap();
    }
    bench.remember(4);
    let report = bench.collect();
    assert_eq!((report.total(|it| it.taken), report.flaws.len()), (RECORDS as usize + 4, 0), "{report:?}");
}

fn without_link(bench: &Bench, frame: &[u8]) -> Vec<u8> {
    let text = age::decrypt(&bench.identity, &frame[8..]).unwrap();
    let record = text.splitn(2, |byte| *byte == b'\n').nth(1).unwrap();
    let sealed = age::encrypt(&bench.identity.to_public(), record).unwrap();
    let checksum = crc32fast::hash(&sealed).to_le_bytes();
    [&(sealed.len() as u32).to_le_bytes()[..], &checksum, &sealed].concat()
}

fn copy(from: &Path, to: &Path) {
    fs::remove_dir_all(to).ok();
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
