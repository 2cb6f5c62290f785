//! The model card: what a bundle was made from, what was measured, and what that does not show.

use crate::{
    audit::AuditReport,
    dataset::DataSet,
    packing::BundleLabel,
    report::words::{FIGURES, Figure, per_cent, share},
    training::{
        evaluate::{Report, Side, answers::Answers, calibration::Calibration},
        settings::Config,
    },
};
use std::fmt::Write;
use synkiosk_models::{answer::AnswerRule, pose::Label};

/// Everything that a card is written from: the same figures as those of `evaluate` and of the audit.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Name and version.
    pub label: &'a BundleLabel,
    /// The data's sources in words.
    pub made_from: &'a str,
    /// Of the training.
    pub config: &'a Config,
    /// All people.
    pub data: &'a DataSet,
    /// Of the test people.
    pub report: &'a Report,
    /// Of the test people's pictures.
    pub audit: &'a AuditReport,
    /// Why it was signed although the audit failed.
    pub despite: Option<&'a str>,
    /// What turns scores into answers.
    pub rule: &'a AnswerRule,
}

/// The card's text. Its first line says what the model has learned from.
pub fn write(facts: &Facts) -> String {
    let mut card = head(facts);
    card.push_str("\n## Measured on the test people, by the device's own int8 code\n\n");
    let report = facts.report;
    figures(&mut card, "all", &report.pictures, &report.people);
    if let Some(without) = &report.without_palsy {
        figures(&mut card, "healthy against synkinesis", &without.pictures, &without.people);
    }
    card.push_str(METHOD);
    answers(&mut card, facts);
    subgroups(&mut card, report);
    audit(&mut card, facts);
    card.push_str(&limits(facts.made_from));
    card
}

const METHOD: &str = "\
Figures are shares in per cent with 95 % intervals. Of people they are Wilson's; of pictures, people were drawn with
replacement, since pictures of one person are alike. A picture counts as synkinesis from a score of one half on, a person
by the mean logit of all pictures. Precision at 21 % is what would be found if 21 of 100 people had synkinesis.
";

fn head(facts: &Facts) -> String {
    let Facts { label, made_from, config, data, .. } = facts;
    let settings = &config.settings;
    let only = if *made_from == "rendered faces" { " alone, not from photographs of people" } else { "" };
    format!(
        "This model has learned from {made_from}{only}. Research use only.\n\n\
         # {name} version {version}\n\n\
         It tells faces with synkinesis from faces without, one picture of one pose at a time. It is no medical\n\
         device and makes no diagnosis.\n\n\
         ## Made from\n\n\
         - {people} people, {pictures} pictures: {counts}\n\
         - split by person, seed {seed}; {epochs} epochs, {copies} augmented looks a picture and epoch\n\
         - faces found by the detector of the rustface package (SeetaFace), whose training data are not documented\n",
        name = label.name,
        version = label.version,
        people = data.people.len(),
        pictures = data.people.iter().map(|person| person.pictures.len()).sum::<usize>(),
        counts = counts(data),
        seed = settings.seed,
        epochs = settings.epochs,
        copies = settings.copies,
    )
}

fn counts(data: &DataSet) -> String {
    let of = |label: &Label| data.people.iter().filter(|person| person.label == *label).count();
    let known = Label::ALL.iter().filter(|label| of(label) > 0);
    known.map(|label| format!("{} {label}", of(label))).collect::<Vec<_>>().join(", ")
}

fn row<const N: usize>(card: &mut String, cells: [String; N]) {
    // A cell that came from a file must not end the cell or the row.
    let cells = cells.map(|cell| cell.replace(['|', '\n', '\r'], " "));
    let _ = writeln!(card, "| {} |", cells.join(" | "));
}

fn rule_below<const N: usize>(card: &mut String) {
    row(card, [const { String::new() }; N].map(|_| "---".to_owned()));
}

type Measure = (&'static str, fn(&Calibration) -> f64);
const CALIBRATION: [Measure; 2] = [("calibration error", |it| it.ece), ("Brier score", |it| it.brier)];

fn figures(card: &mut String, title: &str, pictures: &Side, people: &Side) {
    row(card, [title.into(), format!("{} pictures", pictures.n), format!("{} people", people.n)]);
    rule_below::<3>(card);
    let counts: Figure = ("tn fp / fn tp", |m| {
        let [[tn, fp], [missed, tp]] = m.confusion;
        format!("{tn} {fp} / {missed} {tp}")
    });
    for (name, of) in FIGURES.into_iter().chain([counts]) {
        row(card, [name.into(), of(&pictures.int8), of(&people.int8)]);
    }
    for (name, of) in CALIBRATION {
        let shown = |side: &Side| side.calibration.as_ref().map_or("-".into(), |it| format!("{:.3}", of(it)));
        row(card, [name.into(), shown(pictures), shown(people)]);
    }
    card.push('\n');
}

fn answers(card: &mut String, facts: &Facts) {
    let rule = facts.rule;
    let Some(answers) = &facts.report.answers else { return };
    let poses: Vec<&str> = facts.label.poses.iter().map(|pose| pose.name()).collect();
    let _ = write!(
        card,
        "\n## What a series says\n\n\
         A series of {} says likely from a score of {} on and unlikely up to {}; between them it says that it cannot\n\
         tell. Temperature {}, at least {} usable poses.\n\n",
        poses.join(", "),
        rule.likely,
        rule.unlikely,
        rule.temperature,
        rule.min_poses
    );
    row(card, ["people".into(), "unlikely".into(), "cannot tell".into(), "likely".into(), "retake".into()]);
    rule_below::<5>(card);
    for (label, counts) in &answers.counts {
        let [unlikely, unsure, likely, retake] = counts.map(|count| count.to_string());
        row(card, [label.to_string(), unlikely, unsure, likely, retake]);
    }
    card.push('\n');
    told(card, answers);
}

fn told(card: &mut String, answers: &Answers) {
    for (what, counted) in [
        ("cannot tell", answers.cannot_tell),
        ("retake", answers.retake),
        ("right, of those answered likely or unlikely", answers.right_of_answered),
        ("without synkinesis, answered likely", answers.falsely_likely),
        ("with synkinesis, answered unlikely", answers.falsely_unlikely),
    ] {
        let _ = writeln!(card, "- {what}: {} of {}, {}", counted.hits, counted.of, per_cent(&counted));
    }
    let _ = writeln!(card, "- AUC of the series' score: {}", share(answers.auc, answers.auc95));
}

fn subgroups(card: &mut String, report: &Report) {
    if report.subgroups.is_empty() {
        return;
    }
    card.push_str("\n## Groups\n\n");
    let heads = ["group", "n", "with synkinesis", "recall", "specificity"];
    row(card, heads.map(str::to_owned));
    rule_below::<5>(card);
    for group in &report.subgroups {
        let name = format!("{} {}", group.kind.name(), group.group);
        let (n, with) = (group.n.to_string(), group.with_synkinesis.to_string());
        row(card, [name, n, with, per_cent(&group.recall), per_cent(&group.specificity)]);
    }
    if let Some(smallest) = &report.smallest_subgroup {
        let name = format!("{} {}", smallest.kind.name(), smallest.group).replace(['|', '\n', '\r'], " ");
        let _ = writeln!(
            card,
            "\nThe smallest group of people is {name} with {} people. Poses count pictures.",
            smallest.n
        );
    }
}

fn audit(card: &mut String, facts: &Facts) {
    let audit = facts.audit;
    let verdict = match (audit.passed, facts.despite) {
        (true, _) => "Passed.".to_owned(),
        (false, Some(reason)) => format!("**Failed.** Signed all the same, because: {reason}."),
        (false, None) => "**Failed.** It is not signed without a reason.".to_owned(),
    };
    let _ = write!(
        card,
        "\n## Shortcut audit\n\n{verdict} {} test pictures of {} people, changed in what says nothing of synkinesis.\n\n",
        audit.pictures, audit.people
    );
    row(card, ["check", "figure", "limit", "holds", "note"].map(str::to_owned));
    rule_below::<5>(card);
    for check in &audit.checks {
        let figure = check.figure.map_or("-".to_owned(), |figure| format!("{figure:.3}"));
        let holds = if check.passed { "yes" } else { "NO" };
        let limit = format!("{:.2}", check.limit);
        row(card, [check.name.clone(), figure, limit, holds.to_owned(), check.note.clone()]);
    }
}

/// What no figure of these data can show.
pub fn limits(made_from: &str) -> String {
    let people = match made_from.contains("rendered faces") {
        true => {
            "- how it does on people, where it has learned from rendered faces: those figures are not from photographs\n"
        }
        false => "- how it does in another clinic, with other cameras, light and people\n",
    };
    format!(
        "\n## What this does not show\n\n{people}\
         - how it does on mild synkinesis, children, or faces with scars, bandages or tubes\n\
         - anything about a face that is turned by more than about ten degrees, or lit from one side only\n\
         - that it takes no shortcut that the audit does not ask about\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_a_cell() {
        let mut card = String::new();
        row(&mut card, ["a|b\nc".to_owned(), "d".to_owned()]);
        assert_eq!(card, "| a b c | d |\n");
    }

    #[test]
    fn rendered_faces_are_named_as_what_they_are() {
        assert!(limits("rendered faces").contains("not from photographs"));
        assert!(limits("clinic A").contains("another clinic"));
    }
}
