//! Settings as a unit keeps them, and which of those on a stick it takes.

use age::x25519;
use std::collections::BTreeSet;
use synkiosk_boards::unit::{UnitError, settings::Settings};
use synkiosk_models::bundle::{SignatureError, TrustedKeys};

/// Lines of a minisign signature.
const SIGNATURE_LINES: usize = 4;

/// Settings and their signature, exactly as they were brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What they say.
    pub settings: Settings,
    text: Vec<u8>,
    signature: Vec<u8>,
}

/// Why settings were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not signed, or with a key that does not count.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Signed, and no settings.
    #[error(transparent)]
    Text(#[from] UnitError),
    /// Nothing could be sealed for it.
    #[error("recipient {0:?} is no age recipient")]
    Recipient(String),
    /// Newer ones were taken before.
    #[error("the settings have counter {counter}, and this unit has had {highest}")]
    Lower {
        /// Of these.
        counter: u64,
        /// Taken.
        highest: u64,
    },
    /// Others with the same counter were taken before, or lie beside these.
    #[error("there are other settings with counter {0}")]
    SameCounter(u64),
    /// Newer ones lie beside them.
    #[error("settings with counter {newest} lie beside these, which have {counter}")]
    NewerBeside {
        /// Of these.
        counter: u64,
        /// Of the newest.
        newest: u64,
    },
    /// A unit that has no name cannot tell which are meant for it.
    #[error("there are settings for {0} units, and this one has no name yet")]
    Ambiguous(usize),
}

impl SettingsError {
    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            SettingsError::Signature(error) => error.help(),
            SettingsError::Text(error) => error.help(),
            SettingsError::Recipient(_) => "copy the age1... line again, whole",
            SettingsError::Lower { .. } | SettingsError::SameCounter(_) => {
                "make the settings again with synkiosk provision, which counts on; a unit never goes back"
            }
            SettingsError::NewerBeside { .. } => "nothing: the newest settings were taken",
            SettingsError::Ambiguous(_) => {
                "leave only this unit's settings on the stick, or make them with the name in its outbox as the old one"
            }
        }
    }
}

impl Kept {
    /// Checks the signature, and then what was signed.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(text: Vec<u8>, signature: Vec<u8>, keys: &TrustedKeys) -> Result<Kept, SettingsError> {
        keys.verify(&text, &signature)?;
        let settings = Settings::parse(std::str::from_utf8(&text).unwrap_or_default())?;
        match &settings.recipient {
            Some(recipient) if recipient.parse::<x25519::Recipient>().is_err() => {
                Err(SettingsError::Recipient(recipient.clone()))
            }
            _ => Ok(Kept { settings, text, signature }),
        }
    }

    /// Reads what `to_bytes` wrote.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(super) fn parse(bytes: &[u8], keys: &TrustedKeys) -> Result<Kept, SettingsError> {
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let end = ends.take(SIGNATURE_LINES).last().unwrap_or(0);
        Kept::check(bytes[end..].to_vec(), bytes[..end].to_vec(), keys)
    }

    /// The signature's four lines, and then what was signed.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [self.signature.as_slice(), &self.text].concat()
    }

    /// Whether they are to the last byte what the others are; a signature may be made twice.
    pub fn are(&self, other: &Kept) -> bool {
        self.text == other.text
    }
}

/// What becomes of settings that passed every check of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Take,
    AlreadyThere,
    /// They are for a unit of this name.
    ForAnother(String),
}

/// What settings are measured by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing<'a> {
    pub(super) made_up: &'a str,
    pub(super) kept: Option<&'a Kept>,
}

impl Standing<'_> {
    /// The fate of each of the settings that lie together.
    pub(crate) fn fates(&self, offers: &[&Kept]) -> Vec<Result<Fate, SettingsError>> {
        let mine: Vec<&Kept> = self.mine(offers);
        let units: BTreeSet<&str> = mine.iter().map(|offer| offer.settings.unit.as_str()).collect();
        let fate = |offer: &&Kept| {
            if !mine.iter().any(|other| std::ptr::eq(*other, *offer)) {
                return Ok(Fate::ForAnother(offer.settings.unit.clone()));
            }
            if self.kept.is_none() && units.len() > 1 {
                return Err(SettingsError::Ambiguous(units.len()));
            }
            self.fate(offer, &mine)
        };
        offers.iter().map(fate).collect()
    }

    /// Those that are for this unit. One without a name takes any, but for those that name what was made up.
    fn mine<'o>(&self, offers: &[&'o Kept]) -> Vec<&'o Kept> {
        let are_for = |name| offers.iter().copied().filter(|offer| offer.settings.are_for(name)).collect();
        match self.kept {
            Some(kept) => are_for(Some(&kept.settings.unit)),
            None => {
                let named: Vec<&Kept> = are_for(Some(self.made_up));
                if named.is_empty() { are_for(None) } else { named }
            }
        }
    }

    fn fate(&self, offer: &Kept, mine: &[&Kept]) -> Result<Fate, SettingsError> {
        let counter = offer.settings.counter;
        if let Some(kept) = self.kept {
            let highest = kept.settings.counter;
            if offer.are(kept) {
                return Ok(Fate::AlreadyThere);
            }
            if counter < highest {
                return Err(SettingsError::Lower { counter, highest });
            }
            if counter == highest {
                return Err(SettingsError::SameCounter(counter));
            }
        }
        let newest = mine.iter().map(|other| other.settings.counter).max().unwrap_or(counter);
        if counter < newest {
            return Err(SettingsError::NewerBeside { counter, newest });
        }
        match mine.iter().any(|other| other.settings.counter == counter && !other.are(offer)) {
            true => Err(SettingsError::SameCounter(counter)),
            false => Ok(Fate::Take),
        }
    }
}
