//! What a clinic's program must not have in it, looked for as bytes in the program that `device/build.sh` made.
//!
//! The very same bytes are found in this build's program, which has the demo: so the search itself can fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use synkiosk_models::bundle;

/// With everything in it.
const DEMO_PROGRAM: &str = env!("CARGO_BIN_EXE_synkiosk-device");

/// For a board, beside this build's own output.
fn appliance_program() -> PathBuf {
    let output = Path::new(DEMO_PROGRAM).ancestors().nth(2).expect("cargo puts programs into target/PROFILE");
    output.join("aarch64-unknown-linux-gnu/appliance/synkiosk-device")
}

fn holds(program: &[u8], bytes: &[u8]) -> bool {
    program.windows(bytes.len()).any(|window| window == bytes)
}

/// What, and the bytes that give it away.
fn demo_only() -> Vec<(&'static str, Vec<u8>)> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/people/healthy-one/rest.jpg");
    let key = bundle::DEMO_PUBLIC_KEY.lines().nth(1).unwrap();
    vec![
        ("the demo command", b"Screen recorded people".to_vec()),
        ("the demo's pictures", fs::read(demo).unwrap()[..512].to_vec()),
        ("the recorded camera", b"holds no picture of a pose".to_vec()),
        ("the panel of pictures", b"check the permissions there, or pass another --out".to_vec()),
        ("the demo key", key.as_bytes().to_vec()),
        ("the demo key's comment", b"synkiosk DEMO key".to_vec()),
        ("the shipped bundle", bundle::shipped()[4096..4608].to_vec()),
        ("a web server", b"HTTP/1.1".to_vec()),
        ("a web page", b"Recorded people are rendered by a program".to_vec()),
        ("the kiosk's page", b"multipart/x-mixed-replace".to_vec()),
    ]
}

/// What no build of this package has, but one for the virtual machine's test.
const NOWHERE: [(&str, &[u8]); 3] = [
    ("a fault on demand", b"synkiosk.stuck"),
    ("a panic on demand", b"synkiosk.panic"),
    ("a secret minisign key", b"minisign encrypted secret key"),
];

/// The names of all packages that a build with these arguments links.
fn packages(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "synkiosk-device", "--edges", "normal", "--prefix", "none", "--offline"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// Also where no program for a board was built: nothing that could open a connection is linked into one.
#[test]
fn a_clinics_program_has_no_network_library() {
    let network = ["axum", "hyper", "tokio", "mio", "socket2"];
    let whole = packages(&[]);
    for features in ["appliance", "demo"] {
        let linked = packages(&["--no-default-features", "--features", features]);
        for name in network {
            assert!(whole.iter().any(|package| package == name), "{name} is not found even where it is");
            assert!(!linked.iter().any(|package| package == name), "{name} is linked with {features}");
        }
    }
}

#[test]
fn a_clinics_program_has_no_demo_and_no_test_in_it() {
    let demo = fs::read(DEMO_PROGRAM).unwrap();
    for (what, bytes) in demo_only() {
        assert!(holds(&demo, &bytes), "{what} is not found even where it is");
    }
    for (what, bytes) in NOWHERE {
        assert!(!holds(&demo, bytes), "{what} is in the program with the demo");
    }
    let path = appliance_program();
    let Ok(appliance) = fs::read(&path) else {
        println!("SKIPPED: {} was NOT looked at: device/build.sh has not made it", path.display());
        return;
    };
    let forbidden = demo_only().into_iter().chain(NOWHERE.map(|(what, bytes)| (what, bytes.to_vec())));
    let found: Vec<_> =
        forbidden.filter(|(_, bytes)| holds(&appliance, bytes)).map(|(what, _)| what).collect();
    assert!(found.is_empty(), "{} has in it: {found:?}", path.display());
    println!("figure: appliance program: {} bytes", appliance.len());
}
