//! The journal of a kiosk that writes to no disk: sealed records in memory, read back at the end and forgotten.

use crate::demo::DemoError;
use age::x25519;
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use synkiosk_journal::{
    segment::{Piece, read_segment},
    store::Store,
};

/// Segments in memory; a clone sees the same ones.
#[derive(Clone, Default)]
pub(super) struct MemoryStore(Arc<Mutex<BTreeMap<u32, Vec<u8>>>>);

impl MemoryStore {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens every record with the collector's key, and counts them.
    pub(super) fn read_back(&self, collector: &x25519::Identity) -> Result<usize, DemoError> {
        let mut records = 0;
        for bytes in self.lock().values() {
            for piece in read_segment(bytes)? {
                match piece {
                    Piece::Frame(frame) => drop(frame.open(collector)?),
                    Piece::Damage(_) => return Err(DemoError::ReadBack("a frame is damaged".to_owned())),
                }
                records += 1;
            }
        }
        Ok(records)
    }
}

impl Store for MemoryStore {
    fn segments(&self) -> io::Result<Vec<u32>> {
        Ok(self.lock().keys().copied().collect())
    }

    fn read(&self, segment: u32) -> io::Result<Vec<u8>> {
        self.lock().get(&segment).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut segments = self.lock();
        let kept = segments.entry(segment).or_default();
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        if offset > kept.len() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        kept.truncate(offset);
        kept.extend_from_slice(bytes);
        Ok(())
    }
}
