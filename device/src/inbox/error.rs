//! Why nothing came of a file.

use super::MOST_ENTRIES;
use crate::{
    slots::{InstallError, SlotError},
    unit::{keys::RotationError, settings::SettingsError},
};
use std::io;
use synkiosk_boards::unit::UnitError;
use synkiosk_models::bundle::{BundleError, SignatureError};

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
    /// Nothing to be believed.
    #[error("its signature does not lie beside it")]
    NoSignature,
    /// Signed with a key that is not trusted any more.
    #[error("it is signed with key {0}, which was replaced")]
    RetiredKey(String),
    /// An acknowledgement whose signature is refused.
    #[error(transparent)]
    Signature(SignatureError),
    /// Signed, and not what it should be.
    #[error(transparent)]
    Text(#[from] UnitError),
    /// A code that a camera read and that holds no settings.
    #[error("the code holds no settings")]
    NoCode,
    /// A rotation, checked and refused.
    #[error(transparent)]
    Rotation(RotationError),
    /// Settings, checked and refused.
    #[error(transparent)]
    Settings(SettingsError),
    /// A bundle, checked and refused.
    #[error(transparent)]
    Install(InstallError),
    /// The unit could not keep it.
    #[error("it could not be kept ({0})")]
    Keep(io::Error),
    /// A new key could not be kept, so that nothing else was looked at.
    #[error("it was left alone, because a new key could not be kept")]
    AfterKeys,
}

impl InboxError {
    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            InboxError::TooMany => "leave only what this kiosk needs in synkiosk/inbox",
            InboxError::NotAFile => "copy the file itself into synkiosk/inbox",
            InboxError::Read(_) => "copy the file again, or take another stick",
            InboxError::NewerBeside { .. } => "nothing: the newest model was taken",
            InboxError::NoSignature => "copy the .minisig file of the same name as well",
            InboxError::RetiredKey(_) => "sign it again with the key that is trusted now",
            InboxError::Signature(error) => error.help(),
            InboxError::Text(error) => error.help(),
            InboxError::NoCode => "show the picture that synkiosk provision --code made",
            InboxError::Rotation(error) => error.help(),
            InboxError::Settings(error) => error.help(),
            InboxError::Install(error) => error.help(),
            InboxError::Keep(error) if error.kind() == io::ErrorKind::StorageFull => {
                "collect the journal with a stick, which makes room"
            }
            InboxError::Keep(_) => "collect the journal with a stick now, and replace the card",
            InboxError::AfterKeys => "bring the stick again when the card has room and is sound",
        }
    }

    /// Whether it only says that the unit has gone on since: the card's own inbox is looked through at every start.
    pub fn is_old_news(&self) -> bool {
        matches!(
            self,
            InboxError::RetiredKey(_)
                | InboxError::Settings(SettingsError::Lower { .. })
                | InboxError::Install(InstallError::Older { .. })
        )
    }

    /// Whether the card is at fault, and not what was brought.
    pub fn is_of_the_card(&self) -> bool {
        matches!(
            self,
            InboxError::Keep(_)
                | InboxError::AfterKeys
                | InboxError::Install(InstallError::Write(_) | InstallError::Counter(_))
        )
    }

    /// The same, where the key was trusted once.
    pub(super) fn knowing(self, is_retired: impl Fn(&str) -> bool) -> InboxError {
        let untrusted = match &self {
            InboxError::Signature(SignatureError::Untrusted(id))
            | InboxError::Settings(SettingsError::Signature(SignatureError::Untrusted(id)))
            | InboxError::Install(InstallError::Refused(SlotError::Bundle(BundleError::UntrustedKey(id)))) => {
                id
            }
            _ => return self,
        };
        if is_retired(untrusted) { InboxError::RetiredKey(untrusted.clone()) } else { self }
    }
}

impl From<InstallError> for InboxError {
    fn from(error: InstallError) -> InboxError {
        InboxError::Install(error)
    }
}

impl From<SlotError> for InboxError {
    fn from(error: SlotError) -> InboxError {
        InboxError::Install(error.into())
    }
}

impl From<SettingsError> for InboxError {
    fn from(error: SettingsError) -> InboxError {
        InboxError::Settings(error)
    }
}

impl From<RotationError> for InboxError {
    fn from(error: RotationError) -> InboxError {
        InboxError::Rotation(error)
    }
}

impl From<SignatureError> for InboxError {
    fn from(error: SignatureError) -> InboxError {
        InboxError::Signature(error)
    }
}
