//! Where outboxes are looked for: a folder of this laptop, or the file system in an image.

use crate::files;
use std::fs;
use std::io;
use std::path::PathBuf;

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// A tree of folders that is only read. Paths are names joined by `/`; the empty path is the root.
pub trait Place {
    /// What is in a folder, sorted by name; names that are no Unicode are left out.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder, and what the medium says.
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>>;

    /// The first `most` bytes of a file.
    ///
    /// # Errors
    /// What the medium says.
    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>>;
}

/// A folder, such as the mount point of a stick.
#[derive(Debug)]
pub struct Folder(pub PathBuf);

impl Place for Folder {
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(files::below(&self.0, folder)?)? {
            let entry = entry?;
            // Links are not followed: what a stick points to is not on the stick.
            let is_folder = entry.file_type()?.is_dir();
            entries.extend(entry.file_name().into_string().ok().map(|name| Entry { name, is_folder }));
        }
        entries.sort_unstable();
        Ok(entries)
    }

    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        files::read_below(&self.0, path, most)
    }
}

/// A path below a folder; the root's path is empty.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
