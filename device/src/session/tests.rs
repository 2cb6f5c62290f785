//! Visits from the first press to the goodbye.

mod any_events;
mod choices;
mod kiosk;
mod sticks;
mod technician;

use super::{
    event::{Button, Event},
    screen::{Goodbye, Guidance, Limit, PAGES, Screen},
    summary::Summary,
    timing,
};
use kiosk::{Kiosk, TICK};
use std::time::Duration;
use synkiosk_journal::{
    record::{ErrorCode, Outcome},
    words::Percent,
};
use synkiosk_models::{answer::Answer, pose::Pose, quality::Check};

#[test]
fn a_whole_session() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest, Pose::Pucker]);
    assert_eq!(kiosk.screen, Screen::Attract { poses: 2, notice: None });
    kiosk.go_to_first_pose();
    for _ in 0..2 {
        kiosk.hold();
        assert_eq!(kiosk.open.len(), 1);
        kiosk.answer_open_orders(true);
    }
    assert_eq!(kiosk.screen, Screen::Thinking);
    kiosk.answer_open_orders(true);
    let Screen::Answer(view) = kiosk.screen.clone() else { panic!("{:?}", kiosk.screen) };
    assert_eq!((view.answer, view.score), (Answer::Likely, 80));
    assert_eq!(view.poses, [(Pose::Rest, Some(80)), (Pose::Pucker, Some(80))]);
    assert_eq!((view.range, view.limits.as_slice()), (Some([60, 90]), &[Limit::Rendered][..]));
    kiosk.send(Event::Slip("SLIP".to_owned()));
    for page in 0..PAGES {
        let Screen::Answer(view) = kiosk.screen.clone() else { panic!("{:?}", kiosk.screen) };
        assert_eq!((view.page, view.slip.as_deref()), (page, Some("SLIP")));
        kiosk.send(Event::Button(Button::Next));
    }
    assert_eq!(kiosk.screen, Screen::Wiped(Goodbye::Finished));
    kiosk.wait(timing::WIPED, &Event::Tick);
    assert_eq!(kiosk.screen, Screen::Attract { poses: 2, notice: None });
    assert_eq!((kiosk.records.len(), kiosk.wipes), (1, 1));
    let Summary { outcome, score, indices, poses, errors, .. } = &kiosk.records[0];
    assert_eq!((*outcome, score.map(Percent::get)), (Outcome::Likely, Some(80)));
    assert!(poses.iter().all(|pose| pose.score.is_some() && pose.retakes == 0) && errors.is_empty());
    // Rest and pucker show whether an eye narrows with the mouth, and here it did not; they ask nothing of the eyes.
    assert_eq!(indices.oral_ocular.map(|index| (index.value.get(), index.side)), Some((0, None)));
    assert_eq!(indices.ocular_oral, None);
}

#[test]
fn declining_takes_no_picture_and_records_nothing() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.send(Event::Button(Button::Next));
    kiosk.send(Event::Button(Button::Next));
    kiosk.send(Event::Button(Button::Decline));
    assert_eq!(kiosk.screen, Screen::Wiped(Goodbye::Declined));
    assert_eq!((kiosk.records.len(), kiosk.wipes, kiosk.camera_runs), (0, 1, false));
}

#[test]
fn a_pose_is_skipped_after_three_bad_pictures() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest, Pose::Pucker]);
    kiosk.go_to_first_pose();
    for attempt in 1..=timing::TRIES {
        kiosk.hold();
        kiosk.answer_open_orders(false);
        if attempt < timing::TRIES {
            assert_eq!(kiosk.screen, Screen::Retake { pose: Pose::Rest, reason: Check::Blurred });
            kiosk.wait(timing::RETAKE, &Event::Tick);
        }
    }
    assert!(matches!(kiosk.screen, Screen::Pose { pose: Pose::Pucker, .. }), "{:?}", kiosk.screen);
    kiosk.hold();
    kiosk.answer_open_orders(true);
    kiosk.answer_open_orders(true);
    let Screen::Answer(view) = kiosk.screen.clone() else { panic!("{:?}", kiosk.screen) };
    assert_eq!(view.poses, [(Pose::Rest, None), (Pose::Pucker, Some(80))]);
    assert_eq!(view.limits, [Limit::Partial { taken: 1, of: 2 }, Limit::Rendered]);
    assert_eq!(kiosk.records[0].poses[0].retakes, 3);
    assert_eq!(kiosk.records[0].errors, [ErrorCode::Blurred]);
}

#[test]
fn a_bad_picture_breaks_the_hold_and_says_why() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.go_to_first_pose();
    kiosk.wait(timing::READ + timing::HOLD / 2, &Event::Judged(Ok(())));
    kiosk.send(Event::Judged(Err(Check::TooDark)));
    let Screen::Pose { guidance, .. } = kiosk.screen else { panic!("{:?}", kiosk.screen) };
    assert_eq!(guidance, Guidance::Mend(Check::TooDark));
    kiosk.wait(timing::HOLD, &Event::Judged(Ok(())));
    assert!(kiosk.open.is_empty(), "taken too early");
    kiosk.wait(TICK * 2, &Event::Judged(Ok(())));
    assert_eq!(kiosk.open.len(), 1);
}

#[test]
fn nobody_there_is_asked_and_then_wiped() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.go_to_first_pose();
    kiosk.wait(timing::POSE_IDLE, &Event::Judged(Err(Check::FaceMissing)));
    assert_eq!(kiosk.screen, Screen::StillThere { seconds: 15 });
    kiosk.send(Event::Button(Button::Next));
    assert!(matches!(kiosk.screen, Screen::Pose { number: 1, .. }));
    kiosk.wait(timing::POSE_IDLE, &Event::Judged(Err(Check::FaceMissing)));
    kiosk.wait(timing::STILL_THERE, &Event::Judged(Err(Check::FaceMissing)));
    assert_eq!(kiosk.screen, Screen::Wiped(Goodbye::Stopped));
    assert_eq!(
        (kiosk.records[0].outcome, &kiosk.records[0].errors[..]),
        (Outcome::Stopped, &[ErrorCode::TimedOut][..])
    );
}

#[test]
fn a_camera_that_comes_back_goes_on_with_the_same_pose() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest, Pose::Snarl]);
    kiosk.go_to_first_pose();
    kiosk.hold();
    kiosk.send(Event::CameraLost);
    assert_eq!(kiosk.screen, Screen::CameraMissing);
    let late = kiosk.open.clone();
    kiosk.wait(timing::CAMERA / 2, &Event::Tick);
    kiosk.send(Event::CameraFound);
    assert!(matches!(kiosk.screen, Screen::Pose { number: 1, .. }));
    let before = kiosk.session.clone();
    kiosk.open = late;
    kiosk.answer_open_orders(true);
    assert_eq!(kiosk.session, before, "a reply to an old order was taken");
}

#[test]
fn a_camera_that_stays_away_ends_the_session_with_a_record() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.go_to_first_pose();
    kiosk.send(Event::CameraLost);
    kiosk.wait(timing::CAMERA, &Event::Tick);
    assert_eq!(kiosk.screen, Screen::Wiped(Goodbye::Failed));
    assert_eq!(kiosk.records[0].outcome, Outcome::Failed);
    assert_eq!(kiosk.records[0].errors, [ErrorCode::CameraLost]);
    kiosk.wait(timing::WIPED, &Event::Tick);
    assert_eq!(kiosk.screen, Screen::CameraMissing);
    kiosk.send(Event::Button(Button::Next));
    assert_eq!(kiosk.screen, Screen::CameraMissing);
}

#[test]
fn without_model_or_storage_nothing_begins() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.send(Event::StorageFailed);
    assert_eq!(kiosk.screen, Screen::StorageFull);
    kiosk.send(Event::Button(Button::Next));
    assert_eq!(kiosk.screen, Screen::StorageFull);
    kiosk.send(Event::StorageReady);
    kiosk.send(Event::BundleMissing);
    assert_eq!(kiosk.screen, Screen::NoModel);
    kiosk.send(Event::Button(Button::Next));
    assert_eq!(kiosk.screen, Screen::NoModel);
}

#[test]
fn back_takes_the_pose_before_again() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest, Pose::Snarl]);
    kiosk.go_to_first_pose();
    kiosk.hold();
    kiosk.answer_open_orders(true);
    kiosk.send(Event::Button(Button::Back));
    assert!(matches!(kiosk.screen, Screen::Pose { pose: Pose::Rest, .. }));
    for _ in 0..2 {
        kiosk.hold();
        kiosk.answer_open_orders(true);
    }
    kiosk.answer_open_orders(true);
    assert!(kiosk.records[0].poses.iter().all(|pose| pose.score.is_some()));
}

#[test]
fn a_camera_that_comes_and_goes_keeps_no_session_alive() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.go_to_first_pose();
    for _ in 0..30 {
        kiosk.wait(Duration::from_secs(4), &Event::Judged(Err(Check::FaceMissing)));
        kiosk.send(Event::CameraLost);
        kiosk.wait(Duration::from_secs(1), &Event::Tick);
        kiosk.send(Event::CameraFound);
    }
    assert_eq!((kiosk.records.len(), kiosk.wipes), (1, 1));
    assert_eq!(kiosk.records[0].errors, [ErrorCode::CameraLost, ErrorCode::TimedOut]);
    assert_eq!(kiosk.screen, Screen::Attract { poses: 1, notice: None });
}
