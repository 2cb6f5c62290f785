//! The thresholds of the checks, as the bundle's manifest carries them.

use serde::{Deserialize, Serialize};

/// The least score of the detector itself, and the most that it lets lie outside the picture: a manifest can be
/// stricter, not laxer.
const DETECTOR_SCORE: f32 = 6.0;
const DETECTOR_OUTSIDE: f32 = 0.08;

/// What a picture must keep to; `[quality]` of the manifest. Lengths marked as shares are of the picture's shorter side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityRule {
    /// Score of the face detector.
    pub least_face_score: f32,
    /// Share of the face's width or height that lies beyond one edge, by its box and by its landmarks.
    pub most_outside: f32,
    /// The face is at least so wide, in pixels: the network's input must not be scaled up much.
    pub least_pixels: f32,
    /// The face is at least so wide, share.
    pub least_width: f32,
    /// The face is at most so wide, share: chin and forehead must stay in view.
    pub most_width: f32,
    /// The face's middle is at most so far from the picture's middle, share.
    pub most_off_center: f32,
    /// The mean luma of the face is at least that.
    pub least_luma: f32,
    /// The mean luma of the face is at most that.
    pub most_luma: f32,
    /// The darker half of the face over the other half is at least that.
    pub least_balance: f32,
    /// Slope of the line through the eyes; 0.27 is 15 degrees.
    pub most_roll: f32,
    /// The tip of the nose beside the middle, interocular distances; 0.2 is about 20 degrees of a straight nose.
    pub most_turn: f32,
    /// The nose's height between eyes and chin beyond the usual, shares of that height; 0.11 is about 20 degrees.
    pub most_tilt: f32,
    /// Variance of the Laplacian over the face, scaled to 64 pixels and by its contrast.
    pub least_sharpness: f32,
    /// Contrast within each eye, share of the face's mean luma.
    pub least_eye_contrast: f32,
    /// Share of a pose's usual movement.
    pub least_movement: f32,
}

/// A threshold out of range.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("quality.{field} {value} is not within {least} and {most}")]
pub struct QualityRuleError {
    field: &'static str,
    value: f32,
    least: f32,
    most: f32,
}

impl Default for QualityRule {
    fn default() -> QualityRule {
        QualityRule {
            least_face_score: DETECTOR_SCORE,
            most_outside: DETECTOR_OUTSIDE,
            least_pixels: 72.0,
            least_width: 0.18,
            // Centered, a face of more than that has its chin at the edge.
            most_width: 0.75,
            most_off_center: 0.3,
            // The detector loses faces below about 40 and above about 220, and then says nothing of light.
            least_luma: 45.0,
            most_luma: 215.0,
            least_balance: 0.5,
            most_roll: 0.27,
            most_turn: 0.2,
            most_tilt: 0.11,
            least_sharpness: 0.02,
            least_eye_contrast: 0.03,
            least_movement: 0.25,
        }
    }
}

impl QualityRule {
    /// Every threshold within its range; what is no number is outside of every range.
    pub fn check(&self) -> Result<(), QualityRuleError> {
        let ranges = [
            ("least_face_score", self.least_face_score, DETECTOR_SCORE, 100.0),
            ("most_outside", self.most_outside, 0.0, DETECTOR_OUTSIDE),
            ("least_pixels", self.least_pixels, 24.0, 1000.0),
            ("least_width", self.least_width, 0.0, 0.8),
            ("most_width", self.most_width, 0.3, 1.0),
            ("most_off_center", self.most_off_center, 0.05, 0.5),
            ("least_luma", self.least_luma, 0.0, 120.0),
            ("most_luma", self.most_luma, 130.0, 255.0),
            ("least_balance", self.least_balance, 0.0, 0.95),
            ("most_roll", self.most_roll, 0.02, 0.6),
            ("most_turn", self.most_turn, 0.02, 0.6),
            ("most_tilt", self.most_tilt, 0.02, 0.4),
            ("least_sharpness", self.least_sharpness, 0.0, 1.0),
            ("least_eye_contrast", self.least_eye_contrast, 0.0, 0.5),
            ("least_movement", self.least_movement, 0.0, 0.8),
        ];
        for (field, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                return Err(QualityRuleError { field, value, least, most });
            }
        }
        if self.least_width >= self.most_width {
            let (value, most) = (self.least_width, self.most_width);
            return Err(QualityRuleError { field: "least_width", value, least: 0.0, most });
        }
        Ok(())
    }
}
