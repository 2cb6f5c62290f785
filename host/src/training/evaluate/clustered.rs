//! Intervals that know who is on which picture.
//!
//! Pictures of one person are alike, so that an interval which takes them for independent is too narrow. Here whole
//! people are drawn with replacement, as many with synkinesis and without as there are (the cluster bootstrap; Davison
//! and Hinkley 1997, chapter 3.8; Field and Welsh 2007), and the 2.5 % and 97.5 % quantiles of the figures are taken.
//! Where all draws agree, as when every picture is called right, they know nothing of what was not seen: then it is
//! Wilson's interval with people in the place of pictures, as if all pictures of a person were one.
//! Draws of few people with hardly an error are too sure of themselves: no share's interval is narrower than Wilson's for
//! as many independent pictures. Those of F1, AUC and precision at 21 % keep that weakness.
//! Where every person has one case, shares have Wilson's interval, which is better than draws for few people.

use super::prevalence;
use crate::training::metrics::{Judged, Metrics, wilson95, wilson95_of};
use crate::training::random::Random;
use serde::Serialize;
use std::collections::BTreeMap;

/// Draws: the quantiles' own error is then about a hundredth of the interval.
pub const DRAWS: usize = 1000;
/// So that the same cases have the same intervals.
const SEED: u64 = 21;

/// 95 % intervals, `[low, high]`, and how they were made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clustered {
    /// In words.
    pub method: &'static str,
    /// Independent people.
    pub people: usize,
    /// Of the accuracy.
    pub accuracy: Option<[f64; 2]>,
    /// Of the precision.
    pub precision: Option<[f64; 2]>,
    /// Of the recall.
    pub recall: Option<[f64; 2]>,
    /// Of the specificity.
    pub specificity: Option<[f64; 2]>,
    /// Of F1.
    pub f1: Option<[f64; 2]>,
    /// Of the area under the curve.
    pub auc: Option<[f64; 2]>,
    /// Of the precision at 21 %.
    pub precision_at_21: Option<[f64; 2]>,
}

/// Who is drawn: cases by person, people by class.
pub struct Clusters {
    of_case: Vec<usize>,
    classes: [Vec<usize>; 2],
    count: usize,
}

impl Clusters {
    /// `people[k]` is the person of case `k`.
    pub fn of(cases: &[Judged], people: &[usize]) -> Clusters {
        let mut index = BTreeMap::new();
        let mut classes = [Vec::new(), Vec::new()];
        let of_case = cases.iter().zip(people).map(|(case, person)| {
            let next = index.len();
            *index.entry(*person).or_insert_with(|| {
                classes[usize::from(case.positive)].push(next);
                next
            })
        });
        let of_case = of_case.collect();
        Clusters { of_case, classes, count: index.len() }
    }

    /// Calls `with` for every draw, with how often each case is in it.
    pub fn draw(&self, mut with: impl FnMut(&[u32])) {
        let mut times = vec![0u32; self.count];
        let mut weights = vec![0u32; self.of_case.len()];
        for draw in 0..DRAWS {
            let mut random = Random::new(&[SEED, draw as u64]);
            times.fill(0);
            for class in &self.classes {
                class.iter().for_each(|_| times[class[random.below(class.len())]] += 1);
            }
            weights.iter_mut().zip(&self.of_case).for_each(|(weight, person)| *weight = times[*person]);
            with(&weights);
        }
    }

    /// People in all, and of each class.
    fn people(&self) -> [f64; 3] {
        [self.count, self.classes[0].len(), self.classes[1].len()].map(|count| count as f64)
    }

    /// People of whom a case is called synkinesis.
    fn called(&self, cases: &[Judged]) -> f64 {
        let mut called = vec![false; self.count];
        for (case, person) in cases.iter().zip(&self.of_case) {
            called[*person] |= case.logit >= 0.0;
        }
        called.iter().filter(|called| **called).count() as f64
    }
}

/// Indices of the cases, lowest logit first.
pub fn ascending(cases: &[Judged]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by(|a, b| cases[*a].logit.total_cmp(&cases[*b].logit));
    order
}

impl Clustered {
    /// Of cases whose figures are `metrics`.
    pub fn of(cases: &[Judged], people: &[usize], metrics: &Metrics) -> Clustered {
        let clusters = Clusters::of(cases, people);
        let [all, without, with] = clusters.people();
        let called = clusters.called(cases);
        let mut drawn = Drawn::of(&clusters, cases);
        let mut share = |which: usize, value: Option<f64>, people: f64| {
            let value = value.filter(|_| people > 0.0)?;
            Some(quantiles(&mut drawn.0[which]).unwrap_or_else(|| wilson95_of(value, people)))
        };
        let plain = &metrics.wilson95;
        let shares = [
            wider(share(ACCURACY, metrics.accuracy, all), plain.accuracy),
            wider(share(PRECISION, metrics.precision, called), plain.precision),
            wider(share(RECALL, metrics.recall, with), plain.recall),
            wider(share(SPECIFICITY, metrics.specificity, without), plain.specificity),
        ];
        let f1 = share(F1, metrics.f1, with);
        // A curve without any crossing is no surer than the smaller class is large.
        let auc = share(AUC, metrics.auc, with.min(without));
        let by_people = |class: Option<f64>, people: f64| class.map(|share| [share * people, people]);
        let logit_interval = by_people(metrics.recall, with)
            .zip(by_people(metrics.specificity, without))
            .and_then(|(hits, spared)| prevalence::interval95(hits, spared));
        let at_21 = quantiles(&mut drawn.0[AT_21]).or(logit_interval);
        if clusters.count == cases.len() {
            return Clustered::independent(metrics, clusters.count, [f1, auc, logit_interval]);
        }
        let [accuracy, precision, recall, specificity] = shares;
        let method = "people drawn with replacement, 1000 times";
        let people = clusters.count;
        Clustered {
            method,
            people,
            accuracy,
            precision,
            recall,
            specificity,
            f1,
            auc,
            precision_at_21: at_21,
        }
    }

    fn independent(
        metrics: &Metrics,
        people: usize,
        [f1, auc, precision_at_21]: [Option<[f64; 2]>; 3],
    ) -> Clustered {
        let wilson = &metrics.wilson95;
        Clustered {
            method: "Wilson; F1 and AUC by drawing people 1000 times; precision at 21 % by adjusted logit",
            people,
            accuracy: wilson.accuracy,
            precision: wilson.precision,
            recall: wilson.recall,
            specificity: wilson.specificity,
            f1,
            auc,
            precision_at_21,
        }
    }
}

/// What holds both intervals.
fn wider(drawn: Option<[f64; 2]>, plain: Option<[f64; 2]>) -> Option<[f64; 2]> {
    let ([low, high], [plain_low, plain_high]) = (drawn?, plain?);
    Some([low.min(plain_low), high.max(plain_high)])
}

const ACCURACY: usize = 0;
const PRECISION: usize = 1;
const RECALL: usize = 2;
const SPECIFICITY: usize = 3;
const F1: usize = 4;
const AUC: usize = 5;
const AT_21: usize = 6;

/// Every figure of every draw in which there was something to count.
struct Drawn([Vec<f64>; 7]);

impl Drawn {
    fn of(clusters: &Clusters, cases: &[Judged]) -> Drawn {
        let order = ascending(cases);
        let mut drawn = Drawn(Default::default());
        clusters.draw(|weights| {
            let mut counts = [[0.0; 2]; 2];
            for (case, weight) in cases.iter().zip(weights) {
                counts[usize::from(case.positive)][usize::from(case.logit >= 0.0)] += f64::from(*weight);
            }
            let [[tn, fp], [missed, tp]] = counts;
            let (recall, specificity) = (ratio(tp, tp + missed), ratio(tn, tn + fp));
            let figures = [
                ratio(tn + tp, tn + fp + missed + tp),
                ratio(tp, tp + fp),
                recall,
                specificity,
                ratio(2.0 * tp, 2.0 * tp + fp + missed),
                weighted_area(cases, &order, weights),
                recall.zip(specificity).and_then(|(r, s)| prevalence::precision(r, s)),
            ];
            for (values, figure) in drawn.0.iter_mut().zip(figures) {
                values.extend(figure);
            }
        });
        drawn
    }
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// Mann and Whitney's statistic with every case as often as it was drawn.
fn weighted_area(cases: &[Judged], order: &[usize], weights: &[u32]) -> Option<f64> {
    let (mut below, mut positives, mut pairs) = (0.0, 0.0, 0.0);
    for ties in order.chunk_by(|a, b| cases[*a].logit == cases[*b].logit) {
        let weight = |positive: bool| -> f64 {
            let class = ties.iter().filter(|case| cases[**case].positive == positive);
            class.map(|case| f64::from(weights[*case])).sum()
        };
        let (with, without) = (weight(true), weight(false));
        pairs += with * (below + without / 2.0);
        below += without;
        positives += with;
    }
    ratio(pairs, positives * below)
}

/// The middle 95 %; `None` where all agree.
pub fn quantiles(values: &mut [f64]) -> Option<[f64; 2]> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |share: f64| values[(share * last as f64).round() as usize];
    (values[last] - values[0] > 1e-12).then(|| [at(0.025), at(0.975)])
}

/// Wilson's interval with the share beside it.
pub fn share_of(hits: usize, total: usize) -> Option<(f64, [f64; 2])> {
    Some((hits as f64 / total as f64, wilson95((hits, total))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::metrics::area_under_curve;

    /// People with so many pictures each, all of them alike.
    fn alike(people: usize, pictures: usize) -> (Vec<Judged>, Vec<usize>) {
        let one = |index: usize| {
            let person = index / pictures;
            let right = !person.is_multiple_of(10);
            let positive = person.is_multiple_of(2);
            let logit = if right == positive { 1.0 + person as f64 } else { -1.0 - person as f64 };
            (Judged { positive, logit }, person)
        };
        (0..people * pictures).map(one).unzip()
    }

    #[test]
    fn pictures_that_are_alike_count_as_one() {
        let (cases, people) = alike(100, 9);
        let metrics = Metrics::clustered(&cases, &people);
        let intervals = metrics.interval95.unwrap();
        let width = |[low, high]: [f64; 2]| high - low;
        let (clustered, wilson) = (intervals.recall.unwrap(), metrics.wilson95.recall.unwrap());
        assert!(width(clustered) > 2.5 * width(wilson), "{clustered:?} {wilson:?}");
        // One in five of fifty people: as wide as Wilson's for fifty.
        let fifty = wilson95((40, 50)).unwrap();
        assert!((width(clustered) / width(fifty) - 1.0).abs() < 0.2, "{clustered:?} {fifty:?}");
        let [low, high] = intervals.auc.unwrap();
        assert!(low < metrics.auc.unwrap() && metrics.auc.unwrap() < high);
        assert_eq!(intervals.people, 100);
    }

    #[test]
    fn nothing_wrong_is_no_certainty() {
        let cases: Vec<_> =
            (0..40).map(|k| Judged { positive: k < 20, logit: if k < 20 { 2.0 } else { -2.0 } }).collect();
        let people: Vec<usize> = (0..40).map(|k| k / 4).collect();
        let intervals = Metrics::clustered(&cases, &people).interval95.unwrap();
        assert_eq!(intervals.recall, wilson95((5, 5)));
        assert_eq!(intervals.accuracy, wilson95((10, 10)));
        assert_eq!(intervals.auc, wilson95((5, 5)));
        let [low, high] = intervals.precision_at_21.unwrap();
        assert!(low < 0.6 && high == 1.0);
    }

    #[test]
    fn people_with_one_case_have_wilsons_interval() {
        let (cases, people) = alike(60, 1);
        let metrics = Metrics::clustered(&cases, &people);
        let intervals = metrics.interval95.unwrap();
        assert_eq!(intervals.accuracy, metrics.wilson95.accuracy);
        assert!(intervals.f1.is_some() && intervals.precision_at_21.is_some());
    }

    #[test]
    fn the_weighted_area_is_the_plain_one_at_weight_one() {
        let (mut cases, _) = alike(30, 2);
        cases.iter_mut().for_each(|case| case.logit = (case.logit / 7.0).round());
        let found = weighted_area(&cases, &ascending(&cases), &vec![1; cases.len()]);
        assert!((found.unwrap() - area_under_curve(&cases).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn no_case_and_one_class_have_no_interval() {
        assert_eq!(Metrics::clustered(&[], &[]).interval95.unwrap().accuracy, None);
        let one = [Judged { positive: false, logit: -1.0 }];
        let intervals = Metrics::clustered(&one, &[3]).interval95.unwrap();
        assert!(intervals.recall.is_none() && intervals.auc.is_none() && intervals.precision_at_21.is_none());
    }
}
