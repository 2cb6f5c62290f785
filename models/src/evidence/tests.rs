use super::*;
use crate::head_frame::tests::face;
use Point::*;

/// Pictures of one person, each with some points moved from rest.
/// A pose, and how far which points move in it.
type Moved<'a> = (Pose, &'a [(Point, [f32; 2])]);

fn series(poses: &[Moved]) -> Vec<(Pose, Measured)> {
    let at_ease = Activity::default();
    poses
        .iter()
        .map(|(pose, moved)| (*pose, Measured { landmarks: face(moved, 90.0, 0.1), activity: at_ease }))
        .collect()
}

fn shut(side: Side, by: f32) -> (Point, [f32; 2]) {
    (RightLidUpper.on(side), [0.0, -by])
}

#[test]
fn the_mouth_corner_that_moves_with_the_eye_is_named() {
    let closed: Vec<_> = Side::ALL.iter().map(|side| shut(*side, 0.14)).collect();
    for side in Side::ALL {
        let out = if *side == Side::Left { 0.06 } else { -0.06 };
        let pulled = [closed.clone(), vec![(RightMouthCorner.on(*side), [out, 0.08])]].concat();
        let both = series(&[(Pose::Rest, &[]), (Pose::TightClosure, &pulled)]);
        let index = indices(&both).ocular_oral.unwrap();
        assert_eq!(index.side, Some(*side));
        assert!((0.4..0.8).contains(&index.value), "{index:?}");
        // The eyes were meant to close: nothing is said of them.
        assert_eq!(indices(&both).oral_ocular, None);
    }
}

#[test]
fn what_both_corners_do_is_no_synkinesis() {
    let grimace = [(RightMouthCorner, [-0.05, 0.08]), (LeftMouthCorner, [0.05, 0.08])];
    let both = series(&[(Pose::Rest, &[]), (Pose::TightClosure, &grimace)]);
    assert_eq!(indices(&both).ocular_oral, Some(Index { value: 0.0, side: None }));
}

#[test]
fn an_eye_that_narrows_with_the_mouth_is_named() {
    let smile = [(RightMouthCorner, [-0.12, 0.1]), (LeftMouthCorner, [0.12, 0.1]), shut(Side::Right, 0.06)];
    let index = indices(&series(&[(Pose::Rest, &[]), (Pose::OpenSmile, &smile)])).oral_ocular.unwrap();
    assert_eq!(index.side, Some(Side::Right));
    assert!((0.3..0.7).contains(&index.value), "{index:?}");
    // Both eyes narrow in a hearty smile.
    let hearty = [shut(Side::Right, 0.06), shut(Side::Left, 0.06)];
    let index = indices(&series(&[(Pose::Rest, &[]), (Pose::OpenSmile, &hearty)])).oral_ocular.unwrap();
    assert_eq!(index.value, 0.0);
}

/// A palsied left side: its corner hangs at rest, its eye is wide, and neither does what is asked.
#[test]
fn a_side_that_moves_less_is_no_synkinesis_of_the_other() {
    let hanging = [(LeftMouthCorner, [-0.02, -0.08]), (LeftLidUpper, [0.0, 0.03])];
    let with = |more: &[(Point, [f32; 2])]| [&hanging[..], more].concat();
    // Eyes: the right one shuts and its corner moves as much as a healthy one does.
    let tight = with(&[shut(Side::Right, 0.14), shut(Side::Left, 0.05), (RightMouthCorner, [-0.01, 0.02])]);
    // The right cheek pushes its lower lid up.
    let smile = with(&[(RightMouthCorner, [-0.12, 0.1]), (RightLidLower, [0.0, 0.015])]);
    let all = series(&[(Pose::Rest, &hanging), (Pose::TightClosure, &tight), (Pose::OpenSmile, &smile)]);
    for (kind, index) in indices(&all).known() {
        assert!(index.value < 0.05, "{kind}: {index:?}");
    }
}

#[test]
fn chin_and_neck_count_beyond_rest_and_beyond_what_the_pose_uses() {
    let mut all =
        series(&[(Pose::Rest, &[]), (Pose::TightClosure, &[]), (Pose::Pucker, &[]), (Pose::LowerTeeth, &[])]);
    for (pose, measured) in &mut all {
        // Tense by habit, at rest too.
        measured.activity = Activity { neck_right: 0.3, neck_left: 0.3, ..Activity::default() };
        match pose {
            Pose::TightClosure => measured.activity.chin_left = 0.7,
            Pose::Pucker => measured.activity.chin_right = 1.0,
            Pose::LowerTeeth => measured.activity.neck_right = 1.0,
            _ => {}
        }
    }
    let found = indices(&all);
    let mentalis = found.mentalis.unwrap();
    assert_eq!(mentalis.side, Some(Side::Left));
    assert!((0.2..0.4).contains(&mentalis.value), "{mentalis:?}");
    assert_eq!(found.platysma, Some(Index { value: 0.0, side: None }));
}

#[test]
fn a_partial_series_gives_partial_evidence() {
    assert_eq!(indices(&[]), Indices::default());
    assert_eq!(indices(&series(&[(Pose::TightClosure, &[]), (Pose::Pucker, &[])])), Indices::default());
    assert_eq!(indices(&series(&[(Pose::Rest, &[])])), Indices::default());
    let found = indices(&series(&[(Pose::Rest, &[]), (Pose::Pucker, &[])]));
    assert_eq!((found.ocular_oral, found.mentalis), (None, None));
    assert!(found.oral_ocular.is_some() && found.platysma.is_some());
    assert_eq!(found.strongest(), Some(0.0));
    assert_eq!(Indices::default().mean(), None);
}

/// Lids that meet at rest, far points: whatever the points, values stay within 0 and 1.
#[test]
fn odd_faces_do_not_leave_the_range() {
    let shut_at_rest = [shut(Side::Right, 0.14), shut(Side::Left, 0.14)];
    let wild = [(LeftMouthCorner, [-3.0, 9.0]), (RightLidUpper, [0.0, 5.0]), (NoseTip, [9.0, 9.0])];
    let all = series(&[
        (Pose::Rest, &shut_at_rest),
        (Pose::Rest, &wild),
        (Pose::TightClosure, &wild),
        (Pose::Pucker, &wild),
    ]);
    for (kind, index) in indices(&all).known() {
        assert!((0.0..=1.0).contains(&index.value), "{kind}: {index:?}");
    }
}
