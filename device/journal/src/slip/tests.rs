use super::*;
use crate::{record, when::Week};
use proptest::prelude::*;
use qrcode::{EcLevel, QrCode};
use std::{fs, path::PathBuf, sync::LazyLock};
use synkiosk_models::pose::Side;

/// A key that everybody knows.
fn key(seed: u8) -> SlipKey {
    let public = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).to_keypair_bytes();
    SlipKey::from_bytes(&public).unwrap()
}

static KEY: LazyLock<SlipKey> = LazyLock::new(|| key(7));

fn percent(value: u8) -> Percent {
    Percent::try_from(value).unwrap()
}

fn sample() -> Slip {
    let interval = Interval::new(percent(88), percent(99));
    Slip::of_record("ward-3".parse().unwrap(), &record::tests::sample(0), interval).unwrap()
}

/// Every field as long as it can be.
fn longest() -> Slip {
    let name = || "a2345678-2345678-2345678-2345678".parse::<ShortName>().unwrap();
    let index = || Some(record::IndexRecord { value: percent(100), side: Some(Side::Left) });
    Slip {
        unit: name(),
        answer: Answer::Retake,
        score: Some(SlipScore { value: percent(100), interval: Interval::new(percent(99), percent(100)) }),
        indices: IndexRecords {
            ocular_oral: index(),
            oral_ocular: index(),
            mentalis: index(),
            platysma: index(),
        },
        poses: PoseCount::new(255, 255).unwrap(),
        bundle: BundleId { name: name(), version: u32::MAX },
        software: Version { major: u16::MAX, minor: u16::MAX, patch: u16::MAX },
        when: When::Boot { counter: u32::MAX },
    }
}

fn verify(text: &str) -> Result<Slip, SlipError> {
    Slip::verify(text, &[KEY.public()])
}

/// Any payload, signed as if it were a slip.
fn signed(payload: &[u8]) -> String {
    let signature = KEY.sign(&signed_bytes(payload));
    format!("{PREFIX}{}", base45::encode(&[payload, &signature].concat()))
}

#[test]
fn a_slip_is_of_a_record_that_has_an_answer() {
    let slip = sample();
    assert_eq!((slip.answer, slip.poses), (Answer::Likely, PoseCount { used: 4, asked: 4 }));
    let mut record = record::tests::sample(0);
    record.poses[1].score = None;
    record.outcome = Outcome::CannotTell;
    let slip = Slip::of_record(slip.unit, &record, None).unwrap();
    assert_eq!((slip.answer, slip.poses), (Answer::CannotTell, PoseCount { used: 3, asked: 4 }));
    for outcome in [Outcome::Stopped, Outcome::Declined, Outcome::Failed] {
        record.outcome = outcome;
        assert_eq!(Slip::of_record(slip.unit.clone(), &record, None), None);
    }
    assert_eq!(Interval::new(percent(2), percent(1)), None);
    assert_eq!(PoseCount::new(2, 1), None);
}

#[test]
fn a_slip_reads_back_by_its_key_alone() {
    for slip in [sample(), longest()] {
        let text = slip.sign(&KEY);
        assert_eq!(verify(&text), Ok(slip.clone()));
        assert_eq!(Slip::signer(&text), Ok(KEY.public().id()));
        assert_eq!(Slip::verify(&text, &[key(8).public(), KEY.public()]), Ok(slip));
        for keys in [&[][..], &[key(8).public()]] {
            assert_eq!(Slip::verify(&text, keys), Err(SlipError::UnknownKey(KEY.public().id())));
        }
    }
}

/// The bytes of format 1. Whoever changes them breaks the reading of slips that people have taken home.
#[test]
fn the_bytes_stay() {
    let payload = bytes::payload(&sample(), KEY.public().id());
    let hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        concat!(
            "fe812c12f3ab4ce6", // key
            "06776172642d33",   // unit
            "00",
            "605863",
            "2900ffff02",
            "0404",                       // answer, score, indices, poses
            "0872656e646572656401000000", // bundle
            "000001000000",
            "00ea0730" // program, week
        )
    );
}

#[test]
fn the_largest_slip_fits_a_small_code() {
    let text = longest().sign(&KEY);
    assert_eq!(text.len(), MOST_LETTERS);
    for (slip, name) in [(longest(), "largest"), (sample(), "usual")] {
        let text = slip.sign(&KEY);
        for level in [EcLevel::L, EcLevel::M] {
            let code = QrCode::with_error_correction_level(&text, level).unwrap();
            let qrcode::Version::Normal(version) = code.version() else { panic!("a micro code") };
            println!(
                "figure: {name} slip: {} letters, QR version {version} at level {level:?}, {1} x {1} modules",
                text.len(),
                code.width()
            );
            assert!(version <= 12);
        }
    }
}

#[test]
fn a_key_is_kept_whole_or_not_at_all_and_never_shown() {
    let bytes = KEY.to_bytes();
    assert_eq!(SlipKey::from_bytes(&*bytes).unwrap().public(), KEY.public());
    for at in 0..SlipKey::BYTES {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(SlipKey::from_bytes(&*damaged).is_none(), "byte {at}");
    }
    assert!(SlipKey::from_bytes(&bytes[..63]).is_none());
    assert_eq!(format!("{:?}", *KEY), format!("SlipKey({})", KEY.public().id()));
    let public = KEY.public().to_string();
    assert_eq!(public.parse(), Ok(KEY.public()));
    let small = format!("01{}", "00".repeat(31));
    for wrong in ["", &public[1..], &public.to_uppercase(), &small, &"02".repeat(32), &"\u{e4}".repeat(32)] {
        assert_eq!(wrong.parse::<SlipPublicKey>(), Err(KeyError), "{wrong}");
    }
    assert_ne!(SlipKey::random().unwrap().public(), SlipKey::random().unwrap().public());
}

/// What even the unit's own key must not make true.
#[test]
fn what_the_format_does_not_have_is_refused_though_it_is_signed() {
    let sound = bytes::payload(&sample(), KEY.public().id());
    assert_eq!(verify(&signed(&sound)), Ok(sample()));
    for (at, value, said) in [
        (8, 1, "the unit's name"), // a name of one letter
        (8, 33, "the unit's name"),
        (8, 255, "the unit's name"), // longer than all
        (9, b'W', "the unit's name"),
        (9, 0xff, "the unit's name"),
        (15, 4, "the answer"),
        (16, 101, "the score"),
        (16, 255, "the score"), // an interval of no score
        (17, 255, "the score"), // half an interval
        (17, 100, "the score"), // low above high
        (19, 101, "the indices"),
        (23, 0b11, "the indices"),      // a third side
        (23, 0b10_0000, "the indices"), // a side of no movement
        (24, 5, "the poses"),
        (27, b' ', "the bundle's name"),
        (45, 2, "the week"),
        (46, 0, "the week"),
        (48, 54, "the week"),
    ] {
        let mut payload = sound.clone();
        payload[at] = value;
        assert_eq!(verify(&signed(&payload)), Err(SlipError::Malformed(said)), "byte {at} as {value}");
    }
    for length in 8..sound.len() {
        assert!(matches!(verify(&signed(&sound[..length])), Err(SlipError::Malformed(_))), "{length} bytes");
    }
    let longer = [&sound[..], &[0]].concat();
    assert_eq!(verify(&signed(&longer)), Err(SlipError::Malformed("something stands behind its end")));
    assert_eq!(verify(&signed(&sound[..7])), Err(SlipError::Letters));
}

/// A signature of the same key under the same bytes, but not as a slip.
#[test]
fn a_signature_for_something_else_does_not_count() {
    let payload = bytes::payload(&sample(), KEY.public().id());
    let signature = KEY.sign(&payload);
    let text = format!("{PREFIX}{}", base45::encode(&[&payload[..], &signature].concat()));
    assert_eq!(verify(&text), Err(SlipError::Signature(KEY.public().id())));
}

/// Each file of the kit: a text that means to be a slip, and below it what must be said of it.
#[test]
fn the_kit_is_refused_file_by_file() {
    let mut seen = 0;
    for entry in fs::read_dir(kit()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "txt") {
            continue;
        }
        let file = fs::read_to_string(&path).unwrap();
        let (text, said) = file.trim_end().split_once('\n').unwrap();
        let found = verify(text).map_or_else(|error| error.to_string(), |_| "holds".to_owned());
        assert_eq!(found, said, "{}", path.display());
        seen += 1;
    }
    assert_eq!(seen, attacks().len());
}

fn kit() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "kit", "slips"].iter().collect()
}

fn attacks() -> Vec<(&'static str, String)> {
    let text = sample().sign(&KEY);
    let with_byte = |at: usize, flip: u8| {
        let mut bytes = base45::decode(&text[PREFIX.len()..]).unwrap();
        bytes[at] ^= flip;
        format!("{PREFIX}{}", base45::encode(&bytes))
    };
    let last = base45::decode(&text[PREFIX.len()..]).unwrap().len() - 1;
    let mut trailing = base45::decode(&text[PREFIX.len()..]).unwrap();
    trailing.push(0);
    vec![
        ("valid", text.clone()),
        ("answer-changed", with_byte(15, 1)),
        ("score-changed", with_byte(16, 1)),
        ("week-changed", with_byte(48, 1)),
        ("signature-changed", with_byte(last - 40, 1)),
        ("signature-not-reduced", with_byte(last, 0x80)),
        ("key-id-changed", with_byte(0, 1)),
        ("unknown-key", sample().sign(&key(8))),
        ("trailing-byte", format!("{PREFIX}{}", base45::encode(&trailing))),
        ("letter-missing", text[..text.len() - 1].to_owned()),
        ("half", text[..text.len() / 2].to_owned()),
        ("signature-alone", text[..100].to_owned()),
        ("prefix-alone", PREFIX.to_owned()),
        ("too-long", format!("{text}{}", "0".repeat(MOST_LETTERS))),
        ("small-letters", format!("{PREFIX}{}", text[PREFIX.len()..].to_lowercase())),
        ("small-prefix", text.to_lowercase()),
        ("newer-format", text.replace("SYNKIOSK1", "SYNKIOSK2")),
        ("format-with-zero", text.replace("SYNKIOSK1", "SYNKIOSK01")),
        ("other-prefix", text.replace("SYNKIOSK1", "HC1")),
        ("address", "https://example.org/".to_owned()),
        ("signed-malformed", signed(&bytes::payload(&sample(), KEY.public().id())[..40])),
    ]
}

/// `cargo test --release -p synkiosk-journal --lib write_the_kit -- --ignored`
#[test]
#[ignore = "writes the kit anew"]
fn write_the_kit() {
    fs::create_dir_all(kit()).unwrap();
    for (name, text) in attacks() {
        let said = verify(&text).map_or_else(|error| error.to_string(), |_| "holds".to_owned());
        fs::write(kit().join(format!("{name}.txt")), format!("{text}\n{said}\n")).unwrap();
    }
    let unit = format!("unit = \"ward-3\"\nslip_key = \"{}\"\n", KEY.public());
    fs::write(kit().join("unit.toml"), unit).unwrap();
}

fn any_percent() -> impl Strategy<Value = Percent> {
    (0..=100_u8).prop_map(percent)
}

fn any_score() -> impl Strategy<Value = Option<SlipScore>> {
    let interval = prop::option::of((any_percent(), any_percent()))
        .prop_map(|pair| pair.and_then(|(one, other)| Interval::new(one.min(other), one.max(other))));
    prop::option::of((any_percent(), interval).prop_map(|(value, interval)| SlipScore { value, interval }))
}

fn any_indices() -> impl Strategy<Value = IndexRecords> {
    let side = prop_oneof![Just(None), Just(Some(Side::Right)), Just(Some(Side::Left))];
    let index =
        prop::option::of((any_percent(), side).prop_map(|(value, side)| record::IndexRecord { value, side }));
    prop::collection::vec(index, 4).prop_map(|all| IndexRecords {
        ocular_oral: all[0],
        oral_ocular: all[1],
        mentalis: all[2],
        platysma: all[3],
    })
}

fn any_slip() -> impl Strategy<Value = Slip> {
    let name = || "[a-z0-9-]{2,32}".prop_map(|name| name.parse::<ShortName>().unwrap());
    let answer =
        prop::sample::select(vec![Answer::Likely, Answer::Unlikely, Answer::CannotTell, Answer::Retake]);
    let poses = (any::<u8>(), any::<u8>()).prop_map(|(a, b)| PoseCount::new(a.min(b), a.max(b)).unwrap());
    let version = any::<(u16, u16, u16)>().prop_map(|(major, minor, patch)| Version { major, minor, patch });
    let when = prop_oneof![
        any::<u32>().prop_map(|counter| When::Boot { counter }),
        (2020..=2199_u16, 1..=52_u8).prop_map(|(year, week)| When::Week(Week::new(year, week).unwrap())),
    ];
    (name(), answer, any_score(), any_indices(), poses, (name(), any::<u32>()), version, when).prop_map(
        |(unit, answer, score, indices, poses, (name, version), software, when)| Slip {
            unit,
            answer,
            score,
            indices,
            poses,
            bundle: BundleId { name, version },
            software,
            when,
        },
    )
}

proptest! {
    #[test]
    fn every_slip_reads_back_and_has_one_text(slip in any_slip()) {
        let text = slip.sign(&KEY);
        prop_assert!(text.len() <= MOST_LETTERS);
        prop_assert!(!text.ends_with(' '));
        let read = verify(&text).unwrap();
        prop_assert_eq!(read.sign(&KEY), text);
        prop_assert_eq!(read, slip);
    }

    #[test]
    fn one_letter_changed_is_one_slip_less(slip in any_slip(), at: prop::sample::Index, letter in any::<char>()) {
        let text = slip.sign(&KEY);
        let mut letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len());
        prop_assume!(letters[at] != letter);
        letters[at] = letter;
        prop_assert!(verify(&letters.into_iter().collect::<String>()).is_err());
    }

    #[test]
    fn one_bit_changed_is_one_slip_less(slip in any_slip(), at: prop::sample::Index, bit in 0..8_u8) {
        let mut bytes = base45::decode(&slip.sign(&KEY)[PREFIX.len()..]).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let error = verify(&format!("{PREFIX}{}", base45::encode(&bytes))).unwrap_err();
        prop_assert!(matches!(error, SlipError::UnknownKey(_) | SlipError::Signature(_)));
    }

    #[test]
    fn any_bytes_that_are_signed_are_a_slip_of_one_text_or_refused(payload in prop::collection::vec(any::<u8>(), 0..120)) {
        let payload = [&KEY.public().id().0[..], &payload].concat();
        let text = signed(&payload);
        if let Ok(slip) = verify(&text) {
            prop_assert_eq!(slip.sign(&KEY), text);
        }
    }

    #[test]
    fn changed_bytes_that_are_signed_are_a_slip_of_one_text_or_refused(
        slip in any_slip(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut payload = bytes::payload(&slip, KEY.public().id());
        for (at, value) in changes {
            let at = 8 + at.index(payload.len() - 8);
            payload[at] = value;
        }
        let text = signed(&payload);
        if let Ok(slip) = verify(&text) {
            prop_assert_eq!(slip.sign(&KEY), text);
        }
    }

    #[test]
    fn any_text_is_refused(text in any::<String>(), letters in "[0-9A-Z $%*+./:-]{0,300}") {
        prop_assert!(verify(&text).is_err());
        prop_assert!(verify(&[PREFIX, &text].concat()).is_err());
        prop_assert!(verify(&[PREFIX, &letters].concat()).is_err());
        prop_assert!(Slip::signer(&text).is_err());
    }
}
