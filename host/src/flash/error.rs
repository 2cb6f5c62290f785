//! Why an image was not flashed, by cause.

use super::targets::Reason;
use std::{io, path::PathBuf};

/// Why nothing was written, or why a card is not to be used.
#[derive(Debug, thiserror::Error)]
pub enum FlashError {
    /// Not on Linux.
    #[error("could not flash: only on Linux does this program know disks from cards")]
    System,
    /// The list of disks.
    #[error("could not list the disks: {0}")]
    List(io::Error),
    /// The image.
    #[error("could not read the image {path}: {cause}")]
    NoImage {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file, but not of a card.
    #[error("{path} is no image of a card: {why}")]
    NotAnImage {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Its end is missing.
    #[error("the image is truncated: it has {bytes} bytes, its partitions end at byte {needed}")]
    Truncated {
        /// What is there.
        bytes: u64,
        /// What its table says.
        needed: u64,
    },
    /// For another board.
    #[error("the image is for board {found:?}, not for {asked:?}")]
    WrongBoard {
        /// What it says.
        found: String,
        /// What was asked for.
        asked: String,
    },
    /// It does not say for which.
    #[error("the image does not say for which board it is, and {0:?} was asked for")]
    NoBoard(String),
    /// Other bytes than promised.
    #[error("the image has SHA-256 {found}, not {expected}")]
    WrongDigest {
        /// Promised.
        expected: String,
        /// Reckoned.
        found: String,
    },
    /// No 64 hexadecimal digits.
    #[error("{0:?} is no SHA-256")]
    NoDigest(String),
    /// A target that cannot be looked at.
    #[error("could not look at {path}: {cause}")]
    NoTarget {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A target that must not be written.
    #[error("cannot write to {path}: {reason}")]
    Refused {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: Reason,
    },
    /// `--yes-i-mean` names something else.
    #[error("--yes-i-mean names {0}, which is none of the targets")]
    MeantNoTarget(PathBuf),
    /// It could not be opened for writing.
    #[error("could not open {path} for writing: {cause}")]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A write failed: pulled, worn out, write protected, or the disk under a plain file is full.
    #[error("could not write at byte {at}: {cause}")]
    Write {
        /// Where.
        at: u64,
        /// Why.
        cause: io::Error,
    },
    /// A read failed.
    #[error("could not read back at byte {at}: {cause}")]
    ReadBack {
        /// Where.
        at: u64,
        /// Why.
        cause: io::Error,
    },
    /// What was written never got there.
    #[error("could not bring to the card what was written: {0}")]
    Sync(io::Error),
    /// It lies about its size.
    #[error(
        "the card says that it has {says} bytes, and loses what is written at byte {lost_at}: a counterfeit"
    )]
    Counterfeit {
        /// Its nominal size.
        says: u64,
        /// The first mark that was not there any more.
        lost_at: u64,
    },
    /// Other bytes than were written.
    #[error(
        "the card gives other bytes than were written: {blocks} blocks of 64 KiB, the first at byte {at}"
    )]
    Differs {
        /// Where.
        at: u64,
        /// How many.
        blocks: u64,
    },
    /// Zeros that are none.
    #[error("the card does not keep zeros: what was zeroed at byte {at} reads as something else")]
    NotZeroed {
        /// Where.
        at: u64,
    },
    /// The image changed, or could not be read on.
    #[error("could not read the image to its end: {0}")]
    ImageLost(String),
    /// Read twice, two digests.
    #[error("the image changed while it was written")]
    ImageChanged,
    /// The receipt.
    #[error("could not write the receipt {path}: {cause}")]
    Receipt {
        /// Where to.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A receipt is not overwritten.
    #[error("there is a receipt {0} already")]
    ReceiptThere(PathBuf),
}

impl FlashError {
    /// What to do.
    pub fn help(&self) -> String {
        let text = match self {
            FlashError::System => {
                "write the image with any flasher, read it back, and compare its SHA-256 with the one that synkiosk image said"
            }
            FlashError::List(_) => "see that /sys and /proc are mounted",
            FlashError::NoImage { .. } => "name a file that synkiosk image made",
            FlashError::NotAnImage { .. } => {
                "name a file that synkiosk image made; unpack it first if it is packed"
            }
            FlashError::Truncated { .. } | FlashError::WrongDigest { .. } => {
                "copy the image again, or make it again with synkiosk image"
            }
            FlashError::WrongBoard { found, .. } => {
                return format!("take the other image, or pass --board {found}");
            }
            FlashError::NoBoard(_) => "make the image with synkiosk image, or leave --board away",
            FlashError::NoDigest(_) => "pass the 64 digits that synkiosk image printed",
            FlashError::NoTarget { .. } => "see what there is: synkiosk flash --list",
            FlashError::Refused { path, reason } => return reason.help(path),
            FlashError::MeantNoTarget(_) => "name the same path in --to and in --yes-i-mean",
            FlashError::Open { .. } => "run as a user who may write to it, and close what uses it",
            FlashError::Write { .. } | FlashError::ReadBack { .. } | FlashError::Sync(_) => {
                "put the card in again, try another reader, and flash it again; as it is, nothing starts from it"
            }
            FlashError::Counterfeit { .. } => "throw the card away; buy from someone who takes it back",
            FlashError::Differs { .. } | FlashError::NotZeroed { .. } => {
                "throw the card away, unless another reader gives another result"
            }
            FlashError::ImageLost(_) | FlashError::ImageChanged => {
                "copy the image to this machine, leave it alone, and flash again"
            }
            FlashError::Receipt { .. } => "name a new file in a folder that you may write to",
            FlashError::ReceiptThere(_) => "name a file that is not there yet",
        };
        text.to_owned()
    }

    /// Whether it was looked at and refused, rather than not looked at.
    pub fn is_refusal(&self) -> bool {
        match self {
            FlashError::NotAnImage { .. }
            | FlashError::Truncated { .. }
            | FlashError::WrongBoard { .. }
            | FlashError::NoBoard(_)
            | FlashError::WrongDigest { .. }
            | FlashError::NoDigest(_)
            | FlashError::Refused { .. }
            | FlashError::MeantNoTarget(_)
            | FlashError::Counterfeit { .. }
            | FlashError::Differs { .. }
            | FlashError::NotZeroed { .. }
            | FlashError::ReceiptThere(_) => true,
            FlashError::System
            | FlashError::List(_)
            | FlashError::NoImage { .. }
            | FlashError::NoTarget { .. }
            | FlashError::Open { .. }
            | FlashError::Write { .. }
            | FlashError::ReadBack { .. }
            | FlashError::Sync(_)
            | FlashError::ImageLost(_)
            | FlashError::ImageChanged
            | FlashError::Receipt { .. } => false,
        }
    }
}
