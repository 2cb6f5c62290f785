//! What a clinic's program is made of stands in `soup.md`, and every crate that was looked into in `README.md` with the
//! version that was looked into.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};
use synkiosk_components::{Build, Component, Role, crates};

/// What `device/build.sh` builds.
const APPLIANCE: Build<'_> = Build { target: "aarch64-unknown-linux-gnu", features: "appliance" };

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn here(name: &str) -> String {
    fs::read_to_string(root().join("tests/supply").join(name)).unwrap()
}

const HEAD: &str = "# Software of unknown provenance

In the sense of IEC 62304: every crate of a clinic's program that was not written here, by name and version, with its licence, its makers
and what it is locked to: the first twelve digits of its package's SHA-256, which Cargo compares before it unpacks anything. Written by
`cargo test -p synkiosk-components --test supply -- --ignored`; a test compares it with what Cargo resolves. The kernel, the
firmware and the libraries that are no crates are described in [`README.md`](README.md#what-is-no-crate).
";

fn page(components: &[Component]) -> String {
    let mut page = HEAD.to_owned();
    for (role, title) in [
        (Role::Program, "In the program"),
        (Role::Build, "On the machine that builds it: macros, build scripts and what they need"),
    ] {
        // What has no checksum is in this repository; the bindings are generated here from the kernel's headers.
        let foreign: Vec<_> =
            components.iter().filter(|it| it.role == role && it.checksum.is_some()).collect();
        write!(page, "\n## {title}: {}\n\n", foreign.len()).unwrap();
        page += "| crate | version | licence | from | locked to |\n|---|---|---|---|---|\n";
        for it in foreign {
            let from = it.repository.trim_start_matches("https://");
            let digest = &it.checksum.as_ref().unwrap()[..12];
            writeln!(page, "| {} | {} | {} | {from} | `{digest}` |", it.name, it.version, it.licence)
                .unwrap();
        }
    }
    page
}

fn listed() -> Vec<Component> {
    crates::of_build(&root(), APPLIANCE).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_list_of_foreign_software_is_what_cargo_resolves() {
    assert_eq!(page(&listed()), here("soup.md"), "make soup.md anew by the command in its first lines");
}

#[test]
#[ignore = "writes soup.md anew"]
fn write_the_list_of_foreign_software() {
    fs::write(root().join("tests/supply/soup.md"), page(&listed())).unwrap();
}

/// A review is of one version: with another, somebody has to look again.
#[test]
fn every_review_is_of_the_version_that_is_locked() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let locked: BTreeSet<(&str, &str)> = lock
        .split("[[package]]")
        .filter_map(|package| {
            let field = |name: &str| package.split_once(&format!("\n{name} = \""))?.1.split('"').next();
            Some((field("name")?, field("version")?))
        })
        .collect();
    let readme = here("README.md");
    let mut reviewed = 0;
    // Rows begin with the crate's name in code letters and its version.
    for row in readme.lines().filter_map(|line| line.strip_prefix("| `")) {
        let (name, rest) = row.split_once("` ").unwrap_or_else(|| panic!("{row}"));
        let version = rest.split(' ').next().unwrap();
        assert!(locked.contains(&(name, version)), "{name} {version} was reviewed and is not what is locked");
        reviewed += 1;
    }
    assert!(reviewed >= 30, "{reviewed} crates were reviewed");
}

/// A crate from elsewhere has no digest in the lock file, or another source.
#[test]
fn every_foreign_crate_is_from_one_registry_and_locked_by_its_digest() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for package in lock.split("[[package]]").skip(1) {
        let has = |field: &str| package.contains(&format!("\n{field} = "));
        let source = "\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert!(!has("source") || package.contains(source) && has("checksum"), "{package}");
        assert!(
            has("source") || package.contains("synkiosk") || package.contains("v4l2-sys-mit"),
            "{package}"
        );
    }
}
