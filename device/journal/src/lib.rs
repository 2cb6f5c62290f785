//! What is remembered of a session, sealed so that the device that wrote it cannot read it.
//!
//! ```text
//! Record, link to the one before -> JSON -> age (the collector's key) -> frame -> segment file, durable before append returns
//! ```
//! The modules stand in that order, reading last. README.md gives the format byte by byte. Beside the journal stands what a
//! person may take along of a session: a [`Slip`](slip::Slip), signed and not sealed.
//!
//! Invariant: no type in a [`Record`](record::Record) holds free text, a pixel or a time finer than a week.
//! Invariant: nothing here needs, or could use, the key that opens a record, but [`Frame::open`](segment::Frame::open).
#![forbid(unsafe_code)]

mod hex;
pub mod when;
pub mod words;

pub mod record;

pub mod chain;
pub mod seal;

pub mod disk;
pub mod segment;
pub mod store;

pub mod journal;
pub mod quota;

pub mod slip;

#[cfg(any(test, feature = "fake-store"))]
pub mod fake_store;

#[cfg(test)]
mod power_cuts;

pub use journal::{Journal, JournalError, Options, Receipt, Recovery};
pub use quota::{BoundedJournal, DropCount};
pub use record::Record;
pub use slip::{Slip, SlipKey, SlipPublicKey};
