//! Small checked values: the only texts that a record can hold.

use crate::hex;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A value that may not stand in a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// No session identifier.
    #[error("session identifier is not 32 hexadecimal digits in lower case")]
    SessionId,
    /// No short name.
    #[error("short name is not 2 to 32 lower-case letters, digits and hyphens")]
    ShortName,
    /// No version.
    #[error("version is not three numbers of up to 65535, like 1.20.3")]
    Version,
    /// More than 100 in 100.
    #[error("{0} per cent is more than 100")]
    Percent(u8),
    /// No such week.
    #[error("week {week} of {year} does not exist, or is not of the years 2020 to 2199")]
    Week {
        /// The year.
        year: u16,
        /// The week.
        week: u8,
    },
}

impl WordError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        "a record holds what the format allows and nothing else; correct the program that made this value"
    }
}

/// Sixteen random bytes that name one session and say nothing about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SessionId(pub [u8; 16]);

impl SessionId {
    /// A fresh one, from the system's generator.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn random() -> Result<SessionId, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(SessionId(bytes))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

impl FromStr for SessionId {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        hex::bytes_of(text).map(SessionId).ok_or(WordError::SessionId)
    }
}

/// The name of a board or of a bundle: 2 to 32 lower-case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ShortName(Box<str>);

impl ShortName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ShortName {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(2..=32).contains(&text.len()) || !text.bytes().all(plain) {
            return Err(WordError::ShortName);
        }
        Ok(ShortName(text.into()))
    }
}

/// The version of the software: three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Version {
    /// Grows when something no longer works as before.
    pub major: u16,
    /// Grows with what is new.
    pub minor: u16,
    /// Grows with what is mended.
    pub patch: u16,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        let number = |part: Option<&str>| part.and_then(plain_number).ok_or(WordError::Version);
        let mut parts = text.split('.');
        let version = Version {
            major: number(parts.next())?,
            minor: number(parts.next())?,
            patch: number(parts.next())?,
        };
        if parts.next().is_some() { Err(WordError::Version) } else { Ok(version) }
    }
}

/// Written the one way that `Display` writes it: no sign, no leading zero.
fn plain_number(text: &str) -> Option<u16> {
    let number: u16 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A share, 0 to 100 in 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub struct Percent(u8);

impl Percent {
    /// The share, 0 to 100.
    pub fn get(self) -> u8 {
        self.0
    }

    /// The nearest whole per cent of a share of 0 to 1. Shares beyond are drawn in; what is no number is 0.
    pub fn of_share(share: f32) -> Percent {
        // Truncation cannot happen: 0 to 100 after the clamp, and a float that is no number becomes 0.
        Percent((share.clamp(0.0, 1.0) * 100.0).round() as u8)
    }
}

impl TryFrom<u8> for Percent {
    type Error = WordError;
    fn try_from(percent: u8) -> Result<Self, WordError> {
        if percent > 100 { Err(WordError::Percent(percent)) } else { Ok(Percent(percent)) }
    }
}

impl From<Percent> for u8 {
    fn from(percent: Percent) -> u8 {
        percent.0
    }
}

macro_rules! written_as_text {
    ($($type:ident),+) => {$(
        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.to_string()
            }
        }

        impl TryFrom<String> for $type {
            type Error = WordError;
            fn try_from(text: String) -> Result<Self, WordError> {
                text.parse()
            }
        }
    )+};
}

written_as_text!(SessionId, ShortName, Version);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_ids_read_back_and_nothing_else_does() {
        let id = SessionId::random().unwrap();
        assert_ne!(id, SessionId::random().unwrap());
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "00", "0g0102030405060708090a0b0c0d0e0f", "000102030405060708090A0B0C0D0E0F"] {
            assert_eq!(wrong.parse::<SessionId>(), Err(WordError::SessionId), "{wrong}");
        }
    }

    #[test]
    fn names_hold_no_sentences() {
        assert_eq!("rpi4-hdmi".parse::<ShortName>().unwrap().as_str(), "rpi4-hdmi");
        for wrong in ["", "a", "Anna", "anna smith", "a\nb", "ünï", "a23456789-123456789-123456789-123"] {
            assert_eq!(wrong.parse::<ShortName>(), Err(WordError::ShortName), "{wrong}");
        }
    }

    #[test]
    fn versions_are_written_one_way() {
        assert_eq!("1.20.65535".parse(), Ok(Version { major: 1, minor: 20, patch: 65535 }));
        for wrong in ["", "1", "1.2", "1.2.3.4", "1.2.65536", "1.2.+3", "01.2.3", "1.2.3-beta", " 1.2.3"] {
            assert_eq!(wrong.parse::<Version>(), Err(WordError::Version), "{wrong}");
        }
    }

    #[test]
    fn shares_become_per_cent() {
        let of = |share| Percent::of_share(share).get();
        assert_eq!([of(0.0), of(0.004), of(0.5), of(0.996), of(1.0)], [0, 0, 50, 100, 100]);
        assert_eq!([of(-3.0), of(7.0), of(f32::NAN), of(f32::INFINITY)], [0, 100, 0, 100]);
        assert_eq!(Percent::try_from(101), Err(WordError::Percent(101)));
    }
}
