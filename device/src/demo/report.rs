//! What the demo found, as a table and for `result.json`.

use serde::Serialize;
use std::{
    io::{self, Write},
    path::Path,
    time::Duration,
};
use synkiosk_models::{
    answer::Answer,
    pose::{Label, Pose},
    screener::Evidence,
};

/// One person.
#[derive(Debug, Clone, Serialize)]
pub struct PersonResult {
    /// The folder's name.
    pub person: String,
    /// What is known of the person.
    pub label: Option<Label>,
    /// What the series says.
    pub answer: Answer,
    /// Its score, 0 to 1.
    pub score: f32,
    /// Every pose that could be used.
    pub poses: Vec<PoseResult>,
}

/// One pose.
#[derive(Debug, Clone, Serialize)]
pub struct PoseResult {
    /// Which.
    pub pose: Pose,
    /// Its score, 0 to 1.
    pub score: f32,
    /// How long it took.
    pub ms: StageMs,
}

/// Milliseconds of each stage.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct StageMs {
    /// Finding the face.
    pub face: f64,
    /// Aligning it.
    pub align: f64,
    /// The network.
    pub network: f64,
    /// From luma to score.
    pub total: f64,
}

impl PoseResult {
    pub(super) fn new(pose: Pose, evidence: &Evidence) -> PoseResult {
        let ms = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        let times = &evidence.times;
        let ms = StageMs {
            face: ms(times.face),
            align: ms(times.align),
            network: ms(times.network),
            total: ms(times.total),
        };
        PoseResult { pose, score: evidence.score, ms }
    }
}

impl PersonResult {
    /// The table of one person.
    pub(super) fn print(&self, folder: &Path, print: &mut dyn Write) -> io::Result<()> {
        let label = self.label.map_or_else(|| "no label".to_owned(), |label| format!("label {label}"));
        writeln!(print, "{} ({label})", self.person)?;
        writeln!(print, "  pose             score   face ms  align ms  network ms  total ms")?;
        for PoseResult { pose, score, ms } in &self.poses {
            let StageMs { face, align, network, total } = ms;
            writeln!(
                print,
                "  {pose:<15}  {score:.3}  {face:>8.2}  {align:>8.2}  {network:>10.2}  {total:>8.2}"
            )?;
        }
        writeln!(print, "  answer: {}, score {:.3}", self.answer.name(), self.score)?;
        writeln!(print, "  screens: {}", folder.display())?;
        writeln!(print)
    }
}
