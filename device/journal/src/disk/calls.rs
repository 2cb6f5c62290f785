//! The functions of `std::fs`, on whichever disk the thread has.

use super::{
    file::File,
    simulated::{self, Found},
};
use std::{
    ffi::OsString,
    fs,
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    vec,
};

/// What is known of a path.
#[derive(Debug, Clone)]
pub enum Metadata {
    /// By the system.
    System(fs::Metadata),
    /// By the simulated disk.
    Simulated(Found),
}

impl Metadata {
    /// As of `std::fs`.
    pub fn is_dir(&self) -> bool {
        match self {
            Metadata::System(metadata) => metadata.is_dir(),
            Metadata::Simulated(found) => found.is_folder,
        }
    }

    /// As of `std::fs`.
    pub fn is_file(&self) -> bool {
        match self {
            Metadata::System(metadata) => metadata.is_file(),
            Metadata::Simulated(found) => !found.is_folder,
        }
    }

    /// As of `std::fs`.
    #[expect(clippy::len_without_is_empty, reason = "as of std::fs")]
    pub fn len(&self) -> u64 {
        match self {
            Metadata::System(metadata) => metadata.len(),
            Metadata::Simulated(found) => found.bytes,
        }
    }
}

/// A name in a folder.
#[derive(Debug)]
pub struct DirEntry {
    folder: PathBuf,
    name: OsString,
}

impl DirEntry {
    /// As of `std::fs`.
    pub fn file_name(&self) -> OsString {
        self.name.clone()
    }

    /// As of `std::fs`.
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }
}

/// The names in a folder, one after the other.
#[derive(Debug)]
pub enum ReadDir {
    /// By the system.
    System(fs::ReadDir),
    /// By the simulated disk.
    Simulated(PathBuf, vec::IntoIter<OsString>),
}

impl Iterator for ReadDir {
    type Item = io::Result<DirEntry>;

    fn next(&mut self) -> Option<io::Result<DirEntry>> {
        match self {
            ReadDir::System(entries) => entries.next().map(|entry| {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_owned();
                Ok(DirEntry { folder: path.parent().unwrap_or(Path::new("")).to_owned(), name })
            }),
            ReadDir::Simulated(folder, names) => {
                names.next().map(|name| Ok(DirEntry { folder: folder.clone(), name }))
            }
        }
    }
}

/// As of `std::fs`.
///
/// # Errors
/// As of `std::fs`, here and below.
pub fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    let path = path.as_ref();
    Ok(match simulated::disk() {
        Some(disk) => ReadDir::Simulated(path.to_owned(), disk.list(path)?.into_iter()),
        None => ReadDir::System(fs::read_dir(path)?),
    })
}

/// As of `std::fs`.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    Ok(match simulated::disk() {
        Some(disk) => Metadata::Simulated(disk.look(path.as_ref())?),
        None => Metadata::System(fs::metadata(path)?),
    })
}

/// As of `std::fs`. A simulated disk has no links.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    match simulated::disk() {
        Some(_) => metadata(path),
        None => Ok(Metadata::System(fs::symlink_metadata(path)?)),
    }
}

/// As of `std::fs`.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn exists(path: impl AsRef<Path>) -> io::Result<bool> {
    match metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// As of `std::fs`.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    match simulated::disk() {
        Some(disk) => disk.make_folder(path.as_ref()),
        None => fs::create_dir(path),
    }
}

/// As of `std::fs`.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    let Some(disk) = simulated::disk() else { return fs::create_dir_all(path) };
    let parts: Vec<&Path> = path.as_ref().ancestors().collect();
    for part in parts.into_iter().rev().filter(|part| part.file_name().is_some()) {
        match disk.look(part) {
            Ok(found) if found.is_folder => {}
            Ok(_) => return Err(ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() == ErrorKind::NotFound => disk.make_folder(part)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// As of `std::fs`.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    match simulated::disk() {
        Some(disk) => disk.rename(from.as_ref(), to.as_ref()),
        None => fs::rename(from, to),
    }
}

/// As of `std::fs`.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    match simulated::disk() {
        Some(disk) => disk.remove(path.as_ref()),
        None => fs::remove_file(path),
    }
}

/// As of `std::fs`.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// As of `std::fs`.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

/// As of `std::fs`.
#[expect(clippy::missing_errors_doc, reason = "above")]
pub fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    File::create(path)?.write_all(bytes.as_ref())
}
