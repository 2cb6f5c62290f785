//! Opens the card's journal. One that cannot be read is renamed and reported, never mended.

use super::JOURNAL;
use age::x25519;
use std::{
    io,
    path::{Path, PathBuf},
};
use synkiosk_journal::{Journal, JournalError, Options, Recovery, disk as fs};

/// A journal that is open.
#[derive(Debug)]
pub struct Opened {
    /// To write to.
    pub journal: Journal,
    /// What was found in it.
    pub recovery: Recovery,
    /// Where an unreadable one was put, if there was one.
    pub aside: Option<PathBuf>,
}

/// Opens the journal in the card's data, a new one where the old one cannot be read.
///
/// # Errors
/// When a new one cannot be begun either.
pub fn open(data: &Path, recipient: &x25519::Recipient, options: Options) -> Result<Opened, JournalError> {
    let folder = data.join(JOURNAL);
    let open = || Journal::open(&folder, recipient.clone(), options);
    let (opened, aside) = match open() {
        Err(error) if is_unreadable(&error) => match set_aside(&folder) {
            Ok(aside) => (open(), Some(aside)),
            Err(_) => (Err(error), None),
        },
        opened => (opened, None),
    };
    opened.map(|(journal, recovery)| Opened { journal, recovery, aside })
}

/// A full card is not a damaged one.
fn is_unreadable(error: &JournalError) -> bool {
    match error {
        JournalError::Open(cause) | JournalError::Cut { cause, .. } => {
            !matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::ReadOnlyFilesystem)
        }
        _ => false,
    }
}

/// Renames to the first free `NAME-set-aside-N`.
fn set_aside(folder: &Path) -> io::Result<PathBuf> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let free = (1..1000)
        .map(|number| folder.with_file_name(format!("{name}-set-aside-{number}")))
        // One that cannot be looked at now is there.
        .find(|path| !fs::exists(path).unwrap_or(true))
        .ok_or(io::ErrorKind::AlreadyExists)?;
    fs::rename(folder, &free)?;
    Ok(free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn recipient() -> x25519::Recipient {
        x25519::Identity::generate().to_public()
    }

    fn open_journal(data: &Path) -> Result<Option<PathBuf>, JournalError> {
        open(data, &recipient(), Options::default()).map(|opened| opened.aside)
    }

    #[test]
    fn a_journal_that_cannot_be_read_is_set_aside_and_kept() {
        let data = tempfile::tempdir().unwrap();
        for number in 1..=2 {
            fs::remove_dir_all(data.path().join("journal")).ok();
            fs::write(data.path().join("journal"), b"no folder").unwrap();
            let aside = open_journal(data.path()).unwrap();
            let kept = data.path().join(format!("journal-set-aside-{number}"));
            assert_eq!(aside.as_deref(), Some(kept.as_path()));
            assert_eq!(fs::read(kept).unwrap(), b"no folder");
        }
        assert_eq!(open_journal(data.path()).unwrap(), None);
    }

    #[test]
    fn a_full_card_is_not_set_aside() {
        assert!(!is_unreadable(&JournalError::Open(io::ErrorKind::StorageFull.into())));
        assert!(!is_unreadable(&JournalError::InUse));
        assert!(is_unreadable(&JournalError::Open(io::ErrorKind::NotADirectory.into())));
    }

    #[test]
    fn where_no_new_journal_can_be_begun_the_old_one_stays() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("data"), b"no folder").unwrap();
        assert!(open_journal(&data.path().join("data")).is_err());
        assert_eq!(fs::read(data.path().join("data")).unwrap(), b"no folder");
    }
}
