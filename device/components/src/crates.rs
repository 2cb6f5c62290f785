//! The crates of one build, as `cargo tree` and `Cargo.lock` have them.

use crate::ListError;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

/// Crates that only a build script reads, and whose data are in the program all the same: fonts, and the face detector's
/// model.
const DATA: &[&str] = &["dejavu", "notosans", "rustface"];

/// What is built.
#[derive(Debug, Clone, Copy)]
pub struct Build<'a> {
    /// As in `--target`.
    pub target: &'a str,
    /// Of `synkiosk-device`, as in `--features`.
    pub features: &'a str,
}

/// How a crate gets to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Its code or data is in the program.
    Program,
    /// It runs on the machine that builds, and only its output is in the program.
    Build,
}

/// One crate, or one library besides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// As on crates.io.
    pub name: String,
    /// Exact.
    pub version: String,
    /// Where the two differ.
    pub role: Role,
    /// SPDX expression.
    pub licence: String,
    /// Where its makers work on it; empty where they do not say.
    pub repository: String,
    /// SHA-256 of the package, hexadecimal; none where its source is in this repository.
    pub checksum: Option<String>,
    /// Package URL.
    pub purl: String,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// Every crate of the build, by name and version; the first is not the program's own.
///
/// # Errors
/// When cargo or the lock file do not say it.
pub fn of_build(root: &Path, build: Build<'_>) -> Result<Vec<Component>, ListError> {
    let lock =
        fs::read_to_string(root.join("Cargo.lock")).map_err(|error| ListError::Lock(error.to_string()))?;
    let linked = tree(root, build, "normal,no-proc-macro")?;
    let all = tree(root, build, "normal,build")?;
    list(&linked, &all, &lock)
}

fn tree(root: &Path, build: Build<'_>, edges: &str) -> Result<String, ListError> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args(["tree", "--locked", "--package", "synkiosk-device", "--target", build.target])
        .args(["--no-default-features", "--features", build.features, "--edges", edges])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p}\t{l}\t{r}"])
        .output()
        .map_err(ListError::NoCargo)?;
    if !output.status.success() {
        return Err(ListError::Cargo(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// From two printed trees: what is linked, and everything.
fn list(linked: &str, all: &str, lock: &str) -> Result<Vec<Component>, ListError> {
    let lock: Lock = toml::from_str(lock).map_err(|error| ListError::Lock(error.message().to_owned()))?;
    let locked: BTreeMap<(&str, &str), Option<&String>> = (lock.package.iter())
        .map(|it| ((it.name.as_str(), it.version.as_str()), it.checksum.as_ref()))
        .collect();
    let linked = names(linked)?;
    let mut found = BTreeSet::new();
    for line in lines(all) {
        let (name, version, rest) = parts(line)?;
        if name == "synkiosk-device" {
            continue;
        }
        let checksum = locked
            .get(&(name, version))
            .ok_or_else(|| ListError::NotLocked(format!("{name} {version}")))?
            .cloned();
        let (licence, repository) = rest.split_once('\t').unwrap_or((rest, ""));
        if licence.is_empty() {
            return Err(ListError::NoLicence(format!("{name} {version}")));
        }
        let is_in = linked.contains(&(name, version)) || DATA.contains(&name);
        found.insert(Component {
            name: name.to_owned(),
            version: version.to_owned(),
            role: if is_in { Role::Program } else { Role::Build },
            // As it was written before there were expressions.
            licence: licence.replace('/', " OR "),
            repository: repository.trim_end_matches(".git").to_owned(),
            checksum,
            // A plus sign stands for a space elsewhere.
            purl: format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")),
        });
    }
    Ok(found.into_iter().collect())
}

fn lines(tree: &str) -> impl Iterator<Item = &str> {
    tree.lines().filter(|line| !line.is_empty())
}

fn names(tree: &str) -> Result<BTreeSet<(&str, &str)>, ListError> {
    lines(tree).map(|line| parts(line).map(|(name, version, _)| (name, version))).collect()
}

/// `NAME vVERSION (WHERE)`, then licence and repository behind tabs.
fn parts(line: &str) -> Result<(&str, &str, &str), ListError> {
    let wrong = || ListError::Line(line.to_owned());
    let (package, rest) = line.split_once('\t').ok_or_else(wrong)?;
    let mut words = package.split(' ');
    let name = words.next().filter(|name| !name.is_empty()).ok_or_else(wrong)?;
    let version = words.next().and_then(|word| word.strip_prefix('v')).ok_or_else(wrong)?;
    Ok((name, version, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"one\"\nversion = \"1.0.0+x\"\nchecksum = \"00ff\"\n\
                        [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\
                        [[package]]\nname = \"dejavu\"\nversion = \"2.0.0\"\nchecksum = \"01\"\n\
                        [[package]]\nname = \"macros\"\nversion = \"2.0.0\"\nchecksum = \"02\"\n";
    const LINKED: &str = "synkiosk-device v0.1.0 (/a folder)\tMIT\t\none v1.0.0+x\tMIT/Apache-2.0\thttps://x/y.git\n\
                          own v0.1.0 (/a folder/own)\tMIT\t\n";

    #[test]
    fn a_crate_is_listed_once_with_its_digest_and_without_any_folder() {
        let all = format!("{LINKED}\n{LINKED}macros v2.0.0 (proc-macro)\tMIT\t\ndejavu v2.0.0\tMIT\t\n");
        let list = list(LINKED, &all, LOCK).unwrap_or_else(|error| panic!("{error}"));
        let names: Vec<_> = list.iter().map(|it| (it.name.as_str(), it.role)).collect();
        assert_eq!(
            names,
            [
                ("dejavu", Role::Program),
                ("macros", Role::Build),
                ("one", Role::Program),
                ("own", Role::Program)
            ]
        );
        assert_eq!(list[2].licence, "MIT OR Apache-2.0");
        assert_eq!(list[2].purl, "pkg:cargo/one@1.0.0%2Bx");
        assert_eq!(list[2].repository, "https://x/y");
        assert_eq!((list[2].checksum.as_deref(), &list[3].checksum), (Some("00ff"), &None));
        assert!(!format!("{list:?}").contains("folder"));
    }

    #[test]
    fn what_cannot_be_listed_is_named() {
        for (line, said) in [
            ("two v1.0.0\tMIT\t", "not in Cargo.lock"),
            ("own v0.1.0\t\t", "names no licence"),
            ("own", "is no crate"),
            ("own 0.1.0\tMIT\t", "is no crate"),
        ] {
            let error = list(LINKED, line, LOCK).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(said), "{line:?}: {error}");
        }
    }
}
