//! A slip that holds, in words and for programs.

use super::Held;
use crate::fleet::calendar;
use serde::Serialize;
use synkiosk_journal::{
    record::{IndexRecord, IndexRecords},
    slip::{FORMAT, SlipScore},
    when::When,
    words::{ShortName, Version},
};

/// For programs.
#[derive(Debug, Serialize)]
pub struct Told<'a> {
    format: u16,
    unit: &'a ShortName,
    key: String,
    answer: &'static str,
    score: Option<u8>,
    range: Option<Bounds>,
    indices: IndexRecords,
    poses: Poses,
    model: Model<'a>,
    program: Version,
    when: When,
}

#[derive(Debug, Serialize)]
struct Bounds {
    low: u8,
    high: u8,
}

#[derive(Debug, Serialize)]
struct Poses {
    used: u8,
    asked: u8,
}

#[derive(Debug, Serialize)]
struct Model<'a> {
    name: &'a ShortName,
    version: u32,
}

impl Held {
    /// Everything that it says, for programs.
    pub fn told(&self) -> Told<'_> {
        let slip = &self.slip;
        let range = slip.score.and_then(|score| score.interval);
        Told {
            format: FORMAT,
            unit: &slip.unit,
            key: self.key.to_string(),
            answer: slip.answer.name(),
            score: slip.score.map(|score| score.value.get()),
            range: range.map(|it| Bounds { low: it.low().get(), high: it.high().get() }),
            indices: slip.indices,
            poses: Poses { used: slip.poses.used(), asked: slip.poses.asked() },
            model: Model { name: &slip.bundle.name, version: slip.bundle.version },
            program: slip.software,
            when: slip.when,
        }
    }

    /// The same for people, as names and values.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let slip = &self.slip;
        let IndexRecords { ocular_oral, oral_ocular, mentalis, platysma } = slip.indices;
        vec![
            ("answer", slip.answer.name().to_owned()),
            ("score", slip.score.map_or_else(|| "none".to_owned(), score)),
            ("ocular-oral", index(ocular_oral)),
            ("oral-ocular", index(oral_ocular)),
            ("mentalis", index(mentalis)),
            ("platysma", index(platysma)),
            ("poses", format!("{} of {}", slip.poses.used(), slip.poses.asked())),
            ("model", format!("{} version {}", slip.bundle.name, slip.bundle.version)),
            ("program", slip.software.to_string()),
            ("week", when(slip.when)),
            ("signature", format!("signed by unit {}, key {}: holds", slip.unit, self.key)),
        ]
    }
}

fn score(SlipScore { value, interval }: SlipScore) -> String {
    let range = interval
        .map(|it| format!(" ({} to {} if any one pose is left out)", it.low().get(), it.high().get()));
    format!("{} %{}", value.get(), range.unwrap_or_default())
}

fn index(index: Option<IndexRecord>) -> String {
    match index {
        None => "not known".to_owned(),
        Some(IndexRecord { value, side: None }) => format!("{} of 100", value.get()),
        Some(IndexRecord { value, side: Some(side) }) => {
            format!("{} of 100, the person's own {}", value.get(), side.name())
        }
    }
}

fn when(when: When) -> String {
    match when {
        When::Week(week) => calendar::name(week),
        When::Boot { counter } => format!("not known; the unit's start number {counter}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_journal::{
        Slip, SlipKey,
        record::BundleId,
        slip::{Interval, PoseCount},
        words::Percent,
    };
    use synkiosk_models::answer::Answer;

    #[test]
    fn what_is_not_known_is_said_to_be_so() {
        let key = SlipKey::random().unwrap();
        let percent = |value| Percent::try_from(value).unwrap();
        let mut slip = Slip {
            unit: "ward-3".parse().unwrap(),
            answer: Answer::Retake,
            score: None,
            indices: IndexRecords::default(),
            poses: PoseCount::new(1, 4).unwrap(),
            bundle: BundleId { name: "synkiosk".parse().unwrap(), version: 4 },
            software: Version { major: 0, minor: 1, patch: 0 },
            when: When::Boot { counter: 12 },
        };
        let lines = |slip: &Slip| {
            let held = Held { slip: slip.clone(), key: key.public().id() };
            held.lines().into_iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>()
        };
        let said = lines(&slip);
        for line in ["score: none", "platysma: not known", "week: not known; the unit's start number 12"] {
            assert!(said.iter().any(|it| it == line), "{said:?}");
        }
        let value = percent(96);
        slip.score = Some(SlipScore { value, interval: None });
        assert_eq!(lines(&slip)[1], "score: 96 %");
        slip.score = Some(SlipScore { value, interval: Interval::new(percent(88), percent(99)) });
        assert_eq!(lines(&slip)[1], "score: 96 % (88 to 99 if any one pose is left out)");
    }
}
