//! Two places for a model: the one that works, and the one that the next goes into.
//!
//! Invariant: no slot holds a bundle that was not checked whole first, golden vectors included.
//! Invariant: the slot of the newest working bundle is never written to.
//! Invariant: the highest version ever taken never falls, even where both slots are empty.

pub mod shelf;

#[cfg(test)]
pub(crate) mod fake_shelf;
#[cfg(test)]
pub(crate) mod kit;
#[cfg(test)]
mod tests;

use crate::{judge::plan_of, whole_file};
use serde::{Deserialize, Serialize};
use shelf::{Folder, Shelf};
use std::{fmt, io, path::Path};
use synkiosk_journal::words::WordError;
use synkiosk_models::bundle::{Bundle, BundleError, Member, TrustedKeys};

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// `a.bundle`
    A,
    /// `b.bundle`
    B,
}

/// The models of one unit.
#[derive(Debug)]
pub struct Slots<S: Shelf = Folder> {
    shelf: S,
    proven: Option<Proven>,
}

/// The bundle whose golden vectors were run last, and held: the same bytes need no second run, which takes over a second in
/// the virtual machine.
#[derive(Debug)]
struct Proven {
    sha256: String,
    golden: usize,
}

/// The highest version ever taken, and which bundle that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Highest {
    version: u32,
    sha256: String,
}

/// What the slots hold.
#[derive(Debug)]
pub struct Load {
    /// The model to work with; `None` where no slot holds one that works.
    pub model: Option<Model>,
    /// Slots that hold something that does not work.
    pub refused: Vec<RefusedSlot>,
}

/// A model that passed every check.
#[derive(Debug)]
pub struct Model {
    /// The bundle.
    pub bundle: Bundle,
    /// Golden inputs that gave what they must.
    pub golden: usize,
    /// Where it is.
    pub slot: Slot,
    /// Set where a newer one was taken and does not work any more.
    pub fallback: Option<Fallback>,
}

/// Why the model at work is not the newest one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// In one line.
    pub why: String,
}

/// A slot that holds no model that works.
#[derive(Debug)]
pub struct RefusedSlot {
    /// Which.
    pub slot: Slot,
    /// Why.
    pub why: SlotError,
    /// Whether it was set aside, so that it is not looked at again.
    pub set_aside: bool,
}

/// What is wrong with a model.
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// The medium does not give it.
    #[error("it could not be read ({0})")]
    Read(io::Error),
    /// The bundle is refused.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Records could not name it.
    #[error("its name cannot stand in a record: {0}")]
    Name(#[from] WordError),
}

impl SlotError {
    /// Whether these bytes can never work again, on any unit.
    fn is_damage(&self) -> bool {
        use BundleError::{Format, GoldenSum, UntrustedKey};
        // A foreign key, a later format, another processor or a medium that fails now is no damage: the bundle may be needed
        // yet.
        !matches!(
            self,
            SlotError::Name(_)
                | SlotError::Read(_)
                | SlotError::Bundle(Format(_) | GoldenSum { .. } | UntrustedKey(_))
        )
    }

    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            SlotError::Read(_) => "bring the model again; if it stays so, replace the card",
            SlotError::Bundle(error) => error.help(),
            SlotError::Name(_) => "pack the bundle again with a name of 2 to 32 letters",
        }
    }
}

/// A bundle that passed every check and may be installed.
#[derive(Debug)]
pub struct Candidate {
    bytes: Vec<u8>,
    sha256: String,
    name: String,
    version: u32,
    /// Golden inputs that gave what they must.
    golden: usize,
}

impl Candidate {
    /// Its version counter.
    pub fn version(&self) -> u32 {
        self.version
    }
}

/// What became of a bundle that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installed {
    /// It is in this slot, and is the newest one.
    New {
        /// Which.
        slot: Slot,
        /// The bundle's name.
        name: String,
        /// Its version counter.
        version: u32,
    },
    /// It was there before.
    AlreadyThere {
        /// Its version counter.
        version: u32,
    },
}

/// Why a bundle was not installed. The slots are as they were.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// It does not work.
    #[error(transparent)]
    Refused(#[from] SlotError),
    /// A newer one was taken before.
    #[error("the bundle has version {version}, and this unit has had version {highest}")]
    Older {
        /// Of the bundle.
        version: u32,
        /// Ever taken.
        highest: u32,
    },
    /// Another bundle with the same counter was taken before.
    #[error("the bundle has version {0}, which this unit has had from another bundle")]
    SameVersion(u32),
    /// Which versions there were cannot be read now.
    #[error("could not read which version this unit has had ({0})")]
    Counter(io::Error),
    /// The medium did not take it.
    #[error("could not write the bundle ({0})")]
    Write(io::Error),
}

impl InstallError {
    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            InstallError::Refused(error) => error.help(),
            InstallError::Older { .. } | InstallError::SameVersion(_) => {
                "pack the bundle again with a higher --version; a unit never goes back"
            }
            InstallError::Write(error) if error.kind() == io::ErrorKind::StorageFull => {
                "collect the journal with a stick, which makes room"
            }
            InstallError::Counter(_) | InstallError::Write(_) => {
                "collect the journal with a stick now, and replace the card"
            }
        }
    }
}

/// The counter's file.
const HIGHEST: &str = "highest.json";

impl Slot {
    const BOTH: [Slot; 2] = [Slot::A, Slot::B];

    fn file(self) -> &'static str {
        match self {
            Slot::A => "a.bundle",
            Slot::B => "b.bundle",
        }
    }

    fn other(self) -> Slot {
        match self {
            Slot::A => Slot::B,
            Slot::B => Slot::A,
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Slot::A => "a",
            Slot::B => "b",
        })
    }
}

/// Reads a bundle and runs its golden vectors: all that a start needs of it.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(bytes: Vec<u8>, keys: &TrustedKeys) -> Result<Candidate, SlotError> {
    let bundle = read(&bytes, keys)?;
    let golden = bundle.prove()?;
    let manifest = bundle.manifest();
    let (name, version) = (manifest.name.clone(), manifest.version);
    Ok(Candidate { sha256: digest(&bytes), bytes, name, version, golden })
}

fn read(bytes: &[u8], keys: &TrustedKeys) -> Result<Bundle, SlotError> {
    let bundle = Bundle::read(bytes, keys)?;
    plan_of(bundle.manifest())?;
    Ok(bundle)
}

fn digest(bytes: &[u8]) -> String {
    Member::of("bundle", bytes).sha256
}

impl Slots<Folder> {
    /// The slots in a folder, which is made if need be.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn open(folder: &Path) -> io::Result<Slots> {
        Ok(Slots::on(Folder::open(folder)?))
    }
}

/// A slot whose bundle is signed and whole; its golden vectors are still to be run.
struct Read {
    slot: Slot,
    bundle: Bundle,
    sha256: String,
}

impl<S: Shelf> Slots<S> {
    /// The slots on any shelf.
    pub fn on(shelf: S) -> Slots<S> {
        Slots { shelf, proven: None }
    }

    /// The newest model that works. What can never work again is set aside.
    pub fn load(&mut self, keys: &TrustedKeys) -> Load {
        let (slots, mut refused) = self.read_both(keys);
        // One that cannot be read now may be higher than all that is seen: it is not written over.
        let (highest, is_known) = self.highest().map_or((None, false), |highest| (highest, true));
        let newest = slots.iter().map(|slot| slot.bundle.manifest().version).max();
        let mut model = None;
        for Read { slot, bundle, sha256 } in slots {
            match self.golden(&bundle, &sha256) {
                Ok(golden) => {
                    let version = bundle.manifest().version;
                    if is_known {
                        self.raise(highest.as_ref(), Highest { version, sha256 });
                    }
                    model = Some(Model { bundle, golden, slot, fallback: None });
                    break;
                }
                Err(why) => refused.push(RefusedSlot { slot, why, set_aside: false }),
            }
        }
        if let Some(model) = &mut model {
            let taken = highest.map(|highest| highest.version);
            model.fallback = fallback(model.bundle.manifest().version, (taken, newest), &refused);
        }
        Load { model, refused }
    }

    /// Runs the golden vectors, unless those of the very same bytes have held already.
    fn golden(&self, bundle: &Bundle, sha256: &str) -> Result<usize, SlotError> {
        match &self.proven {
            Some(proven) if proven.sha256 == sha256 => Ok(proven.golden),
            _ => Ok(bundle.prove()?),
        }
    }

    /// Puts a checked bundle into the slot that is not in use.
    ///
    /// # Errors
    /// When it is not newer than every bundle before it, or the medium fails.
    pub fn install(&mut self, candidate: &Candidate, keys: &TrustedKeys) -> Result<Installed, InstallError> {
        let Candidate { bytes, sha256, name, version, golden } = candidate;
        self.proven = Some(Proven { sha256: sha256.clone(), golden: *golden });
        let (slots, refused) = self.read_both(keys);
        let working = slots.into_iter().find(|slot| self.golden(&slot.bundle, &slot.sha256).is_ok());
        if working.as_ref().is_some_and(|slot| slot.sha256 == *sha256) {
            return Ok(Installed::AlreadyThere { version: *version });
        }
        let of_working = working
            .as_ref()
            .map(|slot| Highest { version: slot.bundle.manifest().version, sha256: slot.sha256.clone() });
        let highest = self.highest().map_err(InstallError::Counter)?;
        if let Some(error) = unread(refused) {
            // What cannot be read may be newer than the counter, if that could not be raised in time.
            return Err(InstallError::Counter(error));
        }
        let known = [highest, of_working].into_iter().flatten().max_by_key(|highest| highest.version);
        match &known {
            Some(known) if known.version > *version => {
                return Err(InstallError::Older { version: *version, highest: known.version });
            }
            // The very bundle that was lost may come back; that is a repair and no step back.
            Some(known) if known.version == *version && known.sha256 != *sha256 => {
                return Err(InstallError::SameVersion(*version));
            }
            _ => {}
        }
        let slot = working.map_or(Slot::A, |slot| slot.slot.other());
        self.shelf.write(slot.file(), bytes).map_err(InstallError::Write)?;
        // The slot first: a cut between the two leaves a bundle that proves the counter itself.
        self.raise(known.as_ref(), Highest { version: *version, sha256: sha256.clone() });
        Ok(Installed::New { slot, name: name.clone(), version: *version })
    }

    /// Bundles that are signed and whole, the newest first, and what else is in the slots.
    fn read_both(&mut self, keys: &TrustedKeys) -> (Vec<Read>, Vec<RefusedSlot>) {
        let (mut slots, mut refused) = (Vec::new(), Vec::new());
        for slot in Slot::BOTH {
            let bytes = match self.shelf.read(slot.file()) {
                Ok(Some(bytes)) => Ok(bytes),
                Ok(None) => continue,
                Err(error) => Err(SlotError::Read(error)),
            };
            match bytes.and_then(|bytes| Ok((read(&bytes, keys)?, digest(&bytes)))) {
                Ok((bundle, sha256)) => slots.push(Read { slot, bundle, sha256 }),
                Err(why) => {
                    let set_aside = why.is_damage() && self.shelf.set_aside(slot.file()).is_ok();
                    refused.push(RefusedSlot { slot, why, set_aside });
                }
            }
        }
        slots.sort_by_key(|slot| std::cmp::Reverse(slot.bundle.manifest().version));
        (slots, refused)
    }

    fn highest(&self) -> io::Result<Option<Highest>> {
        // A file that a failing card damaged is as good as none: the slots themselves are the other witness.
        let bytes = self.shelf.read(HIGHEST)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(whole_file::unsealed(&bytes)?).ok()))
    }

    /// A card that came with a model has no counter yet, and neither has one whose power was cut while installing.
    fn raise(&mut self, known: Option<&Highest>, working: Highest) {
        if known.is_none_or(|known| known.version < working.version) {
            // Tried again at the next start; until then the slot itself holds the counter.
            let _ = self.shelf.write(HIGHEST, &working.to_bytes());
        }
    }
}

/// Why a slot could not be read, if one could not.
fn unread(refused: Vec<RefusedSlot>) -> Option<io::Error> {
    refused.into_iter().find_map(|refused| match refused.why {
        SlotError::Read(error) => Some(error),
        _ => None,
    })
}

impl Highest {
    fn to_bytes(&self) -> Vec<u8> {
        whole_file::sealed(&serde_json::to_vec(self).expect("a number and a text are JSON"))
    }
}

/// Said where a newer model was taken before, or may have been: without a counter nobody knows what a damaged slot held.
fn fallback(
    version: u32,
    (taken, newest): (Option<u32>, Option<u32>),
    refused: &[RefusedSlot],
) -> Option<Fallback> {
    let newer = taken.max(newest).filter(|newest| *newest > version);
    // Nor does one know what a slot holds that cannot be read now: its counter may not have been kept.
    let unread = refused.iter().any(|refused| matches!(refused.why, SlotError::Read(_)));
    if newer.is_none() && !unread && (taken.is_some() || refused.is_empty()) {
        return None;
    }
    let instead = newer.map_or(String::new(), |newer| format!(" instead of {newer}"));
    let causes: Vec<_> =
        refused.iter().map(|refused| format!("slot {}: {}", refused.slot, refused.why)).collect();
    let why = if causes.is_empty() { "it is not there any more".to_owned() } else { causes.join("; ") };
    Some(Fallback { why: format!("version {version} is at work{instead}: {why}") })
}
