//! The whole way of one photo: face, alignment, network, score.

use crate::{
    align::{Crop, Placement},
    answer::AnswerRule,
    bundle::{Bundle, BundleError},
    face::{FaceBox, FaceFinder, FaceRefusal},
    network::Network,
    photo::Photo,
};
use std::time::{Duration, Instant};

/// A bundle at work. Lives in the thread that made it.
pub struct Screener {
    finder: FaceFinder,
    network: Network,
    rule: AnswerRule,
}

/// What one photo says.
#[derive(Debug, Clone, Copy)]
pub struct Evidence {
    /// The face it was taken from.
    pub face: FaceBox,
    /// The square that the network saw.
    pub placement: Placement,
    /// The network's answer; above 0 it leans towards synkinesis.
    pub logit: f32,
    /// The calibrated score, 0 to 1.
    pub score: f32,
    /// How long each stage took.
    pub times: StageTimes,
}

/// Wall time of each stage.
#[derive(Debug, Clone, Copy, Default)]
pub struct StageTimes {
    /// Finding the face.
    pub face: Duration,
    /// Placing, turning and normalizing it.
    pub align: Duration,
    /// The network.
    pub network: Duration,
    /// From the luma to the score.
    pub total: Duration,
}

impl Screener {
    /// Builds the bundle's network and loads the face detector.
    pub fn new(bundle: &Bundle) -> Result<Screener, BundleError> {
        Ok(Screener { finder: FaceFinder::new(), network: bundle.network()?, rule: bundle.manifest().answer })
    }

    /// The rule that turns logits into answers.
    pub fn rule(&self) -> &AnswerRule {
        &self.rule
    }

    /// The network.
    pub fn network(&mut self) -> &mut Network {
        &mut self.network
    }

    /// Only the face, for the live preview.
    pub fn face(&mut self, photo: &Photo) -> Result<FaceBox, FaceRefusal> {
        self.finder.only_face(photo)
    }

    /// Everything.
    pub fn screen(&mut self, photo: &Photo) -> Result<Evidence, FaceRefusal> {
        let start = Instant::now();
        let face = self.finder.only_face(photo)?;
        let found = start.elapsed();
        let placement = Placement::of(photo, &face);
        let crop = Crop::take(photo, &placement);
        let aligned = start.elapsed();
        let logit = self.network.logit(&crop).value;
        let total = start.elapsed();
        Ok(Evidence {
            face,
            placement,
            logit,
            score: self.rule.score(logit),
            times: StageTimes { face: found, align: aligned - found, network: total - aligned, total },
        })
    }
}
