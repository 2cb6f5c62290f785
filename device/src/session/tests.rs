use super::{
    Session,
    event::{Button, Effect, Event, Plan, Shot, Ticket},
    pin::Pin,
    screen::{
        Goodbye, Guidance, Heat, Limit, PAGES, PHASES, Screen, StickProblem, StickSummary, Task, Workshop,
    },
    summary::Summary,
    timing,
};
use crate::language::Language;
use proptest::prelude::*;
use std::time::Duration;
use synkiosk_journal::{
    record::{BundleId, ErrorCode, Outcome, Quality, StageMilliseconds},
    words::Percent,
};
use synkiosk_models::landmarks::{Activity, Landmarks, Measured};
use synkiosk_models::quality::Check;
use synkiosk_models::{
    answer::{Answer, SeriesAnswer},
    pose::Pose,
};

const TICK: Duration = Duration::from_millis(200);

/// A kiosk stricter than the real one: it stops the test on an effect out of order.
struct Kiosk {
    session: Session,
    now: Duration,
    camera_runs: bool,
    consented: bool,
    records: Vec<Summary>,
    /// Consented sessions that were wiped.
    over: usize,
    wipes: usize,
    visits: usize,
    open: Vec<Effect>,
    screen: Screen,
    stick_at_work: bool,
    clocks: Vec<u64>,
}

impl Kiosk {
    fn ready(poses: &[Pose]) -> Kiosk {
        let mut kiosk = Kiosk {
            session: Session::new(),
            now: Duration::ZERO,
            camera_runs: false,
            consented: false,
            records: Vec::new(),
            over: 0,
            wipes: 0,
            visits: 0,
            open: Vec::new(),
            screen: Screen::NoModel,
            stick_at_work: false,
            clocks: Vec::new(),
        };
        kiosk.send(Event::BundleReady(plan(poses)));
        kiosk.send(Event::CameraFound);
        kiosk
    }

    fn send(&mut self, event: Event) {
        let before = self.screen.clone();
        let agrees = event == Event::Button(Button::Next) && matches!(before, Screen::Consent);
        let (session, effects) = self.session.clone().step(self.now, event);
        self.session = session;
        self.consented |= agrees;
        for effect in effects {
            self.carry_out(effect);
        }
        self.stick_at_work &= self.screen == Screen::StickAtWork;
        if self.screen == Screen::Consent && !matches!(before, Screen::Consent | Screen::StillThere { .. }) {
            self.visits += 1;
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Show(screen) => {
                assert_ne!(screen, self.screen, "shown twice");
                self.screen = screen;
            }
            Effect::StartCamera => {
                assert!(self.consented || self.session.wants_checks(), "camera started before consent");
                assert!(!std::mem::replace(&mut self.camera_runs, true), "started twice");
            }
            Effect::StopCamera => {
                assert!(std::mem::replace(&mut self.camera_runs, false), "stopped twice");
            }
            Effect::Capture(..) => {
                assert!(self.camera_runs, "picture taken without a running camera");
                self.open.push(effect);
            }
            Effect::Answer(..) => {
                assert!(!self.camera_runs, "the camera looks on while nothing is taken");
                self.open.push(effect);
            }
            Effect::Record(summary) => {
                assert!(self.consented, "recorded without consent");
                self.records.push(summary);
                assert_eq!(self.records.len(), self.over + 1, "more than one record of a session");
            }
            Effect::ServeStick => {
                assert!(!self.camera_runs && !self.consented, "a stick beside a person");
                assert!(!std::mem::replace(&mut self.stick_at_work, true), "a stick beside another");
            }
            Effect::Tell(ticket, task) => {
                assert!(!self.consented && task != Task::Leave, "told beside a person");
                self.open.push(Effect::Tell(ticket, task));
            }
            Effect::SetClock(seconds) => {
                assert!(!self.consented, "set beside a person");
                self.clocks.push(seconds);
            }
            Effect::Wipe => {
                assert!(!self.camera_runs, "wiped with a running camera");
                self.wipes += 1;
                self.over += usize::from(std::mem::replace(&mut self.consented, false));
                assert_eq!(self.records.len(), self.over, "a consented session without a record");
            }
        }
    }

    fn wait(&mut self, time: Duration, event: &Event) {
        let until = self.now + time;
        while self.now < until {
            self.now += TICK;
            self.send(event.clone());
        }
    }

    fn answer_open_orders(&mut self, good: bool) {
        for order in std::mem::take(&mut self.open) {
            match order {
                Effect::Capture(ticket, pose) if good => {
                    self.send(Event::Captured(ticket, Ok(shot(pose, 2.0, 0.8))));
                }
                Effect::Capture(ticket, _) => self.send(Event::Captured(ticket, Err(Check::Blurred))),
                Effect::Answer(ticket, shots) => {
                    let answer = if shots.is_empty() { Answer::Retake } else { Answer::Likely };
                    self.send(Event::Answered(ticket, SeriesAnswer { answer, score: 0.8 }, Some([0.6, 0.9])));
                }
                Effect::Tell(ticket, Task::Clock) => self.send(Event::Time(ticket, 1_800_000_000)),
                Effect::Tell(ticket, _) => self.send(Event::Told(ticket, vec!["found".to_owned()])),
                _ => unreachable!("only these are kept"),
            }
        }
    }

    /// Presses next at the language and the question, and holds still in front of the camera.
    fn go_to_first_pose(&mut self) {
        self.send(Event::Button(Button::Next));
        self.send(Event::Button(Button::Next));
        self.send(Event::Button(Button::Next));
        self.wait(timing::HOLD + TICK, &Event::Judged(Ok(())));
        assert!(matches!(self.screen, Screen::Pose { number: 1, .. }), "{:?}", self.screen);
    }

    /// Through the pause, if there is one, and the pose until it is taken.
    fn hold(&mut self) {
        if matches!(self.screen, Screen::Pause { .. }) {
            self.wait(timing::PAUSE, &Event::Judged(Ok(())));
        }
        self.wait(timing::READ + timing::HOLD + TICK, &Event::Judged(Ok(())));
    }
}

fn plan(poses: &[Pose]) -> Plan {
    let percent = |percent| Percent::try_from(percent).unwrap();
    let bundle = BundleId { name: "test".parse().unwrap(), version: 3 };
    Plan { poses: poses.to_vec(), bundle, unlikely: percent(30), likely: percent(70), rendered: true }
}

fn shot(pose: Pose, logit: f32, score: f32) -> Shot {
    let percent = Percent::of_share(0.5);
    let quality = Quality { sharpness: percent, light: percent, steadiness: percent, face_width: percent };
    let milliseconds = StageMilliseconds { face: 1, align: 2, network: 3, total: 6 };
    Shot { pose, logit, score, measured: measured(), heat: Heat::NONE, quality, milliseconds }
}

/// Any face: the session does not look at it.
fn measured() -> Measured {
    let points = std::array::from_fn(|index| [60.0 * (index % 2) as f32, 0.0]);
    let landmarks = Landmarks::new(points).expect("eyes apart");
    Measured { landmarks, activity: Activity::default() }
}

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

const SERVED: StickSummary = StickSummary { taken: 2, sessions: 41, problem: None, is_technicians: false };

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

fn press(kiosk: &mut Kiosk, button: Button) {
    kiosk.send(Event::Button(button));
}

#[test]
fn the_mark_goes_around_the_languages_and_one_button_is_enough() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    press(&mut kiosk, Button::Next);
    let mut seen = Vec::new();
    for _ in 0..Language::ALL.len() {
        let Screen::Language { languages, marked } = kiosk.screen.clone() else {
            panic!("{:?}", kiosk.screen)
        };
        assert_eq!(kiosk.session.language(), languages[marked]);
        seen.push(languages[marked]);
        kiosk.wait(timing::MARK + TICK, &Event::Tick);
    }
    assert_eq!(seen, Language::ALL);
    press(&mut kiosk, Button::Back);
    press(&mut kiosk, Button::Next);
    assert_eq!((&kiosk.screen, kiosk.session.language()), (&Screen::Consent, Language::German));
    press(&mut kiosk, Button::Decline);
    assert_eq!(kiosk.session.language(), Language::German, "the last words are in it, too");
    kiosk.wait(timing::WIPED, &Event::Tick);
    assert_eq!(kiosk.session.language(), Language::English);
}

#[test]
fn a_kiosk_of_one_language_asks_for_none_and_who_leaves_the_choice_is_forgotten() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.session.set_languages(&[Language::Turkish]);
    press(&mut kiosk, Button::Next);
    assert_eq!((&kiosk.screen, kiosk.session.language()), (&Screen::Consent, Language::Turkish));
    press(&mut kiosk, Button::Decline);
    kiosk.wait(timing::WIPED, &Event::Tick);
    kiosk.session.set_languages(&[Language::French, Language::Arabic]);
    press(&mut kiosk, Button::Next);
    press(&mut kiosk, Button::Pick(1));
    assert_eq!((&kiosk.screen, kiosk.session.language()), (&Screen::Consent, Language::Arabic));
    press(&mut kiosk, Button::Decline);
    kiosk.wait(timing::WIPED, &Event::Tick);
    press(&mut kiosk, Button::Next);
    kiosk.wait(timing::LANGUAGE, &Event::Tick);
    assert_eq!(kiosk.screen, Screen::Attract { poses: 1, notice: None });
    assert_eq!((kiosk.wipes, kiosk.records.len()), (2, 0), "before the question, nothing is to be wiped");
}

#[test]
fn a_pose_can_be_taken_again_from_the_pause_after_it() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest, Pose::Pucker]);
    kiosk.go_to_first_pose();
    kiosk.hold();
    kiosk.answer_open_orders(true);
    assert_eq!(kiosk.screen, Screen::Pause { number: 1, of: 2 });
    press(&mut kiosk, Button::Back);
    assert!(matches!(kiosk.screen, Screen::Pose { pose: Pose::Rest, number: 1, .. }), "{:?}", kiosk.screen);
    kiosk.hold();
    kiosk.answer_open_orders(true);
    press(&mut kiosk, Button::Next);
    assert!(matches!(kiosk.screen, Screen::Pose { pose: Pose::Pucker, number: 2, .. }), "{:?}", kiosk.screen);
}

#[test]
fn the_drawing_goes_to_the_pose_and_stays_there_while_it_is_held() {
    let mut kiosk = Kiosk::ready(&[Pose::Snarl]);
    kiosk.go_to_first_pose();
    let mut phases = Vec::new();
    for _ in 0..25 {
        kiosk.wait(TICK / 2, &Event::Judged(Err(Check::TooDark)));
        let Screen::Pose { phase, .. } = kiosk.screen else { panic!("{:?}", kiosk.screen) };
        phases.push(phase);
    }
    assert!(phases.contains(&0) && phases.contains(&PHASES), "{phases:?}");
    kiosk.hold();
    let Screen::Pose { phase, .. } = kiosk.screen else { panic!("{:?}", kiosk.screen) };
    assert_eq!(phase, PHASES);
}

#[test]
fn a_held_button_stops_a_visit_and_lets_nobody_in_without_a_pin() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    press(&mut kiosk, Button::Held);
    assert_eq!(kiosk.screen, Screen::Attract { poses: 1, notice: None });
    kiosk.go_to_first_pose();
    press(&mut kiosk, Button::Held);
    assert_eq!(kiosk.screen, Screen::Wiped(Goodbye::Stopped));
    kiosk.wait(timing::WIPED, &Event::Tick);
    // Where there is a button that stops, a slow hand ends nothing.
    kiosk.session.set_stop_button(true);
    kiosk.go_to_first_pose();
    press(&mut kiosk, Button::Held);
    assert!(matches!(kiosk.screen, Screen::Pose { number: 1, .. }), "{:?}", kiosk.screen);
}

#[test]
fn the_technician_comes_in_by_the_pin() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.session.set_pin(Pin::of("3007"));
    // The press that begins to hold goes to the languages.
    press(&mut kiosk, Button::Next);
    press(&mut kiosk, Button::Held);
    for digit in [3, 0, 0, 7] {
        assert!(matches!(kiosk.screen, Screen::Technician(Workshop::Pin { .. })), "{:?}", kiosk.screen);
        press(&mut kiosk, Button::Pick(digit));
    }
    assert_eq!(kiosk.screen, Screen::Technician(Workshop::Menu { marked: 0 }));
    for (place, task) in [(0, Task::SelfTest), (3, Task::Storage), (4, Task::Versions)] {
        press(&mut kiosk, Button::Pick(place));
        assert_eq!(kiosk.screen, Screen::Technician(Workshop::Report { task, lines: None }));
        kiosk.answer_open_orders(true);
        let lines = Some(vec!["found".to_owned()]);
        assert_eq!(kiosk.screen, Screen::Technician(Workshop::Report { task, lines }));
        press(&mut kiosk, Button::Next);
    }
    press(&mut kiosk, Button::Pick(1));
    kiosk.send(Event::Checked(vec![(Check::TooDark, false)]));
    let checks = vec![(Check::TooDark, false)];
    assert_eq!(kiosk.screen, Screen::Technician(Workshop::Camera { checks }));
    assert!(kiosk.camera_runs);
    press(&mut kiosk, Button::Stop);
    assert!(!kiosk.camera_runs);
    press(&mut kiosk, Button::Pick(6));
    kiosk.answer_open_orders(true);
    press(&mut kiosk, Button::Next);
    press(&mut kiosk, Button::Pick(10));
    assert_eq!(kiosk.clocks, [1_831_536_000], "a year more than 2027-01-15 08:00");
    press(&mut kiosk, Button::Pick(5));
    kiosk.send(Event::StickFound);
    assert_eq!(kiosk.screen, Screen::StickAtWork);
    kiosk.send(Event::StickServed(SERVED));
    kiosk.send(Event::StickGone);
    assert_eq!(kiosk.screen, Screen::Attract { poses: 1, notice: None });
    assert_eq!((kiosk.wipes, kiosk.records.len()), (0, 0), "nobody was screened");
}

#[test]
fn the_technicians_own_stick_opens_the_menu_and_another_does_not() {
    for is_technicians in [true, false] {
        let mut kiosk = Kiosk::ready(&[Pose::Rest]);
        kiosk.send(Event::StickFound);
        kiosk.send(Event::StickServed(StickSummary { is_technicians, ..SERVED }));
        press(&mut kiosk, Button::Next);
        let menu = Screen::Technician(Workshop::Menu { marked: 0 });
        assert_eq!(kiosk.screen == menu, is_technicians, "{:?}", kiosk.screen);
        kiosk.wait(timing::TECHNICIAN + TICK, &Event::Tick);
        assert_eq!(kiosk.screen, Screen::Attract { poses: 1, notice: None });
    }
}

/// Events with the tickets that a careless appliance could send: right, old and invented ones.
fn any_event() -> impl Strategy<Value = Event> {
    let refusal = prop::sample::select(Check::ALL);
    let pose = prop::sample::select(Pose::ALL);
    let poses = prop::collection::vec(pose.clone(), 0..4);
    let shot = (pose, any::<f32>(), any::<f32>()).prop_map(|(pose, logit, score)| shot(pose, logit, score));
    let button =
        prop::sample::select(vec![Button::Next, Button::Next, Button::Back, Button::Stop, Button::Decline])
            .boxed();
    let button = prop_oneof![
        6 => button,
        2 => (0..12_u8).prop_map(Button::Pick),
        1 => Just(Button::Held),
    ];
    prop_oneof![
        4 => Just(Event::Tick),
        6 => button.prop_map(Event::Button),
        8 => Just(Event::Judged(Ok(()))),
        2 => refusal.clone().prop_map(|refusal| Event::Judged(Err(refusal))),
        3 => (0..6_u32, shot).prop_map(|(ticket, shot)| Event::Captured(Ticket(ticket), Ok(shot))),
        1 => (0..6_u32, refusal).prop_map(|(ticket, refusal)| Event::Captured(Ticket(ticket), Err(refusal))),
        2 => (0..9_u32, any::<f32>()).prop_map(|(ticket, score)| {
            Event::Answered(Ticket(ticket), SeriesAnswer { answer: Answer::Likely, score }, None)
        }),
        1 => Just(Event::CameraLost),
        2 => Just(Event::CameraFound),
        1 => poses.prop_map(|poses| Event::BundleReady(plan(&poses))),
        1 => Just(Event::BundleMissing),
        1 => Just(Event::StorageReady),
        1 => Just(Event::StorageFailed),
        2 => Just(Event::StickFound),
        1 => (0..6_u32).prop_map(|ticket| Event::Told(Ticket(ticket), vec!["line".to_owned()])),
        1 => (0..6_u32, any::<u64>()).prop_map(|(ticket, time)| Event::Time(Ticket(ticket), time)),
        1 => Just(Event::Checked(vec![(Check::TooDark, false)])),
        1 => any::<u8>().prop_map(|count| Event::Slip("A".repeat(usize::from(count)))),
        2 => Just(Event::StickServed(SERVED)),
        1 => Just(Event::StickGone),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// `Kiosk` checks the camera, records and wipes at every step.
    #[test]
    fn any_events_keep_the_promises(
        events in prop::collection::vec((any_event(), 0..4_000_u64, any::<bool>()), 0..160),
    ) {
        let mut kiosk = Kiosk::ready(&[Pose::Rest, Pose::Pucker]);
        kiosk.session.set_pin(Pin::of("0000"));
        for (event, wait, good) in events {
            kiosk.now += Duration::from_millis(wait);
            kiosk.send(event);
            if good {
                kiosk.answer_open_orders(true);
            }
        }
        // Left alone, the kiosk comes back to its first screen, whatever had happened.
        let most = timing::ANSWER
            + timing::IDLE
            + timing::CAMERA
            + timing::STILL_THERE
            + timing::WIPED
            + timing::STICK_AT_WORK
            + timing::STICK_DONE
            + timing::TECHNICIAN;
        kiosk.wait(most * 2, &Event::Tick);
        prop_assert!(kiosk.session.is_idle());
        prop_assert!(!kiosk.consented && !kiosk.camera_runs);
        prop_assert_eq!(kiosk.wipes, kiosk.visits);
        prop_assert_eq!(kiosk.records.len(), kiosk.over);
        // And it is ready for the next person.
        kiosk.send(Event::BundleReady(plan(&[Pose::Rest])));
        kiosk.send(Event::CameraFound);
        kiosk.send(Event::StorageReady);
        prop_assert_eq!(&kiosk.screen, &Screen::Attract { poses: 1, notice: None });
    }

    /// Time that stands still or runs backwards does no harm.
    #[test]
    fn time_may_run_backwards(events in prop::collection::vec((any_event(), 0..90_000_u64), 0..60)) {
        let mut kiosk = Kiosk::ready(&[Pose::Rest]);
        for (event, now) in events {
            kiosk.now = Duration::from_millis(now);
            kiosk.send(event);
        }
    }
}
