//! Small collections with one defect each, and what is said of them.

use super::*;
use crate::dataset::TABLE;
use crate::training::settings::Protocol;
use std::fs;
use tempfile::TempDir;

const HEAD: &str = "person,label,side,types,severity,skin,sex,age_band,source\n";
const FACE: &[u8] = include_bytes!("../../../tests/photos/eileen-collins.png");
const NO_FACE: &[u8] = include_bytes!("../../../tests/kit/pictures/no-face.png");

const USUAL: Asked = Asked { protocol: Protocol::Clinical, interval: None };

fn collection(rows: &str, files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(TABLE), format!("{HEAD}{rows}")).unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Every finding but those of too few people, which small collections always have.
fn said(folder: &TempDir) -> Vec<String> {
    let report = check(folder.path(), &USUAL, |_| (), || ()).unwrap();
    let shown = |finding: &Finding| {
        assert!(!finding.defect.help().is_empty());
        format!("{} {} {}: {}", finding.severity, finding.defect.kind(), finding.at, finding.defect)
    };
    let few = |finding: &&Finding| finding.defect.kind() != Kind::TooFewPeople;
    report.findings.iter().filter(few).map(shown).collect()
}

#[test]
fn every_defect_of_a_broken_collection_is_listed_at_once() {
    let rows = "anna,healthy,,,,,,,\nJörg Müller,palsy,left,,,,,,\nbert,ill,,,,,,,\nanna,healthy,,,,,,,\n\
                carl,healthy,,\nnobody,healthy,,,,,,,\n";
    let files: &[(&str, &[u8])] = &[
        ("anna/rest.png", FACE),
        ("anna/Pucker.JPG", FACE),
        ("anna/snarl.jpg", b""),
        ("anna/open-smile.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("anna/lower-teeth.NEF", b"MM\0*"),
        ("anna/brow-raise.png", NO_FACE),
        ("anna/tight-closure.jpg", b"no picture at all"),
        ("anna/.DS_Store", b"hidden"),
        ("anna/notes.txt", b"seen on Monday"),
        ("Jörg Müller/rest.png", &[]),
        ("stranger/rest.png", &[]),
        ("IMG_1.heic", &[]),
    ];
    let found = said(&collection(rows, files));
    let expected = [
        "error labels people.csv: line 3: \"Jörg Müller\" cannot be a person's name",
        "error labels people.csv: line 4: \"ill\" is no label (known: healthy, palsy, synkinesis)",
        "error labels people.csv: line 5: person \"anna\" stands twice",
        "error labels people.csv: line 6: the row has 4 fields",
        "error format IMG_1.heic: the file is a HEIC picture, which is not read here",
        "error layout anna/Pucker.JPG: the file is no pose",
        "error format anna/lower-teeth.NEF: the file is a camera's raw file, which is not read here",
        "error layout anna/notes.txt: the file is no pose",
        "error layout stranger: the folder belongs to nobody in people.csv",
        "error layout people.csv: line 7: person \"nobody\" has no folder",
        "error unreadable Jörg Müller/rest.png: the file is empty (0 bytes)",
        "error no-face Jörg Müller: no picture of this person can be used",
        "warning no-face anna/brow-raise.png: no face found",
        "error format anna/open-smile.jpg: the file is a HEIC picture, which is not read here",
        "error unreadable anna/snarl.jpg: the file is empty (0 bytes)",
        "error format anna/tight-closure.jpg: the picture is neither JPEG nor PNG",
        "error unreadable stranger/rest.png: the file is empty (0 bytes)",
        "error no-face stranger: no picture of this person can be used",
    ];
    let mut sorted = (found.clone(), expected.map(str::to_owned).to_vec());
    sorted.0.sort();
    sorted.1.sort();
    assert_eq!(sorted.0, sorted.1);
}

#[test]
fn better_names_are_proposed() {
    let folder = collection("Jörg Müller,healthy,,,,,,,\n", &[("Jörg Müller/Rest.JPEG", b"")]);
    let report = check(folder.path(), &USUAL, |_| (), || ()).unwrap();
    let helps: Vec<String> = report.findings.iter().map(|finding| finding.defect.help()).collect();
    assert!(helps.contains(&"name folder and row \"Joerg-Mueller\", for example".to_owned()), "{helps:?}");
    assert!(helps.contains(&"rename it to rest.jpg".to_owned()), "{helps:?}");
}

#[test]
fn doubles_are_found_across_people_and_within_one() {
    let rows = "anna,healthy,,,,,,,\nbert,healthy,,,,,,,\n";
    let files = [("anna/rest.png", FACE), ("anna/pucker.png", FACE), ("bert/rest.png", FACE)];
    let folder = collection(rows, &files);
    // The same picture in other pixels.
    let larger = image::load_from_memory(FACE).unwrap();
    let larger = larger.resize(larger.width() * 3 / 2, 4096, image::imageops::FilterType::Triangle);
    larger.save(folder.path().join("bert/pucker.png")).unwrap();
    let found = said(&folder);
    let same = [
        "warning near-duplicate anna/pucker.png: it is the same file as anna/rest.png, another pose",
        "error near-duplicate bert/rest.png: it is the same file as anna/rest.png, of another person",
    ];
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(same.iter().all(|line| found.iter().any(|found| found == line)), "{found:?}");
    let near = "error near-duplicate bert/pucker.png: it is nearly the same picture (";
    assert!(found.iter().any(|line| line.starts_with(near)), "{found:?}");
}

#[test]
fn missing_poses_are_named_among_those_of_the_same_label() {
    let rows = "a,healthy,,,,,,,\nb,healthy,,,,,,,\nc,healthy,,,,,,,\nd,palsy,,,,,,,\n";
    let files: Vec<(&str, &[u8])> =
        ["a/rest.png", "a/pucker.png", "b/rest.png", "b/pucker.png", "c/rest.png", "d/snarl.png"]
            .map(|name| (name, NO_FACE))
            .to_vec();
    let found = said(&collection(rows, &files));
    let missing: Vec<_> = found.iter().filter(|line| line.contains("missing-pose")).collect();
    assert_eq!(missing, ["warning missing-pose c: the person lacks pucker, which most others have"]);
}

#[test]
fn a_source_of_one_label_is_an_error() {
    let mut rows = String::new();
    let mut names = Vec::new();
    for k in 0..6 {
        let (label, source) = if k < 3 { ("healthy", "web") } else { ("synkinesis", "clinic") };
        rows += &format!("p{k},{label},,,,,,,{source}\n");
        names.push(format!("p{k}/rest.png"));
    }
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), NO_FACE)).collect();
    let found = said(&collection(&rows, &files));
    let separated =
        "error confounding : source alone tells the label: no source has people with and without synkinesis";
    assert!(found.contains(&separated.to_owned()), "{found:?}");
}

#[test]
fn tables_that_are_none_are_named_and_the_rest_is_looked_at() {
    let folder = collection("", &[("anna/rest.png", b"")]);
    assert!(said(&folder).contains(&"error labels people.csv: the table names nobody".to_owned()));
    let semicolons = format!("{HEAD}anna,healthy,,,,,,,\n").replace(',', ";");
    fs::write(folder.path().join(TABLE), semicolons).unwrap();
    let found = said(&folder);
    assert_eq!(found[0], "error labels people.csv: the columns are separated by semicolons");
    assert!(!found.iter().any(|line| line.contains("belongs to nobody")), "{found:?}");
    fs::write(folder.path().join(TABLE), "name,label\n").unwrap();
    assert_eq!(said(&folder)[0], "error labels people.csv: the header is \"name,label\"");
    fs::remove_file(folder.path().join(TABLE)).unwrap();
    assert_eq!(said(&folder)[0], "error layout : the collection has no people.csv");
    assert!(check(&folder.path().join("none"), &USUAL, |_| (), || ()).is_err());
}
