//! Whose slips are believed: units and their keys, as their own `unit.toml` says them.
//!
//! `unit.toml` carries the very key that it is signed with: it is worth as much as the hands that carried it from the unit.

use crate::{
    command::Refusal,
    fleet::{image, outbox, store::Store},
};
use std::path::Path;
use synkiosk_boards::unit::outbox::{FILE, UnitFile};
use synkiosk_journal::{
    Slip, SlipPublicKey,
    slip::{KeyId, SlipError},
    words::ShortName,
};

/// Units, each with a key that it signs slips with; a unit may have had several.
#[derive(Debug, Clone, Default)]
pub struct TrustedUnits(Vec<(ShortName, SlipPublicKey)>);

/// A slip that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it says.
    pub slip: Slip,
    /// Which of its unit's keys signed it.
    pub key: KeyId,
}

impl TrustedUnits {
    /// Of `unit.toml` files, of what sticks and cards carry, and of a store that `collect` fills.
    ///
    /// # Errors
    /// What cannot be read, and a file that names no key.
    pub fn of(files: &[impl AsRef<Path>], sticks: &[impl AsRef<Path>]) -> Result<TrustedUnits, Refusal> {
        let mut units = TrustedUnits::default();
        for file in files {
            units.0.push(in_file(file.as_ref())?);
        }
        for stick in sticks {
            units.add_stick(stick.as_ref())?;
        }
        Ok(units)
    }

    /// Whether no slip at all can be believed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of a store, too.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn add_store(&mut self, path: &Path) -> Result<(), Refusal> {
        let keys = Store::read(path)?.slip_keys();
        self.0.extend(keys.map_err(|error| crate::fleet::store::cannot(path, &error))?);
        Ok(())
    }

    fn add_stick(&mut self, stick: &Path) -> Result<(), Refusal> {
        let could_not = |reason: String| {
            Refusal::could_not(
                format!("could not read {}: {reason}", stick.display()),
                "name the folder that the unit's stick is mounted at",
            )
        };
        let before = self.0.len();
        for place in image::places(stick).map_err(could_not)? {
            let found = outbox::find(&*place, "").map_err(|error| could_not(error.to_string()))?;
            let units = found.outboxes.into_iter().map(|outbox| outbox.unit);
            self.0.extend(units.filter_map(|unit| Some((unit.name, unit.slip_key?))));
        }
        if self.0.len() == before {
            return Err(could_not("no outbox there has a slip_key".to_owned()));
        }
        Ok(())
    }

    /// A slip that one of the units has signed. Blanks and line ends around it do not count: no slip has any there.
    ///
    /// # Errors
    /// Why it does not hold, or cannot be checked.
    pub fn check(&self, text: &str) -> Result<Held, Refusal> {
        let refused = |error: SlipError| Refusal::checked(&error, error.help());
        let text = text.trim_ascii();
        let keys: Vec<SlipPublicKey> = self.0.iter().map(|(_, key)| *key).collect();
        let slip = Slip::verify(text, &keys).map_err(refused)?;
        let key = Slip::signer(text).map_err(refused)?;
        let mut owners = self.0.iter().filter(|(_, known)| known.id() == key).map(|(unit, _)| unit);
        if owners.clone().any(|unit| *unit == slip.unit) {
            return Ok(Held { slip, key });
        }
        let owner = owners.next().map(ToString::to_string).unwrap_or_default();
        Err(Refusal::checked(
            format!("the slip names unit {}, and key {key} is known as that of unit {owner}", slip.unit),
            "if the unit was renamed, pass the unit.toml that it had under the earlier name",
        ))
    }
}

fn in_file(path: &Path) -> Result<(ShortName, SlipPublicKey), Refusal> {
    let shown = path.display();
    let help = format!("name a {FILE} from a unit's outbox on a stick");
    let bytes = crate::prediction::read_bounded(path).map_err(|error| Refusal::could_not(error, &help))?;
    let text = String::from_utf8_lossy(&bytes);
    let file = UnitFile::parse(&text)
        .map_err(|error| Refusal::checked(format!("{shown}: {error}"), error.help()))?;
    let refused = |error: String| Refusal::checked(format!("{shown}: {error}"), &help);
    let name = file.unit.parse().map_err(|error| refused(format!("{error}")))?;
    let key = file.slip_key.ok_or_else(|| {
        Refusal::checked(
            format!("{shown} has no slip_key"),
            "the unit's program is older than slips; bring it a newer card, then take the file from its stick again",
        )
    })?;
    let key = key.parse().map_err(|error: synkiosk_journal::slip::KeyError| refused(error.to_string()))?;
    Ok((name, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::PathBuf};

    fn kit(file: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/kit/slips").join(file)
    }

    fn valid() -> String {
        fs::read_to_string(kit("valid.txt")).unwrap().lines().next().unwrap().to_owned()
    }

    const NOWHERE: [&str; 0] = [];

    #[test]
    fn a_slip_counts_for_the_unit_that_it_names_alone() {
        let units = TrustedUnits::of(&[kit("unit.toml")], &NOWHERE).unwrap();
        assert_eq!(units.check(&format!(" {}\r\n", valid())).unwrap().slip.unit.as_str(), "ward-3");
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("unit.toml");
        let text = fs::read_to_string(kit("unit.toml")).unwrap();
        fs::write(&other, text.replace("ward-3", "ward-4")).unwrap();
        let renamed = TrustedUnits::of(&[&other], &NOWHERE).unwrap();
        let refusal = renamed.check(&valid()).unwrap_err();
        assert!(refusal.to_string().ends_with("is known as that of unit ward-4"), "{refusal}");
        // It was renamed, and both files are there.
        let both = TrustedUnits::of(&[other, kit("unit.toml")], &NOWHERE).unwrap();
        assert!(both.check(&valid()).is_ok());
    }

    #[test]
    fn a_stick_brings_its_units_keys() {
        let stick = tempfile::tempdir().unwrap();
        let outbox = stick.path().join("synkiosk/outbox/ward-3");
        fs::create_dir_all(&outbox).unwrap();
        let refusal = TrustedUnits::of(&NOWHERE, &[stick.path()]).unwrap_err();
        assert!(refusal.to_string().ends_with("no outbox there has a slip_key"), "{refusal}");
        fs::copy(kit("unit.toml"), outbox.join("unit.toml")).unwrap();
        assert!(TrustedUnits::of(&NOWHERE, &[stick.path()]).unwrap().check(&valid()).is_ok());
    }

    #[test]
    fn a_store_keeps_every_key_that_a_unit_has_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kiosks.sqlite");
        let store = Store::open(&path).unwrap();
        let mut unit = outbox::Unit::named("ward-3".parse().unwrap());
        store.put_unit(&unit).unwrap();
        assert_eq!(store.slip_keys().unwrap(), []);
        let (_, key) = in_file(&kit("unit.toml")).unwrap();
        for key in [key, key, synkiosk_journal::SlipKey::random().unwrap().public()] {
            unit.slip_key = Some(key);
            store.put_unit(&unit).unwrap();
        }
        assert_eq!(store.slip_keys().unwrap().len(), 2);
        drop(store);
        let mut units = TrustedUnits::default();
        units.add_store(&path).unwrap();
        assert!(units.check(&valid()).is_ok());
    }

    #[test]
    fn files_that_name_no_key_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("unit.toml");
        for (text, said) in [
            ("unit = \"ward-3\"", "has no slip_key"),
            ("unit = \"ward-3\"\nslip_key = \"00\"", "is not 64"),
            (&format!("unit = \"ward-3\"\nslip_key = \"{}\"", "02".repeat(32)), "a point of Ed25519"),
            ("unit = \"-\"", "is not 2 to 32"),
            ("\u{0}", "line 1"),
        ] {
            fs::write(&path, text).unwrap();
            let refusal = TrustedUnits::of(&[&path], &NOWHERE).unwrap_err();
            assert!(refusal.to_string().contains(said), "{refusal}");
        }
    }
}
