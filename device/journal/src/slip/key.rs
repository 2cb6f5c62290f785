//! A unit's own key, which signs slips and where its journal ends, and nothing else (Ed25519, RFC 8032).

use crate::hex;
use ed25519_dalek::{KEYPAIR_LENGTH, Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

/// Of a key's id.
pub(super) const ID_BYTES: usize = 8;

/// The secret half. It is wiped when it is dropped, and no message and no debug output shows it.
#[derive(Clone)]
pub struct SlipKey(SigningKey);

/// The public half, as 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SlipPublicKey(VerifyingKey);

/// The first bytes of the SHA-256 of a public key: enough to find the key by, and no proof of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub(super) [u8; ID_BYTES]);

/// A text that is no public key of slips.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a slip key is 64 hexadecimal digits in lower case that are a point of Ed25519")]
pub struct KeyError;

impl KeyError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        "take unit.toml from the unit's stick once more; it is not meant to be changed by hand"
    }
}

impl SlipKey {
    /// Bytes of a key that is kept: the secret half, then the public one, so that damage is seen.
    pub const BYTES: usize = KEYPAIR_LENGTH;

    /// A fresh one, from the system's generator.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn random() -> Result<SlipKey, getrandom::Error> {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *secret)?;
        Ok(SlipKey(SigningKey::from_bytes(&secret)))
    }

    /// What `to_bytes` gave; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<SlipKey> {
        SigningKey::from_keypair_bytes(bytes.try_into().ok()?).ok().map(SlipKey)
    }

    /// To be kept where only the unit reads it.
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::BYTES]> {
        Zeroizing::new(self.0.to_keypair_bytes())
    }

    /// The half that others check slips with.
    pub fn public(&self) -> SlipPublicKey {
        SlipPublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SlipKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlipKey({})", self.public().id())
    }
}

impl SlipPublicKey {
    /// Its id.
    pub fn id(&self) -> KeyId {
        let mut id = [0; ID_BYTES];
        id.copy_from_slice(&Sha256::digest(self.0.as_bytes())[..ID_BYTES]);
        KeyId(id)
    }

    /// Strictly: keys and signatures that fit more than one message do not count.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for SlipPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(self.0.as_bytes(), f)
    }
}

impl fmt::Debug for SlipPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlipPublicKey({self})")
    }
}

impl FromStr for SlipPublicKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = hex::bytes_of(text).ok_or(KeyError)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError)?;
        if key.is_weak() { Err(KeyError) } else { Ok(SlipPublicKey(key)) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}
