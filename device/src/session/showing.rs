//! Which screen a state shows.

use super::{
    Session, State,
    screen::{Guidance, PHASES, Screen},
    timing,
};
use std::time::Duration;

impl Session {
    pub(super) fn screen(&self, now: Duration) -> Screen {
        if self.camera_gone.is_some() {
            return Screen::CameraMissing;
        }
        if let Some(asked) = self.asking {
            let left = timing::STILL_THERE.saturating_sub(now.saturating_sub(asked));
            return Screen::StillThere { seconds: left.as_millis().div_ceil(1_000) as u8 };
        }
        match &self.state {
            State::Idle => self.idle_screen(),
            State::Language { marked } => {
                Screen::Language { languages: self.languages.clone(), marked: marked.place }
            }
            State::Consent => Screen::Consent,
            State::Position { sight } => Screen::Position(sight.guidance(now)),
            State::Pose { index, sight, .. } => self.pose_screen(now, *index, sight.guidance(now)),
            State::Capturing { index, .. } => self.pose_screen(now, *index, Guidance::Taken),
            State::Retake { index, reason, .. } => match self.pose_screen(now, *index, Guidance::Read) {
                Screen::Pose { pose, .. } => Screen::Retake { pose, reason: *reason },
                other => other,
            },
            State::Pause { index } => Screen::Pause { number: index + 1, of: self.pose_count() },
            State::Thinking { .. } => Screen::Thinking,
            State::Answer { view } => Screen::Answer(Box::new(view.clone())),
            State::Wiped { goodbye } => Screen::Wiped(*goodbye),
            State::StickAtWork => Screen::StickAtWork,
            State::StickDone { summary } => Screen::StickDone(*summary),
            State::Technician(room) => Screen::Technician(room.screen(now, &self.lock)),
        }
    }

    fn idle_screen(&self) -> Screen {
        match &self.plan {
            None => Screen::NoModel,
            Some(_) if !self.storage_ready => Screen::StorageFull,
            Some(_) if !self.camera_present => Screen::CameraMissing,
            Some(plan) => Screen::Attract { poses: plan.poses.len(), notice: self.notice },
        }
    }

    fn pose_count(&self) -> usize {
        self.visit.as_ref().map_or(0, |visit| visit.plan.poses.len())
    }

    fn pose_screen(&self, now: Duration, index: usize, guidance: Guidance) -> Screen {
        let phase = phase(now.saturating_sub(self.since), guidance);
        match self.visit.as_ref().and_then(|visit| visit.plan.poses.get(index)) {
            Some(pose) => {
                Screen::Pose { pose: *pose, number: index + 1, of: self.pose_count(), guidance, phase }
            }
            None => Screen::Thinking,
        }
    }
}

/// From rest to the pose, over and over; once the pose is held, the drawing holds it as well.
fn phase(waited: Duration, guidance: Guidance) -> u8 {
    if matches!(guidance, Guidance::Hold { .. } | Guidance::Taken) {
        return PHASES;
    }
    let [at_rest, in_pose] = timing::STAYS;
    let moves = u32::from(PHASES);
    let steps = (waited.as_millis() / timing::PHASE.as_millis()) as u32 % (at_rest + moves + in_pose);
    steps.saturating_sub(at_rest).min(moves) as u8
}
