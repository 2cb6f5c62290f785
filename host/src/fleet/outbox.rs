//! The outboxes of a stick, a card or a folder, and the unit that each belongs to.

use super::place::{Entry, Place, join};
use std::io;
use std::str::FromStr;
use synkiosk_boards::unit::outbox::{FILE as UNIT_FILE, MOST_BYTES, UnitFile};
use synkiosk_boards::unit::settings::Settings;
use synkiosk_journal::SlipPublicKey;
use synkiosk_journal::chain::{End, Link};
use synkiosk_journal::store::segment_number;
use synkiosk_journal::words::ShortName;

/// Where sticks keep their outboxes.
const ON_A_STICK: &str = "synkiosk/outbox";
/// Where a card's data partition keeps its journal.
const ON_A_CARD: &str = "journal";

/// A unit, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its name.
    pub name: ShortName,
    /// The site's code, where it is known.
    pub site: Option<ShortName>,
    /// Its board, where it is known.
    pub board: Option<ShortName>,
    /// Sessions that it had to drop because its card was full.
    pub dropped: u64,
    /// With what its slips are checked; units of programs before slips have none.
    pub slip_key: Option<SlipPublicKey>,
    /// Where it says that its journal ends, and its signature, which is not checked yet.
    pub end: Option<(End, String)>,
}

impl Unit {
    /// A unit of which nothing but the name is known.
    pub fn named(name: ShortName) -> Unit {
        Unit { name, site: None, board: None, dropped: 0, slip_key: None, end: None }
    }

    fn of(file: UnitFile) -> Result<Unit, String> {
        fn checked<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
            text.parse().map_err(|error: T::Err| error.to_string())
        }
        let dropped = file.dropped;
        let end = file.journal.map(|end| -> Result<_, String> {
            let next = Link { sequence: end.records, previous: checked(&end.last)? };
            Ok((End { next, dropped }, end.signature))
        });
        Ok(Unit {
            name: checked(&file.unit)?,
            site: file.site.as_deref().map(checked).transpose()?,
            board: file.board.as_deref().map(checked).transpose()?,
            dropped,
            slip_key: file.slip_key.as_deref().map(checked).transpose()?,
            end: end.transpose()?,
        })
    }
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

impl Outbox {
    /// The root of the stick, or of the copy of one, that the outbox is on; none where it lies elsewhere.
    pub fn stick(&self) -> Option<&str> {
        let (above, _) = self.folder.rsplit_once('/')?;
        above.strip_suffix(ON_A_STICK).map(|root| root.trim_end_matches('/'))
    }
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

/// What a card says of its unit: the settings that it was told, behind the four lines of their signature, or the name
/// that it made up. The signature is not checked: a name is only a name here.
fn unit_of_card(place: &dyn Place) -> Option<Unit> {
    let read = |path| String::from_utf8(place.read(path, MOST_BYTES as u64).ok()?).ok();
    let told = read("unit/settings").and_then(|text| {
        let (at, _) = text.match_indices('\n').nth(3)?;
        Settings::parse(&text[at + 1..]).ok()
    });
    let (name, site) = match told {
        Some(settings) => (settings.unit, settings.site),
        None => (read("unit/name")?.trim_end().to_owned(), None),
    };
    let named = |entry: &Entry| entry.name.strip_suffix(".dropped")?.parse().ok();
    let dropped = place.list("").ok()?.iter().find_map(named).unwrap_or(0);
    Unit::of(UnitFile { unit: name, site, board: None, dropped, slip_key: None, journal: None }).ok()
}

fn unit_of(place: &dyn Place, folder: &str, name: Option<&str>, entries: &[Entry]) -> Result<Unit, String> {
    let named = name.map(|name| name.parse::<ShortName>());
    if !entries.iter().any(|entry| entry.name == UNIT_FILE) {
        return match named {
            Some(Ok(name)) => Ok(Unit::named(name)),
            Some(Err(error)) => Err(format!("the folder names no unit ({error})")),
            None => unit_of_card(place)
                .ok_or_else(|| format!("nothing says which unit it is of; put {UNIT_FILE} into it")),
        };
    }
    let path = join(folder, UNIT_FILE);
    let bytes = place.read(&path, MOST_BYTES as u64 + 1).map_err(|error| format!("{UNIT_FILE}: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{UNIT_FILE} is no text"))?;
    let file = UnitFile::parse(&text).map_err(|error| format!("{UNIT_FILE}: {error}"))?;
    let unit = Unit::of(file).map_err(|error| format!("{UNIT_FILE}: {error}"))?;
    match named {
        Some(Ok(named)) if named != unit.name => {
            Err(format!("{UNIT_FILE} is of unit {}, the folder of {named}", unit.name))
        }
        _ => Ok(unit),
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
    fn a_card_says_whose_it_is() {
        let segment = ("journal/00000001.segment", "");
        check(&[segment, ("unit/name", "unit-0123abcd\n")], &[("unit-0123abcd", "")], &[]);
        let mut settings = Settings::named("kiosk-1", 3).unwrap();
        settings.site = Some("north".to_owned());
        let kept = format!("untrusted comment: x\nRU\ntrusted comment: y\nRU\n{}", settings.to_text());
        let name = ("unit/name", "unit-0123abcd\n");
        check(&[segment, name, ("unit/settings", &kept)], &[("kiosk-1", "north")], &[]);
        check(&[segment, ("unit/settings", "damaged")], &[], &["nothing says"]);
        check(&[segment, ("unit/name", "Anna\n")], &[], &["nothing says"]);
    }

    #[test]
    fn only_a_stick_has_a_root() {
        let unit = Unit::named("kiosk-1".parse().unwrap());
        let stick = |folder: &str| {
            let outbox = Outbox { unit: unit.clone(), folder: folder.to_owned(), segments: Vec::new() };
            outbox.stick().map(str::to_owned)
        };
        assert_eq!(stick("synkiosk/outbox/kiosk-1").as_deref(), Some(""));
        assert_eq!(stick("monday/synkiosk/outbox/kiosk-1").as_deref(), Some("monday"));
        for elsewhere in ["", "kiosk-1", "journal", "outbox/kiosk-1"] {
            assert_eq!(stick(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_unit_file_holds_three_short_names_and_nothing_else() {
        let of = |text| vec![("kiosk-1/unit.toml", text), ("kiosk-1/00000001.segment", "")];
        check(&of("unit = \"kiosk-1\""), &[("kiosk-1", "")], &[]);
        check(&of("unit = \"kiosk-1\"\nsite = \"Haus Anna\""), &[], &["lower-case letters"]);
        check(&of("unit = \"kiosk-1\"\nowner = \"anna\""), &[], &["unknown field"]);
        check(&of("site = \"north\""), &[], &["missing field"]);
        check(&[("Anna Smith/00000001.segment", "")], &[], &["names no unit"]);
    }
}
