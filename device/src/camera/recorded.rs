//! A camera that shows recorded pictures: one for each pose, changed by hand.

use super::{Camera, CameraError};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};
use synkiosk_models::{
    photo::{Photo, PhotoError},
    pose::{Label, Pose},
};

/// More bytes than any picture of `MOST_PIXELS` has: such a file is not read to its end.
const MOST_BYTES: u64 = 256 << 20;
/// From one picture to the next.
const STEP: Duration = Duration::from_millis(200);

/// A person's pictures, by pose.
pub struct Series {
    /// The folder's name.
    pub person: String,
    /// What is known of the person.
    pub label: Option<Label>,
    /// In the usual order of poses, each once, at least one.
    pub pictures: Vec<(Pose, Photo)>,
}

/// Why a folder of pictures was refused.
#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    /// It cannot be listed or read.
    #[error("could not read {path}: {cause}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// There is nothing to look at.
    #[error("{0} holds no picture of a pose")]
    Empty(PathBuf),
    /// A pose stands there twice.
    #[error("{folder} holds two pictures of {pose}")]
    Twice {
        /// Where.
        folder: PathBuf,
        /// Which.
        pose: Pose,
    },
    /// The picture cannot be used.
    #[error("{path}: {cause}")]
    Picture {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: PhotoError,
    },
    /// The list of people beside the folder is broken.
    #[error("{path}: {cause}")]
    People {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: PeopleError,
    },
}

/// Why a list of people was refused.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// No comma-separated values.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// The first two columns are others.
    #[error("the first columns are not person and label")]
    Columns,
    /// The label is none of those that are known.
    #[error(transparent)]
    Label(#[from] synkiosk_models::pose::UnknownName),
}

impl SeriesError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            SeriesError::Unreadable { .. } => "check the path and its permissions",
            SeriesError::Empty(_) => "name the pictures after their poses: rest.jpg, open-smile.png, ...",
            SeriesError::Twice { .. } => "keep one of them",
            SeriesError::Picture { cause, .. } => cause.help(),
            SeriesError::People { .. } => "mend people.csv, or take it away: the label is then left open",
        }
    }
}

impl SeriesError {
    /// Whether the pictures were looked at and refused, rather than not looked at.
    pub fn is_refusal(&self) -> bool {
        !matches!(self, SeriesError::Unreadable { .. })
    }
}

impl Series {
    /// Reads `<pose>.jpg`, `.jpeg` and `.png` of a person's folder; the label is that of the `people.csv` beside
    /// the folder, or in it, if there is one.
    pub fn read(folder: &Path) -> Result<Series, SeriesError> {
        let unreadable = |cause| SeriesError::Unreadable { path: folder.to_owned(), cause };
        let full = folder.canonicalize().map_err(unreadable)?;
        let person = full.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            paths.extend(pose_of(&path).map(|pose| (pose, path)));
        }
        paths.sort();
        if let Some(pair) = paths.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(SeriesError::Twice { folder: folder.to_owned(), pose: pair[0].0 });
        }
        if paths.is_empty() {
            return Err(SeriesError::Empty(folder.to_owned()));
        }
        let label = find_label(&full, &person)?;
        let pictures = paths.into_iter().map(|(pose, path)| Ok((pose, read_picture(&path)?)));
        Ok(Series { person, label, pictures: pictures.collect::<Result<_, SeriesError>>()? })
    }

    /// A single picture: of the pose that it is named after, or else of the face at rest.
    pub fn of_picture(path: &Path) -> Result<Series, SeriesError> {
        let person = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let pose = pose_of(path).unwrap_or(Pose::Rest);
        Ok(Series { person, label: None, pictures: vec![(pose, read_picture(path)?)] })
    }
}

/// The label of a person in a list with the columns `person,label,...`; none where it is empty or not listed.
pub fn label_in(people: &[u8], person: &str) -> Result<Option<Label>, PeopleError> {
    let mut reader = csv::Reader::from_reader(people);
    let header = reader.headers()?;
    if (header.get(0), header.get(1)) != (Some("person"), Some("label")) {
        return Err(PeopleError::Columns);
    }
    for row in reader.records() {
        let row = row?;
        if row.get(0) == Some(person) {
            return Ok(row.get(1).filter(|label| !label.is_empty()).map(str::parse).transpose()?);
        }
    }
    Ok(None)
}

fn find_label(folder: &Path, person: &str) -> Result<Option<Label>, SeriesError> {
    for place in [folder.parent(), Some(folder)].into_iter().flatten() {
        let path = place.join("people.csv");
        if path.is_file() {
            let people = read_file(&path)?;
            return label_in(&people, person).map_err(|cause| SeriesError::People { path, cause });
        }
    }
    Ok(None)
}

fn pose_of(path: &Path) -> Option<Pose> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    let pose = path.file_stem()?.to_str()?.parse().ok()?;
    matches!(ending.as_str(), "jpg" | "jpeg" | "png").then_some(pose)
}

fn read_picture(path: &Path) -> Result<Photo, SeriesError> {
    Photo::decode(&read_file(path)?).map_err(|cause| SeriesError::Picture { path: path.to_owned(), cause })
}

fn read_file(path: &Path) -> Result<Vec<u8>, SeriesError> {
    let unreadable = |cause| SeriesError::Unreadable { path: path.to_owned(), cause };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Shows one picture of a series over and over, until it is turned to another pose.
pub struct RecordedCamera {
    pictures: Vec<(Pose, Photo)>,
    shown: usize,
    time: Duration,
}

impl RecordedCamera {
    /// Begins with the first picture.
    pub fn new(pictures: Vec<(Pose, Photo)>) -> RecordedCamera {
        RecordedCamera { pictures, shown: 0, time: Duration::ZERO }
    }

    /// Shows this pose from now on, if there is a picture of it.
    pub fn turn_to(&mut self, pose: Pose) {
        if let Some(index) = self.pictures.iter().position(|(of, _)| *of == pose) {
            self.shown = index;
        }
    }
}

impl Camera for RecordedCamera {
    fn next(&mut self) -> Result<Photo, CameraError> {
        self.time += STEP;
        let missing = || CameraError::Missing("recording".to_owned());
        let (_, photo) = self.pictures.get(self.shown).ok_or_else(missing)?;
        Photo::new(photo.width(), photo.height(), photo.luma().to_vec(), self.time).map_err(|_| missing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_or_left_open() {
        let people = b"person,label,side\none,healthy,\ntwo,,\nthree,ill,left\n";
        assert_eq!(label_in(people, "one").unwrap(), Some(Label::Healthy));
        assert_eq!(label_in(people, "two").unwrap(), None);
        assert_eq!(label_in(people, "nobody").unwrap(), None);
        assert!(label_in(people, "three").unwrap_err().to_string().starts_with("\"ill\" is no label"));
        assert!(matches!(label_in(b"name,label\n", "one"), Err(PeopleError::Columns)));
        assert!(matches!(label_in(b"person,label\none,healthy,left\n", "one"), Err(PeopleError::Csv(_))));
    }

    #[test]
    fn the_picture_of_the_pose_is_shown() {
        let photo = |luma| Photo::new(48, 48, vec![luma; 48 * 48], Duration::ZERO).unwrap();
        let mut camera = RecordedCamera::new(vec![(Pose::Rest, photo(10)), (Pose::Snarl, photo(20))]);
        let first = camera.next().unwrap();
        camera.turn_to(Pose::Snarl);
        let second = camera.next().unwrap();
        assert_eq!((first.luma()[0], second.luma()[0]), (10, 20));
        assert!(second.taken() > first.taken());
        camera.turn_to(Pose::Pucker);
        assert_eq!(camera.next().unwrap().luma()[0], 20);
    }
}
