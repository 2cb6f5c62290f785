//! Linux: O_EXCL keeps everyone else off a disk, O_DIRECT reads past the page cache.

use crate::flash::disk::Disk;
use rustix::fs::{Advice, OFlags, SeekFrom, fadvise, major, minor, seek};
use rustix::io::Errno;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::num::NonZero;
use std::ops::Range;
use std::os::linux::fs::MetadataExt;
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Whether disks can be told from cards here.
pub const SUPPORTED: bool = true;

/// The numbers of a block device; none of anything else.
pub fn block_number(about: &Metadata) -> Option<(u32, u32)> {
    about.file_type().is_block_device().then(|| (major(about.st_rdev()), minor(about.st_rdev())))
}

/// What two names of one file have in common.
pub fn identity(about: &Metadata) -> (u64, u64) {
    (about.st_dev(), about.st_ino())
}

/// Fills `into` from a place of a file, without moving in it.
///
/// # Errors
/// What the system says, and when the file ends before.
pub fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    file.read_exact_at(into, at)
}

/// Where a file of so many bytes has data; all else of it are holes, which read as zeros.
///
/// # Errors
/// What the system says.
pub fn data(file: &File, bytes: u64) -> io::Result<Vec<Range<u64>>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes {
        let start = match seek(file, SeekFrom::Data(at)) {
            Ok(start) => start,
            Err(Errno::NXIO) => break,
            // Not every file system knows holes.
            Err(Errno::INVAL) => return Ok(std::iter::once(0..bytes).collect()),
            Err(error) => return Err(error.into()),
        };
        at = seek(file, SeekFrom::Hole(start))?;
        found.push(start..at.min(bytes));
    }
    Ok(found)
}

/// A disk, or a file that stands for one.
#[derive(Debug)]
pub struct Opened {
    writer: File,
    reader: File,
    direct: bool,
}

impl Opened {
    /// Opens it for writing and for reading it back. A disk is then nobody else's: mounting it fails.
    ///
    /// # Errors
    /// What the system says; `ResourceBusy` of a disk that something uses.
    pub fn open(path: &Path, is_disk: bool) -> io::Result<Opened> {
        let direct = OFlags::DIRECT.bits().cast_signed();
        if is_disk {
            let exclusive = OFlags::EXCL.bits().cast_signed();
            let open = |flags| OpenOptions::new().read(true).write(true).custom_flags(flags).open(path);
            let (writer, direct) = match open(exclusive | direct) {
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => (open(exclusive)?, false),
                opened => (opened?, true),
            };
            return Ok(Opened { reader: writer.try_clone()?, writer, direct });
        }
        let writer = OpenOptions::new().read(true).write(true).open(path)?;
        let (reader, direct) = match OpenOptions::new().read(true).custom_flags(direct).open(path) {
            Ok(reader) => (reader, true),
            Err(_) => (File::open(path)?, false),
        };
        Ok(Opened { writer, reader, direct })
    }

    /// How it reads what is really there.
    pub fn freshness(&self) -> &'static str {
        if self.direct { "direct" } else { "cache dropped" }
    }
}

impl Disk for Opened {
    fn write(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.writer.write_all_at(bytes, at)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.writer.sync_all()
    }

    fn read_fresh(&mut self, into: &mut [u8], at: u64) -> io::Result<()> {
        if !self.direct {
            fadvise(&self.reader, at, NonZero::new(into.len() as u64), Advice::DontNeed)?;
        }
        self.reader.read_exact_at(into, at)
    }
}
