//! From a session's summary to a sealed record in the journal.

use crate::{appliance::SessionLog, session::summary::Summary};
use std::{
    io,
    time::{SystemTime, UNIX_EPOCH},
};
use synkiosk_journal::{
    BoundedJournal, DropCount, Journal, JournalError, Receipt, Record,
    record::Format,
    slip::{Interval, Slip, SlipKey},
    store::{Discard, Store},
    when::{Week, When},
    words::{SessionId, ShortName, Version},
};

/// A journal, bounded or not.
pub trait Append {
    /// Seals a record and writes it, for good before it returns.
    ///
    /// # Errors
    /// As `Journal::append`.
    fn append(&mut self, record: &Record) -> Result<Receipt, JournalError>;

    /// Sessions that were dropped since the last call, to make room for others.
    fn take_dropped(&mut self) -> u64 {
        0
    }
}

impl<S: Store> Append for Journal<S> {
    fn append(&mut self, record: &Record) -> Result<Receipt, JournalError> {
        Journal::append(self, record)
    }
}

impl<S: Discard, C: DropCount> Append for BoundedJournal<S, C> {
    fn append(&mut self, record: &Record) -> Result<Receipt, JournalError> {
        BoundedJournal::append(self, record)
    }

    fn take_dropped(&mut self) -> u64 {
        BoundedJournal::take_dropped(self)
    }
}

/// The journal of one unit.
pub struct SealedLog<J: Append = Journal> {
    journal: J,
    board: ShortName,
    when: Box<dyn Fn() -> When>,
    /// The unit's name, and its key, where answers are signed.
    signer: Option<(ShortName, SlipKey)>,
}

impl<J: Append> SealedLog<J> {
    /// Records of this board, of the week or start that `when` tells.
    pub fn new(journal: J, board: ShortName, when: When) -> SealedLog<J> {
        SealedLog::with_clock(journal, board, move || when)
    }

    /// Records of whatever time `when` tells at each: a kiosk runs for weeks.
    pub fn with_clock(journal: J, board: ShortName, when: impl Fn() -> When + 'static) -> SealedLog<J> {
        SealedLog { journal, board, when: Box::new(when), signer: None }
    }

    /// The same, and answers are signed by this unit.
    pub fn signing(self, unit: ShortName, key: SlipKey) -> SealedLog<J> {
        SealedLog { signer: Some((unit, key)), ..self }
    }

    fn record(&self, session: SessionId, summary: &Summary) -> Record {
        Record {
            format: Format,
            session,
            when: (self.when)(),
            software: software(),
            bundle: summary.bundle.clone(),
            board: self.board.clone(),
            outcome: summary.outcome,
            score: summary.score,
            indices: summary.indices,
            poses: summary.poses.clone(),
            errors: summary.errors.clone(),
        }
    }
}

impl<J: Append> SessionLog for SealedLog<J> {
    fn append(&mut self, summary: &Summary) -> Result<(), JournalError> {
        let session = SessionId::random().map_err(|error| JournalError::Write(io::Error::other(error)))?;
        let record = self.record(session, summary);
        self.journal.append(&record).map(|_| ())
    }

    fn slip(&mut self, summary: &Summary) -> Option<String> {
        let (unit, key) = self.signer.as_ref()?;
        let interval = summary.range.and_then(|[low, high]| Interval::new(low, high));
        // A slip names no session.
        let record = self.record(SessionId([0; 16]), summary);
        Slip::of_record(unit.clone(), &record, interval).map(|slip| slip.sign(key))
    }

    fn take_dropped(&mut self) -> u64 {
        self.journal.take_dropped()
    }
}

/// A log whose answers are signed by a key that is made up now and kept nowhere: a demonstration's.
///
/// # Errors
/// When the system has no random numbers to give.
#[cfg(feature = "demo")]
pub fn signing_for_show<J: Append>(log: SealedLog<J>) -> io::Result<SealedLog<J>> {
    let unit = "demo".parse().expect("a short name");
    Ok(log.signing(unit, SlipKey::random().map_err(io::Error::other)?))
}

/// The week by the system's clock, or the first start where the clock cannot be right.
pub fn this_week() -> When {
    week_or_start(1)
}

/// The week by the system's clock, or the number of this start where the clock cannot be right.
pub fn week_or_start(start: u32) -> When {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    Week::of_unix_seconds(seconds).map_or(When::Boot { counter: start }, When::Week)
}

/// This program's version.
fn software() -> Version {
    let part = |text: &str| text.parse().unwrap_or(0);
    Version {
        major: part(env!("CARGO_PKG_VERSION_MAJOR")),
        minor: part(env!("CARGO_PKG_VERSION_MINOR")),
        patch: part(env!("CARGO_PKG_VERSION_PATCH")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_journal::{
        Options,
        fake_store::FakeStore,
        record::{BundleId, IndexRecords, Outcome},
        words::Percent,
    };

    #[test]
    fn an_answer_is_signed_and_what_is_none_is_not() {
        let recipient = age::x25519::Identity::generate().to_public();
        let options = Options { segment_bytes: Options::LEAST_SEGMENT_BYTES };
        let (journal, _) = Journal::with_store(FakeStore::new(), recipient, options).unwrap();
        let log = SealedLog::new(journal, "desk".parse().unwrap(), When::Boot { counter: 1 });
        let percent = Percent::of_share;
        let mut summary = Summary {
            outcome: Outcome::Likely,
            score: Some(percent(0.8)),
            range: Some([percent(0.6), percent(0.9)]),
            indices: IndexRecords::default(),
            poses: Vec::new(),
            errors: Vec::new(),
            bundle: BundleId { name: "test".parse().unwrap(), version: 3 },
        };
        let key = SlipKey::random().unwrap();
        let public = key.public();
        let mut log = log.signing("ward-3".parse().unwrap(), key);
        let slip = Slip::verify(&log.slip(&summary).unwrap(), &[public]).unwrap();
        assert_eq!((slip.unit.to_string(), slip.bundle.version), ("ward-3".to_owned(), 3));
        let interval = slip.score.and_then(|score| score.interval).unwrap();
        assert_eq!((interval.low(), interval.high()), (percent(0.6), percent(0.9)));
        summary.outcome = Outcome::Stopped;
        assert_eq!(log.slip(&summary), None);
    }

    #[test]
    fn sessions_that_made_room_are_told_of_once() {
        let store = FakeStore::new().counting();
        let options = Options { segment_bytes: Options::LEAST_SEGMENT_BYTES };
        let recipient = age::x25519::Identity::generate().to_public();
        let (journal, _) = Journal::with_store(store.clone(), recipient, options).unwrap();
        let journal = BoundedJournal::new(journal, store.clone());
        let mut log = SealedLog::new(journal, "desk".parse().unwrap(), When::Boot { counter: 1 });
        let summary = Summary {
            outcome: Outcome::Stopped,
            score: None,
            range: None,
            indices: IndexRecords::default(),
            poses: Vec::new(),
            errors: Vec::new(),
            bundle: BundleId { name: "test".parse().unwrap(), version: 1 },
        };
        let mut written = 0;
        while store.bytes(2).is_empty() {
            log.append(&summary).unwrap();
            written += 1;
        }
        assert_eq!(log.take_dropped(), 0);
        store.set_room(store.bytes(1).len() + store.bytes(2).len());
        log.append(&summary).unwrap();
        assert_eq!((log.take_dropped(), log.take_dropped()), (written - 1, 0));
    }
}
