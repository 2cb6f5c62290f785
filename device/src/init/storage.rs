//! The card: found, mounted, and its journal opened, with what was found there told.

use super::{
    card::{self, Partitions},
    command_line::CommandLine,
    console::{say, since_start},
    faults, mounts,
    notices::Notices,
};
use crate::{
    session::screen::Screen,
    start::journal::{self, Opened},
};
use age::x25519;
use std::{
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
    let Opened { journal, recovery, aside } = journal::open(data, recipient, Options::default())?;
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
