//! What a unit says of itself beside its segments: `unit.toml`. Where its journal ends is signed with the unit's own key, and
//! that key stands beside it: who never saw the unit before has only the word of the hands that brought the file.

use super::{UnitError, check_name, is_hex};
use serde::{Deserialize, Serialize};

/// The file's name.
pub const FILE: &str = "unit.toml";
/// Far more than these names and numbers need, bytes.
pub const MOST_BYTES: usize = 4096;

/// A unit, where it stands, and what it had to let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitFile {
    /// The unit's name.
    pub unit: String,
    /// The site's code, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The board, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub board: Option<String>,
    /// Sessions that were dropped unread since the unit was made, because the card was full.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropped: u64,
    /// With what its slips can be checked: an Ed25519 key of 64 hexadecimal digits. Programs before slips have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slip_key: Option<String>,
    /// Where its journal ends. Programs before the chain of records say nothing of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<JournalEnd>,
}

/// Where a unit's journal ends, in the unit's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalEnd {
    /// How many records it was ever given.
    pub records: u64,
    /// Digest of the last one: 32 hexadecimal digits.
    pub last: String,
    /// Over both, what was dropped, and the unit's name: 128 hexadecimal digits.
    pub signature: String,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl UnitFile {
    /// Reads what `to_text` wrote.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<UnitFile, UnitError> {
        if text.len() > MOST_BYTES {
            return Err(UnitError::TooLong(text.len()));
        }
        let file: UnitFile = toml::from_str(text).map_err(|error| UnitError::unreadable(text, &error))?;
        check_name("unit", &file.unit)?;
        for (field, name) in [("site", &file.site), ("board", &file.board)] {
            name.as_ref().map_or(Ok(()), |name| check_name(field, name))?;
        }
        let digits = |field, text: &str, count| match is_hex(text, count) {
            true => Ok(()),
            false => Err(UnitError::Digits { field, count }),
        };
        file.slip_key.as_deref().map_or(Ok(()), |key| digits("slip_key", key, 64))?;
        if let Some(end) = &file.journal {
            digits("last", &end.last, 32)?;
            digits("signature", &end.signature, 128)?;
        }
        Ok(file)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).expect("names and numbers are TOML")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut file = UnitFile {
            unit: "ward-3".to_owned(),
            site: None,
            board: None,
            dropped: 0,
            slip_key: None,
            journal: None,
        };
        assert_eq!(file.to_text(), "unit = \"ward-3\"\n");
        assert_eq!(UnitFile::parse(&file.to_text()), Ok(file.clone()));
        file = UnitFile { site: Some("north".into()), board: Some("rpi4-hdmi".into()), dropped: 3, ..file };
        assert_eq!(UnitFile::parse(&file.to_text()), Ok(file.clone()));
        file.slip_key = Some("0a".repeat(32));
        let (last, signature) = ("0b".repeat(16), "0c".repeat(64));
        file.journal = Some(JournalEnd { records: 42, last, signature });
        assert_eq!(UnitFile::parse(&file.to_text()), Ok(file));
    }

    #[test]
    fn it_holds_names_and_a_number_and_nothing_else() {
        for (text, said) in [
            ("unit = \"ward-3\"\nsite = \"Haus Anna\"", "site \"Haus Anna\" is not 2 to 32"),
            ("unit = \"ward-3\"\nowner = \"anna\"", "unknown field"),
            ("site = \"north\"", "missing field"),
            ("unit = \"ward-3\"\nslip_key = \"0A\"", "slip_key is not 64"),
            ("unit = \"ward-3\"\n[journal]\nrecords = 1\nlast = \"0a\"\nsignature = \"\"", "last is not 32"),
            ("unit = \"ward-3\"\n[journal]\nrecords = 1", "missing field"),
            (&"#".repeat(5000), "more than"),
        ] {
            let error = UnitFile::parse(text).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
