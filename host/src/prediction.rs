//! What the device would say of picture files, one by one or as a series.

use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};
use synkiosk_models::{
    answer::Answer,
    evidence::{Indices, indices},
    face::FaceBox,
    landmarks::{Landmarks, Measured, Point},
    photo::{Photo, PhotoError},
    pose::Pose,
    quality::{Check, Findings},
    screener::{Evidence, Screener},
};
use zeroize::Zeroizing;

/// Bytes of the largest picture file that is read.
const MOST_BYTES: u64 = 64 << 20;

/// One line of `predict --json`.
#[derive(Debug, Serialize)]
pub struct Prediction {
    /// The file.
    pub file: PathBuf,
    /// Where the face is.
    pub face: Option<FaceBox>,
    /// Every landmark in pixels of the picture, empty without a face.
    pub landmarks: BTreeMap<&'static str, [f32; 2]>,
    /// What each check found; only those that could be made.
    pub quality: Findings,
    /// The calibrated score, 0 to 1.
    pub score: Option<f32>,
    /// What the picture says by itself; `retake` where the device would not take it.
    pub verdict: Answer,
    /// From the luma to the score.
    pub ms: Option<f64>,
    /// Why the device would not take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<&'static str>,
    /// The file could not be read at all.
    #[serde(skip)]
    pub unread: bool,
}

/// `predict --series --json`.
#[derive(Debug, Serialize)]
pub struct SeriesPrediction {
    /// One of four.
    pub answer: Answer,
    /// The calibrated score of the series, 0 to 1.
    pub score: f32,
    /// Unwanted movement by type; null where no picture would show it.
    pub indices: Indices,
    /// Each picture by its pose.
    pub poses: BTreeMap<&'static str, Prediction>,
}

/// No picture could be had from what was given.
pub struct Unusable {
    error: String,
    help: &'static str,
    unread: bool,
}

impl From<PhotoError> for Unusable {
    fn from(error: PhotoError) -> Unusable {
        Unusable { error: error.to_string(), help: error.help(), unread: false }
    }
}

/// Told what was seen in a picture, before the picture is wiped.
pub type Witness<'a> = &'a mut dyn FnMut(Pose, &Photo, &Evidence);

/// Looks at one file, by itself.
pub fn picture(screener: &mut Screener, file: &Path) -> Prediction {
    look(screener, file, read(file), None, &mut |_, _| {}).0
}

/// Looks at one picture that was not read from a file but given under a name.
pub fn given(
    screener: &mut Screener,
    name: &Path,
    photo: Result<Photo, Unusable>,
    witness: &mut dyn FnMut(&Photo, &Evidence),
) -> Prediction {
    look(screener, name, photo, None, witness).0
}

/// Looks at `<pose>.jpg` and `<pose>.png` of a folder and answers from those that pass the checks.
/// `None` if there is not one such file.
pub fn series(screener: &mut Screener, folder: &Path) -> Option<SeriesPrediction> {
    let files = Pose::ALL.iter().filter_map(|pose| Some((*pose, file_of(folder, *pose)?)));
    let pictures = files.map(|(pose, file)| {
        let photo = read(&file);
        (pose, file, photo)
    });
    series_of(screener, pictures, &mut |_, _, _| {})
}

/// Looks at each pose's picture and answers from those that pass the checks. They have to come in the order of
/// [`Pose::ALL`], which begins with rest: the others are compared with it. `None` if there is none.
pub fn series_of(
    screener: &mut Screener,
    pictures: impl Iterator<Item = (Pose, PathBuf, Result<Photo, Unusable>)>,
    witness: Witness<'_>,
) -> Option<SeriesPrediction> {
    let mut poses = BTreeMap::new();
    let (mut logits, mut measured) = (Vec::new(), Vec::new());
    let mut rest: Option<Landmarks> = None;
    for (pose, file, photo) in pictures {
        let asked = Some((pose, rest.as_ref()));
        let mut seen = |photo: &Photo, evidence: &Evidence| witness(pose, photo, evidence);
        let (prediction, evidence) = look(screener, &file, photo, asked, &mut seen);
        if let Some((logit, found)) = evidence.filter(|_| prediction.error.is_none()) {
            logits.push((pose, logit));
            measured.push((pose, found));
            if pose == Pose::Rest {
                rest = Some(found.landmarks);
            }
        }
        poses.insert(pose.name(), prediction);
    }
    if poses.is_empty() {
        return None;
    }
    let indices = indices(&measured);
    let answer = screener.rule().session(&logits, &indices);
    Some(SeriesPrediction { answer: answer.answer, score: answer.score, indices, poses })
}

fn file_of(folder: &Path, pose: Pose) -> Option<PathBuf> {
    let named = ["jpg", "jpeg", "png"].map(|ending| folder.join(format!("{pose}.{ending}")));
    named.into_iter().find(|file| file.is_file())
}

type Asked<'a> = Option<(Pose, Option<&'a Landmarks>)>;

/// `asked` is the pose, and the same person's points at rest.
fn look(
    screener: &mut Screener,
    file: &Path,
    photo: Result<Photo, Unusable>,
    asked: Asked,
    witness: &mut dyn FnMut(&Photo, &Evidence),
) -> (Prediction, Option<(f32, Measured)>) {
    let photo = match photo {
        Ok(photo) => photo,
        Err(Unusable { error, help, unread }) => {
            let refused = Prediction { unread, ..refused(file, error, help, Findings::default()) };
            return (refused, None);
        }
    };
    match screener.screen(&photo) {
        Ok(evidence) => {
            witness(&photo, &evidence);
            let landmarks = &evidence.measured.landmarks;
            let quality = screener.quality().judge(&photo, &evidence.face, landmarks, asked);
            let prediction = seen(file, screener, &evidence, quality);
            (prediction, Some((evidence.logit, evidence.measured)))
        }
        Err(refusal) => {
            let quality = screener.quality().refused(refusal);
            (refused(file, refusal.to_string(), refusal.help(), quality), None)
        }
    }
}

fn read(file: &Path) -> Result<Photo, Unusable> {
    let unread = |error| Unusable { error, help: "name a readable JPEG or PNG file", unread: true };
    let bytes = Zeroizing::new(read_bounded(file).map_err(unread)?);
    Ok(Photo::decode(&bytes)?)
}

fn seen(file: &Path, screener: &Screener, evidence: &Evidence, quality: Findings) -> Prediction {
    let failed = quality.first_failed();
    let verdict = screener.rule().verdict(evidence.score);
    let landmarks = &evidence.measured.landmarks;
    Prediction {
        file: file.to_owned(),
        face: Some(evidence.face),
        landmarks: Point::ALL.iter().map(|point| (point.name(), landmarks.at(*point))).collect(),
        score: Some(evidence.score),
        verdict: if failed.is_some() { Answer::Retake } else { verdict },
        ms: Some((evidence.times.total.as_secs_f64() * 1e5).round() / 100.0),
        error: failed.map(|check| check.finding().to_owned()),
        help: failed.map(Check::help),
        quality,
        unread: false,
    }
}

fn refused(file: &Path, error: String, help: &'static str, quality: Findings) -> Prediction {
    Prediction {
        file: file.to_owned(),
        face: None,
        landmarks: BTreeMap::new(),
        quality,
        score: None,
        verdict: Answer::Retake,
        ms: None,
        error: Some(error),
        help: Some(help),
        unread: false,
    }
}

/// Reads a file of a sane size.
pub fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    let could_not = |error: std::io::Error| format!("could not read {}: {error}", path.display());
    if fs::metadata(path).map_err(could_not)?.len() > MOST_BYTES {
        return Err(format!("{} is larger than {} MiB", path.display(), MOST_BYTES >> 20));
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(could_not)?.take(MOST_BYTES).read_to_end(&mut bytes).map_err(could_not)?;
    Ok(bytes)
}
