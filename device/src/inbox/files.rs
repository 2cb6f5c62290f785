//! What lies in an inbox: found by its name, read whole, and never by way of a link.

use super::{FOLDER, InboxError, MOST_ENTRIES};
use crate::slots::{InstallError, SlotError};
use std::{
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};
use synkiosk_boards::unit::{
    LONGEST_TEXT, SIGNATURE_ENDING, UnitError, acknowledgement, may_be_shown, rotation, settings,
};
use synkiosk_journal::disk::{self as fs, File};
use synkiosk_models::bundle::{self, BundleError};

/// What a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rotation,
    Settings,
    Bundle,
    Acknowledgement,
}

/// Longest signature that is read, bytes; minisign writes some 300.
const LONGEST_SIGNATURE: usize = 4096;

const ENDINGS: [(&str, Kind); 4] = [
    (rotation::ENDING, Kind::Rotation),
    (settings::ENDING, Kind::Settings),
    (".bundle", Kind::Bundle),
    (acknowledgement::ENDING, Kind::Acknowledgement),
];

/// Everything in the inbox of a medium that may be for a kiosk, by name.
pub(super) fn list(medium: &Path) -> Result<Vec<(Kind, PathBuf)>, InboxError> {
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
        let path = entry.map_err(InboxError::Read)?.path();
        found.extend(kind(&path).map(|kind| (kind, path)));
    }
    found.sort_by(|(_, one), (_, other)| one.cmp(other));
    Ok(found)
}

/// By the name's end, in capitals or not. `._synkiosk-4.bundle` is what macOS leaves beside a copy.
fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let is = |(ending, _): &&(&str, Kind)| name.ends_with(ending) && !name.starts_with('.');
    ENDINGS.iter().find(is).map(|(_, kind)| *kind)
}

/// A bundle's bytes.
pub(super) fn read_bundle(path: &Path) -> Result<Vec<u8>, InboxError> {
    let too_large = |bytes| InstallError::from(SlotError::from(BundleError::TooLarge(bytes))).into();
    read(path, bundle::MOST_BYTES, too_large)
}

/// A text and the signature that lies beside it.
pub(super) fn read_signed(path: &Path) -> Result<(Vec<u8>, Vec<u8>), InboxError> {
    let text = read(path, LONGEST_TEXT, |bytes| UnitError::TooLong(bytes).into())?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(SIGNATURE_ENDING);
    let signature = read(Path::new(&beside), LONGEST_SIGNATURE, |_| InboxError::NoSignature);
    match signature {
        Err(InboxError::Read(error)) if error.kind() == ErrorKind::NotFound => Err(InboxError::NoSignature),
        signature => Ok((text, signature?)),
    }
}

fn read(
    path: &Path,
    most: usize,
    too_large: impl FnOnce(usize) -> InboxError,
) -> Result<Vec<u8>, InboxError> {
    // Of the name itself, so that no link is followed and no pipe waited for.
    let found = fs::symlink_metadata(path).map_err(InboxError::Read)?;
    if !found.is_file() {
        return Err(InboxError::NotAFile);
    }
    if found.len() > most as u64 {
        return Err(too_large(usize::try_from(found.len()).unwrap_or(usize::MAX)));
    }
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(InboxError::Read)?;
    opened.take(most as u64 + 1).read_to_end(&mut bytes).map_err(InboxError::Read)?;
    Ok(bytes)
}

/// A name from a stick is shown to a person: short, and letters alone.
pub(super) fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.chars().take(60).map(|letter| if may_be_shown(letter) { letter } else { '?' }).collect()
}
