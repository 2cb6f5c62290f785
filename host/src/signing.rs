//! Minisign signatures as bundles and units take them.

use crate::command::Refusal;
use minisign::{PublicKey, SecretKey};
use synkiosk_models::bundle::SIGNATURE_COMMENT;

/// The text of a `.minisig` file. The comment is signed too, and holds no time: equal inputs are to give comparable files.
///
/// # Errors
/// When the key cannot sign.
pub fn sign(bytes: &[u8], comment: &str, key: &SecretKey) -> Result<String, Refusal> {
    minisign::sign(None, key, bytes, Some(comment), Some(SIGNATURE_COMMENT))
        .map(minisign::SignatureBox::into_string)
        .map_err(unexpected)
}

/// The text of the public key's file.
///
/// # Errors
/// When the secret key is none.
pub fn public_text(key: &SecretKey) -> Result<String, Refusal> {
    let public = PublicKey::from_secret_key(key).and_then(|key| key.to_box()).map_err(unexpected)?;
    Ok(public.into_string())
}

fn unexpected(error: impl std::fmt::Display) -> Refusal {
    Refusal::could_not(format!("could not sign: {error}"), "run the command again")
}
