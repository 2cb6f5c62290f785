//! The folder of one run: what stands where, and nothing half-written.

use super::TrainingError;
use super::settings::Config;
use super::split::Split;
use crate::dataset::DataSet;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Who is in which part.
pub const SPLIT: &str = "split.csv";
/// All settings.
pub const CONFIG: &str = "config.json";
/// Loss and accuracy of each epoch.
pub const HISTORY: &str = "history.csv";
/// The trained weights, in Burnpack.
pub const FLOAT: &str = "float.bpk";
/// The int8 network's layer list.
pub const NETWORK: &str = "quantized/network.toml";
/// The int8 network's weights.
pub const WEIGHTS: &str = "quantized/network.safetensors";
/// The answer rule.
pub const ANSWER: &str = "quantized/answer.toml";
/// Inputs and the sums that they must give.
pub const GOLDEN: &str = "quantized/golden.safetensors";
/// What the validation pictures say of the int8 network.
pub const VALIDATION: &str = "quantized/validation.json";

/// One run's folder.
#[derive(Debug, Clone)]
pub struct RunFolder {
    root: PathBuf,
}

impl RunFolder {
    /// A folder that exists or will.
    pub fn new(root: &Path) -> RunFolder {
        RunFolder { root: root.to_owned() }
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Takes the folder for a run: new, or begun with the same settings, data and split.
    pub fn claim(&self, config: &Config, split: &Split) -> Result<(), TrainingError> {
        fs::create_dir_all(&self.root).map_err(|error| TrainingError::access("make", &self.root, error))?;
        if self.path(CONFIG).exists() {
            let begun: Config = self.read_json(CONFIG)?;
            if let Some(what) = begun.difference(config) {
                return Err(TrainingError::OtherRun { folder: self.root.clone(), what });
            }
        } else {
            self.must_be_empty()?;
            self.write_json(CONFIG, config)?;
        }
        self.write(SPLIT, split.text().as_bytes())
    }

    /// Hidden files may be rests of an interrupted write.
    fn must_be_empty(&self) -> Result<(), TrainingError> {
        let entries =
            fs::read_dir(&self.root).map_err(|error| TrainingError::access("read", &self.root, error))?;
        let mut names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
        match names.any(|name| !name.to_string_lossy().starts_with('.')) {
            true => Err(TrainingError::NoRun(self.root.clone())),
            false => Ok(()),
        }
    }

    /// The settings of a run that has begun.
    pub fn config(&self) -> Result<Config, TrainingError> {
        self.needs(CONFIG, "train --out")?;
        self.read_json(CONFIG)
    }

    /// The split of a run that has begun.
    pub fn split(&self, data: &DataSet) -> Result<Split, TrainingError> {
        let path = self.path(SPLIT);
        let text = String::from_utf8_lossy(&self.read(SPLIT)?).into_owned();
        Split::parse(&text, data).map_err(|error| TrainingError::Split { path, error })
    }

    /// Refuses unless the file is there, and names the command that makes it.
    pub fn needs(&self, file: &'static str, command: &'static str) -> Result<(), TrainingError> {
        match self.path(file).is_file() {
            true => Ok(()),
            false => Err(TrainingError::NotYet { folder: self.root.clone(), file, command }),
        }
    }

    /// A file's bytes.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, TrainingError> {
        let path = self.path(name);
        fs::read(&path).map_err(|error| TrainingError::access("read", &path, error))
    }

    fn read_json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, TrainingError> {
        serde_json::from_slice(&self.read(name)?).map_err(|error| self.damaged(name, error))
    }

    /// A file that cannot be understood.
    pub fn damaged(&self, name: &str, reason: impl ToString) -> TrainingError {
        TrainingError::Damaged { path: self.path(name), reason: reason.to_string() }
    }

    /// Writes a file wholly or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), TrainingError> {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)
            .and_then(|()| write_whole(&path, bytes))
            .map_err(|error| TrainingError::access("write", &path, error))
    }

    /// Writes indented JSON.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), TrainingError> {
        let mut text = serde_json::to_vec_pretty(value).map_err(|error| self.damaged(name, error))?;
        text.push(b'\n');
        self.write(name, &text)
    }
}

/// Writes beside the file, then renames.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".{name}.part"));
    let written = write_synced(&part, bytes).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // Best effort: the first error is the one to report.
        let _ = fs::remove_file(&part);
    }
    written
}

/// Writes a file and waits until the disk has it.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// SHA-256 as hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
