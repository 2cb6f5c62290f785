//! Whether scores are still spread as they were: the population stability index.

use serde::Serialize;

/// Scores in tenths: 0 to 9 %, 10 to 19 %, ..., 90 to 100 %.
pub type Bins = [u64; 10];

/// A spread of scores held against another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drift {
    /// Scores that are compared.
    pub n: u64,
    /// Scores that they are compared with.
    pub baseline_n: u64,
    /// Sum over the tenths of (p - q) ln(p / q); half a score is added to each, so that an empty one counts.
    pub psi: f64,
    /// What it comes to on average if nothing changed: 9 (1 / n + 1 / baseline n).
    pub by_chance: f64,
    /// What it means.
    pub verdict: Verdict,
}

/// The usual marks, 0.1 and 0.25, and beyond what few scores do by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As before.
    Stable,
    /// From 0.1 on.
    Watch,
    /// From 0.25 on.
    Drifted,
    /// Too few scores: chance alone comes to 0.1.
    TooFew,
}

impl Verdict {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Stable => "stable",
            Verdict::Watch => "watch",
            Verdict::Drifted => "drifted",
            Verdict::TooFew => "too few",
        }
    }
}

/// Compares; `None` when one side has no scores.
pub fn compare(baseline: &Bins, now: &Bins) -> Option<Drift> {
    let (baseline_n, n) = (baseline.iter().sum::<u64>(), now.iter().sum::<u64>());
    if baseline_n == 0 || n == 0 {
        return None;
    }
    let share = |count: u64, of: u64| (count as f64 + 0.5) / (of as f64 + 5.0);
    let pairs = baseline.iter().zip(now).map(|(q, p)| (share(*p, n), share(*q, baseline_n)));
    let psi: f64 = pairs.map(|(p, q)| (p - q) * (p / q).ln()).sum();
    let by_chance = 9.0 * (1.0 / n as f64 + 1.0 / baseline_n as f64);
    let verdict = match psi {
        _ if by_chance >= 0.1 => Verdict::TooFew,
        // Three times the average is what chance reaches once in a thousand times (chi-square, 9 degrees of freedom).
        psi if psi < 0.1 || psi < 3.0 * by_chance => Verdict::Stable,
        psi if psi < 0.25 => Verdict::Watch,
        _ => Verdict::Drifted,
    };
    Some(Drift { n, baseline_n, psi, by_chance, verdict })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_that_of_its_formula() {
        let even = [1000; 10];
        assert_eq!(compare(&even, &even).unwrap().psi, 0.0);
        let mut moved = even;
        (moved[0], moved[9]) = (500, 1500);
        // (0.05 - 0.1) ln(0.5) + (0.15 - 0.1) ln(1.5), but for the halves.
        let drift = compare(&even, &moved).unwrap();
        assert!((drift.psi - 0.054_93).abs() < 1e-4, "{}", drift.psi);
        assert_eq!(drift.verdict, Verdict::Stable);
        (moved[0], moved[9]) = (100, 1900);
        assert_eq!(compare(&even, &moved).unwrap().verdict, Verdict::Drifted);
    }

    #[test]
    fn few_scores_tell_nothing() {
        let mut one = [0; 10];
        one[3] = 20;
        assert_eq!(compare(&[1000; 10], &one).unwrap().verdict, Verdict::TooFew);
        assert_eq!(compare(&[0; 10], &one), None);
        assert_eq!(compare(&one, &[0; 10]), None);
    }
}
