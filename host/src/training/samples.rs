//! Pictures as training sees them: read, their face found and placed, and a small patch of luma kept.

use super::TrainingError;
use super::landmarks::export::LandmarkFiles;
use super::near_duplicates::{Fingerprint, Look};
use super::random::Random;
use super::settings::Settings;
use crate::dataset::{DataSet, Person, Picture};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use synkiosk_models::align::{Crop, Placement, SIZE};
use synkiosk_models::face::FaceFinder;
use synkiosk_models::landmarker::Landmarker;
use synkiosk_models::landmarks::{Landmarks, Measured};
use synkiosk_models::photo::Photo;
use synkiosk_models::pose::{Label, Pose};

/// Side of the kept patch over the side of the placed square: room for augmentation to shift, turn and scale.
const PATCH_PER_SIDE: f32 = 1.6;
/// Longest side of the kept patch over the input's: the square itself then has a little more than the input.
const PATCH_PER_INPUT: f32 = 1.75;
/// Training pictures that calibrate the activations, each as it is and once augmented.
const CALIBRATION_PICTURES: usize = 128;

/// A usable picture.
pub struct Sample {
    /// Index of the person in the data set.
    pub person: usize,
    /// The person's label.
    pub label: Label,
    /// What the person was asked to do.
    pub pose: Pose,
    /// The file.
    pub path: PathBuf,
    /// The placed square with its surroundings.
    pub patch: Photo,
    /// The square within `patch`.
    pub placement: Placement,
    /// The input as the device makes it, from the whole picture.
    pub crop: Crop,
    /// Landmarks in pixels of the picture, and how active chin and neck are.
    pub measured: Measured,
    /// Drawn by code, so that a bundle may carry it as a golden input.
    pub is_rendered: bool,
    /// To find doubles.
    pub fingerprint: Fingerprint,
    /// What a look at it counts in the loss; 1 but for pictures that are mixed in.
    pub weight: f32,
}

impl Sample {
    /// Synkinesis in truth.
    pub fn is_positive(&self) -> bool {
        self.label == Label::Synkinesis
    }
}

/// A picture that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// The pictures of some people of a data set, in the data set's order.
pub struct Samples {
    /// With one whole face.
    pub usable: Vec<Sample>,
    /// Without.
    pub left_out: Vec<LeftOut>,
    /// SHA-256 over names, labels and every picture's bytes.
    pub digest: String,
}

impl Samples {
    /// Reads all pictures of the people for whom `wanted` holds, on every core; `step` is called once a picture.
    pub fn load(
        data: &DataSet,
        wanted: impl Fn(&Person) -> bool,
        landmarks: &LandmarkFiles,
        step: impl Fn() + Sync,
    ) -> Result<Samples, TrainingError> {
        // Refused here if it is damaged; the workers build their own.
        landmarks.landmarker()?;
        let mut work: Vec<(usize, &Person, &Picture)> = Vec::new();
        for (index, person) in data.people.iter().enumerate().filter(|(_, person)| wanted(person)) {
            work.extend(person.pictures.iter().map(|picture| (index, person, picture)));
        }
        let read = in_parallel(
            &work,
            || Reader::new(landmarks),
            |reader, (index, person, picture)| {
                let sample = read_picture(reader, *index, person, picture);
                step();
                sample
            },
        );
        let mut samples = Samples { usable: Vec::new(), left_out: Vec::new(), digest: String::new() };
        let mut digest = Sha256::new();
        for (result, (_, person, picture)) in read.into_iter().zip(&work) {
            let (picture_digest, sample) = result?;
            digest.update(format!("{} {} {}\n", person.name, person.label, picture.pose));
            digest.update(picture_digest);
            match sample {
                Ok(sample) => samples.usable.push(sample),
                Err(reason) => samples.left_out.push(LeftOut { path: picture.path.clone(), reason }),
            }
        }
        samples.digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(samples)
    }
}

/// Works on `items` with one worker a core; results in the items' order, whatever the number of workers.
pub fn in_parallel<'a, T: Sync, W, R: Send>(
    items: &'a [T],
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &'a T) -> R + Sync,
) -> Vec<R> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(items.len()).max(1);
    let next = AtomicUsize::new(0);
    let one_worker = || {
        let mut worker = worker();
        let mut done = Vec::new();
        while let Some((index, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|k| Some((k, items.get(k)?)))
        {
            done.push((index, work(&mut worker, item)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (1..workers).map(|_| scope.spawn(one_worker)).collect();
        let mut done = one_worker();
        for handle in handles {
            match handle.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

type Digested = ([u8; 32], Result<Sample, String>);

/// One worker's detector and network of landmarks.
pub struct Reader {
    finder: FaceFinder,
    landmarker: Option<Landmarker>,
}

impl Reader {
    /// Finds nothing where the network is damaged.
    pub fn new(landmarks: &LandmarkFiles) -> Reader {
        Reader { finder: FaceFinder::new(), landmarker: landmarks.landmarker().ok() }
    }

    /// The photo, its only face's landmarks, and where the face is; or why there is none.
    pub fn place(&mut self, photo: Photo) -> Result<(Photo, Measured, Placement), String> {
        let face = self.finder.only_face(&photo).map_err(|error| error.to_string())?;
        let measured = self.landmarker.as_mut().and_then(|landmarker| landmarker.find(&photo, &face));
        let measured = measured.ok_or("no landmarks found")?;
        let placement = Placement::of(&photo, &measured.landmarks);
        Ok((photo, measured, placement))
    }
}

fn read_picture(
    reader: &mut Reader,
    index: usize,
    person: &Person,
    picture: &Picture,
) -> Result<Digested, TrainingError> {
    let bytes =
        fs::read(&picture.path).map_err(|source| TrainingError::access("read", &picture.path, source))?;
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    let photo = Photo::decode(&bytes).map_err(|error| error.to_string());
    let sample = photo.and_then(|photo| reader.place(photo)).map(|(photo, measured, placement)| {
        let (patch, placement_in_patch) = cut_patch(&photo, &placement, SIZE);
        Sample {
            person: index,
            label: person.label,
            pose: picture.pose,
            path: picture.path.clone(),
            patch,
            placement: placement_in_patch,
            crop: Crop::take(&photo, &placement),
            measured,
            is_rendered: person.source == "rendered",
            fingerprint: fingerprint(&picture.path, digest, &photo, &measured.landmarks),
            weight: 1.0,
        }
    });
    Ok((digest, sample))
}

fn fingerprint(path: &Path, digest: [u8; 32], photo: &Photo, landmarks: &Landmarks) -> Fingerprint {
    let looks = Some(Look::both(photo, landmarks));
    Fingerprint { path: path.to_owned(), digest, looks, group: 0 }
}

/// The placed square with its surroundings, scaled down where it is larger than an input of `side` pixels needs.
pub(super) fn cut_patch(photo: &Photo, placement: &Placement, side: usize) -> (Photo, Placement) {
    let (left, width) = span(placement.center_x, placement.side, photo.width());
    let (top, height) = span(placement.center_y, placement.side, photo.height());
    let mut luma = Vec::with_capacity((width * height) as usize);
    for row in top..top + height {
        let start = (row * photo.width() + left) as usize;
        luma.extend_from_slice(&photo.luma()[start..start + width as usize]);
    }
    let cut =
        Photo::new(width, height, luma, Duration::ZERO).expect("no side is shorter than a photo's least");
    let factor = (side as f32 * PATCH_PER_INPUT / width.max(height) as f32).min(1.0);
    let scaled = |length: u32| (length as f32 * factor).round() as u32;
    let (patch, factor) = match cut.scaled(scaled(width), scaled(height)) {
        Ok(patch) if factor < 1.0 => (patch, factor),
        // Small already, or so narrow that scaling would leave too little.
        _ => (cut, 1.0),
    };
    let placement = Placement {
        center_x: (placement.center_x - left as f32) * factor,
        center_y: (placement.center_y - top as f32) * factor,
        side: placement.side * factor,
        roll: placement.roll,
    };
    (patch, placement)
}

/// First pixel and length of the patch along one side of a photo.
fn span(center: f32, side: f32, photo_side: u32) -> (u32, u32) {
    let half = side * PATCH_PER_SIDE / 2.0;
    let least = synkiosk_models::photo::LEAST_SIDE.min(photo_side);
    let start = (center - half).floor().clamp(0.0, (photo_side - least) as f32) as u32;
    let end = (center + half).ceil().clamp((start + least) as f32, photo_side as f32) as u32;
    (start, end - start)
}

/// Pictures spread evenly over the training people, each as it is and once augmented.
pub fn calibration_looks(settings: &Settings, training: &[Sample]) -> Vec<Crop> {
    let count = training.len().min(CALIBRATION_PICTURES);
    let chosen = (0..count).map(|index| &training[index * training.len() / count]);
    let looks = chosen.flat_map(|sample| {
        // Epoch 0 is none of the training's.
        let mut random = stream(sample, settings.seed, 0, 0);
        [sample.crop.clone(), settings.augmentation.crop(sample, &mut random)]
    });
    looks.collect()
}

/// A stream of its own for every picture shown: of its bytes, so that it does not depend on who else is there.
pub fn stream(sample: &Sample, seed: u64, epoch: usize, copy: usize) -> Random {
    let mut name = [0; 8];
    name.copy_from_slice(&sample.fingerprint.digest[..8]);
    Random::new(&[seed, u64::from_le_bytes(name), epoch as u64, copy as u64])
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::align;

    fn photo(width: u32, height: u32) -> Photo {
        let luma = |k: u32| {
            let (x, y) = ((k % width) as f32, (k / width) as f32);
            (128.0 + 60.0 * (x / 23.0).sin() + 40.0 * (y / 17.0).cos()) as u8
        };
        Photo::new(width, height, (0..width * height).map(luma).collect(), Duration::ZERO).unwrap()
    }

    /// Mean difference between the square taken from the photo and from its patch, luma steps.
    fn difference(photo: &Photo, placement: Placement) -> f32 {
        let (patch, within) = cut_patch(photo, &placement, SIZE);
        assert!(patch.width().max(patch.height()) <= 224.max(placement.side as u32));
        let (whole, part) = (align::sample(photo, &placement, SIZE), align::sample(&patch, &within, SIZE));
        let sum: f32 = whole.iter().zip(&part).map(|(a, b)| f32::from(a.abs_diff(*b))).sum();
        sum / whole.len() as f32
    }

    #[test]
    fn a_patch_shows_what_the_photo_shows() {
        let square = |center_x, center_y, side, roll| Placement { center_x, center_y, side, roll };
        let photo = photo(640, 480);
        assert!(difference(&photo, square(320.0, 240.0, 120.0, 0.0)) < 0.01);
        assert!(difference(&photo, square(300.0, 250.0, 290.0, 0.2)) < 1.5);
        // Partly outside: the border goes on in both.
        assert!(difference(&photo, square(40.0, 460.0, 130.0, -0.2)) < 1.5);
        assert!(difference(&photo, square(639.0, 1.0, 30.0, 0.0)) < 1.5);
    }

    #[test]
    fn parallel_work_keeps_the_order() {
        let items: Vec<usize> = (0..500).collect();
        let doubled = in_parallel(&items, || 0, |_, item| item * 2);
        assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        assert!(in_parallel(&[] as &[u8], || (), |_, item| *item).is_empty());
    }
}
