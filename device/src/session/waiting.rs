//! What happens when nothing happens: time limits, "are you still there?", and a camera that went away.

use super::{
    Session, State,
    event::{Button, Effect, Event},
    screen::Goodbye,
    sight::Sight,
    summary::End,
    technician::Room,
    timing,
};
use std::time::Duration;
use synkiosk_journal::record::ErrorCode;

impl Session {
    pub(super) fn time_out(&mut self, now: Duration, effects: &mut Vec<Effect>) {
        let waited = now.saturating_sub(self.since);
        let limit = match &self.state {
            State::Idle
            | State::Wiped { .. }
            | State::Retake { .. }
            | State::Language { .. }
            | State::Pause { .. }
            | State::Technician(_)
            | State::StickAtWork
            | State::StickDone { .. } => return,
            State::Consent | State::Position { .. } => timing::IDLE,
            State::Pose { .. } => timing::POSE_IDLE,
            State::Answer { .. } => timing::ANSWER,
            State::Capturing { .. } => timing::CAPTURE,
            State::Thinking { .. } => timing::THINKING,
        };
        if waited < limit {
            return;
        }
        match self.state {
            State::Capturing { .. } | State::Thinking { .. } => {
                self.end(now, End::Failed, Goodbye::Failed, effects);
            }
            _ => {
                self.asking = Some(now);
            }
        }
    }

    /// A visit, its camera wanted, and nobody there.
    pub(super) fn is_left_alone(&self, now: Duration) -> bool {
        let is_waiting = self.wants_camera() && self.visit.is_some();
        is_waiting && now.saturating_sub(self.sign_of_life) >= timing::NO_SIGN
    }

    pub(super) fn while_asking(&mut self, now: Duration, event: &Event, effects: &mut Vec<Effect>) {
        let Some(asked) = self.asking else { return };
        let answered = matches!(self.state, State::Answer { .. });
        match event {
            Event::Button(Button::Next | Button::Back | Button::Pick(_)) => self.resume(now, effects),
            Event::Button(_) if answered => self.end(now, End::Answered, Goodbye::Finished, effects),
            Event::Button(_) => self.end(now, End::Stopped, Goodbye::Stopped, effects),
            _ if now.saturating_sub(asked) < timing::STILL_THERE => {}
            _ if answered => self.end(now, End::Answered, Goodbye::Finished, effects),
            _ => self.end(now, End::TimedOut, Goodbye::Stopped, effects),
        }
    }

    /// The person is still there. A pose that was asked about counts as tried, so that it is skipped in the end.
    fn resume(&mut self, now: Duration, effects: &mut Vec<Effect>) {
        self.asking = None;
        match self.state.clone() {
            State::Pose { index, tries, .. } if tries + 1 >= timing::TRIES => {
                self.next_pose(now, index, effects)
            }
            State::Pose { index, tries, .. } => {
                self.enter(now, State::Pose { index, tries: tries + 1, sight: Sight::Unknown });
            }
            State::Position { .. } => self.enter(now, State::Position { sight: Sight::Unknown }),
            state => self.enter(now, state),
        }
    }

    pub(super) fn while_camera_gone(&mut self, now: Duration, event: &Event, effects: &mut Vec<Effect>) {
        let Some(gone) = self.camera_gone else { return };
        if let State::Technician(_) = self.state {
            if matches!(event, Event::Button(_)) || now.saturating_sub(gone) >= timing::CAMERA {
                self.camera_gone = None;
                self.enter(now, State::Technician(Room::menu(now)));
            }
            return;
        }
        if matches!(event, Event::Button(Button::Stop | Button::Decline | Button::Held)) {
            self.end(now, End::Stopped, Goodbye::Stopped, effects);
        } else if !self.camera_present && now.saturating_sub(gone) >= timing::CAMERA {
            self.end(now, End::CameraLost, Goodbye::Failed, effects);
        }
    }

    /// Starts and stops the camera as the state wants it, and notices that it is gone or back.
    pub(super) fn follow_camera(&mut self, now: Duration, effects: &mut Vec<Effect>) {
        let wanted = self.wants_camera();
        if wanted != self.camera_runs {
            self.camera_runs = wanted;
            effects.push(if wanted { Effect::StartCamera } else { Effect::StopCamera });
        }
        if !wanted || self.camera_present {
            if self.camera_gone.take().is_some() && wanted {
                self.start_over(now);
            }
        } else if self.camera_gone.is_none() {
            self.camera_gone = Some(now);
            self.asking = None;
            self.with_visit(|visit| visit.note_error(Some(ErrorCode::CameraLost)));
        }
    }

    pub(super) fn stop_camera(&mut self, effects: &mut Vec<Effect>) {
        self.camera_gone = None;
        if std::mem::replace(&mut self.camera_runs, false) {
            effects.push(Effect::StopCamera);
        }
    }

    fn wants_camera(&self) -> bool {
        use State::{Capturing, Pause, Pose, Position, Retake, Technician};
        match self.state {
            Technician(Room::Camera { .. }) => true,
            _ => matches!(
                self.state,
                Position { .. } | Pose { .. } | Capturing { .. } | Retake { .. } | Pause { .. }
            ),
        }
    }

    /// The camera is back: the same pose again, from its beginning.
    fn start_over(&mut self, now: Duration) {
        let sight = Sight::Unknown;
        match self.state {
            State::Pose { index, tries, .. }
            | State::Capturing { index, tries, .. }
            | State::Retake { index, tries, .. } => self.enter(now, State::Pose { index, tries, sight }),
            State::Position { .. } => self.enter(now, State::Position { sight }),
            // The pose before the pause was taken.
            State::Pause { index } => {
                self.enter(now, State::Pose { index: index + 1, tries: 0, sight });
            }
            _ => {}
        }
    }
}
