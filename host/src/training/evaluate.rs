//! What a network is worth on people whom it never saw: float and int8 side by side.

pub mod answers;
pub mod calibration;
pub mod clustered;
pub mod curves;
pub mod prevalence;
pub mod series;
pub mod subgroups;
pub mod worn;

use super::indices::Agreement;
use super::metrics::{Judged, Metrics};
use super::net::Net;
use super::samples::{LeftOut, Sample};
use answers::Answers;
use calibration::Calibration;
use serde::Serialize;
use series::PersonRow;
use std::collections::BTreeMap;
use subgroups::{Smallest, Subgroup};
use synkiosk_models::align::Crop;
use synkiosk_models::landmarks::Measured;
use synkiosk_models::network::Network;
use synkiosk_models::pose::{Label, Pose};

/// One picture with its logits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Index of the person in the data set.
    pub person: usize,
    /// The person's label.
    pub label: Label,
    /// What was asked for; of a person, that of the first picture.
    pub pose: Pose,
    /// Of the device's network.
    pub int8: f64,
    /// Of the trained network, where it is at hand.
    pub float: Option<f64>,
    /// What the second network measured; of a person, on the first picture. `None` where only logits are known.
    pub measured: Option<Measured>,
}

/// `evaluate --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Every picture by itself.
    pub pictures: Side,
    /// Every person by the mean logit over the pictures.
    pub people: Side,
    /// The same without people who have palsy only, where there are such people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_palsy: Option<Sides>,
    /// The four answers of the series, where there is a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
    /// Groups of people, and poses; empty where there is no rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subgroups: Vec<Subgroup>,
    /// The group with the fewest people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smallest_subgroup: Option<Smallest>,
    /// How the indices of all poses follow the true couplings of rendered people; empty for others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indices: Vec<Agreement>,
    /// Pictures without a usable face.
    pub refused: Vec<Refused>,
}

/// What is known beside the logits.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// Logits are divided by it before they become scores.
    pub temperature: f64,
    /// Everybody with the answer of the series.
    pub rows: &'a [PersonRow],
}

/// Pictures and people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sides {
    /// Every picture by itself.
    pub pictures: Side,
    /// Every person by the mean logit over the pictures.
    pub people: Side,
}

/// Both networks on the same cases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// Cases.
    pub n: usize,
    /// The device's network.
    pub int8: Metrics,
    /// The trained network, or null.
    pub float: Option<Metrics>,
    /// Share of cases that both call the same, or null.
    pub agreement: Option<f64>,
    /// Of the device's network, where the temperature is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// A picture without a usable face.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refused {
    /// The file.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// The logits of some pictures; `float` where the trained network is at hand.
pub fn score(samples: &[Sample], network: &mut Network, float: Option<&Net>) -> Vec<Scored> {
    let crops: Vec<&Crop> = samples.iter().map(|sample| &sample.crop).collect();
    let float = float.map(|net| net.logits(&crops));
    let scored = samples.iter().enumerate().map(|(index, sample)| Scored {
        person: sample.person,
        label: sample.label,
        pose: sample.pose,
        int8: f64::from(network.logit(&sample.crop).value),
        float: float.as_ref().map(|logits| f64::from(logits[index])),
        measured: Some(sample.measured),
    });
    scored.collect()
}

impl Report {
    /// Counts what logits alone can tell.
    pub fn of(scored: &[Scored], left_out: &[LeftOut]) -> Report {
        Report::with(scored, left_out, None)
    }

    /// Counts everything.
    pub fn with(scored: &[Scored], left_out: &[LeftOut], series: Option<Series>) -> Report {
        let temperature = series.map(|series| series.temperature);
        let Sides { pictures, people } = Sides::of(scored, temperature);
        let others = without_palsy(scored);
        let refused = left_out
            .iter()
            .map(|one| Refused { file: one.path.display().to_string(), reason: one.reason.clone() });
        let groups = series.map(|series| subgroups::subgroups(scored, series.rows, series.temperature));
        let groups = groups.unwrap_or_default();
        Report {
            pictures,
            people,
            without_palsy: (others.len() < scored.len()).then(|| Sides::of(&others, temperature)),
            answers: series.map(|series| Answers::of(series.rows)),
            smallest_subgroup: subgroups::smallest(&groups),
            subgroups: groups,
            indices: Vec::new(),
            refused: refused.collect(),
        }
    }
}

/// Healthy people and people with synkinesis: the study's protocol.
pub fn without_palsy(scored: &[Scored]) -> Vec<Scored> {
    scored.iter().copied().filter(|one| one.label != Label::Palsy).collect()
}

/// The device's logits with the truth, and who is on each picture.
pub fn judged(scored: &[Scored]) -> (Vec<Judged>, Vec<usize>) {
    let judged = |one: &Scored| Judged { positive: one.label == Label::Synkinesis, logit: one.int8 };
    scored.iter().map(|one| (judged(one), one.person)).unzip()
}

impl Sides {
    fn of(scored: &[Scored], temperature: Option<f64>) -> Sides {
        Sides { pictures: Side::of(scored, temperature), people: Side::of(&by_person(scored), temperature) }
    }
}

impl Side {
    fn of(scored: &[Scored], temperature: Option<f64>) -> Side {
        let (int8, people) = judged(scored);
        let float =
            |one: &Scored| Some(Judged { positive: one.label == Label::Synkinesis, logit: one.float? });
        let float: Option<Vec<Judged>> = scored.iter().map(float).collect();
        let float = float.filter(|_| !scored.is_empty());
        let agreement = float.as_ref().map(|float| {
            let same = int8.iter().zip(float).filter(|(a, b)| (a.logit >= 0.0) == (b.logit >= 0.0));
            same.count() as f64 / scored.len() as f64
        });
        Side {
            n: scored.len(),
            int8: Metrics::clustered(&int8, &people),
            float: float.map(|float| Metrics::clustered(&float, &people)),
            agreement,
            calibration: temperature.and_then(|temperature| Calibration::of(&int8, temperature)),
        }
    }
}

/// One entry a person, with mean logits.
pub fn by_person(scored: &[Scored]) -> Vec<Scored> {
    let mut people: BTreeMap<usize, Vec<&Scored>> = BTreeMap::new();
    for one in scored {
        people.entry(one.person).or_default().push(one);
    }
    let mean = |values: &mut dyn Iterator<Item = f64>, count: usize| values.sum::<f64>() / count as f64;
    let person = people.into_values().map(|pictures| Scored {
        int8: mean(&mut pictures.iter().map(|one| one.int8), pictures.len()),
        float: pictures[0]
            .float
            .map(|_| mean(&mut pictures.iter().filter_map(|one| one.float), pictures.len())),
        ..*pictures[0]
    });
    person.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(person: usize, label: Label, int8: f64, float: f64) -> Scored {
        Scored { person, label, pose: Pose::Rest, int8, float: Some(float), measured: None }
    }

    fn cases() -> Vec<Scored> {
        vec![
            scored(0, Label::Healthy, -1.0, -1.0),
            scored(1, Label::Palsy, 0.5, -0.5),
            scored(2, Label::Synkinesis, 3.0, 3.0),
            scored(2, Label::Synkinesis, -1.0, -1.0),
        ]
    }

    #[test]
    fn people_are_judged_by_their_mean() {
        let report = Report::of(&cases(), &[]);
        assert_eq!((report.pictures.n, report.people.n), (4, 3));
        assert_eq!(report.pictures.int8.confusion, [[1, 1], [1, 1]]);
        assert_eq!(report.people.int8.confusion, [[1, 1], [0, 1]]);
        assert_eq!(report.pictures.agreement, Some(0.75));
        let float = report.people.float.unwrap();
        assert_eq!(float.confusion, [[2, 0], [0, 1]]);
        let without = report.without_palsy.unwrap();
        assert_eq!(without.people.int8.confusion, [[1, 0], [0, 1]]);
    }

    #[test]
    fn a_series_adds_calibration_answers_and_groups() {
        let row = |person, label| PersonRow {
            person,
            label,
            answer: synkiosk_models::answer::Answer::CannotTell,
            score: 0.5,
            groups: vec![(series::Kind::Skin, "II".to_owned())],
        };
        let rows = [row(0, Label::Healthy), row(1, Label::Palsy), row(2, Label::Synkinesis)];
        let report = Report::with(&cases(), &[], Some(Series { temperature: 2.0, rows: &rows }));
        let json = serde_json::to_value(report).unwrap();
        assert_eq!(json["answers"]["cannot_tell"]["hits"], 3);
        assert_eq!(json["subgroups"][0]["kind"], "skin");
        assert_eq!(json["smallest_subgroup"]["n"], 3);
        assert!(json["people"]["calibration"]["ece"].is_number());
        assert_eq!(json["without_palsy"]["people"]["calibration"]["bins"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn the_json_has_the_agreed_names() {
        let left_out = LeftOut { path: "p/rest.jpg".into(), reason: "no face found".to_owned() };
        let mut cases = cases();
        cases.remove(1);
        cases.iter_mut().for_each(|case| case.float = None);
        let json = serde_json::to_value(Report::of(&cases, &[left_out])).unwrap();
        let names =
            |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&json), ["people", "pictures", "refused"]);
        assert_eq!(names(&json["pictures"]), ["agreement", "float", "int8", "n"]);
        let metrics =
            "accuracy auc confusion f1 interval95 precision precision_at_21 recall specificity wilson95";
        assert_eq!(names(&json["pictures"]["int8"]).join(" "), metrics);
        let wilson = ["accuracy", "precision", "recall", "specificity"];
        assert_eq!(names(&json["people"]["int8"]["wilson95"]), wilson);
        assert!(json["pictures"]["float"].is_null() && json["pictures"]["agreement"].is_null());
        assert_eq!(json["refused"][0]["file"], "p/rest.jpg");
    }
}
