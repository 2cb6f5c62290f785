//! What a bundle says of itself: `manifest.toml`.

use super::{BundleError, archive::NAMES, audit::Audit};
use crate::{
    answer::AnswerRule,
    network::{RawNetwork, RawOutputs},
    pose::{Label, Pose},
    quality::QualityRule,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The format that this program reads and writes.
pub const FORMAT: u32 = 2;

/// The manifest. A writer fills it in and serializes it as TOML; a [`super::Bundle`] holds only a checked one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// Small letters, digits and hyphens, 1 to 40.
    pub name: String,
    /// From 1; it only grows, so that a kiosk can refuse to go back.
    pub version: u32,
    /// What it was trained on, in a few words: `rendered faces`.
    pub made_from: String,
    /// The labels of the people it was trained on; synkinesis is told from the others.
    pub labels: Vec<Label>,
    /// The poses that a session takes.
    pub poses: Vec<Pose>,
    /// What a picture must keep to.
    pub quality: QualityRule,
    /// From logits and indices to answers.
    pub answer: AnswerRule,
    /// Input contract, layers and head.
    pub network: RawNetwork,
    /// The same of the network that finds landmarks.
    pub landmarks: RawNetwork<RawOutputs>,
    /// What the shortcut audit said; none in bundles from before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
    /// The other members in their order, for digests.
    pub members: Vec<Member>,
}

/// How a member is known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its name in the archive.
    pub name: String,
    /// Its bytes.
    pub length: u64,
    /// Its SHA-256, 64 small hexadecimal digits.
    pub sha256: String,
}

/// All that is read before the format is known.
#[derive(Deserialize)]
struct OnlyFormat {
    format: u32,
}

impl Member {
    /// The member of this name with these bytes.
    pub fn of(name: &str, bytes: &[u8]) -> Member {
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Member { name: name.to_owned(), length: bytes.len() as u64, sha256 }
    }
}

impl Manifest {
    /// Reads and checks the bytes of a `manifest.toml`.
    pub fn parse(bytes: &[u8]) -> Result<Manifest, BundleError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| BundleError::Manifest("it is no UTF-8 text".to_owned()))?;
        let OnlyFormat { format } = toml::from_str(text).map_err(unreadable)?;
        if format != FORMAT {
            return Err(BundleError::Format(format));
        }
        let manifest: Manifest = toml::from_str(text).map_err(unreadable)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Every value within its range. The network is checked where it is built.
    pub fn check(&self) -> Result<(), BundleError> {
        self.format_is_known()?;
        self.name_is_plain()?;
        self.version_counts()?;
        self.origin_is_one_line()?;
        self.labels_are_two_or_three()?;
        self.poses_are_distinct()?;
        self.quality_rule_holds()?;
        self.answer_rule_holds()?;
        self.audit_holds()?;
        self.members_are_named()
    }

    fn format_is_known(&self) -> Result<(), BundleError> {
        if self.format == FORMAT { Ok(()) } else { Err(BundleError::Format(self.format)) }
    }

    fn name_is_plain(&self) -> Result<(), BundleError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let holds = (1..=40).contains(&self.name.len()) && self.name.bytes().all(plain);
        require(holds, "name", &self.name, "1 to 40 small letters, digits and hyphens")
    }

    fn version_counts(&self) -> Result<(), BundleError> {
        require(self.version > 0, "version", self.version, "1 or more")
    }

    fn origin_is_one_line(&self) -> Result<(), BundleError> {
        let holds = (1..=200).contains(&self.made_from.len()) && !self.made_from.contains(char::is_control);
        require(holds, "made_from", &self.made_from, "one line of 1 to 200 bytes")
    }

    fn labels_are_two_or_three(&self) -> Result<(), BundleError> {
        let holds =
            self.labels.len() >= 2 && self.labels.contains(&Label::Synkinesis) && distinct(&self.labels);
        require(holds, "labels", listed(&self.labels), "synkinesis and at least one other, each once")
    }

    fn poses_are_distinct(&self) -> Result<(), BundleError> {
        let holds = !self.poses.is_empty() && distinct(&self.poses);
        require(holds, "poses", listed(&self.poses), "one or more, each once")
    }

    fn quality_rule_holds(&self) -> Result<(), BundleError> {
        self.quality.check().map_err(|error| BundleError::Manifest(error.to_string()))
    }

    fn answer_rule_holds(&self) -> Result<(), BundleError> {
        self.answer.check().map_err(|error| BundleError::Manifest(error.to_string()))?;
        let needed = "at most the number of poses";
        require(self.answer.min_poses <= self.poses.len(), "answer.min_poses", self.answer.min_poses, needed)
    }

    fn audit_holds(&self) -> Result<(), BundleError> {
        match self.audit.as_ref().and_then(Audit::defect) {
            Some((what, given, needed)) => require(false, what, given, needed),
            None => Ok(()),
        }
    }

    fn members_are_named(&self) -> Result<(), BundleError> {
        let names: Vec<&str> = self.members.iter().map(|member| member.name.as_str()).collect();
        require(
            names == NAMES[2..],
            "members",
            names.join(" "),
            "the four that the archive holds, in their order",
        )
    }
}

fn require(
    holds: bool,
    what: &'static str,
    given: impl ToString,
    needed: &'static str,
) -> Result<(), BundleError> {
    if holds {
        return Ok(());
    }
    let given = format!("{:?}", given.to_string().chars().take(60).collect::<String>());
    Err(BundleError::ManifestValue { what, given, needed })
}

fn distinct<T: PartialEq>(values: &[T]) -> bool {
    values.iter().enumerate().all(|(at, value)| !values[..at].contains(value))
}

fn listed<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

fn unreadable(error: toml::de::Error) -> BundleError {
    BundleError::Manifest(error.message().lines().next().unwrap_or_default().chars().take(120).collect())
}
