//! What a unit is told: `NAME.settings.toml` in the inbox of a stick or of its own card.

use super::{UnitError, check_name, read};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Stands in the first line.
pub const FORMAT: &str = "settings-1";
/// Stands at the end of the file's name.
pub const ENDING: &str = ".settings.toml";
/// 2025-01-01 and 2200-01-01, seconds since 1970: between them a clock may be right.
pub const CLOCK: [u64; 2] = [1_735_689_600, 7_258_118_400];
/// More than any session has poses, or any kiosk languages.
const MOST_IN_A_LIST: usize = 16;

/// What a unit is told. A unit takes them whole, or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settings {
    format: &'static str,
    /// Grows from one settings file of a unit to the next; a lower or equal one is refused.
    pub counter: u64,
    /// The unit's name.
    pub unit: String,
    /// What the unit was called until now, where these settings give it another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renames: Option<String>,
    /// Code of the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Languages that a visitor may choose, the first one before the choice; the program's own where empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Poses of a session, in order; the bundle's own where empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub poses: Vec<String>,
    /// The collector's age recipient; the card's own where missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// What opens the technician's screens, four to eight digits; only the technician's stick does where missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Sets a clock that cannot be right, seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSettings {
    #[serde(rename = "format")]
    _format: String,
    counter: u64,
    unit: String,
    renames: Option<String>,
    site: Option<String>,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    poses: Vec<String>,
    recipient: Option<String>,
    pin: Option<String>,
    clock: Option<u64>,
}

impl Settings {
    /// Settings that say no more than the unit's name.
    ///
    /// # Errors
    /// `UnitError::Name`
    pub fn named(unit: &str, counter: u64) -> Result<Settings, UnitError> {
        check_name("unit", unit)?;
        Ok(Settings {
            format: FORMAT,
            counter,
            unit: unit.to_owned(),
            renames: None,
            site: None,
            languages: Vec::new(),
            poses: Vec::new(),
            recipient: None,
            pin: None,
            clock: None,
        })
    }

    /// Reads what `to_text` wrote.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Settings, UnitError> {
        let raw: RawSettings = read(text, FORMAT)?;
        let settings = Settings {
            format: FORMAT,
            counter: raw.counter,
            unit: raw.unit,
            renames: raw.renames,
            site: raw.site,
            languages: raw.languages,
            poses: raw.poses,
            recipient: raw.recipient,
            pin: raw.pin,
            clock: raw.clock,
        };
        settings.check().map(|()| settings)
    }

    /// Checks what `parse` checks, for settings that a program put together.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), UnitError> {
        check_name("unit", &self.unit)?;
        if let Some(name) = &self.renames {
            check_name("renames", name)?;
        }
        if let Some(site) = &self.site {
            check_name("site", site)?;
        }
        names_are_distinct("languages", &self.languages)?;
        names_are_distinct("poses", &self.poses)?;
        match &self.recipient {
            Some(recipient) if !is_recipient(recipient) => {
                return Err(UnitError::Recipient(crate::checks::shortened(recipient)));
            }
            _ => {}
        }
        if self.pin.as_deref().is_some_and(|pin| !is_pin(pin)) {
            return Err(UnitError::Pin);
        }
        match self.clock {
            Some(clock) if !(CLOCK[0]..CLOCK[1]).contains(&clock) => Err(UnitError::Clock(clock)),
            _ => Ok(()),
        }
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).expect("names and numbers are TOML")
    }

    /// Whether they are meant for a unit of this name; one without a name takes any.
    pub fn are_for(&self, unit: Option<&str>) -> bool {
        unit.is_none_or(|unit| unit == self.unit || self.renames.as_deref() == Some(unit))
    }
}

fn names_are_distinct(field: &'static str, names: &[String]) -> Result<(), UnitError> {
    for name in names {
        check_name(field, name)?;
    }
    let distinct: BTreeSet<&String> = names.iter().collect();
    if names.len() <= MOST_IN_A_LIST && distinct.len() == names.len() {
        Ok(())
    } else {
        Err(UnitError::List(field))
    }
}

/// Whether a text is a PIN: four to eight digits.
pub fn is_pin(pin: &str) -> bool {
    (4..=8).contains(&pin.len()) && pin.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether it looks like one; whoever seals for it parses it.
fn is_recipient(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() == 62 && text.starts_with("age1") && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    fn full() -> Settings {
        Settings {
            site: Some("north".to_owned()),
            languages: vec!["en".to_owned(), "de".to_owned()],
            poses: vec!["rest".to_owned(), "open-smile".to_owned()],
            recipient: Some(RECIPIENT.to_owned()),
            clock: Some(1_800_000_000),
            ..Settings::named("ward-3", 7).unwrap()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for settings in [full(), Settings::named("ward-3", 0).unwrap()] {
            assert_eq!(Settings::parse(&settings.to_text()), Ok(settings));
        }
        assert!(full().to_text().starts_with("format = \"settings-1\"\ncounter = 7\nunit = \"ward-3\"\n"));
    }

    #[test]
    fn each_defect_is_named() {
        for (from, to, said) in [
            ("settings-1", "settings-2", "format is \"settings-2\", this program reads \"settings-1\""),
            ("format = \"settings-1\"\n", "", "format is \"nothing\""),
            ("counter = 7", "counter = -7", "line 2: invalid value"),
            ("counter = 7", "", "missing field `counter`"),
            ("unit = \"ward-3\"", "unit = \"Ward 3\"", "unit \"Ward 3\" is not 2 to 32"),
            ("site = \"north\"", "site = \"x\"", "site \"x\" is not"),
            ("site = \"north\"", "owner = \"anna\"", "unknown field `owner`"),
            ("\"de\"", "\"en\"", "languages is empty, too long, or names something twice"),
            ("age1ql3", "age1QL3", "is no age1... line"),
            ("1800000000", "100", "clock 100 is before 2025"),
            ("= 7", "= = 7", "line 2: "),
        ] {
            let text = full().to_text();
            assert!(text.contains(from), "{from}");
            let error = Settings::parse(&text.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(said), "{from} -> {to}: {error}");
            assert!(!error.help().is_empty());
        }
    }

    #[test]
    fn they_are_for_one_unit() {
        let mut settings = full();
        assert!(settings.are_for(None));
        assert!(settings.are_for(Some("ward-3")));
        assert!(!settings.are_for(Some("ward-4")));
        settings.renames = Some("ward-4".to_owned());
        assert!(settings.are_for(Some("ward-4")));
    }
}
