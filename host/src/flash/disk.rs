//! The edge: something that is written to at places, and read back from.

use super::SECTOR;
use std::io;
use std::ops::{Deref, DerefMut};

/// A card, a stick, or a file that stands for one. Places and lengths are whole sectors, memory is a [`Buffer`]'s.
pub trait Disk: Send {
    /// Writes all bytes at this place.
    ///
    /// # Errors
    /// What the medium says.
    fn write(&mut self, bytes: &[u8], at: u64) -> io::Result<()>;

    /// Waits until all that was written is on the medium.
    ///
    /// # Errors
    /// What the medium says.
    fn sync(&mut self) -> io::Result<()>;

    /// Fills `into` from the medium itself, not from what the system still remembers of it.
    ///
    /// # Errors
    /// What the medium says, and when it ends before.
    fn read_fresh(&mut self, into: &mut [u8], at: u64) -> io::Result<()>;
}

/// 4096: what any disk's direct reads and writes ask of memory.
const ALIGNMENT: usize = 4096;

/// Zeros to begin with, at an address that direct reads and writes can use.
#[derive(Debug)]
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
}

impl Buffer {
    /// So many zeros.
    pub fn zeros(length: usize) -> Buffer {
        let bytes = vec![0; length + ALIGNMENT];
        let start = bytes.as_ptr().align_offset(ALIGNMENT);
        Buffer { bytes, start, length }
    }

    /// The same with these bytes.
    pub fn of(bytes: &[u8]) -> Buffer {
        let mut buffer = Buffer::zeros(bytes.len());
        buffer.copy_from_slice(bytes);
        buffer
    }

    /// Makes it shorter, or as long as it was again.
    pub fn set_length(&mut self, length: usize) {
        assert!(self.start + length <= self.bytes.len(), "a buffer does not grow");
        self.length = length;
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.length]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + self.length]
    }
}

/// Whether all bytes are 0.
pub fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<64>();
    words.iter().all(|word| *word == [0; 64]) && rest.iter().all(|byte| *byte == 0)
}

/// Whether direct reads and writes can take it.
pub fn is_aligned(bytes: &[u8], at: u64) -> bool {
    bytes.as_ptr().align_offset(SECTOR) == 0
        && bytes.len().is_multiple_of(SECTOR)
        && at.is_multiple_of(SECTOR as u64)
}
