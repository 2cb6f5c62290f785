//! Temperature and thresholds of the answer, from people whom training never saw.

use super::metrics::Judged;
use super::series_model;
use synkiosk_models::answer::{AnswerRule, Features, score_of_log_odds};

/// Between the two thresholds where both classes leave room for more: the answer rule needs a lower and an upper
/// one, and a score that falls exactly between has no better answer than "cannot tell".
const NARROW: f32 = 0.005;
/// Beyond the most extreme score, where there are too few people for a quantile.
const MARGIN: f32 = 0.02;
/// Parts into which people are cut for thresholds.
const FOLDS: usize = 5;
/// One step of a score: scores have four decimals.
const STEP: f32 = 0.0001;

/// What the series of one person gave, and the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesCase {
    /// Synkinesis in truth.
    pub positive: bool,
    /// Of exactly the poses that a session takes.
    pub features: Features,
}

/// The rule for these pictures and people.
///
/// The series' model is fitted on all people. Its thresholds are cross-conformal (Vovk, 2015): every person is scored by a
/// model that was fitted on the other four fifths, and the bounds are quantiles of those scores, by class. So everybody
/// serves twice and nobody is scored by a model that has seen them; the price is that the error rate holds about, and is
/// not proven as it is for a single split.
///
/// `error_rate` is the share of people without synkinesis who may be called likely, and of those with it who may be
/// called unlikely.
pub fn answer_rule(
    pictures: &[Judged],
    people: &[SeriesCase],
    error_rate: f64,
    min_poses: usize,
) -> AnswerRule {
    let model = series_model::fit(people);
    let (unlikely, likely) = thresholds(&out_of_fold(people), error_rate);
    AnswerRule {
        temperature: temperature(pictures),
        likely,
        unlikely,
        error_rate: error_rate as f32,
        min_poses,
        ..model
    }
}

/// Log odds of every person by a model of the people outside of the person's fold. Folds take turns within each class.
fn out_of_fold(people: &[SeriesCase]) -> Vec<Judged> {
    let mut taken = [0; 2];
    let folds: Vec<usize> = people
        .iter()
        .map(|case| {
            let turn = &mut taken[usize::from(case.positive)];
            *turn += 1;
            (*turn - 1) % FOLDS
        })
        .collect();
    let models: Vec<AnswerRule> = (0..FOLDS)
        .map(|fold| {
            let others = people.iter().zip(&folds).filter(|(_, of)| **of != fold);
            series_model::fit(&others.map(|(case, _)| *case).collect::<Vec<_>>())
        })
        .collect();
    let judged = people.iter().zip(&folds).map(|(case, fold)| Judged {
        positive: case.positive,
        logit: models[*fold].log_odds(&case.features),
    });
    judged.collect()
}

/// The temperature under which the pictures' labels are likeliest, with Platt's targets (1999), which keep few
/// well-separated pictures from claiming certainty.
fn temperature(pictures: &[Judged]) -> f32 {
    let positives = pictures.iter().filter(|case| case.positive).count() as f64;
    let negatives = pictures.len() as f64 - positives;
    let surprise = |temperature: f64| -> f64 {
        let of_case = |case: &Judged| {
            let target =
                if case.positive { (positives + 1.0) / (positives + 2.0) } else { 1.0 / (negatives + 2.0) };
            let logit = case.logit / temperature;
            logit.max(0.0) - logit * target + (-logit.abs()).exp().ln_1p()
        };
        pictures.iter().map(of_case).sum()
    };
    // 0.25 to 16 in steps of 2 %.
    let candidates = (0..=210).map(|step| 0.25 * 1.02f64.powi(step));
    let best = candidates.min_by(|a, b| surprise(*a).total_cmp(&surprise(*b)));
    best.map_or(1.0, |best| (best * 1e4).round() / 1e4) as f32
}

/// Conformal bounds (Vovk, Gammerman, Shafer 2005; one for each class), as scores `(unlikely, likely)`.
///
/// Where the classes lie so far apart that the bounds cross, every cut between them keeps both error rates: then
/// the cut is halfway between their logits, with the least of gaps around it.
fn thresholds(people: &[Judged], error_rate: f64) -> (f32, f32) {
    let sorted = |positive: bool| {
        let mut logits: Vec<f64> =
            people.iter().filter(|case| case.positive == positive).map(|case| case.logit).collect();
        logits.sort_by(f64::total_cmp);
        logits
    };
    let (without, with) = (sorted(false), sorted(true));
    let (upper_logit, upper) = bound(without.iter().map(|logit| -logit).rev(), error_rate);
    let (lower_logit, lower) = bound(with.iter().copied(), error_rate);
    let (upper_logit, upper) = (-upper_logit, 1.0 - upper);
    if lower < upper {
        return (lower.max(0.0), upper.min(1.0));
    }
    let middle = score_of_log_odds((upper_logit + lower_logit) / 2.0).clamp(NARROW, 1.0 - NARROW);
    (middle - NARROW, middle + NARROW)
}

/// The logit, and the score just below it, under which at most the error rate of these ascending logits lies.
fn bound(ascending: impl Iterator<Item = f64>, error_rate: f64) -> (f64, f32) {
    let logits: Vec<f64> = ascending.collect();
    let rank = ((logits.len() as f64 + 1.0) * error_rate + 1e-9).floor() as usize;
    match (logits.first(), rank.checked_sub(1).and_then(|index| logits.get(index))) {
        (_, Some(logit)) => (*logit, score_of_log_odds(*logit) - STEP),
        (Some(least), None) => (*least, score_of_log_odds(*least) - MARGIN),
        (None, None) => (0.0, 0.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::random::Random;
    use synkiosk_models::answer::Answer;

    fn people(without: impl Iterator<Item = f64>, with: impl Iterator<Item = f64>) -> Vec<Judged> {
        let judged = |positive| move |logit| Judged { positive, logit };
        without.map(judged(false)).chain(with.map(judged(true))).collect()
    }

    fn share((unlikely, likely): (f32, f32), people: &[Judged], positive: bool, answer: Answer) -> f64 {
        let rule = AnswerRule { likely, unlikely, ..series_model::fit(&[]) };
        let of_class: Vec<_> = people.iter().filter(|case| case.positive == positive).collect();
        let said = of_class.iter().filter(|case| rule.verdict(score_of_log_odds(case.logit)) == answer);
        said.count() as f64 / of_class.len() as f64
    }

    #[test]
    fn overlapping_classes_keep_the_error_rate_and_leave_a_gap() {
        let grid = |shift: f64| (0..199).map(move |k| (f64::from(k) - 99.0) / 40.0 + shift);
        let all = people(grid(-1.0), grid(1.0));
        let bounds = thresholds(&all, 0.05);
        for (positive, wrong) in [(false, Answer::Likely), (true, Answer::Unlikely)] {
            let wrong = share(bounds, &all, positive, wrong);
            assert!((0.03..=0.05).contains(&wrong), "{wrong} of {bounds:?}");
        }
        assert!(bounds.1 - bounds.0 > 0.2, "{bounds:?}");
    }

    #[test]
    fn classes_far_apart_are_cut_halfway() {
        let all = people((0..20).map(|k| -4.0 - f64::from(k)), (0..20).map(|k| 2.0 + f64::from(k)));
        let (unlikely, likely) = thresholds(&all, 0.05);
        let halfway = score_of_log_odds(-1.0);
        assert!((likely - halfway - NARROW).abs() < 1e-6 && (halfway - unlikely - NARROW).abs() < 1e-6);
        assert_eq!(share((unlikely, likely), &all, true, Answer::Likely), 1.0);
        assert_eq!(share((unlikely, likely), &all, false, Answer::Unlikely), 1.0);
    }

    #[test]
    fn too_few_people_take_the_extremes() {
        let all = people([-2.0, -1.0, 0.5].into_iter(), [0.0, 2.0, 3.0].into_iter());
        let (unlikely, likely) = thresholds(&all, 0.05);
        assert!((likely - score_of_log_odds(0.5) - MARGIN).abs() < 1e-6, "{likely}");
        assert!((score_of_log_odds(0.0) - MARGIN - unlikely).abs() < 1e-6, "{unlikely}");
    }

    #[test]
    fn temperature_softens_what_is_too_sure() {
        // Nine in ten are right, at a logit that claims more.
        let judged = |k: usize| Judged {
            positive: k.is_multiple_of(2),
            logit: if (k.is_multiple_of(2)) == (k % 10 > 1) { 8.0 } else { -8.0 },
        };
        let all: Vec<_> = (0..200).map(judged).collect();
        let temperature = temperature(&all);
        assert!(temperature > 4.0, "{temperature}");
    }

    /// People of one seed: logits overlap, the strongest index tells more.
    fn series(count: usize, seed: u64) -> Vec<SeriesCase> {
        let mut random = Random::new(seed);
        let case = |k: usize| {
            let positive = k.is_multiple_of(3);
            let mut about = |without: f32, with: f32, spread: f32| {
                (if positive { with } else { without }) + spread * random.normal()
            };
            let mean_logit = Some(about(-1.0, 1.0, 1.2));
            let strongest = about(0.1, 0.7, 0.2).clamp(0.0, 1.0);
            SeriesCase {
                positive,
                features: Features {
                    mean_logit,
                    strongest_index: Some(strongest),
                    mean_index: Some(strongest / 2.0),
                },
            }
        };
        (0..count).map(case).collect()
    }

    #[test]
    fn new_people_are_called_wrong_about_as_often_as_stated() {
        let rule = answer_rule(&[], &series(300, 1), 0.03, 1);
        rule.check().unwrap();
        let new = series(3000, 2);
        for (positive, wrong) in [(false, Answer::Likely), (true, Answer::Unlikely)] {
            let of_class = new.iter().filter(|case| case.positive == positive);
            let answers: Vec<_> =
                of_class.map(|case| rule.verdict(score_of_log_odds(rule.log_odds(&case.features)))).collect();
            let share =
                answers.iter().filter(|answer| **answer == wrong).count() as f64 / answers.len() as f64;
            assert!((0.005..0.06).contains(&share), "{share} {wrong:?} by {rule:?}");
        }
    }

    #[test]
    fn few_people_or_one_class_still_give_a_rule() {
        let all = series(12, 3);
        let of_class = |positive| all.iter().filter(move |case| case.positive == positive).copied();
        for some in [all.clone(), of_class(true).collect(), of_class(false).collect(), Vec::new()] {
            answer_rule(&[], &some, 0.03, 1).check().unwrap();
        }
    }
}
