//! The pictures of each part of a split, and the proof that no picture stands in two.

use super::TrainingError;
use super::landmarks::export::LandmarkFiles;
use super::near_duplicates;
use super::samples::{LeftOut, Sample, Samples};
use super::split::{Part, Split};
use crate::dataset::DataSet;

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

fn refuse_doubles(prints: &[near_duplicates::Fingerprint]) -> Result<(), TrainingError> {
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
