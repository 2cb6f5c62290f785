//! Codes held before the camera of a unit that is not set up: read as the camera gives them, and refused.

use crate::bundles;
use minisign::{KeyPair, SecretKey};
use qrcode::{Color, EcLevel, QrCode};
use std::time::Duration;
use synkiosk_boards::unit::{code::LONGEST, settings::Settings};
use synkiosk_device::{
    code,
    inbox::{InboxError, Taken, take_code},
    slots::shelf::Folder,
    unit::{Unit, keys::Origin},
};
use synkiosk_models::photo::Photo;

/// A code of as many pixels a square as fit, as a camera of 640x480 would see it held straight.
fn held(text: &str) -> Photo {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
    let squares = code.width() + 8;
    let pixels = 480 / squares;
    let luma = (0..640 * 480).map(|at| {
        let square = |pixel: usize| (pixel / pixels).wrapping_sub(4);
        let (x, y) = (square(at % 640), square(at / 640));
        let is_dark = x < code.width() && y < code.width() && code[(x, y)] == Color::Dark;
        if is_dark { 40 } else { 210 }
    });
    Photo::new(640, 480, luma.collect(), Duration::ZERO).unwrap()
}

/// Settings of this name and counter as a code's text.
fn text(unit: &str, counter: u64, key: &SecretKey, change: impl Fn(&mut Settings)) -> String {
    let mut settings = Settings::named(unit, counter).unwrap();
    change(&mut settings);
    signed(&settings.to_text(), key)
}

fn signed(text: &str, key: &SecretKey) -> String {
    text.to_owned() + std::str::from_utf8(&bundles::sign(text, key)).unwrap()
}

struct Bench {
    _folder: tempfile::TempDir,
    unit: Unit,
    key: KeyPair,
    /// Trusted until `key` took its place.
    retired: KeyPair,
}

impl Bench {
    fn new() -> Bench {
        let [key, retired] = [(); 2].map(|()| KeyPair::generate_unencrypted_keypair().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let origin = Origin { keys: vec![bundles::public(&retired)], accepts_demo: false };
        let mut unit = Unit::on(Folder::open(folder.path()).unwrap(), origin, "rpi4-hdmi");
        let mut keys = unit.keys().clone();
        let id = bundles::id(&retired);
        let rotation = synkiosk_boards::unit::rotation::Rotation::new(&id, &key.pk.to_base64()).unwrap();
        let rotation = rotation.to_text();
        keys.rotate(rotation.as_bytes(), &bundles::sign(&rotation, &retired.sk)).unwrap();
        unit.keep_keys(keys).unwrap();
        Bench { _folder: folder, unit, key, retired }
    }

    /// From the picture on, where the text fits into one.
    fn show(&mut self, text: &str) -> Result<Taken, InboxError> {
        let read = code::read(&held(text)).expect("the code can be read");
        assert_eq!(read, text);
        take_code(&read, &mut self.unit)
    }
}

#[test]
fn hostile_codes_change_nothing() {
    let mut bench = Bench::new();
    let (key, stranger) = (bench.key.sk.clone(), KeyPair::generate_unencrypted_keypair().unwrap().sk);
    let sound = |counter| text("ward-3", counter, &key, |_| {});
    let pin = |settings: &mut Settings| settings.pin = Some("0000".to_owned());
    let unsigned = Settings::named("ward-3", 9).unwrap().to_text();
    let cases = [
        ("no settings", "https://example.org/".to_owned(), "the code holds no settings"),
        ("unsigned", unsigned.clone(), "the code holds no settings"),
        ("an empty signature", unsigned + "untrusted comment: x\n", "the signature is damaged"),
        ("signed by a stranger", text("ward-3", 9, &stranger, pin), "is not trusted here"),
        ("signed by a retired key", text("ward-3", 9, &bench.retired.sk, pin), "is not trusted here"),
        ("changed after signing", sound(9).replace("counter = 9", "counter = 8"), "does not fit"),
        ("one line more", sound(9).replace("\nuntrusted", "\npin = \"0000\"\nuntrusted"), "does not fit"),
        ("another's name", sound(9).replace("ward-3", "ward-4"), "does not fit"),
        (
            "signed control characters",
            signed("format = \"settings-1\"\ncounter = 9\nunit = \"\\u001b[2J\"\n", &key),
            "is not 2 to 32",
        ),
        (
            "signed path",
            signed("format = \"settings-1\"\ncounter = 9\nunit = \"../x\"\n", &key),
            "is not 2 to 32",
        ),
        ("a signed rotation", signed("format = \"rotation-1\"\n", &key), "this program reads \"settings-1\""),
        (
            "a signed surprise",
            signed("format = \"settings-1\"\ncounter = 9\nunit = \"w3\"\nrun = \"sh\"\n", &key),
            "unknown field",
        ),
    ];
    let before = bench.unit.name().to_owned();
    for (what, code, said) in &cases {
        let error = bench.show(code).unwrap_err();
        assert!(error.to_string().contains(said), "{what}: {error}");
        let line = format!("{error}; {}", error.help());
        assert!(!line.chars().any(char::is_control), "{what}: {line:?}");
        assert_eq!((bench.unit.name(), bench.unit.settings()), (before.as_str(), None), "{what}");
    }
    // Longer than a code may be, so that no camera would read it: the text itself.
    for length in [LONGEST + 1, 1 << 20] {
        let long = sound(9) + &"#".repeat(length);
        assert!(matches!(take_code(&long, &mut bench.unit), Err(InboxError::NoCode)));
    }
    println!("figure: {} hostile codes read from a picture, 2 as text: all refused", cases.len());
}

#[test]
fn a_code_is_taken_once_and_never_back() {
    let mut bench = Bench::new();
    let key = bench.key.sk.clone();
    let sound = |counter| text("ward-3", counter, &key, |_| {});
    assert!(matches!(bench.show(&sound(5)), Ok(Taken::Settings { .. })));
    assert!(matches!(bench.show(&sound(5)), Ok(Taken::SettingsAlreadyThere)));
    assert!(matches!(bench.show(&sound(6)), Ok(Taken::Settings { .. })));
    // The one from before, filmed and held up again; another one with the same counter; one for another unit.
    for (code, said) in [
        (sound(5), "the settings have counter 5, and this unit has had 6"),
        (
            text("ward-3", 6, &key, |it| it.site = Some("south".to_owned())),
            "there are other settings with counter 6",
        ),
    ] {
        assert!(bench.show(&code).unwrap_err().to_string().contains(said));
    }
    let other = text("ward-4", 99, &key, |_| {});
    assert!(matches!(bench.show(&other), Ok(Taken::ForAnother(unit)) if unit == "ward-4"));
    let told = bench.unit.settings().unwrap();
    assert_eq!((told.unit.as_str(), told.counter, &told.site), ("ward-3", 6, &None));
}
