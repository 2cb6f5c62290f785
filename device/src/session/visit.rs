//! One person's session: what was taken so far.

use super::{
    event::{Plan, Shot},
    screen::{AnswerView, Limit},
    summary::{End, Summary},
};
use crate::quality;
use synkiosk_journal::{
    record::{ErrorCode, IndexRecords, Outcome, PoseRecord, Quality},
    words::Percent,
};
use synkiosk_models::evidence::indices;
use synkiosk_models::quality::Check;
use synkiosk_models::{answer::SeriesAnswer, pose::Pose};

/// One person's session.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Visit {
    pub(super) plan: Plan,
    pub(super) consented: bool,
    recorded: bool,
    shots: Vec<Shot>,
    /// How often each pose of the plan was taken again.
    retakes: Vec<u8>,
    answer: Option<SeriesAnswer>,
    range: Option<[Percent; 2]>,
    errors: Vec<ErrorCode>,
}

impl Visit {
    pub(super) fn new(plan: Plan) -> Visit {
        let retakes = vec![0; plan.poses.len()];
        let (shots, errors) = (Vec::new(), Vec::new());
        let (answer, range) = (None, None);
        Visit { plan, consented: false, recorded: false, shots, retakes, answer, range, errors }
    }

    pub(super) fn shots(&self) -> &[Shot] {
        &self.shots
    }

    pub(super) fn take(&mut self, shot: Shot) {
        self.forget(shot.pose);
        self.shots.push(shot);
    }

    pub(super) fn forget(&mut self, pose: Pose) {
        self.shots.retain(|shot| shot.pose != pose);
    }

    pub(super) fn note_retake(&mut self, index: usize, reason: Check) {
        if let Some(retakes) = self.retakes.get_mut(index) {
            *retakes = retakes.saturating_add(1);
        }
        self.note_error(quality::error_code(reason));
    }

    pub(super) fn note_error(&mut self, error: Option<ErrorCode>) {
        self.errors.extend(error.filter(|error| !self.errors.contains(error)));
    }

    pub(super) fn answered(&mut self, answer: SeriesAnswer, range: Option<[f32; 2]>) -> AnswerView {
        self.answer = Some(answer);
        self.range = range.map(|ends| ends.map(Percent::of_share));
        self.view(answer)
    }

    /// The record of a consented session; none for any other, and none a second time.
    pub(super) fn record(&mut self, end: End) -> Option<Summary> {
        if !self.consented || std::mem::replace(&mut self.recorded, true) {
            return None;
        }
        self.note_error(end.error());
        let outcome = match (end, self.answer) {
            (End::Answered, Some(answer)) => Outcome::from(answer.answer),
            (End::Stopped | End::TimedOut, _) => Outcome::Stopped,
            _ => Outcome::Failed,
        };
        Some(Summary {
            outcome,
            score: self
                .answer
                .filter(|_| !self.shots.is_empty())
                .map(|answer| Percent::of_share(answer.score)),
            indices: self.answer.map_or_else(IndexRecords::default, |_| self.indices()),
            range: self.range,
            poses: self
                .plan
                .poses
                .iter()
                .zip(&self.retakes)
                .map(|(pose, times)| self.pose(*pose, *times))
                .collect(),
            errors: self.errors.clone(),
            bundle: self.plan.bundle.clone(),
        })
    }

    /// What the answer was made from beside the scores.
    fn indices(&self) -> IndexRecords {
        let measured: Vec<_> = self.shots.iter().map(|shot| (shot.pose, shot.measured)).collect();
        indices(&measured).into()
    }

    fn shot(&self, pose: Pose) -> Option<&Shot> {
        self.shots.iter().find(|shot| shot.pose == pose)
    }

    fn pose(&self, pose: Pose, retakes: u8) -> PoseRecord {
        let shot = self.shot(pose);
        PoseRecord {
            pose,
            score: shot.map(|shot| Percent::of_share(shot.score)),
            retakes,
            quality: shot.map(|shot| shot.quality),
            milliseconds: shot.map(|shot| shot.milliseconds),
        }
    }

    fn view(&self, answer: SeriesAnswer) -> AnswerView {
        let per_cent = |score: f32| Percent::of_share(score).get();
        let mut limits = Vec::new();
        let (taken, of) = (self.shots.len(), self.plan.poses.len());
        if taken < of {
            limits.push(Limit::Partial { taken, of });
        }
        if self.shots.iter().any(|shot| is_poor(&shot.quality)) {
            limits.push(Limit::Quality);
        }
        if self.plan.rendered {
            limits.push(Limit::Rendered);
        }
        let row = |pose: &Pose| (*pose, self.shot(*pose).map(|shot| per_cent(shot.score)));
        AnswerView {
            answer: answer.answer,
            page: 0,
            range: self.range.map(|ends| ends.map(Percent::get)),
            score: per_cent(answer.score),
            unlikely: self.plan.unlikely.get(),
            likely: self.plan.likely.get(),
            poses: self.plan.poses.iter().map(row).collect(),
            heats: self.shots.iter().map(|shot| (shot.pose, shot.heat)).collect(),
            indices: self.indices(),
            slip: None,
            limits,
            model: self.plan.bundle.name.to_string(),
            version: self.plan.bundle.version,
        }
    }
}

/// Less sharp or less well lit than most: what the checks let pass, and a person would notice.
fn is_poor(quality: &Quality) -> bool {
    quality.sharpness.get() < 25 || quality.light.get() < 40
}
