//! A data set on disk: `<person>/<pose>.jpg|png` and `people.csv`, all checked before any of it is used.

mod error;

pub use error::{DataSetError, FolderDefect, RowDefect};

use crate::files;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use synkiosk_models::pose::{Label, Pose, Side, SynkinesisType};

/// The table's file name.
pub const TABLE: &str = "people.csv";
/// The table's columns.
pub const HEADER: [&str; 9] =
    ["person", "label", "side", "types", "severity", "skin", "sex", "age_band", "source"];

/// One picture of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What the person was asked to do.
    pub pose: Pose,
    /// Where the picture is.
    pub path: PathBuf,
}

/// A person: one row of the table and one folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The folder's name; letters, digits, `.`, `_` and `-` only.
    pub name: String,
    /// What is known of the face.
    pub label: Label,
    /// The affected side; none where healthy or unknown.
    pub side: Option<Side>,
    /// Kinds of unwanted movement, where known.
    pub types: Vec<SynkinesisType>,
    /// 0 none to 1 the most severe, where known.
    pub severity: Option<f32>,
    /// Skin type I to VI, or empty.
    pub skin: String,
    /// `female`, `male`, or empty.
    pub sex: String,
    /// Years, as `30-44`, or empty.
    pub age_band: String,
    /// Where the pictures are from.
    pub source: String,
    /// At least one, in the usual order of poses.
    pub pictures: Vec<Picture>,
}

/// A checked data set; people are sorted by name.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSet {
    /// The folder that holds the table and the people's folders.
    pub root: PathBuf,
    /// Everybody, sorted by name.
    pub people: Vec<Person>,
}

impl DataSet {
    /// Reads and checks the table and every folder; pictures are not opened.
    pub fn read(root: &Path) -> Result<DataSet, DataSetError> {
        if !root.is_dir() {
            return Err(DataSetError::NoFolder(root.to_owned()));
        }
        let path = root.join(TABLE);
        if !path.is_file() {
            return Err(DataSetError::NoTable(root.to_owned()));
        }
        let mut people: Vec<Person> = Vec::new();
        let mut names = BTreeSet::new();
        for (line, record) in read_rows(&path)? {
            let at_line = |defect| DataSetError::Row { path: path.clone(), line, defect };
            let mut person = parse_row(&record).map_err(at_line)?;
            if !names.insert(person.name.clone()) {
                return Err(at_line(RowDefect::Twice(person.name)));
            }
            let folder = root.join(&person.name);
            if !folder.is_dir() {
                return Err(at_line(RowDefect::NoFolder(person.name)));
            }
            person.pictures = read_folder(&folder)?;
            if person.pictures.is_empty() {
                return Err(at_line(RowDefect::NoPicture(person.name)));
            }
            people.push(person);
        }
        if people.is_empty() {
            return Err(DataSetError::Nobody(path));
        }
        no_stray_folder(root, &names)?;
        people.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(DataSet { root: root.to_owned(), people })
    }

    /// Writes `people.csv`, wholly or not at all.
    pub fn write_people(&self) -> Result<(), DataSetError> {
        let path = self.root.join(TABLE);
        let written = self.table().and_then(|table| files::replace(&path, &table));
        written.map_err(|source| DataSetError::Access { doing: "write", path, source })
    }

    fn table(&self) -> io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(HEADER)?;
        for person in &self.people {
            let types: Vec<_> = person.types.iter().map(|kind| kind.name()).collect();
            writer.write_record([
                person.name.as_str(),
                person.label.name(),
                person.side.map_or("", Side::name),
                &types.join("+"),
                &person.severity.map_or(String::new(), |severity| format!("{severity:.2}")),
                &person.skin,
                &person.sex,
                &person.age_band,
                &person.source,
            ])?;
        }
        writer.into_inner().map_err(|error| error.into_error())
    }
}

fn read_rows(path: &Path) -> Result<Vec<(u64, csv::StringRecord)>, DataSetError> {
    let access = |source| DataSetError::Access { doing: "read", path: path.to_owned(), source };
    let text = fs::read(path).map_err(access)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_slice());
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(index as u64 + 1, csv::Position::line);
            DataSetError::Row { path: path.to_owned(), line, defect: malformed(&error) }
        })?;
        let line = record.position().map_or(index as u64 + 1, csv::Position::line);
        rows.push((line, record));
    }
    let found = if rows.is_empty() { csv::StringRecord::new() } else { rows.remove(0).1 };
    if found.iter().ne(HEADER) {
        let found = found.iter().collect::<Vec<_>>().join(",").chars().take(80).collect();
        return Err(DataSetError::Header { path: path.to_owned(), found });
    }
    Ok(rows)
}

fn malformed(error: &csv::Error) -> RowDefect {
    RowDefect::Malformed(match error.kind() {
        csv::ErrorKind::UnequalLengths { len, .. } => format!("{len} fields"),
        csv::ErrorKind::Utf8 { .. } => "letters that are not UTF-8".to_owned(),
        _ => "no readable fields".to_owned(),
    })
}

/// A row's person, still without pictures.
pub(crate) fn parse_row(record: &csv::StringRecord) -> Result<Person, RowDefect> {
    let field = |index: usize| record.get(index).unwrap_or_default().trim();
    let name = field(0);
    if !is_safe_name(name) {
        return Err(RowDefect::Name(name.chars().take(70).collect()));
    }
    let label: Label = field(1).parse()?;
    let side = if field(2).is_empty() { None } else { Some(field(2).parse::<Side>()?) };
    let types = parse_types(field(3))?;
    let severity = parse_severity(field(4))?;
    let contradiction = match label {
        Label::Healthy if side.is_some() => Some("side"),
        Label::Healthy | Label::Palsy if !types.is_empty() => Some("type of synkinesis"),
        Label::Healthy if severity.is_some_and(|severity| severity > 0.0) => Some("severity"),
        _ => None,
    };
    if let Some(what) = contradiction {
        return Err(RowDefect::Contradiction { label, what });
    }
    Ok(Person {
        name: name.to_owned(),
        label,
        side,
        types,
        severity,
        skin: field(5).to_owned(),
        sex: field(6).to_owned(),
        age_band: field(7).to_owned(),
        source: field(8).to_owned(),
        pictures: Vec::new(),
    })
}

/// The name becomes a folder and a cell: nothing that could leave the root or hide.
fn is_safe_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !name.is_empty() && name.len() <= 64 && !name.starts_with('.') && name.chars().all(allowed)
}

fn parse_types(text: &str) -> Result<Vec<SynkinesisType>, RowDefect> {
    let mut types = Vec::new();
    for name in text.split('+').filter(|_| !text.is_empty()) {
        let kind: SynkinesisType = name.trim().parse()?;
        if types.contains(&kind) {
            return Err(RowDefect::TypeTwice(kind));
        }
        types.push(kind);
    }
    Ok(types)
}

fn parse_severity(text: &str) -> Result<Option<f32>, RowDefect> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f32>() {
        Ok(severity) if (0.0..=1.0).contains(&severity) => Ok(Some(severity)),
        _ => Err(RowDefect::Severity(text.chars().take(40).collect())),
    }
}

fn read_folder(folder: &Path) -> Result<Vec<Picture>, DataSetError> {
    let mut pictures: Vec<Picture> = Vec::new();
    for entry in list(folder)? {
        let path = folder.join(&entry);
        if entry.starts_with('.') {
            continue;
        }
        let Some(pose) = pose_of(&path, &entry) else {
            return Err(DataSetError::Folder { path, defect: FolderDefect::NoPose });
        };
        if pictures.iter().any(|picture| picture.pose == pose) {
            return Err(DataSetError::Folder { path, defect: FolderDefect::PoseTwice(pose) });
        }
        pictures.push(Picture { pose, path });
    }
    pictures.sort_by_key(|picture| picture.pose);
    Ok(pictures)
}

/// The pose that a file's name says.
pub(crate) fn pose_of(path: &Path, name: &str) -> Option<Pose> {
    match name.rsplit_once('.') {
        Some((stem, "jpg" | "png")) if path.is_file() => stem.parse().ok(),
        _ => None,
    }
}

fn no_stray_folder(root: &Path, names: &BTreeSet<String>) -> Result<(), DataSetError> {
    for entry in list(root)? {
        let path = root.join(&entry);
        if !entry.starts_with('.') && !names.contains(&entry) && path.is_dir() {
            return Err(DataSetError::Folder { path, defect: FolderDefect::Stray });
        }
    }
    Ok(())
}

/// Names in a folder, sorted, so that the first error is the same everywhere.
pub(crate) fn list(folder: &Path) -> Result<Vec<String>, DataSetError> {
    let access = |source| DataSetError::Access { doing: "read", path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(access)? {
        names.push(entry.map_err(access)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "person,label,side,types,severity,skin,sex,age_band,source\n";

    /// Writes the table and empty files, and says what reading it gives.
    fn check(table: Option<&[u8]>, files: &[&str]) -> Result<DataSet, String> {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            if file.ends_with('/') {
                fs::create_dir_all(path).unwrap();
            } else {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, b"").unwrap();
            }
        }
        if let Some(table) = table {
            fs::write(folder.path().join(TABLE), table).unwrap();
        }
        DataSet::read(folder.path()).map_err(|error| {
            assert!(!error.help().is_empty());
            error.to_string().replace(&format!("{}/", folder.path().display()), "")
        })
    }

    #[test]
    fn a_sound_data_set_is_read_sorted() {
        let table = "b,synkinesis,left,ocular-oral+mentalis,0.75,IV,female,30-44,clinic\na,healthy,,,,,,,\n";
        let files = ["b/rest.jpg", "b/brow-raise.png", "b/pucker.jpg", "b/.DS_Store", "a/open-smile.jpg"];
        let set = check(Some(format!("{HEAD}{table}").as_bytes()), &files).unwrap();
        let names: Vec<_> = set.people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let person = &set.people[1];
        assert_eq!((person.label, person.side), (Label::Synkinesis, Some(Side::Left)));
        assert_eq!(person.types, [SynkinesisType::OcularOral, SynkinesisType::Mentalis]);
        assert_eq!(person.severity, Some(0.75));
        let poses: Vec<_> = person.pictures.iter().map(|picture| picture.pose).collect();
        assert_eq!(poses, [Pose::Rest, Pose::BrowRaise, Pose::Pucker]);
    }

    #[test]
    fn each_defect_in_a_row_is_named_with_its_line() {
        let cases: &[(&str, &str)] = &[
            ("a,ill,,,,,,,", "\"ill\" is no label (known: healthy, palsy, synkinesis)"),
            ("a,palsy,top,,,,,,", "\"top\" is no side (known: right, left)"),
            ("a,synkinesis,left,oral,,,,,", "\"oral\" is no synkinesis type (known: ocular-oral"),
            ("a,synkinesis,left,mentalis+mentalis,,,,,", "type \"mentalis\" stands twice"),
            ("a,palsy,left,,NaN,,,,", "severity \"NaN\" is no number from 0 to 1"),
            ("a,palsy,left,,1.5,,,,", "severity \"1.5\" is no number from 0 to 1"),
            ("a,healthy,left,,,,,,", "a person who is healthy cannot have a side"),
            ("a,palsy,left,platysma,,,,,", "a person who is palsy cannot have a type of synkinesis"),
            ("../a,healthy,,,,,,,", "\"../a\" cannot be a person's name"),
            (".a,healthy,,,,,,,", "\".a\" cannot be a person's name"),
            ("/a,healthy,,,,,,,", "\"/a\" cannot be a person's name"),
            (",healthy,,,,,,,", "\"\" cannot be a person's name"),
            ("a,healthy,,,", "the row has 5 fields"),
            ("z,healthy,,,,,,,", "person \"z\" has no folder"),
            ("e,healthy,,,,,,,", "person \"e\" has no picture"),
            ("h,healthy,,,,,,,", "person \"h\" stands twice"),
        ];
        for (row, expected) in cases {
            let table = format!("{HEAD}h,healthy,,,,,,,\n{row}\n");
            let refusal = check(Some(table.as_bytes()), &["h/rest.jpg", "a/rest.jpg", "e/"]).unwrap_err();
            assert!(refusal.starts_with(&format!("people.csv, line 3: {expected}")), "{row}: {refusal}");
        }
    }

    #[test]
    fn each_defect_in_a_folder_is_named() {
        let table = format!("{HEAD}a,healthy,,,,,,,\n");
        let cases: &[(&[&str], &str)] = &[
            (&["a/grin.jpg"], "a/grin.jpg: the file is no pose"),
            (&["a/rest.gif"], "a/rest.gif: the file is no pose"),
            (&["a/rest.jpg", "a/notes.txt"], "a/notes.txt: the file is no pose"),
            (&["a/rest.jpg/x"], "a/rest.jpg: the file is no pose"),
            (&["a/rest.jpg", "a/rest.png"], "a/rest.png: pose \"rest\" is there twice"),
            (&["a/rest.jpg", "b/rest.jpg"], "b: the folder belongs to nobody in people.csv"),
        ];
        for (files, expected) in cases {
            assert_eq!(check(Some(table.as_bytes()), files).unwrap_err(), *expected);
        }
    }

    #[test]
    fn tables_that_are_none_are_refused() {
        assert!(check(None, &["a/rest.jpg"]).unwrap_err().ends_with("has no people.csv"));
        assert_eq!(check(Some(HEAD.as_bytes()), &[]).unwrap_err(), "people.csv names nobody");
        let other = check(Some(b"name,label\na,healthy\n"), &[]).unwrap_err();
        assert_eq!(other, "people.csv, line 1: the header is \"name,label\"");
        let latin = [HEAD.as_bytes(), b"a,healthy,,,,,,,M\xfcnchen\n"].concat();
        let refusal = check(Some(&latin), &["a/rest.jpg"]).unwrap_err();
        assert_eq!(refusal, "people.csv, line 2: the row has letters that are not UTF-8");
        let nowhere = DataSet::read(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(matches!(nowhere, DataSetError::NoFolder(_)));
    }

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("p-1")).unwrap();
        let path = folder.path().join("p-1/rest.jpg");
        fs::write(&path, b"").unwrap();
        let person = Person {
            name: "p-1".to_owned(),
            label: Label::Synkinesis,
            side: Some(Side::Right),
            types: vec![SynkinesisType::OralOcular, SynkinesisType::Platysma],
            severity: Some(0.5),
            skin: "II".to_owned(),
            sex: "male".to_owned(),
            age_band: "45-59".to_owned(),
            source: "clinic, room 2".to_owned(),
            pictures: vec![Picture { pose: Pose::Rest, path }],
        };
        let set = DataSet { root: folder.path().to_owned(), people: vec![person] };
        set.write_people().unwrap();
        assert_eq!(DataSet::read(folder.path()).unwrap(), set);
        let left: Vec<_> = list(folder.path()).unwrap();
        assert_eq!(left, ["p-1", "people.csv"]);
    }
}
