//! The session machine with a judge, a camera and a journal that are not there, stricter than the real ones.

use crate::{dice::Dice, person::Person, shot::shot};
use std::{collections::BTreeMap, time::Duration};
use synkiosk_device::session::{
    Session,
    event::{Button, Effect, Event, Plan},
    pin::Pin,
    screen::Screen,
    timing,
};
use synkiosk_journal::{
    record::{BundleId, Outcome},
    words::Percent,
};
use synkiosk_models::{
    answer::{Answer, SeriesAnswer},
    pose::Pose,
};

/// Between two live pictures, as a board of middling speed takes them.
const PICTURE: Duration = Duration::from_millis(100);
/// Judging a picture, and a series.
const JUDGING: Duration = Duration::from_millis(300);
/// After this the kiosk must be free, whatever the visitor did: the longest that anything stands, and some.
const LONGEST: Duration = Duration::from_secs(1_200);
/// The camera is gone for so long, where it goes.
const UNPLUGGED: Duration = Duration::from_secs(6);

pub(crate) struct Kiosk {
    session: Session,
    now: Duration,
    screen: Screen,
    camera_runs: bool,
    consented: bool,
    unplugged_until: Option<Duration>,
    orders: Vec<(Duration, Effect)>,
    last_outcome: Option<Outcome>,
    pub(crate) visits: usize,
    pub(crate) consents: usize,
    pub(crate) records: usize,
    pub(crate) wipes: usize,
    /// How long the last visit took until its answer stood there, and until the first screen was back.
    pub(crate) answered_after: Option<Duration>,
    pub(crate) took: Duration,
}

impl Kiosk {
    pub(crate) fn new(poses: &[Pose]) -> Kiosk {
        let percent = |share| Percent::of_share(share);
        let bundle = BundleId { name: "test".parse().expect("a name"), version: 1 };
        let plan = Plan {
            poses: poses.to_vec(),
            bundle,
            unlikely: percent(0.35),
            likely: percent(0.65),
            rendered: true,
        };
        let mut kiosk = Kiosk {
            session: Session::new(),
            now: Duration::ZERO,
            screen: Screen::NoModel,
            camera_runs: false,
            consented: false,
            unplugged_until: None,
            orders: Vec::new(),
            last_outcome: None,
            visits: 0,
            consents: 0,
            records: 0,
            wipes: 0,
            answered_after: None,
            took: Duration::ZERO,
        };
        kiosk.session.set_pin(Pin::of("4711"));
        kiosk.send(Event::BundleReady(plan)).expect("a bundle");
        kiosk.send(Event::CameraFound).expect("a camera");
        kiosk
    }

    /// One visitor from the first screen to the first screen: how it ended, or what was wrong.
    pub(crate) fn visit(
        &mut self,
        person: &mut Person,
        dice: &mut Dice,
        seen: &mut BTreeMap<String, usize>,
    ) -> Result<&'static str, String> {
        let began = self.now;
        let mut first_press = None;
        (self.answered_after, self.last_outcome) = (None, None);
        let may_lose_camera = dice.happens(0.03);
        loop {
            self.now += PICTURE;
            if self.now - began > LONGEST {
                return Err(format!("a dead end at {}", self.screen.name()));
            }
            let gone =
                person.leaves.is_some_and(|after| first_press.is_some_and(|at| self.now >= at + after));
            let press = if gone { None } else { person.press(self.now, &self.screen.clone(), dice) };
            if let Some(button) = press {
                first_press.get_or_insert(self.now);
                self.send(Event::Button(button))?;
            }
            self.camera_comes_and_goes(may_lose_camera && dice.happens(0.01))?;
            if self.camera_runs && self.unplugged_until.is_none() {
                let judged = match gone {
                    true => Err(synkiosk_models::quality::Check::FaceMissing),
                    false => person.face(self.now, &self.screen.clone(), dice),
                };
                self.send(Event::Judged(judged))?;
            }
            self.carry_out_orders(person, dice)?;
            self.send(Event::Tick)?;
            *seen.entry(self.screen.name()).or_default() += 1;
            if let (Screen::Answer(_), None, Some(at)) = (&self.screen, self.answered_after, first_press) {
                self.answered_after = Some(self.now - at);
            }
            if let (Screen::Attract { .. }, Some(at)) = (&self.screen, first_press) {
                self.took = self.now - at;
                return self.ended();
            }
        }
    }

    fn ended(&self) -> Result<&'static str, String> {
        if self.consented || self.camera_runs || !self.session.is_idle() || self.wipes != self.visits {
            return Err("the first screen is back, and something of the visit is left".to_owned());
        }
        Ok(match self.last_outcome {
            Some(Outcome::Stopped) => "stopped",
            Some(Outcome::Failed) => "failed",
            Some(_) => "answered",
            None => "without consent",
        })
    }

    fn camera_comes_and_goes(&mut self, is_pulled: bool) -> Result<(), String> {
        match self.unplugged_until {
            Some(until) if self.now >= until => {
                self.unplugged_until = None;
                self.send(Event::CameraFound)
            }
            None if is_pulled && self.camera_runs => {
                self.unplugged_until = Some(self.now + UNPLUGGED);
                self.send(Event::CameraLost)
            }
            _ => Ok(()),
        }
    }

    fn carry_out_orders(&mut self, person: &Person, dice: &mut Dice) -> Result<(), String> {
        let due: Vec<Effect> =
            self.orders.extract_if(.., |(at, _)| *at <= self.now).map(|(_, order)| order).collect();
        for order in due {
            match order {
                Effect::Capture(ticket, pose) => {
                    let result = person.performs(self.now, dice).map(|()| shot(pose, dice.share() as f32));
                    self.send(Event::Captured(ticket, result))?;
                }
                Effect::Answer(ticket, shots) => {
                    let answer = if shots.len() < 3 { Answer::Retake } else { Answer::Likely };
                    let answer = SeriesAnswer { answer, score: 0.8 };
                    self.send(Event::Answered(ticket, answer, Some([0.6, 0.9])))?;
                }
                Effect::Tell(ticket, _) => self.send(Event::Told(ticket, Vec::new()))?,
                other => return Err(format!("{other:?} is no order")),
            }
        }
        Ok(())
    }

    fn send(&mut self, event: Event) -> Result<(), String> {
        let agrees = event == Event::Button(Button::Next) && self.screen == Screen::Consent;
        let (session, effects) = std::mem::take(&mut self.session).step(self.now, event);
        self.session = session;
        if agrees {
            self.consented = true;
            self.consents += 1;
        }
        let mut replies = Vec::new();
        for effect in effects {
            replies.extend(self.carry_out(effect)?);
        }
        replies.into_iter().try_for_each(|reply| self.send(reply))
    }

    fn carry_out(&mut self, effect: Effect) -> Result<Option<Event>, String> {
        let must = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
        match effect {
            Effect::Show(screen) => {
                let began = screen == Screen::Consent && !matches!(self.screen, Screen::StillThere { .. });
                self.visits += usize::from(began);
                self.screen = screen;
            }
            Effect::StartCamera => {
                must(self.consented && !self.camera_runs, "the camera started without consent, or twice")?;
                self.camera_runs = true;
            }
            Effect::StopCamera => self.camera_runs = false,
            Effect::Capture(..) => {
                must(self.camera_runs, "a picture without a camera")?;
                self.orders.push((self.now + JUDGING, effect));
            }
            Effect::Answer(..) => {
                must(!self.camera_runs, "the camera looks on while nothing is taken")?;
                self.orders.push((self.now + JUDGING, effect));
            }
            Effect::Record(summary) => {
                must(self.consented, "a record without consent")?;
                self.records += 1;
                self.last_outcome = Some(summary.outcome);
                return Ok(Some(Event::Slip("SLIP".to_owned())));
            }
            Effect::Wipe => {
                must(!self.camera_runs, "wiped with a running camera")?;
                self.wipes += 1;
                self.consented = false;
            }
            Effect::Tell(..) => self.orders.push((self.now + timing::MARK, effect)),
            Effect::SetClock(_) => must(!self.consented, "the clock is set beside a person")?,
            Effect::ServeStick => must(false, "a stick that nobody brought")?,
        }
        Ok(None)
    }
}
