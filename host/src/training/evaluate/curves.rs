//! Points of the ROC and the precision-recall curve, with bands from drawing people again.

use super::clustered::{Clusters, ascending, quantiles};
use crate::training::metrics::Judged;

/// Points of a drawn curve at most: more cannot be told apart on paper.
const MOST_POINTS: usize = 200;
/// Places at which a band is measured.
const STEPS: usize = 50;

/// A curve and its band, in shares.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// From the highest threshold to the lowest.
    pub points: Vec<[f64; 2]>,
    /// `[x, low, high]`, the middle 95 % of the draws.
    pub band: Vec<[f64; 3]>,
}

/// Both curves of one list of cases.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curves {
    /// Recall over one less specificity.
    pub roc: Curve,
    /// Precision over recall.
    pub precision_recall: Curve,
}

impl Curves {
    /// `people[k]` is the person of case `k`; empty where there is only one class.
    pub fn of(cases: &[Judged], people: &[usize]) -> Curves {
        let mut order = ascending(cases);
        order.reverse();
        let counts = |weights: &[u32]| steps(cases, &order, weights);
        let all = counts(&vec![1; cases.len()]);
        let Some(&[with, without]) = all.last().filter(|last| last.iter().all(|count| *count > 0.0)) else {
            return Curves::default();
        };
        let mut bands = [const { Vec::new() }; 2].map(|_: Vec<f64>| vec![Vec::new(); STEPS + 1]);
        Clusters::of(cases, people).draw(|weights| {
            let drawn = counts(weights);
            for (band, heights) in bands.iter_mut().zip([roc_heights(&drawn), precision_heights(&drawn)]) {
                band.iter_mut().zip(heights).for_each(|(values, height)| values.push(height));
            }
        });
        let [roc_band, precision_band] = bands.map(band);
        let roc = std::iter::once([0.0, 0.0]).chain(all.iter().map(|[tp, fp]| [fp / without, tp / with]));
        let precision_recall = all.iter().map(|[tp, fp]| [tp / with, tp / (tp + fp)]);
        Curves {
            roc: Curve { points: thinned(roc.collect()), band: roc_band },
            precision_recall: Curve { points: thinned(precision_recall.collect()), band: precision_band },
        }
    }
}

/// True and false positives after each group of equal logits, highest first.
fn steps(cases: &[Judged], order: &[usize], weights: &[u32]) -> Vec<[f64; 2]> {
    let mut counts = [0.0; 2];
    let steps = order.chunk_by(|a, b| cases[*a].logit == cases[*b].logit).map(|ties| {
        for case in ties {
            counts[usize::from(!cases[*case].positive)] += f64::from(weights[*case]);
        }
        counts
    });
    steps.collect()
}

/// Recall at evenly spaced shares of false alarms.
fn roc_heights(steps: &[[f64; 2]]) -> Vec<f64> {
    let [with, without] = steps.last().copied().unwrap_or_default();
    let mut at = 0;
    let height = |step: usize| {
        let most = step as f64 / STEPS as f64 * without + 1e-9;
        while at < steps.len() && steps[at][1] <= most {
            at += 1;
        }
        at.checked_sub(1).map_or(0.0, |last| steps[last][0] / with)
    };
    (0..=STEPS).map(height).collect()
}

/// Precision where evenly spaced shares have been found.
fn precision_heights(steps: &[[f64; 2]]) -> Vec<f64> {
    let [with, _] = steps.last().copied().unwrap_or_default();
    let mut at = 0;
    let height = |step: usize| {
        let least = (step as f64 / STEPS as f64 * with - 1e-9).max(1e-9);
        while at + 1 < steps.len() && steps[at][0] < least {
            at += 1;
        }
        let [tp, fp] = steps[at];
        tp / (tp + fp)
    };
    (0..=STEPS).map(height).collect()
}

fn band(mut values: Vec<Vec<f64>>) -> Vec<[f64; 3]> {
    let at = values.iter_mut().enumerate().map(|(step, values)| {
        let first = values[0];
        let [low, high] = quantiles(values).unwrap_or([first; 2]);
        [step as f64 / STEPS as f64, low, high]
    });
    at.collect()
}

/// Points at which the line only goes on are left out, then every so many.
fn thinned(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let mut kept: Vec<[f64; 2]> = Vec::new();
    for point in points {
        let goes_on = |axis: usize| match kept[..] {
            [.., a, b] => a[axis] == b[axis] && b[axis] == point[axis],
            _ => false,
        };
        if goes_on(0) || goes_on(1) {
            kept.pop();
        }
        kept.push(point);
    }
    if kept.len() <= MOST_POINTS {
        return kept;
    }
    let last = kept.len() - 1;
    (0..MOST_POINTS).map(|index| kept[index * last / (MOST_POINTS - 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::metrics::area_under_curve;

    fn cases() -> Vec<Judged> {
        (0..400)
            .map(|k| Judged {
                positive: k % 2 == 0,
                logit: f64::from((k * 37) % 101) / 20.0 + if k % 2 == 0 { 1.0 } else { 0.0 },
            })
            .collect()
    }

    #[test]
    fn the_curve_encloses_the_area() {
        let cases = cases();
        let curves = Curves::of(&cases, &(0..400).collect::<Vec<_>>());
        let points = &curves.roc.points;
        let area: f64 = points.windows(2).map(|w| (w[1][0] - w[0][0]) * (w[0][1] + w[1][1]) / 2.0).sum();
        assert!((area - area_under_curve(&cases).unwrap()).abs() < 1e-3, "{area}");
        assert_eq!((points[0], points[points.len() - 1]), ([0.0, 0.0], [1.0, 1.0]));
        for [_, low, high] in &curves.roc.band {
            assert!(low <= high && (0.0..=1.0).contains(low) && *high <= 1.0);
        }
        // Everything is found at the end: precision is the share of positives.
        assert!((curves.precision_recall.points.last().unwrap()[1] - 0.5).abs() < 1e-9);
        assert!((curves.precision_recall.band[STEPS][1] - 0.5).abs() < 0.05);
    }

    #[test]
    fn long_curves_are_thinned_and_keep_their_ends() {
        let points: Vec<[f64; 2]> = (0..5000).map(|k| [f64::from(k), f64::from(k * k)]).collect();
        let thin = thinned(points.clone());
        assert_eq!(thin.len(), MOST_POINTS);
        assert_eq!((thin[0], thin[MOST_POINTS - 1]), (points[0], points[4999]));
        let corner = thinned(vec![[0.0, 0.0], [0.0, 0.5], [0.0, 1.0], [1.0, 1.0]]);
        assert_eq!(corner, [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
    }

    #[test]
    fn one_class_has_no_curve() {
        let one = [Judged { positive: true, logit: 0.0 }];
        assert_eq!(Curves::of(&one, &[0]), Curves::default());
    }
}
