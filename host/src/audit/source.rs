//! Whether the network's features tell where a picture is from.
//!
//! A network that can name the clinic may have learned the clinic in the place of the face, where one clinic has more
//! synkinesis than another. The question is put within the labels: each feature is taken relative to its mean over the
//! people of the same label, so that synkinesis itself, when it is more frequent in one source, does not count.

use super::Check;
use crate::training::metrics::wilson95;
use crate::training::random::Random;

/// Balanced accuracy above chance that is let pass whatever the interval: what people of one source happen to share.
pub const MOST_ABOVE_CHANCE: f64 = 0.1;
/// People a source must have, or its share is a matter of luck.
const LEAST_PEOPLE: usize = 10;
/// Parts of the cross-validation, by person.
const FOLDS: usize = 5;

/// A person's mean features.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// Where the pictures are from.
    pub source: String,
    /// Number of the label.
    pub label: usize,
    /// One value for each feature.
    pub values: Vec<f32>,
}

/// The check of these people.
pub fn check(people: &[Features]) -> Check {
    let question = "is the source of a picture in its features? balanced accuracy of telling it, by person";
    let mut sources: Vec<&str> = people.iter().map(|one| one.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let limit = 1.0 / sources.len().max(1) as f64 + MOST_ABOVE_CHANCE;
    if sources.len() < 2 {
        return Check::not_applicable("source", question, 0.5 + MOST_ABOVE_CHANCE, "one source");
    }
    let of_source = |one: &Features| sources.iter().position(|source| *source == one.source).unwrap_or(0);
    let classes: Vec<usize> = people.iter().map(of_source).collect();
    let count = |class: usize| classes.iter().filter(|other| **other == class).count();
    if (0..sources.len()).any(|class| count(class) < LEAST_PEOPLE) {
        return Check::not_applicable("source", question, limit, "a source with fewer than ten people");
    }
    let rows = within_labels(people);
    let hits = cross_validated(&rows, &classes, sources.len());
    let (accuracy, interval) = balanced(&hits);
    let chance = 1.0 / sources.len() as f64;
    Check {
        passed: accuracy <= limit || (interval[0] <= chance && chance <= interval[1]),
        interval95: Some(interval),
        ..Check::of("source", question, accuracy, limit)
    }
}

/// Every feature relative to its mean over the label.
fn within_labels(people: &[Features]) -> Vec<Vec<f64>> {
    let features = people.first().map_or(0, |one| one.values.len());
    let mean = |label: usize, feature: usize| {
        let values = people.iter().filter(|one| one.label == label).map(|one| f64::from(one.values[feature]));
        mean(values)
    };
    let mut means = std::collections::BTreeMap::new();
    let rows = people.iter().map(|one| {
        let means: &Vec<f64> = means
            .entry(one.label)
            .or_insert_with(|| (0..features).map(|feature| mean(one.label, feature)).collect());
        one.values.iter().zip(means).map(|(value, mean)| f64::from(*value) - mean).collect()
    });
    rows.collect()
}

/// For each source, people told right and people in all.
fn cross_validated(rows: &[Vec<f64>], classes: &[usize], sources: usize) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    Random::new(&[5]).shuffle(&mut order);
    // Every fold has its share of each source.
    order.sort_by_key(|index| classes[*index]);
    let mut hits = vec![(0, 0); sources];
    for fold in 0..FOLDS {
        let (mut held, mut fitted) = (Vec::new(), Vec::new());
        for (place, index) in order.iter().enumerate() {
            if place % FOLDS == fold { held.push(*index) } else { fitted.push(*index) }
        }
        let rule = NearestMean::fit(rows, classes, &fitted, sources);
        for index in held {
            let (right, all) = &mut hits[classes[index]];
            *right += usize::from(rule.nearest(&rows[index]) == classes[index]);
            *all += 1;
        }
    }
    hits
}

/// Diagonal linear discriminant analysis (Dudoit, Fridlyand, Speed 2002), which few people cannot overfit.
struct NearestMean {
    means: Vec<Vec<f64>>,
    variances: Vec<f64>,
}

impl NearestMean {
    fn fit(rows: &[Vec<f64>], classes: &[usize], fitted: &[usize], sources: usize) -> NearestMean {
        let features = rows[0].len();
        let of = |class: usize| fitted.iter().filter(move |index| classes[**index] == class);
        let means: Vec<Vec<f64>> = (0..sources)
            .map(|class| (0..features).map(|k| mean(of(class).map(|index| rows[*index][k]))).collect())
            .collect();
        let apart = |index: &usize, k: usize| (rows[*index][k] - means[classes[*index]][k]).powi(2);
        let variances = (0..features).map(|k| mean(fitted.iter().map(|index| apart(index, k))).max(1e-12));
        NearestMean { variances: variances.collect(), means }
    }

    fn nearest(&self, row: &[f64]) -> usize {
        let distance = |mean: &Vec<f64>| -> f64 {
            row.iter()
                .zip(mean)
                .zip(&self.variances)
                .map(|((a, b), variance)| (a - b).powi(2) / variance)
                .sum()
        };
        let nearest = (0..self.means.len())
            .min_by(|a, b| distance(&self.means[*a]).total_cmp(&distance(&self.means[*b])));
        nearest.unwrap_or(0)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// The mean share told right, with Newcombe's square-and-add interval (1998) from those of the sources.
fn balanced(hits: &[(usize, usize)]) -> (f64, [f64; 2]) {
    let classes = hits.len() as f64;
    let shares = hits.iter().filter_map(|hits| Some((hits.0 as f64 / hits.1 as f64, wilson95(*hits)?)));
    let (mut sum, mut below, mut above) = (0.0, 0.0, 0.0);
    for (share, [low, high]) in shares {
        sum += share;
        below += (share - low).powi(2);
        above += (high - share).powi(2);
    }
    let accuracy = sum / classes;
    (accuracy, [(accuracy - below.sqrt() / classes).max(0.0), (accuracy + above.sqrt() / classes).min(1.0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two sources; feature 0 is the label's, feature 1 shifts by source.
    fn people(count: usize, shift: f32, confounded: bool) -> Vec<Features> {
        let mut random = Random::new(&[9]);
        let one = |index: usize| {
            let source = index % 2;
            let label = if confounded { usize::from(index % 10 < 8) ^ source } else { index / 2 % 2 };
            let mut noise = || random.within(1.0) + random.within(1.0);
            let values = vec![3.0 * label as f32 + noise(), shift * source as f32 + noise(), noise()];
            Features { source: ["a", "b"][source].to_owned(), label, values }
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn a_source_in_the_features_is_found() {
        let found = check(&people(100, 2.0, false));
        assert!(!found.passed && found.figure > Some(0.8), "{found:?}");
        let none = check(&people(100, 0.0, false));
        assert!(none.passed && none.figure < Some(0.65), "{none:?}");
    }

    #[test]
    fn synkinesis_in_one_source_alone_is_no_leak() {
        let confounded = check(&people(100, 0.0, true));
        assert!(confounded.passed, "{confounded:?}");
    }

    #[test]
    fn one_source_and_small_ones_are_not_judged() {
        let mut few = people(100, 2.0, false);
        few.retain(|one| one.source == "a");
        let one = check(&few);
        assert!(one.passed && one.figure.is_none() && one.note.contains("one source"));
        few.extend(people(10, 2.0, false).into_iter().filter(|one| one.source == "b"));
        assert!(check(&few).figure.is_none());
    }
}
