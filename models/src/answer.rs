//! From the network's logits to what the screen says.

use crate::pose::Pose;
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

/// How logits become an answer; calibrated on the validation people, carried by the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerRule {
    /// Logits are divided by it before they become scores; positive.
    pub temperature: f32,
    /// Scores from here on say `likely`.
    pub likely: f32,
    /// Scores up to here say `unlikely`.
    pub unlikely: f32,
    /// A series with fewer usable poses says `retake`.
    pub min_poses: usize,
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
    /// No pose, or more than there are.
    #[error("min_poses {0} is not within 1 and {most}", most = Pose::ALL.len())]
    MinPoses(usize),
}

/// The answer of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SeriesAnswer {
    /// One of four.
    pub answer: Answer,
    /// Calibrated score, 0 to 1; 0.5 where nothing was usable.
    pub score: f32,
}

impl AnswerRule {
    /// Every value within its range.
    pub fn check(&self) -> Result<(), AnswerRuleError> {
        if !(self.temperature.is_finite() && self.temperature > 0.0) {
            return Err(AnswerRuleError::Temperature(self.temperature));
        }
        if !(0.0 <= self.unlikely && self.unlikely < self.likely && self.likely <= 1.0) {
            return Err(AnswerRuleError::Thresholds { unlikely: self.unlikely, likely: self.likely });
        }
        if !(1..=Pose::ALL.len()).contains(&self.min_poses) {
            return Err(AnswerRuleError::MinPoses(self.min_poses));
        }
        Ok(())
    }

    /// The score of a logit, 0 to 1, to four decimals.
    pub fn score(&self, logit: f32) -> f32 {
        let odds = (-f64::from(logit) / f64::from(self.temperature)).exp();
        ((1e4 / (1.0 + odds)).round() / 1e4) as f32
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

    /// The answer of all poses together: their mean logit.
    pub fn series(&self, logits: &[(Pose, f32)]) -> SeriesAnswer {
        if logits.is_empty() {
            return SeriesAnswer { answer: Answer::Retake, score: 0.5 };
        }
        let mean = logits.iter().map(|(_, logit)| f64::from(*logit)).sum::<f64>() / logits.len() as f64;
        let score = self.score(mean as f32);
        let answer = if logits.len() < self.min_poses { Answer::Retake } else { self.verdict(score) };
        SeriesAnswer { answer, score }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: AnswerRule = AnswerRule { temperature: 2.0, likely: 0.7, unlikely: 0.2, min_poses: 2 };

    #[test]
    fn the_mean_logit_answers() {
        let series = |logits: &[f32]| {
            let logits: Vec<_> = Pose::ALL.iter().copied().zip(logits.iter().copied()).collect();
            RULE.series(&logits)
        };
        assert_eq!(series(&[0.0, 0.0]), SeriesAnswer { answer: Answer::CannotTell, score: 0.5 });
        assert_eq!(series(&[5.0, 3.0]), SeriesAnswer { answer: Answer::Likely, score: 0.8808 });
        assert_eq!(series(&[-5.0, -3.0]), SeriesAnswer { answer: Answer::Unlikely, score: 0.1192 });
        assert_eq!(series(&[9.0]).answer, Answer::Retake);
        assert_eq!(series(&[]).answer, Answer::Retake);
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
        ] {
            assert!(rule.check().is_err(), "{rule:?}");
        }
    }
}
