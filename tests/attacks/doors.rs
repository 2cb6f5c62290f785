//! Every hostile bundle at every door of a unit: refused by name, and nothing is changed.

use crate::{
    bundles::{self, Attack, HAD, RETIRED, SUCCESSOR, SeenBy},
    folder::snapshot,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use synkiosk_boards::{Profile, unit::rotation::Rotation};
use synkiosk_device::{session::screen::StickProblem, slots::Slots, start, stick::visit, unit::Card};
use synkiosk_models::bundle::{DEMO_PUBLIC_KEY, MOST_BYTES, TrustedKeys};

/// A unit that has had models, and one of whose keys was replaced; made once, and copied for each attack.
pub(crate) struct Scene {
    pub(crate) root: tempfile::TempDir,
}

impl Scene {
    pub(crate) fn new() -> Scene {
        let scene = Scene { root: tempfile::tempdir().unwrap() };
        fs::create_dir_all(scene.inbox()).unwrap();
        let mut slots = Slots::open(&scene.data().join(start::MODELS)).unwrap();
        for version in [HAD - 1, HAD] {
            let candidate =
                synkiosk_device::slots::check(bundles::sound(version), &TrustedKeys::demo()).unwrap();
            slots.install(&candidate, &TrustedKeys::demo()).unwrap();
        }
        let text = Rotation::new(&bundles::id(&RETIRED), &SUCCESSOR.pk.to_base64()).unwrap().to_text();
        scene.put("r.rotation.toml", text.as_bytes());
        scene.put("r.rotation.toml.minisig", &bundles::sign(&text, &RETIRED.sk));
        let report = visit(&scene.stick(), &scene.card());
        assert_eq!((report.summary.taken, report.summary.problem), (1, None), "{:?}", report.lines);
        fs::remove_dir_all(scene.inbox()).unwrap();
        fs::create_dir_all(scene.inbox()).unwrap();
        scene
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    pub(crate) fn stick(&self) -> PathBuf {
        self.root.path().join("stick")
    }

    pub(crate) fn inbox(&self) -> PathBuf {
        self.stick().join("synkiosk/inbox")
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.inbox().join(name), bytes).unwrap();
    }

    /// The card came with the demo key and the one that was retired since.
    pub(crate) fn card(&self) -> Card {
        let profile = Profile::named("vm").unwrap();
        Card {
            data: self.data(),
            came_with: Vec::new(),
            more_keys: vec![DEMO_PUBLIC_KEY.to_owned(), bundles::public(&RETIRED)],
            profile,
        }
    }
}

/// What became of an attack at a door.
struct Outcome {
    refused: bool,
    said: String,
}

/// Where bundles come in.
type Door = (&'static str, fn(&Scene, &Path) -> Outcome);

const DOORS: [Door; 6] = [
    ("a stick's inbox", by_stick),
    ("the card's own inbox", by_boot_partition),
    ("selftest --bundle", |scene, file| by_command(scene, &["selftest"], file)),
    ("demo --bundle", |scene, file| {
        by_command(scene, &["demo", "--photo", "none.jpg", "--out", "OUT"], file)
    }),
    ("demo --serve --bundle", |scene, file| {
        by_command(scene, &["demo", "--serve", "--series", "none"], file)
    }),
    ("run --bundle", |scene, file| by_command(scene, &["run", "--board", "desk", "--out", "OUT"], file)),
];

fn by_stick(scene: &Scene, file: &Path) -> Outcome {
    fs::hard_link(file, scene.inbox().join("model.bundle")).unwrap();
    let report = visit(&scene.stick(), &scene.card());
    let refused = report.summary.problem == Some(StickProblem::Refused);
    assert_eq!(report.summary.taken == 0, refused, "{:?}", report.lines);
    assert_eq!(report.needs_start, !refused);
    Outcome { refused, said: report.lines.join("\n") }
}

fn by_boot_partition(scene: &Scene, file: &Path) -> Outcome {
    fs::hard_link(file, scene.inbox().join("model.bundle")).unwrap();
    let start = start::start(&scene.data(), &[scene.stick()], &mut scene.card().unit());
    let version = start.bundle.unwrap().manifest().version;
    let said: Vec<String> = start.complaints.iter().map(|complaint| complaint.message.clone()).collect();
    Outcome { refused: version == HAD, said: said.join("\n") }
}

/// The command has something else to complain of, but only after the bundle: that is exit code 2, and a way through.
fn by_command(scene: &Scene, arguments: &[&str], file: &Path) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synkiosk-device"));
    let output =
        command.args(arguments).arg("--bundle").arg(file).current_dir(scene.root.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    let refused = output.status.code() == Some(1);
    let written = scene.root.path().join("OUT");
    if refused {
        let is_told = lines.len() == 2 && lines[0].starts_with("error: ") && lines[1].starts_with("help: ");
        assert!(is_told && !written.exists(), "{arguments:?}: {said}");
    }
    let _ = fs::remove_dir_all(written);
    Outcome { refused, said }
}

/// What must become of it: refused with these words, or let through because nothing is wrong with it there.
fn expected(door: &str, attack: &Attack) -> Option<String> {
    let remembers = door.ends_with("inbox");
    let is_quiet = door == "the card's own inbox";
    match attack.seen_by {
        SeenBy::Anyone => Some(attack.said.clone()),
        // The card's own inbox is looked through at every start: that the unit has gone on since is no news.
        SeenBy::Unit if is_quiet && attack.name == "an older version" => Some(String::new()),
        SeenBy::Unit => remembers.then(|| attack.said.clone()),
        SeenBy::Keys if is_quiet => Some(String::new()),
        SeenBy::Keys if remembers => {
            Some(format!("is signed with key {}, which was replaced", bundles::id(&RETIRED)))
        }
        SeenBy::Keys => Some(attack.said.clone()),
    }
}

#[test]
fn every_hostile_bundle_is_refused_at_every_door_of_a_unit() {
    let (scene, files) = (Scene::new(), tempfile::tempdir().unwrap());
    let before = snapshot(&scene.data());
    let attacks = bundles::all();
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, attack) in attacks.iter().enumerate() {
        let file = files.path().join(format!("{number}.bundle"));
        attack.content.write(&file);
        let mut cells = Vec::new();
        for (door, enter) in DOORS {
            let expected = expected(door, attack);
            // One that is sound here would change the unit.
            let own = if expected.is_none() { Some(Scene::new()) } else { None };
            let at = own.as_ref().unwrap_or(&scene);
            let outcome = enter(at, &file);
            assert_eq!(outcome.refused, expected.is_some(), "{} at {door}: {}", attack.name, outcome.said);
            let words = expected.clone().unwrap_or_default();
            assert!(
                outcome.said.contains(&words),
                "{} at {door}: {}\nexpected: {words}",
                attack.name,
                outcome.said
            );
            assert!(!outcome.said.contains('\x1b'), "{} at {door} steers the terminal", attack.name);
            if expected.is_some() {
                assert_eq!(snapshot(&at.data()), before, "{} at {door} has changed something", attack.name);
            }
            let cell = if expected.is_some() { "refused" } else { "sound there" };
            *told.entry(cell).or_default() += 1;
            cells.push(cell);
            let _ = fs::remove_file(at.inbox().join("model.bundle"));
        }
        println!("{:36} {}", attack.name, cells.join(" | "));
    }
    println!("figure: {} hostile bundles at {} doors of a unit: {told:?}", attacks.len(), DOORS.len());
    assert_eq!(told.values().sum::<usize>(), attacks.len() * DOORS.len());
}

/// The same doors are open: a sound bundle comes in, so that the test above does not knock at a wall.
#[test]
fn a_sound_bundle_comes_in_at_every_door_of_a_unit() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("sound.bundle");
    fs::write(&file, bundles::welcome()).unwrap();
    for (door, enter) in DOORS {
        let outcome = enter(&Scene::new(), &file);
        assert!(!outcome.refused, "{door}: {}", outcome.said);
    }
}

/// Somebody has the card and writes to its slot: the start falls back to the other one, and says so.
#[test]
fn every_hostile_bundle_in_a_slot_is_found_at_the_start() {
    let scene = Scene::new();
    let models = scene.data().join(start::MODELS);
    let newest = fs::read(models.join("b.bundle")).unwrap();
    let before = snapshot(&models);
    for attack in bundles::all() {
        fs::remove_file(models.join("b.bundle")).unwrap();
        attack.content.write(&models.join("b.bundle"));
        let start = start::start(&scene.data(), &[], &mut scene.card().unit());
        let version = start.bundle.as_ref().unwrap().manifest().version;
        let said: String = start.complaints.iter().map(|complaint| complaint.message.as_str()).collect();
        let words = match (attack.seen_by, attack.name) {
            // Of a slot no more is read than shows that it is too large.
            (_, "a hole of 5 GB") => format!("the bundle has {} bytes", MOST_BYTES + 1),
            (SeenBy::Anyone, _) => attack.said.clone(),
            (_, "an older version") => {
                "version 4 is at work instead of 5: it is not there any more".to_owned()
            }
            // A key that counted once, or another bundle with the newest counter: whoever signed these was trusted, and
            // whoever put them there has the card in hand.
            _ => {
                assert!(version >= HAD, "{}", attack.name);
                fs::remove_file(models.join("highest.json")).unwrap();
                fs::write(models.join("b.bundle"), &newest).unwrap();
                start::start(&scene.data(), &[], &mut scene.card().unit());
                continue;
            }
        };
        assert_eq!(version, HAD - 1, "{}", attack.name);
        assert!(said.contains(&words), "{}: {said}", attack.name);
        assert_eq!(start.notice, Some(synkiosk_device::session::screen::Notice::OlderModel));
        let mut now = snapshot(&models);
        now.remove("b.bundle.damaged");
        for file in ["a.bundle", "highest.json"] {
            assert_eq!(now.get(file), before.get(file), "{}: {file}", attack.name);
        }
        let _ = fs::remove_file(models.join("b.bundle.damaged"));
        fs::write(models.join("b.bundle"), &newest).unwrap();
    }
}
