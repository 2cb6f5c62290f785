//! Sticks that are made to lead the laptop astray: links out of them, pipes, names that steer a terminal, and crowds.

use crate::{folder::snapshot, synkiosk};
use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::{ffi::OsStrExt, fs::symlink},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        fs::copy(crate::served::root().join("models/shipped/demo.key"), bench.path("demo.key")).unwrap();
        crate::collection_key(&bench.path("collection.key"));
        fs::create_dir_all(bench.path("stick/synkiosk/outbox/ward-3")).unwrap();
        fs::write(bench.path("stick/synkiosk/outbox/ward-3/00000001.segment"), b"no segment").unwrap();
        fs::create_dir(bench.path("outside")).unwrap();
        fs::write(bench.path("outside/precious"), b"precious").unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Everything that `collect` says, and its exit code.
    fn collect(&self) -> (Option<i32>, String) {
        let arguments = [
            "collect",
            "stick",
            "--key",
            "collection.key",
            "--store",
            "store.sqlite",
            "--acknowledge",
            "demo.key",
        ];
        told(synkiosk(self.folder.path(), &arguments))
    }

    fn provision(&self) -> (Option<i32>, String) {
        told(synkiosk(
            self.folder.path(),
            &["provision", "stick", "--unit", "ward-3", "--signing-key", "demo.key"],
        ))
    }

    fn link(&self, name: &str, to: &str) {
        let _ = fs::remove_dir_all(self.path(name));
        symlink(self.path(to), self.path(name)).unwrap();
    }
}

fn told(output: std::process::Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Nothing is read or written by way of a link, wherever it stands and whatever it leads to.
#[test]
fn links_lead_nowhere() {
    for link in
        ["stick/synkiosk", "stick/synkiosk/outbox", "stick/synkiosk/outbox/ward-3", "stick/synkiosk/inbox"]
    {
        let bench = Bench::new();
        // What would be found behind the link, were it followed.
        let behind = link.strip_prefix("stick/synkiosk").unwrap().trim_start_matches('/');
        let outbox = ["outbox/ward-3", "ward-3", "."]
            [behind.split('/').filter(|part| !part.is_empty()).count().min(2)];
        fs::create_dir_all(bench.path("outside").join(outbox)).unwrap();
        fs::write(bench.path("outside").join(outbox).join("00000009.segment"), b"of the laptop").unwrap();
        bench.link(link, "outside");
        let before = snapshot(&bench.path("outside"));
        let (code, said) = bench.collect();
        assert_eq!(code, Some(2), "{link}: {said}");
        assert!(said.contains("is a link") || said.contains("holds no outbox"), "{link}: {said}");
        let (code, said) = bench.provision();
        if link.ends_with("synkiosk") || link.ends_with("inbox") {
            assert_eq!(code, Some(2), "{link}: {said}");
            assert!(said.contains("is a link"), "{link}: {said}");
        }
        assert_eq!(snapshot(&bench.path("outside")), before, "{link}");
    }
    let bench = Bench::new();
    fs::create_dir_all(bench.path("stick/synkiosk/inbox")).unwrap();
    for name in ["ward-3.acknowledgement.toml", "ward-3.settings.toml", "ward-3.settings.toml.minisig"] {
        bench.link(&format!("stick/synkiosk/inbox/{name}"), "outside/precious");
    }
    bench.link("stick/synkiosk/outbox/ward-3/00000002.segment", "outside/precious");
    bench.link("stick/loop", "stick");
    bench.collect();
    bench.provision();
    assert_eq!(fs::read(bench.path("outside/precious")).unwrap(), b"precious");
    assert_eq!(fs::read_dir(bench.path("outside")).unwrap().count(), 1);
}

#[test]
fn no_pipe_is_waited_for() {
    let bench = Bench::new();
    let outbox = bench.path("stick/synkiosk/outbox/ward-3");
    fs::create_dir_all(bench.path("stick/synkiosk/inbox")).unwrap();
    for name in [outbox.join("unit.toml"), outbox.join("00000002.segment"), bench.path("stick/recipient.pub")]
    {
        make_pipe(&name);
    }
    let (code, said) = bench.collect();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("it is no plain file"), "{said}");
    fs::remove_file(outbox.join("unit.toml")).unwrap();
    let (code, said) = bench.collect();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("segment 2: it is no plain file"), "{said}");
    for name in ["stick/sbom.json", "stick/synkiosk/inbox/ward-3.settings.toml"] {
        let _ = fs::remove_file(bench.path(name));
        make_pipe(&bench.path(name));
        let (code, said) = bench.provision();
        assert!(code.is_some(), "{name}: {said}");
    }
}

#[test]
fn no_name_steers_the_terminal() {
    let bench = Bench::new();
    let names: [&[u8]; 5] = [
        b"\x1b]0;owned\x07\x1b[2J",
        b"two\nlines\r",
        "\u{202e}3-draw".as_bytes(),
        "\u{9b}2J".as_bytes(),
        b"...",
    ];
    for name in names {
        let folder = bench.path("stick/synkiosk/outbox").join(OsStr::from_bytes(name));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("00000001.segment"), b"x").unwrap();
    }
    let not_text = bench.path("stick/synkiosk/outbox").join(OsStr::from_bytes(b"\xff\xfe"));
    fs::create_dir(&not_text).unwrap();
    let long = bench.path("stick/synkiosk/outbox").join("a".repeat(255));
    fs::create_dir(&long).unwrap();
    let (code, said) = bench.collect();
    assert_eq!(code, Some(2), "{said}");
    let is_steering = |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
    assert!(!said.contains(is_steering), "{said:?}");
    assert_eq!(
        said.lines().filter(|line| line.starts_with("warning: ") && line.contains("names no unit")).count(),
        5,
        "{said}"
    );
}

/// So many foreign files beside the one segment, and as many folders beside the outbox.
fn crowd(count: usize) {
    let bench = Bench::new();
    let stick = bench.path("stick/synkiosk/outbox");
    for number in 0..count {
        File::create(stick.join(format!("ward-3/{number}.txt"))).unwrap();
    }
    for number in 0..count / 100 {
        fs::create_dir(bench.path(&format!("stick/{number}"))).unwrap();
    }
    let began = Instant::now();
    let (code, said) = bench.collect();
    println!(
        "figure: an outbox of {count} foreign files and {} folders beside it: collected in {:.2} s, exit code {code:?}",
        count / 100,
        began.elapsed().as_secs_f64()
    );
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("1 quarantined"), "{said}");
}

#[test]
fn a_crowd_of_files_is_passed_over() {
    crowd(5_000);
}

#[test]
#[ignore = "a million files: half a minute, and as many inodes"]
fn a_million_files_are_passed_over() {
    crowd(1_000_000);
}
