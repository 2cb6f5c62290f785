//! From a data set to a network that the device runs: split, training, quantization, evaluation.

// Who, and which pictures.

pub mod augment;
pub mod near_duplicates;
pub mod parts;
pub mod random;
pub mod samples;
pub mod split;
pub mod surroundings;
// The network and its training.
pub mod batches;
pub mod checkpoint;
pub mod net;
pub mod run;
pub mod run_folder;
pub mod settings;
pub mod start;
// The network that finds landmarks.
pub mod landmarks;
// What it is worth.
pub mod evaluate;
pub mod metrics;
// From float to int8.
pub mod calibrate_answer;
pub mod export;
pub mod fold;
pub mod indices;
pub mod quantize;
pub mod series_model;
pub mod unfold;

use crate::dataset::DataSetError;
use near_duplicates::Doubles;
use split::{Part, SplitError};
use std::io;
use std::path::{Path, PathBuf};
use synkiosk_models::network::NetworkError;

/// Why training, quantization or evaluation did not take place.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// The data set does not hold.
    #[error(transparent)]
    DataSet(#[from] DataSetError),
    /// The split does not hold.
    #[error("{}: {error}", path.display())]
    Split {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: SplitError,
    },
    /// The same picture in two parts.
    #[error("{} and {} are {} but stand in two splits, {first_part} and {second_part}", .doubles.first.display(),
        .doubles.second.display(), likeness(.doubles))]
    NearDuplicate {
        /// Both files.
        doubles: Doubles,
        /// Where the first stands.
        first_part: Part,
        /// Where the second stands.
        second_part: Part,
    },
    /// The same picture in the data set and in the one that is mixed in.
    #[error("{} and {} are {} but stand in two data sets", .0.first.display(), .0.second.display(), likeness(.0))]
    MixedDuplicate(Doubles),
    /// No picture of the label has a usable face.
    #[error("{part} has no usable picture {kind} synkinesis")]
    OneClass {
        /// The part of the split.
        part: Part,
        /// `with` or `without`.
        kind: &'static str,
    },
    /// The folder holds something else.
    #[error("{} holds files but is no run", .0.display())]
    NoRun(PathBuf),
    /// The run was begun with other settings or data.
    #[error("{} belongs to another run: its {what} differs", folder.display())]
    OtherRun {
        /// The run's folder.
        folder: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// The step before has not been done.
    #[error("{} has no {file}", folder.display())]
    NotYet {
        /// The run's folder.
        folder: PathBuf,
        /// The missing file.
        file: &'static str,
        /// The command that makes it.
        command: &'static str,
    },
    /// A file of a run cannot be read back.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
    /// A bundle's network cannot be trained on.
    #[error("{} cannot be begun with: {error}", path.display())]
    Start {
        /// The bundle.
        path: PathBuf,
        /// What is wrong with its network.
        error: unfold::UnfoldError,
    },
    /// The loss is no number any more.
    #[error("the loss is no number in epoch {0}")]
    Diverged(usize),
    /// No truth to learn landmarks from.
    #[error(transparent)]
    Truth(#[from] landmarks::truth::TruthError),
    /// The int8 network cannot be built.
    #[error("the int8 network is refused: {0}")]
    Network(#[from] NetworkError),
    /// The operating system could not read or write.
    #[error("could not {doing} {}: {source}", path.display())]
    Access {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

fn likeness(doubles: &Doubles) -> String {
    match doubles.distance {
        None => "the same file".to_owned(),
        Some(distance) => format!("nearly the same picture ({distance} of 480 bits differ)"),
    }
}

impl TrainingError {
    fn access(doing: &'static str, path: &Path, source: io::Error) -> TrainingError {
        TrainingError::Access { doing, path: path.to_owned(), source }
    }

    /// What the user can do.
    pub fn help(&self) -> String {
        match self {
            TrainingError::DataSet(error) => error.help().to_owned(),
            TrainingError::Split { error, .. } => error.help().to_owned(),
            TrainingError::NearDuplicate { .. } => {
                "put both people into one split, or take one of the pictures out".to_owned()
            }
            TrainingError::MixedDuplicate(_) => {
                "take the picture out of one of the two, or mix in other people".to_owned()
            }
            TrainingError::OneClass { .. } => {
                "add people, or pictures in which one whole face is seen".to_owned()
            }
            TrainingError::NoRun(_) => "pass a new folder with --out".to_owned(),
            TrainingError::OtherRun { .. } => {
                "pass a new folder with --out, or the settings and data that the run was begun with"
                    .to_owned()
            }
            TrainingError::NotYet { folder, command, .. } => {
                format!("first run: synkiosk {command} {}", folder.display())
            }
            TrainingError::Damaged { .. } => "delete it and run the step that makes it again".to_owned(),
            TrainingError::Start { .. } => {
                "pass a bundle whose network was made by synkiosk quantize, or a run's folder".to_owned()
            }
            TrainingError::Diverged(_) => "pass another --seed with a new --out".to_owned(),
            TrainingError::Truth(error) => error.help().to_owned(),
            TrainingError::Network(_) => "quantize again; if that does not help, train again".to_owned(),
            TrainingError::Access { .. } => {
                "check that the disk is there, has room, and that you own the files".to_owned()
            }
        }
    }

    /// Whether it was looked at and refused; otherwise it could not be looked at.
    pub fn is_refusal(&self) -> bool {
        !matches!(self, TrainingError::Access { .. } | TrainingError::DataSet(DataSetError::Access { .. }))
    }
}
