//! One signing key in the place of another: `NAME.rotation.toml` in the inbox, signed with the old key.

use super::{UnitError, read};
use serde::{Deserialize, Serialize};

/// Stands in the first line.
pub const FORMAT: &str = "rotation-1";
/// Stands at the end of the file's name.
pub const ENDING: &str = ".rotation.toml";
/// Characters of a public key's second line: base64 of 42 bytes.
const KEY_LENGTH: usize = 56;

/// The old key's statement: from now on trust that one instead of me.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotation {
    format: &'static str,
    old: String,
    new: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRotation {
    #[serde(rename = "format")]
    _format: String,
    old: String,
    new: String,
}

impl Rotation {
    /// From the old key's id, as minisign prints it, and the new public key's second line.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new(old: &str, new: &str) -> Result<Rotation, UnitError> {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
        if old.len() != 16 || !old.bytes().all(hexadecimal) {
            return Err(UnitError::KeyId(crate::checks::shortened(old)));
        }
        let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        if new.len() != KEY_LENGTH || !new.starts_with("RW") || !new.bytes().all(base64) {
            return Err(UnitError::Key);
        }
        Ok(Rotation { format: FORMAT, old: old.to_owned(), new: new.to_owned() })
    }

    /// Reads what `to_text` wrote.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Rotation, UnitError> {
        let raw: RawRotation = read(text, FORMAT)?;
        Rotation::new(&raw.old, &raw.new)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).expect("texts are TOML")
    }

    /// Id of the key that is not to be trusted any more, and that must have signed.
    pub fn old(&self) -> &str {
        &self.old
    }

    /// The new key as a minisign public key file.
    pub fn new_key_text(&self) -> String {
        format!("untrusted comment: minisign public key\n{}\n", self.new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

    #[test]
    fn what_is_written_is_read() {
        let rotation = Rotation::new("E7620F1842B4E81F", KEY).unwrap();
        assert_eq!(Rotation::parse(&rotation.to_text()), Ok(rotation.clone()));
        assert_eq!(rotation.new_key_text().lines().nth(1), Some(KEY));
    }

    #[test]
    fn each_defect_is_named() {
        let error = |old: &str, new: &str| Rotation::new(old, new).unwrap_err().to_string();
        assert!(error("e7620f1842b4e81f", KEY).contains("is no key id"));
        assert!(error("", KEY).contains("is no key id"));
        for key in [&KEY[1..], "untrusted comment: minisign public key", "", &KEY.replace('f', "\n")] {
            assert!(error("E7620F1842B4E81F", key).contains("second line"), "{key}");
        }
        assert!(matches!(Rotation::parse("format = \"settings-1\""), Err(UnitError::Format { .. })));
    }
}
