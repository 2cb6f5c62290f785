use super::*;
use crate::{
    slots::{Slot, kit, shelf::Folder},
    unit::{
        keys::Origin,
        kit::{Signed, Signer, named, with},
    },
};
use std::{
    fs::{self, File},
    sync::LazyLock,
};
use synkiosk_boards::unit::acknowledgement::Segment;
use synkiosk_journal::store;
use synkiosk_models::bundle::{self, Member};

/// A stick, and the slots of a unit.
struct Bench {
    stick: tempfile::TempDir,
    data: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        Bench { stick: tempfile::tempdir().unwrap(), data: tempfile::tempdir().unwrap() }
    }

    fn inbox(&self) -> PathBuf {
        let folder = self.stick.path().join("synkiosk/inbox");
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.inbox().join(name), bytes).unwrap();
    }

    fn slots(&self) -> Slots {
        Slots::open(&self.data.path().join("models")).unwrap()
    }

    fn put_signed(&self, name: &str, (text, signature): Signed) {
        self.put(name, &text);
        self.put(&format!("{name}.minisig"), &signature);
    }

    /// A card that came with the demo key and key A.
    fn unit(&self) -> Unit {
        let shelf = Folder::open(&self.data.path().join("unit")).unwrap();
        let keys = vec![synkiosk_models::bundle::DEMO_PUBLIC_KEY.to_owned(), A.public()];
        Unit::on(shelf, Origin { keys, accepts_demo: true }, "vm")
    }

    fn segments(&self) -> store::Folder {
        store::Folder::beside_the_writer(&self.data.path().join("journal"))
    }

    fn look(&self) -> Result<Vec<Item>, InboxError> {
        let (mut unit, mut slots, mut segments) = (self.unit(), self.slots(), self.segments());
        let mut desk = Desk { unit: &mut unit, slots: &mut slots, segments: &mut segments };
        take_in(self.stick.path(), &mut desk)
    }

    /// A line for each file.
    fn said(&self) -> Vec<String> {
        let line = |Item { name, result }| match result {
            Ok(Taken::Bundle(Installed::New { slot, version, .. })) => {
                format!("{name}: version {version} in {slot}")
            }
            Ok(Taken::Bundle(Installed::AlreadyThere { .. })) => format!("{name}: already there"),
            Ok(Taken::Settings { unit, .. }) => format!("{name}: for {unit}"),
            Ok(taken) => format!("{name}: {taken:?}"),
            Err(error) => {
                assert!(!error.help().is_empty());
                format!("{name}: {error}")
            }
        };
        self.look().unwrap().into_iter().map(line).collect()
    }

    /// Everything that the unit keeps, by name.
    fn kept(&self) -> Vec<String> {
        let mut names = Vec::new();
        for folder in ["models", "unit", "journal"] {
            let entries = fs::read_dir(self.data.path().join(folder)).into_iter().flatten().flatten();
            names.extend(entries.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())));
        }
        names.sort();
        names
    }
}

static A: LazyLock<Signer> = LazyLock::new(Signer::new);
static B: LazyLock<Signer> = LazyLock::new(Signer::new);
static C: LazyLock<Signer> = LazyLock::new(Signer::new);

#[test]
fn a_stick_without_an_inbox_brings_nothing() {
    let bench = Bench::new();
    assert!(bench.said().is_empty());
    fs::create_dir(bench.stick.path().join("synkiosk")).unwrap();
    assert!(bench.said().is_empty());
    bench.inbox();
    assert!(bench.said().is_empty());
}

#[test]
fn the_newest_bundle_is_taken_and_the_proven_one_kept() {
    let bench = Bench::new();
    bench.put("old.bundle", &kit::version(3));
    assert_eq!(bench.said(), ["old.bundle: version 3 in a"]);
    bench.put("B.BUNDLE", &kit::version(5));
    bench.put("c.bundle", &kit::version(4));
    let expected = [
        "B.BUNDLE: version 5 in b",
        "c.bundle: version 5 lies beside it, and this is version 4",
        "old.bundle: version 5 lies beside it, and this is version 3",
    ];
    assert_eq!(bench.said(), expected);
    assert_eq!(bench.said()[0], "B.BUNDLE: already there");
    let model = bench.slots().load(&TrustedKeys::demo()).model.unwrap();
    assert_eq!((model.bundle.manifest().version, model.slot), (5, Slot::B));
}

#[test]
fn what_laptops_leave_is_passed_over() {
    let bench = Bench::new();
    for name in [
        "._new.bundle",
        "._x.settings.toml",
        "settings.toml",
        "Thumbs.db",
        ".DS_Store",
        "desktop.ini",
        "notes.txt",
        "bundle",
    ] {
        bench.put(name, b"something");
    }
    for name in ["System Volume Information", ".Trashes", ".Spotlight-V100"] {
        fs::create_dir(bench.inbox().join(name)).unwrap();
    }
    assert!(bench.said().is_empty());
}

#[test]
fn each_defect_is_named_and_nothing_is_written() {
    let bench = Bench::new();
    bench.put("empty.bundle", b"");
    bench.put("half.bundle", &kit::version(4)[..5000]);
    bench.put("golden.bundle", &kit::with_wrong_golden(4));
    fs::create_dir(bench.inbox().join("folder.bundle")).unwrap();
    let large = File::create(bench.inbox().join("large.bundle")).unwrap();
    large.set_len(bundle::MOST_BYTES as u64 + 1).unwrap();
    let said = bench.said();
    let expected = [
        "empty.bundle: the file is no bundle",
        "folder.bundle: it is no plain file",
        "golden.bundle: golden input",
        "half.bundle: the file is no bundle",
        "large.bundle: the bundle has 67108865 bytes, more than 64 MiB",
    ];
    assert_eq!(said.len(), expected.len());
    for (line, expected) in said.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }
    assert_eq!(bench.kept(), ["unit/name", "unit/slip-key"]);
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new();
    let elsewhere = bench.data.path().join("real.bundle");
    fs::write(&elsewhere, kit::version(3)).unwrap();
    symlink(&elsewhere, bench.inbox().join("link.bundle")).unwrap();
    assert_eq!(bench.said(), ["link.bundle: it is no plain file"]);
    let other = Bench::new();
    symlink(bench.stick.path().join("synkiosk"), other.stick.path().join("synkiosk")).unwrap();
    assert!(matches!(other.look(), Err(InboxError::NotAFile)));
}

#[test]
fn a_crowded_folder_is_not_looked_through() {
    let bench = Bench::new();
    for number in 0..=MOST_ENTRIES {
        bench.put(&format!("{number}.txt"), b"");
    }
    assert!(matches!(bench.look(), Err(InboxError::TooMany)));
}

#[test]
fn settings_are_taken_once_and_never_back() {
    let bench = Bench::new();
    bench.put_signed("Ward 3.SETTINGS.toml", A.settings(&named("ward-3", 2)));
    fs::rename(bench.inbox().join("Ward 3.SETTINGS.toml"), bench.inbox().join("w.settings.toml")).unwrap();
    assert_eq!(bench.said(), ["w.settings.toml: its signature does not lie beside it"]);
    bench.put_signed("w.settings.toml", A.settings(&named("ward-3", 2)));
    assert_eq!(bench.said(), ["w.settings.toml: for ward-3"]);
    assert_eq!(bench.unit().name(), "ward-3");
    assert_eq!(bench.said(), ["w.settings.toml: SettingsAlreadyThere"]);
    bench.put_signed("w.settings.toml", A.settings(&named("ward-3", 1)));
    assert_eq!(bench.said(), ["w.settings.toml: the settings have counter 1, and this unit has had 2"]);
    let south = with(named("ward-3", 2), |settings| settings.site = Some("south".to_owned()));
    bench.put_signed("w.settings.toml", A.settings(&south));
    assert_eq!(bench.said(), ["w.settings.toml: there are other settings with counter 2"]);
    bench.put_signed("w.settings.toml", A.settings(&named("ward-4", 9)));
    assert_eq!(bench.said(), ["w.settings.toml: ForAnother(\"ward-4\")"]);
    assert_eq!((bench.unit().name(), bench.unit().settings().unwrap().counter), ("ward-3", 2));
}

#[test]
fn two_copies_are_one_and_two_units_are_one_too_many() {
    let bench = Bench::new();
    for name in ["1.settings.toml", "2.settings.toml"] {
        bench.put_signed(name, A.settings(&named("ward-3", 2)));
    }
    assert_eq!(bench.said(), ["1.settings.toml: for ward-3", "2.settings.toml: SettingsAlreadyThere"]);
    let bench = Bench::new();
    bench.put_signed("1.settings.toml", A.settings(&named("ward-3", 2)));
    bench.put_signed("2.settings.toml", A.settings(&named("ward-4", 2)));
    assert!(bench.said().iter().all(|line| line.contains("this one has no name yet")));
    assert_eq!(bench.kept(), ["unit/name", "unit/slip-key"]);
}

#[test]
fn each_defect_of_what_is_signed_is_named_and_nothing_is_written() {
    let bench = Bench::new();
    let changed = |(text, signature): Signed| (text.iter().map(|byte| byte ^ 1).collect(), signature);
    let of_another_kind = A.sign(&String::from_utf8(A.rotation_to(&B).0).unwrap());
    for (name, signed, said) in [
        ("a.settings.toml", changed(A.settings(&named("ward-3", 1))), "the signature does not fit"),
        ("a.settings.toml", B.settings(&named("ward-3", 1)), "is not trusted here"),
        ("a.settings.toml", (b"x".to_vec(), b"x".to_vec()), "the signature is damaged"),
        ("a.settings.toml", (b"x".to_vec(), vec![b'x'; 5000]), "its signature does not lie beside it"),
        ("a.settings.toml", A.sign("format = \"settings-1\""), "missing field `counter`"),
        ("a.settings.toml", of_another_kind, "this program reads \"settings-1\""),
        ("a.settings.toml", (vec![b'#'; 300_000], vec![]), "the file is 300000 bytes long"),
        ("a.rotation.toml", changed(A.rotation_to(&B)), "the signature does not fit"),
        ("a.rotation.toml", B.rotation_to(&C), "is not trusted here"),
        ("a.rotation.toml", A.sign("\u{0}"), "line 1: "),
        ("a.acknowledgement.toml", B.sign("x"), "is not trusted here"),
        (
            "a.acknowledgement.toml",
            A.sign("format = \"acknowledgement-1\"\nunit = \"../x\""),
            "missing field",
        ),
    ] {
        bench.put_signed(name, signed);
        let lines = bench.said();
        assert!(lines.len() == 1 && lines[0].contains(said), "{said}: {lines:?}");
        fs::remove_file(bench.inbox().join(name)).unwrap();
    }
    assert_eq!(bench.kept(), ["unit/name", "unit/slip-key"]);
}

#[test]
fn what_a_new_key_signed_is_taken_in_the_same_visit() {
    let bench = Bench::new();
    // By name, the second step comes first.
    bench.put_signed("1.rotation.toml", B.rotation_to(&C));
    bench.put_signed("2.rotation.toml", A.rotation_to(&B));
    bench.put_signed("c.settings.toml", C.settings(&named("ward-3", 1)));
    bench.put_signed("a.settings.toml", A.settings(&named("ward-4", 1)));
    let rotated = |id: String| format!("Rotation(Rotated {{ old: {id:?}, already: false }})");
    let expected = [
        format!("2.rotation.toml: {}", rotated(A.id())),
        format!("1.rotation.toml: {}", rotated(B.id())),
        format!("a.settings.toml: it is signed with key {}, which was replaced", A.id()),
        "c.settings.toml: for ward-3".to_owned(),
    ];
    assert_eq!(bench.said(), expected);
    let again = bench.said();
    assert!(again.iter().filter(|line| line.contains("already: true")).count() == 2, "{again:?}");
    assert_eq!(bench.unit().name(), "ward-3");
}

#[test]
fn a_model_stays_at_work_when_its_key_is_replaced_and_none_of_that_key_is_taken() {
    let bench = Bench::new();
    bench.put("m.bundle", &kit::version(3));
    bench.said();
    let demo = bench.unit().keys().trusted().names().find(|key| key.is_demo).unwrap().id.clone();
    let rotation = synkiosk_boards::unit::rotation::Rotation::new(&demo, &B.line()).unwrap();
    bench.put_signed("r.rotation.toml", kit::sign(&rotation.to_text()));
    bench.put("m.bundle", &kit::version(4));
    let said = bench.said();
    assert_eq!(said[1], format!("m.bundle: it is signed with key {demo}, which was replaced"));
    let unit = bench.unit();
    assert!(!unit.keys().trusted().names().any(|key| key.is_demo));
    let model = bench.slots().load(&unit.keys().known()).model.unwrap();
    assert_eq!(model.bundle.manifest().version, 3);
}

#[test]
fn nothing_else_is_taken_where_a_new_key_cannot_be_kept() {
    let bench = Bench::new();
    let shelf = crate::slots::fake_shelf::FakeShelf::default();
    let origin = Origin { keys: vec![A.public()], accepts_demo: false };
    let mut unit = Unit::on(shelf.clone(), origin, "vm");
    let (mut slots, mut segments) = (bench.slots(), bench.segments());
    bench.put_signed("r.rotation.toml", A.rotation_to(&B));
    bench.put_signed("s.settings.toml", B.settings(&named("ward-3", 1)));
    shelf.set_full(true);
    let mut desk = Desk { unit: &mut unit, slots: &mut slots, segments: &mut segments };
    let items = take_in(bench.stick.path(), &mut desk).unwrap();
    let said: Vec<_> = items.iter().map(|item| item.result.as_ref().unwrap_err().to_string()).collect();
    assert!(said[0].starts_with("it could not be kept"), "{said:?}");
    assert_eq!(said[1], "it was left alone, because a new key could not be kept");
    assert!(unit.settings().is_none() && !unit.keys().is_retired(&A.id()));
}

#[test]
fn acknowledged_segments_go_and_the_rest_stays() {
    let bench = Bench::new();
    let journal = bench.data.path().join("journal");
    fs::create_dir(&journal).unwrap();
    let write = |number: u32| {
        let bytes = format!("segment {number}").into_bytes();
        fs::write(journal.join(store::segment_name(number)), &bytes).unwrap();
        Segment { number, bytes: bytes.len() as u64, sha256: Member::of("segment", &bytes).sha256 }
    };
    let segments: Vec<Segment> = (1..=3).map(write).collect();
    let acknowledging =
        |unit: &str| A.acknowledgement(&Acknowledgement::new(unit, segments.clone()).unwrap());
    bench.put_signed("a.acknowledgement.toml", acknowledging("ward-3"));
    assert_eq!(bench.said(), ["a.acknowledgement.toml: ForAnother(\"ward-3\")"]);
    bench.put_signed("a.acknowledgement.toml", acknowledging(bench.unit().name()));
    let said = bench.said();
    assert!(said[0].contains("discarded: [1, 2], gone: 0, kept: [(3, StillWritten)]"), "{said:?}");
    assert_eq!(bench.kept(), ["journal/00000003.segment", "unit/name", "unit/slip-key"]);
}
