//! What the collector has of a unit: `NAME.acknowledgement.toml` in the inbox. The unit may then let go of it.

use super::{UnitError, check_name, is_hex, read};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Stands in the first line.
pub const FORMAT: &str = "acknowledgement-1";
/// Stands at the end of the file's name.
pub const ENDING: &str = ".acknowledgement.toml";
/// Segments that one may name; a card has room for half of them.
pub const MOST_SEGMENTS: usize = 1000;

/// Segments of one unit that are in the collector's store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acknowledgement {
    format: &'static str,
    /// The unit's name.
    pub unit: String,
    /// What is in the store.
    pub segments: Vec<Segment>,
}

/// One segment, exactly as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its number.
    pub number: u32,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAcknowledgement {
    #[serde(rename = "format")]
    _format: String,
    unit: String,
    segments: Vec<Segment>,
}

impl Acknowledgement {
    /// Of segments with distinct numbers, at most a thousand.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new(unit: &str, segments: Vec<Segment>) -> Result<Acknowledgement, UnitError> {
        check_name("unit", unit)?;
        let numbers: BTreeSet<u32> = segments.iter().map(|segment| segment.number).collect();
        if segments.is_empty() || segments.len() > MOST_SEGMENTS || numbers.len() != segments.len() {
            return Err(UnitError::List("segments"));
        }
        match segments.iter().find(|segment| !is_hex(&segment.sha256, 64)) {
            Some(segment) => Err(UnitError::Digest(segment.number)),
            None => Ok(Acknowledgement { format: FORMAT, unit: unit.to_owned(), segments }),
        }
    }

    /// Reads what `to_text` wrote.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Acknowledgement, UnitError> {
        let raw: RawAcknowledgement = read(text, FORMAT)?;
        Acknowledgement::new(&raw.unit, raw.segments)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).expect("texts and numbers are TOML")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(number: u32) -> Segment {
        Segment { number, bytes: 1_048_576, sha256: "0123456789abcdef".repeat(4) }
    }

    #[test]
    fn what_is_written_is_read() {
        let acknowledgement = Acknowledgement::new("ward-3", vec![segment(1), segment(2)]).unwrap();
        assert_eq!(Acknowledgement::parse(&acknowledgement.to_text()), Ok(acknowledgement));
    }

    #[test]
    fn each_defect_is_named() {
        let error = |unit: &str, segments| Acknowledgement::new(unit, segments).unwrap_err().to_string();
        assert!(error("Ward 3", vec![segment(1)]).contains("unit \"Ward 3\""));
        assert!(error("ward-3", Vec::new()).contains("segments is empty"));
        assert!(error("ward-3", vec![segment(1), segment(1)]).contains("names something twice"));
        assert!(error("ward-3", (0..=1000).map(segment).collect()).contains("too long"));
        let short = Segment { sha256: "ab".to_owned(), ..segment(4) };
        assert!(error("ward-3", vec![segment(1), short]).contains("segment 4 has no SHA-256"));
    }
}
