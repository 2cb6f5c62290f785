//! Which screen is shown, as plain data: what is drawn follows from it and from the live picture alone.

mod heat;
mod workshop;

pub use heat::Heat;
pub use workshop::{ClockTime, PinProblem, Pressed, Task, Workshop};

use crate::language::Language;
use synkiosk_journal::record::IndexRecords;
use synkiosk_models::quality::Check;
use synkiosk_models::{answer::Answer, pose::Pose};

/// Steps of the ring that closes while a pose is held.
pub const RING_STEPS: u8 = 8;

/// Steps from the face at rest to the pose, in the drawing that moves.
pub const PHASES: u8 = 6;

/// Pages of the answer.
pub const PAGES: usize = 3;

/// Every screen there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    /// Nobody is there: what this is, and how to begin.
    Attract {
        /// How many poses a session takes.
        poses: usize,
        /// What the staff should know.
        notice: Option<Notice>,
    },
    /// In which language to go on.
    Language {
        /// Those to choose from.
        languages: Vec<Language>,
        /// Which of them a press takes.
        marked: usize,
    },
    /// What will happen with the pictures, and the question.
    Consent,
    /// Find a good place in front of the camera.
    Position(Guidance),
    /// One pose is explained, held and taken.
    Pose {
        /// Which.
        pose: Pose,
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// What the person can do now.
        guidance: Guidance,
        /// How far the drawing has moved from rest to the pose, to `PHASES`.
        phase: u8,
    },
    /// A pose was taken, and the next one is not asked for yet.
    Pause {
        /// How many were taken.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// The picture could not be used, and why.
    Retake {
        /// The pose to be taken again.
        pose: Pose,
        /// Why.
        reason: Check,
    },
    /// All pictures are taken.
    Thinking,
    /// The answer.
    Answer(Box<AnswerView>),
    /// Nothing happened for a while.
    StillThere {
        /// How long it is waited for.
        seconds: u8,
    },
    /// The session is over and forgotten.
    Wiped(Goodbye),
    /// The camera gives no picture.
    CameraMissing,
    /// There is no model to judge with.
    NoModel,
    /// The journal cannot be written.
    StorageFull,
    /// The kiosk was switched on and is not ready yet.
    Starting,
    /// The partition with the journal cannot be used.
    StorageDamaged,
    /// There is no card with a partition for the journal.
    CardMissing,
    /// Nobody said for whom records are to be sealed.
    NotSetUp,
    /// The journal could not be read: it was renamed, and a new one begun.
    LogSetAside,
    /// The program ended with a fault several times in a row, and pauses.
    KeepsFailing,
    /// A stick is read and written: it must stay in.
    StickAtWork,
    /// It may be taken out.
    StickDone(StickSummary),
    /// What the technician does at the kiosk itself.
    Technician(Workshop),
}

/// What came of a stick, for the technician.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StickSummary {
    /// Things that were taken from it: settings, a model, keys, acknowledgements.
    pub taken: usize,
    /// This kiosk's sessions that are on it now.
    pub sessions: usize,
    /// The worst that happened.
    pub problem: Option<StickProblem>,
    /// Whether it has signed settings for this kiosk, so that whoever brought it is its technician.
    pub is_technicians: bool,
}

/// What can go wrong with a stick, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StickProblem {
    /// Something on it was refused.
    Refused,
    /// It cannot be written, or does not keep what is written.
    NotWritten,
    /// It has no room left.
    Full,
    /// It has no file system that this kiosk reads.
    Unreadable,
    /// It was taken out too early.
    PulledOut,
    /// The kiosk's own card did not keep what was brought.
    CardFailing,
}

impl StickProblem {
    /// All of them.
    pub const ALL: [StickProblem; 6] = [
        StickProblem::Refused,
        StickProblem::NotWritten,
        StickProblem::Full,
        StickProblem::Unreadable,
        StickProblem::PulledOut,
        StickProblem::CardFailing,
    ];

    fn name(self) -> &'static str {
        match self {
            StickProblem::Refused => "refused",
            StickProblem::NotWritten => "not-written",
            StickProblem::Full => "full",
            StickProblem::Unreadable => "unreadable",
            StickProblem::PulledOut => "pulled-out",
            StickProblem::CardFailing => "card-failing",
        }
    }

    fn code(self) -> &'static str {
        match self {
            StickProblem::Refused => "E09",
            StickProblem::NotWritten => "E10",
            StickProblem::Full => "E11",
            StickProblem::Unreadable => "E12",
            StickProblem::PulledOut => "E13",
            StickProblem::CardFailing => "E14",
        }
    }
}

/// The kiosk works, and the staff should know something all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The newest model does not work, and the one before it does.
    OlderModel,
    /// The unit is too hot.
    Hot,
}

/// What the person can do for a good picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guidance {
    /// Read, and take the pose.
    Read,
    /// Something keeps the picture from being good.
    Mend(Check),
    /// All is well: hold still for so many more of `RING_STEPS`.
    Hold {
        /// Steps of the ring that are closed.
        closed: u8,
    },
    /// The picture is being taken.
    Taken,
}

/// What a session ended with, for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goodbye {
    /// The answer was seen.
    Finished,
    /// The person did not agree.
    Declined,
    /// The person stopped, or left.
    Stopped,
    /// The camera or the network failed.
    Failed,
}

/// What the answer screen says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerView {
    /// One of four.
    pub answer: Answer,
    /// Which of `PAGES`, from 0.
    pub page: usize,
    /// The series' score in per cent.
    pub score: u8,
    /// The least and the greatest score if any one pose is left out.
    pub range: Option<[u8; 2]>,
    /// Scores up to here say unlikely.
    pub unlikely: u8,
    /// Scores from here on say likely.
    pub likely: u8,
    /// The score of each pose in per cent; none where the pose was skipped.
    pub poses: Vec<(Pose, Option<u8>)>,
    /// Where the network found it in each pose that was taken.
    pub heats: Vec<(Pose, Heat)>,
    /// How strong each type of unwanted movement was, and on which side.
    pub indices: IndexRecords,
    /// The answer as a text that this unit has signed.
    pub slip: Option<String>,
    /// What limits the answer.
    pub limits: Vec<Limit>,
    /// Name of the bundle.
    pub model: String,
    /// Its version counter.
    pub version: u32,
}

/// What limits an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Not every pose could be used.
    Partial {
        /// Poses that were used.
        taken: usize,
        /// Poses that were asked for.
        of: usize,
    },
    /// Pictures were used that are less sharp, or less well lit, than most.
    Quality,
    /// The network learned from rendered faces only.
    Rendered,
}

impl Screen {
    /// The name of the screen in file names and logs; the same for every step of the ring.
    pub fn name(&self) -> String {
        let guided = |what: &str, guidance: &Guidance| match guidance {
            Guidance::Read => what.to_owned(),
            Guidance::Mend(refusal) => format!("{what}-{}", refusal.name()),
            Guidance::Hold { .. } | Guidance::Taken => format!("{what}-hold"),
        };
        match self {
            Screen::Attract { notice: None, .. } => "attract".to_owned(),
            Screen::Attract { notice: Some(Notice::OlderModel), .. } => "attract-older-model".to_owned(),
            Screen::Attract { notice: Some(Notice::Hot), .. } => "attract-hot".to_owned(),
            Screen::Language { .. } => "language".to_owned(),
            Screen::Consent => "consent".to_owned(),
            Screen::Position(guidance) => guided("position", guidance),
            Screen::Pose { pose, guidance, .. } => guided(&format!("pose-{pose}"), guidance),
            Screen::Pause { .. } => "pause".to_owned(),
            Screen::Retake { pose, reason } => format!("retake-{pose}-{}", reason.name()),
            Screen::Thinking => "thinking".to_owned(),
            Screen::Answer(view) => match view.page {
                0 => format!("answer-{}", view.answer.name()),
                1 => "answer-found".to_owned(),
                _ => "answer-slip".to_owned(),
            },
            Screen::StillThere { .. } => "still-there".to_owned(),
            Screen::Wiped(Goodbye::Finished) => "wiped".to_owned(),
            Screen::Wiped(Goodbye::Declined) => "declined".to_owned(),
            Screen::Wiped(Goodbye::Stopped) => "stopped".to_owned(),
            Screen::Wiped(Goodbye::Failed) => "failed".to_owned(),
            Screen::CameraMissing => "camera-missing".to_owned(),
            Screen::NoModel => "no-model".to_owned(),
            Screen::StorageFull => "storage-full".to_owned(),
            Screen::Starting => "starting".to_owned(),
            Screen::StorageDamaged => "storage-damaged".to_owned(),
            Screen::CardMissing => "card-missing".to_owned(),
            Screen::NotSetUp => "not-set-up".to_owned(),
            Screen::LogSetAside => "log-set-aside".to_owned(),
            Screen::KeepsFailing => "keeps-failing".to_owned(),
            Screen::StickAtWork => "stick-at-work".to_owned(),
            Screen::StickDone(StickSummary { problem: None, .. }) => "stick-done".to_owned(),
            Screen::StickDone(StickSummary { problem: Some(problem), .. }) => {
                format!("stick-{}", problem.name())
            }
            Screen::Technician(workshop) => workshop.name(),
        }
    }

    /// What a technician looks up in `device/README.md`; none where nothing is wrong.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Screen::CameraMissing => "E01",
            Screen::NoModel => "E02",
            Screen::StorageFull => "E03",
            Screen::StorageDamaged => "E04",
            Screen::CardMissing => "E05",
            Screen::NotSetUp => "E06",
            Screen::LogSetAside => "E07",
            Screen::KeepsFailing => "E08",
            Screen::StickDone(StickSummary { problem: Some(problem), .. }) => problem.code(),
            _ => return None,
        })
    }

    /// Whether the live picture is part of it.
    pub fn is_live(&self) -> bool {
        let looks = matches!(self, Screen::Technician(Workshop::Camera { .. }));
        looks || matches!(self, Screen::Position(_) | Screen::Pose { .. })
    }
}
