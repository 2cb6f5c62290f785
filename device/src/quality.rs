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

/// The name in the journal, which does not keep where a person stood.
pub fn error_code(check: Check) -> Option<ErrorCode> {
    match check {
        Check::FaceMissing => Some(ErrorCode::NoFace),
        Check::SeveralFaces => Some(ErrorCode::SeveralFaces),
        Check::HalfFace => Some(ErrorCode::HalfFace),
        Check::EyesHidden => Some(ErrorCode::EyesHidden),
        Check::TooDark | Check::TooBright | Check::HalfInShadow => Some(ErrorCode::PoorLight),
        Check::Blurred => Some(ErrorCode::Blurred),
        Check::TooSmall | Check::TooLarge | Check::OffCenter => None,
        Check::Rolled | Check::Turned | Check::Tilted => Some(ErrorCode::HeadPosture),
        Check::PoseNotPerformed => Some(ErrorCode::PoseNotPerformed),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_has_a_name_in_the_journal_but_for_where_a_person_stood() {
        let nameless: Vec<Check> =
            Check::ALL.iter().copied().filter(|check| error_code(*check).is_none()).collect();
        assert_eq!(nameless, [Check::TooSmall, Check::TooLarge, Check::OffCenter]);
        for check in [Check::Rolled, Check::Turned, Check::Tilted] {
            assert_eq!(error_code(check), Some(ErrorCode::HeadPosture));
        }
        assert_eq!(error_code(Check::PoseNotPerformed), Some(ErrorCode::PoseNotPerformed));
    }
}
