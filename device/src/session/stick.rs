//! A stick between two sessions: it is served while nobody is screened, and nobody is while it is served.

use super::{
    Session, State,
    event::{Button, Effect, Event},
    screen::{StickProblem, StickSummary},
    technician::Room,
    timing,
};
use std::time::Duration;

impl Session {
    /// Whether a person or a stick may come now.
    pub fn is_resting(&self) -> bool {
        matches!(self.state, State::Idle | State::Technician(Room::Stick))
    }

    pub(super) fn serve_stick(&mut self, now: Duration, effects: &mut Vec<Effect>) {
        self.enter(now, State::StickAtWork);
        effects.push(Effect::ServeStick);
    }

    pub(super) fn with_stick(&mut self, now: Duration, event: &Event) {
        let waited = now.saturating_sub(self.since);
        match (&self.state, event) {
            (State::StickAtWork, Event::StickServed(summary)) => {
                self.enter(now, State::StickDone { summary: *summary });
            }
            // Neither a button nor its absence ends the work; only a stick that answers no more is given up.
            (State::StickAtWork, _) if waited >= timing::STICK_AT_WORK => {
                let problem = Some(StickProblem::NotWritten);
                self.enter(
                    now,
                    State::StickDone {
                        summary: StickSummary { taken: 0, sessions: 0, problem, is_technicians: false },
                    },
                );
            }
            (State::StickDone { summary }, Event::Button(Button::Next | Button::Held))
                if summary.is_technicians =>
            {
                self.enter(now, State::Technician(Room::menu(now)));
            }
            (State::StickDone { .. }, Event::StickGone | Event::Button(_)) => self.rest(now),
            (State::StickDone { .. }, _) if waited >= timing::STICK_DONE => self.rest(now),
            _ => {}
        }
    }
}
