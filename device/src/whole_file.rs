//! Files that appear whole or not at all, even when the power is cut.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};
use synkiosk_journal::disk::{self as fs, File};
use synkiosk_models::bundle::Member;

/// Writes beside the file first, and puts it in the file's place when all of it is on the disk. When this returns, a
/// power cut can no longer bring the old file back.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    put(path, bytes, File::sync_all)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Returns when what was made, renamed or removed in a folder is so for good.
#[cfg(unix)]
pub fn sync_folder(path: &Path) -> io::Result<()> {
    // The parent of a relative path of one part is the empty path.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path)?.sync_all()
}

/// Other systems do not open folders, and sync them with the file.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Where the bytes of a file are written before they take its place; a power cut can leave it.
pub fn part_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy();
    Some(path.with_file_name(format!(".{name}.part")))
}

/// How the line begins that says what a file held when it was written.
const DIGEST: &str = "\nsha256 ";

/// What is to be written of a small text so that a bit which turns over is noticed.
pub fn sealed(text: &[u8]) -> Vec<u8> {
    [text, format!("{DIGEST}{}\n", Member::of("text", text).sha256).as_bytes()].concat()
}

/// The text that `sealed` was given, `None` where it is not that any more. One without a digest is of an earlier program.
pub fn unsealed(bytes: &[u8]) -> Option<&[u8]> {
    let Some(at) = bytes.windows(DIGEST.len()).rposition(|window| window == DIGEST.as_bytes()) else {
        return Some(bytes);
    };
    (sealed(&bytes[..at]) == bytes).then(|| &bytes[..at])
}

/// The same for a file that is not worth waiting for the disk: only a power cut can tear it.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    put(path, bytes, |_| Ok(()))
}

fn put(path: &Path, bytes: &[u8], sync: fn(&File) -> io::Result<()>) -> io::Result<()> {
    let beside = part_of(path).ok_or(io::ErrorKind::InvalidInput)?;
    let written = write_all(&beside, bytes, sync).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Nothing half-written stays; if it was never made, there is nothing to take away.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_all(path: &Path, bytes: &[u8], sync: fn(&File) -> io::Result<()>) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    sync(&file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        write(&path, b"a longer first text").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn whatever_bit_turns_over_is_noticed() {
        let text = br#"{"version":7}"#;
        let sealed = sealed(text);
        assert_eq!(unsealed(&sealed), Some(&text[..]));
        assert_eq!(unsealed(text), Some(&text[..]));
        for at in 0..sealed.len() * 8 {
            let mut other = sealed.clone();
            other[at / 8] ^= 1 << (at % 8);
            // Where the line itself cannot be seen any more, what follows the text is no part of any text.
            let text_now =
                unsealed(&other).filter(|text| serde_json::from_slice::<serde_json::Value>(text).is_ok());
            assert_eq!(text_now, None, "bit {at}");
        }
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"").unwrap();
        assert!(write(&path, b"bytes").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write(&folder.path().join("no/such/folder"), b"bytes").is_err());
    }
}
