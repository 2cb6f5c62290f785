//! What `evaluate` prints on a terminal.

use crate::command::train::report_left_out;
use crate::report::words::{FIGURES, Figure, per_cent, share};
use crate::training::evaluate::answers::Answers;
use crate::training::evaluate::calibration::Calibration;
use crate::training::evaluate::{Report, Side};
use crate::training::indices::Agreement;
use crate::training::metrics::Metrics;
use crate::training::samples::LeftOut;
use std::io::Write;

/// All of it, at most 100 columns wide.
pub(super) fn print(report: &Report, left_out: &[LeftOut], out: &mut dyn Write) -> std::io::Result<()> {
    figures("pictures", &report.pictures, out)?;
    figures("people", &report.people, out)?;
    if let Some(without) = &report.without_palsy {
        figures("pictures, healthy against synkinesis", &without.pictures, out)?;
        figures("people, healthy against synkinesis", &without.people, out)?;
    }
    if let Some(found) = &report.answers {
        answers(found, out)?;
    }
    for Agreement { kind, people, correlation } in &report.indices {
        let correlation = correlation.map_or("-".to_owned(), |value| format!("{value:.3}"));
        writeln!(out, "index of {kind:<12} r = {correlation} with the true coupling, {people} people")?;
    }
    groups(report, out)?;
    report_left_out(left_out, out)
}

fn figures(title: &str, side: &Side, out: &mut dyn Write) -> std::io::Result<()> {
    let columns: Vec<(&str, &Metrics)> = std::iter::once(("int8", &side.int8))
        .chain(side.float.as_ref().map(|float| ("float", float)))
        .collect();
    writeln!(out, "{} {title}", side.n)?;
    let heads: String = columns.iter().map(|(name, _)| format!("{name:<26}")).collect();
    writeln!(out, "{:<19}{}", "", heads.trim_end())?;
    let counts: Figure =
        ("tn fp fn tp", |m| m.confusion.as_flattened().iter().map(|n| format!("{n} ")).collect());
    for (name, cell) in FIGURES.into_iter().chain([counts]) {
        let cells: String = columns.iter().map(|(_, metrics)| format!("{:<26}", cell(metrics))).collect();
        writeln!(out, "{name:<19}{}", cells.trim_end())?;
    }
    if let Some(Calibration { ece, brier, .. }) = side.calibration {
        writeln!(out, "{:<19}error {ece:.3}, Brier score {brier:.3}", "calibration")?;
    }
    if let Some(agreement) = side.agreement {
        writeln!(out, "{:<19}{:.2} % called the same by both", "agreement", 100.0 * agreement)?;
    }
    writeln!(out)
}

fn answers(answers: &Answers, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{:<19}{:>9}{:>13}{:>9}{:>9}", "series", "unlikely", "cannot-tell", "likely", "retake")?;
    for (label, [unlikely, unsure, likely, retake]) in &answers.counts {
        writeln!(out, "{label:<19}{unlikely:>9}{unsure:>13}{likely:>9}{retake:>9}")?;
    }
    for (name, counted) in [
        ("cannot-tell", answers.cannot_tell),
        ("retake", answers.retake),
        ("right, if answered", answers.right_of_answered),
    ] {
        writeln!(out, "{name:<19}{}", per_cent(&counted))?;
    }
    writeln!(out, "{:<19}{}", "AUC of the score", share(answers.auc, answers.auc95))?;
    writeln!(out)
}

fn groups(report: &Report, out: &mut dyn Write) -> std::io::Result<()> {
    if report.subgroups.is_empty() {
        return Ok(());
    }
    writeln!(out, "{:<27}{:>5}{:>6}  {:<24}specificity", "group", "n", "with", "recall")?;
    for group in &report.subgroups {
        let name: String = format!("{} {}", group.kind.name(), group.group).chars().take(26).collect();
        let (recall, specificity) = (per_cent(&group.recall), per_cent(&group.specificity));
        writeln!(out, "{name:<27}{:>5}{:>6}  {recall:<24}{specificity}", group.n, group.with_synkinesis)?;
    }
    if let Some(smallest) = &report.smallest_subgroup {
        writeln!(
            out,
            "smallest group of people: {} {} with {}",
            smallest.kind.name(),
            smallest.group,
            smallest.n
        )?;
    }
    writeln!(out)
}
