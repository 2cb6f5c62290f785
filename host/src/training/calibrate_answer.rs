//! Temperature and thresholds of the answer, from people whom training never saw.

use super::metrics::Judged;
use synkiosk_models::answer::AnswerRule;

/// Between the two thresholds where both classes leave room for more: the answer rule needs a lower and an upper
/// one, and a score that falls exactly between has no better answer than "cannot tell".
const NARROW: f32 = 0.005;
/// Beyond the most extreme score, where there are too few people for a quantile.
const MARGIN: f32 = 0.02;
/// One step of a score: scores have four decimals.
const STEP: f32 = 0.0001;

/// The rule for these pictures and people; a person's logit is the mean over the pictures.
///
/// `error_rate` is the share of people without synkinesis who may be called likely, and of those with it who may be
/// called unlikely.
pub fn answer_rule(pictures: &[Judged], people: &[Judged], error_rate: f64, min_poses: usize) -> AnswerRule {
    let rule = AnswerRule { temperature: temperature(pictures), likely: 1.0, unlikely: 0.0, min_poses };
    let (unlikely, likely) = thresholds(&rule, people, error_rate);
    AnswerRule { likely, unlikely, ..rule }
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

/// Split conformal bounds (Vovk, Gammerman, Shafer 2005; one for each class), as scores `(unlikely, likely)`.
///
/// Where the classes lie so far apart that the bounds cross, every cut between them keeps both error rates: then
/// the cut is halfway between their logits, with the least of gaps around it.
fn thresholds(rule: &AnswerRule, people: &[Judged], error_rate: f64) -> (f32, f32) {
    let sorted = |positive: bool| {
        let mut logits: Vec<f64> =
            people.iter().filter(|case| case.positive == positive).map(|case| case.logit).collect();
        logits.sort_by(f64::total_cmp);
        logits
    };
    let (without, with) = (sorted(false), sorted(true));
    let (upper_logit, upper) = bound(rule, without.iter().map(|logit| -logit).rev(), error_rate);
    let (lower_logit, lower) = bound(rule, with.iter().copied(), error_rate);
    let (upper_logit, upper) = (-upper_logit, 1.0 - upper);
    if lower < upper {
        return (lower.max(0.0), upper.min(1.0));
    }
    let middle = rule.score(((upper_logit + lower_logit) / 2.0) as f32).clamp(NARROW, 1.0 - NARROW);
    (middle - NARROW, middle + NARROW)
}

/// The logit, and the score just below it, under which at most the error rate of these ascending logits lies.
fn bound(rule: &AnswerRule, ascending: impl Iterator<Item = f64>, error_rate: f64) -> (f64, f32) {
    let logits: Vec<f64> = ascending.collect();
    let rank = ((logits.len() as f64 + 1.0) * error_rate + 1e-9).floor() as usize;
    match (logits.first(), rank.checked_sub(1).and_then(|index| logits.get(index))) {
        (_, Some(logit)) => (*logit, rule.score(*logit as f32) - STEP),
        (Some(least), None) => (*least, rule.score(*least as f32) - MARGIN),
        (None, None) => (0.0, 0.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::answer::Answer;

    fn people(without: impl Iterator<Item = f64>, with: impl Iterator<Item = f64>) -> Vec<Judged> {
        let judged = |positive| move |logit| Judged { positive, logit };
        without.map(judged(false)).chain(with.map(judged(true))).collect()
    }

    fn share(rule: &AnswerRule, people: &[Judged], positive: bool, answer: Answer) -> f64 {
        let of_class: Vec<_> = people.iter().filter(|case| case.positive == positive).collect();
        let said = of_class.iter().filter(|case| rule.verdict(rule.score(case.logit as f32)) == answer);
        said.count() as f64 / of_class.len() as f64
    }

    #[test]
    fn overlapping_classes_keep_the_error_rate_and_leave_a_gap() {
        let grid = |shift: f64| (0..199).map(move |k| (f64::from(k) - 99.0) / 40.0 + shift);
        let all = people(grid(-1.0), grid(1.0));
        let rule = answer_rule(&all, &all, 0.05, 1);
        rule.check().unwrap();
        let wrong = share(&rule, &all, false, Answer::Likely);
        assert!((0.03..=0.05).contains(&wrong), "{wrong} of {rule:?}");
        let wrong = share(&rule, &all, true, Answer::Unlikely);
        assert!((0.03..=0.05).contains(&wrong), "{wrong} of {rule:?}");
        assert!(rule.likely - rule.unlikely > 0.2, "{rule:?}");
    }

    #[test]
    fn classes_far_apart_are_cut_halfway() {
        let all = people((0..20).map(|k| -4.0 - f64::from(k)), (0..20).map(|k| 2.0 + f64::from(k)));
        let rule = answer_rule(&all, &all, 0.05, 1);
        rule.check().unwrap();
        let halfway = rule.score(-1.0);
        assert!(
            (rule.likely - halfway - NARROW).abs() < 1e-6 && (halfway - rule.unlikely - NARROW).abs() < 1e-6
        );
        assert_eq!(share(&rule, &all, true, Answer::Likely), 1.0);
        assert_eq!(share(&rule, &all, false, Answer::Unlikely), 1.0);
    }

    #[test]
    fn too_few_people_take_the_extremes() {
        let all = people([-2.0, -1.0, 0.5].into_iter(), [0.0, 2.0, 3.0].into_iter());
        let rule = answer_rule(&all, &all, 0.05, 1);
        rule.check().unwrap();
        assert!((rule.likely - rule.score(0.5) - MARGIN).abs() < 1e-6, "{rule:?}");
        assert!((rule.score(0.0) - MARGIN - rule.unlikely).abs() < 1e-6, "{rule:?}");
        for none in [&all[..3], &all[3..], &[]] {
            answer_rule(none, none, 0.05, 1).check().unwrap();
        }
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
}
