//! What a person brings: `synkiosk/inbox/` of a stick, or of the card's boot partition.
//!
//! Rotations of keys come first, so that what a new key signed is taken in the same visit; then settings, models, and
//! acknowledgements. What is for a kiosk ends as `ENDINGS` of `files.rs` says; what else lies there, as laptops leave it,
//! is passed over.
//!
//! Invariant: everything is read and checked before anything is written.

mod error;
mod files;

#[cfg(test)]
mod tests;

pub use error::InboxError;

use crate::{
    release::{self, Released},
    slots::{self, Candidate, InstallError, Installed, Slots, shelf::Shelf},
    unit::{
        Unit,
        keys::{Keys, Rotated},
        settings::{Fate, Kept},
    },
};
use files::Kind;
use std::path::{Path, PathBuf};
use synkiosk_boards::unit::{acknowledgement::Acknowledgement, code};
use synkiosk_journal::store::Discard;
use synkiosk_models::bundle::TrustedKeys;

/// Where it is on its medium.
pub const FOLDER: [&str; 2] = ["synkiosk", "inbox"];

/// A folder of more entries is not looked through: nobody puts so much on a stick.
pub const MOST_ENTRIES: usize = 100;

/// A file that lay in the inbox, and what became of it.
#[derive(Debug)]
pub struct Item {
    /// The file's name, fit to be shown.
    pub name: String,
    /// What became of it.
    pub result: Result<Taken, InboxError>,
}

/// What became of a file that was not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A key took another's place.
    Rotation(Rotated),
    /// The unit is told this from now on.
    Settings {
        /// The unit's name.
        unit: String,
        /// Sets a clock that cannot be right, seconds since 1970.
        clock: Option<u64>,
    },
    /// The unit was told exactly this before.
    SettingsAlreadyThere,
    /// It is for the unit of this name, and was left alone.
    ForAnother(String),
    /// A model.
    Bundle(Installed),
    /// What the collector has.
    Acknowledgement(Released),
}

impl Taken {
    /// Whether anything is other than before.
    pub fn is_news(&self) -> bool {
        match self {
            Taken::Rotation(rotated) => !rotated.already,
            Taken::Settings { .. } | Taken::Bundle(Installed::New { .. }) => true,
            Taken::Acknowledgement(released) => !released.discarded.is_empty(),
            _ => false,
        }
    }

    /// Whether the kiosk has to start again for it.
    pub fn needs_start(&self) -> bool {
        self.is_news() && !matches!(self, Taken::Acknowledgement(_))
    }
}

/// What the inbox changes.
#[derive(Debug)]
pub struct Desk<'a, U: Shelf, M: Shelf, J: Discard> {
    /// Name, settings, keys.
    pub unit: &'a mut Unit<U>,
    /// Models.
    pub slots: &'a mut Slots<M>,
    /// Sealed sessions.
    pub segments: &'a mut J,
}

/// Looks into the inbox of a mounted medium and takes what is for this unit.
///
/// # Errors
/// When there is an inbox that cannot be looked through. None at all is no error.
pub fn take_in<U: Shelf, M: Shelf, J: Discard>(
    medium: &Path,
    desk: &mut Desk<'_, U, M, J>,
) -> Result<Vec<Item>, InboxError> {
    let offers = Offers::read(&files::list(medium)?, desk.unit);
    // From here on things are written.
    let kept = desk.unit.keep_keys(offers.keys.clone());
    if kept.is_err() {
        let mut items = told_of_keys(offers.rotations, &kept);
        let left = |name| Item { name, result: Err(InboxError::AfterKeys) };
        items.extend(offers.others.into_iter().map(left));
        return Ok(items);
    }
    Ok(offers.take(desk))
}

/// What lies in the inbox, read and checked.
struct Offers {
    rotations: Rotations,
    /// As they are after the rotations.
    keys: Keys,
    settings: Vec<SettingsOffer>,
    bundles: Vec<(String, Result<Candidate, InboxError>)>,
    acknowledgements: Vec<(String, Result<Acknowledgement, InboxError>)>,
    /// Names of all but the rotations.
    others: Vec<String>,
}

impl Offers {
    fn read<U: Shelf>(found: &[(Kind, PathBuf)], unit: &Unit<U>) -> Offers {
        let of = |kind| found.iter().filter(move |(other, _)| *other == kind).map(|(_, path)| path);
        let mut keys = unit.keys().clone();
        let rotations = rotations(of(Kind::Rotation).collect(), &mut keys);
        let trusted = keys.trusted();
        let named = |path: &PathBuf| (files::shown(path), acknowledgement(path, &trusted));
        Offers {
            rotations,
            settings: settings(of(Kind::Settings).collect(), unit, &trusted),
            bundles: bundles(of(Kind::Bundle).collect(), &trusted),
            acknowledgements: of(Kind::Acknowledgement).map(named).collect(),
            others: found
                .iter()
                .filter(|(kind, _)| *kind != Kind::Rotation)
                .map(|(_, path)| files::shown(path))
                .collect(),
            keys,
        }
    }

    /// Takes them, when the keys are kept.
    fn take<U: Shelf, M: Shelf, J: Discard>(self, desk: &mut Desk<'_, U, M, J>) -> Vec<Item> {
        let Offers { rotations, keys, settings, bundles, acknowledgements, .. } = self;
        let mut items = told_of_keys(rotations, &Ok(()));
        let mut add = |name: String, result: Result<Taken, InboxError>| {
            let result = result.map_err(|error| error.knowing(|id| keys.is_retired(id)));
            items.push(Item { name, result });
        };
        for (name, offer) in settings {
            add(name, offer.and_then(|offer| take_settings(offer, desk.unit)));
        }
        let known = keys.known();
        for (name, offer) in bundles {
            let install = |candidate| Ok(Taken::Bundle(desk.slots.install(&candidate, &known)?));
            add(name, offer.and_then(install));
        }
        for (name, offer) in acknowledgements {
            add(name, offer.and_then(|offer| take_acknowledgement(&offer, desk)));
        }
        items
    }
}

type Rotations = Vec<(String, Result<Rotated, InboxError>)>;

/// Applies rotations to `keys` as often as one more fits: of a chain, each may lie there under any name.
fn rotations(paths: Vec<&PathBuf>, keys: &mut Keys) -> Rotations {
    let read = |path: &PathBuf| (files::shown(path), files::read_signed(path));
    let mut open: Vec<_> = paths.into_iter().map(read).collect();
    let mut done = Vec::new();
    loop {
        let before = open.len();
        let mut left = Vec::new();
        for (name, content) in open {
            let rotated = content.as_ref().ok().map(|(text, signature)| keys.rotate(text, signature));
            match rotated {
                Some(Ok(rotated)) => done.push((name, Ok(rotated))),
                _ => left.push((name, content)),
            }
        }
        open = left;
        if open.len() == before {
            break;
        }
    }
    done.extend(open.into_iter().map(|(name, content)| {
        let refused = content.and_then(|(text, signature)| Ok(keys.rotate(&text, &signature)?));
        (name, refused)
    }));
    done
}

fn told_of_keys(rotations: Rotations, kept: &std::io::Result<()>) -> Vec<Item> {
    let told = |(name, result): (String, Result<Rotated, InboxError>)| {
        let result = match (result, kept) {
            (Ok(rotated), Err(error)) if !rotated.already => {
                Err(InboxError::Keep(std::io::Error::new(error.kind(), error.to_string())))
            }
            (result, _) => result.map(Taken::Rotation),
        };
        Item { name, result }
    };
    rotations.into_iter().map(told).collect()
}

/// A file's name, and what it holds and is to become.
type SettingsOffer = (String, Result<(Kept, Fate), InboxError>);

/// Settings that are sound, with what is to become of them.
fn settings<U: Shelf>(paths: Vec<&PathBuf>, unit: &Unit<U>, trusted: &TrustedKeys) -> Vec<SettingsOffer> {
    let read = |path: &PathBuf| {
        let (text, signature) = files::read_signed(path)?;
        Ok::<_, InboxError>(Kept::check(text, signature, trusted)?)
    };
    let read: Vec<_> = paths.into_iter().map(|path| (files::shown(path), read(path))).collect();
    let sound: Vec<&Kept> = read.iter().filter_map(|(_, kept)| kept.as_ref().ok()).collect();
    let mut fates = unit.standing().fates(&sound).into_iter();
    let mut with_fate = |kept: Kept| {
        let fate = fates.next().expect("there is a fate for each that is sound");
        Ok((kept, fate?))
    };
    read.into_iter().map(|(name, kept)| (name, kept.and_then(&mut with_fate))).collect()
}

/// Takes settings that a camera read from a code. They are held to everything that settings on a stick are held to.
///
/// # Errors
/// What is wrong with them; the unit is as it was.
pub fn take_code<U: Shelf>(text: &str, unit: &mut Unit<U>) -> Result<Taken, InboxError> {
    let (text, signature) = code::split(text).ok_or(InboxError::NoCode)?;
    let kept = Kept::check(text.as_bytes().to_vec(), signature.as_bytes().to_vec(), &unit.keys().trusted())?;
    let fate = unit.standing().fates(&[&kept]).pop().expect("one fate for one offer")?;
    take_settings((kept, fate), unit)
}

fn take_settings<U: Shelf>((kept, fate): (Kept, Fate), unit: &mut Unit<U>) -> Result<Taken, InboxError> {
    match fate {
        Fate::ForAnother(unit) => Ok(Taken::ForAnother(unit)),
        Fate::Take if !unit.has(&kept) => {
            let (name, clock) = (kept.settings.unit.clone(), kept.settings.clock);
            unit.keep_settings(kept).map_err(InboxError::Keep)?;
            Ok(Taken::Settings { unit: name, clock })
        }
        // Already there, or two copies of the same.
        _ => Ok(Taken::SettingsAlreadyThere),
    }
}

/// Bundles that are sound; of several only the newest is a candidate still, and only that one's bytes are held.
fn bundles(paths: Vec<&PathBuf>, trusted: &TrustedKeys) -> Vec<(String, Result<Candidate, InboxError>)> {
    let mut checked: Vec<(String, Result<u32, InboxError>)> = Vec::new();
    let mut newest: Option<(usize, Candidate)> = None;
    for path in paths {
        let candidate = files::read_bundle(path)
            .and_then(|bytes| Ok(slots::check(bytes, trusted).map_err(InstallError::from)?));
        let version = candidate.as_ref().map(Candidate::version).ok();
        let is_newest = version > newest.as_ref().map(|(_, newest)| newest.version());
        let name = files::shown(path);
        match candidate {
            Ok(candidate) => {
                checked.push((name, Ok(candidate.version())));
                if is_newest {
                    newest = Some((checked.len() - 1, candidate));
                }
            }
            Err(error) => checked.push((name, Err(error))),
        }
    }
    let best = newest.as_ref().map_or(0, |(_, newest)| newest.version());
    let with_bytes = |(at, (name, version)): (usize, (String, Result<u32, InboxError>))| {
        let offer = version.and_then(|version| match newest.take_if(|(newest, _)| *newest == at) {
            Some((_, candidate)) => Ok(candidate),
            None => Err(InboxError::NewerBeside { version, newest: best }),
        });
        (name, offer)
    };
    checked.into_iter().enumerate().map(with_bytes).collect()
}

fn acknowledgement(path: &Path, trusted: &TrustedKeys) -> Result<Acknowledgement, InboxError> {
    let (text, signature) = files::read_signed(path)?;
    trusted.verify(&text, &signature)?;
    Ok(Acknowledgement::parse(std::str::from_utf8(&text).unwrap_or_default())?)
}

fn take_acknowledgement<U: Shelf, M: Shelf, J: Discard>(
    offer: &Acknowledgement,
    desk: &mut Desk<'_, U, M, J>,
) -> Result<Taken, InboxError> {
    if !desk.unit.is_called(&offer.unit) {
        return Ok(Taken::ForAnother(offer.unit.clone()));
    }
    Ok(Taken::Acknowledgement(release::release(offer, desk.segments).map_err(InboxError::Keep)?))
}
