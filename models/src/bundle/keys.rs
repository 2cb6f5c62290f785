//! Who may sign bundles.

use super::BundleError;
use minisign_verify::{PublicKey, Signature};
use sha2::{Digest, Sha256};
use std::fmt;

/// The public half of the key that signs what comes with the program. Its secret half is public too, so it proves
/// nothing about who signed; appliances refuse it.
#[cfg(feature = "shipped")]
pub const DEMO_PUBLIC_KEY: &str = include_str!("../../shipped/demo.pub");

/// SHA-256 of the demo key's 32 bytes, by which a program without that key knows it.
const DEMO_KEY_SHA256: [u8; 32] = [
    0x09, 0xfa, 0xca, 0x4a, 0x47, 0x2e, 0x7a, 0x56, 0xca, 0x5f, 0x6f, 0xa0, 0xb4, 0x59, 0xd6, 0x0e, 0x3d,
    0xe8, 0xa2, 0x7b, 0x0b, 0x92, 0xd5, 0xe6, 0x16, 0x9c, 0x51, 0xf5, 0x08, 0xca, 0x38, 0x92,
];

/// The first line of every signature, which no signature covers: minisign's own, and nothing else is taken.
pub const SIGNATURE_COMMENT: &str = "signature from minisign secret key";

/// Public keys whose bundles are taken.
#[derive(Clone)]
pub struct TrustedKeys {
    keys: Vec<TrustedKey>,
}

#[derive(Clone)]
struct TrustedKey {
    public: PublicKey,
    name: SigningKey,
}

/// The key that signed a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Minisign's key id, as its tool prints it: 16 hexadecimal digits.
    pub id: String,
    /// Whether it is the demo key, with which anyone can sign.
    pub is_demo: bool,
}

impl TrustedKeys {
    /// From the texts of minisign public key files: a comment line and a line with the key.
    pub fn from_public_texts(texts: &[&str]) -> Result<TrustedKeys, BundleError> {
        let keys =
            texts.iter().enumerate().map(|(at, text)| read_key(text).ok_or(BundleError::PublicKey(at + 1)));
        Ok(TrustedKeys { keys: keys.collect::<Result<_, _>>()? })
    }

    /// The same but for the demo key: what a board trusts that must not take what anyone can sign.
    pub fn without_demo(self) -> TrustedKeys {
        TrustedKeys { keys: self.keys.into_iter().filter(|key| !key.name.is_demo).collect() }
    }

    /// The demo key alone.
    #[cfg(feature = "shipped")]
    pub fn demo() -> TrustedKeys {
        TrustedKeys::from_public_texts(&[DEMO_PUBLIC_KEY]).expect("the shipped key is a key")
    }

    /// The same but for one key, by its id.
    pub fn without(self, id: &str) -> TrustedKeys {
        TrustedKeys { keys: self.keys.into_iter().filter(|key| key.name.id != id).collect() }
    }

    /// What is trusted, in the order given.
    pub fn names(&self) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter().map(|key| &key.name)
    }

    /// The trusted key that signed these bytes; `signature` is minisign's file.
    ///
    /// # Errors
    /// When none of the trusted keys did.
    pub fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<SigningKey, SignatureError> {
        let text = std::str::from_utf8(signature).map_err(|_| SignatureError::Text)?;
        let id = signature_key_id(text).ok_or(SignatureError::Text)?;
        let parsed = Signature::decode(text).map_err(|_| SignatureError::Text)?;
        let mut known = false;
        for key in self.keys.iter().filter(|key| key.name.id == id) {
            known = true;
            if key.public.verify(signed, &parsed, false).is_ok() {
                return Ok(key.name.clone());
            }
        }
        Err(if known { SignatureError::Wrong } else { SignatureError::Untrusted(id) })
    }
}

/// Why a signature proves nothing here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It is not what minisign writes.
    #[error("the signature is damaged")]
    Text,
    /// It is of a key that is not trusted here.
    #[error("it is signed with key {0}, which is not trusted here")]
    Untrusted(String),
    /// It is of a trusted key, and of other bytes.
    #[error("the signature does not fit")]
    Wrong,
}

impl SignatureError {
    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self {
            SignatureError::Text | SignatureError::Wrong => {
                "make the file and its signature again; one of them was changed"
            }
            SignatureError::Untrusted(_) => "sign with a key that is trusted here, or trust that key first",
        }
    }
}

impl From<SignatureError> for BundleError {
    fn from(error: SignatureError) -> BundleError {
        match error {
            SignatureError::Text => BundleError::SignatureText,
            SignatureError::Untrusted(id) => BundleError::UntrustedKey(id),
            SignatureError::Wrong => BundleError::Signature,
        }
    }
}

impl fmt::Debug for TrustedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.name)).finish()
    }
}

fn read_key(text: &str) -> Option<TrustedKey> {
    let (id, key) = key_parts(text)?;
    // By the key itself: an id can be rewritten.
    let is_demo = Sha256::digest(&key).as_slice() == DEMO_KEY_SHA256;
    Some(TrustedKey { public: PublicKey::decode(text).ok()?, name: SigningKey { id, is_demo } })
}

/// Key id and key: the second line is base64 of `Ed`, 8 bytes of id and 32 bytes of key.
fn key_parts(text: &str) -> Option<(String, Vec<u8>)> {
    let bytes = decode_base64(text.lines().nth(1)?)?;
    (bytes.len() == 42 && bytes.starts_with(b"Ed")).then(|| (key_id(&bytes[2..10]), bytes[10..].to_vec()))
}

/// The id in a signature that stands exactly as minisign writes it: four lines, the first one fixed.
fn signature_key_id(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').collect();
    let &[comment, signature, _, _] = lines.as_slice() else { return None };
    let plain =
        comment.strip_prefix("untrusted comment: ") == Some(SIGNATURE_COMMENT) && !text.contains('\r');
    let bytes = decode_base64(signature)?;
    (plain && bytes.len() == 74).then(|| key_id(&bytes[2..10]))
}

/// Minisign writes the id as one number, its last byte first.
fn key_id(bytes: &[u8]) -> String {
    bytes.iter().rev().map(|byte| format!("{byte:02X}")).collect()
}

/// Only to find the id; the signature itself is decoded and checked by minisign-verify.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut length, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        bits = (bits << 6 | value as u32) & 0xffff;
        length += 6;
        if length >= 8 {
            length -= 8;
            bytes.push((bits >> length) as u8);
        }
    }
    Some(bytes)
}

#[cfg(all(test, feature = "shipped"))]
mod tests {
    use super::*;

    #[test]
    fn base64_by_example() {
        assert_eq!(decode_base64("U3luS2lvc2s="), Some(b"SynKiosk".to_vec()));
        assert_eq!(decode_base64("not base64"), None);
    }

    #[test]
    fn demo_key_says_what_it_is() {
        let comment = DEMO_PUBLIC_KEY.lines().next().unwrap();
        assert_eq!(
            comment,
            "untrusted comment: synkiosk DEMO key: anyone can sign with it; refused outside desk and vm"
        );
        assert!(TrustedKeys::demo().keys[0].name.is_demo);
        assert!(TrustedKeys::demo().without_demo().keys.is_empty());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let short = DEMO_PUBLIC_KEY.replace("RW", "");
        for text in ["", "one line", "two\nlines", short.as_str()] {
            let error = TrustedKeys::from_public_texts(&[DEMO_PUBLIC_KEY, text]).unwrap_err();
            assert_eq!(error.to_string(), "public key number 2 is no minisign public key");
        }
    }
}
