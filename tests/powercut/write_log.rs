//! The log that QEMU's `blklogwrites` keeps of a disk: every write and flush, in the format of Linux' dm-log-writes.
//!
//! A superblock sector, then for each entry a sector with its head, and its data. Numbers are little-endian.

/// Bytes of a sector: the piece that a disk writes whole or not at all.
pub(crate) const SECTOR: usize = 512;

/// First bytes of a log.
const MAGIC: u64 = 0x006a_7366_7773_6872;

/// Something that was asked of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// First sector.
    pub(crate) sector: u64,
    /// What was written from there on; empty for a flush alone.
    pub(crate) data: Vec<u8>,
    /// Everything before this entry is durable when it is done.
    pub(crate) flush: bool,
    /// It is durable itself when it is done.
    pub(crate) durable: bool,
}

const FLUSH: u64 = 1;
const DURABLE: u64 = 2;
const DISCARD: u64 = 4;
const MARK: u64 = 8;

/// Entries that the log holds so far.
pub(crate) fn count(log: &[u8]) -> Option<u64> {
    let [magic, version, entries] = [0, 8, 16].map(|at| number(log, at));
    let sector = log.get(24..28)?;
    let ours = magic? == MAGIC && version? == 1 && sector == (SECTOR as u32).to_le_bytes();
    if ours { entries } else { None }
}

/// Every entry, or `None` where it is no log, or not a whole one.
pub(crate) fn read(log: &[u8]) -> Option<Vec<Entry>> {
    let mut at = SECTOR;
    let mut entries = Vec::new();
    for _ in 0..count(log)? {
        let [sector, sectors, flags, _] = [0, 8, 16, 24].map(|offset| number(log, at + offset));
        let (flags, length) = (flags?, usize::try_from(sectors?).ok()?.checked_mul(SECTOR)?);
        at += SECTOR;
        let data = if flags & DISCARD != 0 {
            // What was thrown away reads as anything; zeros are what most cards give.
            vec![0; length]
        } else {
            let data = log.get(at..at.checked_add(length)?)?.to_vec();
            at += length;
            data
        };
        if flags & MARK == 0 {
            let (flush, durable) = (flags & FLUSH != 0, flags & DURABLE != 0);
            entries.push(Entry { sector: sector?, data, flush, durable });
        }
    }
    Some(entries)
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

#[test]
fn a_log_is_read_as_it_is_written() {
    let sector = |numbers: &[u64]| {
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        bytes.resize(SECTOR, 0);
        bytes
    };
    let mut log = sector(&[MAGIC, 1, 4, SECTOR as u64]);
    log.extend(sector(&[7, 2, 0, 0]));
    log.extend([[1; SECTOR], [2; SECTOR]].concat());
    log.extend(sector(&[0, 0, FLUSH, 0]));
    log.extend(sector(&[9, 1, FLUSH | DURABLE, 0]));
    log.extend([3; SECTOR]);
    log.extend(sector(&[4, 1, DISCARD, 0]));
    let entries = read(&log).unwrap();
    let entry = |sector, data: &[u8], flush, durable| Entry { sector, data: data.to_vec(), flush, durable };
    let expected = [
        entry(7, &[[1; SECTOR], [2; SECTOR]].concat(), false, false),
        entry(0, &[], true, false),
        entry(9, &[3; SECTOR], true, true),
        entry(4, &[0; SECTOR], false, false),
    ];
    assert_eq!(entries, expected);
    assert_eq!(read(&log[..log.len() - SECTOR - 1]), None);
    log[0] ^= 1;
    assert_eq!(read(&log), None);
}
