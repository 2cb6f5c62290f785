//! The card's bytes: a partition table, a FAT32 boot partition with a flat root, an ext4 data partition.

use super::ImageError;
use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions};
use mbrman::{BOOT_INACTIVE, CHS, MBR, MBRPartitionEntry};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    process::Command,
};

/// Bytes of a sector.
const SECTOR: u64 = 512;
/// Where the boot partition begins: 1 MiB, a whole number of any card's erase blocks that matters.
pub const START: u64 = 1 << 20;
/// Partition types: FAT32 by sector number, Linux.
const FAT32: u8 = 0x0c;
const LINUX: u8 = 0x83;
/// The time of all that has one: 2020-01-01.
const TIME: &str = "1577836800";

/// Sizes of the two partitions, bytes.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The first.
    pub boot: u64,
    /// The second.
    pub data: u64,
}

/// A window of a file.
#[derive(Debug)]
pub struct Window<'f> {
    file: &'f File,
    start: u64,
    length: u64,
    at: u64,
    /// Bytes that may still be read.
    patience: u64,
}

impl<'f> Window<'f> {
    /// `length` bytes from `start` on.
    pub fn new(file: &'f File, start: u64, length: u64) -> Window<'f> {
        Window { file, start, length, at: 0, patience: u64::MAX }
    }

    /// The same of something that somebody brought: no more than `most` bytes are read, however often. A FAT whose
    /// chains run in a circle would be read for ever.
    pub fn reading_at_most(self, most: u64) -> Window<'f> {
        Window { patience: most, ..self }
    }

    fn room(&mut self, wanted: usize) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(self.start + self.at))?;
        Ok(usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX).min(wanted))
    }
}

impl Read for Window<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = self.room(into.len())?;
        let read = self.file.read(&mut into[..room])?;
        self.at += read as u64;
        self.patience = self.patience.checked_sub(read as u64).ok_or_else(runs_in_a_circle)?;
        Ok(read)
    }
}

impl Write for Window<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.room(bytes.len())?;
        // Zeros in a new file are there already: not written, they take no space.
        if bytes[..room].iter().all(|byte| *byte == 0) {
            let mut there = vec![0; room];
            if self.file.read_exact(&mut there).is_ok() && there == bytes[..room] {
                self.at += room as u64;
                return Ok(room);
            }
            self.room(room)?;
        }
        let written = self.file.write(&bytes[..room])?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Said where far more is read than any sound file system needs.
pub(crate) fn runs_in_a_circle() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its file system is damaged: its folders have no end")
}

/// Writes the whole card into a new file. `identity` stands in for whatever a system would draw at random.
///
/// # Errors
/// When a file does not fit, mke2fs fails, or the disk is full.
pub fn write(
    path: &Path,
    layout: Layout,
    boot: &[(String, Vec<u8>)],
    identity: [u8; 16],
) -> Result<(), ImageError> {
    let needed: u64 = boot.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    // The file system's own tables take about a hundredth.
    let room = layout.boot - layout.boot / 50;
    if needed > room {
        return Err(ImageError::BootTooSmall { needed, room });
    }
    let mut file =
        OpenOptions::new().read(true).write(true).create_new(true).open(path).map_err(ImageError::Write)?;
    file.set_len(START + layout.boot + layout.data).map_err(ImageError::Write)?;
    write_table(&mut file, layout, identity)?;
    write_boot(Window::new(&file, START, layout.boot), boot, identity)
        .and_then(|()| mend_folders(Window::new(&file, START, layout.boot)))
        .map_err(ImageError::Write)?;
    let ext4 = path.with_extension("ext4");
    let made = make_data(&ext4, layout.data, identity)
        .and_then(|()| copy_sparse(&ext4, &mut file, START + layout.boot).map_err(ImageError::Write));
    // Only a file on the way.
    let _ = fs::remove_file(&ext4);
    made?;
    file.sync_all().map_err(ImageError::Write)
}

fn write_table(file: &mut File, layout: Layout, identity: [u8; 16]) -> Result<(), ImageError> {
    let signature = [identity[0], identity[1], identity[2], identity[3]];
    let mut table =
        MBR::new_from(file, 512, signature).map_err(|error| ImageError::Write(io::Error::other(error)))?;
    let entry = |sys, start: u64, length: u64| MBRPartitionEntry {
        boot: BOOT_INACTIVE,
        first_chs: CHS::empty(),
        sys,
        last_chs: CHS::empty(),
        starting_lba: u32::try_from(start / SECTOR).expect("profiles allow 66 GiB"),
        sectors: u32::try_from(length / SECTOR).expect("profiles allow 66 GiB"),
    };
    table[1] = entry(FAT32, START, layout.boot);
    table[2] = entry(LINUX, START + layout.boot, layout.data);
    table.write_into(file).map_err(|error| ImageError::Write(io::Error::other(error)))
}

fn write_boot(mut window: Window<'_>, files: &[(String, Vec<u8>)], identity: [u8; 16]) -> io::Result<()> {
    let options = FormatVolumeOptions::new()
        .fat_type(FatType::Fat32)
        .bytes_per_cluster(cluster(window.length))
        .volume_id(u32::from_le_bytes([identity[4], identity[5], identity[6], identity[7]]))
        .volume_label(*b"BOOT       ");
    fatfs::format_volume(&mut window, options)?;
    window.seek(SeekFrom::Start(0))?;
    // Without fatfs's clock all times are the first of 1980.
    let system = FileSystem::new(&mut window, FsOptions::new())?;
    for (name, bytes) in files {
        for (end, _) in name.match_indices('/') {
            system.root_dir().create_dir(&name[..end])?;
        }
        let mut file = system.root_dir().create_file(name)?;
        file.write_all(bytes)?;
        file.flush()?;
    }
    system.unmount()
}

/// fatfs begins a folder with long names for `.` and `..`, and names the root by its cluster where 0 must stand: checkers
/// take that for damage. The four entries stay four, so that nothing behind them moves, in folders of any length.
pub(crate) fn mend_folders(mut window: Window<'_>) -> io::Result<()> {
    /// Bytes of an entry, and where it has its attributes and the two halves of its cluster.
    const ENTRY: usize = 32;
    const ATTRIBUTES: usize = 11;
    const CLUSTER: [usize; 2] = [20, 26];
    const LONG_NAME: u8 = 0x0f;
    /// First letter of an entry that is not in use.
    const DELETED: u8 = 0xe5;
    let mut head = [0; 4 * ENTRY];
    for at in (0..window.length.saturating_sub(head.len() as u64)).step_by(SECTOR as usize) {
        window.seek(SeekFrom::Start(at))?;
        window.read_exact(&mut head)?;
        let entry = |number: usize| &head[number * ENTRY..(number + 1) * ENTRY];
        let is_folder = entry(0)[ATTRIBUTES] == LONG_NAME
            && entry(1).starts_with(b".          \x10")
            && entry(2)[ATTRIBUTES] == LONG_NAME
            && entry(3).starts_with(b"..         \x10");
        if !is_folder {
            continue;
        }
        head.copy_within(ENTRY..2 * ENTRY, 0);
        head.copy_within(3 * ENTRY.., ENTRY);
        head[2 * ENTRY..].fill(0);
        (head[2 * ENTRY], head[3 * ENTRY]) = (DELETED, DELETED);
        let parent = &mut head[ENTRY..2 * ENTRY];
        if CLUSTER.map(|half| [parent[half], parent[half + 1]]) == [[0, 0], [2, 0]] {
            CLUSTER.into_iter().for_each(|half| parent[half..half + 2].fill(0));
        }
        // Written over, zeros and all.
        window.file.seek(SeekFrom::Start(window.start + at))?;
        window.file.write_all(&head)?;
    }
    Ok(())
}

/// The largest cluster of at most 4 KiB with which there are the 65,525 that make a FAT32, and some.
fn cluster(length: u64) -> u32 {
    [4096, 2048, 1024].into_iter().find(|bytes| length / u64::from(*bytes) > 70_000).unwrap_or(512)
}

/// An empty file system. mke2fs could fill it, but would copy the times of its source's change.
fn make_data(path: &Path, length: u64, identity: [u8; 16]) -> Result<(), ImageError> {
    let uuid = uuid(identity);
    let output = Command::new("mke2fs")
        .env("PATH", std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin")
        .envs([("E2FSPROGS_FAKE_TIME", TIME), ("SOURCE_DATE_EPOCH", TIME)])
        .args([
            "-q",
            "-F",
            "-t",
            "ext4",
            "-L",
            "data",
            "-m",
            "0",
            "-b",
            "4096",
            "-I",
            "256",
            "-U",
            &uuid,
            // The superblock spans two sectors: a power cut between them would leave a sum that does not fit.
            "-O",
            "^metadata_csum",
            "-E",
        ])
        .arg(format!("hash_seed={uuid},root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1,nodiscard"))
        .arg(path)
        .arg(format!("{}k", length / 1024))
        .output()
        .map_err(ImageError::NoMke2fs)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(ImageError::Mke2fs(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

fn uuid(identity: [u8; 16]) -> String {
    let mut bytes = identity;
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn copy_sparse(from: &Path, to: &mut File, start: u64) -> io::Result<()> {
    let mut from = File::open(from)?;
    let mut block = vec![0; 1 << 16];
    let mut at = start;
    loop {
        let read = from.read(&mut block)?;
        if read == 0 {
            return Ok(());
        }
        if block[..read].iter().any(|byte| *byte != 0) {
            to.seek(SeekFrom::Start(at))?;
            to.write_all(&block[..read])?;
        }
        at += read as u64;
    }
}
