//! The writer: a record is durable before `append` returns, or it is not there.

use crate::chain::Link;
use crate::record::Record;
use crate::seal;
use crate::segment::{
    self, FRAME_HEAD_BYTES, HEADER_BYTES, Header, MOST_SEALED_BYTES, MOST_SEGMENT_BYTES, Piece,
};
use crate::store::{Folder, MOST_SEGMENTS, Store};
use age::x25519;
use std::io::{self, ErrorKind};
use std::path::Path;

/// How a journal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Where a segment ends and the next begins. A segment holds at least one frame.
    pub segment_bytes: usize,
}

impl Options {
    /// The smallest segment: room for the largest frame.
    pub const LEAST_SEGMENT_BYTES: usize = HEADER_BYTES + FRAME_HEAD_BYTES + MOST_SEALED_BYTES;
}

impl Default for Options {
    /// 1 MiB: about 400 sessions, and a second to copy to the slowest stick.
    fn default() -> Options {
        Options { segment_bytes: 1024 * 1024 }
    }
}

/// Why the journal was not opened, or a record not written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Segments of an impossible size.
    #[error("segments of {0} bytes are not between {least} and {MOST_SEGMENT_BYTES}", least = Options::LEAST_SEGMENT_BYTES)]
    SegmentBytes(usize),
    /// Another program writes to the folder.
    #[error("the journal is in use by another program")]
    InUse,
    /// The folder could not be made, locked or listed.
    #[error("could not open the journal ({0})")]
    Open(io::Error),
    /// A torn tail could not be cut.
    #[error("could not cut the torn end of segment {segment} ({cause})")]
    Cut {
        /// Which.
        segment: u32,
        /// What the system says.
        cause: io::Error,
    },
    /// Larger than a frame may be; the bytes when sealed.
    #[error("the sealed record has {0} bytes, more than {MOST_SEALED_BYTES}")]
    TooLarge(usize),
    /// Sealing failed.
    #[error("could not seal the record ({0})")]
    Seal(age::EncryptError),
    /// Every number that a segment may have is used.
    #[error("the journal has no number left for another segment")]
    NumbersUsedUp,
    /// No room. Nothing of the record is there, and all earlier ones are.
    #[error("the disk is full, the record is not written")]
    Full,
    /// The medium failed. Nothing of the record is there, and all earlier ones are.
    #[error("could not write the record ({0})")]
    Write(io::Error),
}

impl JournalError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::SegmentBytes(_) => "leave the size out, or take 1048576",
            Self::InUse => "end the other program, or pass another folder",
            Self::Open(_) | Self::Cut { .. } => {
                "check that the folder can be written to and that the card is sound"
            }
            Self::TooLarge(_) => "screen with fewer poses in a session",
            Self::Seal(_) => "start the unit again; if it stays so, provision it again",
            Self::NumbersUsedUp => "collect the journal, and provision the unit again",
            Self::Full => "collect the journal with a stick, which makes room",
            Self::Write(_) => "collect the journal with a stick now, and replace the card",
        }
    }
}

/// What was found when the journal was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Segment files.
    pub segments: usize,
    /// Whole frames in them.
    pub frames: usize,
    /// Stretches that are no frames. They are kept.
    pub damaged: usize,
    /// Segments that could not be read, or that a later program wrote. They are kept.
    pub unreadable: usize,
    /// Bytes cut from the end of the last segment: a record whose writing a power cut ended.
    pub torn_bytes: usize,
}

/// Where a record is. Whoever has one may rely on the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Number of the segment.
    pub segment: u32,
    /// Where its frame begins.
    pub offset: u64,
    /// Bytes of its frame.
    pub bytes: usize,
}

/// The journal of one unit, open for writing. It holds no key that could open what it wrote.
#[derive(Debug)]
pub struct Journal<S: Store = Folder> {
    store: S,
    recipient: x25519::Recipient,
    segment_bytes: usize,
    /// The segment that is written to.
    segment: u32,
    /// How far that segment is good; 0 when it is still to be made.
    good: usize,
    /// Where the next record hangs.
    next: Link,
}

impl Journal<Folder> {
    /// Opens the journal in a folder, which is made if need be, and cuts what a power cut left.
    ///
    /// # Errors
    /// When the folder cannot be used, or is used by another program.
    pub fn open(
        folder: &Path,
        recipient: x25519::Recipient,
        options: Options,
    ) -> Result<(Journal, Recovery), JournalError> {
        let store = Folder::open(folder).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => JournalError::InUse,
            _ => JournalError::Open(error),
        })?;
        Journal::with_store(store, recipient, options)
    }
}

impl<S: Store> Journal<S> {
    /// Opens the journal in any store.
    ///
    /// # Errors
    /// When the store does not answer, or a torn end cannot be cut.
    pub fn with_store(
        mut store: S,
        recipient: x25519::Recipient,
        options: Options,
    ) -> Result<(Journal<S>, Recovery), JournalError> {
        let segment_bytes = options.segment_bytes;
        if !(Options::LEAST_SEGMENT_BYTES..=MOST_SEGMENT_BYTES).contains(&segment_bytes) {
            return Err(JournalError::SegmentBytes(segment_bytes));
        }
        let mut numbers = store.segments().map_err(JournalError::Open)?;
        numbers.sort_unstable();
        let mut recovery = Recovery { segments: numbers.len(), ..Recovery::default() };
        let mut tail = Tail::Good { bytes: 0 };
        let mut next = Link::default();
        for number in &numbers {
            tail = match store.read(*number) {
                Ok(bytes) => {
                    let tail = look_through(*number, &next, &bytes, &mut recovery);
                    next = next.after(&bytes);
                    tail
                }
                Err(_) => unreadable(&mut recovery),
            };
        }
        let last = numbers.last().copied().unwrap_or(1);
        let (segment, good) = match tail {
            Tail::Good { bytes } => (last, bytes),
            Tail::Torn { good, torn } => {
                let cut = store.write(last, good as u64, &[]);
                cut.map_err(|cause| JournalError::Cut { segment: last, cause })?;
                recovery.torn_bytes = torn;
                recovery.damaged -= 1;
                (last, good)
            }
            Tail::Foreign => (last + 1, 0),
        };
        Ok((Journal { store, recipient, segment_bytes, segment, good, next }, recovery))
    }

    /// Where the next record hangs: how many there were, and the last one's digest.
    pub fn next_link(&self) -> Link {
        self.next
    }

    /// Where segments are kept.
    pub(crate) fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Seals a record and writes it. When this returns `Ok`, a power cut can no longer take it.
    ///
    /// # Errors
    /// The record is not there then, and every earlier one is as it was; the next one may be appended.
    pub fn append(&mut self, record: &Record) -> Result<Receipt, JournalError> {
        let sealed = seal::seal(&self.next, record, &self.recipient).map_err(JournalError::Seal)?;
        let frame = segment::frame(&sealed).ok_or(JournalError::TooLarge(sealed.len()))?;
        if self.good > 0 && self.good + frame.len() > self.segment_bytes {
            (self.segment, self.good) = (self.segment + 1, 0);
        }
        if self.segment > MOST_SEGMENTS {
            return Err(JournalError::NumbersUsedUp);
        }
        let mut bytes =
            if self.good == 0 { segment::header(self.segment, &self.next).to_vec() } else { Vec::new() };
        let offset = self.good + bytes.len();
        bytes.extend_from_slice(&frame);
        if let Err(error) = self.store.write(self.segment, self.good as u64, &bytes) {
            // Should this cut fail too, the next write cuts first, and so does the next start.
            let _ = self.store.write(self.segment, self.good as u64, &[]);
            return Err(match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => JournalError::Full,
                _ => JournalError::Write(error),
            });
        }
        self.good = offset + frame.len();
        self.next = self.next.next(&sealed);
        Ok(Receipt { segment: self.segment, offset: offset as u64, bytes: frame.len() })
    }
}

/// How a segment ends.
enum Tail {
    /// The next frame can follow.
    Good { bytes: usize },
    /// The next frame can follow when this is cut.
    Torn { good: usize, torn: usize },
    /// It is not ours to touch: the next frame goes into a new segment.
    Foreign,
}

fn look_through(number: u32, before: &Link, bytes: &[u8], recovery: &mut Recovery) -> Tail {
    let Ok(pieces) = segment::read_segment(bytes) else { return unreadable(recovery) };
    let mut tail = Tail::Good { bytes: bytes.len() };
    let mut frames = 0;
    for piece in pieces {
        tail = match piece {
            Piece::Frame(frame) => {
                frames += 1;
                Tail::Good { bytes: frame.end() }
            }
            Piece::Damage(damage) => {
                recovery.damaged += 1;
                let end = damage.offset + damage.bytes;
                if damage.torn {
                    Tail::Torn { good: damage.offset, torn: damage.bytes }
                } else {
                    Tail::Good { bytes: end }
                }
            }
        };
    }
    recovery.frames += frames;
    // A segment of a program before the chain is closed: what follows has a header that says where it hangs.
    let ours = matches!(Header::of(bytes), Header::Sound(Some(_))) || is_torn_header(number, before, bytes);
    if ours { tail } else { Tail::Foreign }
}

/// Whether this is what a power cut leaves of a new segment: the beginning of its header, and zeros or nothing.
fn is_torn_header(number: u32, first: &Link, bytes: &[u8]) -> bool {
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    segment::header(number, first).starts_with(&bytes[..written])
}

fn unreadable(recovery: &mut Recovery) -> Tail {
    recovery.unreadable += 1;
    Tail::Foreign
}
