//! What lies on the medium now, as the unit will read it.

use super::{INBOX, Order, could_not_read, medium::Medium};
use crate::command::Refusal;
use serde::Serialize;
use synkiosk_boards::unit::{
    SIGNATURE_ENDING,
    settings::{self, Settings},
};
use synkiosk_models::bundle::{Bundle, TrustedKeys};

/// One thing that was asked for, and what was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What.
    pub name: &'static str,
    /// As it was read back.
    pub value: String,
}

/// Everything that was read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadBack {
    /// In the order of the settings file.
    pub lines: Vec<Line>,
}

impl ReadBack {
    fn put(&mut self, name: &'static str, value: impl ToString) {
        self.lines.push(Line { name, value: value.to_string() });
    }
}

pub(super) fn read(medium: &Medium, order: &Order, trusted: &TrustedKeys) -> Result<ReadBack, Refusal> {
    let mut back = ReadBack { lines: Vec::new() };
    if let Some(board) = medium.board() {
        back.put("board", board);
    }
    read_settings(medium, &order.settings, trusted, &mut back)?;
    if let Some(expected) = &order.bundle {
        read_bundle(medium, expected, trusted, &mut back)?;
    }
    for (name, text) in &order.keys {
        let there = needed(medium, name)?;
        if there != text.as_bytes() {
            return Err(other_bytes(name));
        }
    }
    let names: Vec<String> = trusted.names().map(|name| name.id.clone()).collect();
    back.put("trusts", distinct(names).join(" "));
    Ok(back)
}

fn read_settings(
    medium: &Medium,
    expected: &Settings,
    trusted: &TrustedKeys,
    back: &mut ReadBack,
) -> Result<(), Refusal> {
    let path = format!("{INBOX}/{}{}", expected.unit, settings::ENDING);
    let (text, signature) = (needed(medium, &path)?, needed(medium, &format!("{path}{SIGNATURE_ENDING}"))?);
    let signer = trusted.verify(&text, &signature).map_err(|error| Refusal::checked(&error, error.help()))?;
    let settings = Settings::parse(&String::from_utf8_lossy(&text))
        .map_err(|error| Refusal::checked(&error, error.help()))?;
    if settings != *expected {
        return Err(other_bytes(&path));
    }
    back.put("unit", &settings.unit);
    for (name, value) in
        [("renames", &settings.renames), ("site", &settings.site), ("recipient", &settings.recipient)]
    {
        if let Some(value) = value {
            back.put(name, value);
        }
    }
    for (name, list) in [("languages", &settings.languages), ("poses", &settings.poses)] {
        if !list.is_empty() {
            back.put(name, list.join(" "));
        }
    }
    if let Some(clock) = settings.clock {
        back.put("clock", format!("{clock} s since 1970"));
    }
    back.put("counter", settings.counter);
    back.put("signed by", signer.id);
    Ok(())
}

fn read_bundle(
    medium: &Medium,
    expected: &[u8],
    trusted: &TrustedKeys,
    back: &mut ReadBack,
) -> Result<(), Refusal> {
    let bundle = Bundle::read(expected, trusted).map_err(|error| Refusal::checked(&error, error.help()))?;
    let manifest = bundle.manifest();
    let path = format!("{INBOX}/{}-{}.bundle", manifest.name, manifest.version);
    if needed(medium, &path)? != expected {
        return Err(other_bytes(&path));
    }
    back.put(
        "model",
        format!("{} version {}, signed by {}", manifest.name, manifest.version, bundle.signed_by().id),
    );
    Ok(())
}

fn needed(medium: &Medium, path: &str) -> Result<Vec<u8>, Refusal> {
    medium.read(path).map_err(|error| could_not_read(path, &error))?.ok_or_else(|| other_bytes(path))
}

fn other_bytes(path: &str) -> Refusal {
    Refusal::checked(
        format!("{path} does not read back as it was written"),
        "take another card or stick; this one is failing",
    )
}

fn distinct(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.dedup();
    names
}
