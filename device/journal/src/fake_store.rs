//! A store in memory that can be told to fail, and that is stricter than a disk: it panics when an acknowledged
//! byte is cut or overwritten, when a hole would be left, when the last segment is discarded, or when one is discarded
//! whose sessions were not counted first where they must be.

use crate::{
    quota::DropCount,
    segment::{Piece, read_segment},
    store::{Discard, Store},
};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a power cut leaves behind the bytes that were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tear {
    /// Nothing.
    Short,
    /// Zeros, as far as the write would have gone: the length was written first.
    Zeros,
}

/// Segments in memory. Clones share them, as programs share a disk.
#[derive(Debug, Clone, Default)]
pub struct FakeStore {
    disk: Arc<Mutex<Disk>>,
}

#[derive(Debug, Default)]
struct Disk {
    segments: BTreeMap<u32, Segment>,
    power: Option<Power>,
    room: Option<usize>,
    dead: bool,
    dropped: u64,
    /// Frames of segments that were discarded.
    discarded: u64,
    counts: bool,
}

#[derive(Debug, Default)]
struct Segment {
    bytes: Vec<u8>,
    acknowledged: usize,
}

#[derive(Debug)]
struct Power {
    left: usize,
    tear: Tear,
}

impl FakeStore {
    /// A store that never fails.
    pub fn new() -> FakeStore {
        FakeStore::default()
    }

    /// A store whose power is cut after `steps`: each byte written is one step, and so is each sync after a write.
    /// Every call fails from then on, until `restarted`.
    pub fn failing_after(steps: usize, tear: Tear) -> FakeStore {
        let store = FakeStore::new();
        store.disk().power = Some(Power { left: steps, tear });
        store
    }

    /// A store with room for `bytes` in all.
    pub fn full_after(bytes: usize) -> FakeStore {
        let store = FakeStore::new();
        store.disk().room = Some(bytes);
        store
    }

    /// From now on a segment may only be discarded when its sessions were counted as dropped before.
    pub fn counting(self) -> FakeStore {
        self.disk().counts = true;
        self
    }

    /// Cuts the power after so many more steps.
    pub fn cut_after(&self, steps: usize, tear: Tear) {
        self.disk().power = Some(Power { left: steps, tear });
    }

    /// Makes room for `bytes` in all from now on.
    pub fn set_room(&self, bytes: usize) {
        self.disk().room = Some(bytes);
    }

    /// The power is back: the same bytes, and no further fault.
    pub fn restarted(&self) -> FakeStore {
        let mut disk = self.disk();
        (disk.dead, disk.power, disk.room) = (false, None, None);
        self.clone()
    }

    /// The bytes of a segment, as a collector would find them.
    pub fn bytes(&self, segment: u32) -> Vec<u8> {
        self.disk().segments.get(&segment).map(|segment| segment.bytes.clone()).unwrap_or_default()
    }

    /// Puts bytes there as if something else had written them.
    pub fn plant(&self, segment: u32, bytes: &[u8]) {
        self.disk().segments.insert(segment, Segment { bytes: bytes.to_vec(), acknowledged: 0 });
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    fn alive(&self) -> io::Result<()> {
        if self.dead { Err(io::Error::other("no power")) } else { Ok(()) }
    }

    /// One step that is done whole or not at all.
    fn step(&mut self) -> io::Result<()> {
        self.alive()?;
        if let Some(power) = &mut self.power {
            match power.left.checked_sub(1) {
                Some(left) => power.left = left,
                None => self.dead = true,
            }
        }
        self.alive()
    }

    /// How many of `asked` bytes get through, and how the write then ends.
    fn taken(&mut self, asked: usize) -> (usize, io::Result<()>) {
        let used: usize = self.segments.values().map(|segment| segment.bytes.len()).sum();
        let free = self.room.map_or(usize::MAX, |room| room.saturating_sub(used));
        let fitting = asked.min(free);
        if let Some(power) = &mut self.power {
            if power.left < fitting + 1 {
                let written = power.left.min(fitting);
                self.dead = true;
                return (written, Err(io::Error::other("no power")));
            }
            power.left -= fitting + 1;
        }
        if free < asked { (free, Err(ErrorKind::StorageFull.into())) } else { (asked, Ok(())) }
    }
}

impl Store for FakeStore {
    fn segments(&self) -> io::Result<Vec<u32>> {
        let disk = self.disk();
        disk.alive()?;
        // Backward, because a folder lists in any order.
        Ok(disk.segments.keys().rev().copied().collect())
    }

    fn read(&self, segment: u32) -> io::Result<Vec<u8>> {
        let disk = self.disk();
        disk.alive()?;
        disk.segments
            .get(&segment)
            .map(|segment| segment.bytes.clone())
            .ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn write(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk();
        disk.alive()?;
        let offset = usize::try_from(offset).expect("fake segments fit in memory");
        let file = disk.segments.entry(segment).or_default();
        assert!(offset <= file.bytes.len(), "segment {segment}: a hole before {offset}");
        assert!(offset >= file.acknowledged, "segment {segment}: acknowledged bytes cut at {offset}");
        file.bytes.truncate(offset);
        let (written, end) = disk.taken(bytes.len());
        let zeros = disk.dead && disk.power.as_ref().is_some_and(|power| power.tear == Tear::Zeros);
        let file = disk.segments.entry(segment).or_default();
        file.bytes.extend_from_slice(&bytes[..written]);
        if zeros {
            file.bytes.resize(offset + bytes.len(), 0);
        }
        if end.is_ok() {
            file.acknowledged = file.bytes.len();
        }
        end
    }
}

impl Discard for FakeStore {
    fn discard(&mut self, segment: u32) -> io::Result<()> {
        let mut disk = self.disk();
        disk.step()?;
        assert!(disk.segments.keys().any(|other| *other > segment), "the last segment is discarded");
        if let Some(gone) = disk.segments.remove(&segment) {
            let pieces = read_segment(&gone.bytes).expect("a segment that may be discarded");
            disk.discarded += pieces.filter(|piece| matches!(piece, Piece::Frame(_))).count() as u64;
        }
        let counted = !disk.counts || disk.dropped >= disk.discarded;
        assert!(counted, "{} dropped, {} counted", disk.discarded, disk.dropped);
        // Gone, and its folder not yet durable: a cut here shows it gone; one step before, there.
        disk.step()
    }
}

impl DropCount for FakeStore {
    fn dropped(&self) -> io::Result<u64> {
        let disk = self.disk();
        disk.alive()?;
        Ok(disk.dropped)
    }

    fn set_dropped(&mut self, sessions: u64) -> io::Result<()> {
        let mut disk = self.disk();
        disk.step()?;
        assert!(sessions >= disk.dropped, "fewer sessions dropped than before");
        disk.dropped = sessions;
        disk.step()
    }
}
