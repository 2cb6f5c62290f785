//! A journal on a full disk: the oldest segment makes room for the newest session, and what was dropped is counted.
//!
//! Invariant: sessions are counted as dropped, for good, before they are. A power cut between the two counts too many.

use crate::{
    disk::{self as fs, File},
    journal::{Journal, JournalError, Receipt},
    record::Record,
    segment::{Piece, read_segment},
    store::{self, Discard, Folder, Store},
};
use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// How many sessions were ever dropped, kept where a full disk and a power cut do no harm to it.
pub trait DropCount {
    /// The count.
    ///
    /// # Errors
    /// When the medium does not answer.
    fn dropped(&self) -> io::Result<u64>;

    /// Sets it, and returns when a power cut can no longer bring the old one back.
    ///
    /// # Errors
    /// It is the old one or the new one then.
    fn set_dropped(&mut self, sessions: u64) -> io::Result<()>;
}

/// A journal that drops its oldest segment where the disk is full.
#[derive(Debug)]
pub struct BoundedJournal<S: Discard = Folder, C: DropCount = CountInName> {
    journal: Journal<S>,
    count: C,
    /// Dropped since `take_dropped` was called.
    fresh: u64,
}

impl<S: Discard, C: DropCount> BoundedJournal<S, C> {
    /// Around a journal that is open.
    pub fn new(journal: Journal<S>, count: C) -> BoundedJournal<S, C> {
        BoundedJournal { journal, count, fresh: 0 }
    }

    /// Seals a record and writes it. Where the disk is full, as many of the oldest segments as it takes are dropped.
    ///
    /// # Errors
    /// As `Journal::append`; `Full` where there is no closed segment to be dropped, or it could not be counted.
    pub fn append(&mut self, record: &Record) -> Result<Receipt, JournalError> {
        loop {
            match self.journal.append(record) {
                // Counted and dropped, or nothing more can be done.
                Err(JournalError::Full) if self.drop_oldest().is_ok_and(|dropped| dropped) => {}
                done => return done,
            }
        }
    }

    /// Sessions dropped since the last call.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.fresh)
    }

    /// Whether there was one.
    fn drop_oldest(&mut self) -> io::Result<bool> {
        let store = self.journal.store_mut();
        for number in store::closed(store)? {
            let sessions = sessions_in(store, number);
            if sessions > 0 {
                self.count.set_dropped(self.count.dropped()?.saturating_add(sessions))?;
                store.discard(number)?;
                self.fresh += sessions;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whole sessions and damaged ones in a segment; 0 for one that is not this program's to drop.
fn sessions_in(store: &impl Store, number: u32) -> u64 {
    let Ok(bytes) = store.read(number) else { return 0 };
    let Ok(pieces) = read_segment(&bytes) else { return 0 };
    let (mut whole, mut damaged) = (0, 0);
    for piece in pieces {
        match piece {
            Piece::Frame(_) => whole += 1,
            Piece::Damage(_) => damaged += 1,
        }
    }
    // Bytes without one session are some other file under this name.
    if whole > 0 { whole + damaged } else { 0 }
}

/// How the name of the count's file ends.
const ENDING: &str = ".dropped";

/// A count in the name of an empty file, `42.dropped`: renaming takes no room, and is done whole or not at all.
#[derive(Debug)]
pub struct CountInName {
    folder: PathBuf,
}

impl CountInName {
    /// In a folder that is there; nothing is made before there is something to count.
    pub fn new(folder: &Path) -> CountInName {
        CountInName { folder: folder.to_owned() }
    }

    fn path_of(&self, count: u64) -> PathBuf {
        self.folder.join(format!("{count}{ENDING}"))
    }
}

impl DropCount for CountInName {
    fn dropped(&self) -> io::Result<u64> {
        let mut most = 0;
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let count = name.to_str().and_then(|name| name.strip_suffix(ENDING)?.parse().ok());
            most = count.unwrap_or(0).max(most);
        }
        Ok(most)
    }

    fn set_dropped(&mut self, sessions: u64) -> io::Result<()> {
        let (old, new) = (self.path_of(self.dropped()?), self.path_of(sessions));
        match fs::rename(old, &new) {
            Err(error) if error.kind() == ErrorKind::NotFound => drop(File::create(&new)?),
            renamed => renamed?,
        }
        store::sync_folder(&self.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fake_store::{FakeStore, Tear},
        journal::Options,
        record::tests::sample,
    };
    use age::x25519::Identity;
    use std::sync::LazyLock;

    static KEY: LazyLock<Identity> = LazyLock::new(Identity::generate);
    const SMALL: Options = Options { segment_bytes: Options::LEAST_SEGMENT_BYTES };

    fn open(store: &FakeStore) -> BoundedJournal<FakeStore, FakeStore> {
        let (journal, _) = Journal::with_store(store.clone(), KEY.to_public(), SMALL).unwrap();
        BoundedJournal::new(journal, store.clone())
    }

    /// The counters of all records that are there, in order.
    fn kept(store: &FakeStore) -> Vec<u8> {
        let mut numbers = store.segments().unwrap();
        numbers.sort_unstable();
        let read = |number: u32| store.bytes(number);
        let mut counters = Vec::new();
        for bytes in numbers.into_iter().map(read) {
            let frames = read_segment(&bytes).unwrap().filter_map(|piece| match piece {
                Piece::Frame(frame) => Some(frame.open(&KEY).unwrap().session.0[0]),
                Piece::Damage(_) => None,
            });
            counters.extend(frames);
        }
        counters
    }

    /// A disk with two whole segments and a third, and how many sessions those hold.
    fn full_disk() -> (FakeStore, u8) {
        let store = FakeStore::new().counting();
        let mut journal = open(&store);
        let mut written = 0;
        while journal.append(&sample(written)).unwrap().segment < 3 {
            written += 1;
        }
        let used: usize = (1..=3).map(|number| store.bytes(number).len()).sum();
        store.set_room(used);
        (store, written + 1)
    }

    #[test]
    fn a_full_disk_drops_the_oldest_segment_and_counts_its_sessions() {
        let (store, written) = full_disk();
        let mut journal = open(&store);
        assert_eq!(journal.take_dropped(), 0);
        journal.append(&sample(written)).unwrap();
        let dropped = journal.take_dropped();
        assert!(dropped > 0);
        assert_eq!((store.dropped().unwrap(), journal.take_dropped()), (dropped, 0));
        assert_eq!(kept(&store), (dropped as u8..=written).collect::<Vec<_>>());
        assert_eq!(store.segments().unwrap().into_iter().min(), Some(2));
        // The count goes on where it was.
        while store.segments().unwrap().contains(&2) {
            journal.append(&sample(written)).unwrap();
        }
        assert_eq!(store.dropped().unwrap(), dropped + journal.take_dropped());
    }

    #[test]
    fn without_a_closed_segment_it_is_full_as_ever() {
        let store = FakeStore::new().counting();
        let mut journal = open(&store);
        journal.append(&sample(0)).unwrap();
        store.set_room(store.bytes(1).len());
        assert!(matches!(journal.append(&sample(1)), Err(JournalError::Full)));
        assert_eq!((kept(&store), store.dropped().unwrap()), (vec![0], 0));
        store.set_room(usize::MAX);
        journal.append(&sample(1)).unwrap();
    }

    #[test]
    fn what_is_not_ours_is_not_dropped() {
        let store = FakeStore::new();
        store.plant(1, b"a letter that somebody saved under the wrong name");
        let mut journal = open(&store);
        journal.append(&sample(0)).unwrap();
        store.set_room(60);
        assert!(matches!(journal.append(&sample(1)), Err(JournalError::Full)));
        assert_eq!(store.segments().unwrap(), [2, 1]);
    }

    /// The power is cut at every step of making room: what is gone was counted, and the rest is whole.
    #[test]
    fn a_power_cut_at_any_step_hides_no_dropped_session() {
        let mut counted_only = 0;
        for steps in 0..8 {
            let (store, written) = full_disk();
            let before = store.segments().unwrap().len();
            let mut journal = open(&store);
            store.cut_after(steps, Tear::Short);
            let acknowledged = journal.append(&sample(written)).is_ok();
            assert!(!acknowledged, "a record has far more steps");
            let store = store.restarted();
            let found = kept(&store);
            let gone = u64::from(written) - found.len() as u64;
            let dropped = store.dropped().unwrap();
            assert!(dropped >= gone, "after {steps}: {dropped} counted, {gone} gone");
            counted_only += usize::from(dropped > gone);
            assert_eq!(found, (gone as u8..written).collect::<Vec<_>>(), "after {steps}");
            assert!(gone > 0 || store.segments().unwrap().len() == before);
            open(&store).append(&sample(written)).unwrap();
        }
        assert!(counted_only > 0, "the cut between counting and dropping was never met");
    }

    #[test]
    fn a_count_stands_in_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let names = || {
            let entries = fs::read_dir(folder.path()).unwrap().flatten();
            entries.map(|entry| entry.file_name().into_string().unwrap()).collect::<Vec<_>>()
        };
        let mut count = CountInName::new(folder.path());
        assert_eq!((count.dropped().unwrap(), names().len()), (0, 0));
        for sessions in [3, 400, 401] {
            count.set_dropped(sessions).unwrap();
            assert_eq!(CountInName::new(folder.path()).dropped().unwrap(), sessions);
            assert_eq!(names(), [format!("{sessions}.dropped")]);
        }
        fs::write(folder.path().join("many.dropped"), b"").unwrap();
        assert_eq!(count.dropped().unwrap(), 401);
        assert!(CountInName::new(&folder.path().join("gone")).dropped().is_err());
    }
}
