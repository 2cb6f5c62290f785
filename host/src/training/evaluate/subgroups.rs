//! The same figures for groups of people: where a mean over all would hide who is served worse.

use super::answers::Share;
use super::series::{Kind, PersonRow};
use super::{Scored, by_person};
use serde::Serialize;
use std::collections::BTreeMap;
use synkiosk_models::answer::Answer;
use synkiosk_models::pose::Label;

/// One group: people by their mean logit; for poses, pictures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subgroup {
    /// What was grouped by.
    pub kind: Kind,
    /// Which group.
    pub group: String,
    /// People, or pictures of a pose.
    pub n: usize,
    /// Of these with synkinesis.
    pub with_synkinesis: usize,
    /// Called right.
    pub accuracy: Share,
    /// Of those with synkinesis, called so.
    pub recall: Share,
    /// Of those without, not called so.
    pub specificity: Share,
    /// Series answered with "cannot tell"; null for poses.
    pub cannot_tell: Option<Share>,
    /// Scores of those without and with synkinesis, for drawing.
    #[serde(skip)]
    pub scores: [Vec<f64>; 2],
}

/// The group with the fewest people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Smallest {
    /// What was grouped by.
    pub kind: Kind,
    /// Which group.
    pub group: String,
    /// People.
    pub n: usize,
}

/// Groups of people in the order of kinds, then of poses. Pictures of one pose are of different people, so that
/// Wilson's intervals hold for them as well.
pub fn subgroups(scored: &[Scored], rows: &[PersonRow], temperature: f64) -> Vec<Subgroup> {
    let people: BTreeMap<usize, Scored> =
        by_person(scored).into_iter().map(|one| (one.person, one)).collect();
    let mut groups: BTreeMap<(Kind, &str), Vec<&PersonRow>> = BTreeMap::new();
    for row in rows {
        for (kind, group) in &row.groups {
            groups.entry((*kind, group)).or_default().push(row);
        }
    }
    let of_people = groups.into_iter().map(|((kind, group), rows)| {
        let cases: Vec<Scored> = rows.iter().filter_map(|row| people.get(&row.person).copied()).collect();
        let unsure = rows.iter().filter(|row| row.answer == Answer::CannotTell).count();
        let cannot_tell = Some(Share::of(unsure, rows.len()));
        Subgroup { n: rows.len(), cannot_tell, ..Subgroup::of(kind, group, &cases, temperature) }
    });
    let mut found: Vec<Subgroup> = of_people.collect();
    let mut poses: BTreeMap<_, Vec<Scored>> = BTreeMap::new();
    scored.iter().for_each(|one| poses.entry(one.pose).or_default().push(*one));
    found.extend(
        poses.into_iter().map(|(pose, cases)| Subgroup::of(Kind::Pose, pose.name(), &cases, temperature)),
    );
    found
}

/// Of people; `None` without groups.
pub fn smallest(groups: &[Subgroup]) -> Option<Smallest> {
    let of_people = groups.iter().filter(|group| group.kind != Kind::Pose);
    let group = of_people.min_by_key(|group| group.n)?;
    Some(Smallest { kind: group.kind, group: group.group.clone(), n: group.n })
}

impl Subgroup {
    fn of(kind: Kind, group: &str, cases: &[Scored], temperature: f64) -> Subgroup {
        let mut confusion = [[0; 2]; 2];
        let mut scores = [Vec::new(), Vec::new()];
        for one in cases {
            let positive = usize::from(one.label == Label::Synkinesis);
            confusion[positive][usize::from(one.int8 >= 0.0)] += 1;
            scores[positive].push(1.0 / (1.0 + (-one.int8 / temperature).exp()));
        }
        let [[tn, fp], [missed, tp]] = confusion;
        Subgroup {
            kind,
            group: group.to_owned(),
            n: cases.len(),
            with_synkinesis: missed + tp,
            accuracy: Share::of(tn + tp, cases.len()),
            recall: Share::of(tp, tp + missed),
            specificity: Share::of(tn, tn + fp),
            cannot_tell: None,
            scores,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::pose::Pose;

    #[test]
    fn groups_are_counted_by_person_and_poses_by_picture() {
        let scored =
            |person, label, pose, int8| Scored { person, label, pose, int8, float: None, measured: None };
        let pictures = [
            scored(0, Label::Synkinesis, Pose::Rest, -1.0),
            scored(0, Label::Synkinesis, Pose::Pucker, 3.0),
            scored(1, Label::Healthy, Pose::Rest, 1.0),
        ];
        let row = |person, label, answer, skin: &str| PersonRow {
            person,
            label,
            answer,
            score: 0.5,
            groups: vec![(Kind::Skin, skin.to_owned())],
        };
        let rows = [
            row(0, Label::Synkinesis, Answer::Likely, "I"),
            row(1, Label::Healthy, Answer::CannotTell, "I"),
            // Nothing of this person was usable.
            row(2, Label::Healthy, Answer::Retake, "VI"),
        ];
        let groups = subgroups(&pictures, &rows, 1.0);
        let names: Vec<_> = groups.iter().map(|group| (group.kind, group.group.as_str(), group.n)).collect();
        let expected =
            [(Kind::Skin, "I", 2), (Kind::Skin, "VI", 1), (Kind::Pose, "rest", 2), (Kind::Pose, "pucker", 1)];
        assert_eq!(names, expected);
        let first = &groups[0];
        assert_eq!((first.recall.hits, first.specificity.hits, first.with_synkinesis), (1, 0, 1));
        assert_eq!(first.cannot_tell.map(|share| share.hits), Some(1));
        assert_eq!((groups[1].accuracy.share, groups[1].cannot_tell.map(|share| share.of)), (None, Some(1)));
        assert_eq!((groups[2].recall.hits, groups[2].recall.of), (0, 1));
        assert_eq!(smallest(&groups).map(|it| (it.group, it.n)), Some(("VI".to_owned(), 1)));
    }
}
