//! The bundle: everything a kiosk needs to answer, in one signed file.
//!
//! An uncompressed tar of exactly these members, in this order:
//!
//! | member | holds |
//! |---|---|
//! | `manifest.toml.minisig` | minisign's signature of the manifest |
//! | `manifest.toml` | [`Manifest`]: name, version, answer rule, layer list, length and SHA-256 of the members below |
//! | `network.safetensors` | the tensors of the network ([`crate::network`]) |
//! | `landmarks.safetensors` | the tensors of the network that finds landmarks ([`crate::landmarker`]) |
//! | `card.md` | the model card |
//! | `golden.safetensors` | inputs and the sums they must give, for both networks: [`Golden`] |
//!
//! Reading goes from the outside in: size, structure of the tar, signature, manifest, lengths and digests, and only
//! then the other members. Nothing is parsed before it is known to be signed.
//! Every byte counts: a bundle that differs anywhere from the one that was signed is refused.

pub mod archive;
mod audit;
mod golden;
mod keys;
mod manifest;

pub use audit::{Audit, AuditCheck, is_reason};
pub use golden::Golden;
#[cfg(feature = "shipped")]
pub use keys::DEMO_PUBLIC_KEY;
pub use keys::{SIGNATURE_COMMENT, SignatureError, SigningKey, TrustedKeys};
pub use manifest::{FORMAT, Manifest, Member};

use crate::landmarker::Landmarker;
use crate::network::{
    Network, NetworkError,
    kernel::{self, Kernel},
};
use archive::{ArchiveError, Members};
use std::fmt;

/// Bytes a bundle may have.
pub const MOST_BYTES: usize = 64 << 20;

/// The bundle that comes with the program, signed with the demo key.
#[cfg(feature = "shipped")]
pub fn shipped() -> &'static [u8] {
    include_bytes!("../shipped/synkiosk-4.bundle")
}

/// A bundle whose every check has passed.
pub struct Bundle {
    manifest: Manifest,
    signed_by: SigningKey,
    card: String,
    network: Vec<u8>,
    landmarks: Vec<u8>,
    golden: Golden,
}

/// Why a bundle, or a key for bundles, was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BundleError {
    /// More bytes than `MOST_BYTES`.
    #[error("the bundle has {0} bytes, more than {mega} MiB", mega = MOST_BYTES >> 20)]
    TooLarge(usize),
    /// The tar is not as it must be.
    #[error("the file is no bundle, or a damaged one: {0}")]
    Archive(#[from] ArchiveError),
    /// The signature's text is not what minisign writes.
    #[error("the bundle's signature is damaged")]
    SignatureText,
    /// Signed with a key that is not trusted here.
    #[error("the bundle is signed with key {0}, which is not trusted here")]
    UntrustedKey(String),
    /// The signature does not fit the manifest.
    #[error("the bundle's signature does not fit its manifest")]
    Signature,
    /// A public key that cannot be read.
    #[error("public key number {0} is no minisign public key")]
    PublicKey(usize),
    /// A format of another time.
    #[error("the bundle has format {0}, this program reads format {FORMAT}")]
    Format(u32),
    /// The manifest cannot be read.
    #[error("the bundle's manifest cannot be read: {0}")]
    Manifest(String),
    /// A value in the manifest that makes no sense.
    #[error("the bundle's manifest has {what} {given}, which is not {needed}")]
    ManifestValue {
        /// Which one.
        what: &'static str,
        /// What was written.
        given: String,
        /// What it must be.
        needed: &'static str,
    },
    /// A member that is not the one that was signed.
    #[error("{0} is not the one that was signed")]
    Digest(&'static str),
    /// A card that is no text.
    #[error("card.md is empty or no UTF-8 text")]
    Card,
    /// The network itself.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Golden vectors that cannot be read.
    #[error("the golden vectors cannot be read: {0}")]
    Golden(String),
    /// A golden input that gives another sum.
    #[error("golden input {at} gives {given}, it must give {expected}")]
    GoldenSum {
        /// Its number, from 0.
        at: usize,
        /// What the network says here.
        given: i64,
        /// What the bundle says.
        expected: i64,
    },
}

impl BundleError {
    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            BundleError::TooLarge(_) | BundleError::Archive(_) => {
                "copy the bundle again from where it came, and check that it is a bundle"
            }
            BundleError::SignatureText | BundleError::Signature | BundleError::Digest(_) => {
                "get the bundle again from its maker; this one was changed after it was signed"
            }
            BundleError::UntrustedKey(_) => {
                "get the maker's public key and trust it, or use a bundle signed with a trusted key"
            }
            BundleError::PublicKey(_) => "give the two lines of a minisign public key file",
            BundleError::Format(_) => {
                "use a bundle made for this version of the program, or update the program"
            }
            BundleError::Manifest(_)
            | BundleError::ManifestValue { .. }
            | BundleError::Card
            | BundleError::Golden(_) => "pack the bundle again with synkiosk bundle",
            BundleError::Network(error) => error.help(),
            BundleError::GoldenSum { .. } => "do not use this bundle on this machine, and report both",
        }
    }
}

impl Bundle {
    /// Reads and checks a whole bundle.
    pub fn read(bytes: &[u8], keys: &TrustedKeys) -> Result<Bundle, BundleError> {
        if bytes.len() > MOST_BYTES {
            return Err(BundleError::TooLarge(bytes.len()));
        }
        let members = archive::read(bytes)?;
        let signed_by = keys.verify(members.manifest, members.signature)?;
        let manifest = Manifest::parse(members.manifest)?;
        manifest.fits(&members)?;
        let bundle = Bundle {
            card: card(members.card)?,
            golden: Golden::parse(members.golden)?,
            network: members.network.to_vec(),
            landmarks: members.landmarks.to_vec(),
            manifest,
            signed_by,
        };
        bundle.network()?;
        bundle.landmarker()?;
        Ok(bundle)
    }

    /// What the bundle says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The key that signed it.
    pub fn signed_by(&self) -> &SigningKey {
        &self.signed_by
    }

    /// The model card, Markdown.
    pub fn card(&self) -> &str {
        &self.card
    }

    /// Builds its network.
    pub fn network(&self) -> Result<Network, BundleError> {
        self.network_with(kernel::best())
    }

    /// The same on a kernel of the caller's choice.
    pub fn network_with(&self, kernel: &'static dyn Kernel) -> Result<Network, BundleError> {
        Ok(Network::build_with(&self.manifest.network, &self.network, kernel)?)
    }

    /// Builds its network of landmarks.
    pub fn landmarker(&self) -> Result<Landmarker, BundleError> {
        self.landmarker_with(kernel::best())
    }

    /// The same on a kernel of the caller's choice.
    pub fn landmarker_with(&self, kernel: &'static dyn Kernel) -> Result<Landmarker, BundleError> {
        Ok(Landmarker::new_with(&self.manifest.landmarks, &self.landmarks, kernel)?)
    }

    /// The tensors of its network of landmarks, whose layer list is in the manifest.
    pub fn landmark_tensors(&self) -> &[u8] {
        &self.landmarks
    }

    /// The tensors of its network, as safetensors.
    pub fn tensors(&self) -> &[u8] {
        &self.network
    }

    /// Its golden vectors.
    pub fn golden(&self) -> &Golden {
        &self.golden
    }

    /// Runs every golden input through its network and compares the sums bit for bit; returns their number.
    pub fn check_golden(
        &self,
        network: &mut Network,
        landmarker: &mut Landmarker,
    ) -> Result<usize, BundleError> {
        let Golden { inputs, sums, landmark_inputs, landmark_sums } = &self.golden;
        for (at, (input, expected)) in inputs.iter().zip(sums).enumerate() {
            same(at, network.logit(input).sum, *expected)?;
        }
        for (at, (input, expected)) in landmark_inputs.iter().zip(landmark_sums).enumerate() {
            for (given, expected) in landmarker.network().sums(input).into_iter().zip(expected) {
                same(sums.len() + at, given, *expected)?;
            }
        }
        Ok(sums.len() + landmark_sums.len())
    }

    /// The same with networks that are built for it: whether this machine computes what the maker's did.
    pub fn prove(&self) -> Result<usize, BundleError> {
        self.check_golden(&mut self.network()?, &mut self.landmarker()?)
    }
}

fn same(at: usize, given: i64, expected: i64) -> Result<(), BundleError> {
    if given == expected { Ok(()) } else { Err(BundleError::GoldenSum { at, given, expected }) }
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Bundle({} version {}, signed by {})",
            self.manifest.name, self.manifest.version, self.signed_by.id
        )
    }
}

fn card(bytes: &[u8]) -> Result<String, BundleError> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err(BundleError::Card),
    }
}

impl Manifest {
    /// Every member is the one that was signed.
    fn fits(&self, members: &Members) -> Result<(), BundleError> {
        for (member, (name, bytes)) in self.members.iter().zip(members.described()) {
            if *member != Member::of(name, bytes) {
                return Err(BundleError::Digest(name));
            }
        }
        Ok(())
    }
}
