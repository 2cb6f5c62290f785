//! The whole way of one photo: face, landmarks, alignment, network, score.

use crate::{
    align::{Crop, Placement},
    answer::AnswerRule,
    bundle::{Bundle, BundleError},
    face::{FaceBox, FaceFinder, FaceRefusal},
    landmarker::Landmarker,
    landmarks::Measured,
    network::{
        ActivationMap, Network,
        kernel::{self, Kernel},
    },
    photo::Photo,
    quality::{Findings, QualityRule},
    track::Track,
};
use std::time::{Duration, Instant};

/// A bundle at work. Lives in the thread that made it.
pub struct Screener {
    finder: FaceFinder,
    landmarker: Landmarker,
    network: Network,
    rule: AnswerRule,
    quality: QualityRule,
    track: Option<Track>,
}

/// What one photo says.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The face it was taken from.
    pub face: FaceBox,
    /// Its landmarks, and how active chin and neck are.
    pub measured: Measured,
    /// The square that the network saw.
    pub placement: Placement,
    /// The network's answer; above 0 it leans towards synkinesis.
    pub logit: f32,
    /// Where in the square it comes from.
    pub map: ActivationMap,
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
    /// Finding its landmarks.
    pub landmarks: Duration,
    /// Placing, turning and normalizing it.
    pub align: Duration,
    /// The network.
    pub network: Duration,
    /// From the luma to the score.
    pub total: Duration,
}

impl Screener {
    /// Builds the bundle's networks and loads the face detector.
    pub fn new(bundle: &Bundle) -> Result<Screener, BundleError> {
        Screener::new_with(bundle, kernel::best())
    }

    /// The same on a kernel of the caller's choice.
    pub fn new_with(bundle: &Bundle, kernel: &'static dyn Kernel) -> Result<Screener, BundleError> {
        Ok(Screener {
            finder: FaceFinder::new(),
            landmarker: bundle.landmarker_with(kernel)?,
            network: bundle.network_with(kernel)?,
            rule: bundle.manifest().answer,
            quality: bundle.manifest().quality,
            track: None,
        })
    }

    /// What a picture must keep to.
    pub fn quality(&self) -> &QualityRule {
        &self.quality
    }

    /// The rule that turns logits and indices into answers.
    pub fn rule(&self) -> &AnswerRule {
        &self.rule
    }

    /// The network.
    pub fn network(&mut self) -> &mut Network {
        &mut self.network
    }

    /// The network of the landmarks.
    pub fn landmarker(&mut self) -> &mut Landmarker {
        &mut self.landmarker
    }

    /// The face in a live picture and what is good or bad about it. A good face is followed from picture to picture; what
    /// is refused was always seen by the detector in the whole picture.
    pub fn watch(&mut self, photo: &Photo) -> Result<(FaceBox, Findings), FaceRefusal> {
        let followed = self.track.take().and_then(|track| self.follow(&track, photo));
        if let Some(track) = followed {
            let findings = self.quality.judge(photo, track.face(), track.landmarks(), None);
            if findings.first_failed().is_none() {
                self.track = Some(track);
                return Ok((*track.face(), findings));
            }
        }
        let (face, measured) = self.measure(photo)?;
        let findings = self.quality.judge(photo, &face, &measured.landmarks, None);
        if findings.first_failed().is_none() {
            self.track = Some(Track::new(face, measured.landmarks, photo.taken()));
        }
        Ok((face, findings))
    }

    /// Forgets the face that was followed.
    pub fn forget(&mut self) {
        self.track = None;
    }

    /// The face a picture later, if it still is one for the landmark network and for the detector.
    pub fn follow(&mut self, track: &Track, photo: &Photo) -> Option<Track> {
        if !track.holds(photo.taken()) {
            return None;
        }
        let measured = self.landmarker.look(photo, &track.placement())?;
        let next = track.follow(&measured.landmarks, (photo.width(), photo.height()))?;
        self.finder.confirms(photo, next.face()).then_some(next)
    }

    /// Only the face and its landmarks.
    pub fn measure(&mut self, photo: &Photo) -> Result<(FaceBox, Measured), FaceRefusal> {
        let face = self.finder.only_face(photo)?;
        let measured = self.landmarker.find(photo, &face).ok_or(FaceRefusal::NoFace)?;
        Ok((face, measured))
    }

    /// Everything.
    pub fn screen(&mut self, photo: &Photo) -> Result<Evidence, FaceRefusal> {
        let start = Instant::now();
        let face = self.finder.only_face(photo)?;
        let found = start.elapsed();
        let measured = self.landmarker.find(photo, &face).ok_or(FaceRefusal::NoFace)?;
        let marked = start.elapsed();
        let placement = Placement::of(photo, &measured.landmarks);
        let crop = Crop::take(photo, &placement);
        let aligned = start.elapsed();
        let (logit, map) = self.network.logit_and_map(&crop);
        let total = start.elapsed();
        Ok(Evidence {
            face,
            measured,
            placement,
            logit: logit.value,
            map,
            score: self.rule.score(logit.value),
            times: StageTimes {
                face: found,
                landmarks: marked - found,
                align: aligned - marked,
                network: total - aligned,
                total,
            },
        })
    }
}
