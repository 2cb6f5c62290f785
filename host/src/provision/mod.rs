//! Makes a board one unit: what it is told goes onto its card, an image of it or a stick, and is read back.
//!
//! ```text
//! order -> checked against what lies on the medium -> signed -> written -> read back from a fresh open -> shown
//! ```
//! Invariant: nothing is written before everything was checked. Invariant: what is shown was read, not remembered.

pub mod clock;
pub mod code;
pub mod medium;

mod readback;

#[cfg(test)]
mod tests;

pub use readback::{Line, ReadBack};

use crate::{command::Refusal, signing};
use medium::{Kind, Medium};
use minisign::SecretKey;
use std::io;
use synkiosk_boards::unit::{
    SIGNATURE_ENDING,
    settings::{self, Settings},
};
use synkiosk_models::{
    bundle::{Bundle, BundleError, Manifest, TrustedKeys},
    pose::Pose,
};

/// Where a unit looks for what it is told.
pub const INBOX: &str = "synkiosk/inbox";

/// What a medium is to carry.
#[derive(Debug)]
pub struct Order {
    /// What the unit is told.
    pub settings: Settings,
    /// A signed model.
    pub bundle: Option<Vec<u8>>,
    /// Public keys that the unit is to trust: file names and texts. A stick cannot bring them.
    pub keys: Vec<(String, String)>,
}

/// One file to be written.
struct Written {
    path: String,
    bytes: Vec<u8>,
}

/// Writes and reads back.
///
/// # Errors
/// `Refusal::checked` when the unit would not take it; then nothing was written.
pub fn provision(medium: &mut Medium, order: &Order, key: &SecretKey) -> Result<ReadBack, Refusal> {
    order.settings.check().map_err(|error| Refusal::checked(&error, error.help()))?;
    let trusted = trusted_there(medium, order, key)?;
    let manifest = order.bundle.as_deref().map(|bundle| manifest(bundle, &trusted)).transpose()?;
    poses_are_known(&order.settings, manifest.as_ref())?;
    nothing_newer_lies_there(medium, &order.settings)?;
    for Written { path, bytes } in files(order, manifest.as_ref(), key)? {
        medium.write(&path, &bytes).map_err(|error| could_not_write(&path, &error))?;
    }
    medium.sync().map_err(|error| could_not_write("the medium", &error))?;
    readback::read(medium, order, &trusted)
}

/// The keys by which the unit will judge what it is told. Nobody knows those of a unit that a stick is carried to.
fn trusted_there(medium: &Medium, order: &Order, key: &SecretKey) -> Result<TrustedKeys, Refusal> {
    let own = signing::public_text(key)?;
    if medium.kind() == Kind::Stick {
        if !order.keys.is_empty() {
            return Err(Refusal::checked(
                "a stick cannot make a unit trust a key",
                "put the key onto the unit's card, or replace the old key: synkiosk keys rotate",
            ));
        }
        return keys_of(&[own]);
    }
    let mut texts: Vec<String> = order.keys.iter().map(|(_, text)| text.clone()).collect();
    texts.extend(medium.keys().map_err(|error| could_not_read("the card's keys", &error))?);
    let trusted = keys_of(&texts)?;
    let id = keys_of(&[own])?.names().map(|name| name.id.clone()).collect::<String>();
    if trusted.names().any(|name| name.id == id) {
        Ok(trusted)
    } else {
        Err(Refusal::checked(
            format!("the card does not trust the signing key {id}"),
            "pass its public half too: --key KEYS/signing.pub",
        ))
    }
}

fn keys_of(texts: &[String]) -> Result<TrustedKeys, Refusal> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    TrustedKeys::from_public_texts(&texts).map_err(|error| Refusal::checked(&error, error.help()))
}

fn manifest(bundle: &[u8], trusted: &TrustedKeys) -> Result<Manifest, Refusal> {
    let refused = |error: BundleError| Refusal::checked(&error, error.help());
    let bundle = Bundle::read(bundle, trusted).map_err(refused)?;
    bundle.prove().map_err(refused)?;
    Ok(bundle.manifest().clone())
}

fn poses_are_known(settings: &Settings, manifest: Option<&Manifest>) -> Result<(), Refusal> {
    for name in &settings.poses {
        let pose: Pose = name.parse().map_err(|_| {
            let names: Vec<&str> = Pose::ALL.iter().map(|pose| pose.name()).collect();
            Refusal::checked(format!("{name:?} is no pose"), format!("name some of {}", names.join(" ")))
        })?;
        let other = manifest.filter(|manifest| !manifest.poses.contains(&pose));
        if let Some(manifest) = other {
            return Err(Refusal::checked(
                format!("{} version {} was not calibrated for {name}", manifest.name, manifest.version),
                "name poses of the bundle's own series, or none",
            ));
        }
    }
    Ok(())
}

/// A unit would refuse a lower counter; better to say so here.
fn nothing_newer_lies_there(medium: &Medium, settings: &Settings) -> Result<(), Refusal> {
    let path = format!("{INBOX}/{}{}", settings.unit, settings::ENDING);
    let there = medium.read(&path).map_err(|error| could_not_read(&path, &error))?;
    let there = there.and_then(|bytes| Settings::parse(&String::from_utf8_lossy(&bytes)).ok());
    match there {
        Some(there) if there.counter > settings.counter => Err(Refusal::checked(
            format!("settings with counter {} lie there, and these have {}", there.counter, settings.counter),
            "set the laptop's clock, or pass a higher --counter",
        )),
        _ => Ok(()),
    }
}

fn files(order: &Order, manifest: Option<&Manifest>, key: &SecretKey) -> Result<Vec<Written>, Refusal> {
    let mut files: Vec<Written> = order
        .keys
        .iter()
        .map(|(name, text)| Written { path: name.clone(), bytes: text.clone().into_bytes() })
        .collect();
    if let (Some(bundle), Some(manifest)) = (&order.bundle, manifest) {
        let path = format!("{INBOX}/{}-{}.bundle", manifest.name, manifest.version);
        files.push(Written { path, bytes: bundle.clone() });
    }
    let (text, signature) = signed(&order.settings, key)?;
    let path = format!("{INBOX}/{}{}", order.settings.unit, settings::ENDING);
    // The signature first: settings without one would be complained of.
    files.push(Written { path: format!("{path}{SIGNATURE_ENDING}"), bytes: signature.into_bytes() });
    files.push(Written { path, bytes: text.into_bytes() });
    Ok(files)
}

/// The settings' text, and its signature.
///
/// # Errors
/// When the key cannot sign.
pub fn signed(settings: &Settings, key: &SecretKey) -> Result<(String, String), Refusal> {
    let text = settings.to_text();
    let comment = format!("settings of {}, counter {}", settings.unit, settings.counter);
    let signature = signing::sign(text.as_bytes(), &comment, key)?;
    Ok((text, signature))
}

fn could_not_write(what: &str, error: &io::Error) -> Refusal {
    let help = match error.kind() {
        _ if is_full(error) => "make room on it, or take another one",
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            "let it be written to: its own switch, how it is mounted, or the file's permissions"
        }
        _ => "provision it again; if it fails again, take another card or stick",
    };
    Refusal::could_not(format!("could not write {what}: {error}"), help)
}

/// fatfs gives its own refusal no kind.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::WriteZero)
        || error.to_string() == "No space left on device"
}

fn could_not_read(what: &str, error: &io::Error) -> Refusal {
    Refusal::could_not(
        format!("could not read {what}: {error}"),
        "name the folder of a stick or card, an image, or a device that you may read and write",
    )
}
