//! Why a unit's file was refused.

/// Why a unit's file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// More text than any of these files has; its bytes.
    #[error("the file is {0} bytes long, more than {limit}", limit = super::LONGEST_TEXT)]
    TooLong(usize),
    /// No TOML, an unknown key or a wrong type.
    #[error("line {line}: {cause}")]
    Unreadable {
        /// Line of the file, from 1; 0 when the parser does not say.
        line: usize,
        /// What the parser says, on one line.
        cause: String,
    },
    /// Another kind of file, or one of another time.
    #[error("the file's format is {found:?}, this program reads {expected:?}")]
    Format {
        /// What stands there.
        found: String,
        /// What must.
        expected: &'static str,
    },
    /// A name that is none.
    #[error("{field} {name:?} is not 2 to 32 lower-case letters, digits and hyphens")]
    Name {
        /// Which name.
        field: &'static str,
        /// What is written.
        name: String,
    },
    /// No age recipient.
    #[error("recipient {0:?} is no age1... line")]
    Recipient(String),
    /// Not a list of distinct names.
    #[error("{0} is empty, too long, or names something twice")]
    List(&'static str),
    /// A clock that cannot be right.
    #[error("clock {0} is before 2025 or after 2199")]
    Clock(u64),
    /// Not four to eight digits; it is not told.
    #[error("the PIN is not four to eight digits")]
    Pin,
    /// No minisign key id.
    #[error("{0:?} is no key id of 16 hexadecimal digits")]
    KeyId(String),
    /// No minisign public key.
    #[error("the new key is not the second line of a minisign public key file")]
    Key,
    /// The statement replaces a key by itself.
    #[error("the new key is the old one")]
    SameKey,
    /// A key, a digest or a signature that is none.
    #[error("{field} is not {count} hexadecimal digits in lower case")]
    Digits {
        /// Of the file.
        field: &'static str,
        /// As many as there must be.
        count: usize,
    },
    /// No SHA-256 in hexadecimal digits.
    #[error("segment {0} has no SHA-256 of 64 hexadecimal digits")]
    Digest(u32),
}

impl UnitError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::TooLong(_)
            | Self::Unreadable { .. }
            | Self::Digest(_)
            | Self::KeyId(_)
            | Self::Key
            | Self::Digits { .. } => {
                "make the file again with synkiosk; what it writes is not meant to be changed by hand"
            }
            Self::Format { .. } => "use a synkiosk of the same version as the unit's program",
            Self::Name { .. } => "choose a name such as ward-3",
            Self::Recipient(_) => "pass the line in collection.pub of the folder that synkiosk keys new made",
            Self::List(_) => "name each once, and at least one",
            Self::Pin => "pass four to eight digits",
            Self::Clock(_) => "set the laptop's clock",
            Self::SameKey => "make a new key with synkiosk keys new",
        }
    }

    pub(super) fn unreadable(text: &str, error: &toml::de::Error) -> UnitError {
        let (line, cause) = crate::error::place_of(text, error);
        UnitError::Unreadable { line, cause }
    }
}
