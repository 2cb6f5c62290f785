//! Records as units wrote them before format 2: without indices, and with fewer names for what went wrong.

use super::{
    BundleId, ErrorCode, Format, IndexRecords, Outcome, PoseRecord, Record, ShortName, Version, When,
};
use crate::words::{Percent, SessionId};
use serde::Deserialize;

/// The format that is read here.
pub(super) const NUMBER: u16 = 1;

/// A record of format 1, as closed as it was then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordOfFormat1 {
    format: u16,
    session: SessionId,
    when: When,
    software: Version,
    bundle: BundleId,
    board: ShortName,
    outcome: Outcome,
    score: Option<Percent>,
    poses: Vec<PoseRecord>,
    errors: Vec<ErrorCode>,
}

impl RecordOfFormat1 {
    /// In today's shape; refused if it uses words of a later format.
    pub(super) fn into_record(self) -> Result<Record, String> {
        if self.format != NUMBER {
            return Err(format!("format {} is not {NUMBER}", self.format));
        }
        let newer = [ErrorCode::EyesHidden, ErrorCode::HeadPosture, ErrorCode::PoseNotPerformed];
        if let Some(code) = self.errors.iter().find(|code| newer.contains(code)) {
            return Err(format!("format {NUMBER} has no error {code:?}"));
        }
        let RecordOfFormat1 { session, when, software, bundle, board, outcome, score, poses, errors, .. } =
            self;
        let indices = IndexRecords::default();
        let format = Format;
        Ok(Record { format, session, when, software, bundle, board, outcome, score, indices, poses, errors })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RecordError, tests::sample};
    use super::*;

    /// What a unit wrote, byte for byte.
    const WRITTEN: &str = concat!(
        r#"{"format":1,"session":"01010101010101010101010101010101","#,
        r#""when":{"week":{"year":2026,"week":48}},"software":"0.1.0","#,
        r#""bundle":{"name":"rendered","version":1},"board":"desk","outcome":"likely","score":96,"#,
        r#""poses":[{"pose":"rest","score":97,"retakes":1,"#,
        r#""quality":{"sharpness":80,"light":70,"steadiness":100,"face_width":33},"#,
        r#""milliseconds":{"face":4,"align":1,"network":2,"total":7}}],"errors":["poor-light"]}"#
    );

    #[test]
    fn a_record_of_format_1_is_read_without_indices() {
        let mut expected = sample(1);
        expected.poses.truncate(1);
        expected.indices = IndexRecords::default();
        assert_eq!(Record::from_json(WRITTEN.as_bytes()), Ok(expected));
    }

    #[test]
    fn what_format_1_does_not_have_is_refused() {
        for (from, to) in [
            (r#""score":96"#, r#""score":96,"indices":{}"#),
            (r#""poor-light""#, r#""head-posture""#),
            (r#""poor-light""#, r#""eyes-hidden""#),
            (r#""poor-light""#, r#""poor-light","pose-not-performed""#),
            (r#""board":"desk""#, r#""board":"desk","name":"Anna""#),
            (r#""format":1"#, r#""format":0"#),
        ] {
            let changed = WRITTEN.replacen(from, to, 1);
            assert_ne!(changed, WRITTEN, "{from}");
            let error = Record::from_json(changed.as_bytes()).unwrap_err();
            assert!(matches!(error, RecordError::Malformed(_)), "{to}: {error}");
        }
    }
}
