//! Everything that decides the weights, as it stands in a run's `config.json`.

use super::augment::Augmentation;
use super::net::Architecture;
use super::split::PAPER_SHARES;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How a training is done as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// As in Scientific Reports, 9 July 2025: 385 pictures, 285/29/71, 18 epochs.
    Paper,
    /// For larger sets with palsy people: 60/20/20 per cent of the pictures, 12 epochs: thresholds need people.
    Clinical,
}

/// Numbers of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The protocol that the numbers are from.
    pub protocol: Protocol,
    /// Of the split, the first weights, the order and the augmentation.
    pub seed: u64,
    /// Times that every training picture is shown in all its copies.
    pub epochs: usize,
    /// Augmented looks at each picture in one epoch (repeated augmentation, Hoffer et al. 2020): with 285 pictures
    /// an epoch of one look would be nine steps.
    pub copies: usize,
    /// Looks a step.
    pub batch: usize,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Share of all steps in which it rises; then it falls as half a cosine to zero.
    pub warmup: f64,
    /// AdamW's, on every parameter.
    pub weight_decay: f32,
    /// Targets are this far from 0 and 1.
    pub label_smoothing: f32,
    /// Share of the features dropped before the head.
    pub dropout: f32,
    /// Shares of training, validation and test, of their sum.
    pub shares: [u32; 3],
    /// How looks differ.
    pub augmentation: Augmentation,
    /// The network.
    pub architecture: Architecture,
}

impl Settings {
    /// A protocol's numbers.
    pub fn of(protocol: Protocol, seed: u64) -> Settings {
        let (epochs, copies, shares) = match protocol {
            Protocol::Paper => (18, 12, PAPER_SHARES),
            Protocol::Clinical => (12, 2, [3, 1, 1]),
        };
        Settings {
            protocol,
            seed,
            epochs,
            copies,
            batch: 32,
            learning_rate: 3e-3,
            warmup: 0.1,
            weight_decay: 0.05,
            label_smoothing: 0.03,
            dropout: 0.2,
            shares,
            augmentation: Augmentation::default(),
            architecture: Architecture::shipped(),
        }
    }

    /// The learning rate of a step.
    pub fn rate(&self, step: usize, steps: usize) -> f64 {
        let done = (step as f64 + 0.5) / steps.max(1) as f64;
        if done < self.warmup {
            return self.learning_rate * done / self.warmup;
        }
        let falling = (done - self.warmup) / (1.0 - self.warmup);
        self.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * falling).cos())
    }
}

/// A run's `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Of this file.
    pub format: u32,
    /// Everything that was set.
    pub settings: Settings,
    /// Which weights are kept.
    pub weights: String,
    /// Where the data set was.
    pub data: PathBuf,
    /// SHA-256 of all its names, labels and pictures.
    pub data_digest: String,
    /// SHA-256 of `split.csv`.
    pub split_digest: String,
    /// SHA-256 of the network of landmarks that placed the faces.
    pub landmarks_digest: String,
    /// What the first weights were; none where they were drawn from the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Started>,
    /// Whose pictures are in the training beside those of the data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mixed: Option<Mixed>,
}

/// A second data set, in training only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixed {
    /// Where it was.
    pub data: PathBuf,
    /// SHA-256 of all its names, labels and pictures.
    pub digest: String,
    /// What one of its looks counts in the loss; one of the data set's own counts 1.
    pub weight: f32,
    /// The sources of its people, each once.
    pub sources: Vec<String>,
}

/// Where the first weights came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Started {
    /// A run or a bundle, in words.
    pub from: String,
    /// SHA-256 of the run's weights or of the bundle's file.
    pub digest: String,
}

impl Config {
    /// The version of the file that is written and read.
    pub const FORMAT: u32 = 1;
    /// Stands in `weights`.
    pub const LAST_EPOCH: &str = "last epoch; none is picked by validation or test pictures";

    /// The first thing in which a run differs from another; where the data stand does not count.
    pub fn difference(&self, other: &Config) -> Option<&'static str> {
        let mixed = |config: &Config| config.mixed.as_ref().map(|mixed| (mixed.digest.clone(), mixed.weight));
        [
            (self.format != other.format, "format"),
            (self.settings != other.settings, "settings"),
            (self.data_digest != other.data_digest, "data"),
            (self.split_digest != other.split_digest, "split"),
            (self.landmarks_digest != other.landmarks_digest, "network of landmarks"),
            (self.started != other.started, "first weights"),
            (mixed(self) != mixed(other), "mixed data"),
        ]
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let settings = Settings::of(Protocol::Paper, 1);
        let rates: Vec<f64> = (0..1000).map(|step| settings.rate(step, 1000)).collect();
        let highest = rates.iter().fold(0.0f64, |a, b| a.max(*b));
        assert!((highest - settings.learning_rate).abs() < 1e-4 * settings.learning_rate);
        assert!(rates[0] < 0.01 * highest && rates[999] < 1e-5 * highest);
        assert!(rates[..99].is_sorted() && rates[101..].is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn settings_read_back_the_same() {
        for protocol in [Protocol::Paper, Protocol::Clinical] {
            let settings = Settings::of(protocol, 7);
            let text = serde_json::to_string(&settings).unwrap();
            assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
        }
    }
}
