//! Every picture is opened once, on a few threads, and let go of again.

use super::finding::{Defect, Finding};
use super::folders::Folder;
use super::foreign::Foreign;
use super::names::within;
use crate::training::near_duplicates::Look;
use crate::training::samples::in_parallel;
use image::ImageReader;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use synkiosk_models::align::{Placement, SIZE};
use synkiosk_models::bundle::{self, Bundle, TrustedKeys};
use synkiosk_models::face::{FaceFinder, FaceRefusal};
use synkiosk_models::landmarker::Landmarker;
use synkiosk_models::photo::Photo;

/// Bytes of the largest file that is read.
const MOST_BYTES: u64 = 64 << 20;
/// Pictures with more pixels are decoded one after the other: as 16-bit color with alpha, 8 MP take 64 MB, and the
/// largest that are taken eight times as much.
const LARGE: u64 = 8_000_000;
/// A square with fewer pixels a side is blown up by more than a third.
const LEAST_FACE: f32 = SIZE as f32 * 0.75;

/// What is kept of a picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    /// SHA-256 of the file; none if it could not be read.
    pub(super) digest: Option<[u8; 32]>,
    /// The longer and the shorter side in pixels, and the format; none if the head cannot be read.
    pub(super) size: Option<(u32, u32)>,
    /// `jpeg` or `png`.
    pub(super) format: Option<&'static str>,
    /// The face and its mirror image; none where training would leave the picture out.
    pub(super) looks: Option<[Look; 2]>,
}

/// One thread's detector and network of landmarks.
struct Looker {
    finder: FaceFinder,
    landmarker: Landmarker,
}

impl Looker {
    fn new(bundle: &Bundle) -> Looker {
        let landmarker = bundle.landmarker().expect("the shipped bundle's networks are checked by its tests");
        Looker { finder: FaceFinder::new(), landmarker }
    }
}

/// Looks at all pictures of all folders; defects become findings, in the order of the folders.
pub(super) fn look(
    root: &Path,
    folders: &[Folder],
    step: impl Fn() + Sync,
    findings: &mut Vec<Finding>,
) -> Vec<Vec<Seen>> {
    let work: Vec<&Path> =
        folders.iter().flat_map(|folder| &folder.pictures).map(|picture| picture.path.as_path()).collect();
    let large = Mutex::new(());
    let bundle = Bundle::read(bundle::shipped(), &TrustedKeys::demo())
        .expect("the shipped bundle is checked by its tests");
    let looked = in_parallel(
        &work,
        || Looker::new(&bundle),
        |looker, path| {
            let looked = look_at(looker, path, &large);
            step();
            looked
        },
    );
    let mut looked = looked.into_iter();
    let mut seen = Vec::with_capacity(folders.len());
    for folder in folders {
        let mut of_folder = Vec::with_capacity(folder.pictures.len());
        for (picture, (one, defect)) in folder.pictures.iter().zip(looked.by_ref()) {
            findings.extend(defect.map(|defect| Finding::new(within(root, &picture.path), defect)));
            of_folder.push(one);
        }
        if !of_folder.is_empty() && of_folder.iter().all(|one| one.looks.is_none()) {
            findings.push(Finding::new(&folder.name, Defect::NothingLeft));
        }
        seen.push(of_folder);
    }
    seen
}

fn look_at(looker: &mut Looker, path: &Path, large: &Mutex<()>) -> (Seen, Option<Defect>) {
    let mut seen = Seen { digest: None, size: None, format: None, looks: None };
    let bytes = match read(path) {
        Ok(bytes) => bytes,
        Err(defect) => return (seen, Some(defect)),
    };
    seen.digest = Some(Sha256::digest(&bytes).into());
    if bytes.is_empty() {
        return (seen, Some(Defect::Empty));
    }
    if let Some(foreign) = Foreign::by_bytes(&bytes) {
        return (seen, Some(Defect::Foreign(foreign)));
    }
    let _one_at_a_time = head(&bytes, &mut seen, large);
    let photo = match Photo::decode(&bytes) {
        Ok(photo) => photo,
        Err(error) => return (seen, Some(Defect::Photo(error))),
    };
    let face = match looker.finder.only_face(&photo) {
        Ok(face) => face,
        Err(refusal) => return (seen, Some(Defect::Face(refusal))),
    };
    let Some(measured) = looker.landmarker.find(&photo, &face) else {
        return (seen, Some(Defect::Face(FaceRefusal::NoFace)));
    };
    seen.looks = Some(Look::both(&photo, &measured.landmarks));
    let placement = Placement::of_box(&face);
    let small = placement.side < LEAST_FACE;
    (seen, small.then_some(Defect::SmallFace(placement.side.round() as u32)))
}

/// Notes size and format; a large picture waits until no other is being decoded.
fn head<'a>(bytes: &[u8], seen: &mut Seen, large: &'a Mutex<()>) -> Option<MutexGuard<'a, ()>> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    seen.format = match reader.format()? {
        image::ImageFormat::Jpeg => Some("jpeg"),
        image::ImageFormat::Png => Some("png"),
        _ => None,
    };
    let (width, height) = reader.into_dimensions().ok()?;
    seen.size = Some((width.max(height), width.min(height)));
    // A panic while decoding another picture spoils nothing that the lock guards.
    let lock = || large.lock().unwrap_or_else(PoisonError::into_inner);
    (u64::from(width) * u64::from(height) > LARGE).then(lock)
}

fn read(path: &Path) -> Result<Vec<u8>, Defect> {
    let could_not = |error: io::Error| Defect::Access(error.to_string());
    if fs::metadata(path).map_err(could_not)?.len() > MOST_BYTES {
        return Err(Defect::TooManyBytes(MOST_BYTES >> 20));
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(could_not)?.take(MOST_BYTES).read_to_end(&mut bytes).map_err(could_not)?;
    Ok(bytes)
}
