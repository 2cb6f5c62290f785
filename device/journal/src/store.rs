//! Where segments are kept: a folder, behind a trait that is small enough to be faked faithfully.

use crate::segment::MOST_SEGMENT_BYTES;
use std::fs::{self, File, OpenOptions, TryLockError};
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

/// The real store: `NNNNNNNN.segment` files in a folder that one program at a time writes to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held, and thereby locked, as long as the store lives; the kernel lets go when the program dies.
    _lock: File,
}

impl Folder {
    /// Makes the folder if need be and locks it.
    ///
    /// # Errors
    /// `WouldBlock` when another program has it.
    pub fn open(path: &Path) -> io::Result<Folder> {
        let is_new = !path.exists();
        fs::create_dir_all(path)?;
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            // Not every file system has locks, and a journal without one is better than none.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(error) => return Err(error.into()),
        }
        if is_new && let Some(parent) = path.parent() {
            sync_folder(parent)?;
        }
        Ok(Folder { path: path.to_owned(), _lock: lock })
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
        for entry in fs::read_dir(&self.path)? {
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
        if write_once(&mut file, bytes)? != bytes.len() {
            return Err(ErrorKind::StorageFull.into());
        }
        file.sync_all()?;
        // A file that only its folder's cache knows is gone after a power cut, synced or not.
        if offset == 0 { sync_folder(&self.path) } else { Ok(()) }
    }
}

/// One write, so that a whole record is handed over or a prefix of it, and never a later part without an earlier.
fn write_once(file: &mut File, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match file.write(bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    // The parent of a relative path of one part is the empty path.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path)?.sync_all()
}

/// Other systems do not open folders, and sync them with the file.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
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
    fn two_writers_are_one_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(folder.path()).unwrap();
        assert_eq!(Folder::open(folder.path()).unwrap_err().kind(), ErrorKind::WouldBlock);
        drop(first);
        assert!(Folder::open(folder.path()).is_ok());
    }
}
