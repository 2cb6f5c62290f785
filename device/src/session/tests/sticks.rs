//! Sticks, beside visits and between them.

use super::{
    super::{
        event::{Button, Event},
        screen::{Screen, StickProblem, StickSummary},
        timing,
    },
    kiosk::{Kiosk, TICK},
};
use synkiosk_models::pose::Pose;

pub(super) const SERVED: StickSummary =
    StickSummary { taken: 2, sessions: 41, problem: None, is_technicians: false };

#[test]
fn a_stick_is_served_and_then_taken_out() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    let attract = kiosk.screen.clone();
    kiosk.send(Event::StickFound);
    assert!(kiosk.stick_at_work && !kiosk.session.is_resting());
    for press in [Button::Next, Button::Stop] {
        kiosk.send(Event::Button(press));
        assert_eq!(kiosk.screen, Screen::StickAtWork);
    }
    kiosk.wait(timing::STICK_AT_WORK - TICK, &Event::Tick);
    kiosk.send(Event::StickServed(SERVED));
    assert_eq!(kiosk.screen, Screen::StickDone(SERVED));
    kiosk.send(Event::StickGone);
    assert_eq!(kiosk.screen, attract);
    assert!(kiosk.session.is_resting());
    for leave in [Event::Button(Button::Next), Event::StickGone] {
        kiosk.send(Event::StickFound);
        kiosk.send(Event::StickServed(SERVED));
        kiosk.send(leave);
        assert_eq!(kiosk.screen, attract);
    }
    kiosk.send(Event::StickFound);
    kiosk.send(Event::StickServed(SERVED));
    kiosk.wait(timing::STICK_DONE, &Event::Tick);
    assert_eq!((kiosk.screen, kiosk.visits), (attract, 0));
}

#[test]
fn a_stick_waits_while_somebody_is_screened() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.go_to_first_pose();
    kiosk.send(Event::StickFound);
    kiosk.send(Event::StickServed(SERVED));
    assert!(matches!(kiosk.screen, Screen::Pose { .. }) && !kiosk.stick_at_work);
    kiosk.send(Event::Button(Button::Stop));
    kiosk.send(Event::StickFound);
    assert!(!kiosk.stick_at_work, "before the goodbye was read");
    kiosk.wait(timing::WIPED, &Event::Tick);
    kiosk.send(Event::StickFound);
    assert!(kiosk.stick_at_work);
}

#[test]
fn a_stick_that_answers_no_more_is_given_up() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.send(Event::BundleMissing);
    kiosk.send(Event::StickFound);
    kiosk.wait(timing::STICK_AT_WORK, &Event::Tick);
    let Screen::StickDone(summary) = kiosk.screen else { panic!("{:?}", kiosk.screen) };
    assert_eq!(summary.problem, Some(StickProblem::NotWritten));
    // A late word is no news any more.
    kiosk.send(Event::StickGone);
    kiosk.send(Event::StickServed(SERVED));
    assert_eq!(kiosk.screen, Screen::NoModel);
}
