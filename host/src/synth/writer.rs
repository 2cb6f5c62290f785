//! Renders a plan on all cores and writes it as a data set, wholly or not at all.

use super::cast::{Member, Plan};
use super::session::{Session, photograph};
use super::truth;
use crate::dataset::{DataSet, DataSetError, Person, Picture};
use std::fs::{self, File};
use std::io::{self, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use synkiosk_models::pose::Label;

/// Marks a folder as an unfinished data set, which a later run may throw away.
const MARK: &str = ".unfinished";

/// Why no data set was written.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// The folder holds something.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// The name is taken by something that is no unfinished data set.
    #[error("{} is in the way", .0.display())]
    InTheWay(PathBuf),
    /// There is nobody to render.
    #[error("there is nobody to render")]
    Nobody,
    /// The operating system could not read or write.
    #[error("could not write {}: {source}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A picture could not be compressed.
    #[error("could not compress a picture of {person}: {source}")]
    Compress {
        /// Whose.
        person: String,
        /// The encoder's answer.
        source: image::ImageError,
    },
    /// The table could not be written.
    #[error(transparent)]
    Table(#[from] DataSetError),
}

impl SynthError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            SynthError::NotEmpty(_) => "pass a folder that does not exist yet, or is empty",
            SynthError::InTheWay(_) => "move it away; the data set is built there first",
            SynthError::Nobody => "pass --people 1 or more",
            SynthError::Write { .. } => {
                "check that the disk is there, has room, and that you may write to it"
            }
            SynthError::Compress { .. } => "pass a smaller --size",
            SynthError::Table(error) => error.help(),
        }
    }

    /// Looked at and refused, rather than tried and failed.
    pub fn is_refusal(&self) -> bool {
        matches!(self, SynthError::NotEmpty(_) | SynthError::InTheWay(_) | SynthError::Nobody)
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Number of people.
    pub people: usize,
    /// Number of pictures.
    pub pictures: usize,
    /// People of each label, in the usual order of labels.
    pub labels: Vec<(Label, usize)>,
}

/// Renders everybody and writes pictures, `people.csv` and `truth.csv` to `out`, which must not hold anything.
///
/// The data set is built beside `out` and moved there at the end. The result is the same for any number of
/// threads. `progress` is called after each person with the number of pictures.
pub fn write(
    plan: &Plan,
    out: &Path,
    threads: NonZero<usize>,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Summary, SynthError> {
    let members = plan.cast();
    if members.is_empty() {
        return Err(SynthError::Nobody);
    }
    refuse_taken(out)?;
    // A folder that is there may be named as ".", which has no place beside it.
    let out = &out.canonicalize().unwrap_or(out.to_owned());
    let part = part_folder(out)?;
    let result = write_into(plan, &members, &part, threads, progress).and_then(|summary| {
        let failed = |source| SynthError::Write { path: out.to_owned(), source };
        fs::remove_file(part.join(MARK)).map_err(failed)?;
        if out.is_dir() {
            // Empty, as was checked; not every system renames onto a folder.
            fs::remove_dir(out).map_err(failed)?;
        }
        fs::rename(&part, out).map_err(failed)?;
        Ok(summary)
    });
    if result.is_err() {
        // Best effort: the first error is the one to report.
        let _ = fs::remove_dir_all(&part);
    }
    result
}

fn refuse_taken(out: &Path) -> Result<(), SynthError> {
    match fs::read_dir(out) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(SynthError::NotEmpty(out.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) if out.exists() => Err(SynthError::NotEmpty(out.to_owned())),
        Err(source) => Err(SynthError::Write { path: out.to_owned(), source }),
    }
}

/// Makes `<out>.part`; one that an interrupted run left is thrown away.
fn part_folder(out: &Path) -> Result<PathBuf, SynthError> {
    let mut name = out.components().next_back().map(|last| last.as_os_str().to_owned()).unwrap_or_default();
    name.push(".part");
    let part = out.with_file_name(name);
    let failed = |source| SynthError::Write { path: part.clone(), source };
    if part.join(MARK).is_file() {
        fs::remove_dir_all(&part).map_err(failed)?;
    } else if part.exists() {
        return Err(SynthError::InTheWay(part));
    }
    fs::create_dir_all(&part).map_err(failed)?;
    File::create(part.join(MARK)).map_err(failed)?;
    Ok(part)
}

fn write_into(
    plan: &Plan,
    members: &[Member],
    part: &Path,
    threads: NonZero<usize>,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Summary, SynthError> {
    let next = AtomicUsize::new(0);
    let (results, finished) = mpsc::channel();
    let mut done: Vec<Option<Finished>> = members.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.get().min(members.len()) {
            let (results, next) = (results.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(member) = members.get(index) else { break };
                    let finished = finish(plan, member, part);
                    let has_failed = finished.is_err();
                    if results.send((index, finished)).is_err() || has_failed {
                        // Nobody else starts another person either.
                        next.fetch_max(members.len(), Ordering::Relaxed);
                        break;
                    }
                    progress(member.poses.len());
                }
            });
        }
        drop(results);
        for (index, result) in finished {
            done[index] = Some(result?);
        }
        Ok::<(), SynthError>(())
    })?;
    let done: Vec<Finished> = done.into_iter().flatten().collect();
    write_truth(&done, part)?;
    let people: Vec<Person> = done.into_iter().map(|finished| finished.person).collect();
    let summary = summarize(&people);
    DataSet { root: part.to_owned(), people }.write_people()?;
    Ok(summary)
}

/// A person whose pictures are on disk.
struct Finished {
    person: Person,
    truth: Vec<Vec<String>>,
}

fn finish(plan: &Plan, member: &Member, part: &Path) -> Result<Finished, SynthError> {
    let session = photograph(plan, member)
        .map_err(|source| SynthError::Compress { person: member.name.clone(), source })?;
    let folder = part.join(&member.name);
    fs::create_dir(&folder).map_err(|source| SynthError::Write { path: folder.clone(), source })?;
    let mut pictures = Vec::with_capacity(session.shots.len());
    for shot in &session.shots {
        let path = folder.join(format!("{}.jpg", shot.pose));
        write_file(&path, &shot.jpeg)?;
        pictures.push(Picture { pose: shot.pose, path });
    }
    let truth = truth::rows(member, &session);
    Ok(Finished { person: person(member, &session, pictures), truth })
}

fn person(member: &Member, session: &Session, pictures: Vec<Picture>) -> Person {
    Person {
        name: member.name.clone(),
        label: member.label,
        side: member.side,
        types: member.types.clone(),
        severity: member.severity,
        skin: session.who.skin_type().to_owned(),
        sex: session.who.sex_name().to_owned(),
        age_band: session.who.age_band().to_owned(),
        source: "rendered".to_owned(),
        pictures,
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), SynthError> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|source| SynthError::Write { path: path.to_owned(), source })
}

fn write_truth(done: &[Finished], part: &Path) -> Result<(), SynthError> {
    let path = part.join(truth::TABLE);
    let table = || -> io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(truth::header())?;
        for row in done.iter().flat_map(|finished| &finished.truth) {
            writer.write_record(row)?;
        }
        writer.into_inner().map_err(|error| error.into_error())
    };
    let table = table().map_err(|source| SynthError::Write { path: path.clone(), source })?;
    write_file(&path, &table)
}

fn summarize(people: &[Person]) -> Summary {
    let count = |label: Label| people.iter().filter(|person| person.label == label).count();
    Summary {
        people: people.len(),
        pictures: people.iter().map(|person| person.pictures.len()).sum(),
        labels: Label::ALL.iter().map(|label| (*label, count(*label))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::cast::Protocol;
    use super::*;
    use crate::render::action::Actions;
    use synkiosk_models::pose::Pose;

    fn plan() -> Plan {
        let poses = Some(vec![Pose::Rest, Pose::Pucker]);
        Plan { protocol: Protocol::Clinical, seed: 3, people: 5, poses, width: 96, height: 96 }
    }

    fn threads(count: usize) -> NonZero<usize> {
        NonZero::new(count).unwrap()
    }

    /// Every file below a folder with its bytes.
    fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = PathBuf::from(path.file_name().unwrap());
            if path.is_dir() {
                found.extend(files(&path).into_iter().map(|(below, bytes)| (name.join(below), bytes)));
            } else {
                found.push((name, fs::read(&path).unwrap()));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn the_same_files_come_out_whatever_the_threads() {
        let folder = tempfile::tempdir().unwrap();
        let (one, four) = (folder.path().join("one"), folder.path().join("four"));
        let summary = write(&plan(), &one, threads(1), &|_| {}).unwrap();
        write(&plan(), &four, threads(4), &|_| {}).unwrap();
        assert!(files(&one) == files(&four));
        assert_eq!((summary.people, summary.pictures), (5, 10));
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[test]
    fn what_is_written_is_a_sound_data_set_with_truth_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("data");
        fs::create_dir(&out).unwrap();
        write(&plan(), &out, threads(2), &|_| {}).unwrap();
        let set = DataSet::read(&out).unwrap();
        assert_eq!(set.people.len(), 5);
        for person in &set.people {
            assert_eq!((person.source.as_str(), person.pictures.len()), ("rendered", 2));
            assert!(["I", "II", "III", "IV", "V", "VI"].contains(&person.skin.as_str()));
        }
        let mut truth = csv::Reader::from_path(out.join(truth::TABLE)).unwrap();
        assert_eq!(truth.headers().unwrap().len(), 2 + 44 + 2 * Actions::UNIT_NAMES.len() + 10);
        assert_eq!(truth.records().filter_map(Result::ok).count(), 10);
    }

    #[test]
    fn a_folder_that_holds_something_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("data");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("notes.txt"), b"mine").unwrap();
        let refusal = write(&plan(), &out, threads(1), &|_| {}).unwrap_err();
        assert!(refusal.is_refusal() && matches!(refusal, SynthError::NotEmpty(_)));
        assert_eq!(fs::read(out.join("notes.txt")).unwrap(), b"mine");
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        assert!(matches!(write(&plan(), &file, threads(1), &|_| {}), Err(SynthError::NotEmpty(_))));
    }

    #[test]
    fn only_an_unfinished_data_set_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let (out, part) = (folder.path().join("data"), folder.path().join("data.part"));
        fs::create_dir(&part).unwrap();
        fs::write(part.join("notes.txt"), b"mine").unwrap();
        assert!(matches!(write(&plan(), &out, threads(1), &|_| {}), Err(SynthError::InTheWay(_))));
        assert!(part.join("notes.txt").is_file() && !out.exists());
        fs::write(part.join(MARK), b"").unwrap();
        write(&plan(), &out, threads(1), &|_| {}).unwrap();
        assert!(!part.exists() && !out.join("notes.txt").exists() && !out.join(MARK).exists());
    }
}
