//! Where segments are kept: a folder, behind a trait that is small enough to be faked faithfully.

use crate::disk::{self as fs, File, OpenOptions};
use crate::segment::MOST_SEGMENT_BYTES;
use std::fs::TryLockError;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Highest number that a segment's name has room for.
pub const MOST_SEGMENTS: u32 = 99_999_999;

/// Numbered segments that survive a power cut.
pub trait Store {
    /// The numbers of all segments, in any order.
    ///
    /// # Errors
    /// When the medium does not answer.
    fn segments(&self) -> io::Result<Vec<u32>>;

    /// The bytes of a segment; of one that is larger than any may be, only enough to see that.
    ///
    /// # Errors
    /// When the medium does not answer.
    fn read(&self, segment: u32) -> io::Result<Vec<u8>>;

    /// Cuts a segment, which is made if need be, to `offset`, writes `bytes` there in one write, and returns when
    /// a power cut can no longer undo it.
    ///
    /// # Errors
    /// Any prefix of `bytes` may have been written then.
    fn write(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()>;
}

/// A store that segments can be taken out of.
pub trait Discard: Store {
    /// Takes a segment away, and returns when a power cut can no longer bring it back. One that is not there is as good.
    ///
    /// # Errors
    /// It may be there still. The last segment is refused: it is written to, and its number must not be given again.
    fn discard(&mut self, segment: u32) -> io::Result<()>;
}

/// Segments that nothing is added to any more, the oldest first: all but the last.
///
/// # Errors
/// When the medium does not answer.
pub fn closed(store: &impl Store) -> io::Result<Vec<u32>> {
    let mut numbers = store.segments()?;
    numbers.sort_unstable();
    numbers.pop();
    Ok(numbers)
}

/// The real store: `NNNNNNNN.segment` files in a folder that one program at a time writes to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held, and thereby locked, as long as the store lives; the kernel lets go when the program dies. Without one
    /// nothing is written.
    lock: Option<File>,
}

impl Folder {
    /// Makes the folder if need be and locks it.
    ///
    /// # Errors
    /// `WouldBlock` when another program has it.
    pub fn open(path: &Path) -> io::Result<Folder> {
        fs::create_dir_all(path)?;
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            // Not every file system has locks, and a journal without one is better than none.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(error) => return Err(error.into()),
        }
        let store = Folder { path: path.to_owned(), lock: Some(lock) };
        // Not only where the folder was made just now: the sync of an earlier try may have failed.
        if store.segments()?.is_empty()
            && let Some(parent) = path.parent()
        {
            sync_folder(parent)?;
        }
        Ok(store)
    }

    /// The same folder beside its writer: what is there can be read, and closed segments discarded.
    pub fn beside_the_writer(path: &Path) -> Folder {
        Folder { path: path.to_owned(), lock: None }
    }

    fn path_of(&self, segment: u32) -> PathBuf {
        self.path.join(segment_name(segment))
    }
}

/// The file name of a segment.
pub fn segment_name(segment: u32) -> String {
    format!("{segment:08}.segment")
}

/// The number in a segment's file name; `None` for the name of anything else.
pub fn segment_number(name: &str) -> Option<u32> {
    let number = name.strip_suffix(".segment")?.parse().ok()?;
    (segment_name(number) == name && number <= MOST_SEGMENTS).then_some(number)
}

impl Store for Folder {
    fn segments(&self) -> io::Result<Vec<u32>> {
        let mut numbers = Vec::new();
        let entries = match fs::read_dir(&self.path) {
            // Nothing was ever written.
            Err(error) if error.kind() == ErrorKind::NotFound && self.lock.is_none() => return Ok(numbers),
            entries => entries?,
        };
        for entry in entries {
            numbers.extend(entry?.file_name().to_str().and_then(segment_number));
        }
        Ok(numbers)
    }

    fn read(&self, segment: u32) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.path_of(segment))?.take(MOST_SEGMENT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.lock.is_none() {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let path = self.path_of(segment);
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        let length = file.metadata()?.len();
        if length < offset {
            return Err(io::Error::new(ErrorKind::InvalidData, "the segment has become shorter"));
        }
        if length > offset {
            file.set_len(offset)?;
        }
        file.seek(SeekFrom::Start(offset))?;
        // A system may take a part of them for now, and says by itself when the disk is full.
        file.write_all(bytes)?;
        file.sync_all()?;
        // A file that only its folder's cache knows is gone after a power cut, synced or not.
        if offset == 0 { sync_folder(&self.path) } else { Ok(()) }
    }
}

impl Discard for Folder {
    fn discard(&mut self, segment: u32) -> io::Result<()> {
        if self.segments()?.into_iter().max().is_some_and(|last| last <= segment) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "the last segment is written to"));
        }
        match fs::remove_file(self.path_of(segment)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => sync_folder(&self.path),
        }
    }
}

#[cfg(unix)]
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // The parent of a relative path of one part is the empty path.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path)?.sync_all()
}

/// Other systems do not open folders, and sync them with the file.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_belong_together() {
        assert_eq!(segment_name(7), "00000007.segment");
        assert_eq!(segment_number("00000007.segment"), Some(7));
        assert_eq!(segment_number("99999999.segment"), Some(MOST_SEGMENTS));
        for name in
            ["7.segment", "00000007.segment.bak", "100000000.segment", "lock", "+0000007.segment", ".segment"]
        {
            assert_eq!(segment_number(name), None, "{name}");
        }
    }

    #[test]
    fn a_folder_cuts_and_writes() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Folder::open(&folder.path().join("new/journal")).unwrap();
        store.write(3, 0, b"abcdef").unwrap();
        store.write(3, 4, b"XY").unwrap();
        assert_eq!(store.read(3).unwrap(), b"abcdXY");
        store.write(3, 2, b"").unwrap();
        assert_eq!(store.read(3).unwrap(), b"ab");
        assert_eq!(store.write(3, 9, b"z").unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(store.segments().unwrap(), [3]);
        assert!(store.read(4).is_err());
    }

    #[test]
    fn closed_segments_can_be_discarded_beside_the_writer_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("journal");
        let mut beside = Folder::beside_the_writer(&path);
        assert!(beside.segments().unwrap().is_empty());
        let mut store = Folder::open(&path).unwrap();
        for segment in [2, 5, 9] {
            store.write(segment, 0, b"bytes").unwrap();
        }
        assert_eq!(closed(&beside).unwrap(), [2, 5]);
        assert_eq!(beside.read(5).unwrap(), b"bytes");
        beside.discard(5).unwrap();
        beside.discard(5).unwrap();
        assert_eq!(closed(&store).unwrap(), [2]);
        for last in [9, 10] {
            assert_eq!(beside.discard(last).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        assert_eq!(beside.write(9, 5, b"more").unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(store.read(9).unwrap(), b"bytes");
    }

    #[test]
    fn two_writers_are_one_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(folder.path()).unwrap();
        assert_eq!(Folder::open(folder.path()).unwrap_err().kind(), ErrorKind::WouldBlock);
        drop(first);
        assert!(Folder::open(folder.path()).is_ok());
    }
}
