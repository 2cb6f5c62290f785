//! The second network: landmarks, and the activity of chin and neck, learned from rendered faces whose truth is
//! known to a fraction of a pixel.

pub mod truth;

pub mod samples;

pub mod looks;

pub mod net;

pub mod run;

pub mod export;

pub mod errors;

use super::TrainingError;
use super::run_folder::{CONFIG, RunFolder};
use errors::LandmarkErrors;
use export::LandmarkFiles;
use run::LandmarkSettings;
use std::path::Path;
use synkiosk_models::bundle::Bundle;

/// The layer list of a run's int8 network.
pub const LAYERS: &str = "landmarks.toml";
/// Its tensors.
pub const TENSORS: &str = "landmarks.safetensors";
/// How far it is off.
pub const ERRORS: &str = "landmarks.json";

/// The folder of one training of the second network.
#[derive(Debug, Clone)]
pub struct LandmarkRun {
    folder: RunFolder,
}

impl LandmarkRun {
    /// A folder that exists or will.
    pub fn new(root: &Path) -> LandmarkRun {
        LandmarkRun { folder: RunFolder::new(root) }
    }

    /// What stands in it.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Takes the folder: new, or begun with the same settings and pictures.
    pub fn claim(&self, settings: &LandmarkSettings) -> Result<(), TrainingError> {
        let path = self.folder.path(CONFIG);
        if !path.exists() {
            return self.folder.write_json(CONFIG, settings);
        }
        let begun: LandmarkSettings = serde_json::from_slice(&self.folder.read(CONFIG)?)
            .map_err(|error| self.folder.damaged(CONFIG, error))?;
        match begun == *settings {
            true => Ok(()),
            false => Err(TrainingError::OtherRun { folder: self.folder.path(""), what: "settings or data" }),
        }
    }

    /// Writes the int8 network and its errors.
    pub fn write(&self, files: &LandmarkFiles, errors: &LandmarkErrors) -> Result<(), TrainingError> {
        files.write(&self.folder)?;
        self.folder.write_json(ERRORS, errors)
    }
}

impl LandmarkFiles {
    /// Puts both files into a run's folder.
    pub fn write(&self, folder: &RunFolder) -> Result<(), TrainingError> {
        let text = toml::to_string(&self.raw).map_err(|error| folder.damaged(LAYERS, error))?;
        folder.write(LAYERS, text.as_bytes())?;
        folder.write(TENSORS, &self.tensors)
    }

    /// Those of a bundle.
    pub fn of_bundle(bundle: &Bundle) -> LandmarkFiles {
        let raw = bundle.manifest().landmarks.clone();
        LandmarkFiles { raw, tensors: bundle.landmark_tensors().to_vec() }
    }

    /// Reads both files of a run's folder.
    pub fn read(folder: &RunFolder) -> Result<LandmarkFiles, TrainingError> {
        folder.needs(LAYERS, "landmarks --out")?;
        let text = folder.read(LAYERS)?;
        let raw = toml::from_slice(&text).map_err(|error| folder.damaged(LAYERS, error.message()))?;
        Ok(LandmarkFiles { raw, tensors: folder.read(TENSORS)? })
    }
}
