//! Systems on which this program does not know disks from cards: it says so, and writes nothing.

use crate::flash::disk::Disk;
use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::path::Path;

/// Whether disks can be told from cards here.
pub const SUPPORTED: bool = false;

fn unsupported() -> io::Error {
    io::ErrorKind::Unsupported.into()
}

/// None.
pub fn block_number(_: &Metadata) -> Option<(u32, u32)> {
    None
}

/// Nothing.
pub fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Fails.
///
/// # Errors
/// Always.
pub fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(unsupported())
}

/// Fails.
///
/// # Errors
/// Always.
pub fn data(_: &File, _: u64) -> io::Result<Vec<Range<u64>>> {
    Err(unsupported())
}

/// Nothing can be opened.
#[derive(Debug)]
pub enum Opened {}

impl Opened {
    /// Fails.
    ///
    /// # Errors
    /// Always.
    pub fn open(_: &Path, _: bool) -> io::Result<Opened> {
        Err(unsupported())
    }

    /// How it reads what is really there.
    pub fn freshness(&self) -> &'static str {
        match *self {}
    }
}

impl Disk for Opened {
    fn write(&mut self, _: &[u8], _: u64) -> io::Result<()> {
        match *self {}
    }

    fn sync(&mut self) -> io::Result<()> {
        match *self {}
    }

    fn read_fresh(&mut self, _: &mut [u8], _: u64) -> io::Result<()> {
        match *self {}
    }
}
