//! An image onto cards: several at once, sparse, read back whole.
//!
//! ```text
//! block_devices -> targets (refused or not) \
//! image (checked, mapped) -----------------> copy -> a writer for each card: marks, pieces, read_back, first sector
//!                                                 \-> digest                                         -> receipt
//! ```
//! The modules stand in that order.
//!
//! Invariant: nothing is written before every target has passed every refusal.
//! Invariant: a card has a first sector only when all else of it was read back and is right.

pub mod error;

pub mod block_devices;
pub mod image;
pub mod targets;

pub mod disk;
pub mod system;

pub mod marks;
pub mod read_back;

pub mod copy;
pub mod one_card;

pub mod receipt;

pub mod against_bmaptool;

#[cfg(test)]
#[cfg(target_os = "linux")]
mod fake;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

/// Bytes of a sector, as partition tables count.
pub const SECTOR: usize = 512;
/// 64 KiB: a block of zeros of this size is not written. Smaller ones would make many small writes, which cards are slow at.
pub const BLOCK: usize = 64 << 10;
/// 4 MiB: what is read and written at once; the largest erase block that cards commonly have.
pub const PIECE: usize = 4 << 20;

/// The first piece of a card or image holds what the others do not: its partition table.
pub type FirstSector = [u8; SECTOR];

/// How far each card is; implemented by the terminal's bars.
pub trait Progress: Sync {
    /// The card with this place among the targets begins something that takes so many bytes.
    fn begin(&self, card: usize, phase: Phase, bytes: u64);
    /// So many bytes of it are done.
    fn advance(&self, card: usize, bytes: u64);
}

/// What is done to a card, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Marks are written all over it and read back.
    Marks,
    /// The image is written.
    Write,
    /// It is read back.
    ReadBack,
    /// What an earlier use left where the image has zeros is overwritten.
    Zero,
}

impl Phase {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Marks => "marks",
            Phase::Write => "write",
            Phase::ReadBack => "read back",
            Phase::Zero => "zero",
        }
    }
}
