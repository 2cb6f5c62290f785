//! Whether a picture is good enough to be judged, check by check, and if not, what the person can do about it.
//!
//! Every check compares one figure with one threshold of the bundle's manifest. Figures are made of additions,
//! multiplications, divisions and square roots in fixed order: a picture passes on every CPU or on none.

mod check;
mod movement;
mod pixels;
mod posture;
mod rule;

pub use check::Check;
pub use movement::performance;
pub use pixels::FacePixels;
pub use rule::{QualityRule, QualityRuleError};

use crate::{
    face::{FaceBox, FaceRefusal},
    head_frame::HeadFrame,
    landmarks::Landmarks,
    photo::Photo,
    pose::Pose,
};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// From the outermost landmarks (the brows' ends, the chin) to the rim of the face, in its widths.
const LANDMARKS_TO_RIM: f32 = 0.08;

/// What one check found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Finding {
    /// Which check; the key where findings are written.
    #[serde(skip)]
    pub check: Check,
    /// Whether the picture can be used.
    pub pass: bool,
    /// What was measured.
    pub figure: f32,
    /// What it is compared with.
    pub threshold: f32,
}

/// The findings of one picture, in the order in which a person would mend them. A check that could not be made is not there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// All of them.
    pub fn all(&self) -> &[Finding] {
        &self.0
    }

    /// The first that failed: what the person should mend now.
    pub fn first_failed(&self) -> Option<Check> {
        self.0.iter().find(|finding| !finding.pass).map(|finding| finding.check)
    }

    /// What one check found.
    pub fn of(&self, check: Check) -> Option<&Finding> {
        self.0.iter().find(|finding| finding.check == check)
    }

    fn at_least(&mut self, check: Check, figure: f32, threshold: f32) {
        self.0.push(Finding { check, pass: figure >= threshold, figure, threshold });
    }

    fn at_most(&mut self, check: Check, figure: f32, threshold: f32) {
        self.0.push(Finding { check, pass: figure <= threshold, figure, threshold });
    }
}

/// A map from the checks' names.
impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for finding in &self.0 {
            map.serialize_entry(finding.check.name(), finding)?;
        }
        map.end()
    }
}

impl From<FaceRefusal> for Check {
    fn from(refusal: FaceRefusal) -> Check {
        match refusal {
            FaceRefusal::NoFace => Check::FaceMissing,
            FaceRefusal::SeveralFaces(_) => Check::SeveralFaces,
            FaceRefusal::HalfFace => Check::HalfFace,
        }
    }
}

impl QualityRule {
    /// Of a picture without one whole face.
    pub fn refused(&self, refusal: FaceRefusal) -> Findings {
        let mut findings = Findings::default();
        match refusal {
            FaceRefusal::NoFace => findings.at_least(Check::FaceMissing, 0.0, self.least_face_score),
            // One is all that a screening can be of: no manifest changes that.
            FaceRefusal::SeveralFaces(count) => findings.at_most(Check::SeveralFaces, count as f32, 1.0),
            // How much is missing is not known of a face that was found only by its cut edge.
            FaceRefusal::HalfFace => findings.at_most(Check::HalfFace, 1.0, self.most_outside),
        }
        findings
    }

    /// Of a picture with its points; `asked` is the pose, and the points of the same person's picture at rest if there is one.
    pub fn judge(
        &self,
        photo: &Photo,
        face: &FaceBox,
        landmarks: &Landmarks,
        asked: Option<(Pose, Option<&Landmarks>)>,
    ) -> Findings {
        let mut findings = self.framing(photo, face, landmarks);
        let pixels = FacePixels::take(photo, face);
        self.light(&pixels, &mut findings);
        let head = HeadFrame::of(landmarks);
        findings.at_most(Check::Rolled, head.roll().abs(), self.most_roll);
        findings.at_most(Check::Turned, posture::turn(&head), self.most_turn);
        findings.at_most(Check::Tilted, posture::tilt(&head), self.most_tilt);
        findings.at_least(Check::Blurred, pixels.sharpness(), self.least_sharpness);
        let contrast = pixels.eye_contrast(photo, landmarks);
        findings.at_least(Check::EyesHidden, contrast, self.least_eye_contrast);
        if let Some((pose, rest)) = asked {
            let rest = rest.map(HeadFrame::of);
            if let Some(share) = performance(pose, &head, rest.as_ref()) {
                findings.at_least(Check::PoseNotPerformed, share, self.least_movement);
            }
        }
        findings
    }

    fn framing(&self, photo: &Photo, face: &FaceBox, landmarks: &Landmarks) -> Findings {
        let (width, height) = (photo.width() as f32, photo.height() as f32);
        let side = width.min(height);
        let of_box = beyond(photo, face, [face.x, face.y], [face.x + face.width, face.y + face.height]);
        // A detector that never looks beyond the edge shifts its box inward, and landmarks stay where the face is.
        let (from, to) = landmarks.extent();
        let rim = LANDMARKS_TO_RIM * face.width;
        let of_landmarks = beyond(photo, face, [from[0] - rim, from[1] - rim], [to[0] + rim, to[1] + rim]);
        let off_x = (face.x + face.width / 2.0 - width / 2.0).abs();
        let off_y = (face.y + face.height / 2.0 - height / 2.0).abs();
        let mut findings = Findings::default();
        findings.at_least(Check::FaceMissing, face.score, self.least_face_score);
        findings.at_most(Check::SeveralFaces, 1.0, 1.0);
        findings.at_most(Check::HalfFace, of_box.max(of_landmarks), self.most_outside);
        findings.at_least(Check::TooSmall, face.width, self.least_pixels.max(self.least_width * side));
        findings.at_most(Check::TooLarge, face.width / side, self.most_width);
        findings.at_most(Check::OffCenter, off_x.max(off_y) / side, self.most_off_center);
        findings
    }

    fn light(&self, pixels: &FacePixels, findings: &mut Findings) {
        let mean = pixels.mean();
        findings.at_least(Check::TooDark, mean, self.least_luma);
        findings.at_most(Check::TooBright, mean, self.most_luma);
        findings.at_least(Check::HalfInShadow, pixels.balance(), self.least_balance);
    }
}

/// The largest share of the face's width or height by which a box from one corner to the other reaches beyond an edge.
fn beyond(photo: &Photo, face: &FaceBox, from: [f32; 2], to: [f32; 2]) -> f32 {
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let each = [
        -from[0] / face.width,
        (to[0] - width) / face.width,
        -from[1] / face.height,
        (to[1] - height) / face.height,
    ];
    each.into_iter().fold(0.0, f32::max)
}

#[cfg(test)]
mod tests;
