//! From a session's summary to a sealed record in the journal.

use crate::{appliance::SessionLog, session::summary::Summary};
use std::{
    io,
    time::{SystemTime, UNIX_EPOCH},
};
use synkiosk_journal::{
    Journal, JournalError, Record,
    record::Format,
    store::{Folder, Store},
    when::{Week, When},
    words::{SessionId, ShortName, Version},
};

/// The journal of one unit.
pub struct SealedLog<S: Store = Folder> {
    journal: Journal<S>,
    board: ShortName,
    when: Box<dyn Fn() -> When>,
}

impl<S: Store> SealedLog<S> {
    /// Records of this board, of the week or start that `when` tells.
    pub fn new(journal: Journal<S>, board: ShortName, when: When) -> SealedLog<S> {
        SealedLog::with_clock(journal, board, move || when)
    }

    /// Records of whatever time `when` tells at each: a kiosk runs for weeks.
    pub fn with_clock(
        journal: Journal<S>,
        board: ShortName,
        when: impl Fn() -> When + 'static,
    ) -> SealedLog<S> {
        SealedLog { journal, board, when: Box::new(when) }
    }
}

impl<S: Store> SessionLog for SealedLog<S> {
    fn append(&mut self, summary: &Summary) -> Result<(), JournalError> {
        let session = SessionId::random().map_err(|error| JournalError::Write(io::Error::other(error)))?;
        let record = Record {
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
        };
        self.journal.append(&record).map(|_| ())
    }
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
