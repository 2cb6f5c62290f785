//! The appliance's judge, watched: what it said of each picture, and how long it took.

use super::{
    DemoError,
    report::{PersonResult, PoseResult},
};
use crate::{
    camera::recorded::Series,
    judge::{Judge, ScreenerJudge},
    session::event::Shot,
};
use std::hash::{DefaultHasher, Hash, Hasher};
use synkiosk_models::quality::Check;
use synkiosk_models::{
    answer::SeriesAnswer,
    bundle::{Bundle, BundleError},
    photo::Photo,
    pose::{Label, Pose},
    screener::Evidence,
};

pub(super) struct DemoJudge {
    judge: ScreenerJudge,
    /// A single picture is answered by itself; a series has to have enough poses.
    single: bool,
    /// A recorded camera gives the same picture over and over: it is looked at once.
    looked: Option<(u64, Result<(), Check>)>,
    refused: Vec<Check>,
    taken: Vec<(Pose, Evidence)>,
    answer: Option<SeriesAnswer>,
}

impl DemoJudge {
    pub(super) fn new(bundle: &Bundle, single: bool) -> Result<DemoJudge, BundleError> {
        let judge = ScreenerJudge::new(bundle)?;
        Ok(DemoJudge { judge, single, looked: None, refused: Vec::new(), taken: Vec::new(), answer: None })
    }

    /// Refused when not one picture can be used.
    pub(super) fn check(&mut self, series: &Series) -> Result<(), DemoError> {
        let looked: Vec<_> = series.pictures.iter().map(|(_, photo)| self.look(photo)).collect();
        match looked.first() {
            Some(Err(reason)) if looked.iter().all(Result::is_err) => {
                Err(DemoError::Unusable { person: series.person.clone(), reason: *reason })
            }
            _ => Ok(()),
        }
    }

    /// What was found; refused when not one picture could be used.
    pub(super) fn into_result(self, person: String, label: Option<Label>) -> Result<PersonResult, DemoError> {
        let Some(answer) = self.answer.filter(|_| !self.taken.is_empty()) else {
            let reason = self.refused.first().copied().unwrap_or(Check::FaceMissing);
            return Err(DemoError::Unusable { person, reason });
        };
        let poses = self.taken.iter().map(|(pose, evidence)| PoseResult::new(*pose, evidence)).collect();
        Ok(PersonResult { person, label, answer: answer.answer, score: answer.score, poses })
    }
}

impl Judge for DemoJudge {
    fn look(&mut self, photo: &Photo) -> Result<(), Check> {
        let mut hasher = DefaultHasher::new();
        photo.luma().hash(&mut hasher);
        let hash = hasher.finish();
        if let Some((_, looked)) = self.looked.filter(|(seen, _)| *seen == hash) {
            return looked;
        }
        let looked = self.judge.look(photo);
        self.looked = Some((hash, looked));
        self.refused.extend(looked.err());
        looked
    }

    fn capture(&mut self, pose: Pose, photo: &Photo) -> Result<Shot, Check> {
        let evidence = self.judge.evidence(pose, photo)?;
        self.taken.retain(|(taken, _)| *taken != pose);
        let shot = self.judge.shot(pose, photo, &evidence);
        self.taken.push((pose, evidence));
        Ok(shot)
    }

    fn answer(&mut self, shots: &[Shot]) -> SeriesAnswer {
        let answer = match shots {
            [shot] if self.single => self.judge.answer_picture(shot.score),
            shots => self.judge.answer(shots),
        };
        self.answer = Some(answer);
        answer
    }

    fn range(&mut self, shots: &[Shot]) -> Option<[f32; 2]> {
        self.judge.range(shots)
    }

    fn toward(&self) -> Option<[f32; 2]> {
        self.judge.toward()
    }

    fn forget(&mut self) {
        self.judge.forget();
    }
}
