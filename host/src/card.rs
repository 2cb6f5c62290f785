//! The model card: what a bundle was made from, what was measured, and what that does not show.

use crate::{
    dataset::DataSet,
    packing::BundleLabel,
    training::{
        evaluate::{Report, Side},
        metrics::Metrics,
        settings::Config,
    },
};
use std::fmt::Write;
use synkiosk_models::pose::Label;

/// The card's text. Its first line says what the model has learned from.
pub fn write(
    label: &BundleLabel,
    made_from: &str,
    config: &Config,
    data: &DataSet,
    report: &Report,
) -> String {
    let settings = &config.settings;
    let mut card = String::new();
    let mut line = |text: String| {
        card.push_str(&text);
        card.push('\n');
    };
    line(format!("This model has learned from {made_from}{}. Research use only.", not_people(made_from)));
    line(format!("\n# {} version {}\n", label.name, label.version));
    line("It tells faces with synkinesis from faces without, one picture of one pose at a time. It is no medical".into());
    line("device and makes no diagnosis.\n".into());
    line("## Made from\n".into());
    line(format!("- {} people, {} pictures: {}", data.people.len(), pictures(data), counts(data)));
    line(format!(
        "- split by person, seed {}; {} epochs, {} augmented looks a picture and epoch",
        settings.seed, settings.epochs, settings.copies
    ));
    line("- faces found by the detector of the rustface package (SeetaFace), whose training data are not documented".into());
    line("\n## Measured on the test people, by the device's own int8 code\n".into());
    table(&mut card, "all", &report.pictures, &report.people);
    if let Some(without) = &report.without_palsy {
        table(&mut card, "without palsy people", &without.pictures, &without.people);
    }
    card.push_str(LIMITS);
    card
}

const LIMITS: &str = "\
Intervals are Wilson's, 95 %; pictures of one person are not independent, so those of pictures are too narrow.
A picture counts as synkinesis from a score of one half on, a person by the mean logit of all pictures.

## What this does not show

- how it does on people, where it has learned from rendered faces: no figure above is from a photograph
- how it does on mild synkinesis, children, or faces with scars, bandages or tubes
- anything about a face that is turned by more than about ten degrees, or lit from one side only
";

fn not_people(made_from: &str) -> &'static str {
    if made_from == "rendered faces" { " alone, not from photographs of people" } else { "" }
}

fn pictures(data: &DataSet) -> usize {
    data.people.iter().map(|person| person.pictures.len()).sum()
}

fn counts(data: &DataSet) -> String {
    let of = |label: &Label| data.people.iter().filter(|person| person.label == *label).count();
    let known = Label::ALL.iter().filter(|label| of(label) > 0);
    known.map(|label| format!("{} {label}", of(label))).collect::<Vec<_>>().join(", ")
}

fn table(card: &mut String, title: &str, pictures: &Side, people: &Side) {
    let mut row = |cells: [String; 3]| {
        let _ = writeln!(card, "| {} | {} | {} |", cells[0], cells[1], cells[2]);
    };
    row([title.into(), format!("{} pictures", pictures.n), format!("{} people", people.n)]);
    row(["---".into(), "---".into(), "---".into()]);
    type Figure = (&'static str, fn(&Metrics) -> String);
    let figures: [Figure; 6] = [
        ("accuracy", |m| share(m.accuracy, m.wilson95.accuracy)),
        ("precision", |m| share(m.precision, m.wilson95.precision)),
        ("recall", |m| share(m.recall, m.wilson95.recall)),
        ("F1", |m| share(m.f1, None)),
        ("AUC", |m| share(m.auc, None)),
        ("tn fp / fn tp", |m| {
            let [[tn, fp], [false_negative, tp]] = m.confusion;
            format!("{tn} {fp} / {false_negative} {tp}")
        }),
    ];
    for (name, of) in figures {
        row([name.into(), of(&pictures.int8), of(&people.int8)]);
    }
    card.push('\n');
}

fn share(value: Option<f64>, interval: Option<[f64; 2]>) -> String {
    match (value, interval) {
        (Some(value), Some([low, high])) => {
            format!("{:.1} % ({:.1} to {:.1})", 100.0 * value, 100.0 * low, 100.0 * high)
        }
        (Some(value), None) => format!("{:.1} %", 100.0 * value),
        (None, _) => "nothing to count".into(),
    }
}
