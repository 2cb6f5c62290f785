//! Models that a person brings: `synkiosk/inbox/` of a stick, or of the card's boot partition.
//!
//! Everything is read and checked before anything is written, and of several models only the newest is taken. What
//! belongs to a bundle ends in `.bundle`; what else lies there, as laptops leave it, is passed over.

use crate::slots::{self, Candidate, InstallError, Installed, SlotError, Slots, shelf::Shelf};
use std::{
    fs::{self, DirEntry, File},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};
use synkiosk_models::bundle::{self, BundleError, TrustedKeys};

/// Where it is on its medium.
pub const FOLDER: [&str; 2] = ["synkiosk", "inbox"];

/// A folder of more entries is not looked through: nobody puts so many models on a stick.
pub const MOST_ENTRIES: usize = 100;

/// A bundle that lay in the inbox, and what became of it.
#[derive(Debug)]
pub struct Item {
    /// The file's name, fit to be shown.
    pub name: String,
    /// What became of it.
    pub result: Result<Installed, InboxError>,
}

/// Why nothing came of a file, or of the whole inbox.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// Too many files.
    #[error("the inbox holds more than {MOST_ENTRIES} files")]
    TooMany,
    /// A link, a folder, a device.
    #[error("it is no plain file")]
    NotAFile,
    /// The medium failed.
    #[error("it could not be read ({0})")]
    Read(io::Error),
    /// A newer one lies beside it.
    #[error("version {newest} lies beside it, and this is version {version}")]
    NewerBeside {
        /// Of this file.
        version: u32,
        /// Of the one that was offered.
        newest: u32,
    },
    /// Checked, and refused.
    #[error(transparent)]
    Install(#[from] InstallError),
}

impl InboxError {
    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            InboxError::TooMany => "leave only the newest model in synkiosk/inbox",
            InboxError::NotAFile => "copy the bundle itself into synkiosk/inbox",
            InboxError::Read(_) => "copy the bundle again, or take another stick",
            InboxError::NewerBeside { .. } => "nothing: the newest model was taken",
            InboxError::Install(error) => error.help(),
        }
    }
}

/// Looks into the inbox of a mounted medium and offers the newest bundle there to the slots.
///
/// # Errors
/// When there is an inbox that cannot be looked through. None at all is no error.
pub fn take_in<S: Shelf>(
    medium: &Path,
    slots: &mut Slots<S>,
    keys: &TrustedKeys,
) -> Result<Vec<Item>, InboxError> {
    let mut checked: Vec<(String, Result<Candidate, InboxError>)> = Vec::new();
    for path in bundles(medium)? {
        let checks = read(&path).and_then(|bytes| Ok(slots::check(bytes, keys).map_err(InstallError::from)?));
        checked.push((shown(&path), checks));
    }
    let newest = checked.iter().flat_map(|(_, checks)| checks).map(Candidate::version).max();
    let mut taken = false;
    let item = |(name, checks): (String, Result<Candidate, InboxError>)| {
        let result = checks.and_then(|candidate| {
            let version = candidate.version();
            match newest {
                Some(newest) if version < newest || taken => Err(InboxError::NewerBeside { version, newest }),
                _ => {
                    taken = true;
                    Ok(slots.install(&candidate, keys)?)
                }
            }
        });
        Item { name, result }
    };
    Ok(checked.into_iter().map(item).collect())
}

/// The bundles that lie in the inbox, by name.
fn bundles(medium: &Path) -> Result<Vec<PathBuf>, InboxError> {
    let mut folder = medium.to_owned();
    for part in FOLDER {
        folder.push(part);
        match fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(InboxError::NotAFile),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(InboxError::Read(error)),
        }
    }
    let mut found = Vec::new();
    for (count, entry) in fs::read_dir(&folder).map_err(InboxError::Read)?.enumerate() {
        if count >= MOST_ENTRIES {
            return Err(InboxError::TooMany);
        }
        found.extend(bundle_in(&entry.map_err(InboxError::Read)?));
    }
    found.sort();
    Ok(found)
}

/// A name that ends in `.bundle`, in capitals or not. `._synkiosk-4.bundle` is what macOS leaves beside a copy.
fn bundle_in(entry: &DirEntry) -> Option<PathBuf> {
    let path = entry.path();
    let is_bundle = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("bundle"));
    let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
    (is_bundle && !is_hidden).then_some(path)
}

fn read(path: &Path) -> Result<Vec<u8>, InboxError> {
    // Of the name itself, so that no link is followed and no pipe waited for.
    let found = fs::symlink_metadata(path).map_err(InboxError::Read)?;
    if !found.is_file() {
        return Err(InboxError::NotAFile);
    }
    if found.len() > bundle::MOST_BYTES as u64 {
        let bytes = usize::try_from(found.len()).unwrap_or(usize::MAX);
        return Err(InstallError::from(SlotError::from(BundleError::TooLarge(bytes))).into());
    }
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(InboxError::Read)?;
    opened.take(bundle::MOST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(InboxError::Read)?;
    Ok(bytes)
}

/// A name from a stick is shown to a person: short, and letters alone.
fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.chars().take(60).map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slots::{Slot, kit};

    /// A stick, and the slots of a unit.
    struct Bench {
        stick: tempfile::TempDir,
        data: tempfile::TempDir,
    }

    impl Bench {
        fn new() -> Bench {
            Bench { stick: tempfile::tempdir().unwrap(), data: tempfile::tempdir().unwrap() }
        }

        fn inbox(&self) -> PathBuf {
            let folder = self.stick.path().join("synkiosk/inbox");
            fs::create_dir_all(&folder).unwrap();
            folder
        }

        fn put(&self, name: &str, bytes: &[u8]) {
            fs::write(self.inbox().join(name), bytes).unwrap();
        }

        fn slots(&self) -> Slots {
            Slots::open(&self.data.path().join("models")).unwrap()
        }

        fn look(&self) -> Result<Vec<Item>, InboxError> {
            take_in(self.stick.path(), &mut self.slots(), &TrustedKeys::demo())
        }

        /// A line for each file.
        fn said(&self) -> Vec<String> {
            let line = |Item { name, result }| match result {
                Ok(Installed::New { slot, version, .. }) => format!("{name}: version {version} in {slot}"),
                Ok(Installed::AlreadyThere { .. }) => format!("{name}: already there"),
                Err(error) => format!("{name}: {error}"),
            };
            self.look().unwrap().into_iter().map(line).collect()
        }
    }

    #[test]
    fn a_stick_without_an_inbox_brings_nothing() {
        let bench = Bench::new();
        assert!(bench.said().is_empty());
        fs::create_dir(bench.stick.path().join("synkiosk")).unwrap();
        assert!(bench.said().is_empty());
        bench.inbox();
        assert!(bench.said().is_empty());
    }

    #[test]
    fn the_newest_bundle_is_taken_and_the_proven_one_kept() {
        let bench = Bench::new();
        bench.put("old.bundle", &kit::version(3));
        assert_eq!(bench.said(), ["old.bundle: version 3 in a"]);
        bench.put("B.BUNDLE", &kit::version(5));
        bench.put("c.bundle", &kit::version(4));
        let expected = [
            "B.BUNDLE: version 5 in b",
            "c.bundle: version 5 lies beside it, and this is version 4",
            "old.bundle: version 5 lies beside it, and this is version 3",
        ];
        assert_eq!(bench.said(), expected);
        assert_eq!(bench.said()[0], "B.BUNDLE: already there");
        let model = bench.slots().load(&TrustedKeys::demo()).model.unwrap();
        assert_eq!((model.bundle.manifest().version, model.slot), (5, Slot::B));
    }

    #[test]
    fn what_laptops_leave_is_passed_over() {
        let bench = Bench::new();
        for name in ["._new.bundle", "Thumbs.db", ".DS_Store", "desktop.ini", "notes.txt", "bundle"] {
            bench.put(name, b"something");
        }
        fs::create_dir(bench.inbox().join("System Volume Information")).unwrap();
        assert!(bench.said().is_empty());
    }

    #[test]
    fn each_defect_is_named_and_nothing_is_written() {
        let bench = Bench::new();
        bench.put("empty.bundle", b"");
        bench.put("half.bundle", &kit::version(4)[..5000]);
        bench.put("golden.bundle", &kit::with_wrong_golden(4));
        fs::create_dir(bench.inbox().join("folder.bundle")).unwrap();
        let large = File::create(bench.inbox().join("large.bundle")).unwrap();
        large.set_len(bundle::MOST_BYTES as u64 + 1).unwrap();
        let said = bench.said();
        let expected = [
            "empty.bundle: the file is no bundle",
            "folder.bundle: it is no plain file",
            "golden.bundle: golden input",
            "half.bundle: the file is no bundle",
            "large.bundle: the bundle has 67108865 bytes, more than 64 MiB",
        ];
        assert_eq!(said.len(), expected.len());
        for (line, expected) in said.iter().zip(expected) {
            assert!(line.starts_with(expected), "{line}");
        }
        assert_eq!(fs::read_dir(bench.data.path().join("models")).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed() {
        use std::os::unix::fs::symlink;
        let bench = Bench::new();
        let elsewhere = bench.data.path().join("real.bundle");
        fs::write(&elsewhere, kit::version(3)).unwrap();
        symlink(&elsewhere, bench.inbox().join("link.bundle")).unwrap();
        assert_eq!(bench.said(), ["link.bundle: it is no plain file"]);
        let other = Bench::new();
        symlink(bench.stick.path().join("synkiosk"), other.stick.path().join("synkiosk")).unwrap();
        assert!(matches!(other.look(), Err(InboxError::NotAFile)));
    }

    #[test]
    fn a_crowded_folder_is_not_looked_through() {
        let bench = Bench::new();
        for number in 0..=MOST_ENTRIES {
            bench.put(&format!("{number}.txt"), b"");
        }
        assert!(matches!(bench.look(), Err(InboxError::TooMany)));
    }
}
