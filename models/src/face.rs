//! Finding the one face in a photo.

mod cascade;
mod lab;
mod model;
mod surf;

use crate::photo::{LEAST_SIDE, Part, Photo};
use cascade::Cascade;
use serde::Serialize;

/// The detector's model, from the `rustface` package; its training data are not documented.
const MODEL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/face-model.bin"));

/// Scores of true faces start here (median about 22); a window that only looks like one stays near 4.
const LEAST_SCORE: f64 = 6.0;
/// Pixels of the scaled picture at each try: 160 x 120 finds faces taller than a third of the picture in about
/// 4 ms; the larger picture finds farther ones, and the smaller one those that fill the picture.
const PIXELS_PER_TRY: [f32; 3] = [160.0 * 120.0, 320.0 * 240.0, 112.0 * 84.0];
/// Boxes that share more of the smaller one's area than this are the same face.
const SAME_FACE: f32 = 0.3;

/// Around a face that was there before is searched: so many widths of it, scaled to so many pixels. The detector's window
/// of 40 pixels then fits it at the first or second scale.
const SEARCHED_AROUND: f32 = 1.4;
const PIXELS_AROUND: f32 = 56.0;
/// A score is the sum over all windows that show a face, of which few lie that near: one has to.
const LEAST_SCORE_AROUND: f64 = 0.1;

/// A face of which more than this share of the width or height lies beyond the border is half a face.
const MOST_OUTSIDE: f32 = 0.08;

/// Where a face is, in pixels of the photo; from the brows to the chin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FaceBox {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// The detector's own score; true faces have 6 and more.
    pub score: f32,
}

/// Why a photo has no face to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaceRefusal {
    /// Nothing looks like a face.
    #[error("no face found")]
    NoFace,
    /// More than one person is in view.
    #[error("{0} faces found, one is needed")]
    SeveralFaces(usize),
    /// The face is cut by the picture's border.
    #[error("only a part of the face is in the picture")]
    HalfFace,
}

impl FaceRefusal {
    /// What the person can do.
    pub fn help(self) -> &'static str {
        match self {
            FaceRefusal::NoFace => "look straight into the camera, from about arm's length, in even light",
            FaceRefusal::SeveralFaces(_) => "let one person alone stand before the camera",
            FaceRefusal::HalfFace => "move until the whole face is in the picture",
        }
    }
}

/// Finds faces that look into the camera. Lives in the thread that made it.
pub struct FaceFinder {
    detector: Cascade,
}

impl Default for FaceFinder {
    fn default() -> Self {
        FaceFinder::new()
    }
}

impl FaceFinder {
    /// Loads the built-in model.
    pub fn new() -> FaceFinder {
        FaceFinder { detector: Cascade::new(MODEL).expect("the build script checked the model's digest") }
    }

    /// All faces, best first. The photo is scaled down before it is searched.
    pub fn find(&mut self, photo: &Photo) -> Vec<FaceBox> {
        for pixels in PIXELS_PER_TRY {
            let faces = self.find_at(photo, pixels);
            if !faces.is_empty() {
                return faces;
            }
        }
        Vec::new()
    }

    /// The only face, whole.
    pub fn only_face(&mut self, photo: &Photo) -> Result<FaceBox, FaceRefusal> {
        let faces = self.find(photo);
        match faces[..] {
            [] if self.finds_cut_face(photo) => Err(FaceRefusal::HalfFace),
            [] => Err(FaceRefusal::NoFace),
            [face] if outside(photo, &face) > MOST_OUTSIDE => Err(FaceRefusal::HalfFace),
            [face] => Ok(face),
            _ => Err(FaceRefusal::SeveralFaces(faces.len())),
        }
    }

    /// Whether the detector still takes this place for a face: a search around it alone, at a fraction of the cost.
    pub fn confirms(&mut self, photo: &Photo, face: &FaceBox) -> bool {
        let side = face.width * SEARCHED_AROUND;
        let factor = (PIXELS_AROUND / side).min(1.0);
        let size = [photo.width(), photo.height()].map(|side| (side as f32 * factor).round() as usize);
        if size[0].min(size[1]) < LEAST_SIDE as usize {
            return false;
        }
        let range = |start: f32, length: f32, limit: usize| {
            let from = ((start + (length - side) / 2.0) * factor).clamp(0.0, limit as f32) as usize;
            let to = ((start + (length + side) / 2.0) * factor).clamp(0.0, limit as f32) as usize;
            from..to.max(from)
        };
        let around = [range(face.x, face.width, size[0]), range(face.y, face.height, size[1])];
        let part = Part::scaled(photo, (size[0], size[1]), around);
        if part.luma.is_empty() {
            return false;
        }
        let found = self.detector.find(&part.luma, part.columns.len(), part.rows.len());
        found.iter().any(|face| face.score >= LEAST_SCORE_AROUND)
    }

    /// The detector's windows lie inside the picture: a cut face shows up once there is room around it.
    fn finds_cut_face(&mut self, photo: &Photo) -> bool {
        with_margin(photo).is_some_and(|wider| {
            PIXELS_PER_TRY.iter().any(|pixels| !self.find_at(&wider, *pixels).is_empty())
        })
    }

    fn find_at(&mut self, photo: &Photo, pixels: f32) -> Vec<FaceBox> {
        let factor = (pixels / (photo.width() as f32 * photo.height() as f32)).sqrt().min(1.0);
        let width = (photo.width() as f32 * factor).round() as u32;
        let height = (photo.height() as f32 * factor).round() as u32;
        // A very long and narrow picture: too few pixels are left across for any face.
        let Ok(small) = photo.scaled(width, height) else { return Vec::new() };
        let (scale_x, scale_y) = (photo.width() as f32 / width as f32, photo.height() as f32 / height as f32);
        let found = self.detector.find(small.luma(), width as usize, height as usize);
        let mut faces: Vec<FaceBox> = found
            .iter()
            .filter(|face| face.score >= LEAST_SCORE)
            .map(|face| FaceBox {
                x: face.x as f32 * scale_x,
                y: face.y as f32 * scale_y,
                width: face.side as f32 * scale_x,
                height: face.side as f32 * scale_y,
                score: face.score as f32,
            })
            .collect();
        faces.sort_by(|a, b| b.score.total_cmp(&a.score));
        without_doubles(faces)
    }
}

/// Keeps the best of each group of overlapping boxes; `faces` are sorted, best first.
fn without_doubles(faces: Vec<FaceBox>) -> Vec<FaceBox> {
    let mut kept: Vec<FaceBox> = Vec::new();
    for face in faces {
        if kept.iter().all(|other| overlap(other, &face) < SAME_FACE) {
            kept.push(face);
        }
    }
    kept
}

/// Common area over the smaller area, 0 to 1.
fn overlap(a: &FaceBox, b: &FaceBox) -> f32 {
    let width = (a.x + a.width).min(b.x + b.width) - a.x.max(b.x);
    let height = (a.y + a.height).min(b.y + b.height) - a.y.max(b.y);
    let smaller = (a.width * a.height).min(b.width * b.height);
    if width <= 0.0 || height <= 0.0 || smaller <= 0.0 { 0.0 } else { width * height / smaller }
}

/// The largest share of the box's width or height that lies beyond one border.
fn outside(photo: &Photo, face: &FaceBox) -> f32 {
    let beyond = [
        -face.x / face.width,
        (face.x + face.width - photo.width() as f32) / face.width,
        -face.y / face.height,
        (face.y + face.height - photo.height() as f32) / face.height,
    ];
    beyond.into_iter().fold(0.0, f32::max)
}

/// The photo at low resolution with a third of its size added on every side, its border going on there.
fn with_margin(photo: &Photo) -> Option<Photo> {
    let factor = (PIXELS_PER_TRY[1] / (photo.width() as f32 * photo.height() as f32)).sqrt().min(1.0);
    let (width, height) = ((photo.width() as f32 * factor) as u32, (photo.height() as f32 * factor) as u32);
    let small = photo.scaled(width, height).ok()?;
    let (margin_x, margin_y) = (width / 3, height / 3);
    let (wider, taller) = (width + 2 * margin_x, height + 2 * margin_y);
    let luma = (0..wider * taller).map(|k| {
        let column = (k % wider).saturating_sub(margin_x).min(width - 1);
        let row = (k / wider).saturating_sub(margin_y).min(height - 1);
        small.luma()[(row * width + column) as usize]
    });
    Photo::new(wider, taller, luma.collect(), photo.taken()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn face(x: f32, score: f32) -> FaceBox {
        FaceBox { x, y: 0.0, width: 100.0, height: 100.0, score }
    }

    #[test]
    fn overlapping_boxes_are_one_face() {
        let kept = without_doubles(vec![face(0.0, 30.0), face(20.0, 20.0), face(300.0, 10.0)]);
        assert_eq!(kept, vec![face(0.0, 30.0), face(300.0, 10.0)]);
    }

    #[test]
    fn a_gray_wall_has_no_face() {
        let wall = Photo::new(640, 480, vec![120; 640 * 480], Duration::ZERO).unwrap();
        assert_eq!(FaceFinder::new().only_face(&wall), Err(FaceRefusal::NoFace));
    }
}
