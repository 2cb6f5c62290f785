//! A session as it is remembered: a closed struct of small values.

mod format_1;

use crate::when::When;
use crate::words::{Percent, SessionId, ShortName, Version};
use serde::{Deserialize, Serialize};
use synkiosk_models::{
    answer::Answer,
    evidence::{Index, Indices},
    pose::{Pose, Side, SynkinesisType},
};

/// The format that this program writes, and the newest that it reads. It reads format 1, too.
pub const FORMAT: u16 = 2;

/// What is remembered of one session.
///
/// No picture, text or exact time can get in: there is no field that would take one.
///
/// ```compile_fail
/// fn keep(record: &mut synkiosk_journal::Record, photo: synkiosk_models::photo::Photo) {
///     record.picture = photo;
/// }
/// ```
/// ```compile_fail
/// fn keep(record: &mut synkiosk_journal::Record) {
///     record.board = "Anna Smith".to_owned();
/// }
/// ```
/// ```compile_fail
/// fn keep(record: &mut synkiosk_journal::Record) {
///     record.when = std::time::SystemTime::now();
/// }
/// ```
/// What it does take:
/// ```
/// fn keep(record: &mut synkiosk_journal::Record) {
///     record.board = "desk".parse().expect("a short name");
///     record.when = synkiosk_journal::when::When::Boot { counter: 1 };
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Which format this is.
    pub format: Format,
    /// The session, by a random number.
    pub session: SessionId,
    /// The week, or how often the unit had been started.
    pub when: When,
    /// The program.
    pub software: Version,
    /// The bundle that answered.
    pub bundle: BundleId,
    /// The board, by the name of its profile.
    pub board: ShortName,
    /// How the session ended.
    pub outcome: Outcome,
    /// Score of the series; `None` where there was none.
    pub score: Option<Percent>,
    /// How strong each kind of unwanted movement was.
    pub indices: IndexRecords,
    /// The poses that were asked for, in that order.
    pub poses: Vec<PoseRecord>,
    /// What went wrong on the way.
    pub errors: Vec<ErrorCode>,
}

/// The number of a format, which is [`FORMAT`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
pub struct Format;

impl From<Format> for u16 {
    fn from(_: Format) -> u16 {
        FORMAT
    }
}

impl TryFrom<u16> for Format {
    type Error = String;
    fn try_from(number: u16) -> Result<Self, String> {
        if number == FORMAT { Ok(Format) } else { Err(format!("format {number} is not {FORMAT}")) }
    }
}

/// A bundle by name and counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleId {
    /// Its name.
    pub name: ShortName,
    /// Its counter.
    pub version: u32,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Answered: synkinesis is likely.
    Likely,
    /// Answered: synkinesis is unlikely.
    Unlikely,
    /// Answered: cannot tell.
    CannotTell,
    /// Answered: the pictures did not do.
    Retake,
    /// Begun, and stopped by the person or by waiting too long.
    Stopped,
    /// The person did not consent.
    Declined,
    /// The unit could not go on; `errors` says why.
    Failed,
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Outcome {
        match answer {
            Answer::Likely => Outcome::Likely,
            Answer::Unlikely => Outcome::Unlikely,
            Answer::CannotTell => Outcome::CannotTell,
            Answer::Retake => Outcome::Retake,
        }
    }
}

/// How strong unwanted movement was, by its kind; `None` where no picture would have shown it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IndexRecords {
    /// The mouth moves with the eye.
    pub ocular_oral: Option<IndexRecord>,
    /// The eye narrows with the mouth.
    pub oral_ocular: Option<IndexRecord>,
    /// The chin dimples.
    pub mentalis: Option<IndexRecord>,
    /// Bands rise on the neck.
    pub platysma: Option<IndexRecord>,
}

/// One kind of unwanted movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexRecord {
    /// Of the strongest that is seen.
    pub value: Percent,
    /// The person's own side; `None` where nothing moved.
    pub side: Option<Side>,
}

impl IndexRecords {
    /// The record of a type.
    pub fn get(&self, kind: SynkinesisType) -> Option<IndexRecord> {
        match kind {
            SynkinesisType::OcularOral => self.ocular_oral,
            SynkinesisType::OralOcular => self.oral_ocular,
            SynkinesisType::Mentalis => self.mentalis,
            SynkinesisType::Platysma => self.platysma,
        }
    }
}

impl From<Indices> for IndexRecords {
    fn from(indices: Indices) -> IndexRecords {
        let record = |index: Index| IndexRecord { value: Percent::of_share(index.value), side: index.side };
        IndexRecords {
            ocular_oral: indices.ocular_oral.map(record),
            oral_ocular: indices.oral_ocular.map(record),
            mentalis: indices.mentalis.map(record),
            platysma: indices.platysma.map(record),
        }
    }
}

/// One pose of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoseRecord {
    /// Which.
    pub pose: Pose,
    /// Score of its picture; `None` where none was taken.
    pub score: Option<Percent>,
    /// How often it was taken again.
    pub retakes: u8,
    /// How good its picture was; `None` where none was taken.
    pub quality: Option<Quality>,
    /// How long its picture took; `None` where none was taken.
    pub milliseconds: Option<StageMilliseconds>,
}

/// How good a picture was; 100 is as good as can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Edges: 0 is smeared.
    pub sharpness: Percent,
    /// Light: 0 is black, white or burnt out.
    pub light: Percent,
    /// How still the person held.
    pub steadiness: Percent,
    /// Width of the face, of that of the picture.
    pub face_width: Percent,
}

/// How long a picture took, per stage; 65535 stands for that and longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageMilliseconds {
    /// Finding the face.
    pub face: u16,
    /// Aligning it.
    pub align: u16,
    /// The network.
    pub network: u16,
    /// All of it, from luma to score.
    pub total: u16,
}

/// What can go wrong with a unit or a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// The camera went away in mid-session.
    CameraLost,
    /// The camera gave nothing that could be used.
    CameraUnusable,
    /// No face was found.
    NoFace,
    /// More than one face was found.
    SeveralFaces,
    /// A face was cut by the edge.
    HalfFace,
    /// An eye could not be seen; from format 2 on.
    EyesHidden,
    /// The head leaned, was turned or was tilted; from format 2 on.
    HeadPosture,
    /// The face did not do what was asked; from format 2 on.
    PoseNotPerformed,
    /// Too dark, too bright.
    PoorLight,
    /// Too much movement, or out of focus.
    Blurred,
    /// The person did not go on in time.
    TimedOut,
    /// The network could not answer.
    NetworkFailed,
    /// A bundle was refused.
    BundleRefused,
    /// The panel could not show a screen.
    PanelFailed,
    /// A button or its line did not work.
    ButtonFailed,
    /// A stick could not be read or written.
    StickFailed,
    /// An earlier record could not be written, for want of space.
    JournalFull,
    /// An earlier record could not be written.
    JournalFailed,
    /// The program had ended in mid-session and was started again.
    Restarted,
}

/// Why a text is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A later program wrote it.
    #[error("record has format {0}, newer than {FORMAT}")]
    NewerFormat(u16),
    /// Not what the format says; the parser's words.
    #[error("record is not of the format that it names ({0})")]
    Malformed(String),
}

impl RecordError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NewerFormat(_) => "read it with a version of this program no older than the unit's",
            Self::Malformed(_) => {
                "keep the segment: the record was sealed by a program that this one does not know"
            }
        }
    }
}

impl Record {
    /// The record as JSON, on one line.
    pub fn to_json(&self) -> Vec<u8> {
        // Every type above is plain data with text keys, and memory is the only thing that is written to.
        serde_json::to_vec(self).expect("a record has nothing that JSON has not")
    }

    /// Reads what `to_json` wrote, and refuses anything more. A record of format 1 comes in today's shape.
    ///
    /// # Errors
    /// `NewerFormat` before anything else is looked at.
    pub fn from_json(json: &[u8]) -> Result<Record, RecordError> {
        #[derive(Deserialize)]
        struct Head {
            format: u16,
        }
        let malformed = |error: serde_json::Error| RecordError::Malformed(error.to_string());
        let head: Head = serde_json::from_slice(json).map_err(malformed)?;
        if head.format > FORMAT {
            return Err(RecordError::NewerFormat(head.format));
        }
        if head.format == format_1::NUMBER {
            let record: format_1::RecordOfFormat1 = serde_json::from_slice(json).map_err(malformed)?;
            return record.into_record().map_err(RecordError::Malformed);
        }
        serde_json::from_slice(json).map_err(malformed)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::when::Week;

    pub(crate) fn sample(counter: u8) -> Record {
        let percent = |percent| Percent::try_from(percent).unwrap();
        let pose = |pose| PoseRecord {
            pose,
            score: Some(percent(97)),
            retakes: counter,
            quality: Some(Quality {
                sharpness: percent(80),
                light: percent(70),
                steadiness: percent(100),
                face_width: percent(33),
            }),
            milliseconds: Some(StageMilliseconds { face: 4, align: 1, network: 2, total: 7 }),
        };
        Record {
            format: Format,
            session: SessionId([counter; 16]),
            when: When::Week(Week::new(2026, 48).unwrap()),
            software: Version { major: 0, minor: 1, patch: 0 },
            bundle: BundleId { name: "rendered".parse().unwrap(), version: 1 },
            board: "desk".parse().unwrap(),
            outcome: Outcome::Likely,
            score: Some(percent(96)),
            indices: IndexRecords {
                ocular_oral: Some(IndexRecord { value: percent(41), side: Some(Side::Left) }),
                oral_ocular: Some(IndexRecord { value: percent(0), side: None }),
                ..IndexRecords::default()
            },
            poses: vec![
                pose(Pose::Rest),
                pose(Pose::TightClosure),
                pose(Pose::OpenSmile),
                pose(Pose::Pucker),
            ],
            errors: vec![ErrorCode::PoorLight],
        }
    }

    #[test]
    fn a_record_reads_back() {
        let mut record = sample(7);
        assert_eq!(Record::from_json(&record.to_json()), Ok(record.clone()));
        record.when = When::Boot { counter: u32::MAX };
        record.score = None;
        record.poses[0].quality = None;
        assert_eq!(Record::from_json(&record.to_json()), Ok(record));
    }

    /// The words of format 2. Whoever changes them breaks the reading of records that units hold.
    #[test]
    fn the_words_stay() {
        let mut record = sample(1);
        record.poses.truncate(1);
        let json = String::from_utf8(record.to_json()).unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"format":2,"session":"01010101010101010101010101010101","#,
                r#""when":{"week":{"year":2026,"week":48}},"software":"0.1.0","#,
                r#""bundle":{"name":"rendered","version":1},"board":"desk","outcome":"likely","score":96,"#,
                r#""indices":{"ocular-oral":{"value":41,"side":"left"},"oral-ocular":{"value":0,"side":null},"#,
                r#""mentalis":null,"platysma":null},"#,
                r#""poses":[{"pose":"rest","score":97,"retakes":1,"#,
                r#""quality":{"sharpness":80,"light":70,"steadiness":100,"face_width":33},"#,
                r#""milliseconds":{"face":4,"align":1,"network":2,"total":7}}],"errors":["poor-light"]}"#
            )
        );
    }

    #[test]
    fn what_the_format_does_not_have_is_refused() {
        let json = String::from_utf8(sample(1).to_json()).unwrap();
        for (from, to) in [
            (r#""board":"desk""#, r#""board":"desk","name":"Anna""#),
            (r#""board":"desk""#, r#""board":"Anna Smith""#),
            (r#""board":"desk""#, r#""board":"desk","board":"desk""#),
            (r#""board":"desk","#, ""),
            (r#""score":96"#, r#""score":101"#),
            (r#""score":96"#, r#""score":96.5"#),
            (r#""retakes":1"#, r#""retakes":1,"note":"tired""#),
            (r#""week":48"#, r#""week":54"#),
            (r#""week":48"#, r#""week":48,"second":1"#),
            (r#""likely""#, r#""certain""#),
            (r#""poor-light""#, r#""person was rude""#),
            (r#""value":41"#, r#""value":41,"note":"twitches""#),
            (r#""side":"left""#, r#""side":"both""#),
            (r#""mentalis":null"#, r#""mentalis":null,"brow":null"#),
            (r#""format":2"#, r#""format":0"#),
            (r#""format":2"#, r#""format":1"#),
            (r#""format":2"#, r#""format":"2""#),
            (r#""software":"0.1.0""#, r#""software":"0.1""#),
        ] {
            let changed = json.replacen(from, to, 1);
            assert_ne!(changed, json, "{from}");
            let error = Record::from_json(changed.as_bytes()).unwrap_err();
            assert!(matches!(error, RecordError::Malformed(_)), "{to}: {error}");
        }
        assert!(Record::from_json(b"").is_err());
        assert!(Record::from_json(&[b"{}", json.as_bytes()].concat()).is_err());
        assert!(Record::from_json("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn a_newer_format_is_said_to_be_newer() {
        let newer = br#"{"format":3,"anything":[1,2,3]}"#;
        assert_eq!(Record::from_json(newer), Err(RecordError::NewerFormat(3)));
    }

    #[test]
    fn indices_become_per_cent() {
        let indices = Indices {
            ocular_oral: Some(Index { value: 0.414, side: Some(Side::Left) }),
            oral_ocular: Some(Index { value: 0.0, side: None }),
            ..Indices::default()
        };
        assert_eq!(IndexRecords::from(indices), sample(1).indices);
    }
}
