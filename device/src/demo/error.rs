//! Why the demo ended early.

use crate::camera::recorded::SeriesError;
use std::{
    io,
    path::{Path, PathBuf},
};
use synkiosk_boards::ProfileError;
use synkiosk_journal::{JournalError, seal::OpenError, segment::SegmentError, words::WordError};
use synkiosk_models::bundle::BundleError;
use synkiosk_models::quality::Check;

/// Why the demo ended early.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The pictures were refused.
    #[error(transparent)]
    Series(#[from] SeriesError),
    /// The bundle was refused.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The board's profile was refused.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A name does not fit into the journal.
    #[error(transparent)]
    Name(WordError),
    /// Not one picture of the person could be used.
    #[error("{person}: no picture could be used, {}", .reason.finding())]
    Unusable {
        /// Who.
        person: String,
        /// What was wrong with the first one.
        reason: Check,
    },
    /// A file or folder could not be written.
    #[error("could not write {path}: {cause}")]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// What was written could not be read again.
    #[error("could not read {path}: {cause}")]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What stands in the journal is not what was recorded.
    #[error("the journal does not hold what was recorded: {0}")]
    ReadBack(String),
    /// The terminal is gone.
    #[error("could not print: {0}")]
    Print(io::Error),
}

impl DemoError {
    pub(super) fn write(path: &Path, cause: io::Error) -> DemoError {
        DemoError::Write { path: path.to_owned(), cause }
    }

    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            DemoError::Series(error) => error.help(),
            DemoError::Bundle(error) => error.help(),
            DemoError::Profile(error) => error.help(),
            DemoError::Name(error) => error.help(),
            DemoError::Unusable { reason, .. } => reason.help(),
            DemoError::Write { .. } => "check the room and the permissions there, or pass another --out",
            DemoError::Read { .. } => "check the permissions there",
            DemoError::Journal(error) => error.help(),
            DemoError::ReadBack(_) => "check the disk, and report this if it happens again",
            DemoError::Print(_) => "run it again with its output to a file",
        }
    }

    /// Whether something was looked at and refused, rather than not looked at.
    pub fn is_refusal(&self) -> bool {
        match self {
            DemoError::Series(error) => error.is_refusal(),
            DemoError::Bundle(_) | DemoError::Unusable { .. } | DemoError::ReadBack(_) => true,
            _ => false,
        }
    }
}

impl From<OpenError> for DemoError {
    fn from(error: OpenError) -> DemoError {
        DemoError::ReadBack(error.to_string())
    }
}

impl From<SegmentError> for DemoError {
    fn from(error: SegmentError) -> DemoError {
        DemoError::ReadBack(error.to_string())
    }
}
