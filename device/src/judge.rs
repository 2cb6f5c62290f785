//! What looks at photos: the bundle at work, and the quality checks before it.

use crate::{
    appliance::Complaint,
    quality,
    session::{
        event::{Plan, Shot},
        screen::Heat,
    },
};
use std::time::Duration;
use synkiosk_journal::{
    record::{BundleId, StageMilliseconds},
    words::{Percent, WordError},
};
use synkiosk_models::{
    answer::{Answer, SeriesAnswer},
    bundle::{Bundle, BundleError, Manifest},
    evidence::indices,
    face::{FaceBox, FaceRefusal},
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

    /// The least and the greatest score of the series if any one pose but rest is left out; asked for before the answer.
    fn range(&mut self, _: &[Shot]) -> Option<[f32; 2]> {
        None
    }

    /// From the face that was looked at last to the middle of its picture, to the picture's right and down, in shares of
    /// its shorter side.
    fn toward(&self) -> Option<[f32; 2]> {
        None
    }

    /// Forgets the person: after the wipe, nothing of one is held against the next.
    fn forget(&mut self) {}

    /// Every check of a live picture, for a technician.
    fn checks(&mut self, photo: &Photo) -> Vec<(Check, bool)> {
        self.look(photo).err().map(|check| (check, false)).into_iter().collect()
    }
}

/// The judge of the appliance.
pub struct ScreenerJudge {
    screener: Screener,
    /// The face at rest, which the other poses are held against; forgotten at the wipe.
    rest: Option<Landmarks>,
    /// The face in the picture before, to tell how still the person holds.
    before: Option<FaceBox>,
    toward: Option<[f32; 2]>,
}

impl ScreenerJudge {
    /// Puts a bundle to work.
    pub fn new(bundle: &Bundle) -> Result<ScreenerJudge, BundleError> {
        Ok(ScreenerJudge { screener: Screener::new(bundle)?, rest: None, before: None, toward: None })
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

    fn watch(&mut self, photo: &Photo) -> Result<Findings, FaceRefusal> {
        (self.before, self.toward) = (None, None);
        let (face, findings) = self.screener.watch(photo)?;
        self.before = Some(face);
        self.toward = Some(toward_middle(photo, &face));
        Ok(findings)
    }

    /// What the session keeps of a picture.
    pub fn shot(&self, pose: Pose, photo: &Photo, evidence: &Evidence) -> Shot {
        Shot {
            pose,
            logit: evidence.logit,
            score: evidence.score,
            measured: evidence.measured,
            heat: Heat::of(&evidence.map),
            quality: quality::measure(photo, &evidence.face, self.before.as_ref()),
            milliseconds: milliseconds(&evidence.times),
        }
    }
}

impl Judge for ScreenerJudge {
    fn look(&mut self, photo: &Photo) -> Result<(), Check> {
        passed(self.watch(photo)?)
    }

    fn capture(&mut self, pose: Pose, photo: &Photo) -> Result<Shot, Check> {
        let evidence = self.evidence(pose, photo)?;
        Ok(self.shot(pose, photo, &evidence))
    }

    fn answer(&mut self, shots: &[Shot]) -> SeriesAnswer {
        let logits: Vec<_> = shots.iter().map(|shot| (shot.pose, shot.logit)).collect();
        let measured: Vec<_> = shots.iter().map(|shot| (shot.pose, shot.measured)).collect();
        self.screener.rule().session(&logits, &indices(&measured))
    }

    fn range(&mut self, shots: &[Shot]) -> Option<[f32; 2]> {
        let series: Vec<_> = shots.iter().map(|shot| (shot.pose, shot.logit, shot.measured)).collect();
        self.screener.rule().range(&series)
    }

    fn toward(&self) -> Option<[f32; 2]> {
        self.toward
    }

    fn forget(&mut self) {
        (self.rest, self.before, self.toward) = (None, None, None);
        self.screener.forget();
    }

    fn checks(&mut self, photo: &Photo) -> Vec<(Check, bool)> {
        let findings = self.watch(photo).unwrap_or_else(|refusal| self.screener.quality().refused(refusal));
        findings.all().iter().map(|finding| (finding.check, finding.pass)).collect()
    }
}

/// The judge of a kiosk without a model. No session begins there, and if one did, nothing would be good enough.
pub struct NoJudge;

impl Judge for NoJudge {
    fn look(&mut self, _: &Photo) -> Result<(), Check> {
        Err(Check::FaceMissing)
    }

    fn capture(&mut self, _: Pose, _: &Photo) -> Result<Shot, Check> {
        Err(Check::FaceMissing)
    }

    fn answer(&mut self, _: &[Shot]) -> SeriesAnswer {
        SeriesAnswer { answer: Answer::Retake, score: 0.5 }
    }
}

impl<J: Judge + ?Sized> Judge for Box<J> {
    fn look(&mut self, photo: &Photo) -> Result<(), Check> {
        (**self).look(photo)
    }

    fn capture(&mut self, pose: Pose, photo: &Photo) -> Result<Shot, Check> {
        (**self).capture(pose, photo)
    }

    fn answer(&mut self, shots: &[Shot]) -> SeriesAnswer {
        (**self).answer(shots)
    }

    fn range(&mut self, shots: &[Shot]) -> Option<[f32; 2]> {
        (**self).range(shots)
    }

    fn toward(&self) -> Option<[f32; 2]> {
        (**self).toward()
    }

    fn forget(&mut self) {
        (**self).forget();
    }

    fn checks(&mut self, photo: &Photo) -> Vec<(Check, bool)> {
        (**self).checks(photo)
    }
}

fn toward_middle(photo: &Photo, face: &FaceBox) -> [f32; 2] {
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let side = width.min(height);
    let x = width / 2.0 - face.x - face.width / 2.0;
    let y = height / 2.0 - face.y - face.height / 2.0;
    [x / side, y / side]
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

/// What a session takes where the unit was told its own poses, and why those were not taken if they were not.
///
/// # Errors
/// When a record could not name the bundle.
pub fn plan_of_unit(manifest: &Manifest, told: &[String]) -> Result<(Plan, Option<Complaint>), WordError> {
    let plan = plan_of(manifest)?;
    if told.is_empty() {
        return Ok((plan, None));
    }
    let known = |name: &String| manifest.poses.iter().copied().find(|pose| pose.name() == name);
    let are_enough = |poses: &Vec<Pose>| {
        poses.len() >= manifest.answer.min_poses && poses.iter().any(|pose| *pose != Pose::Rest)
    };
    match told.iter().map(known).collect::<Option<Vec<Pose>>>().filter(are_enough) {
        Some(poses) => Ok((Plan { poses, ..plan }, None)),
        _ => {
            let message = format!("the settings' poses ({}) do not suit the model", told.join(", "));
            let help =
                "tell the unit poses that its model takes, and enough of them; it takes the model's own";
            Ok((plan, Some(Complaint { message, help })))
        }
    }
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

#[cfg(all(test, feature = "demo"))]
mod tests {
    use super::*;
    use crate::demo::people;

    fn judge() -> ScreenerJudge {
        let bundle =
            Bundle::read(synkiosk_models::bundle::shipped(), &synkiosk_models::bundle::TrustedKeys::demo());
        ScreenerJudge::new(&bundle.expect("the shipped bundle holds")).expect("its networks are checked")
    }

    /// Both shipped people at rest.
    fn people() -> [Photo; 2] {
        let mut people = people::shipped()
            .expect("the shipped people have their poses")
            .into_iter()
            .map(|mut series| series.pictures.remove(0).1);
        [(); 2].map(|()| people.next().expect("there are two"))
    }

    /// A picture of 640 x 480 taken at frame `number`, 20 a second; places outside show a wall.
    fn picture(number: u64, luma: impl Fn(i32, i32) -> Option<u8>) -> Photo {
        let luma = (0..640 * 480).map(|k| luma(k % 640, k / 640).unwrap_or(120)).collect();
        Photo::new(640, 480, luma, Duration::from_millis(50 * number)).expect("a photo of this size")
    }

    fn at(photo: &Photo, x: i32, y: i32) -> Option<u8> {
        let within = (0..photo.width() as i32).contains(&x) && (0..photo.height() as i32).contains(&y);
        within.then(|| photo.luma()[y as usize * photo.width() as usize + x as usize])
    }

    #[test]
    fn a_unit_may_be_told_its_own_poses_where_the_model_takes_them() {
        let bundle =
            Bundle::read(synkiosk_models::bundle::shipped(), &synkiosk_models::bundle::TrustedKeys::demo());
        let bundle = bundle.expect("the shipped bundle holds");
        let manifest = bundle.manifest();
        let own: Vec<String> = manifest.poses.iter().map(|pose| pose.name().to_owned()).collect();
        let backward: Vec<String> = own.iter().rev().cloned().collect();
        let with = |name: &str| own.iter().cloned().chain([name.to_owned()]).collect::<Vec<_>>();
        for (told, taken) in [
            (Vec::new(), true),
            (own.clone(), true),
            (backward.clone(), true),
            (with("stick-out-tongue"), false),
            // A pose, and none of this model's.
            (with("lower-teeth"), false),
            (own[..manifest.answer.min_poses - 1].to_vec(), manifest.answer.min_poses == 1),
            // At rest there is nothing to be seen.
            (vec!["rest".to_owned()], false),
        ] {
            let (plan, complaint) = plan_of_unit(manifest, &told).expect("a name");
            let names: Vec<&str> = plan.poses.iter().map(|pose| pose.name()).collect();
            let expected = if taken && !told.is_empty() { &told } else { &own };
            assert_eq!((names, complaint.is_none()), (expected.iter().map(String::as_str).collect(), taken));
        }
    }

    #[test]
    fn who_moves_is_followed_and_who_leaves_is_missed_at_once() {
        let ([person, _], mut judge) = (people(), judge());
        let mut places = Vec::new();
        for number in 0..12 {
            let moved = picture(number, |x, y| at(&person, x - 4 * number as i32, y));
            assert_eq!(judge.look(&moved), Ok(()), "frame {number}");
            places.push(judge.before.unwrap().x);
        }
        let moved = places[11] - places[0];
        assert!((moved - 44.0).abs() < 16.0, "{places:?}");
        assert_eq!(judge.look(&picture(12, |_, _| None)), Err(Check::FaceMissing));
        assert_eq!(judge.before, None);
    }

    #[test]
    fn nothing_of_a_person_is_left_after_the_wipe() {
        let ([person, _], mut judge) = (people(), judge());
        assert_eq!(judge.look(&person), Ok(()));
        judge.capture(Pose::Rest, &person).expect("the shipped face at rest is good");
        assert!(judge.rest.is_some() && judge.before.is_some() && judge.toward.is_some());
        judge.forget();
        assert!(judge.rest.is_none() && judge.before.is_none() && judge.toward.is_none());
    }

    #[test]
    fn a_second_person_is_noticed_within_a_second() {
        let ([one, two], mut judge) = (people().map(|photo| photo.scaled(427, 320).unwrap()), judge());
        let alone = |number| picture(number, |x, y| at(&one, x, y - 80));
        assert_eq!(judge.look(&alone(0)), Ok(()));
        assert_eq!(judge.look(&alone(1)), Ok(()));
        let both = |number| {
            picture(number, |x, y| if x < 340 { at(&one, x, y - 80) } else { at(&two, x - 250, y - 80) })
        };
        let seen: Vec<_> = (2..22).map(|number| judge.look(&both(number))).collect();
        assert!(seen.contains(&Err(Check::SeveralFaces)), "{seen:?}");
    }
}
