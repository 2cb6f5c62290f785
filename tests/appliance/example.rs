//! Programs of the appliance's package, of which the laptop's package knows nothing.

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The program of one of the appliance's examples, as `cargo test --workspace` has built it. For the appliance's package
/// alone, all below it would be built once more, with other features.
pub(crate) fn example(name: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let build = Command::new(cargo)
        .args(["build", "--release", "--quiet", "--message-format=json", "--workspace", "--example", name])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let messages = String::from_utf8(build.stdout).unwrap();
    let mut programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == name;
        message["executable"].as_str().filter(|_| is_it).map(PathBuf::from)
    });
    programs.next_back().expect("cargo names what it built")
}
