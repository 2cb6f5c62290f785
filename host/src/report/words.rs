//! Figures in words, the same on the terminal, in the card and on the page.

use crate::training::evaluate::answers::Share;
use crate::training::evaluate::clustered::Clustered;
use crate::training::metrics::Metrics;

/// `86.1 % (83.4 to 88.4)`.
pub fn share(value: Option<f64>, interval: Option<[f64; 2]>) -> String {
    match (value, interval) {
        (Some(value), Some([low, high])) => {
            format!("{:.1} % ({:.1} to {:.1})", 100.0 * value, 100.0 * low, 100.0 * high)
        }
        (Some(value), None) => format!("{:.1} %", 100.0 * value),
        (None, _) => "nothing to count".to_owned(),
    }
}

/// The same of counted people.
pub fn per_cent(counted: &Share) -> String {
    match counted.share {
        Some(_) => share(counted.share, counted.wilson95),
        None => "-".to_owned(),
    }
}

/// One of the intervals that are to be quoted.
pub fn interval(metrics: &Metrics, of: fn(&Clustered) -> Option<[f64; 2]>) -> Option<[f64; 2]> {
    metrics.interval95.as_ref().and_then(of)
}

/// On every screen, report and page.
pub const RESEARCH_USE_ONLY: &str = "Research use only. No medical device, no diagnosis.";
/// The figures of a table, each as its share with the interval.
pub const FIGURES: [Figure; 7] = [
    ("accuracy", |m| share(m.accuracy, interval(m, |it| it.accuracy))),
    ("precision", |m| share(m.precision, interval(m, |it| it.precision))),
    ("precision at 21 %", |m| share(m.precision_at_21, interval(m, |it| it.precision_at_21))),
    ("recall", |m| share(m.recall, interval(m, |it| it.recall))),
    ("specificity", |m| share(m.specificity, interval(m, |it| it.specificity))),
    ("F1", |m| share(m.f1, interval(m, |it| it.f1))),
    ("AUC", |m| share(m.auc, interval(m, |it| it.auc))),
];

/// A figure's name, and how it reads.
pub type Figure = (&'static str, fn(&Metrics) -> String);
