//! What a unit is told: settings before the camera, files on a stick, the profile of its board.

use crate::kit::{demo_key, sign};
use std::{collections::HashMap, fmt::Debug, io, sync::LazyLock};
use synkiosk_boards::{
    Profile, shipped,
    unit::{
        UnitError,
        acknowledgement::{Acknowledgement, Segment},
        code,
        outbox::UnitFile,
        rotation::Rotation,
        settings::Settings,
    },
};
use synkiosk_device::{
    inbox::{Taken, take_code},
    slots::shelf::Shelf,
    unit::{Unit, keys::Origin},
};
use synkiosk_models::bundle::{DEMO_PUBLIC_KEY, SIGNATURE_COMMENT};

/// A unit's files in memory.
#[derive(Debug, Clone, Default)]
struct Memory(HashMap<String, Vec<u8>>);

impl Shelf for Memory {
    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(file).cloned())
    }

    fn write(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.insert(file.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn set_aside(&mut self, file: &str) -> io::Result<()> {
        self.0.remove(file);
        Ok(())
    }
}

/// What the key's holder has signed.
static SIGNED: LazyLock<String> = LazyLock::new(|| Settings::named("ward-3", 5).unwrap().to_text());

/// The text of a code that was held before the camera.
pub(crate) fn settings_code(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let origin = Origin { keys: vec![DEMO_PUBLIC_KEY.to_owned()], accepts_demo: true };
    let mut unit = Unit::on(Memory::default(), origin, "demo");
    let before = unit.name().to_owned();
    let is_taken = matches!(take_code(text, &mut unit), Ok(Taken::Settings { .. }));
    if is_taken {
        assert_eq!(code::split(text).unwrap().0, *SIGNED, "nothing else was ever signed");
        assert_eq!(unit.name(), "ward-3");
    } else {
        assert_eq!(unit.name(), before);
    }
    is_taken
}

pub(crate) fn settings_codes() -> Vec<Vec<u8>> {
    let signature = sign(&SIGNED, &demo_key(), SIGNATURE_COMMENT);
    let sound = code::join(&SIGNED, &signature).unwrap();
    vec![sound.clone().into_bytes(), sound.replace("ward-3", "ward-4").into_bytes()]
}

/// A file that a stick brings, or takes home; what it is told by its first byte.
pub(crate) fn files(bytes: &[u8]) -> bool {
    let Some((kind, text)) = bytes.split_first() else { return false };
    let Ok(text) = std::str::from_utf8(text) else { return false };
    match kind % 4 {
        0 => reads_the_same(text, Settings::parse, Settings::to_text),
        1 => reads_the_same(text, Rotation::parse, Rotation::to_text),
        2 => reads_the_same(text, Acknowledgement::parse, Acknowledgement::to_text),
        _ => reads_the_same(text, UnitFile::parse, UnitFile::to_text),
    }
}

/// Whether a text is taken; what is taken reads the same when it is written again.
fn reads_the_same<T: PartialEq + Debug>(
    text: &str,
    parse: fn(&str) -> Result<T, UnitError>,
    write: fn(&T) -> String,
) -> bool {
    let Ok(read) = parse(text) else { return false };
    assert_eq!(parse(&write(&read)).unwrap(), read);
    true
}

pub(crate) fn all_files() -> Vec<Vec<u8>> {
    let mut settings = Settings::named("ward-3", 5).unwrap();
    settings.site = Some("north".to_owned());
    settings.pin = Some("123456".to_owned());
    let key = DEMO_PUBLIC_KEY.lines().nth(1).unwrap();
    let rotation = Rotation::new("0123456789ABCDEF", key).unwrap();
    let segment = Segment { number: 1, bytes: 4096, sha256: "00".repeat(32) };
    let acknowledgement = Acknowledgement::new("ward-3", vec![segment]).unwrap();
    let texts = [
        settings.to_text(),
        rotation.to_text(),
        acknowledgement.to_text(),
        include_str!("../../kit/slips/unit.toml").to_owned(),
    ];
    (0..).zip(texts).map(|(kind, text)| [&[kind], text.as_bytes()].concat()).collect()
}

/// A profile that a technician has written.
pub(crate) fn board_profile(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match Profile::parse(text) {
        Ok(profile) => {
            let (width, height) = profile.panel().screen_size();
            assert!(width > 0 && height > 0);
            assert!(profile.modules().iter().all(|module| profile.options_of(module).len() < 1000));
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.help().is_empty());
            false
        }
    }
}

pub(crate) fn board_profiles() -> Vec<Vec<u8>> {
    shipped::PROFILES.iter().map(|(_, text)| text.as_bytes().to_vec()).collect()
}
