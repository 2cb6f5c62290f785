//! What a profile may not say: one defect per file in `kit/`, whose first line is `# holds` or `# refused: …`.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its kit has failed")]

use proptest::prelude::*;
use std::{collections::BTreeMap, fs, path::Path};
use synkiosk_boards::{
    Profile, ProfileError,
    profile::{Cues, Rotation},
    shipped,
};

fn kit() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kit");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// What is said of a text, in the words of the kit.
fn said_of(text: &str) -> String {
    match Profile::parse(text) {
        Ok(_) => "# holds".to_owned(),
        Err(error) => {
            assert!(!error.help().is_empty() && error.help() != error.to_string());
            format!("# refused: {error}")
        }
    }
}

#[test]
fn every_defect_is_refused_by_name() {
    let wrong: Vec<_> = kit()
        .iter()
        .filter_map(|(file, text)| {
            let (expected, said) = (text.lines().next().unwrap_or_default(), said_of(text));
            (expected != said).then(|| format!("{file}:\n  expected {expected}\n  said     {said}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_kit_is_all_there() {
    let refused = kit().values().filter(|text| text.starts_with("# refused: ")).count();
    assert!(refused >= 70, "only {refused} defects");
}

#[test]
fn an_unknown_board_is_refused_with_those_known() {
    let error = Profile::named("rpi5").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no board is called \"rpi5\" (known: desk, rpi4-hdmi, rpi3-ili9341, jetson-nano-hdmi, vm)"
    );
    assert!(Profile::named("").is_err() && Profile::named("../desk").is_err());
}

#[test]
fn a_text_without_end_is_refused_unread() {
    let text = "#".repeat(synkiosk_boards::profile::LONGEST_TEXT + 1);
    assert_eq!(Profile::parse(&text), Err(ProfileError::TooLong(text.len())));
}

#[test]
fn a_turned_panel_swaps_its_sides() {
    let profile = Profile::parse(&kit()["sound-lying-panel.toml"]).unwrap();
    assert_eq!(profile.panel().rotation, Rotation::Quarter);
    assert_eq!(profile.panel().screen_size(), (800, 1280));
    assert_eq!(profile.panel().screen_millimeters(), (136, 217));
}

#[test]
fn cues_are_off_where_the_profile_has_none() {
    let cues = |file: &str| Profile::parse(&kit()[file]).unwrap().cues().copied();
    let both = Cues { buzzer_pin: Some(23), light_pin: Some(12) };
    assert_eq!(cues("sound-cues.toml"), Some(both));
    assert_eq!(cues("sound-cues-light.toml"), Some(Cues { buzzer_pin: None, light_pin: Some(0) }));
    assert_eq!(cues("sound-spi.toml"), None);
    for name in Profile::names() {
        assert_eq!(Profile::named(name).unwrap().cues(), None, "{name}");
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        let _ = Profile::parse(&text);
    }

    /// A byte changed, lines dropped or doubled: whatever comes out, it is answered, and help is there.
    #[test]
    fn a_damaged_profile_is_answered(which in 0..shipped::PROFILES.len(), at in 0usize..4000, byte in 0u8..128, drop: bool) {
        let mut bytes = shipped::PROFILES[which].1.as_bytes().to_vec();
        let at = at % bytes.len();
        if drop { bytes.truncate(at) } else { bytes[at] = byte }
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = Profile::parse(&text) {
            prop_assert!(!error.to_string().contains('\n'), "{error}");
            prop_assert!(!error.help().is_empty());
        }
    }
}
