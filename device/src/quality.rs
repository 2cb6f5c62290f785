//! What the journal keeps of how good a picture was.

use synkiosk_journal::{
    record::{ErrorCode, Quality},
    words::Percent,
};
use synkiosk_models::{
    face::FaceBox,
    photo::Photo,
    quality::{Check, FacePixels},
};

/// The name in the journal, which does not keep how a person stood.
pub fn error_code(check: Check) -> Option<ErrorCode> {
    match check {
        Check::FaceMissing => Some(ErrorCode::NoFace),
        Check::SeveralFaces => Some(ErrorCode::SeveralFaces),
        Check::HalfFace | Check::EyesHidden => Some(ErrorCode::HalfFace),
        Check::TooDark | Check::TooBright | Check::HalfInShadow => Some(ErrorCode::PoorLight),
        Check::Blurred => Some(ErrorCode::Blurred),
        Check::TooSmall | Check::TooLarge | Check::OffCenter => None,
        Check::Rolled | Check::Turned | Check::Tilted | Check::PoseNotPerformed => None,
    }
}

/// How good a picture is, for the journal. `before` is the face in the picture before this one.
pub fn measure(photo: &Photo, face: &FaceBox, before: Option<&FaceBox>) -> Quality {
    let pixels = FacePixels::take(photo, face);
    let moved =
        before.map_or(0.0, |before| (face.x - before.x).hypot(face.y - before.y) / face.width.max(1.0));
    Quality {
        // Faces in focus measure about 0.2, noise 20.
        sharpness: Percent::of_share(pixels.sharpness() / 0.4),
        light: Percent::of_share(1.0 - (pixels.mean() - 128.0).abs() / 128.0),
        // A tenth of the face's width from one picture to the next is a step, not a tremor.
        steadiness: Percent::of_share(1.0 - moved * 10.0),
        face_width: Percent::of_share(face.width / photo.width() as f32),
    }
}
