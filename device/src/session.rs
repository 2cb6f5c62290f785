//! The screening session as a pure machine: one event comes in, effects go out; no clock, no thread, no pixel.
//!
//! Invariants: the camera runs only between consent and the wipe; every session ends in exactly one wipe, and
//! every consented one in exactly one record; left alone, every session ends.

pub mod event;
pub mod screen;
mod showing;
mod sight;
mod stick;
pub mod summary;
pub mod timing;
mod visit;
mod waiting;

#[cfg(test)]
mod tests;

use event::{Button, Effect, Event, Plan, Shot, Ticket};
use screen::{AnswerView, Goodbye, Notice, Screen, StickSummary};
use sight::Sight;
use std::time::Duration;
use summary::End;
use synkiosk_models::answer::SeriesAnswer;
use synkiosk_models::quality::Check;
use visit::Visit;

/// The kiosk between switching on and switching off: at most one person at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    plan: Option<Plan>,
    camera_present: bool,
    storage_ready: bool,
    notice: Option<Notice>,
    state: State,
    /// When the state was entered.
    since: Duration,
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
    Consent,
    Position { sight: Sight },
    Pose { index: usize, tries: u32, sight: Sight },
    Capturing { index: usize, tries: u32, ticket: Ticket },
    Retake { index: usize, tries: u32, reason: Check },
    Thinking { ticket: Ticket },
    Answer { view: AnswerView },
    Wiped { goodbye: Goodbye },
    StickAtWork,
    StickDone { summary: StickSummary },
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
            camera_present: false,
            storage_ready: true,
            notice: None,
            state: State::Idle,
            since: Duration::ZERO,
            asking: None,
            camera_gone: None,
            visit: None,
            tickets: 0,
            camera_runs: false,
            shown: None,
        }
    }

    /// The next state, and what is to be done. `now` is monotonic.
    pub fn step(mut self, now: Duration, event: Event) -> (Session, Vec<Effect>) {
        let mut effects = Vec::new();
        self.note(&event);
        if self.asking.is_some() {
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

    fn note(&mut self, event: &Event) {
        match event {
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
        let waited = now.saturating_sub(self.since);
        match (self.state.clone(), event) {
            (State::Idle, Event::Button(Button::Next)) => self.begin(now),
            (State::Idle, Event::StickFound) => self.serve_stick(now, effects),
            (State::StickAtWork | State::StickDone { .. }, event) => self.with_stick(now, &event),
            (State::Idle, _) => {}
            (State::Wiped { .. }, Event::Button(_)) => self.enter(now, State::Idle),
            (State::Wiped { .. }, _) if waited >= timing::WIPED => self.enter(now, State::Idle),
            (State::Wiped { .. }, _) => {}
            (State::Consent, Event::Button(Button::Next)) => {
                self.with_visit(|visit| visit.consented = true);
                self.enter(now, State::Position { sight: Sight::Unknown });
            }
            (State::Consent, Event::Button(_)) => self.end(now, End::Stopped, Goodbye::Declined, effects),
            (State::Answer { .. }, Event::Button(_)) => {
                self.end(now, End::Answered, Goodbye::Finished, effects);
            }
            (_, Event::Button(Button::Stop | Button::Decline)) => {
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
            (State::Thinking { ticket }, Event::Answered(reply, answer)) if reply == ticket => {
                self.answered(now, answer, effects);
            }
            _ => {}
        }
        self.time_out(now, effects);
    }

    fn begin(&mut self, now: Duration) {
        let Some(plan) = self.plan.clone().filter(|_| self.camera_present && self.storage_ready) else {
            return;
        };
        self.visit = Some(Visit::new(plan));
        self.enter(now, State::Consent);
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
        let Some(before) = index.checked_sub(1) else {
            return self.enter(now, State::Position { sight: Sight::Unknown });
        };
        self.with_visit(|visit| {
            let pose = visit.plan.poses[before];
            visit.forget(pose);
        });
        self.enter(now, State::Pose { index: before, tries: 0, sight: Sight::Unknown });
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
                self.next_pose(now, index, effects);
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

    fn answered(&mut self, now: Duration, answer: SeriesAnswer, effects: &mut Vec<Effect>) {
        let Some(visit) = &mut self.visit else { return };
        let view = visit.answered(answer);
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
