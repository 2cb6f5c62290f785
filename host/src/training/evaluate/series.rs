//! People with the answer that their whole series gets, and the groups that they belong to.

use super::Scored;
use super::worn::Worn;
use crate::dataset::Person;
use serde::Serialize;
use std::collections::HashMap;
use synkiosk_models::answer::{Answer, AnswerRule};
use synkiosk_models::evidence::indices;
use synkiosk_models::pose::{Label, Pose};

/// What people are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Fitzpatrick's type.
    Skin,
    /// As written.
    Sex,
    /// Years.
    Age,
    /// With or without.
    Glasses,
    /// What covers the head.
    Covering,
    /// The affected side.
    Side,
    /// In three bands.
    Severity,
    /// Where the pictures are from.
    Source,
    /// What was asked for; groups pictures, not people.
    Pose,
}

impl Kind {
    /// The name on a page.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Skin => "skin",
            Kind::Sex => "sex",
            Kind::Age => "age",
            Kind::Glasses => "glasses",
            Kind::Covering => "covering",
            Kind::Side => "side",
            Kind::Severity => "severity",
            Kind::Source => "source",
            Kind::Pose => "pose",
        }
    }
}

/// One person with the answer of the series.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonRow {
    /// Index in the data set.
    pub person: usize,
    /// What is known of the face.
    pub label: Label,
    /// One of four.
    pub answer: Answer,
    /// Of the series, 0 to 1.
    pub score: f64,
    /// Groups that the person belongs to, where known.
    pub groups: Vec<(Kind, String)>,
}

/// The rows of these people, `(index, person)`; a person without usable picture has one too. `worn` is what rendered
/// people wear, by name; `poses` are those of a session.
pub fn rows<'a>(
    people: impl Iterator<Item = (usize, &'a Person)>,
    scored: &[Scored],
    worn: &HashMap<String, Worn>,
    poses: &[Pose],
    rule: &AnswerRule,
) -> Vec<PersonRow> {
    let row = |(index, person): (usize, &Person)| {
        let taken = scored.iter().filter(|one| one.person == index && poses.contains(&one.pose));
        let taken: Vec<&Scored> = taken.collect();
        let logits: Vec<(Pose, f32)> = taken.iter().map(|one| (one.pose, one.int8 as f32)).collect();
        let measured = taken.iter().filter_map(|one| Some((one.pose, one.measured?)));
        let series = rule.series(&logits, &indices(&measured.collect::<Vec<_>>()));
        PersonRow {
            person: index,
            label: person.label,
            answer: series.answer,
            score: f64::from(series.score),
            groups: groups(person, worn.get(&person.name)),
        }
    };
    people.map(row).collect()
}

/// No column of `people.csv` tells what somebody wears.
fn groups(person: &Person, worn: Option<&Worn>) -> Vec<(Kind, String)> {
    let texts = [
        (Kind::Skin, Some(person.skin.clone())),
        (Kind::Sex, Some(person.sex.clone())),
        (Kind::Age, Some(person.age_band.clone())),
        (Kind::Glasses, worn.and_then(|worn| worn.glasses).map(str::to_owned)),
        (Kind::Covering, worn.and_then(|worn| worn.covering.clone())),
        (Kind::Side, person.side.map(|side| side.name().to_owned())),
        (Kind::Severity, person.severity.map(|severity| band(severity).to_owned())),
        (Kind::Source, Some(person.source.clone())),
    ];
    let known =
        texts.into_iter().filter_map(|(kind, text)| Some((kind, text.filter(|text| !text.is_empty())?)));
    known.collect()
}

/// Thirds of the scale.
fn band(severity: f32) -> &'static str {
    match severity {
        severity if severity < 1.0 / 3.0 => "mild",
        severity if severity < 2.0 / 3.0 => "moderate",
        _ => "severe",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::answer::Term;
    use synkiosk_models::pose::Side;

    fn person(label: Label) -> Person {
        Person {
            name: "p".to_owned(),
            label,
            side: (label != Label::Healthy).then_some(Side::Left),
            types: Vec::new(),
            severity: (label != Label::Healthy).then_some(0.5),
            skin: "IV".to_owned(),
            sex: String::new(),
            age_band: "30-44".to_owned(),
            source: "rendered".to_owned(),
            pictures: Vec::new(),
        }
    }

    #[test]
    fn a_session_takes_its_poses_and_nobody_is_forgotten() {
        let nothing = Term { weight: 0.0, center: 0.0 };
        let rule = AnswerRule {
            temperature: 1.0,
            likely: 0.8,
            unlikely: 0.2,
            error_rate: 0.03,
            min_poses: 1,
            intercept: 0.0,
            mean_logit: Term { weight: 1.0, center: 0.0 },
            strongest_index: nothing,
            mean_index: nothing,
        };
        let scored = |pose, int8| Scored {
            person: 4,
            label: Label::Synkinesis,
            pose,
            int8,
            float: None,
            measured: None,
        };
        let all = [scored(Pose::Rest, 3.0), scored(Pose::Snarl, -9.0)];
        let people = [person(Label::Synkinesis), person(Label::Healthy)];
        let nobody = HashMap::new();
        let rows = rows([4, 7].into_iter().zip(&people), &all, &nobody, &[Pose::Rest, Pose::Pucker], &rule);
        assert_eq!((rows[0].answer, rows[1].answer), (Answer::Likely, Answer::Retake));
        let kinds = |row: &PersonRow| row.groups.iter().map(|(kind, _)| *kind).collect::<Vec<_>>();
        assert_eq!(kinds(&rows[0]), [Kind::Skin, Kind::Age, Kind::Side, Kind::Severity, Kind::Source]);
        assert_eq!(kinds(&rows[1]), [Kind::Skin, Kind::Age, Kind::Source]);
        assert!(rows[0].groups.contains(&(Kind::Severity, "moderate".to_owned())));
    }

    #[test]
    fn rendered_people_are_grouped_by_what_they_wear() {
        let worn = Worn { glasses: Some("with"), covering: Some("turban".to_owned()) };
        let found = groups(&person(Label::Healthy), Some(&worn));
        let of = |kind| found.iter().find(|(of, _)| *of == kind).map(|(_, group)| group.as_str());
        assert_eq!((of(Kind::Glasses), of(Kind::Covering)), (Some("with"), Some("turban")));
        assert_eq!(groups(&person(Label::Healthy), Some(&Worn::default())).len(), 3);
    }
}
