//! From the network's logits and the indices of movement to what the screen says.
//!
//! A series is answered by a logistic model of at most three features, each of which a partial series may lack:
//!
//! ```text
//! z = intercept + mean_logit.weight * (mean of the poses' logits - mean_logit.center)
//!               + strongest_index.weight * (largest index - strongest_index.center)
//!               + mean_index.weight * (mean of the known indices - mean_index.center)
//! score = 1 / (1 + exp(-z)), to four decimals
//! ```
//!
//! A center is the feature's mean over the people whom the model was fitted on: a feature that is missing takes that value,
//! and so says nothing either way. A single picture has a score of its own, `1 / (1 + exp(-logit / temperature))`.
//!
//! The thresholds are conformal, one for each class (Vovk, Gammerman, Shafer 2005): of new people without synkinesis
//! about `error_rate` are called likely, and as many of those with it unlikely, if they are like those who were fitted
//! on and their series has the same poses. A score between the thresholds is answered with `cannot-tell`.

use crate::{
    evidence::{Indices, indices},
    landmarks::Measured,
    pose::Pose,
};
use serde::{Deserialize, Serialize};

/// What a series, or a single picture, says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Synkinesis is likely.
    Likely,
    /// Synkinesis is unlikely.
    Unlikely,
    /// The evidence stands between both.
    CannotTell,
    /// Too few usable pictures.
    Retake,
}

impl Answer {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Answer::Likely => "likely",
            Answer::Unlikely => "unlikely",
            Answer::CannotTell => "cannot-tell",
            Answer::Retake => "retake",
        }
    }
}

/// One feature of the series' model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// What a unit of the feature adds to the log odds; evidence never speaks against, so not below 0.
    pub weight: f32,
    /// Where the feature adds nothing.
    pub center: f32,
}

/// How logits and indices become an answer; calibrated on the validation people, carried by the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerRule {
    /// A single picture's logit is divided by it before it becomes a score; positive.
    pub temperature: f32,
    /// Scores from here on say `likely`.
    pub likely: f32,
    /// Scores up to here say `unlikely`.
    pub unlikely: f32,
    /// Share of each class that the thresholds let be called the other.
    pub error_rate: f32,
    /// A series with fewer usable poses says `retake`.
    pub min_poses: usize,
    /// Log odds where every feature is at its center.
    pub intercept: f32,
    /// Of the mean logit over the poses.
    pub mean_logit: Term,
    /// Of the largest index.
    pub strongest_index: Term,
    /// Of the mean over the indices that there are.
    pub mean_index: Term,
}

/// The rule of a bundle makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum AnswerRuleError {
    /// Not finite and positive.
    #[error("temperature {0} is not a positive number")]
    Temperature(f32),
    /// Not `0 <= unlikely < likely <= 1`.
    #[error("thresholds unlikely {unlikely} and likely {likely} are not in order within 0 and 1")]
    Thresholds {
        /// The lower one.
        unlikely: f32,
        /// The upper one.
        likely: f32,
    },
    /// Every second person, or more, may be called the other class.
    #[error("error_rate {0} is not from 0 to 0.5")]
    ErrorRate(f32),
    /// No pose, or more than there are.
    #[error("min_poses {0} is not within 1 and {most}", most = Pose::ALL.len())]
    MinPoses(usize),
    /// A weight below 0, or a number that is none.
    #[error(
        "{term} has weight {weight} and center {center}, which are not numbers of 0 to 1000 and -1000 to 1000"
    )]
    Term {
        /// Which.
        term: &'static str,
        /// Its weight.
        weight: f32,
        /// Its center.
        center: f32,
    },
}

/// The answer of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SeriesAnswer {
    /// One of four.
    pub answer: Answer,
    /// Calibrated score, 0 to 1; 0.5 where nothing was usable.
    pub score: f32,
}

/// What a series gives to the model; `None` where it has none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Features {
    /// Mean logit over the poses.
    pub mean_logit: Option<f32>,
    /// Largest index.
    pub strongest_index: Option<f32>,
    /// Mean over the indices that there are.
    pub mean_index: Option<f32>,
}

impl Features {
    /// Of a series.
    pub fn of(logits: &[(Pose, f32)], indices: &Indices) -> Features {
        let sum: f64 = logits.iter().map(|(_, logit)| f64::from(*logit)).sum();
        Features {
            mean_logit: (!logits.is_empty()).then(|| (sum / logits.len() as f64) as f32),
            strongest_index: indices.strongest(),
            mean_index: indices.mean(),
        }
    }
}

impl Term {
    fn of(&self, value: Option<f32>) -> f64 {
        value.map_or(0.0, |value| f64::from(self.weight) * (f64::from(value) - f64::from(self.center)))
    }
}

/// The score of log odds, 0 to 1, to four decimals.
pub fn score_of_log_odds(log_odds: f64) -> f32 {
    ((1e4 / (1.0 + (-log_odds).exp())).round() / 1e4) as f32
}

impl AnswerRule {
    /// Every value within its range.
    pub fn check(&self) -> Result<(), AnswerRuleError> {
        self.temperature_is_positive()?;
        self.thresholds_are_in_order()?;
        self.error_rate_is_small()?;
        self.poses_can_be_reached()?;
        self.terms_are_plain()
    }

    fn temperature_is_positive(&self) -> Result<(), AnswerRuleError> {
        let holds = self.temperature.is_finite() && self.temperature > 0.0;
        if holds { Ok(()) } else { Err(AnswerRuleError::Temperature(self.temperature)) }
    }

    fn thresholds_are_in_order(&self) -> Result<(), AnswerRuleError> {
        let holds = 0.0 <= self.unlikely && self.unlikely < self.likely && self.likely <= 1.0;
        let (unlikely, likely) = (self.unlikely, self.likely);
        if holds { Ok(()) } else { Err(AnswerRuleError::Thresholds { unlikely, likely }) }
    }

    fn error_rate_is_small(&self) -> Result<(), AnswerRuleError> {
        let holds = (0.0..0.5).contains(&self.error_rate);
        if holds { Ok(()) } else { Err(AnswerRuleError::ErrorRate(self.error_rate)) }
    }

    fn poses_can_be_reached(&self) -> Result<(), AnswerRuleError> {
        let holds = (1..=Pose::ALL.len()).contains(&self.min_poses);
        if holds { Ok(()) } else { Err(AnswerRuleError::MinPoses(self.min_poses)) }
    }

    fn terms_are_plain(&self) -> Result<(), AnswerRuleError> {
        let intercept = Term { weight: 0.0, center: self.intercept };
        for (term, Term { weight, center }) in [
            ("intercept", intercept),
            ("mean_logit", self.mean_logit),
            ("strongest_index", self.strongest_index),
            ("mean_index", self.mean_index),
        ] {
            if !((0.0..=1e3).contains(&weight) && (-1e3..=1e3).contains(&center)) {
                return Err(AnswerRuleError::Term { term, weight, center });
            }
        }
        Ok(())
    }

    /// The score of a single picture's logit, 0 to 1, to four decimals.
    pub fn score(&self, logit: f32) -> f32 {
        score_of_log_odds(f64::from(logit) / f64::from(self.temperature))
    }

    /// What a score says.
    pub fn verdict(&self, score: f32) -> Answer {
        if score >= self.likely {
            Answer::Likely
        } else if score <= self.unlikely {
            Answer::Unlikely
        } else {
            Answer::CannotTell
        }
    }

    /// Log odds of synkinesis.
    pub fn log_odds(&self, features: &Features) -> f64 {
        f64::from(self.intercept)
            + self.mean_logit.of(features.mean_logit)
            + self.strongest_index.of(features.strongest_index)
            + self.mean_index.of(features.mean_index)
    }

    /// The answer of all poses together.
    pub fn series(&self, logits: &[(Pose, f32)], indices: &Indices) -> SeriesAnswer {
        if logits.is_empty() {
            return SeriesAnswer { answer: Answer::Retake, score: 0.5 };
        }
        let score = score_of_log_odds(self.log_odds(&Features::of(logits, indices)));
        let answer = if logits.len() < self.min_poses { Answer::Retake } else { self.verdict(score) };
        SeriesAnswer { answer, score }
    }

    /// The answer of somebody's session. Synkinesis is an unwanted movement: of a face that was seen at rest alone nothing
    /// can be said, whatever `min_poses` lets pass.
    pub fn session(&self, logits: &[(Pose, f32)], indices: &Indices) -> SeriesAnswer {
        let said = self.series(logits, indices);
        let has_moved = logits.iter().any(|(pose, _)| *pose != Pose::Rest);
        if has_moved { said } else { SeriesAnswer { answer: Answer::Retake, ..said } }
    }

    /// The least and the greatest score of a series when any one of its poses but the one at rest, against which the
    /// others are held, is left out, and when none is: how far the score hangs on a single picture (the jackknife of
    /// Quenouille and Tukey, without its formula for the variance, which a handful of poses does not carry). `None` for a
    /// series that has nothing to leave out.
    pub fn range(&self, series: &[(Pose, f32, Measured)]) -> Option<[f32; 2]> {
        let score = |without: Option<usize>| {
            let kept = series.iter().enumerate().filter(|(at, _)| Some(*at) != without).map(|(_, one)| *one);
            let kept: Vec<_> = kept.collect();
            let logits: Vec<_> = kept.iter().map(|(pose, logit, _)| (*pose, *logit)).collect();
            let measured: Vec<_> = kept.iter().map(|(pose, _, measured)| (*pose, *measured)).collect();
            self.series(&logits, &indices(&measured)).score
        };
        let can_go = |(_, (pose, ..)): &(usize, &(Pose, f32, Measured))| *pose != Pose::Rest;
        let left_out = series.iter().enumerate().filter(can_go).map(|(at, _)| score(Some(at)));
        let scores: Vec<f32> = left_out.collect();
        if scores.is_empty() || series.len() < 2 {
            return None;
        }
        let whole = score(None);
        let least = scores.iter().copied().fold(whole, f32::min);
        Some([least, scores.into_iter().fold(whole, f32::max)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Index;

    const NOTHING: Term = Term { weight: 0.0, center: 0.0 };
    const RULE: AnswerRule = AnswerRule {
        temperature: 2.0,
        likely: 0.7,
        unlikely: 0.2,
        error_rate: 0.03,
        min_poses: 2,
        intercept: 0.0,
        mean_logit: Term { weight: 0.5, center: 0.0 },
        strongest_index: NOTHING,
        mean_index: NOTHING,
    };

    #[test]
    fn the_range_leaves_out_each_pose_but_rest() {
        let points = std::array::from_fn(|index| [60.0 * (index % 2) as f32, 0.0]);
        let landmarks = crate::landmarks::Landmarks::new(points).expect("eyes apart");
        let measured = Measured { landmarks, activity: Default::default() };
        let series = |logits: &[(Pose, f32)]| {
            let series: Vec<_> = logits.iter().map(|(pose, logit)| (*pose, *logit, measured)).collect();
            RULE.range(&series)
        };
        assert_eq!(series(&[]), None);
        assert_eq!(series(&[(Pose::Rest, 3.0)]), None);
        assert_eq!(series(&[(Pose::Pucker, 3.0)]), None);
        // Means of (0, 4), (0, 2) and (0, 2, 4), halved.
        let score = |log_odds: f64| score_of_log_odds(log_odds);
        let three = [(Pose::Rest, 0.0), (Pose::Pucker, 2.0), (Pose::OpenSmile, 4.0)];
        assert_eq!(series(&three), Some([score(0.5), score(1.0)]));
        assert_eq!(series(&[(Pose::Rest, 0.0), (Pose::Pucker, -4.0)]), Some([score(-1.0), 0.5]));
    }

    #[test]
    fn the_mean_logit_answers() {
        let series = |logits: &[f32]| {
            let logits: Vec<_> = Pose::ALL.iter().copied().zip(logits.iter().copied()).collect();
            RULE.series(&logits, &Indices::default())
        };
        assert_eq!(series(&[0.0, 0.0]), SeriesAnswer { answer: Answer::CannotTell, score: 0.5 });
        assert_eq!(series(&[5.0, 3.0]), SeriesAnswer { answer: Answer::Likely, score: 0.8808 });
        assert_eq!(series(&[-5.0, -3.0]), SeriesAnswer { answer: Answer::Unlikely, score: 0.1192 });
        assert_eq!(series(&[9.0]).answer, Answer::Retake);
        assert_eq!(series(&[]).answer, Answer::Retake);
    }

    #[test]
    fn nothing_is_said_of_a_face_at_rest_alone() {
        let rule = AnswerRule { min_poses: 1, ..RULE };
        let answer = |logits: &[(Pose, f32)]| rule.session(logits, &Indices::default()).answer;
        assert_eq!(rule.series(&[(Pose::Rest, 9.0)], &Indices::default()).answer, Answer::Likely);
        for logits in [&[][..], &[(Pose::Rest, 9.0)], &[(Pose::Rest, -9.0)]] {
            assert_eq!(answer(logits), Answer::Retake, "{logits:?}");
        }
        assert_eq!(answer(&[(Pose::Rest, 9.0), (Pose::Pucker, 9.0)]), Answer::Likely);
        assert_eq!(answer(&[(Pose::Pucker, -9.0)]), Answer::Unlikely);
    }

    #[test]
    fn indices_speak_where_there_are_any() {
        let rule = AnswerRule {
            strongest_index: Term { weight: 4.0, center: 0.25 },
            mean_index: Term { weight: 2.0, center: 0.0 },
            ..RULE
        };
        let logits = [(Pose::Rest, 0.0), (Pose::Pucker, 0.0)];
        let index = |value| Some(Index { value, side: None });
        let score = |indices: &Indices| rule.series(&logits, indices).score;
        assert_eq!(score(&Indices::default()), 0.5);
        // 4 * (1 - 0.25) + 2 * 0.5 = 4.
        let found = Indices { ocular_oral: index(1.0), mentalis: index(0.0), ..Indices::default() };
        assert_eq!(score(&found), 0.982);
        let none_found = Indices { ocular_oral: index(0.0), ..Indices::default() };
        assert_eq!(score(&none_found), 0.2689);
    }

    #[test]
    fn rules_out_of_range_are_refused() {
        assert_eq!(RULE.check(), Ok(()));
        for rule in [
            AnswerRule { temperature: 0.0, ..RULE },
            AnswerRule { temperature: f32::NAN, ..RULE },
            AnswerRule { likely: 0.1, ..RULE },
            AnswerRule { likely: f32::NAN, ..RULE },
            AnswerRule { min_poses: 0, ..RULE },
            AnswerRule { min_poses: 10, ..RULE },
            AnswerRule { error_rate: 0.5, ..RULE },
            AnswerRule { error_rate: f32::NAN, ..RULE },
            AnswerRule { intercept: f32::INFINITY, ..RULE },
            AnswerRule { mean_logit: Term { weight: -0.1, center: 0.0 }, ..RULE },
            AnswerRule { mean_index: Term { weight: 0.1, center: f32::NAN }, ..RULE },
        ] {
            assert!(rule.check().is_err(), "{rule:?}");
        }
    }
}
