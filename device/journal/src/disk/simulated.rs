//! What a simulated disk has to answer, and how a thread comes by one.

use std::{cell::RefCell, ffi::OsString, io, path::Path, rc::Rc};

/// How a file is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Access {
    /// Bytes may be written.
    pub write: bool,
    /// It is made if it is not there.
    pub create: bool,
    /// What was in it is dropped.
    pub truncate: bool,
}

/// What is known of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// A folder, and no file.
    pub is_folder: bool,
    /// Bytes of a file.
    pub bytes: u64,
}

/// A disk: the calls of a file system that storage code makes, one method each. Errors are those of the system.
#[expect(clippy::missing_errors_doc, reason = "every call of a disk may fail, and why is the disk's own")]
pub trait Disk {
    /// Opens a file, or a folder that is only synced.
    fn open(&self, path: &Path, access: Access) -> io::Result<u64>;
    /// Lets go of an open file, and of its lock.
    fn close(&self, file: u64);
    /// Whether the file is this handle's alone from now on.
    fn lock(&self, file: u64) -> bool;
    /// The length of an open file.
    fn bytes(&self, file: u64) -> io::Result<u64>;
    /// As `pread`.
    fn read(&self, file: u64, offset: u64, into: &mut [u8]) -> io::Result<usize>;
    /// As `pwrite`.
    fn write(&self, file: u64, offset: u64, bytes: &[u8]) -> io::Result<usize>;
    /// Cuts a file, or fills it up with zeros.
    fn set_len(&self, file: u64, bytes: u64) -> io::Result<()>;
    /// As `fsync`.
    fn sync(&self, file: u64) -> io::Result<()>;
    /// What is there.
    fn look(&self, path: &Path) -> io::Result<Found>;
    /// The names in a folder.
    fn list(&self, path: &Path) -> io::Result<Vec<OsString>>;
    /// Makes one folder.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Renames within a folder.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Takes a file away.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

thread_local! {
    static DISK: RefCell<Option<Rc<dyn Disk>>> = const { RefCell::new(None) };
}

/// As long as this lives, its thread has the simulated disk and no other.
#[must_use]
#[derive(Debug)]
pub struct Installed(());

/// Puts a disk in the place of the system's, for this thread.
pub fn install(disk: Rc<dyn Disk>) -> Installed {
    let before = DISK.with(|there| there.replace(Some(disk)));
    assert!(before.is_none(), "a thread has one disk");
    Installed(())
}

impl Drop for Installed {
    fn drop(&mut self) {
        DISK.with(|there| there.replace(None));
    }
}

/// This thread's disk, if it has a simulated one.
pub(super) fn disk() -> Option<Rc<dyn Disk>> {
    DISK.with(|there| there.borrow().clone())
}
