//! Where slots are kept: a folder, behind a trait that is small enough to be faked faithfully.

use crate::whole_file::{self, sync_folder};
use std::{
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};
use synkiosk_journal::disk::{self as fs, File};
use synkiosk_models::bundle;

/// A few named files that survive a power cut.
pub trait Shelf {
    /// The bytes of a file, `None` where there is none; of one larger than any bundle, only enough to see that.
    ///
    /// # Errors
    /// When the medium does not give it.
    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>>;

    /// Puts bytes in the place of a file. Whatever happens meanwhile, the file is the old one or the new one; when this
    /// returns, it is the new one for good.
    ///
    /// # Errors
    /// The old one is there then, or the new one.
    fn write(&mut self, file: &str, bytes: &[u8]) -> io::Result<()>;

    /// Takes a file out of use without destroying it. Only the last one that was set aside is kept.
    ///
    /// # Errors
    /// The file may still be in its place then.
    fn set_aside(&mut self, file: &str) -> io::Result<()>;
}

/// The real shelf.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

/// How the name of a file ends that was set aside.
const SET_ASIDE: &str = "damaged";

impl Folder {
    /// Makes the folder if need be, and takes away what a power cut left half-written in it.
    ///
    /// # Errors
    /// When there is no such folder and none can be made.
    pub fn open(path: &Path) -> io::Result<Folder> {
        if !fs::metadata(path).is_ok_and(|found| found.is_dir()) {
            fs::create_dir_all(path)?;
        }
        let mut is_empty = true;
        for entry in fs::read_dir(path)?.flatten() {
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(".part")) {
                // It is in nobody's way: the next write begins it anew.
                let _ = fs::remove_file(entry.path());
            } else {
                is_empty = false;
            }
        }
        if is_empty {
            // Not only where the folder was made just now: the sync of an earlier try may have failed.
            path.parent().map_or(Ok(()), sync_folder)?;
        }
        Ok(Folder { path: path.to_owned() })
    }
}

impl Folder {
    /// A folder that could not be opened: what can be read is read, and what is written fails.
    pub(crate) fn at(path: &Path) -> Folder {
        Folder { path: path.to_owned() }
    }

    /// Has the system forget what it holds of a file in memory, so that the next read asks the medium itself.
    pub(crate) fn forget(&self, file: &str) {
        let path = self.path.join(file);
        // Only advice: where it is not taken, as on a simulated disk, what was written is compared with memory.
        if std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file())
            && let Ok(opened) = std::fs::File::open(path)
        {
            let _ = drop_cache(&opened);
        }
    }

    /// Follows no link and waits for no pipe: a stick can hold either in the place of a file.
    fn open_plain(&self, file: &str) -> io::Result<File> {
        let path = self.path.join(file);
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is no plain file"));
        }
        File::open(path)
    }
}

#[cfg(all(feature = "appliance", target_os = "linux"))]
fn drop_cache(file: &std::fs::File) -> io::Result<()> {
    Ok(rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed)?)
}

#[cfg(not(all(feature = "appliance", target_os = "linux")))]
fn drop_cache(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}

impl Shelf for Folder {
    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>> {
        let opened = match self.open_plain(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let mut bytes = Vec::new();
        opened.take(bundle::MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn write(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        whole_file::write(&self.path.join(file), bytes)
    }

    fn set_aside(&mut self, file: &str) -> io::Result<()> {
        let kept = format!("{file}.{SET_ASIDE}");
        fs::rename(self.path.join(file), self.path.join(&kept))?;
        for entry in fs::read_dir(&self.path)?.flatten() {
            let path = entry.path();
            if entry.file_name() != *kept && path.extension().is_some_and(|ending| ending == SET_ASIDE) {
                fs::remove_file(path)?;
            }
        }
        sync_folder(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_keeps_one_damaged_file_and_no_half_written_one() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("new/models");
        let mut shelf = Folder::open(&path).unwrap();
        assert_eq!(shelf.read("a").unwrap(), None);
        for file in ["a", "b", "c"] {
            shelf.write(file, file.as_bytes()).unwrap();
        }
        shelf.set_aside("a").unwrap();
        shelf.set_aside("b").unwrap();
        assert_eq!(names(&path), ["b.damaged", "c"]);
        assert!(shelf.set_aside("a").is_err());
        fs::write(path.join(".a.part"), b"half").unwrap();
        let shelf = Folder::open(&path).unwrap();
        assert_eq!(names(&path), ["b.damaged", "c"]);
        assert_eq!(shelf.read("c").unwrap(), Some(b"c".to_vec()));
    }

    #[test]
    fn what_is_no_folder_is_not_opened() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("file"), b"").unwrap();
        assert!(Folder::open(&root.path().join("file/models")).is_err());
    }
}
