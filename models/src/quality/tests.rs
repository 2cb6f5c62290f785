use super::*;
use crate::{
    head_frame::tests::face,
    landmarks::Point::{self, *},
    pose::Side,
};
use std::time::Duration;

/// A picture, its face and its landmarks.
type Scene = (Photo, FaceBox, Landmarks);
/// Points and how far they move.
type Moves = Vec<(Point, [f32; 2])>;

const FACE: FaceBox = FaceBox { x: 220.0, y: 140.0, width: 200.0, height: 200.0, score: 20.0 };
/// Eyes 90 pixels apart, their middle at (320, 200).
const EYES: f32 = 90.0;

fn photo(luma: impl Fn(usize, usize) -> u8) -> Photo {
    let luma = (0..640 * 480).map(|at| luma(at % 640, at / 640)).collect();
    Photo::new(640, 480, luma, Duration::ZERO).unwrap()
}

/// Blocks smaller than an eye: sharp edges, whatever the scale.
fn blocks(dark: u8, light: u8) -> Photo {
    photo(move |x, y| if (x / 10 + y / 10) % 2 == 0 { dark } else { light })
}

/// Blocks whose right half has `share` of the luma.
fn shadowed(share: f32) -> Photo {
    photo(move |x, y| {
        let luma = if (x / 10 + y / 10) % 2 == 0 { 140.0 } else { 180.0 };
        if x >= 320 { (luma * share) as u8 } else { luma as u8 }
    })
}

/// Even gray where an eye is, `contrast` of it as a bar of lashes.
fn eye_with(contrast: u8) -> Photo {
    photo(move |x, y| {
        let in_left_eye = x.abs_diff(365) < 35 && y.abs_diff(200) < 22;
        match (in_left_eye, (x / 10 + y / 10) % 2 == 0) {
            (true, _) if y.abs_diff(201) < 4 => 60 - contrast,
            (true, _) => 60,
            (false, true) => 80,
            (false, false) => 160,
        }
    })
}

fn judge(photo: &Photo, face_box: FaceBox, points: &Landmarks) -> Findings {
    QualityRule::default().judge(photo, &face_box, points, None)
}

/// For every check of a single picture, one that fails it alone or first, and one that just passes all.
#[test]
fn each_defect_has_its_check_and_stops_where_the_threshold_is() {
    let good = blocks(80, 160);
    let straight = face(&[], EYES, 0.0);
    let wide =
        |width| FaceBox { x: 320.0 - width / 2.0, y: 240.0 - width / 2.0, width, height: width, ..FACE };
    let at = |x, y| FaceBox { x, y, ..FACE };
    let nose = |x: f32, y: f32| face(&[(NoseTip, [x, y])], EYES, 0.0);
    // The slope 0.27 has the sine 0.2607.
    let cases: Vec<(Check, Scene, Scene)> = vec![
        (
            Check::FaceMissing,
            (blocks(80, 160), FaceBox { score: 5.9, ..FACE }, straight),
            (blocks(80, 160), FaceBox { score: 6.0, ..FACE }, straight),
        ),
        (Check::TooSmall, (blocks(80, 160), wide(86.0), straight), (blocks(80, 160), wide(87.0), straight)),
        (Check::TooLarge, (blocks(80, 160), wide(361.0), straight), (blocks(80, 160), wide(359.0), straight)),
        (
            Check::OffCenter,
            (blocks(80, 160), at(75.0, 140.0), straight),
            (blocks(80, 160), at(77.0, 140.0), straight),
        ),
        (Check::TooDark, (blocks(33, 55), FACE, straight), (blocks(35, 57), FACE, straight)),
        (Check::TooBright, (blocks(186, 246), FACE, straight), (blocks(182, 246), FACE, straight)),
        (Check::HalfInShadow, (shadowed(0.48), FACE, straight), (shadowed(0.53), FACE, straight)),
        (
            Check::Rolled,
            (blocks(80, 160), FACE, face(&[], EYES, 0.265)),
            (blocks(80, 160), FACE, face(&[], EYES, -0.255)),
        ),
        (Check::Turned, (blocks(80, 160), FACE, nose(0.21, 0.0)), (blocks(80, 160), FACE, nose(-0.19, 0.0))),
        (Check::Tilted, (blocks(80, 160), FACE, nose(0.0, 0.22)), (blocks(80, 160), FACE, nose(0.0, 0.19))),
        (Check::EyesHidden, (eye_with(4), FACE, straight), (eye_with(14), FACE, straight)),
    ];
    assert_eq!(judge(&good, FACE, &straight).first_failed(), None);
    for (check, fails, passes) in cases {
        let found = judge(&fails.0, fails.1, &fails.2);
        assert_eq!(found.first_failed(), Some(check), "{found:?}");
        let found = judge(&passes.0, passes.1, &passes.2);
        assert_eq!(found.first_failed(), None, "{check:?}: {found:?}");
    }
}

#[test]
fn what_is_out_of_focus_is_blurred() {
    // Waves of 46 pixels are sharp enough, of 90 not, on a face 200 pixels wide.
    let waves = |length: f32| {
        photo(move |x, y| {
            let wave = |at: usize| (at as f32 * std::f32::consts::TAU / length).sin();
            (120.0 + 40.0 * wave(x) + 40.0 * wave(y)) as u8
        })
    };
    let straight = face(&[], EYES, 0.0);
    let found = judge(&waves(110.0), FACE, &straight);
    assert_eq!(found.first_failed(), Some(Check::Blurred), "{found:?}");
    let found = judge(&waves(46.0), FACE, &straight);
    assert_eq!(found.first_failed(), None, "{found:?}");
}

#[test]
fn pictures_without_one_whole_face_fail_by_name() {
    let rule = QualityRule::default();
    for (refusal, check) in [
        (FaceRefusal::NoFace, Check::FaceMissing),
        (FaceRefusal::SeveralFaces(2), Check::SeveralFaces),
        (FaceRefusal::HalfFace, Check::HalfFace),
    ] {
        assert_eq!(rule.refused(refusal).first_failed(), Some(check));
        assert_eq!(Check::from(refusal), check);
    }
    // The outer end of a brow lies 0.85 x 90 pixels beside the middle, and the rim 16 beyond it.
    let moved = |by: f32| {
        let points = face(&[], EYES, 0.0).points().map(|[x, y]| [x - by, y]);
        judge(&blocks(80, 160), FACE, &Landmarks::new(points).expect("a face")).of(Check::HalfFace).copied()
    };
    assert!(moved(242.0).unwrap().pass && !moved(246.0).unwrap().pass);
    let cut = |x: f32| judge(&blocks(80, 160), FaceBox { x, ..FACE }, &face(&[], EYES, 0.0));
    assert!(!cut(-17.0).of(Check::HalfFace).unwrap().pass);
    assert!(cut(-15.0).of(Check::HalfFace).unwrap().pass);
}

/// Of every pose: done by one side only, and not done. Barely enough lies just above a quarter of what is usual.
#[test]
fn a_pose_counts_when_one_side_does_it() {
    let lids = |side: Side, by: f32| (RightLidUpper.on(side), [0.0, -by]);
    let corner = |by: f32| (LeftMouthCorner, [by * 0.75, by * 0.66]);
    let cases: Vec<(Pose, Moves, Moves)> = vec![
        (Pose::Rest, vec![lids(Side::Right, 0.12), lids(Side::Left, 0.12)], vec![lids(Side::Left, 0.1)]),
        (
            Pose::BrowRaise,
            vec![],
            [RightBrowInner, RightBrowMiddle, RightBrowOuter].map(|p| (p, [0.0, 0.03])).into(),
        ),
        (Pose::GentleClosure, vec![lids(Side::Left, 0.02)], vec![lids(Side::Left, 0.05)]),
        (Pose::TightClosure, vec![lids(Side::Right, 0.02)], vec![lids(Side::Right, 0.05)]),
        (Pose::ClosedSmile, vec![corner(0.02)], vec![corner(0.04)]),
        (Pose::OpenSmile, vec![corner(0.02)], vec![(LipLower, [0.0, -0.02])]),
        (Pose::Snarl, vec![], vec![(LipUpper, [0.0, 0.02])]),
        (Pose::Pucker, vec![corner(0.05)], vec![(RightMouthCorner, [0.03, 0.0])]),
        (Pose::LowerTeeth, vec![], vec![(LipLower, [0.0, -0.02])]),
    ];
    let (photo, rest) = (blocks(80, 160), face(&[], 70.0, 0.1));
    for (pose, not_done, done) in cases {
        let judge = |moved: &[(Point, [f32; 2])]| {
            let points = face(moved, EYES, 0.0);
            QualityRule::default().judge(&photo, &FACE, &points, Some((pose, Some(&rest)))).first_failed()
        };
        assert_eq!(judge(&not_done), Some(Check::PoseNotPerformed), "{pose}");
        assert_eq!(judge(&done), None, "{pose}");
    }
}

#[test]
fn without_a_picture_at_rest_movement_is_not_judged() {
    let asked = Some((Pose::Pucker, None));
    let found = QualityRule::default().judge(&blocks(80, 160), &FACE, &face(&[], EYES, 0.0), asked);
    assert_eq!((found.of(Check::PoseNotPerformed), found.first_failed()), (None, None));
}

#[test]
fn findings_are_written_by_name() {
    let found = judge(&blocks(80, 160), FACE, &face(&[], EYES, 0.0));
    let text = toml::to_string(&found).unwrap();
    assert!(text.contains("[too-small]\npass = true\nfigure = 200.0\nthreshold = 86.4"), "{text}");
}

#[test]
fn a_face_that_reaches_beyond_the_edge_is_measured() {
    let beyond = FaceBox { x: -90.0, y: 400.0, width: 400.0, height: 400.0, score: 9.0 };
    let found = judge(&blocks(80, 160), beyond, &face(&[], EYES, 0.0));
    assert!(!found.of(Check::HalfFace).unwrap().pass, "{found:?}");
}

#[test]
fn thresholds_out_of_range_are_refused() {
    let rule = QualityRule::default();
    assert_eq!(rule.check(), Ok(()));
    for (wrong, said) in [
        (QualityRule { least_face_score: 3.0, ..rule }, "quality.least_face_score 3 is not within 6 and 100"),
        (QualityRule { most_turn: f32::NAN, ..rule }, "quality.most_turn NaN is not within 0.02 and 0.6"),
        (
            QualityRule { least_width: 0.5, most_width: 0.4, ..rule },
            "quality.least_width 0.5 is not within 0 and 0.4",
        ),
    ] {
        assert_eq!(wrong.check().unwrap_err().to_string(), said);
    }
}

#[test]
fn every_check_has_its_words() {
    for check in Check::ALL {
        assert!(check.help().ends_with('.') && !check.finding().ends_with('.'), "{check:?}");
        assert!(check.help().len() <= 40, "{check:?}");
    }
}
