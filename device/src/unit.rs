//! What makes a board this unit: its name, what it was told, whose signatures it takes.
//!
//! All of it is small files in `unit/` of the card's data, each of which appears whole or not at all:
//! `name` (made up at the first start), `keys` (what replaced the keys that the card came with), `settings` (as they were
//! signed), `slip-key` (its own key, drawn at the first start, with which it signs slips and where its journal ends). What is
//! damaged is set aside and reported; the kiosk works on with what the card came with.
//!
//! Invariant: what is told and kept was signed by a key that was trusted when it was taken.
//! Invariant: of the slip key nothing leaves the unit but its public half.

mod files;
pub mod keys;
pub mod settings;

#[cfg(test)]
pub(crate) mod kit;
#[cfg(test)]
mod tests;

use crate::{
    appliance::Complaint,
    language::Language,
    session::pin::Pin,
    slots::shelf::{Folder, Shelf},
};
use age::x25519;
use keys::{Keys, Origin};
use settings::Kept;
use std::{io, path::PathBuf};
use synkiosk_boards::{
    Profile,
    unit::{
        outbox::{JournalEnd, UnitFile},
        settings::Settings,
    },
};
use synkiosk_journal::{
    SlipKey,
    chain::{End, Link},
};
use zeroize::Zeroizing;

/// Its files are in this folder of the data partition.
pub const FOLDER: &str = "unit";

/// The files.
const NAME: &str = "name";
const KEYS: &str = "keys";
const SETTINGS: &str = "settings";
const SLIP_KEY: &str = "slip-key";

/// What to do where a file of what the unit was told is damaged.
const BRING_AGAIN: &str =
    "bring the unit's settings, and the rotation of its keys if there was one, on a stick again";
/// What to do where the slip key is.
const COLLECT_AGAIN: &str =
    "collect the unit by a stick again: slips are signed with a new key from now on, which unit.toml says";

/// Where a unit is kept, and what its card came with: all that it takes to open it anew.
#[derive(Debug, Clone)]
pub struct Card {
    /// The data partition.
    pub data: PathBuf,
    /// Folders with the `*.pub` and `recipient.txt` that the card came with, beside those of the data partition.
    pub came_with: Vec<PathBuf>,
    /// More public keys, as the command line named them.
    pub more_keys: Vec<String>,
    /// The board.
    pub profile: Profile,
}

/// One unit.
#[derive(Debug)]
pub struct Unit<S: Shelf = Folder> {
    shelf: S,
    board: String,
    made_up: String,
    keys: Keys,
    settings: Option<Kept>,
    slip_key: Option<SlipKey>,
    /// There are settings, and nobody knows which: none are taken in their place.
    settings_unknown: bool,
    /// Of the card's `recipient.txt`.
    recipient: Option<x25519::Recipient>,
    complaints: Vec<Complaint>,
}

/// A file that is there, and that the medium does not give now. It may at the next start: nothing is put in its place.
#[derive(Debug, Clone, Copy)]
struct Unreadable;

/// The languages of the settings that this program speaks, and the codes of those that it does not.
pub fn spoken_languages(settings: &Settings) -> (Vec<Language>, Vec<String>) {
    let known = |code: &String| Language::of_code(code);
    let unknown = settings.languages.iter().filter(|code| known(code).is_none()).cloned().collect();
    (settings.languages.iter().filter_map(known).collect(), unknown)
}

/// The technician's PIN of a unit's settings.
pub fn pin<S: Shelf>(unit: &Unit<S>) -> Option<Pin> {
    unit.settings().and_then(|settings| settings.pin.as_deref()).and_then(Pin::of)
}

impl Card {
    /// The unit as it is now. What was brought to the data partition goes before what the card came with.
    pub fn unit(&self) -> Unit {
        let folders: Vec<PathBuf> = [&self.data].into_iter().chain(&self.came_with).cloned().collect();
        let mut complaints = Vec::new();
        let mut keys = self.more_keys.clone();
        let (found, are_all) = files::keys(&folders, &mut complaints);
        keys.extend(found);
        let origin = Origin { keys, accepts_demo: self.profile.accepts_demo_key() };
        let path = self.data.join(FOLDER);
        let shelf = Folder::open(&path).unwrap_or_else(|error| {
            complaints.push(could_not("open", &path.display().to_string(), &error));
            Folder::at(&path)
        });
        let mut unit = Unit::open((shelf, origin), are_all, self.profile.name());
        unit.recipient = files::recipient(&folders);
        files::keep_from_others(&path.join(SLIP_KEY));
        unit.complaints.splice(0..0, complaints);
        unit
    }
}

impl<S: Shelf> Unit<S> {
    /// The unit whose files are on any shelf.
    pub fn on(shelf: S, origin: Origin, board: &str) -> Unit<S> {
        Unit::open((shelf, origin), true, board)
    }

    /// The same, where `are_all` says whether every key that the card came with could be read.
    fn open((mut shelf, origin): (S, Origin), are_all: bool, board: &str) -> Unit<S> {
        let mut complaints = Vec::new();
        let made_up = made_up_name(&mut shelf, &mut complaints);
        let slip_key = slip_key(&mut shelf, &mut complaints);
        let parse_keys = |bytes| keys::parse(bytes).ok();
        let keys = match read_checked(&mut shelf, KEYS, BRING_AGAIN, &mut complaints, parse_keys) {
            Ok(steps) if are_all => Keys::new(origin, steps.unwrap_or_default()),
            Ok(steps) => Keys::unknown(origin, steps.unwrap_or_default()),
            Err(Unreadable) => Keys::unknown(origin, Vec::new()),
        };
        let settings = read_settings(&mut shelf, &keys, &mut complaints);
        let settings_unknown = settings.is_err();
        let (board, settings) = (board.to_owned(), settings.unwrap_or_default());
        let recipient = None;
        Unit { shelf, board, made_up, keys, settings, slip_key, settings_unknown, recipient, complaints }
    }

    /// Its name: what it was told, or else what was made up.
    pub fn name(&self) -> &str {
        self.settings().map_or(&self.made_up, |settings| &settings.unit)
    }

    /// Every name that it is known to have had: an acknowledgement may be of an earlier one.
    pub fn is_called(&self, name: &str) -> bool {
        let renames = self.settings().and_then(|settings| settings.renames.as_deref());
        name == self.name() || name == self.made_up || renames == Some(name)
    }

    /// What it was told.
    pub fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref().map(|kept| &kept.settings)
    }

    /// For whom its records are sealed: as it was told, or else as the card came.
    pub fn recipient(&self) -> Option<x25519::Recipient> {
        let told = self.settings().and_then(|settings| settings.recipient.as_deref()?.parse().ok());
        told.or_else(|| self.recipient.clone())
    }

    /// Whose signatures it takes.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// With what it signs slips. `None` where none could be drawn or kept, which `take_complaints` tells: a slip whose key
    /// is gone after the next start could not be checked, and is not to be shown.
    pub fn slip_key(&self) -> Option<&SlipKey> {
        self.slip_key.as_ref()
    }

    /// What it says of itself beside its segments, and signs of where they end.
    pub fn file(&self, dropped: u64, next: Option<Link>) -> UnitFile {
        let unit = self.name().to_owned();
        let site = self.settings().and_then(|settings| settings.site.clone());
        let slip_key = self.slip_key().map(|key| key.public().to_string());
        let journal = self.slip_key().zip(next).map(|(key, next)| JournalEnd {
            records: next.sequence,
            last: next.previous.to_string(),
            signature: End { next, dropped }.signed(&unit, key),
        });
        UnitFile { unit, site, board: Some(self.board.clone()), dropped, slip_key, journal }
    }

    /// What the staff should know since the last call.
    pub fn take_complaints(&mut self) -> Vec<Complaint> {
        std::mem::take(&mut self.complaints)
    }

    /// Keeps what replaced its keys, for good before it returns. One file holds the new keys and the retired ones, so
    /// that a power cut leaves both as they were, or both as they are to be.
    ///
    /// # Errors
    /// Nothing has changed then.
    pub fn keep_keys(&mut self, keys: Keys) -> io::Result<()> {
        if keys.steps() != self.keys.steps() {
            if self.keys.are_unknown() {
                return Err(io::Error::other("the unit's keys could not be read"));
            }
            self.shelf.write(KEYS, &keys::to_bytes(keys.steps()))?;
        }
        self.keys = keys;
        Ok(())
    }

    /// Keeps settings that were checked, for good before it returns.
    ///
    /// # Errors
    /// Nothing has changed then.
    pub fn keep_settings(&mut self, kept: Kept) -> io::Result<()> {
        if self.settings_unknown {
            return Err(io::Error::other("the unit's settings could not be read"));
        }
        self.shelf.write(SETTINGS, &kept.to_bytes())?;
        self.settings = Some(kept);
        Ok(())
    }

    /// Whether it was told exactly this.
    pub fn has(&self, kept: &Kept) -> bool {
        self.settings.as_ref().is_some_and(|own| own.are(kept))
    }

    /// What settings have to be for.
    pub(crate) fn standing(&self) -> settings::Standing<'_> {
        settings::Standing { made_up: &self.made_up, kept: self.settings.as_ref() }
    }
}

/// The name of the first start, or a new one where that was damaged.
fn made_up_name<S: Shelf>(shelf: &mut S, complaints: &mut Vec<Complaint>) -> String {
    let is_one = |bytes: Vec<u8>| {
        let name = String::from_utf8(bytes).ok()?.strip_suffix('\n')?.to_owned();
        synkiosk_boards::unit::check_name("unit", &name).is_ok().then_some(name)
    };
    let found = read_checked(shelf, NAME, BRING_AGAIN, complaints, is_one);
    if let Ok(Some(name)) = found {
        return name;
    }
    let mut random = [0; 4];
    // Without chance all such units would be one to the collector; the next start tries again.
    let drawn = getrandom::fill(&mut random).map_err(io::Error::other);
    let name = format!("unit-{:08x}", u32::from_be_bytes(random));
    let kept = drawn.and_then(|()| match found {
        Ok(_) => shelf.write(NAME, format!("{name}\n").as_bytes()),
        // Until the next start: the right one may be there still.
        Err(Unreadable) => Ok(()),
    });
    if let Err(error) = kept {
        complaints.push(could_not("keep", "the unit's name", &error));
    }
    name
}

/// The key of the first start, or a new one where that was damaged.
fn slip_key<S: Shelf>(shelf: &mut S, complaints: &mut Vec<Complaint>) -> Option<SlipKey> {
    let is_one = |bytes: Vec<u8>| SlipKey::from_bytes(&Zeroizing::new(bytes));
    match read_checked(shelf, SLIP_KEY, COLLECT_AGAIN, complaints, is_one) {
        Ok(Some(key)) => return Some(key),
        Ok(None) => {}
        Err(Unreadable) => return None,
    }
    let drawn = SlipKey::random().map_err(io::Error::other);
    let kept = drawn.and_then(|key| shelf.write(SLIP_KEY, &*key.to_bytes()).map(|()| key));
    kept.map_err(|error| complaints.push(could_not("keep", "the unit's slip key", &error))).ok()
}

/// Settings can be told from damage only where every key is known that may have signed them.
fn read_settings<S: Shelf>(
    shelf: &mut S,
    keys: &Keys,
    complaints: &mut Vec<Complaint>,
) -> Result<Option<Kept>, Unreadable> {
    let known = keys.known();
    if !keys.are_unknown() {
        let parse = |bytes: Vec<u8>| Kept::parse(&bytes, &known).ok();
        return read_checked(shelf, SETTINGS, BRING_AGAIN, complaints, parse);
    }
    match shelf.read(SETTINGS) {
        Ok(None) => Ok(None),
        Ok(Some(bytes)) => Kept::parse(&bytes, &known).map(Some).map_err(|_| Unreadable),
        Err(_) => Err(Unreadable),
    }
}

/// What a file holds. One that holds nothing sound is set aside, so that it is reported once.
fn read_checked<S: Shelf, T>(
    shelf: &mut S,
    file: &str,
    help: &'static str,
    complaints: &mut Vec<Complaint>,
    check: impl FnOnce(Vec<u8>) -> Option<T>,
) -> Result<Option<T>, Unreadable> {
    let bytes = match shelf.read(file) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(None),
        Err(error) => {
            complaints.push(could_not("read", &format!("the unit's {file}"), &error));
            return Err(Unreadable);
        }
    };
    let checked = check(bytes);
    if checked.is_none() {
        let aside = if shelf.set_aside(file).is_ok() { "; the file is set aside" } else { "" };
        complaints.push(Complaint {
            message: format!("the unit's {file} cannot be believed any more{aside}"),
            help,
        });
    }
    Ok(checked)
}

fn could_not(what: &str, whom: &str, error: &io::Error) -> Complaint {
    Complaint { message: format!("could not {what} {whom}: {error}"), help: "check that the card is sound" }
}
