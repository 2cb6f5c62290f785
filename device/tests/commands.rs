//! The commands as a user runs them.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_synkiosk-device");
    Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn refused(arguments: &[&str], code: i32, message: &str) {
    let output = run(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.starts_with(&format!("error: {message}")) && said.contains("\nhelp: "), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_demo_screens_two_people_twice_over() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    fs::write(folder.path().join("notes.txt"), b"mine").unwrap();
    for _ in 0..2 {
        let output = run(&["demo", "--out", out]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("journal: 2 records sealed and read back"), "{said}");
    }
    check_result(&folder.path().join("result.json"));
    for person in ["healthy-one", "synkinesis-one"] {
        let screens: Vec<_> = fs::read_dir(folder.path().join(person)).unwrap().collect();
        assert!(screens.len() >= 20, "{} screens of {person}", screens.len());
        assert!(folder.path().join(person).join("01-attract.png").is_file());
    }
    assert_eq!(fs::read(folder.path().join("notes.txt")).unwrap(), b"mine");
}

fn check_result(path: &Path) {
    let result: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let people = result.as_array().unwrap();
    assert_eq!(people.len(), 2);
    for (person, label) in people.iter().zip(["healthy", "synkinesis"]) {
        assert_eq!(keys(person), ["answer", "label", "person", "poses", "score"]);
        assert_eq!(person["label"], label);
        let poses = person["poses"].as_array().unwrap();
        assert_eq!(poses.len(), 9);
        for pose in poses {
            assert_eq!(keys(pose), ["ms", "pose", "score"]);
            assert_eq!(keys(&pose["ms"]), ["align", "face", "network", "total"]);
            assert!((0.0..=1.0).contains(&pose["score"].as_f64().unwrap()));
        }
    }
}

#[test]
fn the_selftest_names_what_it_checked() {
    let output = run(&["selftest"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    for line in ["bundle:  ", "kernel:  ", "equal bit for bit", "journal: a record sealed"] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn the_bench_prints_what_programs_read() {
    let output = run(&["bench", "--json", "--runs", "3"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(keys(&report), ["kernel", "peak_mib", "stages", "start_to_answer_ms"]);
    let stages = [
        "align",
        "answer",
        "capture",
        "decode",
        "evidence",
        "face",
        "follow",
        "frame",
        "landmarks",
        "network",
        "quality",
        "screen",
    ];
    assert_eq!(keys(&report["stages"]), stages);
    for (_, stage) in report["stages"].as_object().unwrap() {
        assert_eq!(keys(stage), ["median_ms", "p95_ms"]);
        assert!(stage["median_ms"].as_f64() <= stage["p95_ms"].as_f64());
    }
}

#[test]
fn boards_that_cannot_be_run_are_refused() {
    refused(&["run", "--board", "toaster"], 1, "");
    // A panel that is away is waited for; a bundle of the public demo key is no bundle for a board.
    let (code, message) = match cfg!(all(feature = "appliance", target_os = "linux")) {
        true => (1, "the bundle is signed with key "),
        false => (2, "board rpi4-hdmi has a DRM panel, which this program was built without"),
    };
    refused(&["run", "--board", "rpi4-hdmi"], code, message);
    refused(&["run", "--board", "desk"], 2, "board desk has no camera of its own");
    refused(&["demo", "--series", "a", "--key", "/nothing.pub"], 2, "could not read /nothing.pub");
}

/// `/dev/null` can be opened as a camera can; that it gives no picture shows only once a picture is taken.
#[test]
#[cfg(all(feature = "v4l2", target_os = "linux"))]
fn a_desk_runs_until_its_input_ends() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let desk = ["run", "--board", "desk", "--out", out, "--camera"];
    let output = run(&[&desk[..], &["/dev/null"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join("screen.png").is_file());
    refused(
        &[&desk[..], &["/dev/null", "--recipient", "nobody"]].concat(),
        1,
        "\"nobody\" is no age recipient",
    );
    refused(&[&desk[..], &["/dev/no-camera"]].concat(), 2, "camera /dev/no-camera is not there");
}

/// A card without a model screens nobody; one whose inbox holds the shipped bundle does from the next start on.
#[test]
#[cfg(all(feature = "v4l2", target_os = "linux"))]
fn a_card_is_given_its_model_by_the_inbox() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (out, data, stick) = (path("out"), path("data"), path("stick"));
    fs::create_dir(&data).unwrap();
    let card = ["run", "--board", "desk", "--camera", "/dev/null", "--out", &out, "--data", &data];
    let start = |media: &[&str]| {
        let output = run(&[&card[..], media].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (_, complaints) = start(&["--inbox", &stick]);
    assert!(complaints.contains("error: this unit has no model that works\nhelp: bring one"), "{complaints}");
    let inbox = folder.path().join("stick/synkiosk/inbox");
    fs::create_dir_all(&inbox).unwrap();
    fs::write(inbox.join("new.bundle"), synkiosk_models::bundle::shipped()).unwrap();
    for media in [&["--inbox", &stick][..], &[]] {
        let (said, complaints) = start(media);
        assert!(said.contains("equal bit for bit") && said.contains("storage: a file written"), "{said}");
        assert!(!complaints.contains("model"), "{complaints}");
    }
    assert!(
        folder.path().join("data/journal").is_dir() && folder.path().join("data/models/a.bundle").is_file()
    );
    assert!(!folder.path().join("out/journal").exists());
}
