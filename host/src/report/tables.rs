//! The page's tables.

use super::html::table;
use super::words::{FIGURES, interval, per_cent, share};
use crate::audit::AuditReport;
use crate::dataset::DataSet;
use crate::training::evaluate::Side;
use crate::training::evaluate::answers::Answers;
use crate::training::evaluate::subgroups::Subgroup;
use crate::training::metrics::Metrics;
use crate::training::split::{Part, Split};
use synkiosk_models::bundle::Audit;
use synkiosk_models::pose::Label;

/// People and pictures of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitRow {
    /// Which part.
    pub part: &'static str,
    /// People of each label, in the usual order.
    pub people: [usize; Label::ALL.len()],
    /// Pictures of all.
    pub pictures: usize,
}

/// Counts a split.
pub fn split_rows(data: &DataSet, split: &Split) -> Vec<SplitRow> {
    let row = |part: Part| {
        let mut row = SplitRow { part: part.name(), people: [0; 3], pictures: 0 };
        for person in data.people.iter().filter(|person| split.part_of(&person.name) == Some(part)) {
            row.people[person.label as usize] += 1;
            row.pictures += person.pictures.len();
        }
        row
    };
    Part::ALL.map(row).to_vec()
}

/// One check as the page tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    cells: Vec<String>,
}

impl AuditRow {
    /// Of an audit that was just made.
    pub fn of(report: &AuditReport) -> Vec<AuditRow> {
        let row = |check: &crate::audit::Check| AuditRow {
            cells: vec![
                check.name.clone(),
                check.question.clone(),
                check.figure.map_or("-".to_owned(), |figure| format!("{figure:.3}")),
                format!("{:.2}", check.limit),
                held(check.passed),
                check.note.clone(),
            ],
        };
        report.checks.iter().map(row).collect()
    }

    /// Of one that a bundle carries.
    pub fn of_manifest(audit: &Audit) -> Vec<AuditRow> {
        let row = |check: &synkiosk_models::bundle::AuditCheck| AuditRow {
            cells: vec![
                check.name.clone(),
                String::new(),
                check.figure.map_or("-".to_owned(), |figure| format!("{figure:.3}")),
                format!("{:.2}", check.limit),
                held(check.passed),
                String::new(),
            ],
        };
        audit.checks.iter().map(row).collect()
    }
}

fn held(passed: bool) -> String {
    if passed { "yes" } else { "NO" }.to_owned()
}

/// Pictures and people side by side; float beside int8 where it is known.
pub(super) fn figures(pictures: &Side, people: &Side) -> String {
    let heads = [String::new(), format!("{} pictures", pictures.n), format!("{} people", people.n)];
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut rows: Vec<Vec<String>> = FIGURES
        .iter()
        .map(|(name, of)| vec![(*name).to_owned(), of(&pictures.int8), of(&people.int8)])
        .collect();
    if let (Some(a), Some(b)) = (&pictures.float, &people.float) {
        let accuracy = |m: &Metrics| share(m.accuracy, interval(m, |it| it.accuracy));
        rows.push(vec!["accuracy in float".to_owned(), accuracy(a), accuracy(b)]);
        let agreement = |side: &Side| share(side.agreement, None);
        rows.push(vec!["float and int8 agree".to_owned(), agreement(pictures), agreement(people)]);
    }
    table("t", &heads, &rows)
}

/// Who was called what.
pub(super) fn confusion(pictures: &Side, people: &Side) -> String {
    let row = |what: &str, side: &Side, positive: usize| {
        let [not_called, called] = side.int8.confusion[positive];
        let name = format!("{what} {} synkinesis", if positive == 1 { "with" } else { "without" });
        vec![name, not_called.to_string(), called.to_string(), (not_called + called).to_string()]
    };
    let rows = [
        row("pictures", pictures, 0),
        row("pictures", pictures, 1),
        row("people", people, 0),
        row("people", people, 1),
    ];
    table("t", &["", "not called", "called synkinesis", "all"], &rows)
}

/// The four answers by label, and what they come to.
pub(super) fn answers(answers: &Answers) -> String {
    let rows = answers.counts.iter().map(|(label, counts)| {
        let cells = counts.iter().map(usize::to_string);
        std::iter::once(label.to_string()).chain(cells).collect()
    });
    let counts: Vec<Vec<String>> = rows.collect();
    let shares = [
        ("cannot tell", answers.cannot_tell),
        ("retake", answers.retake),
        ("right, of those answered likely or unlikely", answers.right_of_answered),
        ("without synkinesis, answered likely", answers.falsely_likely),
        ("with synkinesis, answered unlikely", answers.falsely_unlikely),
    ];
    let shares: Vec<Vec<String>> = shares
        .iter()
        .map(|(what, counted)| {
            vec![(*what).to_owned(), format!("{} of {}", counted.hits, counted.of), per_cent(counted)]
        })
        .collect();
    let area = vec!["AUC of the series' score".to_owned(), String::new(), share(answers.auc, answers.auc95)];
    let shares: Vec<Vec<String>> = shares.into_iter().chain([area]).collect();
    let counts = table("t", &["people", "unlikely", "cannot tell", "likely", "retake"], &counts);
    format!("<div class=\"shares\">{counts}{}</div>\n", table("t", &["", "people", "share"], &shares))
}

/// Recall and specificity of the groups.
pub(super) fn groups(groups: &[Subgroup]) -> String {
    let row = |group: &Subgroup| {
        vec![
            format!("{} {}", group.kind.name(), group.group),
            format!("{} ({})", group.n, group.with_synkinesis),
            per_cent(&group.recall),
            per_cent(&group.specificity),
            group.cannot_tell.as_ref().map_or("-".to_owned(), per_cent),
        ]
    };
    let rows: Vec<Vec<String>> = groups.iter().map(row).collect();
    table("t", &["group", "n (with)", "recall", "specificity", "cannot tell"], &rows)
}

/// People and pictures of each part.
pub(super) fn split(rows: &[SplitRow]) -> String {
    let heads: Vec<&str> = ["part"]
        .into_iter()
        .chain(Label::ALL.iter().map(|label| label.name()))
        .chain(["people", "pictures"])
        .collect();
    let row = |row: &SplitRow| {
        let all: usize = row.people.iter().sum();
        let counts = row.people.iter().chain([&all, &row.pictures]).map(usize::to_string);
        std::iter::once(row.part.to_owned()).chain(counts).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
    table("t", &heads, &rows)
}

/// Every check.
pub(super) fn audit(rows: &[AuditRow]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.cells.clone()).collect();
    table("t wide", &["check", "question", "figure", "limit", "holds", "note"], &rows)
}
