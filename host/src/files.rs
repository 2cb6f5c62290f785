//! Files that are written whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Whoever the folder lets in.
    All,
    /// The owner alone (mode 0600); for secret keys.
    Owner,
}

/// Writes a file that must not be there yet.
pub fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut file = options(readers).create_new(true).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // It was made by this call, and is not whole.
        let _ = fs::remove_file(path);
    }
    written
}

/// Writes a file in the place of what is there: readers see the old content or the new, never a part.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
    let mut part = name.to_os_string();
    part.push(format!(".{}.part", std::process::id()));
    let part: PathBuf = folder.join(part);
    let _ = fs::remove_file(&part);
    write_new(&part, bytes, Readers::All)?;
    if let Err(error) = fs::rename(&part, path) {
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    // The new name itself is on the disk only when its folder is. Not every system can sync one.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// The file or folder `path` below `root`, both of its own and not by way of a link: what somebody carried here leads
/// nowhere but to itself.
///
/// # Errors
/// `InvalidInput` where a part of `path` is a link. What is not there yet is no error.
pub fn below(root: &Path, path: &str) -> io::Result<PathBuf> {
    let mut whole = root.to_owned();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        whole.push(part);
        if fs::symlink_metadata(&whole).is_ok_and(|found| found.is_symlink()) {
            let what = format!("{} is a link", whole.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
    }
    Ok(whole)
}

/// The first `most` bytes of a plain file below `root`.
///
/// # Errors
/// What `below` says; `InvalidInput` for a folder, pipe or device; and what the medium says.
pub fn read_below(root: &Path, path: &str, most: u64) -> io::Result<Vec<u8>> {
    let path = below(root, path)?;
    // A pipe would be waited for.
    if !fs::symlink_metadata(&path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn options(readers: Readers) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_files_never_overwrite() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_new(&path, b"first", Readers::Owner).unwrap();
        assert_eq!(
            write_new(&path, b"second", Readers::All).unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        assert_eq!(fs::read(&path).unwrap(), b"first");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out_of_a_folder() {
        use std::os::unix::fs::symlink;
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(elsewhere.path().join("a"), b"outside").unwrap();
        fs::create_dir_all(root.path().join("own/inside")).unwrap();
        fs::write(root.path().join("own/a"), b"inside").unwrap();
        symlink(elsewhere.path(), root.path().join("link")).unwrap();
        symlink(elsewhere.path().join("a"), root.path().join("own/link")).unwrap();
        assert_eq!(read_below(root.path(), "own/a", 3).unwrap(), b"ins");
        assert!(below(root.path(), "own/not/there/yet").is_ok());
        for path in ["link", "link/a", "own/link"] {
            assert!(below(root.path(), path).unwrap_err().to_string().ends_with("is a link"), "{path}");
        }
        assert!(read_below(root.path(), "own/inside", 9).unwrap_err().to_string().contains("no plain file"));
        let missing = read_below(root.path(), "own/b", 9).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn replacing_leaves_no_part_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, b"first").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(replace(&folder.path().join("missing/a"), b"x").is_err());
    }
}
