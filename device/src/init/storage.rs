//! The card: found, mounted, and its journal opened. What cannot be read is renamed and reported, never mended.

use super::{
    card::{self, Partitions},
    command_line::CommandLine,
    console::{say, since_start},
    faults, mounts,
    notices::Notices,
};
use crate::{session::screen::Screen, start::JOURNAL};
use age::x25519;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};
use synkiosk_journal::{Journal, JournalError, Options};

/// A card reader answers within a second or two of its driver; the screen says so when it has not by then.
const CARD: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// A card that is missing or cannot be mounted is tried again so often.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// Waits for the card, mounts both partitions and returns them. Without them nothing could be kept, so
/// no session begins: the screen says why, and the card is tried again until it answers.
pub(super) fn mount_card(command_line: &CommandLine, notices: &mut Notices) -> Partitions {
    let partitions = wait_for_card(command_line, notices);
    // The kiosk works without what the inbox would bring.
    if let Err(problem) = mounts::boot(&partitions.boot) {
        say(problem);
    }
    loop {
        match mounts::data(&partitions.data) {
            Ok(()) => return partitions,
            Err(problem) => {
                say(problem);
                notices.hold(&Screen::StorageDamaged, TRY_AGAIN);
            }
        }
    }
}

fn wait_for_card(command_line: &CommandLine, notices: &mut Notices) -> Partitions {
    let until = since_start() + CARD;
    loop {
        if let Some(partitions) = card::look(command_line.value("synkiosk.card")) {
            return partitions;
        }
        if since_start() < until {
            notices.wait(LOOK_AGAIN);
        } else {
            notices.hold(&Screen::CardMissing, TRY_AGAIN);
        }
    }
}

/// The journal, and where an unreadable one was put if there was one.
///
/// # Errors
/// When a new one cannot be begun either.
pub(super) fn open_journal(
    data: &Path,
    recipient: &x25519::Recipient,
) -> Result<(Journal, Option<PathBuf>), JournalError> {
    let folder = data.join(JOURNAL);
    let open = || Journal::open(&folder, recipient.clone(), Options::default());
    let (opened, aside) = match open() {
        Err(error) if is_unreadable(&error) => match set_aside(&folder) {
            Ok(aside) => (open(), Some(aside)),
            Err(_) => (Err(error), None),
        },
        opened => (opened, None),
    };
    let (journal, recovery) = opened?;
    if recovery.torn_bytes > 0 {
        faults::note(&format!("cut {} bytes of a record that a power cut ended", recovery.torn_bytes));
    }
    if recovery.damaged + recovery.unreadable > 0 {
        faults::note(&format!(
            "journal: {} damaged stretches, {} unreadable segments, all kept",
            recovery.damaged, recovery.unreadable
        ));
    }
    Ok((journal, aside))
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
        .find(|path| !path.exists())
        .ok_or(io::ErrorKind::AlreadyExists)?;
    fs::rename(folder, &free)?;
    Ok(free)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipient() -> x25519::Recipient {
        x25519::Identity::generate().to_public()
    }

    #[test]
    fn a_journal_that_cannot_be_read_is_set_aside_and_kept() {
        let data = tempfile::tempdir().unwrap();
        let recipient = recipient();
        for number in 1..=2 {
            fs::remove_dir_all(data.path().join("journal")).ok();
            fs::write(data.path().join("journal"), b"no folder").unwrap();
            let (_, aside) = open_journal(data.path(), &recipient).unwrap();
            let kept = data.path().join(format!("journal-set-aside-{number}"));
            assert_eq!(aside.as_deref(), Some(kept.as_path()));
            assert_eq!(fs::read(kept).unwrap(), b"no folder");
        }
        let (_, aside) = open_journal(data.path(), &recipient).unwrap();
        assert_eq!(aside, None);
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
        assert!(open_journal(&data.path().join("data"), &recipient()).is_err());
        assert_eq!(fs::read(data.path().join("data")).unwrap(), b"no folder");
    }
}
