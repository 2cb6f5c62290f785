//! What happens between mounting a stick and letting go of it.

use crate::{
    inbox::{self, Desk, InboxError, Item, Taken},
    outbox::{self, OutboxError, PutOut},
    session::screen::{StickProblem, StickSummary},
    slots::Slots,
    start::{JOURNAL, MODELS},
    unit::Card,
};
use std::path::Path;
use synkiosk_journal::{DropCount, disk as fs, quota::CountInName, store::Folder};

/// What came of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// For the screen.
    pub summary: StickSummary,
    /// Whether something was taken that counts from the next start on.
    pub needs_start: bool,
    /// The time by the settings that were taken, seconds since 1970.
    pub clock: Option<u64>,
    /// For the console, one for each thing that was looked at.
    pub lines: Vec<String>,
}

/// Takes in, and puts out. Whatever goes wrong on the way is in the report.
pub fn visit(stick: &Path, card: &Card) -> Report {
    let mut unit = card.unit();
    let mut report = Report::empty();
    let mut segments = Folder::beside_the_writer(&card.data.join(JOURNAL));
    match Slots::open(&card.data.join(MODELS)) {
        Ok(mut slots) => {
            let mut desk = Desk { unit: &mut unit, slots: &mut slots, segments: &mut segments };
            report.took_in(inbox::take_in(stick, &mut desk));
        }
        Err(error) => {
            report.failed(StickProblem::CardFailing, format!("the models could not be opened: {error}"));
        }
    }
    // A count that cannot be read is told as none, rather than the sessions not carried home.
    let dropped = CountInName::new(&card.data).dropped().unwrap_or(0);
    report.put_out(outbox::put_out(stick, unit.name(), |end| unit.file(dropped, end), &segments));
    for complaint in unit.take_complaints() {
        report.lines.push(format!("{}; {}", complaint.message, complaint.help));
    }
    if report.summary.problem.is_some() && !fs::metadata(stick).is_ok_and(|found| found.is_dir()) {
        report.failed(StickProblem::PulledOut, "the stick was taken out too early".to_owned());
    }
    report
}

/// A stick that cannot be used at all, and why.
pub fn refused_medium(problem: StickProblem, why: String) -> Report {
    let mut report = Report::empty();
    report.failed(problem, why);
    report
}

impl Report {
    fn empty() -> Report {
        let summary = StickSummary { taken: 0, sessions: 0, problem: None, is_technicians: false };
        Report { summary, needs_start: false, clock: None, lines: Vec::new() }
    }

    /// Adds something that went wrong; the screen tells the worst.
    pub fn failed(&mut self, problem: StickProblem, why: String) {
        self.summary.problem = self.summary.problem.max(Some(problem));
        self.lines.push(why);
    }

    fn took_in(&mut self, items: Result<Vec<Item>, InboxError>) {
        match items {
            Ok(items) => items.into_iter().for_each(|item| self.took(item)),
            Err(error) => self.failed(problem_of(&error), format!("inbox: {error}; {}", error.help())),
        }
    }

    fn took(&mut self, Item { name, result }: Item) {
        match result {
            Ok(taken) => {
                self.summary.taken += usize::from(taken.is_news());
                self.needs_start |= taken.needs_start();
                self.summary.is_technicians |=
                    matches!(taken, Taken::Settings { .. } | Taken::SettingsAlreadyThere);
                if let Taken::Settings { clock: Some(clock), .. } = taken {
                    self.clock = Some(clock);
                }
                if let Taken::Acknowledgement(released) = &taken {
                    let kept = released.kept.iter();
                    self.lines
                        .extend(kept.map(|(number, why)| format!("segment {number} is kept: it {why}")));
                }
                self.lines.push(format!("{name}: {}", words(&taken)));
            }
            Err(error) => self.failed(problem_of(&error), format!("{name}: {error}; {}", error.help())),
        }
    }

    fn put_out(&mut self, result: Result<PutOut, OutboxError>) {
        match result {
            Ok(out) => {
                self.summary.sessions = out.sessions;
                self.lines.push(format!(
                    "{} sessions on the stick, {} segments written",
                    out.sessions, out.written
                ));
                if out.unreadable > 0 {
                    let why = format!("{} segments could not be read on the card", out.unreadable);
                    self.failed(StickProblem::CardFailing, why);
                }
            }
            Err(error) => {
                let problem = match &error {
                    OutboxError::Journal(_) => StickProblem::CardFailing,
                    OutboxError::Write { cause, .. } if outbox::is_full(cause) => StickProblem::Full,
                    OutboxError::NotOurs(_) => StickProblem::Refused,
                    _ => StickProblem::NotWritten,
                };
                self.failed(problem, format!("outbox: {error}; {}", error.help()));
            }
        }
    }
}

fn problem_of(error: &InboxError) -> StickProblem {
    if error.is_of_the_card() { StickProblem::CardFailing } else { StickProblem::Refused }
}

fn words(taken: &Taken) -> String {
    use crate::slots::Installed;
    match taken {
        Taken::Rotation(rotated) if rotated.already => format!("key {} was replaced before", rotated.old),
        Taken::Rotation(rotated) => format!("key {} is replaced", rotated.old),
        Taken::Settings { unit, .. } => format!("this unit is {unit}"),
        Taken::SettingsAlreadyThere => "already there".to_owned(),
        Taken::ForAnother(unit) => format!("for {unit}"),
        Taken::Bundle(Installed::New { name, version, slot }) => format!("{name} {version} in slot {slot}"),
        Taken::Bundle(Installed::AlreadyThere { version }) => format!("version {version} is already there"),
        Taken::Acknowledgement(released) => {
            let (gone, kept) = (released.discarded.len(), released.kept.len());
            format!("{gone} segments let go of, {kept} kept, {} were gone", released.gone)
        }
    }
}
