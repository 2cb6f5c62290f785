//! Rendered pictures with their truth, as the second network learns from them.

use super::truth::Truth;
use crate::dataset::{DataSet, Person, Picture};
use crate::training::TrainingError;
use crate::training::samples::{LeftOut, cut_patch, in_parallel};
use sha2::{Digest, Sha256};
use std::fs;
use synkiosk_models::face::{FaceBox, FaceFinder};
use synkiosk_models::landmarker::{SIZE, closer_look};
use synkiosk_models::landmarks::{Landmarks, Measured};
use synkiosk_models::photo::Photo;

/// Everybody whose number divides by this is kept for judging, and never trained on.
pub const HELD_OUT: usize = 10;

/// One picture: a part of it around the face, and what is true of it, in the part's pixels.
pub struct LandmarkSample {
    /// Index of the person in the data set.
    pub person: usize,
    /// The face with its surroundings.
    pub patch: Photo,
    /// The detector's box within the patch.
    pub face: FaceBox,
    /// What is true of it.
    pub truth: Measured,
    /// First bytes of the file's SHA-256: the stream of its looks.
    pub stream: u64,
}

/// Pictures to learn from and to be judged by.
#[derive(Default)]
pub struct LandmarkSamples {
    /// Nine tenths of the people.
    pub training: Vec<LandmarkSample>,
    /// The others.
    pub held_out: Vec<LandmarkSample>,
    /// Pictures in which the detector finds no face.
    pub left_out: Vec<LeftOut>,
    /// SHA-256 over every picture's bytes.
    pub digest: String,
}

impl LandmarkSamples {
    /// Reads all pictures of a rendered data set; `step` is called once a picture.
    pub fn load(
        data: &DataSet,
        truth: &Truth,
        step: impl Fn() + Sync,
    ) -> Result<LandmarkSamples, TrainingError> {
        let pictures = data.people.iter().enumerate();
        let work: Vec<(usize, &Person, &Picture)> = pictures
            .flat_map(|(index, person)| person.pictures.iter().map(move |picture| (index, person, picture)))
            .collect();
        let read = in_parallel(&work, FaceFinder::new, |finder, (index, person, picture)| {
            let sample = read(finder, truth, *index, person, picture);
            step();
            sample
        });
        let mut samples = LandmarkSamples {
            training: Vec::new(),
            held_out: Vec::new(),
            left_out: Vec::new(),
            digest: String::new(),
        };
        let mut digest = Sha256::new();
        for (result, (_, _, picture)) in read.into_iter().zip(&work) {
            let (bytes, sample) = result?;
            digest.update(bytes);
            match sample {
                Ok(sample) if sample.person % HELD_OUT == 0 => samples.held_out.push(sample),
                Ok(sample) => samples.training.push(sample),
                Err(reason) => samples.left_out.push(LeftOut { path: picture.path.clone(), reason }),
            }
        }
        samples.digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(samples)
    }
}

impl LandmarkSamples {
    /// Takes those of another data set in.
    pub fn extend(&mut self, other: LandmarkSamples) {
        self.training.extend(other.training);
        self.held_out.extend(other.held_out);
        self.left_out.extend(other.left_out);
        self.digest += &other.digest;
    }
}

type Digested = ([u8; 32], Result<LandmarkSample, String>);

fn read(
    finder: &mut FaceFinder,
    truth: &Truth,
    person_index: usize,
    person: &Person,
    picture: &Picture,
) -> Result<Digested, TrainingError> {
    let bytes =
        fs::read(&picture.path).map_err(|source| TrainingError::access("read", &picture.path, source))?;
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    let mut name = [0; 8];
    name.copy_from_slice(&digest[..8]);
    let mut sample = || {
        let truth = truth.of(&person.name, picture.pose.name()).ok_or("truth.csv does not name it")?;
        let photo = Photo::decode(&bytes).map_err(|error| error.to_string())?;
        let face = finder.only_face(&photo).map_err(|error| error.to_string())?;
        Ok(cut(&photo, &face, truth, person_index, u64::from_le_bytes(name)))
    };
    Ok((digest, sample()))
}

fn cut(photo: &Photo, face: &FaceBox, truth: &Measured, person: usize, stream: u64) -> LandmarkSample {
    let placement = closer_look(&truth.landmarks);
    let (patch, within) = cut_patch(photo, &placement, SIZE);
    // The patch is a scaled part of the photo, not turned: two squares tell scale and shift.
    let scale = within.side / placement.side;
    let moved = |[x, y]: [f32; 2]| {
        [
            within.center_x + (x - placement.center_x) * scale,
            within.center_y + (y - placement.center_y) * scale,
        ]
    };
    let points = truth.landmarks.points().map(moved);
    let [x, y] = moved([face.x, face.y]);
    let face = FaceBox { x, y, width: face.width * scale, height: face.height * scale, score: face.score };
    let landmarks = Landmarks::new(points).unwrap_or(truth.landmarks);
    LandmarkSample { person, patch, face, truth: Measured { landmarks, activity: truth.activity }, stream }
}
