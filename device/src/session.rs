//! The screening session as a pure machine: one event comes in, effects go out; no clock, no thread, no pixel.
//!
//! Invariants: the camera runs only between consent and the wipe, or while a technician looks through it and nobody is
//! screened; every session ends in exactly one wipe, and every consented one in exactly one record; left alone, every
//! session ends.

mod choices;
pub mod clock_time;
pub mod event;
mod marked;
pub mod pin;
pub mod screen;
mod showing;
mod sight;
mod stick;
pub mod summary;
mod technician;
pub mod timing;
mod visit;
mod waiting;

#[cfg(test)]
mod tests;

use crate::language::Language;
use event::{Button, Effect, Event, Plan, Shot, Ticket};
use marked::Marked;
use pin::Lock;
use screen::{AnswerView, Goodbye, Notice, Screen, StickSummary};
use sight::Sight;
use std::time::Duration;
use summary::End;
use synkiosk_models::answer::SeriesAnswer;
use synkiosk_models::quality::Check;
use technician::Room;
use visit::Visit;

/// The kiosk between switching on and switching off: at most one person at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    plan: Option<Plan>,
    /// Those that a visitor may choose, the first one before the choice.
    languages: Vec<Language>,
    /// The one that is read now.
    language: Language,
    lock: Lock,
    /// Nothing else stops a visit: there is no button for it.
    held_stops: bool,
    camera_present: bool,
    storage_ready: bool,
    notice: Option<Notice>,
    state: State,
    /// When the state was entered.
    since: Duration,
    /// When somebody last pressed something or was seen as they should be.
    sign_of_life: Duration,
    /// When "are you still there?" was asked.
    asking: Option<Duration>,
    /// When the camera was missed.
    camera_gone: Option<Duration>,
    visit: Option<Visit>,
    tickets: u32,
    camera_runs: bool,
    shown: Option<Screen>,
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Idle,
    Language { marked: Marked },
    Consent,
    Position { sight: Sight },
    Pose { index: usize, tries: u32, sight: Sight },
    Capturing { index: usize, tries: u32, ticket: Ticket },
    Retake { index: usize, tries: u32, reason: Check },
    Pause { index: usize },
    Thinking { ticket: Ticket },
    Answer { view: AnswerView },
    Wiped { goodbye: Goodbye },
    StickAtWork,
    StickDone { summary: StickSummary },
    Technician(Room),
}

impl Default for Session {
    fn default() -> Session {
        Session::new()
    }
}

impl Session {
    /// Just switched on: no bundle yet, no camera yet; the journal is trusted until it fails.
    pub fn new() -> Session {
        Session {
            plan: None,
            languages: Language::ALL.to_vec(),
            language: Language::default(),
            lock: Lock::closed(),
            held_stops: true,
            camera_present: false,
            storage_ready: true,
            notice: None,
            state: State::Idle,
            since: Duration::ZERO,
            sign_of_life: Duration::ZERO,
            asking: None,
            camera_gone: None,
            visit: None,
            tickets: 0,
            camera_runs: false,
            shown: None,
        }
    }

    /// The languages to choose from, at least one, the first one before the choice; for the next person.
    pub fn set_languages(&mut self, languages: &[Language]) {
        if !languages.is_empty() {
            self.languages = languages.to_vec();
            self.language = languages[0];
        }
    }

    /// The PIN behind which the technician's screens are; without one only the technician's stick opens them.
    pub fn set_pin(&mut self, pin: Option<pin::Pin>) {
        self.lock = pin.map_or_else(Lock::closed, Lock::new);
    }

    /// Whether the board has a button that stops. Without one, any that is held does: a slow hand ends nothing elsewhere.
    pub fn set_stop_button(&mut self, has_one: bool) {
        self.held_stops = !has_one;
    }

    /// The language of what is shown.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The next state, and what is to be done. `now` is monotonic.
    pub fn step(mut self, now: Duration, event: Event) -> (Session, Vec<Effect>) {
        let mut effects = Vec::new();
        self.note(now, &event);
        if self.is_left_alone(now) {
            self.end(now, End::TimedOut, Goodbye::Stopped, &mut effects);
        } else if self.asking.is_some() {
            self.while_asking(now, &event, &mut effects);
        } else if self.camera_gone.is_some() {
            self.while_camera_gone(now, &event, &mut effects);
        } else {
            self.act(now, event, &mut effects);
        }
        self.follow_camera(now, &mut effects);
        let screen = self.screen(now);
        if self.shown.as_ref() != Some(&screen) {
            self.shown = Some(screen.clone());
            effects.push(Effect::Show(screen));
        }
        (self, effects)
    }

    /// What stands on the panel after a step.
    pub fn shown(&self) -> Option<&Screen> {
        self.shown.as_ref()
    }

    /// Whether nobody is being screened: the time to change a bundle.
    pub fn is_idle(&self) -> bool {
        self.visit.is_none()
    }

    fn note(&mut self, now: Duration, event: &Event) {
        match event {
            Event::Button(_) | Event::Judged(Ok(())) => self.sign_of_life = now,
            Event::CameraLost => self.camera_present = false,
            Event::CameraFound => self.camera_present = true,
            Event::BundleReady(plan) if !plan.poses.is_empty() => self.plan = Some(plan.clone()),
            Event::BundleReady(_) | Event::BundleMissing => self.plan = None,
            Event::Notice(notice) => self.notice = *notice,
            Event::StorageReady => self.storage_ready = true,
            Event::StorageFailed => self.storage_ready = false,
            _ => {}
        }
    }

    fn act(&mut self, now: Duration, event: Event, effects: &mut Vec<Effect>) {
        if event == Event::Button(Button::Held) && self.visit.is_some() && !self.held_stops {
            return;
        }
        let waited = now.saturating_sub(self.since);
        match (self.state.clone(), event) {
            (State::Idle | State::Language { .. }, Event::Button(Button::Held)) if self.lock.has_pin() => {
                self.enter(now, State::Technician(Room::pin(now)));
            }
            (State::Idle, Event::Button(Button::Next)) => self.begin(now),
            (State::Idle, Event::StickFound) => self.serve_stick(now, effects),
            (State::StickAtWork | State::StickDone { .. }, event) => self.with_stick(now, &event),
            (State::Idle, _) => {}
            (State::Technician(room), event) => self.in_room(now, room, event, effects),
            (State::Language { marked }, event) => self.choose_language(now, marked, &event),
            (State::Wiped { .. }, Event::Button(_)) => self.rest(now),
            (State::Wiped { .. }, _) if waited >= timing::WIPED => self.rest(now),
            (State::Wiped { .. }, _) => {}
            (State::Consent, Event::Button(Button::Next)) => {
                self.with_visit(|visit| visit.consented = true);
                self.enter(now, State::Position { sight: Sight::Unknown });
            }
            (State::Consent, Event::Button(_)) => self.end(now, End::Stopped, Goodbye::Declined, effects),
            (State::Answer { view }, Event::Button(button)) => self.turn_page(now, view, button, effects),
            (State::Answer { mut view }, Event::Slip(text)) => {
                view.slip = Some(text);
                self.state = State::Answer { view };
            }
            (_, Event::Button(Button::Stop | Button::Decline | Button::Held)) => {
                self.end(now, End::Stopped, Goodbye::Stopped, effects);
            }
            (State::Position { .. }, Event::Judged(judged)) => self.position_judged(now, judged),
            (State::Pose { index, tries, sight }, event) => {
                self.pose(now, (index, tries, sight), event, effects);
            }
            (State::Capturing { index, tries, ticket }, Event::Captured(reply, result))
                if reply == ticket =>
            {
                self.captured(now, (index, tries), result, effects);
            }
            (State::Retake { index, tries, .. }, event)
                if waited >= timing::RETAKE || event == Event::Button(Button::Next) =>
            {
                self.enter(now, State::Pose { index, tries, sight: Sight::Unknown });
            }
            (State::Pause { index }, Event::Button(Button::Back)) => self.repeat(now, index),
            (State::Pause { index }, event)
                if waited >= timing::PAUSE || event == Event::Button(Button::Next) =>
            {
                self.enter(now, State::Pose { index: index + 1, tries: 0, sight: Sight::Unknown });
            }
            (State::Thinking { ticket }, Event::Answered(reply, answer, range)) if reply == ticket => {
                self.answered(now, answer, range, effects);
            }
            _ => {}
        }
        self.time_out(now, effects);
    }

    fn begin(&mut self, now: Duration) {
        if self.ready_plan().is_none() {
            return;
        }
        if self.languages.len() > 1 {
            let marked = self.languages.iter().position(|one| *one == self.language).unwrap_or(0);
            self.enter(now, State::Language { marked: Marked::at(marked, now) });
        } else {
            self.ask(now);
        }
    }

    /// What a session would take, if one can begin.
    fn ready_plan(&self) -> Option<&Plan> {
        self.plan.as_ref().filter(|_| self.camera_present && self.storage_ready)
    }

    /// The visit begins with the question: before it, nothing is known of anybody. What it needs may be gone since the first
    /// press.
    fn ask(&mut self, now: Duration) {
        match self.ready_plan() {
            Some(plan) => {
                self.visit = Some(Visit::new(plan.clone()));
                self.enter(now, State::Consent);
            }
            None => self.rest(now),
        }
    }

    fn position_judged(&mut self, now: Duration, judged: Result<(), Check>) {
        let State::Position { sight } = self.state else { return };
        let sight = sight.after(now, judged);
        if sight.held(now) >= timing::HOLD {
            self.enter(now, State::Pose { index: 0, tries: 0, sight: Sight::Unknown });
        } else {
            self.state = State::Position { sight };
        }
    }

    fn pose(
        &mut self,
        now: Duration,
        (index, tries, sight): (usize, u32, Sight),
        event: Event,
        effects: &mut Vec<Effect>,
    ) {
        let read = now.saturating_sub(self.since) >= timing::READ;
        match event {
            Event::Button(Button::Next) if matches!(sight, Sight::GoodSince(_)) => {
                self.capture(now, index, tries, effects);
            }
            Event::Button(Button::Back) => self.back(now, index),
            Event::Judged(judged) if read || judged.is_err() => {
                let sight = sight.after(now, judged);
                if sight.held(now) >= timing::HOLD {
                    self.capture(now, index, tries, effects);
                } else {
                    self.state = State::Pose { index, tries, sight };
                }
            }
            // Good already while the sentence is still being read: the ring waits.
            Event::Judged(_) => self.state = State::Pose { index, tries, sight: Sight::Unknown },
            _ => {}
        }
    }

    fn capture(&mut self, now: Duration, index: usize, tries: u32, effects: &mut Vec<Effect>) {
        let Some(pose) = self.visit.as_ref().and_then(|visit| visit.plan.poses.get(index)).copied() else {
            return;
        };
        let ticket = self.ticket();
        effects.push(Effect::Capture(ticket, pose));
        self.enter(now, State::Capturing { index, tries, ticket });
    }

    fn back(&mut self, now: Duration, index: usize) {
        match index.checked_sub(1) {
            Some(before) => self.repeat(now, before),
            None => self.enter(now, State::Position { sight: Sight::Unknown }),
        }
    }

    /// A pose again, and its picture forgotten.
    fn repeat(&mut self, now: Duration, index: usize) {
        self.with_visit(|visit| {
            let pose = visit.plan.poses[index];
            visit.forget(pose);
        });
        self.enter(now, State::Pose { index, tries: 0, sight: Sight::Unknown });
    }

    fn captured(
        &mut self,
        now: Duration,
        (index, tries): (usize, u32),
        result: Result<Shot, Check>,
        effects: &mut Vec<Effect>,
    ) {
        match result {
            Ok(shot) => {
                self.with_visit(|visit| visit.take(shot));
                match &self.visit {
                    Some(visit) if index + 1 < visit.plan.poses.len() => {
                        self.enter(now, State::Pause { index });
                    }
                    _ => self.next_pose(now, index, effects),
                }
            }
            Err(reason) => {
                self.with_visit(|visit| visit.note_retake(index, reason));
                if tries + 1 < timing::TRIES {
                    self.enter(now, State::Retake { index, tries: tries + 1, reason });
                } else {
                    self.next_pose(now, index, effects);
                }
            }
        }
    }

    fn next_pose(&mut self, now: Duration, index: usize, effects: &mut Vec<Effect>) {
        let Some(visit) = &self.visit else { return };
        if index + 1 < visit.plan.poses.len() {
            return self.enter(now, State::Pose { index: index + 1, tries: 0, sight: Sight::Unknown });
        }
        let shots = visit.shots().to_vec();
        self.stop_camera(effects);
        let ticket = self.ticket();
        effects.push(Effect::Answer(ticket, shots));
        self.enter(now, State::Thinking { ticket });
    }

    fn answered(
        &mut self,
        now: Duration,
        answer: SeriesAnswer,
        range: Option<[f32; 2]>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(visit) = &mut self.visit else { return };
        let view = visit.answered(answer, range);
        self.record(End::Answered, effects);
        self.enter(now, State::Answer { view });
    }

    /// The one way out of a visit.
    fn end(&mut self, now: Duration, end: End, goodbye: Goodbye, effects: &mut Vec<Effect>) {
        self.record(end, effects);
        self.visit = None;
        self.asking = None;
        self.enter(now, State::Wiped { goodbye });
        self.stop_camera(effects);
        effects.push(Effect::Wipe);
    }

    fn record(&mut self, end: End, effects: &mut Vec<Effect>) {
        effects.extend(self.visit.as_mut().and_then(|visit| visit.record(end)).map(Effect::Record));
    }

    fn enter(&mut self, now: Duration, state: State) {
        self.state = state;
        self.since = now;
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets = self.tickets.wrapping_add(1);
        Ticket(self.tickets)
    }

    fn with_visit(&mut self, change: impl FnOnce(&mut Visit)) {
        if let Some(visit) = &mut self.visit {
            change(visit);
        }
    }
}
