//! One file a command: it parses, calls and prints.

pub mod bench;
pub mod bundle;
pub mod collect;
pub mod completions;
pub mod data;
pub mod evaluate;
pub mod export;
pub mod flash;
pub mod image;
pub mod keys;
pub mod landmarks;
pub mod man;
pub mod predict;
pub mod provision;
pub mod quantize;
pub mod report;
pub mod serve;
pub mod slip;
pub mod synth;
pub mod train;
pub mod verify;

use std::fmt;

/// What a command ends with when nothing kept it from its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Done,
    /// It was checked, and it does not hold: exit code 1.
    Refused,
    /// Something could not be looked at: exit code 2.
    NotAll,
}

/// An error that the user sees as an `error:` and a `help:` line.
#[derive(Debug)]
pub struct Refusal {
    message: String,
    help: String,
    checked: bool,
}

impl Refusal {
    /// It was looked at and refused: exit code 1.
    pub fn checked(message: impl fmt::Display, help: impl fmt::Display) -> Refusal {
        Refusal { message: message.to_string(), help: help.to_string(), checked: true }
    }

    /// It could not be looked at: exit code 2.
    pub fn could_not(message: impl fmt::Display, help: impl fmt::Display) -> Refusal {
        Refusal { message: message.to_string(), help: help.to_string(), checked: false }
    }

    /// 1 or 2.
    pub fn exit_code(&self) -> u8 {
        if self.checked { 1 } else { 2 }
    }

    /// What to do.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
