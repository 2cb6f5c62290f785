//! What is promised is tested: every requirement names tests that are there, and `trace.md` says which.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trace {
    requirement: Vec<Requirement>,
}

/// One promise, and the tests without which it would be only a word.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    id: String,
    text: String,
    /// Names of tests; `FILE::NAME` where several files have one of that name.
    tests: Vec<String>,
}

/// By name, the files that have a test so called.
type Tests = BTreeMap<String, Vec<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn here(name: &str) -> String {
    fs::read_to_string(root().join("tests/trust").join(name)).unwrap()
}

fn requirements() -> Vec<Requirement> {
    toml::from_str::<Trace>(&here("requirements.toml")).unwrap().requirement
}

fn collect(folder: &Path, found: &mut Tests) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            collect(&path, found);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).unwrap();
            let shown = path.strip_prefix(root()).unwrap().display().to_string();
            tests_in(&text).for_each(|test| found.entry(test.to_owned()).or_default().push(shown.clone()));
        }
    }
}

/// Names of functions that stand below the attribute of a test.
fn tests_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("#[test]").chain(text.split("#[tokio::test").skip(1)).skip(1).filter_map(|after| {
        let (_, function) = after.split_once("fn ")?;
        function.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next()
    })
}

fn all_tests() -> Tests {
    let mut found = Tests::new();
    ["boards", "models", "device", "host", "tests"]
        .iter()
        .for_each(|top| collect(&root().join(top), &mut found));
    found
}

/// The one file that has the test.
fn file_of<'a>(test: &str, all: &'a Tests) -> Result<&'a str, String> {
    let (file, name) = match test.split_once("::") {
        Some((file, name)) => (Some(file), name),
        None => (None, test),
    };
    let files = all.get(name).ok_or_else(|| format!("there is no test {name}"))?;
    match files.iter().filter(|it| file.is_none_or(|file| file == it.as_str())).collect::<Vec<_>>()[..] {
        [only] => Ok(only),
        [] => Err(format!("{test}: the test is in {files:?}")),
        _ => Err(format!("{test}: name the file before it, one of {files:?}")),
    }
}

/// The page, or everything that is wrong with the requirements.
fn page(requirements: &[Requirement], all: &Tests) -> Result<String, Vec<String>> {
    let mut page = "# Requirements and their tests\n\nMade from `requirements.toml` and the names of the tests: \
                    `cargo test --release --workspace --test trust -- --ignored`.\n\n| | requirement | tests |\n|---|---|---|\n"
        .to_owned();
    let mut wrong = Vec::new();
    for Requirement { id, text, tests } in requirements {
        let mut shown = Vec::new();
        for test in tests {
            match file_of(test, all) {
                Ok(file) => shown.push(format!("`{}` ({file})", test.rsplit("::").next().unwrap_or(test))),
                Err(error) => wrong.push(format!("{id}: {error}")),
            }
        }
        if tests.is_empty() {
            wrong.push(format!("{id}: it has no test"));
        }
        writeln!(page, "| {id} | {text} | {} |", shown.join("<br>")).unwrap();
    }
    if wrong.is_empty() { Ok(page) } else { Err(wrong) }
}

#[test]
fn every_requirement_has_its_tests_and_the_trace_is_up_to_date() {
    let page = page(&requirements(), &all_tests()).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    assert_eq!(page, here("trace.md"), "make trace.md anew by the command in its first lines");
}

#[test]
#[ignore = "writes trace.md anew"]
fn write_the_trace() {
    let page = page(&requirements(), &all_tests()).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    fs::write(root().join("tests/trust/trace.md"), page).unwrap();
}

/// A page that names a test which is not there promises what nobody checks.
#[test]
fn every_test_and_requirement_that_the_safety_file_names_is_there() {
    let (all, known) = (all_tests(), requirements());
    let page = here("README.md");
    let mut named = 0;
    for word in page.split('`').skip(1).step_by(2) {
        let is_test =
            word.matches('_').count() >= 2 && word.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
        if is_test {
            named += 1;
            assert!(all.contains_key(word), "there is no test {word}");
        }
    }
    assert!(named >= 40, "{named} tests are named");
    let ids = page.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
    for id in ids.filter(|word| word.len() == 4 && word.starts_with("R-")) {
        assert!(known.iter().any(|it| it.id == id), "there is no requirement {id}");
    }
}

#[test]
fn a_requirement_without_a_test_is_told() {
    let all = Tests::from([
        ("one".to_owned(), vec!["a.rs".to_owned()]),
        ("two".to_owned(), vec!["a.rs".into(), "b.rs".into()]),
    ]);
    let said = |tests: &[&str]| {
        let tests = tests.iter().map(|test| (*test).to_owned()).collect();
        page(&[Requirement { id: "R-01".to_owned(), text: "It holds".to_owned(), tests }], &all)
    };
    assert!(
        said(&["one", "b.rs::two"])
            .unwrap()
            .ends_with("| R-01 | It holds | `one` (a.rs)<br>`two` (b.rs) |\n")
    );
    for (tests, wrong) in [
        (&[][..], "no test"),
        (&["three"], "there is no test"),
        (&["two"], "one of"),
        (&["c.rs::two"], "is in"),
    ] {
        assert!(said(tests).unwrap_err()[0].contains(wrong), "{tests:?}");
    }
}
