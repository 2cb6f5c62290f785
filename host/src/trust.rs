//! The public signing keys that this laptop trusts: the demo key, and those that its user made or added.

use crate::{command::Refusal, files};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
};
use synkiosk_models::bundle::{DEMO_PUBLIC_KEY, TrustedKeys};

/// More public keys than any laptop has.
const MOST_KEYS: usize = 1000;

/// `synkiosk/trusted` in the user's configuration folder.
pub fn folder() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CONFIG_HOME")
        .or_else(|| set("APPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(base.join("synkiosk").join("trusted"))
}

/// Adds a public key (its file text) under its id; returns where it stands.
pub fn add(id: &str, public_text: &str) -> io::Result<PathBuf> {
    let folder = folder().ok_or_else(|| io::Error::other("there is no home folder"))?;
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{id}.pub"));
    files::replace(&path, public_text.as_bytes())?;
    Ok(path)
}

/// The demo key, every key in the trusted folder, and `also` if given.
pub fn keys(also: Option<&Path>) -> Result<TrustedKeys, Refusal> {
    let mut texts = vec![DEMO_PUBLIC_KEY.to_owned()];
    let files = folder().and_then(|folder| fs::read_dir(folder).ok());
    for entry in files.into_iter().flatten().flatten().take(MOST_KEYS) {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "pub") {
            texts.push(read(&path)?);
        }
    }
    if let Some(path) = also {
        texts.push(read(path)?);
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    TrustedKeys::from_public_texts(&texts).map_err(|error| {
        let folder = folder().unwrap_or_default();
        Refusal::checked(error, format!("take the file that is no public key out of {}", folder.display()))
    })
}

fn read(path: &Path) -> Result<String, Refusal> {
    fs::read_to_string(path).map_err(|error| {
        Refusal::could_not(
            format!("could not read the public key {}: {error}", path.display()),
            "name a readable signing.pub, or take the file away",
        )
    })
}
