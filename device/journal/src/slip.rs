//! A slip: what one session ended with, signed by the unit and short enough for a QR code.
//!
//! ```text
//! Slip -> payload (bytes.rs) -> its signature behind it (key.rs) -> base 45 (base45.rs) -> text
//! ```
//! The text has only letters of QR's alphanumeric alphabet. README.md gives the format byte by byte.
//!
//! Invariant: a slip names no person and no session, and no time finer than a week: it has no field that would take one.
//! Invariant: one slip of one key has one text, and nothing of it is looked at before its signature holds.

mod base45;
mod bytes;
mod key;

#[cfg(test)]
mod tests;

pub use key::{KeyError, KeyId, SlipKey, SlipPublicKey};

use crate::{
    record::{BundleId, IndexRecords, Outcome, Record},
    when::When,
    words::{Percent, ShortName, Version},
};
use synkiosk_models::answer::Answer;

/// The format that this program writes, and the only one that it reads.
pub const FORMAT: u16 = 1;
/// How every text of that format begins.
pub const PREFIX: &str = "SYNKIOSK1:";
/// How the text of any format begins, before its number and a colon.
const NAME: &str = "SYNKIOSK";
/// Signed before the payload, so that a signature under a slip is worth nothing under anything else.
const CONTEXT: &[u8] = b"synkiosk slip 1\0";
/// Bytes of an Ed25519 signature.
const SIGNATURE: usize = 64;
/// Letters of the longest slip: three for every two bytes.
pub const MOST_LETTERS: usize = PREFIX.len() + (bytes::MOST + SIGNATURE).div_ceil(2) * 3;

/// What a unit says of one session. Who was screened stands nowhere.
///
/// ```compile_fail
/// fn name(slip: &mut synkiosk_journal::slip::Slip) {
///     slip.person = "Anna Smith".to_owned();
/// }
/// ```
/// ```compile_fail
/// fn name(slip: &mut synkiosk_journal::slip::Slip) {
///     slip.unit = "Anna Smith".to_owned();
/// }
/// ```
/// ```compile_fail
/// fn date(slip: &mut synkiosk_journal::slip::Slip) {
///     slip.when = std::time::SystemTime::now();
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// The unit's name.
    pub unit: ShortName,
    /// What it answered.
    pub answer: Answer,
    /// Score of the series; `None` where there was none.
    pub score: Option<SlipScore>,
    /// How strong each kind of unwanted movement was.
    pub indices: IndexRecords,
    /// How many poses the answer comes from.
    pub poses: PoseCount,
    /// The bundle that answered.
    pub bundle: BundleId,
    /// The program.
    pub software: Version,
    /// The week, or how often the unit had been started.
    pub when: When,
}

/// The score of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlipScore {
    /// In per cent.
    pub value: Percent,
    /// The least and the greatest score if any one pose is left out, where there is one to leave out. It says how far the
    /// score hangs on a single picture, and is no confidence interval.
    pub interval: Option<Interval>,
}

/// From a lowest to a highest value, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    low: Percent,
    high: Percent,
}

impl Interval {
    /// `None` where the lowest is above the highest.
    pub fn new(low: Percent, high: Percent) -> Option<Interval> {
        (low <= high).then_some(Interval { low, high })
    }

    /// The lowest value.
    pub fn low(self) -> Percent {
        self.low
    }

    /// The highest value.
    pub fn high(self) -> Percent {
        self.high
    }
}

/// Poses whose pictures were used, of those that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoseCount {
    used: u8,
    asked: u8,
}

impl PoseCount {
    /// `None` where more were used than asked for.
    pub fn new(used: u8, asked: u8) -> Option<PoseCount> {
        (used <= asked).then_some(PoseCount { used, asked })
    }

    /// Pictures that the answer comes from.
    pub fn used(self) -> u8 {
        self.used
    }

    /// Poses that were asked for.
    pub fn asked(self) -> u8 {
        self.asked
    }
}

/// Why a text is no slip that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlipError {
    /// Something else altogether.
    #[error("it is no slip: it does not begin with {PREFIX}")]
    NotASlip,
    /// A later program's.
    #[error("the slip has format {0}, newer than {FORMAT}")]
    NewerFormat(u32),
    /// No slip has so many letters.
    #[error("the slip has {0} letters, more than {MOST_LETTERS}")]
    TooLong(usize),
    /// A letter that no slip has, a letter too few, or hardly any.
    #[error("the slip is cut off or has letters that none has")]
    Letters,
    /// No key that was given has this id.
    #[error("the slip's signature could not be checked: key {0} is not known")]
    UnknownKey(KeyId),
    /// Changed, or signed with another key than it says.
    #[error("the slip was changed: it is not what key {0} signed")]
    Signature(KeyId),
    /// Signed, and not of the format; what is wrong.
    #[error("the slip is signed and not of the format that it names ({0})")]
    Malformed(&'static str),
}

impl SlipError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotASlip => "take the code that the kiosk shows with its answer",
            Self::NewerFormat(_) => "read it with a version of this program no older than the unit's",
            Self::TooLong(_) | Self::Letters => "take the whole code once more; nothing before or behind it",
            Self::UnknownKey(_) => {
                "pass the unit.toml of the unit that showed it, from its outbox on a stick"
            }
            Self::Signature(_) => "do not rely on it; ask the kiosk's site for the session's record",
            Self::Malformed(_) => "tell the makers of the program that signed it",
        }
    }
}

impl Slip {
    /// The slip of a session that ended with an answer; `None` of any other. The interval is the score's range
    /// if any one pose is left out.
    pub fn of_record(unit: ShortName, record: &Record, interval: Option<Interval>) -> Option<Slip> {
        let count = |poses: usize| u8::try_from(poses).unwrap_or(u8::MAX);
        let used = record.poses.iter().filter(|pose| pose.score.is_some()).count();
        Some(Slip {
            unit,
            answer: answer(record.outcome)?,
            score: record.score.map(|value| SlipScore { value, interval }),
            indices: record.indices,
            poses: PoseCount { used: count(used), asked: count(record.poses.len()) },
            bundle: record.bundle.clone(),
            software: record.software,
            when: record.when,
        })
    }

    /// The text for the code, at most [`MOST_LETTERS`] of QR's alphanumeric alphabet.
    pub fn sign(&self, key: &SlipKey) -> String {
        let mut bytes = bytes::payload(self, key.public().id());
        let signature = key.sign(&signed_bytes(&bytes));
        bytes.extend_from_slice(&signature);
        format!("{PREFIX}{}", base45::encode(&bytes))
    }

    /// Reads a slip that one of the keys has signed.
    ///
    /// # Errors
    /// The first thing that is wrong; `UnknownKey` where its key is none of these.
    pub fn verify(text: &str, keys: &[SlipPublicKey]) -> Result<Slip, SlipError> {
        let (payload, signature) = parts(text)?;
        let id = bytes::signer(&payload).ok_or(SlipError::Letters)?;
        let mut named = keys.iter().filter(|key| key.id() == id).peekable();
        if named.peek().is_none() {
            return Err(SlipError::UnknownKey(id));
        }
        let signed = signed_bytes(&payload);
        if !named.any(|key| key.has_signed(&signed, &signature)) {
            return Err(SlipError::Signature(id));
        }
        bytes::parse(&payload)
    }

    /// Which key a slip says that it is signed with. Nothing is checked but that it has the shape of a slip.
    ///
    /// # Errors
    /// When the text has not.
    pub fn signer(text: &str) -> Result<KeyId, SlipError> {
        bytes::signer(&parts(text)?.0).ok_or(SlipError::Letters)
    }
}

/// Whether a text means to be a slip, of this format or a later one.
pub fn is_meant_as_one(text: &str) -> bool {
    format_of(text).is_some()
}

/// The number that a slip's text begins with.
fn format_of(text: &str) -> Option<u32> {
    let (number, _) = text.strip_prefix(NAME)?.split_once(':')?;
    let plain = !number.starts_with(['0', '+']);
    number.parse().ok().filter(|_| plain)
}

/// Payload and signature.
fn parts(text: &str) -> Result<(Vec<u8>, [u8; SIGNATURE]), SlipError> {
    let Some(letters) = text.strip_prefix(PREFIX) else {
        return Err(format_of(text).map_or(SlipError::NotASlip, SlipError::NewerFormat));
    };
    if text.len() > MOST_LETTERS {
        return Err(SlipError::TooLong(text.len()));
    }
    let mut payload = base45::decode(letters).ok_or(SlipError::Letters)?;
    let at = payload.len().checked_sub(SIGNATURE).ok_or(SlipError::Letters)?;
    let signature = payload.split_off(at);
    Ok((payload, signature.try_into().map_err(|_| SlipError::Letters)?))
}

fn signed_bytes(payload: &[u8]) -> Vec<u8> {
    [CONTEXT, payload].concat()
}

fn answer(outcome: Outcome) -> Option<Answer> {
    match outcome {
        Outcome::Likely => Some(Answer::Likely),
        Outcome::Unlikely => Some(Answer::Unlikely),
        Outcome::CannotTell => Some(Answer::CannotTell),
        Outcome::Retake => Some(Answer::Retake),
        Outcome::Stopped | Outcome::Declined | Outcome::Failed => None,
    }
}
