//! A card in memory, stricter than a real one, that can be told to lie, to forget, to flip and to fail.

use super::SECTOR;
use super::disk::{Disk, is_aligned};
use std::io;
use std::sync::{Arc, Mutex};

/// How a card goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    /// It does not.
    None,
    /// It has so many bytes; what is written beyond goes back to its beginning.
    Wraps(u64),
    /// It has so many bytes; what is written beyond vanishes, and reads as zeros.
    Vanishes(u64),
    /// One bit of the byte there is always read the other way.
    Flips(u64),
    /// The sector there takes no writes, and does not say so.
    Worn(u64),
    /// Pulled after so many bytes were written.
    WritesOnly(u64),
    /// Pulled after so many bytes were read.
    ReadsOnly(u64),
    /// Full or locked: no write at all.
    ReadOnly,
}

/// The card's memory; it outlives the card.
pub(super) type Memory = Arc<Mutex<Vec<u8>>>;

/// A card.
#[derive(Debug)]
pub(super) struct FakeCard {
    memory: Memory,
    fault: Fault,
    written: u64,
    read: u64,
    unsynced: bool,
    /// Whether a partition table was ever on it before its last write.
    pub(super) early_table: Arc<Mutex<bool>>,
}

impl FakeCard {
    /// With what is on it already.
    pub(super) fn new(bytes: Vec<u8>, fault: Fault) -> (FakeCard, Memory) {
        let memory = Arc::new(Mutex::new(bytes));
        let card = FakeCard {
            memory: Arc::clone(&memory),
            fault,
            written: 0,
            read: 0,
            unsynced: false,
            early_table: Arc::default(),
        };
        (card, memory)
    }

    /// Where a byte really is.
    fn place(&self, at: u64) -> Option<usize> {
        let place = match self.fault {
            Fault::Wraps(real) => at % real,
            Fault::Vanishes(real) if at >= real => return None,
            _ => at,
        };
        Some(usize::try_from(place).unwrap())
    }
}

fn pulled() -> io::Error {
    io::Error::other("pulled")
}

impl Disk for FakeCard {
    fn write(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        assert!(is_aligned(bytes, at), "written at {at}: {} bytes, not aligned", bytes.len());
        let mut memory = self.memory.lock().unwrap();
        assert!(at + bytes.len() as u64 <= memory.len() as u64, "written beyond the card's end");
        if memory[510..512] == [0x55, 0xaa] && self.written > 0 {
            *self.early_table.lock().unwrap() = true;
        }
        for (number, sector) in bytes.chunks(SECTOR).enumerate() {
            let start = at + (number * SECTOR) as u64;
            match self.fault {
                Fault::ReadOnly => return Err(io::ErrorKind::ReadOnlyFilesystem.into()),
                Fault::WritesOnly(most) if self.written >= most => return Err(pulled()),
                Fault::Worn(sector) if start == sector => continue,
                _ => {}
            }
            if let Some(place) = self.place(start) {
                memory[place..place + SECTOR].copy_from_slice(sector);
            }
            self.written += SECTOR as u64;
        }
        self.unsynced = true;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.unsynced = false;
        Ok(())
    }

    fn read_fresh(&mut self, into: &mut [u8], at: u64) -> io::Result<()> {
        assert!(is_aligned(into, at), "read at {at}: {} bytes, not aligned", into.len());
        assert!(!self.unsynced, "read before it was on the medium");
        let memory = self.memory.lock().unwrap();
        assert!(at + into.len() as u64 <= memory.len() as u64, "read beyond the card's end");
        for (number, sector) in into.chunks_mut(SECTOR).enumerate() {
            let start = at + (number * SECTOR) as u64;
            if matches!(self.fault, Fault::ReadsOnly(most) if self.read >= most) {
                return Err(pulled());
            }
            match self.place(start) {
                Some(place) => sector.copy_from_slice(&memory[place..place + SECTOR]),
                None => sector.fill(0),
            }
            if let Fault::Flips(byte) = self.fault
                && (start..start + SECTOR as u64).contains(&byte)
            {
                sector[usize::try_from(byte - start).unwrap()] ^= 1;
            }
            self.read += SECTOR as u64;
        }
        Ok(())
    }
}
