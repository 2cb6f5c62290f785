//! Which screen a state shows.

use super::{
    Session, State,
    screen::{Guidance, Screen},
};
use std::time::Duration;

impl Session {
    pub(super) fn screen(&self, now: Duration) -> Screen {
        if self.camera_gone.is_some() {
            return Screen::CameraMissing;
        }
        if self.asking.is_some() {
            return Screen::StillThere;
        }
        match &self.state {
            State::Idle => self.idle_screen(),
            State::Consent => Screen::Consent { poses: self.pose_count() },
            State::Position { sight } => Screen::Position(sight.guidance(now)),
            State::Pose { index, sight, .. } => self.pose_screen(*index, sight.guidance(now)),
            State::Capturing { index, .. } => self.pose_screen(*index, Guidance::Taken),
            State::Retake { index, reason, .. } => match self.pose_screen(*index, Guidance::Read) {
                Screen::Pose { pose, .. } => Screen::Retake { pose, reason: *reason },
                other => other,
            },
            State::Thinking { .. } => Screen::Thinking,
            State::Answer { view } => Screen::Answer(view.clone()),
            State::Wiped { goodbye } => Screen::Wiped(*goodbye),
            State::StickAtWork => Screen::StickAtWork,
            State::StickDone { summary } => Screen::StickDone(*summary),
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

    fn pose_screen(&self, index: usize, guidance: Guidance) -> Screen {
        match self.visit.as_ref().and_then(|visit| visit.plan.poses.get(index)) {
            Some(pose) => Screen::Pose { pose: *pose, number: index + 1, of: self.pose_count(), guidance },
            None => Screen::Thinking,
        }
    }
}
