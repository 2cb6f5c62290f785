//! An open file of `std::fs`, on whichever disk the thread has.

use super::{
    calls::Metadata,
    simulated::{self, Access, Disk, Found},
};
use std::{
    fmt,
    fs::{self, TryLockError},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::Path,
    rc::Rc,
};

/// An open file.
#[derive(Debug)]
pub enum File {
    /// Of the system.
    System(fs::File),
    /// Of the simulated disk.
    Simulated(Handle),
}

/// An open file of a simulated disk.
pub struct Handle {
    disk: Rc<dyn Disk>,
    file: u64,
    at: u64,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({} at {})", self.file, self.at)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.disk.close(self.file);
    }
}

#[expect(clippy::missing_errors_doc, reason = "as of std::fs")]
impl File {
    /// As of `std::fs`.
    pub fn open(path: impl AsRef<Path>) -> io::Result<File> {
        OpenOptions::new().read(true).open(path)
    }

    /// As of `std::fs`.
    pub fn create(path: impl AsRef<Path>) -> io::Result<File> {
        OpenOptions::new().write(true).create(true).truncate(true).open(path)
    }

    /// As of `std::fs`.
    pub fn sync_all(&self) -> io::Result<()> {
        match self {
            File::System(file) => file.sync_all(),
            File::Simulated(handle) => handle.disk.sync(handle.file),
        }
    }

    /// As of `std::fs`.
    pub fn set_len(&self, bytes: u64) -> io::Result<()> {
        match self {
            File::System(file) => file.set_len(bytes),
            File::Simulated(handle) => handle.disk.set_len(handle.file, bytes),
        }
    }

    /// As of `std::fs`.
    pub fn metadata(&self) -> io::Result<Metadata> {
        Ok(match self {
            File::System(file) => Metadata::System(file.metadata()?),
            File::Simulated(handle) => {
                Metadata::Simulated(Found { is_folder: false, bytes: handle.disk.bytes(handle.file)? })
            }
        })
    }

    /// As of `std::fs`.
    pub fn try_lock(&self) -> Result<(), TryLockError> {
        match self {
            File::System(file) => file.try_lock(),
            File::Simulated(handle) if handle.disk.lock(handle.file) => Ok(()),
            File::Simulated(_) => Err(TryLockError::WouldBlock),
        }
    }
}

impl Read for File {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            File::System(file) => file.read(into),
            File::Simulated(Handle { disk, file, at }) => {
                let count = disk.read(*file, *at, into)?;
                *at += count as u64;
                Ok(count)
            }
        }
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            File::System(file) => file.write(bytes),
            File::Simulated(Handle { disk, file, at }) => {
                let count = disk.write(*file, *at, bytes)?;
                *at += count as u64;
                Ok(count)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for File {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match (self, to) {
            (File::System(file), to) => file.seek(to),
            (File::Simulated(handle), SeekFrom::Start(at)) => {
                handle.at = at;
                Ok(at)
            }
            (File::Simulated(_), _) => Err(ErrorKind::Unsupported.into()),
        }
    }
}

/// How a file is opened.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    read: bool,
    access: Access,
}

#[expect(missing_docs, clippy::missing_errors_doc, reason = "as of std::fs")]
impl OpenOptions {
    pub fn new() -> OpenOptions {
        OpenOptions::default()
    }

    pub fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.read = read;
        self
    }

    pub fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.access.write = write;
        self
    }

    pub fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.access.create = create;
        self
    }

    pub fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.access.truncate = truncate;
        self
    }

    pub fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        if let Some(disk) = simulated::disk() {
            let file = disk.open(path.as_ref(), self.access)?;
            return Ok(File::Simulated(Handle { disk, file, at: 0 }));
        }
        let Access { write, create, truncate } = self.access;
        let mut options = fs::OpenOptions::new();
        options.read(self.read).write(write).create(create).truncate(truncate);
        Ok(File::System(options.open(path)?))
    }
}
