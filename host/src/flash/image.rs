//! The image: looked at before anything is written, and read in pieces, holes as zeros.

use super::disk::is_zero;
use super::error::FlashError;
use super::{BLOCK, FirstSector, PIECE, SECTOR, system};
use crate::fleet::image::places;
use mbrman::MBRHeader;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Cursor};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// An image that was checked.
#[derive(Debug)]
pub struct Image {
    file: File,
    /// Its file's name, without folders.
    pub name: String,
    /// All of it.
    pub bytes: u64,
    /// What is written last.
    pub first_sector: FirstSector,
    /// The board that it says it is for.
    pub board: Option<String>,
    /// The digest that it was promised to have, and had.
    pub promised: Option<String>,
    /// What tells this file from others.
    pub identity: (u64, u64),
    /// Where it has data, in whole blocks; ascending, and apart from each other.
    data: Vec<Range<u64>>,
}

impl Image {
    /// Checks it: a partition table, all of its partitions, the board.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn open(path: &Path, board: Option<&str>) -> Result<Image, FlashError> {
        let unread = |cause| FlashError::NoImage { path: path.to_owned(), cause };
        let refused = |why: &str| FlashError::NotAnImage { path: path.to_owned(), why: why.to_owned() };
        let about = fs::metadata(path).map_err(unread)?;
        if !about.is_file() {
            return Err(refused("it is no plain file"));
        }
        let file = File::open(path).map_err(unread)?;
        let bytes = about.len();
        if bytes < SECTOR as u64 {
            return Err(refused("it has less than one sector"));
        }
        let mut first_sector = [0; SECTOR];
        system::read_at(&file, &mut first_sector, 0).map_err(unread)?;
        let needed = end_of_partitions(&first_sector).map_err(refused)?;
        if needed > bytes || !bytes.is_multiple_of(SECTOR as u64) {
            return Err(FlashError::Truncated { bytes, needed });
        }
        let data = whole_blocks(system::data(&file, bytes).map_err(unread)?, bytes);
        let image = Image {
            file,
            name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            bytes,
            first_sector,
            board: board_of(path),
            promised: None,
            identity: system::identity(&about),
            data,
        };
        image.is_for(board)?;
        Ok(image)
    }

    fn is_for(&self, asked: Option<&str>) -> Result<(), FlashError> {
        match (asked, &self.board) {
            (Some(asked), None) => Err(FlashError::NoBoard(asked.to_owned())),
            (Some(asked), Some(found)) if asked != found => {
                Err(FlashError::WrongBoard { found: found.clone(), asked: asked.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// Reads it once and compares, when a digest is asked for or lies beside the image as `IMAGE.sha256`.
    ///
    /// # Errors
    /// When it is another, or cannot be read.
    pub fn check_digest(&mut self, path: &Path, asked: Option<&str>) -> Result<(), FlashError> {
        let beside = PathBuf::from(format!("{}.sha256", path.display()));
        let promised = match asked {
            Some(asked) => Some(asked.to_owned()),
            None => fs::read_to_string(beside).ok(),
        };
        // As sha256sum writes it: the digest, two blanks, the name.
        let Some(promised) = promised.map(|text| text.split_whitespace().next().unwrap_or("").to_lowercase())
        else {
            return Ok(());
        };
        if promised.len() != 64 || !promised.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(FlashError::NoDigest(promised));
        }
        let found = self.digest().map_err(|cause| FlashError::NoImage { path: path.to_owned(), cause })?;
        if found != promised {
            return Err(FlashError::WrongDigest { expected: promised, found });
        }
        self.promised = Some(promised);
        Ok(())
    }

    fn digest(&self) -> io::Result<String> {
        let mut hash = ImageDigest::new(self);
        let mut piece = vec![0; PIECE];
        for range in self.pieces() {
            let piece = &mut piece[..length(&range)];
            self.read(piece, range.start)?;
            hash.add(piece, range.start);
        }
        Ok(hash.finish())
    }

    /// Where it is cut.
    pub fn pieces(&self) -> impl Iterator<Item = Range<u64>> + use<> {
        let end = self.bytes;
        (0..end).step_by(PIECE).map(move |start| start..end.min(start + PIECE as u64))
    }

    /// Whether something may be there that is no zero.
    pub fn has_data(&self, range: &Range<u64>) -> bool {
        self.data.iter().any(|data| data.start < range.end && range.start < data.end)
    }

    /// Bytes that are in no hole.
    pub fn data_bytes(&self) -> u64 {
        self.data.iter().map(|data| data.end - data.start).sum()
    }

    /// Fills `into` with the image, holes and **the first sector** as zeros.
    ///
    /// # Errors
    /// What the system says, and when the file has become shorter.
    pub fn read(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        let wanted = at..at + into.len() as u64;
        let mut filled = at;
        for data in self.data.iter().filter(|data| data.start < wanted.end && at < data.end) {
            let (start, end) = (data.start.max(at), data.end.min(wanted.end));
            into[length(&(at..filled))..length(&(at..start))].fill(0);
            system::read_at(&self.file, &mut into[length(&(at..start))..length(&(at..end))], start)?;
            filled = end;
        }
        into[length(&(at..filled))..].fill(0);
        if at == 0 {
            let first = into.len().min(SECTOR);
            into[..first].fill(0);
        }
        Ok(())
    }
}

/// Bytes of a range that is in memory.
pub fn length(range: &Range<u64>) -> usize {
    usize::try_from(range.end - range.start).expect("a piece has 4 MiB")
}

/// Blocks of a piece that are written, as ranges within it: those that are not all zeros.
pub fn runs(piece: &[u8]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (number, block) in piece.chunks(BLOCK).enumerate().filter(|(_, block)| !is_zero(block)) {
        let start = number * BLOCK;
        match runs.last_mut().filter(|last| last.end == start) {
            Some(last) => last.end += block.len(),
            None => runs.push(start..start + block.len()),
        }
    }
    runs
}

/// SHA-256 of a whole image or of what a card gives back, told in ascending order; what is not told is zeros.
#[derive(Debug)]
pub struct ImageDigest {
    hash: Sha256,
    first_sector: FirstSector,
    at: u64,
    end: u64,
}

impl ImageDigest {
    /// With the first sector of this image, which pieces do not have.
    pub fn new(image: &Image) -> ImageDigest {
        ImageDigest { hash: Sha256::new(), first_sector: image.first_sector, at: 0, end: image.bytes }
    }

    /// The bytes at this place.
    pub fn add(&mut self, piece: &[u8], at: u64) {
        self.zeros_to(at);
        let skipped = if at == 0 {
            self.hash.update(self.first_sector);
            SECTOR
        } else {
            0
        };
        self.hash.update(&piece[skipped..]);
        self.at = at + piece.len() as u64;
    }

    fn zeros_to(&mut self, end: u64) {
        let zeros = [0; 1 << 14];
        while self.at < end {
            let step = (end - self.at).min(zeros.len() as u64);
            self.hash.update(&zeros[..length(&(0..step))]);
            self.at += step;
        }
    }

    /// In hexadecimal digits.
    pub fn finish(mut self) -> String {
        self.zeros_to(self.end);
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The byte after the last partition.
fn end_of_partitions(first_sector: &FirstSector) -> Result<u64, &'static str> {
    if first_sector[510..] != [0x55, 0xaa] {
        return Err("its first sector is no partition table");
    }
    let table = MBRHeader::read_from(&mut Cursor::new(first_sector))
        .map_err(|_| "its first sector is no partition table")?;
    let used = table.iter().filter(|(_, partition)| partition.is_used());
    used.map(|(_, partition)| {
        SECTOR as u64 * (u64::from(partition.starting_lba) + u64::from(partition.sectors))
    })
    .max()
    .ok_or("it has no partitions")
}

/// The same, grown to whole blocks, and joined where they meet.
fn whole_blocks(data: Vec<Range<u64>>, bytes: u64) -> Vec<Range<u64>> {
    let block = BLOCK as u64;
    let mut joined: Vec<Range<u64>> = Vec::new();
    // The first sector is written in any case.
    for range in std::iter::once(0..1).chain(data) {
        let (start, end) = (range.start / block * block, range.end.next_multiple_of(block).min(bytes));
        match joined.last_mut().filter(|last| last.end >= start) {
            Some(last) => last.end = last.end.max(end),
            None => joined.push(start..end),
        }
    }
    joined
}

/// From the list of contents that `synkiosk image` puts in.
fn board_of(path: &Path) -> Option<String> {
    /// The list of an image with a few hundred packages has 100 KB.
    const MOST: u64 = 4 << 20;
    let list = places(path).ok()?.iter().find_map(|place| place.read("sbom.json", MOST).ok())?;
    let list: serde_json::Value = serde_json::from_slice(&list).ok()?;
    list["name"].as_str()?.strip_prefix("synkiosk-").map(str::to_owned)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "image/tests.rs"]
mod tests;
