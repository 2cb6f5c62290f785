//! What a judge that is not there says of a taken picture.

use synkiosk_device::session::{event::Shot, screen::Heat};
use synkiosk_journal::{
    record::{Quality, StageMilliseconds},
    words::Percent,
};
use synkiosk_models::{
    landmarks::{Activity, Landmarks, Measured},
    pose::Pose,
};

/// A usable picture of a face, with this score.
pub(crate) fn shot(pose: Pose, score: f32) -> Shot {
    let percent = Percent::of_share(0.5);
    let quality = Quality { sharpness: percent, light: percent, steadiness: percent, face_width: percent };
    let milliseconds = StageMilliseconds { face: 1, align: 2, network: 3, total: 6 };
    let points = std::array::from_fn(|index| [60.0 * (index % 2) as f32, 0.0]);
    let landmarks = Landmarks::new(points).expect("eyes apart");
    let measured = Measured { landmarks, activity: Activity::default() };
    Shot { pose, logit: score * 8.0 - 4.0, score, measured, heat: Heat::NONE, quality, milliseconds }
}
