//! Takes the face model out of the `rustface` package, so that no copy of it lives in this repository.

use sha2::{Digest, Sha256};
use std::{env, fs, path::PathBuf};

const PACKAGE: &str = "rustface-0.1.7";
const FILE: &str = "model/seeta_fd_frontal_v1.0.bin";
const SHA256: &str = "c4619d066ed35e84d9a8e842860b0dff567aba0cbb139881075538761db3ff5d";
/// Names a copy of the file where the package sources lie somewhere else.
const OVERRIDE: &str = "SYNKIOSK_FACE_MODEL";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={OVERRIDE}");
    let found = candidates().into_iter().filter_map(|path| fs::read(path).ok()).find(|bytes| {
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        digest == SHA256
    });
    let Some(bytes) = found else {
        println!("cargo::error=cannot find {FILE} of {PACKAGE} with SHA-256 {SHA256}");
        println!("cargo::error=help: set {OVERRIDE} to a copy of that file, or run cargo fetch again");
        return;
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("face-model.bin");
    fs::write(&out, bytes).expect("cargo's output folder is writable");
}

/// The override, then cargo's unpacked packages, then a vendored copy at the workspace's root.
fn candidates() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = env::var_os(OVERRIDE).map(PathBuf::from).into_iter().collect();
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let user = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"))?;
        Some(PathBuf::from(user).join(".cargo"))
    });
    if let Some(registries) = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok()) {
        paths.extend(registries.flatten().map(|registry| registry.path().join(PACKAGE).join(FILE)));
    }
    let workspace = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    paths.push(workspace.join("vendor/rustface").join(FILE));
    paths
}
