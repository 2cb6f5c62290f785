//! What may be on a disk when the power is cut.

use crate::write_log::{Entry, SECTOR};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

/// The sectors of a disk that are not zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Disk {
    sectors: BTreeMap<u64, [u8; SECTOR]>,
}

impl Disk {
    /// From the bytes of a whole disk.
    pub(crate) fn of(bytes: &[u8]) -> Disk {
        let mut disk = Disk::default();
        for (number, sector) in (0..).zip(bytes.as_chunks().0) {
            if *sector != [0; SECTOR] {
                disk.sectors.insert(number, *sector);
            }
        }
        disk
    }

    /// Does all of an entry.
    pub(crate) fn write(&mut self, entry: &Entry) {
        sectors_of(entry).for_each(|(number, sector)| self.write_sector(number, sector));
    }

    fn write_sector(&mut self, number: u64, sector: &[u8; SECTOR]) {
        self.sectors.insert(number, *sector);
    }

    /// As a file with holes.
    pub(crate) fn save(&self, path: &Path, bytes: u64) -> io::Result<()> {
        let mut file = io::BufWriter::with_capacity(1 << 20, File::create(path)?);
        file.get_ref().set_len(bytes)?;
        let mut next = 0;
        for (number, sector) in &self.sectors {
            if *number != next {
                file.seek(SeekFrom::Start(number * SECTOR as u64))?;
            }
            file.write_all(sector)?;
            next = number + 1;
        }
        file.flush()
    }
}

fn sectors_of(entry: &Entry) -> impl Iterator<Item = (u64, &[u8; SECTOR])> {
    (entry.sector..).zip(entry.data.as_chunks().0)
}

/// How the writes of the last moments reach the disk.
#[derive(Debug, Clone, Copy)]
enum Tear {
    /// In their order, and the last one in part.
    InOrder,
    /// Some of them whole, and the others not.
    Some,
    /// Any sectors of any of them.
    Sectors,
}

/// `flushed`, and whatever a power cut leaves of the writes after it. The same seed tears the same way.
pub(crate) fn torn(flushed: &Disk, unflushed: &[Entry], random: &mut Random) -> Disk {
    let mut disk = flushed.clone();
    let tear = [Tear::InOrder, Tear::Some, Tear::Sectors][random.below(3)];
    match tear {
        Tear::InOrder => {
            let whole = random.below(unflushed.len());
            unflushed[..whole].iter().for_each(|entry| disk.write(entry));
            let last = &unflushed[whole];
            let sectors = random.below(last.data.len() / SECTOR + 1);
            sectors_of(last).take(sectors).for_each(|(number, sector)| disk.write_sector(number, sector));
        }
        Tear::Some => {
            let mut entries: Vec<&Entry> = unflushed.iter().filter(|_| random.below(2) == 0).collect();
            random.shuffle(&mut entries);
            entries.into_iter().for_each(|entry| disk.write(entry));
        }
        Tear::Sectors => {
            let mut sectors: Vec<_> = unflushed.iter().flat_map(sectors_of).collect();
            random.shuffle(&mut sectors);
            sectors.truncate(random.below(sectors.len() + 1));
            sectors.into_iter().for_each(|(number, sector)| disk.write_sector(number, sector));
        }
    }
    disk
}

/// Numbers by seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// 0 to `bound` - 1; 0 where the bound is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % (bound.max(1) as u64)) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

#[test]
fn a_tear_takes_sectors_of_what_was_written_and_nothing_else() {
    let entry = |sector, byte, sectors| Entry {
        sector,
        data: vec![byte; SECTOR * sectors],
        flush: false,
        durable: false,
    };
    let base = Disk::of(&[9; SECTOR * 20]);
    let unflushed = [entry(3, 1, 4), entry(5, 2, 4), entry(15, 3, 2)];
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..300 {
        let disk = torn(&base, &unflushed, &mut Random(seed));
        let bytes: Vec<u8> = disk.sectors.values().map(|sector| sector[0]).collect();
        assert_eq!(bytes.len(), 20);
        for (number, byte) in bytes.iter().enumerate() {
            let may = match number {
                3 | 4 => vec![9, 1],
                5 | 6 => vec![9, 1, 2],
                7 | 8 => vec![9, 2],
                15 | 16 => vec![9, 3],
                _ => vec![9],
            };
            assert!(may.contains(byte), "sector {number} holds {byte}");
        }
        seen.insert(bytes);
    }
    assert!(seen.len() > 30, "only {} ways", seen.len());
}
