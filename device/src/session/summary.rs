//! What is remembered of a consented session: the journal's own closed types, without what the session cannot
//! know (its random number, the week, the program, the board).

use synkiosk_journal::{
    record::{BundleId, ErrorCode, IndexRecords, Outcome, PoseRecord},
    words::Percent,
};

/// How a consented session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With an answer.
    Answered,
    /// The person pressed stop.
    Stopped,
    /// Nobody answered "are you still there?".
    TimedOut,
    /// The camera went away and did not come back.
    CameraLost,
    /// The answer did not come.
    Failed,
}

impl End {
    /// What the journal notes beside the outcome.
    pub(super) fn error(self) -> Option<ErrorCode> {
        match self {
            End::Answered | End::Stopped => None,
            End::TimedOut => Some(ErrorCode::TimedOut),
            End::CameraLost => Some(ErrorCode::CameraLost),
            End::Failed => Some(ErrorCode::NetworkFailed),
        }
    }
}

/// One consented session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How it ended.
    pub outcome: Outcome,
    /// Score of the series, if it came so far.
    pub score: Option<Percent>,
    /// The least and the greatest score if any one pose is left out; for the slip, not for the journal.
    pub range: Option<[Percent; 2]>,
    /// How strong unwanted movement was, if it came so far.
    pub indices: IndexRecords,
    /// The poses that were asked for, in that order.
    pub poses: Vec<PoseRecord>,
    /// What went wrong on the way, each once.
    pub errors: Vec<ErrorCode>,
    /// The bundle that judged.
    pub bundle: BundleId,
}
