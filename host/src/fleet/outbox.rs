//! The outboxes of a stick, a card or a folder, and the unit that each belongs to.

use super::place::{Entry, Place, join};
use serde::Deserialize;
use std::io;
use synkiosk_journal::store::segment_number;
use synkiosk_journal::words::ShortName;

/// Says in an outbox which unit it is of, and where that stands.
pub const UNIT_FILE: &str = "unit.toml";
/// Where sticks keep their outboxes.
const ON_A_STICK: &str = "synkiosk/outbox";
/// Where a card's data partition keeps its journal.
const ON_A_CARD: &str = "journal";
/// Far more than three short names need.
const MOST_UNIT_FILE_BYTES: u64 = 4096;

/// A unit, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its name.
    pub name: ShortName,
    /// The site's code, where it is known.
    pub site: Option<ShortName>,
    /// Its board, where it is known.
    pub board: Option<ShortName>,
}

/// `unit.toml` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawUnit {
    unit: ShortName,
    site: Option<ShortName>,
    board: Option<ShortName>,
}

/// One journal, as a unit put it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbox {
    /// Whose.
    pub unit: Unit,
    /// Its folder in the place.
    pub folder: String,
    /// Numbers of its segments, in order.
    pub segments: Vec<u32>,
}

/// What was found in a place.
#[derive(Debug, Default)]
pub struct Found {
    /// Outboxes that can be read.
    pub outboxes: Vec<Outbox>,
    /// Outboxes that cannot be used, and why.
    pub refused: Vec<String>,
}

/// Looks for outboxes: the place itself, `synkiosk/outbox/<unit>`, `journal` of a card, a folder of outboxes, or a
/// folder of copied sticks. `root_name` is the name that the place's own folder has.
///
/// # Errors
/// When the place cannot be listed.
pub fn find(place: &dyn Place, root_name: &str) -> io::Result<Found> {
    let mut found = Found::default();
    let root = place.list("")?;
    if holds_segments(&root) {
        found.take(place, "", Some(root_name), &root);
        return Ok(found);
    }
    found.stick(place, "")?;
    for entry in folders(&root) {
        let entries = place.list(&entry.name)?;
        if holds_segments(&entries) {
            // A card's journal has the name of its place, not of its unit.
            let name = (entry.name != ON_A_CARD).then_some(entry.name.as_str());
            found.take(place, &entry.name, name, &entries);
        } else {
            found.stick(place, &entry.name)?;
        }
    }
    Ok(found)
}

impl Found {
    /// The outboxes of a stick, or of the copy of one.
    fn stick(&mut self, place: &dyn Place, folder: &str) -> io::Result<()> {
        let outbox = join(folder, ON_A_STICK);
        let entries = match place.list(&outbox) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(());
            }
            entries => entries?,
        };
        for entry in folders(&entries) {
            let folder = join(&outbox, &entry.name);
            let entries = place.list(&folder)?;
            self.take(place, &folder, Some(&entry.name), &entries);
        }
        Ok(())
    }

    fn take(&mut self, place: &dyn Place, folder: &str, name: Option<&str>, entries: &[Entry]) {
        match unit_of(place, folder, name, entries) {
            Ok(unit) => {
                let mut segments: Vec<u32> = segments(entries).collect();
                segments.sort_unstable();
                self.outboxes.push(Outbox { unit, folder: folder.to_owned(), segments });
            }
            Err(reason) => self.refused.push(format!("{}: {reason}", name.unwrap_or(folder))),
        }
    }
}

fn unit_of(place: &dyn Place, folder: &str, name: Option<&str>, entries: &[Entry]) -> Result<Unit, String> {
    let named = name.map(|name| name.parse::<ShortName>());
    if !entries.iter().any(|entry| entry.name == UNIT_FILE) {
        return match named {
            Some(Ok(name)) => Ok(Unit { name, site: None, board: None }),
            Some(Err(error)) => Err(format!("the folder names no unit ({error})")),
            None => Err(format!("nothing says which unit it is of; put {UNIT_FILE} into it")),
        };
    }
    let path = join(folder, UNIT_FILE);
    let bytes = place.read(&path, MOST_UNIT_FILE_BYTES).map_err(|error| format!("{UNIT_FILE}: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{UNIT_FILE} is no text"))?;
    let raw: RawUnit = toml::from_str(&text).map_err(|error| format!("{UNIT_FILE}: {}", error.message()))?;
    match named {
        Some(Ok(named)) if named != raw.unit => {
            Err(format!("{UNIT_FILE} is of unit {}, the folder of {named}", raw.unit))
        }
        _ => Ok(Unit { name: raw.unit, site: raw.site, board: raw.board }),
    }
}

fn holds_segments(entries: &[Entry]) -> bool {
    segments(entries).next().is_some()
}

fn segments(entries: &[Entry]) -> impl Iterator<Item = u32> {
    entries.iter().filter(|entry| !entry.is_folder).filter_map(|entry| segment_number(&entry.name))
}

/// Hidden folders, and what other systems leave on sticks, are passed over.
fn folders(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(|entry| {
        entry.is_folder && !entry.name.starts_with(['.', '$']) && entry.name != "System Volume Information"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::place::Folder;
    use std::fs;

    /// Units that are found in a folder with these files, with their sites, and what is refused.
    fn check(files: &[(&str, &str)], expected: &[(&str, &str)], refused: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = find(&Folder(folder.path().to_owned()), "kiosk-9").unwrap();
        let units: Vec<(&str, &str)> = found
            .outboxes
            .iter()
            .map(|it| (it.unit.name.as_str(), it.unit.site.as_ref().map_or("", |site| site.as_str())))
            .collect();
        assert_eq!(units, expected);
        assert_eq!(found.refused.len(), refused.len(), "{:?}", found.refused);
        for (said, word) in found.refused.iter().zip(refused) {
            assert!(said.contains(word), "{said}");
        }
    }

    #[test]
    fn outboxes_are_found_where_they_are() {
        let (one, two) = ("00000001.segment", "00000002.segment");
        check(&[(one, ""), (two, "")], &[("kiosk-9", "")], &[]);
        let named = "unit = \"kiosk-1\"\nsite = \"north\"\n";
        check(&[("unit.toml", named), (one, "")], &[], &["is of unit kiosk-1"]);
        check(&[("journal/unit.toml", named), (&format!("journal/{one}"), "")], &[("kiosk-1", "north")], &[]);
        check(&[(&format!("journal/{one}"), "")], &[], &["nothing says"]);
        check(&[("kiosk-1/unit.toml", named), (&format!("kiosk-1/{one}"), "")], &[("kiosk-1", "north")], &[]);
        let stick = "synkiosk/outbox/kiosk-1";
        check(
            &[(&format!("{stick}/unit.toml"), named), (&format!("{stick}/{one}"), "")],
            &[("kiosk-1", "north")],
            &[],
        );
        check(
            &[(&format!("monday/{stick}/{one}"), ""), (&format!("tuesday/{stick}/{two}"), "")],
            &[("kiosk-1", ""), ("kiosk-1", "")],
            &[],
        );
        check(
            &[("System Volume Information/x", ""), (".Trash/00000001.segment", ""), ("readme", "")],
            &[],
            &[],
        );
    }

    #[test]
    fn a_unit_file_holds_three_short_names_and_nothing_else() {
        let of = |text| vec![("kiosk-1/unit.toml", text), ("kiosk-1/00000001.segment", "")];
        check(&of("unit = \"kiosk-1\""), &[("kiosk-1", "")], &[]);
        check(&of("unit = \"kiosk-1\"\nsite = \"Haus Anna\""), &[], &["short name"]);
        check(&of("unit = \"kiosk-1\"\nowner = \"anna\""), &[], &["unknown field"]);
        check(&of("site = \"north\""), &[], &["missing field"]);
        check(&[("Anna Smith/00000001.segment", "")], &[], &["names no unit"]);
    }
}
