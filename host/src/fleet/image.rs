//! Reads the file systems of sticks and cards, in an image or on a device, without mounting them: FAT and ext4.

use super::place::{Entry, Folder, Place};
use crate::image::disk::runs_in_a_circle;
use ext4_view::{Ext4, Ext4Error, Ext4Read};
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::rc::Rc;

/// Where the file systems of a source are: one of a folder, or all that can be read of an image.
///
/// # Errors
/// In words, when it cannot be read or holds no file system that is known.
pub fn places(source: &Path) -> Result<Vec<Box<dyn Place>>, String> {
    let about = fs::metadata(source).map_err(|error| error.to_string())?;
    if about.is_dir() {
        return Ok(vec![Box::new(Folder(source.to_owned()))]);
    }
    let open = || File::open(source).map_err(|error| error.to_string());
    let mut file = open()?;
    let bytes = file.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
    if bytes == 0 {
        return Err("it has 0 bytes".to_owned());
    }
    let whole = Part::new(open()?, 0, bytes);
    match Kind::of(&whole)? {
        Kind::Table => in_table(source, bytes),
        kind => Ok(vec![kind.open(whole)?]),
    }
}

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fat,
    Ext4,
    /// A partition table of the MBR kind.
    Table,
}

impl Kind {
    fn of(part: &Part) -> Result<Kind, String> {
        let head = part.head()?;
        let at = |range: std::ops::Range<usize>| &head[range];
        if at(1080..1082) == [0x53, 0xef] {
            Ok(Kind::Ext4)
        } else if at(3..11) == b"EXFAT   " {
            Err("it is exFAT; FAT12, FAT16, FAT32 and ext4 are read".to_owned())
        } else if at(3..7) == b"NTFS" {
            Err("it is NTFS; FAT12, FAT16, FAT32 and ext4 are read".to_owned())
        } else if at(510..512) != [0x55, 0xaa] {
            Err("it is no image of a stick or card; FAT12, FAT16, FAT32 and ext4 are read".to_owned())
        } else if at(54..57) == b"FAT" || at(82..87) == b"FAT32" {
            Ok(Kind::Fat)
        } else {
            Ok(Kind::Table)
        }
    }

    fn open(self, part: Part) -> Result<Box<dyn Place>, String> {
        match self {
            Kind::Fat => {
                let options = fatfs::FsOptions::new().update_accessed_date(false);
                let patience = part.patience.clone();
                fatfs::FileSystem::new(part, options)
                    .map(|fat| Box::new(Fat(fat, patience)) as Box<dyn Place>)
                    .map_err(|error| format!("its FAT cannot be read ({error})"))
            }
            Kind::Ext4 => {
                if !ext4_fits(&part.head()?, part.bytes) {
                    return Err("its ext4 cannot be read (it says sizes that cannot be)".to_owned());
                }
                let patience = part.patience.clone();
                Ext4::load(Box::new(Ext4Part(RefCell::new(part))))
                    .map(|ext4| Box::new(Ext4Place(ext4, patience)) as Box<dyn Place>)
                    .map_err(|error| format!("its ext4 cannot be read ({error})"))
            }
            Kind::Table => Err("a partition holds another partition table".to_owned()),
        }
    }
}

/// Whether a superblock's sizes can be true, in a partition of so many bytes: ext4-view believes them, and takes memory for all
/// groups of blocks at once. mke2fs makes blocks of 1 to 64 KiB, and no group of fewer than 256.
fn ext4_fits(head: &[u8; HEAD], bytes: u64) -> bool {
    let number = |at: usize| u32::from_le_bytes(*head[1024 + at..].first_chunk().expect("the head holds it"));
    let blocks = u64::from(number(0x150)) << 32 | u64::from(number(4));
    let (log_block_size, blocks_per_group) = (number(0x18), number(0x20));
    log_block_size <= 6
        && blocks.checked_mul(1024 << log_block_size).is_some_and(|needed| needed <= bytes)
        && blocks_per_group >= 256
}

/// All partitions that can be read; one that cannot is passed over if another can.
fn in_table(source: &Path, bytes: u64) -> Result<Vec<Box<dyn Place>>, String> {
    let open = || File::open(source).map_err(|error| error.to_string());
    let table = mbrman::MBRHeader::read_from(&mut open()?)
        .map_err(|error| format!("its partition table: {error}"))?;
    let (mut places, mut reasons) = (Vec::new(), Vec::new());
    for (_, partition) in table.iter().filter(|(_, partition)| partition.is_used()) {
        let start = 512 * u64::from(partition.starting_lba);
        let length = 512 * u64::from(partition.sectors);
        if start + length > bytes {
            reasons.push(format!("it ends within a partition that needs {} bytes", start + length));
            continue;
        }
        let part = Part::new(open()?, start, length);
        match Kind::of(&part).and_then(|kind| kind.open(part)) {
            Ok(place) => places.push(place),
            Err(reason) => reasons.push(reason),
        }
    }
    if places.is_empty() {
        Err(reasons.pop().unwrap_or_else(|| "it has no partition".to_owned()))
    } else {
        Ok(places)
    }
}

/// Bytes in which every file system says what it is: up to the end of an ext4's superblock.
const HEAD: usize = 2048;

/// A stretch of a file, never written to.
struct Part {
    file: File,
    start: u64,
    bytes: u64,
    at: u64,
    patience: Patience,
}

/// Bytes that may still be read: a chain that runs in a circle would be read for ever.
#[derive(Clone)]
struct Patience(Rc<Cell<u64>>);

/// Beside a file's own bytes: what is read to find it, or to list a folder. A FAT's largest folder has 2 MiB.
const SEARCHED_IN_FAT: u64 = 8 << 20;
/// A million names in an ext4 take some 50 MiB.
const SEARCHED_IN_EXT4: u64 = 256 << 20;

impl Patience {
    /// For the next thing that is looked for.
    fn begin(&self, searched: u64, most: u64) {
        self.0.set(searched.saturating_add(most));
    }

    fn spend(&self, bytes: usize) -> io::Result<()> {
        let left = self.0.get().checked_sub(bytes as u64).ok_or_else(runs_in_a_circle)?;
        self.0.set(left);
        Ok(())
    }
}

impl Part {
    fn new(file: File, start: u64, bytes: u64) -> Part {
        Part { file, start, bytes, at: 0, patience: Patience(Rc::new(Cell::new(SEARCHED_IN_EXT4))) }
    }

    /// Its first bytes, with zeros where it is shorter.
    fn head(&self) -> Result<[u8; HEAD], String> {
        let (mut head, mut reader, mut got) = ([0; HEAD], self.again()?, 0);
        while got < HEAD {
            match reader.read(&mut head[got..]).map_err(|error| error.to_string())? {
                0 => break,
                more => got += more,
            }
        }
        Ok(head)
    }

    fn again(&self) -> Result<Part, String> {
        let file = self.file.try_clone().map_err(|error| error.to_string())?;
        Ok(Part::new(file, self.start, self.bytes))
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        self.file.seek(SeekFrom::Start(self.start.saturating_add(self.at)))?;
        let got = self.file.read(&mut buffer[..most])?;
        self.patience.spend(got)?;
        self.at += got as u64;
        Ok(got)
    }
}

impl Write for Part {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Part {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.bytes, by),
        };
        self.at = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

struct Fat(fatfs::FileSystem<Part>, Patience);

impl Place for Fat {
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        self.1.begin(SEARCHED_IN_FAT, 0);
        let root = self.0.root_dir();
        let folder = if folder.is_empty() { root } else { root.open_dir(folder)? };
        let mut entries = Vec::new();
        for entry in folder.iter() {
            let entry = entry?;
            let name = entry.file_name();
            if name != "." && name != ".." {
                entries.push(Entry { name, is_folder: entry.is_dir() });
            }
        }
        entries.sort_unstable();
        Ok(entries)
    }

    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        self.1.begin(SEARCHED_IN_FAT, most);
        let mut bytes = Vec::new();
        self.0.root_dir().open_file(path)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

struct Ext4Part(RefCell<Part>);

impl Ext4Read for Ext4Part {
    fn read(&mut self, start: u64, into: &mut [u8]) -> Result<(), Box<dyn Error + Send + Sync + 'static>> {
        let part = self.0.get_mut();
        part.seek(SeekFrom::Start(start))?;
        Ok(part.read_exact(into)?)
    }
}

struct Ext4Place(Ext4, Patience);

impl Place for Ext4Place {
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        self.1.begin(SEARCHED_IN_EXT4, 0);
        let mut entries = Vec::new();
        for entry in self.0.read_dir(format!("/{folder}").as_str()).map_err(as_io)? {
            let entry = entry.map_err(as_io)?;
            let is_folder = entry.file_type().map_err(as_io)?.is_dir();
            let name = entry.file_name();
            if let Ok(name) = name.as_str()
                && name != "."
                && name != ".."
            {
                entries.push(Entry { name: name.to_owned(), is_folder });
            }
        }
        entries.sort_unstable();
        Ok(entries)
    }

    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        self.1.begin(SEARCHED_IN_EXT4, most);
        let path = format!("/{path}");
        let about = self.0.symlink_metadata(path.as_str()).map_err(as_io)?;
        // A link has its own length, and leads to a file of another one.
        if !about.file_type().is_regular_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
        }
        if about.len() > most {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("{} bytes are too many", about.len()),
            ));
        }
        self.0.read(path.as_str()).map_err(as_io)
    }
}

fn as_io(error: Ext4Error) -> io::Error {
    match error {
        Ext4Error::NotFound => io::ErrorKind::NotFound.into(),
        Ext4Error::NotADirectory => io::ErrorKind::NotADirectory.into(),
        other => io::Error::other(other.to_string()),
    }
}
