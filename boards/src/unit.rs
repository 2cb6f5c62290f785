//! What makes a board one unit: what it is told, by files that a person brings, and what it says of itself.
//!
//! Each file is TOML whose first key is `format`, so that a signature under one kind of file is worth nothing under another.
//! Whoever reads one checks its signature first; the signature lies beside it, as `NAME.minisig`.
//!
//! Invariant: a value of these types exists only if every check passed.

pub mod acknowledgement;
pub mod code;
pub mod outbox;
pub mod rotation;
pub mod settings;

mod error;

pub use error::UnitError;

use serde::de::DeserializeOwned;

/// Longest file of these that is read, bytes: an acknowledgement of a thousand segments is the longest.
pub const LONGEST_TEXT: usize = 256 * 1024;

/// Stands at the end of a signature's file name.
pub const SIGNATURE_ENDING: &str = ".minisig";

/// 2 to 32 lower-case letters, digits and hyphens, no hyphen at either end: the name of a unit or the code of a site.
///
/// # Errors
/// `UnitError::Name`, with the field that it stands in.
pub fn check_name(field: &'static str, name: &str) -> Result<(), UnitError> {
    if crate::checks::is_plain_name(name) {
        Ok(())
    } else {
        Err(UnitError::Name { field, name: crate::checks::shortened(name) })
    }
}

/// Whether a letter of a name that others gave may be shown to a person: neither what steers a terminal nor what turns the
/// order of letters around is a letter or a digit.
pub fn may_be_shown(letter: char) -> bool {
    letter.is_ascii_graphic() || letter.is_alphanumeric() || letter == ' '
}

/// Whether a text is so many hexadecimal digits in lower case.
fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// TOML into the raw type, after its format was found to be the right one.
fn read<Raw: DeserializeOwned>(text: &str, format: &'static str) -> Result<Raw, UnitError> {
    if text.len() > LONGEST_TEXT {
        return Err(UnitError::TooLong(text.len()));
    }
    let table: toml::Table = toml::from_str(text).map_err(|error| UnitError::unreadable(text, &error))?;
    match table.get("format").and_then(toml::Value::as_str) {
        Some(found) if found == format => {}
        found => {
            let found = crate::checks::shortened(found.unwrap_or("nothing"));
            return Err(UnitError::Format { found, expected: format });
        }
    }
    toml::from_str(text).map_err(|error| UnitError::unreadable(text, &error))
}
