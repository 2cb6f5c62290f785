//! Whose signatures count: the keys that the card came with, and what replaced them since.
//!
//! A key that was replaced is retired: nothing new that it signed is taken. What was taken before stays, so that a unit
//! whose key was replaced still knows its settings and works with its model until it is brought others.

use crate::whole_file;
use serde::{Deserialize, Serialize};
use synkiosk_boards::unit::{UnitError, rotation::Rotation};
use synkiosk_models::bundle::{SignatureError, SigningKey, TrustedKeys};

/// What the card came with.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Texts of minisign public key files, each of which is one.
    pub keys: Vec<String>,
    /// Whether the demo key counts, with which anyone can sign.
    pub accepts_demo: bool,
}

/// All keys of a unit.
#[derive(Debug, Clone)]
pub struct Keys {
    origin: Origin,
    steps: Vec<Step>,
    /// There are more, or some were replaced, and nobody knows which.
    unknown: bool,
}

/// One key that was replaced by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Id of the retired key.
    old: String,
    /// The new key, as a minisign public key file.
    new: String,
}

/// What became of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// Id of the key that is retired.
    pub old: String,
    /// Whether that was so before.
    pub already: bool,
}

/// Why a rotation was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// Not signed, or with a key that is not known.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Signed, and no rotation.
    #[error(transparent)]
    Text(#[from] UnitError),
    /// One key says that another is not to be trusted any more.
    #[error("it retires key {old}, and is signed with key {signer}")]
    OtherSigner {
        /// To be retired.
        old: String,
        /// The signature's.
        signer: String,
    },
    /// Replaced by another one before.
    #[error("key {0} was replaced by another key before")]
    Retired(String),
    /// The new key was trusted once and is not any more.
    #[error("the new key {0} was itself replaced before")]
    NewIsRetired(String),
    /// Another key has the new one's id.
    #[error("the new key has the id {0} of another key")]
    SameId(String),
    /// The new key is the demo key.
    #[error("the new key is the demo key, with which anyone can sign")]
    Demo,
}

impl RotationError {
    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            RotationError::Signature(error) => error.help(),
            RotationError::Text(error) => error.help(),
            RotationError::OtherSigner { .. } => "sign the rotation with the very key that it retires",
            RotationError::Retired(_) => "bring every rotation since then, or prepare the card again",
            RotationError::NewIsRetired(_) | RotationError::SameId(_) | RotationError::Demo => {
                "make a new key with synkiosk keys new, and rotate to that"
            }
        }
    }
}

impl Keys {
    /// From what the card came with, and every step since, in order.
    pub fn new(origin: Origin, steps: Vec<Step>) -> Keys {
        Keys { origin, steps, unknown: false }
    }

    /// Where not every key could be read, or which were replaced: what was taken once is still read, and nothing new is
    /// trusted.
    pub fn unknown(origin: Origin, steps: Vec<Step>) -> Keys {
        Keys { origin, steps, unknown: true }
    }

    /// Whether not all could be read.
    pub fn are_unknown(&self) -> bool {
        self.unknown
    }

    /// Every step since the card came.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Every key that counts or once did: what was taken once is read with these.
    pub fn known(&self) -> TrustedKeys {
        let texts: Vec<&str> = self.texts().collect();
        let keys = TrustedKeys::from_public_texts(&texts).expect("each was read before");
        if self.origin.accepts_demo { keys } else { keys.without_demo() }
    }

    /// The keys that count: what is brought must be signed with one of these.
    pub fn trusted(&self) -> TrustedKeys {
        if self.unknown {
            return TrustedKeys::from_public_texts(&[]).expect("there is nothing to be read");
        }
        self.steps.iter().fold(self.known(), |keys, step| keys.without(&step.old))
    }

    /// Whether a key was replaced.
    pub fn is_retired(&self, id: &str) -> bool {
        self.steps.iter().any(|step| step.old == id)
    }

    /// Takes a rotation, given as its file and the signature's.
    ///
    /// # Errors
    /// Nothing has changed then.
    pub fn rotate(&mut self, text: &[u8], signature: &[u8]) -> Result<Rotated, RotationError> {
        let signer = self.known().verify(text, signature)?;
        let rotation = Rotation::parse(std::str::from_utf8(text).unwrap_or_default())?;
        let (old, new) = (rotation.old().to_owned(), rotation.new_key_text());
        if signer.id != old {
            return Err(RotationError::OtherSigner { old, signer: signer.id });
        }
        match self.steps.iter().find(|step| step.old == old) {
            Some(step) if step.new == new => return Ok(Rotated { old, already: true }),
            Some(_) => return Err(RotationError::Retired(old)),
            None => {}
        }
        self.new_key_counts(&new, &old)?;
        self.steps.push(Step { old: old.clone(), new });
        Ok(Rotated { old, already: false })
    }

    /// Whether the new key would be trusted: otherwise the unit could be left without any.
    fn new_key_counts(&self, new: &str, old: &str) -> Result<(), RotationError> {
        let SigningKey { id, is_demo } = name_of(new).ok_or(UnitError::Key)?;
        if is_demo && !self.origin.accepts_demo {
            return Err(RotationError::Demo);
        }
        if self.is_retired(&id) {
            return Err(RotationError::NewIsRetired(id));
        }
        let line = |text: &str| text.lines().nth(1).map(str::trim).map(str::to_owned);
        let is_another =
            |text: &str| name_of(text).is_some_and(|key| key.id == id) && line(text) != line(new);
        if id == old || self.texts().any(is_another) {
            return Err(RotationError::SameId(id));
        }
        Ok(())
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.origin.keys.iter().map(String::as_str).chain(self.steps.iter().map(|step| step.new.as_str()))
    }
}

fn name_of(key: &str) -> Option<SigningKey> {
    TrustedKeys::from_public_texts(&[key]).ok()?.names().next().cloned()
}

/// Steps as they are kept.
pub(super) fn to_bytes(steps: &[Step]) -> Vec<u8> {
    whole_file::sealed(&serde_json::to_vec_pretty(steps).expect("texts are JSON"))
}

/// Reads what `to_bytes` wrote; a step to what is no key is none.
pub(super) fn parse(bytes: Vec<u8>) -> Result<Vec<Step>, serde_json::Error> {
    let text = whole_file::unsealed(&bytes).ok_or_else(|| serde::de::Error::custom("another digest"))?;
    let steps: Vec<Step> = serde_json::from_slice(text)?;
    match steps.iter().all(|step| name_of(&step.new).is_some()) {
        true => Ok(steps),
        false => Err(serde::de::Error::custom("a step to no key")),
    }
}
