//! Attacks on the laptop, proven at every door: the same hostile bundles as on a unit, and sticks, cards and images that
//! are made to lead astray. What is said and done is in `tests/attacks/README.md`.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[path = "../attacks/bundles.rs"]
mod bundles;
mod doors;
mod fat;
#[path = "../attacks/folder.rs"]
mod folder;
#[path = "../web/served.rs"]
mod served;
#[cfg(unix)]
mod sources;

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// `synkiosk` of a user who trusts the demo key alone. Whatever waits for ever is ended.
fn synkiosk(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synkiosk"));
    command.args(arguments).current_dir(folder).env("XDG_CONFIG_HOME", folder.join("home"));
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_secs(300) {
            child.kill().unwrap();
            panic!("synkiosk {arguments:?} does not end");
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

/// A collector's key.
fn collection_key(path: &Path) {
    use age::secrecy::ExposeSecret;
    std::fs::write(path, age::x25519::Identity::generate().to_string().expose_secret()).unwrap();
}
