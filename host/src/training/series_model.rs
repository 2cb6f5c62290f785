//! The logistic model of a series: ridge regression by Newton's method, the same on every run.

use super::calibrate_answer::SeriesCase;
use synkiosk_models::answer::{AnswerRule, Features, Term};

/// Features of the model.
const COUNT: usize = 3;
/// Penalty on each standardized weight's half square, in people: it keeps separated classes from infinite weights.
const RIDGE: f64 = 1.0;
/// Newton's steps; from 0 some ten are enough.
const STEPS: usize = 40;

/// A feature's mean and deviation over the people who have it.
#[derive(Clone, Copy)]
struct Standard {
    center: f64,
    deviation: f64,
}

/// Weights, intercept last.
type Weights = [f64; COUNT + 1];

/// Fits intercept and weights; temperature and thresholds are left at values that say nothing.
pub fn fit(people: &[SeriesCase]) -> AnswerRule {
    let standards: [Standard; COUNT] = std::array::from_fn(|feature| Standard::of(people, feature));
    let mut allowed = [true; COUNT];
    let mut weights = newton(people, &standards, &allowed);
    // Evidence never speaks against: what would is left out, and the others are fitted again.
    while let Some(negative) = (0..COUNT).find(|feature| weights[*feature] < 0.0) {
        allowed[negative] = false;
        weights = newton(people, &standards, &allowed);
    }
    let term = |feature: usize| {
        let Standard { center, deviation } = standards[feature];
        Term { weight: (weights[feature] / deviation).min(1e3) as f32, center: center as f32 }
    };
    AnswerRule {
        temperature: 1.0,
        likely: 1.0,
        unlikely: 0.0,
        error_rate: 0.0,
        min_poses: 1,
        intercept: weights[COUNT] as f32,
        mean_logit: term(0),
        strongest_index: term(1),
        mean_index: term(2),
    }
}

fn values(features: &Features) -> [Option<f64>; COUNT] {
    [features.mean_logit, features.strongest_index, features.mean_index].map(|value| value.map(f64::from))
}

impl Standard {
    fn of(people: &[SeriesCase], feature: usize) -> Standard {
        let known: Vec<f64> = people.iter().filter_map(|case| values(&case.features)[feature]).collect();
        let count = known.len().max(1) as f64;
        let center = known.iter().sum::<f64>() / count;
        let variance = known.iter().map(|value| (value - center) * (value - center)).sum::<f64>() / count;
        // A feature that nobody differs in gets weight 0 whatever it is divided by.
        Standard { center, deviation: if variance > 1e-12 { variance.sqrt() } else { 1.0 } }
    }
}

/// Weights under which the labels are likeliest, with Platt's targets (1999) and the penalty.
fn newton(people: &[SeriesCase], standards: &[Standard; COUNT], allowed: &[bool; COUNT]) -> Weights {
    let positives = people.iter().filter(|case| case.positive).count() as f64;
    let negatives = people.len() as f64 - positives;
    let mut weights = [0.0; COUNT + 1];
    for _ in 0..STEPS {
        // The penalty; a touch of it on the intercept, so that one class alone has an end.
        let mut slope: Weights =
            std::array::from_fn(|k| if k < COUNT { -RIDGE * weights[k] } else { -1e-6 * weights[k] });
        let mut curve = [[0.0; COUNT + 1]; COUNT + 1];
        for (k, row) in curve.iter_mut().enumerate() {
            row[k] = if k < COUNT { RIDGE } else { 1e-6 };
        }
        for case in people {
            let target =
                if case.positive { (positives + 1.0) / (positives + 2.0) } else { 1.0 / (negatives + 2.0) };
            let inputs = inputs(case, standards, allowed);
            let log_odds: f64 = inputs.iter().zip(&weights).map(|(input, weight)| input * weight).sum();
            let likely = 1.0 / (1.0 + (-log_odds).exp());
            for (k, row) in curve.iter_mut().enumerate() {
                slope[k] += (target - likely) * inputs[k];
                for (cell, input) in row.iter_mut().zip(&inputs) {
                    *cell += likely * (1.0 - likely) * inputs[k] * input;
                }
            }
        }
        let step = solve(curve, slope);
        for (weight, step) in weights.iter_mut().zip(step) {
            // Bounded, for the first steps of classes that are far apart.
            *weight += step.clamp(-4.0, 4.0);
        }
    }
    weights
}

/// Standardized features, 0 where there is none, and the intercept's 1.
fn inputs(case: &SeriesCase, standards: &[Standard; COUNT], allowed: &[bool; COUNT]) -> Weights {
    let values = values(&case.features);
    std::array::from_fn(|k| match (standards.get(k), values.get(k)) {
        (Some(standard), Some(Some(value))) if allowed[k] => (value - standard.center) / standard.deviation,
        (None, _) => 1.0,
        _ => 0.0,
    })
}

/// Solves a symmetric positive definite system by elimination.
fn solve(mut matrix: [[f64; COUNT + 1]; COUNT + 1], mut right: Weights) -> Weights {
    for pivot in 0..=COUNT {
        for row in pivot + 1..=COUNT {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let above = matrix[pivot];
            for (value, above) in matrix[row].iter_mut().zip(above).skip(pivot) {
                *value -= factor * above;
            }
            right[row] -= factor * right[pivot];
        }
    }
    for row in (0..=COUNT).rev() {
        let known: f64 = (row + 1..=COUNT).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(positive: bool, mean_logit: f32, strongest_index: Option<f32>) -> SeriesCase {
        SeriesCase {
            positive,
            features: Features { mean_logit: Some(mean_logit), strongest_index, mean_index: None },
        }
    }

    #[test]
    fn a_system_is_solved() {
        let matrix = [[4.0, 1.0, 0.0, 1.0], [1.0, 3.0, 1.0, 0.0], [0.0, 1.0, 2.0, 0.5], [1.0, 0.0, 0.5, 5.0]];
        let wanted = [1.0, -2.0, 3.0, 0.5];
        let right =
            matrix.map(|row: [f64; 4]| row.iter().zip(wanted).map(|(cell, value)| cell * value).sum());
        for (found, wanted) in solve(matrix, right).iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-12);
        }
    }

    #[test]
    fn separated_people_get_finite_weights_and_the_right_signs() {
        let people: Vec<_> = (0..40)
            .map(|k| {
                let positive = k % 2 == 0;
                case(positive, if positive { 5.0 } else { -5.0 }, Some(if positive { 0.8 } else { 0.1 }))
            })
            .collect();
        let rule = fit(&people);
        rule.check().expect("a rule");
        assert!(rule.mean_logit.weight > 0.1 && rule.strongest_index.weight > 0.1, "{rule:?}");
        assert!(rule.log_odds(&people[0].features) > 2.0 && rule.log_odds(&people[1].features) < -2.0);
        // Nobody had this one.
        assert_eq!(rule.mean_index.weight, 0.0);
    }

    #[test]
    fn a_feature_that_speaks_against_is_left_out() {
        let people: Vec<_> = (0..60)
            .map(|k| {
                let positive = k % 2 == 0;
                let logit = if positive { 1.0 } else { -1.0 } + (k % 7) as f32 / 2.0;
                case(positive, logit, Some(if positive { 0.1 } else { 0.4 } + (k % 5) as f32 / 10.0))
            })
            .collect();
        let rule = fit(&people);
        assert_eq!(rule.strongest_index.weight, 0.0);
        assert!(rule.mean_logit.weight > 0.0);
    }
}
