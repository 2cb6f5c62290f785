//! The state after an epoch: weights, optimizer and history, so that a killed run goes on as if it had not been.

use super::TrainingError;
use super::net::Settle;
use super::run_folder::{RunFolder, write_synced};
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

const FOLDER: &str = "checkpoints";
const WEIGHTS: &str = "weights.bpk";
const OPTIMIZER: &str = "optimizer.bpk";
const HISTORY: &str = "history.json";
/// The newest, and one before it should the newest be damaged.
const KEPT: usize = 2;

/// What one epoch came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: usize,
    /// Mean training loss.
    pub loss: f64,
    /// Mean loss on the validation pictures.
    pub validation_loss: f64,
    /// Share of the validation pictures called right.
    pub validation_accuracy: f64,
}

/// Everything that the next epoch starts from.
pub struct State<N> {
    /// The network, on its device.
    pub net: N,
    /// With its moments.
    pub optimizer: ModuleOptimizer,
    /// One entry for every epoch that is done.
    pub history: Vec<Epoch>,
}

/// The weights as a Burnpack file.
pub fn weights<N: Module + Settle>(net: &N) -> Result<Vec<u8>, String> {
    net.settle();
    net.clone().into_record().into_bytes().map(|bytes| bytes.to_vec()).map_err(|error| error.to_string())
}

/// Puts a Burnpack file's weights into a network of the same layers.
pub fn with_weights<N: Module>(net: N, bytes: Vec<u8>) -> Result<N, String> {
    let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes)).map_err(|error| error.to_string())?;
    net.try_load_record(record).map_err(|error| error.to_string())
}

/// Writes the state and drops all but the newest two.
pub fn save<N: Module + Settle>(folder: &RunFolder, state: &State<N>) -> Result<(), TrainingError> {
    let root = folder.path(FOLDER);
    let path = root.join(format!("epoch-{:04}", state.history.len()));
    let damaged = |reason: String| TrainingError::Damaged { path: path.clone(), reason };
    let optimizer = state.optimizer.into_bytes().map_err(|error| damaged(error.to_string()))?;
    let history = serde_json::to_vec(&state.history).map_err(|error| damaged(error.to_string()))?;
    let weights = weights(&state.net).map_err(damaged)?;
    let part = root.join(".part");
    let written = (|| {
        if part.exists() {
            fs::remove_dir_all(&part)?;
        }
        fs::create_dir_all(&part)?;
        write_synced(&part.join(WEIGHTS), &weights)?;
        write_synced(&part.join(OPTIMIZER), &optimizer)?;
        write_synced(&part.join(HISTORY), &history)?;
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::rename(&part, &path)
    })();
    written.map_err(|error| TrainingError::access("write", &path, error))?;
    for old in saved(&root).iter().rev().skip(KEPT) {
        fs::remove_dir_all(old).map_err(|error| TrainingError::access("remove", old, error))?;
    }
    Ok(())
}

/// The newest state that can be read, if there is one.
pub fn load<N: Module>(folder: &RunFolder, fresh: impl Fn() -> State<N>) -> Option<State<N>> {
    saved(&folder.path(FOLDER)).iter().rev().find_map(|path| load_one(path, fresh()).ok())
}

/// Once a run is done its checkpoints are of no more use.
pub fn clear(folder: &RunFolder) -> Result<(), TrainingError> {
    let root = folder.path(FOLDER);
    match fs::remove_dir_all(&root) {
        Err(error) if root.exists() => Err(TrainingError::access("remove", &root, error)),
        _ => Ok(()),
    }
}

fn load_one<N: Module>(path: &Path, fresh: State<N>) -> Result<State<N>, String> {
    let read = |name: &str| fs::read(path.join(name)).map_err(|error| error.to_string());
    let history: Vec<Epoch> = serde_json::from_slice(&read(HISTORY)?).map_err(|error| error.to_string())?;
    let net = with_weights(fresh.net, read(WEIGHTS)?)?;
    let optimizer = Bytes::from_bytes_vec(read(OPTIMIZER)?);
    let optimizer = fresh.optimizer.from_bytes(optimizer).map_err(|error| error.to_string())?;
    Ok(State { net, optimizer, history })
}

/// Finished checkpoints, oldest first.
fn saved(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("epoch-")));
    paths.sort();
    paths
}
