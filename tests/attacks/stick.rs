//! Sticks that are made to lead a unit astray: links, pipes, devices, names, crowds, depths, and files that grow.

use crate::{bundles, doors::Scene, folder::snapshot};
use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener},
    path::Path,
    process::Command,
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant},
};
use synkiosk_boards::unit::settings::Settings;
use synkiosk_device::{
    inbox::MOST_ENTRIES,
    session::screen::StickProblem,
    stick::{Report, visit},
};

/// In a thread of its own: whoever waits for a pipe waits for ever. A visit takes a second at most.
fn visit_in_time(scene: &Scene) -> Report {
    let (stick, card) = (scene.stick(), scene.card());
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(visit(&stick, &card)));
    receiver.recv_timeout(Duration::from_secs(120)).expect("the visit waits for something on the stick")
}

/// What a console or a terminal is told holds letters alone.
fn is_plain(line: &str) -> bool {
    !line.chars().any(|letter| letter.is_control() || ('\u{200b}'..='\u{206f}').contains(&letter))
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn signed_settings(scene: &Scene, name: &str) {
    let text = Settings::named("ward-3", 1).unwrap().to_text();
    scene.put(&format!("{name}.settings.toml"), text.as_bytes());
    scene.put(&format!("{name}.settings.toml.minisig"), &bundles::sign(&text, &bundles::demo_key()));
}

/// One sealed segment, so that the outbox has something to carry.
fn with_segment(scene: &Scene) {
    fs::create_dir_all(scene.data().join("journal")).unwrap();
    fs::write(scene.data().join("journal/00000001.segment"), b"SYNK").unwrap();
}

/// The visit of a stick that was made by `prepare`: it refuses so many things, and the unit is as it was.
fn check(prepare: impl FnOnce(&Scene), refused: usize, said: &str) {
    let scene = Scene::new();
    prepare(&scene);
    let before = snapshot(&scene.data());
    let report = visit_in_time(&scene);
    let lines: Vec<&String> = report.lines.iter().filter(|line| line.contains(said)).collect();
    assert_eq!(lines.len(), refused, "{said}: {:?}", report.lines);
    assert!(report.lines.iter().all(|line| is_plain(line)), "{:?}", report.lines);
    assert_eq!((report.summary.taken, report.needs_start), (0, false), "{:?}", report.lines);
    assert_eq!(snapshot(&scene.data()), before, "{said}");
}

#[test]
fn links_lead_nowhere() {
    let to_a_file = |scene: &Scene, name: &str| {
        let outside = scene.root.path().join("outside");
        fs::write(&outside, bundles::welcome()).unwrap();
        symlink(&outside, scene.inbox().join(name)).unwrap();
    };
    for name in ["a.bundle", "a.settings.toml", "a.rotation.toml", "a.acknowledgement.toml"] {
        check(|scene| to_a_file(scene, name), 1, "it is no plain file");
    }
    check(
        |scene| {
            signed_settings(scene, "w");
            let signature = scene.inbox().join("w.settings.toml.minisig");
            fs::rename(&signature, scene.root.path().join("outside")).unwrap();
            symlink(scene.root.path().join("outside"), signature).unwrap();
        },
        1,
        "it is no plain file",
    );
    check(
        |scene| {
            let [one, other] = ["one.bundle", "other.bundle"].map(|name| scene.inbox().join(name));
            symlink(&one, &other).unwrap();
            symlink(&other, &one).unwrap();
        },
        2,
        "it is no plain file",
    );
    for folder in ["synkiosk", "synkiosk/inbox"] {
        check(
            |scene| {
                scene.put("model.bundle", &bundles::welcome());
                let path = scene.stick().join(folder);
                fs::rename(&path, scene.root.path().join("outside")).unwrap();
                symlink(scene.root.path().join("outside"), path).unwrap();
            },
            1,
            "inbox: it is no plain file",
        );
    }
}

/// What a unit writes goes to the stick, wherever the stick's links lead.
#[test]
fn nothing_is_written_by_way_of_a_link() {
    let scene = Scene::new();
    with_segment(&scene);
    visit_in_time(&scene);
    let outbox = scene.stick().join("synkiosk/outbox").join(scene.card().unit().name());
    let outside = scene.root.path().join("outside");
    for name in ["unit.toml", "00000001.segment", ".unit.toml.part", ".00000001.segment.part"] {
        fs::write(&outside, b"precious").unwrap();
        let _ = fs::remove_file(outbox.join(name));
        symlink(&outside, outbox.join(name)).unwrap();
        let before = snapshot(&scene.data());
        let report = visit_in_time(&scene);
        assert_eq!(report.summary.problem, None, "{name}: {:?}", report.lines);
        assert_eq!(fs::read(&outside).unwrap(), b"precious", "{name}");
        assert_eq!(fs::read(outbox.join("00000001.segment")).unwrap(), b"SYNK", "{name}");
        let mut names: Vec<_> = fs::read_dir(&outbox).unwrap().map(|it| it.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["00000001.segment", "unit.toml"]);
        assert_eq!(snapshot(&scene.data()), before);
    }
    for folder in [&outbox, &scene.stick().join("synkiosk/outbox")] {
        fs::remove_dir_all(folder).unwrap();
        fs::create_dir_all(scene.root.path().join("elsewhere")).unwrap();
        symlink(scene.root.path().join("elsewhere"), folder).unwrap();
        assert_eq!(visit_in_time(&scene).summary.problem, Some(StickProblem::NotWritten));
        assert_eq!(fs::read_dir(scene.root.path().join("elsewhere")).unwrap().count(), 0);
        fs::remove_file(folder).unwrap();
    }
}

#[test]
fn no_pipe_and_no_device_is_waited_for() {
    for name in ["a.bundle", "a.settings.toml", "a.rotation.toml", "a.acknowledgement.toml"] {
        check(|scene| make_pipe(&scene.inbox().join(name)), 1, "it is no plain file");
        check(|scene| drop(UnixListener::bind(scene.inbox().join(name)).unwrap()), 1, "it is no plain file");
        let node = |scene: &Scene| {
            let made = Command::new("mknod").arg(scene.inbox().join(name)).args(["c", "1", "5"]).output();
            made.is_ok_and(|made| made.status.success())
        };
        if node(&Scene::new()) {
            check(|scene| assert!(node(scene)), 1, "it is no plain file");
        } else {
            eprintln!("SKIPPED: a device in the place of {name}: this user may not make one");
        }
    }
    check(
        |scene| {
            signed_settings(scene, "w");
            fs::remove_file(scene.inbox().join("w.settings.toml.minisig")).unwrap();
            make_pipe(&scene.inbox().join("w.settings.toml.minisig"));
        },
        1,
        "it is no plain file",
    );
    check(
        |scene| {
            fs::remove_dir(scene.inbox()).unwrap();
            make_pipe(&scene.inbox());
        },
        1,
        "inbox: it is no plain file",
    );
    let scene = Scene::new();
    with_segment(&scene);
    visit_in_time(&scene);
    let outbox = scene.stick().join("synkiosk/outbox").join(scene.card().unit().name());
    for name in ["unit.toml", "00000001.segment", ".unit.toml.part", ".00000001.segment.part"] {
        let _ = fs::remove_file(outbox.join(name));
        make_pipe(&outbox.join(name));
        assert_eq!(visit_in_time(&scene).summary.problem, None, "{name}");
        assert_eq!(fs::read(outbox.join("00000001.segment")).unwrap(), b"SYNK", "{name}");
    }
}

/// Names at the limit of file systems, names that are no text, and names that steer a terminal.
#[test]
fn no_name_does_harm() {
    let longest = "a".repeat(255 - ".bundle".len()) + ".bundle";
    let names: [&[u8]; 8] = [
        longest.as_bytes(),
        b"\xff\xfe\x80.bundle",
        b"\x1b]0;owned\x07\x1b[2J.bundle",
        b"two\nlines\r.bundle",
        "\u{202e}eldnub.\u{200f}.bundle".as_bytes(),
        "\u{9b}2J\u{85}.bundle".as_bytes(),
        b"; reboot $(reboot) `reboot` %s%n.bundle",
        b"..bundle\\..\\..\\x.bundle",
    ];
    check(
        |scene| {
            for name in names {
                fs::write(scene.inbox().join(OsStr::from_bytes(name)), b"x").unwrap();
            }
        },
        names.iter().filter(|name| !name.starts_with(b".")).count(),
        "the file is no bundle",
    );
    // The signature's name would be longer than any name may be.
    let longest = "a".repeat(255 - ".settings.toml".len()) + ".settings.toml";
    check(|scene| scene.put(&longest, b"x"), 1, "it could not be read");
}

#[test]
fn depths_are_not_gone_into() {
    check(
        |scene| {
            let deep = "d/".repeat(1_900);
            fs::create_dir_all(scene.inbox()).unwrap();
            // In steps: a whole path of this length is longer than the system takes.
            let made = Command::new("mkdir").current_dir(scene.inbox()).args(["-p", &deep]).status().unwrap();
            assert!(made.success());
            fs::create_dir_all(scene.inbox().join("folder.bundle/inside.bundle")).unwrap();
        },
        1,
        "it is no plain file",
    );
}

#[test]
fn a_file_that_grows_while_it_is_read_is_refused() {
    let scene = Scene::new();
    let whole = bundles::welcome();
    scene.put("m.bundle", &whole[..whole.len() - 1]);
    let before = snapshot(&scene.data());
    let path = scene.inbox().join("m.bundle");
    let grow = thread::spawn(move || {
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        for _ in 0..70 {
            file.write_all(&vec![0; 1 << 20]).unwrap();
            thread::sleep(Duration::from_millis(5));
        }
    });
    let mut visits = 0;
    let mut is_over = false;
    while !is_over {
        is_over = grow.is_finished();
        let report = visit(&scene.stick(), &scene.card());
        assert_eq!(report.summary.problem, Some(StickProblem::Refused), "{:?}", report.lines);
        visits += 1;
    }
    grow.join().unwrap();
    assert_eq!(snapshot(&scene.data()), before);
    println!("figure: {visits} visits while a bundle grew to 71 MiB: all refused");
}

/// An inbox of so many files, and an outbox as crowded.
fn crowd(files: usize) {
    let scene = Scene::new();
    with_segment(&scene);
    visit_in_time(&scene);
    let outbox = scene.stick().join("synkiosk/outbox").join(scene.card().unit().name());
    for number in 0..files {
        File::create(scene.inbox().join(format!("{number}.bundle"))).unwrap();
        File::create(outbox.join(format!("{number}.txt"))).unwrap();
    }
    let before = snapshot(&scene.data());
    let (memory, began) = (most_memory(), Instant::now());
    let report = visit(&scene.stick(), &scene.card());
    let took = began.elapsed();
    println!(
        "figure: an inbox and an outbox of {files} files each: a visit of {:.3} s, {:.1} MiB more memory at most",
        took.as_secs_f64(),
        most_memory() - memory
    );
    let said = format!("inbox: the inbox holds more than {MOST_ENTRIES} files");
    assert!(report.lines.iter().any(|line| line.starts_with(&said)), "{:?}", report.lines);
    assert_eq!(report.summary.problem, Some(StickProblem::Refused));
    assert_eq!(fs::read(outbox.join("00000001.segment")).unwrap(), b"SYNK");
    assert_eq!(snapshot(&scene.data()), before);
}

/// Mebibytes that this process had in memory at most.
fn most_memory() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .map_or(f64::NAN, |kib: f64| kib / 1024.0)
}

#[test]
fn a_crowd_of_files_is_not_looked_through() {
    crowd(5_000);
}

#[test]
#[ignore = "two million files: a minute, and as many inodes"]
fn a_million_files_are_not_looked_through() {
    crowd(1_000_000);
}
