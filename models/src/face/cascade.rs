//! The face detector: SeetaFace's funnel-structured cascade (Wu et al. 2016), with the results of the crate `rustface`
//! to the last bit and in a third of its time: no allocation for each window, sums side by side.
//!
//! After SeetaFace and rustface, whose model file it reads. Copyright (c) 2016, Visual Information Processing and Learning
//! (VIPL) group, Institute of Computing Technology, Chinese Academy of Sciences, Beijing, China; BSD 2-Clause, text in
//! `LICENSE-SEETAFACE` beside this file.

use super::{
    lab::{LabMap, is_varied},
    model::{Branch, Model},
    surf::SurfMap,
};
use crate::photo::whole;
use zeroize::Zeroize;

/// Side of the window that is judged, pixels.
pub(super) const WINDOW: usize = 40;
/// Pixels from one window to the next.
const STEP: usize = 4;
/// From one size of the picture to the next smaller one.
const SHRINK: f32 = 0.8;
/// Windows that share more of their union than this are one candidate, and in the end one face.
const SAME_CANDIDATE: f32 = 0.8;
const SAME_FACE: f32 = 0.3;

/// A square that may show a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) side: u32,
    pub(super) score: f64,
}

/// The detector with room to work in.
pub(super) struct Cascade {
    model: Model,
    lab: LabMap,
    surf: SurfMap,
    scaling: Scaling,
    scaled: Vec<u8>,
    part: Vec<u8>,
}

/// A picture's luma.
#[derive(Clone, Copy)]
struct Picture<'a> {
    luma: &'a [u8],
    width: usize,
    height: usize,
}

impl Cascade {
    /// `None` where the bytes are no model.
    pub(super) fn new(model: &[u8]) -> Option<Cascade> {
        let model = Model::read(model)?;
        let (lab, surf) = (LabMap::default(), SurfMap::default());
        let scaling = Scaling::default();
        Some(Cascade { model, lab, surf, scaling, scaled: Vec::new(), part: Vec::new() })
    }

    /// All faces; a score is the sum of those of the windows that show the same face.
    pub(super) fn find(&mut self, luma: &[u8], width: usize, height: usize) -> Vec<Candidate> {
        let picture = Picture { luma, width, height };
        let mut lists = self.candidates(picture);
        let mut kept: Vec<_> = lists.iter_mut().map(|list| merged(list, SAME_CANDIDATE)).collect();
        let levels = std::mem::take(&mut self.model.levels);
        for (at, level) in levels.iter().enumerate() {
            let is_last = at + 1 == levels.len();
            for branch in level {
                self.pass(picture, branch, is_last, &mut lists, &mut kept);
            }
            for (list, branch) in level.iter().enumerate() {
                kept[list] = lists[branch.sources[0]].clone();
            }
        }
        self.model.levels = levels;
        self.wipe();
        std::mem::take(&mut kept[0])
    }

    /// Windows of all sizes that pass the first stage, a list for each of its classifiers.
    fn candidates(&mut self, picture: Picture<'_>) -> Vec<Vec<Candidate>> {
        let mut lists = vec![Vec::new(); self.model.first.len()];
        let least = WINDOW as f32 / picture.width.min(picture.height) as f32;
        let mut scale = 1.0_f32;
        while scale >= least {
            let (width, height) =
                ((picture.width as f32 * scale) as usize, (picture.height as f32 * scale) as usize);
            if width.min(height) < WINDOW {
                break;
            }
            self.scaling.resize(picture, &mut self.scaled, width, height);
            self.lab.take(&self.scaled, width);
            for y in (0..=height - WINDOW).step_by(STEP) {
                for x in (0..=width - WINDOW).step_by(STEP) {
                    let mut varied = None;
                    for (classifier, list) in self.model.first.iter().zip(&mut lists) {
                        let Some(score) = classifier.score(&self.lab, x, y) else { continue };
                        if *varied.get_or_insert_with(|| is_varied(&self.scaled, width, x, y)) {
                            list.push(Candidate {
                                x: (x as f32 / scale + 0.5) as i32,
                                y: (y as f32 / scale + 0.5) as i32,
                                side: (WINDOW as f32 / scale + 0.5) as u32,
                                score: f64::from(score),
                            });
                        }
                    }
                }
            }
            scale *= SHRINK;
        }
        lists
    }

    /// Takes the candidates of the branch's sources through its stages.
    fn pass(
        &mut self,
        picture: Picture<'_>,
        branch: &Branch,
        is_last: bool,
        lists: &mut [Vec<Candidate>],
        kept: &mut [Vec<Candidate>],
    ) {
        let list = branch.sources[0];
        lists[list] = branch.sources.iter().flat_map(|source| kept[*source].iter().copied()).collect();
        for (at, stage) in branch.stages.iter().enumerate() {
            let mut passed = Vec::with_capacity(lists[list].len());
            for candidate in &lists[list] {
                if let Some(candidate) = self.look(picture, *candidate) {
                    let Some(window) = self.scaled.as_array() else { continue };
                    let Some(verdict) = stage.judge(window, &mut self.surf) else { continue };
                    let (x, y, side) = (candidate.x as f32, candidate.y as f32, candidate.side as f32);
                    let found = ((verdict.side * 2.0 - 1.0) * side + side + 0.5).floor();
                    let place = |share: f32, from: f32| {
                        ((share * 2.0 - 1.0) * side + from + (side - found) * 0.5 + 0.5).floor() as i32
                    };
                    passed.push(Candidate {
                        x: place(verdict.x, x),
                        y: place(verdict.y, y),
                        side: found as u32,
                        score: f64::from(verdict.score),
                    });
                }
            }
            lists[list] = passed;
            if at + 1 < branch.stages.len() {
                kept[list] = merged(&mut lists[list], SAME_CANDIDATE);
                lists[list].clone_from(&kept[list]);
            } else if is_last {
                kept[list] = merged(&mut lists[list], SAME_FACE);
                lists[list].clone_from(&kept[list]);
            }
        }
    }

    /// Brings a candidate's square to the window's size, black where it lies outside. Gives it back as it is looked at:
    /// what began left of or above the picture begins at its edge.
    fn look(&mut self, picture: Picture<'_>, candidate: Candidate) -> Option<Candidate> {
        let side = candidate.side as usize;
        let (right, bottom) = (candidate.x + side as i32, candidate.y + side as i32);
        if side < 2 || right <= 0 || bottom <= 0 {
            return None;
        }
        self.part.clear();
        self.part.resize(side * side, 0);
        let within = |start: i32, end: i32, limit: usize| {
            start.max(0) as usize..(end.max(0) as usize).min(limit).max(start.max(0) as usize)
        };
        let columns = within(candidate.x, right, picture.width);
        let left = (columns.start as i32 - candidate.x) as usize;
        for row in within(candidate.y, bottom, picture.height) {
            let start = (row as i32 - candidate.y) as usize * side + left;
            let line = &picture.luma[row * picture.width..(row + 1) * picture.width];
            if let Some(line) = line.get(columns.clone()) {
                self.part[start..start + line.len()].copy_from_slice(line);
            }
        }
        let part = Picture { luma: &self.part, width: side, height: side };
        self.scaling.resize(part, &mut self.scaled, WINDOW, WINDOW);
        Some(Candidate { x: candidate.x.max(0), y: candidate.y.max(0), ..candidate })
    }

    fn wipe(&mut self) {
        self.scaling.wipe();
        self.scaled.zeroize();
        self.part.zeroize();
        self.lab.wipe();
        self.surf.wipe();
    }
}

/// Room to scale a picture in.
#[derive(Default)]
struct Scaling {
    /// The pixel left of each place, and the weights of it and the next.
    columns: Vec<(usize, [f64; 2])>,
    /// Two rows of the picture, scaled across.
    upper: Vec<f64>,
    lower: Vec<f64>,
}

impl Scaling {
    /// Scales by the four pixels around each place, in double precision.
    fn resize(&mut self, from: Picture<'_>, to: &mut Vec<u8>, width: usize, height: usize) {
        to.resize(width * height, 0);
        if (from.width, from.height) == (width, height) {
            to.copy_from_slice(from.luma);
            return;
        }
        let places = |length: usize, source: usize| {
            let step = source as f64 / length as f64;
            (0..length).map(move |at| {
                let place = step * at as f64;
                let first = (place as usize).min(source - 2);
                let along = place - first as f64;
                (first, [1.0 - along, along])
            })
        };
        self.columns.clear();
        self.columns.extend(places(width, from.width));
        self.upper.resize(width, 0.0);
        self.lower.resize(width, 0.0);
        let mut upper_row = None;
        for (to, (row, [near, far])) in to.chunks_exact_mut(width).zip(places(height, from.height)) {
            let line = |row: usize| &from.luma[row * from.width..(row + 1) * from.width];
            if upper_row != Some(row) {
                std::mem::swap(&mut self.upper, &mut self.lower);
                if row == 0 || upper_row != Some(row - 1) {
                    scale_across(line(row), &self.columns, &mut self.upper);
                }
                scale_across(line(row + 1), &self.columns, &mut self.lower);
                upper_row = Some(row);
            }
            for ((to, upper), lower) in to.iter_mut().zip(&self.upper).zip(&self.lower) {
                *to = whole(near * upper + far * lower);
            }
        }
    }

    fn wipe(&mut self) {
        self.upper.zeroize();
        self.lower.zeroize();
    }
}

fn scale_across(line: &[u8], columns: &[(usize, [f64; 2])], to: &mut [f64]) {
    for (to, &(first, [near, far])) in to.iter_mut().zip(columns) {
        let [left, right] = [line[first], line[first + 1]].map(f64::from);
        *to = near * left + far * right;
    }
}

/// The best of each group of candidates that overlap, with the sum of their scores; sorts them, best first.
fn merged(candidates: &mut [Candidate], share: f32) -> Vec<Candidate> {
    candidates.sort_by(|a, b| b.score.partial_cmp(&a.score).unwrap_or(std::cmp::Ordering::Equal));
    let mut is_merged = vec![false; candidates.len()];
    let mut kept = Vec::new();
    for at in 0..candidates.len() {
        if is_merged[at] {
            continue;
        }
        let mut best = candidates[at];
        for (other, is_merged) in candidates.iter().zip(&mut is_merged).skip(at + 1) {
            if !*is_merged && common_share(&candidates[at], other) > share {
                *is_merged = true;
                best.score += other.score;
            }
        }
        kept.push(best);
    }
    kept
}

/// The common area over that of the union.
fn common_share(a: &Candidate, b: &Candidate) -> f32 {
    let end = |start: i32, side: u32| start + side as i32 - 1;
    let width = end(a.x, a.side).min(end(b.x, b.side)) - a.x.max(b.x) + 1;
    let height = end(a.y, a.side).min(end(b.y, b.side)) - a.y.max(b.y) + 1;
    if width <= 0 || height <= 0 {
        return 0.0;
    }
    let area = |side: u32| (side * side) as f32;
    let common = (width * height) as f32;
    common / (area(a.side) + area(b.side) - common)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{face::MODEL, photo::Photo};

    /// The reference, on the whole picture and on parts of it.
    #[test]
    fn the_same_faces_as_rustface() {
        let mut ours = Cascade::new(MODEL).unwrap();
        let mut theirs = rustface::create_detector_with_model(rustface::read_model(MODEL).unwrap());
        theirs.set_score_thresh(1e-9);
        theirs.set_pyramid_scale_factor(SHRINK);
        theirs.set_slide_window_step(STEP as u32, STEP as u32);
        let photo = Photo::decode(include_bytes!("../../../tests/photos/eileen-collins.png")).unwrap();
        let mut faces = 0;
        for (width, height) in [(160, 120), (320, 240), (112, 84), (75, 91), (56, 56), (200, 200), (48, 70)] {
            let scaled = photo.scaled(width, height).unwrap();
            for cut in 0..4 {
                let rows = height as usize - cut * 7;
                let luma = &scaled.luma()[..rows * width as usize];
                let expected: Vec<_> = theirs
                    .detect(&rustface::ImageData::new(luma, width, rows as u32))
                    .iter()
                    .map(|face| (face.bbox().x(), face.bbox().y(), face.bbox().width(), face.score()))
                    .collect();
                let found = ours.find(luma, width as usize, rows);
                let found: Vec<_> = found.iter().map(|it| (it.x, it.y, it.side, it.score)).collect();
                assert_eq!(found, expected, "{width} x {rows}");
                faces += found.len();
            }
        }
        assert!(faces > 8, "{faces} faces were compared");
    }

    #[test]
    fn what_is_no_model_is_refused() {
        assert!(Cascade::new(&[]).is_none());
        assert!(Cascade::new(&MODEL[..MODEL.len() / 2]).is_none());
    }
}
