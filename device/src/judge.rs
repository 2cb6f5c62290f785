//! What looks at photos: the bundle at work, and the quality checks before it.

use crate::{
    quality,
    session::event::{Plan, Shot},
};
use std::time::Duration;
use synkiosk_journal::{
    record::{BundleId, StageMilliseconds},
    words::{Percent, WordError},
};
use synkiosk_models::{
    answer::SeriesAnswer,
    bundle::{Bundle, BundleError, Manifest},
    evidence::indices,
    face::FaceBox,
    landmarks::Landmarks,
    photo::Photo,
    pose::Pose,
    quality::{Check, Findings},
    screener::{Evidence, Screener, StageTimes},
};

/// Looks at live pictures, judges captured ones, and puts their evidence together.
pub trait Judge {
    /// Whether a live picture is good enough to be taken.
    fn look(&mut self, photo: &Photo) -> Result<(), Check>;
    /// Judges a picture of a pose.
    fn capture(&mut self, pose: Pose, photo: &Photo) -> Result<Shot, Check>;
    /// The answer of a series.
    fn answer(&mut self, shots: &[Shot]) -> SeriesAnswer;
}

/// The judge of the appliance.
pub struct ScreenerJudge {
    screener: Screener,
    /// The face at rest, which the other poses are held against; forgotten with the answer.
    rest: Option<Landmarks>,
    /// The face in the picture before, to tell how still the person holds.
    before: Option<FaceBox>,
}

impl ScreenerJudge {
    /// Puts a bundle to work.
    pub fn new(bundle: &Bundle) -> Result<ScreenerJudge, BundleError> {
        Ok(ScreenerJudge { screener: Screener::new(bundle)?, rest: None, before: None })
    }

    /// Finds the face and judges the picture of a pose, with all that the network said.
    pub fn evidence(&mut self, pose: Pose, photo: &Photo) -> Result<Evidence, Check> {
        let evidence = self.screener.screen(photo)?;
        let asked = Some((pose, self.rest.as_ref()));
        let landmarks = &evidence.measured.landmarks;
        passed(self.screener.quality().judge(photo, &evidence.face, landmarks, asked))?;
        if pose == Pose::Rest {
            self.rest = Some(*landmarks);
        }
        Ok(evidence)
    }

    /// What a single picture says by itself.
    pub fn answer_picture(&self, score: f32) -> SeriesAnswer {
        SeriesAnswer { answer: self.screener.rule().verdict(score), score }
    }

    /// What the session keeps of a picture.
    pub fn shot(&self, pose: Pose, photo: &Photo, evidence: &Evidence) -> Shot {
        Shot {
            pose,
            logit: evidence.logit,
            score: evidence.score,
            measured: evidence.measured,
            quality: quality::measure(photo, &evidence.face, self.before.as_ref()),
            milliseconds: milliseconds(&evidence.times),
        }
    }
}

impl Judge for ScreenerJudge {
    fn look(&mut self, photo: &Photo) -> Result<(), Check> {
        self.before = None;
        let face = self.screener.face(photo)?;
        self.before = Some(face);
        passed(self.screener.quality().look(photo, &face))
    }

    fn capture(&mut self, pose: Pose, photo: &Photo) -> Result<Shot, Check> {
        let evidence = self.evidence(pose, photo)?;
        Ok(self.shot(pose, photo, &evidence))
    }

    fn answer(&mut self, shots: &[Shot]) -> SeriesAnswer {
        self.rest = None;
        let logits: Vec<_> = shots.iter().map(|shot| (shot.pose, shot.logit)).collect();
        let measured: Vec<_> = shots.iter().map(|shot| (shot.pose, shot.measured)).collect();
        self.screener.rule().series(&logits, &indices(&measured))
    }
}

fn passed(findings: Findings) -> Result<(), Check> {
    findings.first_failed().map_or(Ok(()), Err)
}

/// What a session with this bundle takes.
///
/// # Errors
/// When the bundle's name is too long for the journal.
pub fn plan_of(manifest: &Manifest) -> Result<Plan, WordError> {
    Ok(Plan {
        poses: manifest.poses.clone(),
        bundle: BundleId { name: manifest.name.parse()?, version: manifest.version },
        unlikely: Percent::of_share(manifest.answer.unlikely),
        likely: Percent::of_share(manifest.answer.likely),
        rendered: manifest.made_from == "rendered faces",
    })
}

fn milliseconds(times: &StageTimes) -> StageMilliseconds {
    let whole = |time: Duration| u16::try_from(time.as_millis()).unwrap_or(u16::MAX);
    StageMilliseconds {
        face: whole(times.face),
        align: whole(times.align),
        network: whole(times.network),
        total: whole(times.total),
    }
}
