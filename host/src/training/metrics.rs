//! What is said of a list of judged cases: counts, shares with intervals, and the area under the curve.

use super::evaluate::{clustered::Clustered, prevalence};
use serde::Serialize;

/// One case: what it is, and what the network made of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// Synkinesis in truth.
    pub positive: bool,
    /// The logit; called synkinesis from 0 on.
    pub logit: f64,
}

/// All shares are from 0 to 1, and null where nothing was there to count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metrics {
    /// Share called right.
    pub accuracy: Option<f64>,
    /// Share of those called synkinesis that are.
    pub precision: Option<f64>,
    /// Share of synkinesis that was called so (sensitivity).
    pub recall: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Share of those without synkinesis that was called so.
    pub specificity: Option<f64>,
    /// Precision where 21 % of the people have synkinesis, by Bayes' rule from recall and specificity.
    pub precision_at_21: Option<f64>,
    /// Chance that a positive case scores above a negative one; ties count half.
    pub auc: Option<f64>,
    /// `[[true negative, false positive], [false negative, true positive]]`.
    pub confusion: [[usize; 2]; 2],
    /// As if the cases were independent; for pictures that is too narrow.
    pub wilson95: Intervals,
    /// The intervals to quote, where it is known who is on which picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval95: Option<Clustered>,
}

/// Wilson's 95 % score intervals, `[low, high]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Intervals {
    /// Of the accuracy.
    pub accuracy: Option<[f64; 2]>,
    /// Of the precision.
    pub precision: Option<[f64; 2]>,
    /// Of the recall.
    pub recall: Option<[f64; 2]>,
    /// Of the specificity.
    pub specificity: Option<[f64; 2]>,
}

impl Metrics {
    /// Counts the cases.
    pub fn of(cases: &[Judged]) -> Metrics {
        let mut confusion = [[0usize; 2]; 2];
        for case in cases {
            confusion[usize::from(case.positive)][usize::from(case.logit >= 0.0)] += 1;
        }
        let [[true_negative, false_positive], [false_negative, true_positive]] = confusion;
        let right = (true_negative + true_positive, cases.len());
        let called = (true_positive, true_positive + false_positive);
        let found = (true_positive, true_positive + false_negative);
        let spared = (true_negative, true_negative + false_positive);
        Metrics {
            accuracy: share(right),
            precision: share(called),
            recall: share(found),
            f1: share((2 * true_positive, 2 * true_positive + false_positive + false_negative)),
            specificity: share(spared),
            precision_at_21: share(found).zip(share(spared)).and_then(|(r, s)| prevalence::precision(r, s)),
            auc: area_under_curve(cases),
            confusion,
            wilson95: Intervals {
                accuracy: wilson95(right),
                precision: wilson95(called),
                recall: wilson95(found),
                specificity: wilson95(spared),
            },
            interval95: None,
        }
    }

    /// The same with intervals that know who is on which picture; `people[k]` is the person of case `k`.
    pub fn clustered(cases: &[Judged], people: &[usize]) -> Metrics {
        let metrics = Metrics::of(cases);
        let interval95 = Some(Clustered::of(cases, people, &metrics));
        Metrics { interval95, ..metrics }
    }
}

/// The standard normal's 97.5 % quantile.
pub const Z: f64 = 1.959_963_984_540_054;

fn share((hits, total): (usize, usize)) -> Option<f64> {
    (total > 0).then(|| hits as f64 / total as f64)
}

/// Wilson's score interval (1927) for `hits` of `total`, at 95 %.
pub fn wilson95(counts: (usize, usize)) -> Option<[f64; 2]> {
    Some(wilson95_of(share(counts)?, counts.1 as f64))
}

/// The same for a share of a number of independent cases.
pub fn wilson95_of(share: f64, count: f64) -> [f64; 2] {
    let spread = 1.0 + Z * Z / count;
    let center = (share + Z * Z / (2.0 * count)) / spread;
    let half = Z * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt() / spread;
    // At the ends the bound is exact, and rounding would leave a speck.
    let (low, high) = ((center - half).max(0.0), (center + half).min(1.0));
    [if share > 0.0 { low } else { 0.0 }, if share < 1.0 { high } else { 1.0 }]
}

/// Mann and Whitney's statistic by ranks; equal logits share their mean rank.
pub fn area_under_curve(cases: &[Judged]) -> Option<f64> {
    let positives = cases.iter().filter(|case| case.positive).count();
    let pairs = positives * (cases.len() - positives);
    if pairs == 0 {
        return None;
    }
    let mut sorted = cases.to_vec();
    sorted.sort_by(|a, b| a.logit.total_cmp(&b.logit));
    let mut rank_sum = 0.0;
    let mut start = 0;
    for ties in sorted.chunk_by(|a, b| a.logit == b.logit) {
        let mean_rank = start as f64 + (ties.len() as f64 + 1.0) / 2.0;
        rank_sum += mean_rank * ties.iter().filter(|case| case.positive).count() as f64;
        start += ties.len();
    }
    let least = positives as f64 * (positives as f64 + 1.0) / 2.0;
    Some((rank_sum - least) / pairs as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(positive: &[f64], negative: &[f64]) -> Vec<Judged> {
        let judged = |positive| move |logit: &f64| Judged { positive, logit: *logit };
        positive.iter().map(judged(true)).chain(negative.iter().map(judged(false))).collect()
    }

    fn close(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 5e-4, "{found} for {expected}");
    }

    #[test]
    fn the_papers_counts_give_the_papers_figures() {
        let metrics = Metrics::of(&cases(&[[1.0; 31].as_slice(), &[-1.0]].concat(), &[-1.0; 39]));
        assert_eq!(metrics.confusion, [[39, 0], [1, 31]]);
        close(metrics.accuracy, 0.9859);
        close(metrics.precision, 1.0);
        close(metrics.recall, 0.96875);
        close(metrics.f1, 0.9841);
    }

    #[test]
    fn wilson_agrees_with_hand_computed_bounds() {
        for (counts, low, high) in [
            ((31, 32), 0.8426, 0.9945),
            ((31, 31), 0.8897, 1.0),
            ((0, 10), 0.0, 0.2775),
            ((5, 10), 0.2366, 0.7634),
        ] {
            let bounds = wilson95(counts).unwrap();
            close(Some(bounds[0]), low);
            close(Some(bounds[1]), high);
        }
        assert_eq!(wilson95((0, 0)), None);
    }

    #[test]
    fn area_counts_ties_half() {
        close(area_under_curve(&cases(&[2.0, 3.0], &[0.0, 1.0])), 1.0);
        // Pairs: 1 > 0, 1 = 1, 0 = 0, 0 < 1, so 1 + 0.5 + 0.5 + 0 of 4.
        close(area_under_curve(&cases(&[1.0, 0.0], &[0.0, 1.0])), 0.5);
        // Pairs: 2 > 1, 2 = 2, 1 = 1, 1 < 2, and twice 3 above both.
        close(area_under_curve(&cases(&[2.0, 1.0, 3.0], &[1.0, 2.0])), 4.0 / 6.0);
        assert_eq!(area_under_curve(&cases(&[1.0], &[])), None);
    }

    #[test]
    fn shares_of_nothing_are_null() {
        let metrics = Metrics::of(&cases(&[], &[-1.0, -2.0]));
        assert_eq!((metrics.precision, metrics.recall, metrics.f1), (None, None, None));
        assert_eq!(metrics.confusion, [[2, 0], [0, 0]]);
        assert_eq!(Metrics::of(&[]).accuracy, None);
    }
}
