//! Every hostile bundle at every door of the laptop: refused by name, exit code 1, and nothing is written.

use crate::{
    bundles::{self, SeenBy},
    folder::snapshot,
    served::{Served, ask, root},
    synkiosk,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Named by every command below behind its bundle: who complains of it has let the bundle through.
const MISSING: &str = "nothing-here";

/// A command that takes a bundle; the bundle's path is added to it.
type Door = (&'static str, &'static str);

const DOORS: [Door; 9] = [
    ("verify", "verify"),
    ("predict", "predict nothing-here --bundle"),
    ("evaluate", "evaluate --data nothing-here --bundle"),
    ("train", "train --data nothing-here --out OUT --protocol paper --init"),
    ("serve", "serve --port 0 --unit nothing-here --bundle"),
    ("provision stick", "provision stick --unit ward-3 --signing-key demo.key --bundle"),
    ("provision card", "provision card --unit ward-3 --signing-key demo.key --key demo.pub --bundle"),
    ("provision image", "provision card.img --unit ward-3 --signing-key demo.key --key demo.pub --bundle"),
    ("image", "image --board vm --binary program --packages nothing-here --key demo.pub --out OUT --bundle"),
];

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        for name in ["demo.key", "demo.pub"] {
            fs::copy(root().join("models/shipped").join(name), bench.path(name)).unwrap();
        }
        for name in ["stick", "card"] {
            fs::create_dir(bench.path(name)).unwrap();
        }
        let list = b"{\"name\": \"synkiosk-vm\"}";
        fs::write(bench.path("card/sbom.json"), list).unwrap();
        crate::fat::format(&bench.path("card.img"), &[("sbom.json", list)]);
        // The head of a static ELF file for arm64.
        let mut program = vec![0; 4096];
        program[..5].copy_from_slice(b"\x7fELF\x02");
        program[18] = 183;
        fs::write(bench.path("program"), program).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The exit code, what was said, and whether the bundle got through.
    fn enter(&self, (_, arguments): Door, file: &Path) -> (Option<i32>, String, bool) {
        let file = file.to_str().unwrap();
        let arguments: Vec<&str> = arguments.split(' ').chain([file]).collect();
        let output = synkiosk(self.folder.path(), &arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        let through = output.status.success() || said.contains(MISSING);
        (output.status.code(), said, through)
    }
}

#[test]
fn every_hostile_bundle_is_refused_at_every_door_of_the_laptop() {
    let (bench, files) = (Bench::new(), tempfile::tempdir().unwrap());
    let before = snapshot(bench.folder.path());
    let attacks = bundles::all();
    let (mut refused, mut sound) = (0, 0);
    for (number, attack) in attacks.iter().enumerate() {
        let file = files.path().join(format!("{number}.bundle"));
        attack.content.write(&file);
        for door in DOORS {
            let own = if attack.seen_by == SeenBy::Unit { Some(Bench::new()) } else { None };
            let bench = own.as_ref().unwrap_or(&bench);
            let (code, said, through) = bench.enter(door, &file);
            assert!(!said.contains('\x1b'), "{} at {} steers the terminal", attack.name, door.0);
            // A laptop does not know which models a unit has had; the unit itself refuses them.
            if attack.seen_by == SeenBy::Unit {
                assert!(through, "{} at {}: {said}", attack.name, door.0);
                sound += 1;
                continue;
            }
            assert_eq!((code, through), (Some(1), false), "{} at {}: {said}", attack.name, door.0);
            let lines: Vec<&str> = said.lines().collect();
            assert!(
                lines.len() == 2 && lines[1].starts_with("help: "),
                "{} at {}: {said}",
                attack.name,
                door.0
            );
            assert!(
                lines[0].contains(&attack.said),
                "{} at {}: {said}\nexpected: {}",
                attack.name,
                door.0,
                attack.said
            );
            assert_eq!(snapshot(bench.folder.path()), before, "{} at {}", attack.name, door.0);
            refused += 1;
        }
    }
    println!(
        "figure: {} hostile bundles at {} doors of the laptop: {refused} refused, {sound} sound there",
        attacks.len(),
        DOORS.len()
    );
    assert_eq!(refused + sound, attacks.len() * DOORS.len());
}

/// The same doors are open: a sound bundle comes in.
#[test]
fn a_sound_bundle_comes_in_at_every_door_of_the_laptop() {
    let bench = Bench::new();
    let file = bench.path("sound.bundle");
    fs::write(&file, bundles::welcome()).unwrap();
    for door in DOORS {
        let (_, said, through) = bench.enter(door, &file);
        assert!(through, "{}: {said}", door.0);
    }
}

/// The page Models lists what lies in a folder: each with what is wrong with it, none with a card or a report.
#[test]
fn the_page_of_models_shows_what_is_wrong_and_no_card() {
    let files = tempfile::tempdir().unwrap();
    let attacks = bundles::all();
    for (number, attack) in attacks.iter().enumerate() {
        attack.content.write(&files.path().join(format!("{number:02}.bundle")));
    }
    fs::write(files.path().join("sound.bundle"), bundles::welcome()).unwrap();
    fs::create_dir(files.path().join("folder.bundle")).unwrap();
    #[cfg(unix)]
    assert!(
        std::process::Command::new("mkfifo")
            .arg(files.path().join("pipe.bundle"))
            .status()
            .unwrap()
            .success()
    );
    let before = snapshot(files.path());
    let mut served = Served::start(&["--bundles", files.path().to_str().unwrap()]);
    let page = served.get("/models");
    assert_eq!(page.status, 200);
    let page = page.text();
    let sections: Vec<&str> = page.split("<article class=\"model\">").collect();
    let of = |name: &str| *sections.iter().find(|section| section.contains(name)).unwrap();
    assert!(of("sound.bundle").contains("/models/card?name=sound.bundle"));
    assert!(!page.contains("folder.bundle") && !page.contains("pipe.bundle"));
    for (number, attack) in attacks.iter().enumerate() {
        let name = format!("{number:02}.bundle");
        let section = of(&name);
        if attack.seen_by == SeenBy::Unit {
            continue;
        }
        let said = attack.said.replace('"', "&quot;");
        assert!(section.contains(&said), "{}: {section}", attack.name);
        assert!(!section.contains("/models/card"), "{}: {section}", attack.name);
        let card = served.get(&format!("/models/card?name={name}"));
        assert_eq!(card.status, 422, "{}: {}", attack.name, card.text());
    }
    for name in ["../../etc/passwd", "..%2F..%2Fetc%2Fpasswd", "pipe.bundle", "folder.bundle", ""] {
        let host = served.host();
        let path = format!("/models/card?name={name}");
        assert_eq!(ask(served.port, "GET", &path, &[("Host", &host)], &[]).unwrap().status, 404, "{name}");
    }
    assert!(served.is_running());
    assert_eq!(snapshot(files.path()), before);
    println!("figure: {} hostile bundles on the page Models: each with its reason", attacks.len());
}
