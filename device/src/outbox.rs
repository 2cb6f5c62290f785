//! What a stick carries home: `synkiosk/outbox/<unit>/` with the unit's sealed segments and `unit.toml`.
//!
//! Segments stay on the unit until the collector acknowledges them, so nothing is lost with a stick. Each is written beside
//! its place, made durable, put into its place, and read back from the stick.
//!
//! Invariant: a file on the stick that holds a session which this unit does not have is never replaced.

use crate::{
    slots::shelf::{Folder, Shelf},
    whole_file::sync_folder,
};
use std::{
    collections::BTreeSet,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};
use synkiosk_boards::unit::outbox::{FILE, UnitFile};
use synkiosk_journal::{
    chain::Link,
    disk as fs,
    segment::{Piece, read_segment},
    store::{Store, segment_name},
};

/// Where outboxes are on a stick.
pub const FOLDER: [&str; 2] = ["synkiosk", "outbox"];

/// What is on the stick now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PutOut {
    /// Segments that were written.
    pub written: usize,
    /// Sessions of this unit on the stick, those that were there before included.
    pub sessions: usize,
    /// Segments that could not be read on the unit.
    pub unreadable: usize,
}

/// Why not all of the sessions are on the stick. Those that were before it are.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The unit's own journal cannot be listed.
    #[error("the journal could not be listed ({0})")]
    Journal(io::Error),
    /// Something else is where a folder has to be.
    #[error("{0} on the stick is no folder")]
    NotAFolder(&'static str),
    /// The stick did not take it.
    #[error("could not write {file} to the stick ({cause})")]
    Write {
        /// What was written.
        file: String,
        /// What the system says.
        cause: io::Error,
    },
    /// The stick did not give it back.
    #[error("{0} on the stick is not what was written to it")]
    ReadBack(String),
    /// Sessions of another card lie under this unit's name.
    #[error("{0} on the stick holds sessions that this unit does not have")]
    NotOurs(String),
}

impl OutboxError {
    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            OutboxError::Journal(_) => "replace the card",
            OutboxError::NotAFolder(_) => "take that file off the stick",
            OutboxError::Write { cause, .. } if is_full(cause) => {
                "collect the stick and delete its synkiosk/outbox, or take a larger one"
            }
            OutboxError::Write { cause, .. } if cause.kind() == ErrorKind::ReadOnlyFilesystem => {
                "move the stick's switch, or have a computer check it"
            }
            OutboxError::Write { .. } | OutboxError::ReadBack(_) => "take another stick",
            OutboxError::NotOurs(_) => "collect this stick and delete its synkiosk/outbox, or take another",
        }
    }
}

pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Writes to a mounted stick what it does not have yet. `file` is what the unit says of itself when its journal ends so.
///
/// # Errors
/// The first thing that fails; what was written until then is whole.
pub fn put_out(
    stick: &Path,
    unit: &str,
    file: impl FnOnce(Option<Link>) -> UnitFile,
    segments: &impl Store,
) -> Result<PutOut, OutboxError> {
    let folder = make_folder(stick, unit)?;
    let mut shelf = UncachedFolder(Folder::open(&folder).map_err(|cause| write_failed(FOLDER[1], cause))?);
    put_on(&mut shelf, file, segments)
}

fn make_folder(stick: &Path, unit: &str) -> Result<PathBuf, OutboxError> {
    let mut folder = stick.to_owned();
    for part in FOLDER.into_iter().chain([unit]) {
        let above = folder.clone();
        folder.push(part);
        match fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                return Err(OutboxError::NotAFolder(if part == FOLDER[0] { FOLDER[0] } else { FOLDER[1] }));
            }
            Err(_) => fs::create_dir(&folder)
                .and_then(|()| sync_folder(&above))
                .map_err(|cause| write_failed(part, cause))?,
        }
    }
    Ok(folder)
}

/// The same on any shelf.
fn put_on(
    shelf: &mut impl Shelf,
    file: impl FnOnce(Option<Link>) -> UnitFile,
    segments: &impl Store,
) -> Result<PutOut, OutboxError> {
    let mut numbers = segments.segments().map_err(OutboxError::Journal)?;
    numbers.sort_unstable();
    let Ends { end, mut last } = Ends::of(&numbers, segments);
    let mut out = PutOut::default();
    // First, so that a stick that is pulled out too early says at least whose the segments are.
    put(shelf, FILE, file(end).to_text().as_bytes())?;
    for number in &numbers {
        let is_last = numbers.last() == Some(number);
        let bytes = match last.take_if(|_| is_last) {
            Some(bytes) => Ok(bytes),
            None => segments.read(*number),
        };
        match bytes {
            // One that was begun and holds nothing yet.
            Ok(bytes) if bytes.is_empty() => {}
            Ok(bytes) => {
                out.written += usize::from(put_segment(shelf, &segment_name(*number), &bytes)?);
                out.sessions += sessions(&bytes).len();
            }
            Err(_) => out.unreadable += 1,
        }
    }
    Ok(out)
}

/// The last segment, and where it ends: a session that ends meanwhile is in neither.
struct Ends {
    end: Option<Link>,
    last: Option<Vec<u8>>,
}

impl Ends {
    fn of(numbers: &[u32], segments: &impl Store) -> Ends {
        let mut read = Vec::new();
        for number in numbers.iter().rev() {
            // The card's failing is told where the segment is written.
            let Ok(bytes) = segments.read(*number) else { break };
            let first = Link::first_of(&bytes);
            read.push(bytes);
            if let Some(first) = first {
                let end = read.iter().rev().fold(first, |link, bytes| link.after(bytes));
                return Ends { end: Some(end), last: read.into_iter().next() };
            }
        }
        Ends { end: None, last: read.into_iter().next() }
    }
}

/// Whether it had to be written.
fn put_segment(shelf: &mut impl Shelf, file: &str, bytes: &[u8]) -> Result<bool, OutboxError> {
    // What cannot be read there holds nothing that could be lost.
    if let Ok(Some(there)) = shelf.read(file) {
        if there == bytes {
            return Ok(false);
        }
        if !sessions(&there).is_subset(&sessions(bytes)) {
            return Err(OutboxError::NotOurs(file.to_owned()));
        }
    }
    put(shelf, file, bytes)?;
    Ok(true)
}

fn put(shelf: &mut impl Shelf, file: &str, bytes: &[u8]) -> Result<(), OutboxError> {
    shelf.write(file, bytes).map_err(|cause| write_failed(file, cause))?;
    match shelf.read(file) {
        Ok(Some(there)) if there == bytes => Ok(()),
        Ok(_) => Err(OutboxError::ReadBack(file.to_owned())),
        Err(cause) => Err(write_failed(file, cause)),
    }
}

fn write_failed(file: &str, cause: io::Error) -> OutboxError {
    OutboxError::Write { file: file.to_owned(), cause }
}

/// The sealed sessions in a segment.
fn sessions(segment: &[u8]) -> BTreeSet<&[u8]> {
    let pieces = read_segment(segment).into_iter().flatten();
    pieces
        .filter_map(|piece| match piece {
            Piece::Frame(frame) => Some(frame.sealed),
            Piece::Damage(_) => None,
        })
        .collect()
}

/// A folder whose files are read from the medium itself and not from memory.
struct UncachedFolder(Folder);

impl Shelf for UncachedFolder {
    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>> {
        self.0.forget(file);
        self.0.read(file)
    }

    fn write(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.write(file, bytes)
    }

    fn set_aside(&mut self, file: &str) -> io::Result<()> {
        self.0.set_aside(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slots::fake_shelf::{FakeShelf, STEPS_OF_A_WRITE};
    use synkiosk_boards::unit::outbox::JournalEnd;
    use synkiosk_journal::{
        Journal, Options, Record,
        fake_store::FakeStore,
        record::{BundleId, Format, IndexRecords, Outcome},
        when::When,
        words::{SessionId, Version},
    };

    fn record(number: u8) -> Record {
        Record {
            format: Format,
            session: SessionId([number; 16]),
            when: When::Boot { counter: 1 },
            software: Version { major: 0, minor: 1, patch: 0 },
            bundle: BundleId { name: "test".parse().unwrap(), version: 3 },
            board: "desk".parse().unwrap(),
            outcome: Outcome::Stopped,
            score: None,
            indices: IndexRecords::default(),
            poses: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// A journal of several small segments, and how many sessions it holds.
    fn journal() -> (FakeStore, usize) {
        let store = FakeStore::new();
        let options = Options { segment_bytes: Options::LEAST_SEGMENT_BYTES };
        let recipient = age::x25519::Identity::generate().to_public();
        let (mut journal, _) = Journal::with_store(store.clone(), recipient, options).unwrap();
        let mut sessions = 1;
        while journal.append(&record(sessions)).unwrap().segment < 3 {
            sessions += 1;
        }
        (store, usize::from(sessions))
    }

    fn unit(end: Option<Link>) -> UnitFile {
        let end = end.expect("a journal of this program says where it ends");
        let journal =
            JournalEnd { records: end.sequence, last: end.previous.to_string(), signature: "0a".repeat(64) };
        UnitFile {
            unit: "ward-3".to_owned(),
            site: None,
            board: None,
            dropped: 0,
            slip_key: None,
            journal: Some(journal),
        }
    }

    #[test]
    fn a_stick_gets_what_it_does_not_have_and_the_unit_keeps_all() {
        let stick = tempfile::tempdir().unwrap();
        let (store, sessions) = journal();
        let out = put_out(stick.path(), "ward-3", unit, &store).unwrap();
        assert_eq!(out, PutOut { written: 3, sessions, unreadable: 0 });
        let folder = stick.path().join("synkiosk/outbox/ward-3");
        for number in 1..=3 {
            assert_eq!(fs::read(folder.join(segment_name(number))).unwrap(), store.bytes(number));
        }
        let said = UnitFile::parse(&fs::read_to_string(folder.join("unit.toml")).unwrap()).unwrap();
        assert_eq!(said.journal.unwrap().records, sessions as u64);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
        assert_eq!(put_out(stick.path(), "ward-3", unit, &store).unwrap(), PutOut { written: 0, ..out });
        assert_eq!(store.segments().unwrap().len(), 3);
    }

    #[test]
    fn a_segment_that_has_grown_or_was_damaged_on_the_stick_is_written_again() {
        let shelf = FakeShelf::default();
        let (store, sessions) = journal();
        let name = segment_name(1);
        let whole = store.bytes(1);
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        for there in [&whole[..whole.len() / 2], b"", &vec![0; whole.len()], &flipped] {
            shelf.plant(&name, there);
            assert_eq!(put_on(&mut shelf.clone(), unit, &store).unwrap().sessions, sessions);
            assert_eq!(shelf.bytes(&name).unwrap(), whole);
        }
        shelf.break_file(&name);
        put_on(&mut shelf.clone(), unit, &store).unwrap();
        assert_eq!(shelf.bytes(&name).unwrap(), whole);
    }

    #[test]
    fn sessions_of_another_card_are_never_replaced() {
        let shelf = FakeShelf::default();
        let (other, _) = journal();
        shelf.plant(&segment_name(2), &other.bytes(2));
        let (store, _) = journal();
        let error = put_on(&mut shelf.clone(), unit, &store).unwrap_err();
        assert_eq!(
            error.to_string(),
            "00000002.segment on the stick holds sessions that this unit does not have"
        );
        assert_eq!(shelf.bytes(&segment_name(2)).unwrap(), other.bytes(2));
        assert_eq!(shelf.bytes(&segment_name(1)).unwrap(), store.bytes(1));
    }

    /// The stick is pulled out at every step: what is in its place is whole, and the next visit does the rest.
    #[test]
    fn a_stick_pulled_out_at_any_step_costs_nothing() {
        let (store, sessions) = journal();
        let before: Vec<_> = (1..=3).map(|number| store.bytes(number)).collect();
        for steps in 0..4 * STEPS_OF_A_WRITE {
            let shelf = FakeShelf::default();
            shelf.cut_after(steps);
            let error = put_on(&mut shelf.clone(), unit, &store).unwrap_err();
            assert!(matches!(error, OutboxError::Write { .. }), "{error}");
            let shelf = shelf.restarted();
            for (number, bytes) in (1..=3).zip(&before) {
                assert!(
                    shelf.bytes(&segment_name(number)).is_none_or(|there| there == *bytes),
                    "after {steps}"
                );
                assert_eq!(store.bytes(number), *bytes, "the unit's own was touched");
            }
            assert_eq!(put_on(&mut shelf.clone(), unit, &store).unwrap().sessions, sessions);
        }
    }

    #[test]
    fn a_full_stick_a_lying_one_and_a_file_in_the_way_are_told_apart() {
        let (store, _) = journal();
        let shelf = FakeShelf::default();
        shelf.set_full(true);
        let error = put_on(&mut shelf.clone(), unit, &store).unwrap_err();
        assert!(error.help().contains("larger one"), "{error}");
        shelf.set_full(false);
        shelf.forget_writes(true);
        let error = put_on(&mut shelf.clone(), unit, &store).unwrap_err();
        assert_eq!(error.to_string(), "unit.toml on the stick is not what was written to it");
        let stick = tempfile::tempdir().unwrap();
        fs::write(stick.path().join("synkiosk"), b"no folder").unwrap();
        let error = put_out(stick.path(), "ward-3", unit, &store).unwrap_err();
        assert_eq!(error.to_string(), "synkiosk on the stick is no folder");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_by_way_of_a_link() {
        let (stick, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (store, _) = journal();
        fs::create_dir(stick.path().join("synkiosk")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), stick.path().join("synkiosk/outbox")).unwrap();
        assert!(matches!(
            put_out(stick.path(), "ward-3", unit, &store),
            Err(OutboxError::NotAFolder("outbox"))
        ));
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}
