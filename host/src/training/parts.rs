//! The pictures of each part of a split, and the proof that no picture stands in two.

use super::TrainingError;
use super::landmarks::export::LandmarkFiles;
use super::near_duplicates::{self, Fingerprint};
use super::samples::{LeftOut, Sample, Samples};
use super::settings::Mixed;
use super::split::{Part, Split};
use crate::dataset::DataSet;
use std::collections::BTreeSet;

/// Usable pictures by part, in the data set's order.
pub struct Parts {
    /// To fit to.
    pub training: Vec<Sample>,
    /// To set temperature and thresholds.
    pub validation: Vec<Sample>,
    /// For `evaluate` only.
    pub test: Vec<Sample>,
    /// Pictures without a usable face, of all parts.
    pub left_out: Vec<LeftOut>,
    /// Of the whole data set.
    pub digest: String,
    /// What found the landmarks.
    pub landmarks: LandmarkFiles,
    /// What was mixed into the training.
    pub mixed: Option<Mixed>,
}

impl Parts {
    /// Reads every picture and divides them; refused if a picture, or nearly the same one, is in two parts.
    pub fn load(
        data: &DataSet,
        split: &Split,
        landmarks: &LandmarkFiles,
        step: impl Fn() + Sync,
    ) -> Result<Parts, TrainingError> {
        let samples = Samples::load(data, |_| true, landmarks, step)?;
        let mut parts = Parts {
            training: Vec::new(),
            validation: Vec::new(),
            test: Vec::new(),
            left_out: samples.left_out,
            digest: samples.digest,
            landmarks: landmarks.clone(),
            mixed: None,
        };
        let mut prints = Vec::new();
        for sample in samples.usable {
            let name = &data.people[sample.person].name;
            // A split that fits its data set knows everybody.
            let Some(part) = split.part_of(name) else { continue };
            let mut print = sample.fingerprint.clone();
            print.group = part as usize;
            prints.push(print);
            parts.of_mut(part).push(sample);
        }
        refuse_doubles(&prints)?;
        for part in Part::ALL {
            has_both_classes(part, parts.of(part))?;
        }
        Ok(parts)
    }

    /// Adds a second data set's pictures to the training, and to the training alone; refused if one of them is nearly
    /// the same as one that is there.
    pub fn mix(&mut self, data: &DataSet, samples: Samples, weight: f32) -> Result<(), TrainingError> {
        let own = Part::ALL.into_iter().flat_map(|part| self.of(part)).map(|sample| (sample, 0));
        let prints: Vec<Fingerprint> = own
            .chain(samples.usable.iter().map(|sample| (sample, 1)))
            .map(|(sample, group)| Fingerprint { group, ..sample.fingerprint.clone() })
            .collect();
        if let Some(doubles) = near_duplicates::find(&prints) {
            return Err(TrainingError::MixedDuplicate(doubles));
        }
        let sources: BTreeSet<&String> = data.people.iter().map(|person| &person.source).collect();
        self.mixed = Some(Mixed {
            data: std::path::absolute(&data.root).unwrap_or_else(|_| data.root.clone()),
            digest: samples.digest,
            weight,
            sources: sources.into_iter().cloned().collect(),
        });
        self.training.extend(samples.usable.into_iter().map(|sample| Sample { weight, ..sample }));
        self.left_out.extend(samples.left_out);
        Ok(())
    }

    /// One part's pictures.
    pub fn of(&self, part: Part) -> &[Sample] {
        match part {
            Part::Training => &self.training,
            Part::Validation => &self.validation,
            Part::Test => &self.test,
        }
    }

    fn of_mut(&mut self, part: Part) -> &mut Vec<Sample> {
        match part {
            Part::Training => &mut self.training,
            Part::Validation => &mut self.validation,
            Part::Test => &mut self.test,
        }
    }
}

fn refuse_doubles(prints: &[Fingerprint]) -> Result<(), TrainingError> {
    let Some(doubles) = near_duplicates::find(prints) else { return Ok(()) };
    let part = |path| {
        let print = prints.iter().find(|print| print.path == path);
        Part::ALL[print.map_or(0, |print| print.group)]
    };
    let (first_part, second_part) = (part(doubles.first.clone()), part(doubles.second.clone()));
    Err(TrainingError::NearDuplicate { doubles, first_part, second_part })
}

fn has_both_classes(part: Part, samples: &[Sample]) -> Result<(), TrainingError> {
    for (positive, kind) in [(true, "with"), (false, "without")] {
        if !samples.iter().any(|sample| sample.is_positive() == positive) {
            return Err(TrainingError::OneClass { part, kind });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::run::tests::samples as bars;

    fn parts() -> Parts {
        Parts {
            training: bars(0..4),
            validation: bars(4..6),
            test: bars(6..8),
            left_out: Vec::new(),
            landmarks: crate::training::landmarks::export::tests::untrained(),
            digest: "own".to_owned(),
            mixed: None,
        }
    }

    fn second(range: std::ops::Range<usize>) -> Samples {
        Samples { usable: bars(range), left_out: Vec::new(), digest: "second".to_owned() }
    }

    #[test]
    fn a_second_data_set_comes_into_training_alone() {
        let data = DataSet { root: "rendered".into(), people: Vec::new() };
        let mut mixed = parts();
        mixed.mix(&data, second(10..20), 0.25).unwrap();
        assert_eq!(Part::ALL.map(|part| mixed.of(part).len()), [14, 2, 2]);
        assert!(mixed.training[..4].iter().all(|sample| sample.weight == 1.0));
        assert!(mixed.training[4..].iter().all(|sample| sample.weight == 0.25));
        let noted = mixed.mixed.unwrap();
        assert_eq!((noted.digest.as_str(), noted.weight), ("second", 0.25));
        assert_eq!(mixed.digest, "own");
    }

    #[test]
    fn a_picture_in_both_data_sets_is_refused_whatever_its_part() {
        let data = DataSet { root: "rendered".into(), people: Vec::new() };
        for shared in [0, 5, 7] {
            let refused = parts().mix(&data, second(shared..20), 0.25).unwrap_err();
            assert!(matches!(refused, TrainingError::MixedDuplicate(_)), "{refused}");
            assert!(refused.to_string().contains("the same file"), "{refused}");
        }
    }
}
