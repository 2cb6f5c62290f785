//! The demo's folder: what stands there from an earlier demo is taken away, anything else is left alone.

use super::{DemoError, report::PersonResult};
use crate::whole_file;
use age::x25519;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use synkiosk_journal::{
    record::Outcome,
    segment::{Piece, read_segment},
    store::segment_number,
};

pub(super) struct Output {
    folder: PathBuf,
}

impl Output {
    /// Makes the folder, and takes away what an earlier demo wrote for the same people.
    pub(super) fn prepare<'a>(
        folder: &Path,
        people: impl Iterator<Item = &'a str>,
    ) -> Result<Output, DemoError> {
        let output = Output { folder: folder.to_owned() };
        fs::create_dir_all(folder).map_err(|cause| DemoError::write(folder, cause))?;
        // First of all: a result must never stand beside the screens of another run.
        remove(&output.result())?;
        for person in people {
            remove_named(&output.person(person), |name| is_numbered(name) || name == "index.png")?;
        }
        remove_named(&output.journal(), |name| segment_number(name).is_some())?;
        Ok(output)
    }

    pub(super) fn result(&self) -> PathBuf {
        self.folder.join("result.json")
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.folder.join("journal")
    }

    /// The person's folder: the name with anything but letters, digits, hyphens and dots replaced.
    pub(super) fn person(&self, person: &str) -> PathBuf {
        let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        let name: String = person.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
        let name = if name.is_empty() || name == "journal" { format!("person-{name}") } else { name };
        self.folder.join(name)
    }

    /// Opens every record with the collector's key and holds it against what was found.
    pub(super) fn read_back(
        &self,
        collector: &x25519::Identity,
        results: &[PersonResult],
    ) -> Result<usize, DemoError> {
        let mut outcomes = Vec::new();
        for path in segments(&self.journal())? {
            let bytes = fs::read(&path).map_err(|cause| DemoError::Read { path: path.clone(), cause })?;
            for piece in read_segment(&bytes)? {
                match piece {
                    Piece::Frame(frame) => outcomes.push(frame.open(collector)?.outcome),
                    Piece::Damage(_) => return Err(DemoError::ReadBack("a frame is damaged".to_owned())),
                }
            }
        }
        let expected: Vec<_> = results.iter().map(|result| Outcome::from(result.answer)).collect();
        if outcomes != expected {
            return Err(DemoError::ReadBack(format!("{outcomes:?} instead of {expected:?}")));
        }
        Ok(outcomes.len())
    }

    pub(super) fn write_result(&self, results: &[PersonResult]) -> Result<(), DemoError> {
        let path = self.result();
        let json =
            serde_json::to_vec_pretty(results).map_err(|cause| DemoError::write(&path, cause.into()))?;
        whole_file::write(&path, &json).map_err(|cause| DemoError::write(&path, cause))
    }
}

fn segments(journal: &Path) -> Result<Vec<PathBuf>, DemoError> {
    let unreadable = |cause| DemoError::Read { path: journal.to_owned(), cause };
    let mut paths = Vec::new();
    for entry in fs::read_dir(journal).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_str().and_then(segment_number).is_some() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// `01-attract.png`: two digits, a hyphen, and a name.
fn is_numbered(name: &str) -> bool {
    let bytes = name.as_bytes();
    name.ends_with(".png") && bytes.len() > 7 && bytes[..2].iter().all(u8::is_ascii_digit) && bytes[2] == b'-'
}

fn remove_named(folder: &Path, is_ours: impl Fn(&str) -> bool) -> Result<(), DemoError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(DemoError::write(folder, cause)),
    };
    for entry in entries {
        let entry = entry.map_err(|cause| DemoError::write(folder, cause))?;
        if entry.file_name().to_str().is_some_and(&is_ours) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), DemoError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DemoError::write(path, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_demo_wrote_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        };
        let ours = ["result.json", "anna/01-attract.png", "anna/index.png", "journal/00000001.segment"];
        let others =
            ["notes.txt", "anna/holiday.png", "anna/1-a.png", "bert/01-attract.png", "journal/notes.segment"];
        ours.iter().chain(&others).for_each(|name| write(name));
        Output::prepare(folder.path(), ["anna"].into_iter()).unwrap();
        for name in ours {
            assert!(!folder.path().join(name).exists(), "{name}");
        }
        for name in others {
            assert!(folder.path().join(name).exists(), "{name}");
        }
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let output = Output { folder: PathBuf::from("out") };
        assert_eq!(output.person("../../etc"), Path::new("out/______etc"));
        assert_eq!(output.person(""), Path::new("out/person-"));
        assert_eq!(output.person("journal"), Path::new("out/person-journal"));
        assert_eq!(output.person("Zoë-1"), Path::new("out/Zoë-1"));
    }
}
