//! A kiosk around the session, stricter than the real one, and what it is asked with.

use super::super::{
    Session,
    event::{Button, Effect, Event, Plan, Shot},
    screen::{Heat, Screen, Task},
    summary::Summary,
    timing,
};
use std::time::Duration;
use synkiosk_journal::{
    record::{BundleId, Quality, StageMilliseconds},
    words::Percent,
};
use synkiosk_models::{
    answer::{Answer, SeriesAnswer},
    landmarks::{Activity, Landmarks, Measured},
    pose::Pose,
    quality::Check,
};

pub(super) const TICK: Duration = Duration::from_millis(200);

/// A kiosk stricter than the real one: it stops the test on an effect out of order.
pub(super) struct Kiosk {
    pub session: Session,
    pub now: Duration,
    pub camera_runs: bool,
    pub consented: bool,
    pub records: Vec<Summary>,
    /// Consented sessions that were wiped.
    pub over: usize,
    pub wipes: usize,
    pub visits: usize,
    pub open: Vec<Effect>,
    pub screen: Screen,
    pub stick_at_work: bool,
    pub clocks: Vec<u64>,
}

impl Kiosk {
    pub(super) fn ready(poses: &[Pose]) -> Kiosk {
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

    pub(super) fn send(&mut self, event: Event) {
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

    pub(super) fn wait(&mut self, time: Duration, event: &Event) {
        let until = self.now + time;
        while self.now < until {
            self.now += TICK;
            self.send(event.clone());
        }
    }

    pub(super) fn answer_open_orders(&mut self, good: bool) {
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
    pub(super) fn go_to_first_pose(&mut self) {
        self.send(Event::Button(Button::Next));
        self.send(Event::Button(Button::Next));
        self.send(Event::Button(Button::Next));
        self.wait(timing::HOLD + TICK, &Event::Judged(Ok(())));
        assert!(matches!(self.screen, Screen::Pose { number: 1, .. }), "{:?}", self.screen);
    }

    /// Through the pause, if there is one, and the pose until it is taken.
    pub(super) fn hold(&mut self) {
        if matches!(self.screen, Screen::Pause { .. }) {
            self.wait(timing::PAUSE, &Event::Judged(Ok(())));
        }
        self.wait(timing::READ + timing::HOLD + TICK, &Event::Judged(Ok(())));
    }
}

pub(super) fn plan(poses: &[Pose]) -> Plan {
    let percent = |percent| Percent::try_from(percent).unwrap();
    let bundle = BundleId { name: "test".parse().unwrap(), version: 3 };
    Plan { poses: poses.to_vec(), bundle, unlikely: percent(30), likely: percent(70), rendered: true }
}

pub(super) fn shot(pose: Pose, logit: f32, score: f32) -> Shot {
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

pub(super) fn press(kiosk: &mut Kiosk, button: Button) {
    kiosk.send(Event::Button(button));
}
