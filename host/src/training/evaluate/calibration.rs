//! Whether a score of 80 % is right in eight cases of ten.

use crate::training::metrics::{Judged, wilson95};
use serde::Serialize;

/// Bins of equal count.
const BINS: usize = 10;

/// How well scores keep what they say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error (Naeini, Cooper, Hauskrecht 2015) over ten bins of equal count.
    pub ece: f64,
    /// Brier's score (1950): mean squared distance from the truth.
    pub brier: f64,
    /// Lowest scores first.
    pub bins: Vec<Bin>,
}

/// Cases of similar score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// Cases.
    pub n: usize,
    /// Their mean score.
    pub score: f64,
    /// Share of them with synkinesis.
    pub share: f64,
    /// Wilson's interval of the share.
    pub wilson95: Option<[f64; 2]>,
}

impl Calibration {
    /// Of scores under this temperature; `None` without cases.
    pub fn of(cases: &[Judged], temperature: f64) -> Option<Calibration> {
        let score = |case: &Judged| 1.0 / (1.0 + (-case.logit / temperature).exp());
        let mut scored: Vec<(f64, bool)> = cases.iter().map(|case| (score(case), case.positive)).collect();
        scored.sort_by(|a, b| a.0.total_cmp(&b.0));
        let count = scored.len();
        let brier: f64 = scored.iter().map(|(score, is)| (score - f64::from(u8::from(*is))).powi(2)).sum();
        let bins = BINS.min(count);
        let bins: Vec<Bin> =
            (0..bins).map(|bin| Bin::of(&scored[bin * count / bins..(bin + 1) * count / bins])).collect();
        let off: f64 = bins.iter().map(|bin| bin.n as f64 * (bin.score - bin.share).abs()).sum();
        (count > 0).then(|| Calibration { ece: off / count as f64, brier: brier / count as f64, bins })
    }
}

impl Bin {
    fn of(scored: &[(f64, bool)]) -> Bin {
        let n = scored.len();
        let positives = scored.iter().filter(|(_, positive)| *positive).count();
        Bin {
            n,
            score: scored.iter().map(|(score, _)| score).sum::<f64>() / n as f64,
            share: positives as f64 / n as f64,
            wilson95: wilson95((positives, n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten groups of a hundred, of which a share is positive.
    fn cases(share: impl Fn(f64) -> f64) -> Vec<Judged> {
        let one = |k: usize| {
            let score = (k / 100) as f64 / 10.0 + 0.05;
            let positive = ((k % 100) as f64 + 0.5) / 100.0 < share(score);
            Judged { positive, logit: (score / (1.0 - score)).ln() }
        };
        (0..1000).map(one).collect()
    }

    #[test]
    fn honest_scores_have_no_error() {
        let honest = Calibration::of(&cases(|score| score), 1.0).unwrap();
        assert!(honest.ece < 1e-9, "{honest:?}");
        assert!(honest.bins.iter().all(|bin| bin.n == 100));
        // The mean of p (1 - p) over 0.05, 0.15 and so on.
        assert!((honest.brier - 0.1675).abs() < 1e-9, "{}", honest.brier);
        let shifted = Calibration::of(&cases(|score| (score - 0.2).max(0.0)), 1.0).unwrap();
        assert!((0.15..0.21).contains(&shifted.ece), "{}", shifted.ece);
    }

    #[test]
    fn few_cases_have_few_bins() {
        assert_eq!(Calibration::of(&[], 1.0), None);
        let few = Calibration::of(&cases(|_| 0.5)[..3], 2.0).unwrap();
        assert_eq!(few.bins.iter().map(|bin| bin.n).collect::<Vec<_>>(), [1, 1, 1]);
    }
}
