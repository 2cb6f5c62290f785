//! How often the series gets each of its four answers, and how often the answer is right.

use super::clustered::share_of;
use super::series::PersonRow;
use crate::training::metrics::{Judged, Metrics};
use serde::Serialize;
use synkiosk_models::answer::Answer;
use synkiosk_models::pose::Label;

/// In the order of columns.
pub const ANSWERS: [Answer; 4] = [Answer::Unlikely, Answer::CannotTell, Answer::Likely, Answer::Retake];

/// A share of people with Wilson's interval; null where nobody was there to count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// People of whom it holds.
    pub hits: usize,
    /// Of so many.
    pub of: usize,
    /// 0 to 1.
    pub share: Option<f64>,
    /// Wilson's.
    pub wilson95: Option<[f64; 2]>,
}

impl Share {
    /// Counts.
    pub fn of(hits: usize, of: usize) -> Share {
        let counted = share_of(hits, of);
        Share { hits, of, share: counted.map(|it| it.0), wilson95: counted.map(|it| it.1) }
    }
}

/// The four answers of all series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answers {
    /// Neither of both could be said.
    pub cannot_tell: Share,
    /// Too few usable pictures.
    pub retake: Share,
    /// Of those answered likely or unlikely, the share answered right.
    pub right_of_answered: Share,
    /// Of those without synkinesis, the share answered likely.
    pub falsely_likely: Share,
    /// Of those with synkinesis, the share answered unlikely.
    pub falsely_unlikely: Share,
    /// Chance that the score of a series with synkinesis is above that of one without; of all that were scored.
    pub auc: Option<f64>,
    /// By drawing people with replacement.
    pub auc95: Option<[f64; 2]>,
    /// A row for each label: unlikely, cannot tell, likely, retake.
    pub counts: Vec<(Label, [usize; 4])>,
}

impl Answers {
    /// Counts.
    pub fn of(rows: &[PersonRow]) -> Answers {
        let counts = Label::ALL.iter().map(|label| {
            let of = |answer| rows.iter().filter(|row| row.label == *label && row.answer == answer).count();
            (*label, ANSWERS.map(of))
        });
        let counts: Vec<(Label, [usize; 4])> =
            counts.filter(|(_, counts)| counts.iter().sum::<usize>() > 0).collect();
        let sum = |synkinesis: Option<bool>, columns: &[usize]| -> usize {
            let wanted = |label: Label| synkinesis.is_none_or(|it| it == (label == Label::Synkinesis));
            let rows = counts.iter().filter(|(label, _)| wanted(*label));
            rows.map(|(_, counts)| columns.iter().map(|column| counts[*column]).sum::<usize>()).sum()
        };
        let scores = area_under_curve(rows);
        let right = sum(Some(false), &[0]) + sum(Some(true), &[2]);
        Answers {
            cannot_tell: Share::of(sum(None, &[1]), rows.len()),
            retake: Share::of(sum(None, &[3]), rows.len()),
            right_of_answered: Share::of(right, sum(None, &[0, 2])),
            falsely_likely: Share::of(sum(Some(false), &[2]), sum(Some(false), &[0, 1, 2, 3])),
            falsely_unlikely: Share::of(sum(Some(true), &[0]), sum(Some(true), &[0, 1, 2, 3])),
            auc: scores.auc,
            auc95: scores.interval95.and_then(|it| it.auc),
            counts,
        }
    }
}

/// What series would be called from a score of one half on; a series without usable picture has no score.
fn area_under_curve(rows: &[PersonRow]) -> Metrics {
    let scored = rows.iter().filter(|row| row.answer != Answer::Retake);
    let judged =
        |row: &PersonRow| Judged { positive: row.label == Label::Synkinesis, logit: row.score - 0.5 };
    let (cases, people): (Vec<Judged>, Vec<usize>) = scored.map(|row| (judged(row), row.person)).unzip();
    Metrics::clustered(&cases, &people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_label() {
        let row = |label, answer| PersonRow { person: 0, label, answer, score: 0.5, groups: Vec::new() };
        let rows = [
            row(Label::Healthy, Answer::Unlikely),
            row(Label::Healthy, Answer::CannotTell),
            row(Label::Palsy, Answer::Likely),
            row(Label::Synkinesis, Answer::Likely),
            row(Label::Synkinesis, Answer::Retake),
        ];
        let answers = Answers::of(&rows);
        let pair = |share: Share| (share.hits, share.of);
        assert_eq!((pair(answers.cannot_tell), pair(answers.retake)), ((1, 5), (1, 5)));
        assert_eq!(pair(answers.right_of_answered), (2, 3));
        assert_eq!((pair(answers.falsely_likely), pair(answers.falsely_unlikely)), ((1, 3), (0, 2)));
        assert_eq!(answers.counts[0], (Label::Healthy, [1, 1, 0, 0]));
        assert_eq!(Answers::of(&[]).right_of_answered.share, None);
    }

    #[test]
    fn the_series_score_has_its_own_area_under_the_curve() {
        let row =
            |person, label, answer, score| PersonRow { person, label, answer, score, groups: Vec::new() };
        let rows = [
            row(0, Label::Healthy, Answer::Unlikely, 0.1),
            row(1, Label::Palsy, Answer::CannotTell, 0.6),
            row(2, Label::Synkinesis, Answer::CannotTell, 0.5),
            row(3, Label::Synkinesis, Answer::Likely, 0.9),
            row(4, Label::Synkinesis, Answer::Retake, 0.5),
        ];
        assert_eq!(Answers::of(&rows).auc, Some(0.75));
        assert_eq!(Answers::of(&rows[..2]).auc, None);
    }
}
