//! One signing key in the place of another: the old key's statement, for a stick.

use super::{could_not_write, read_signing_key};
use crate::{command::Refusal, files, signing};
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
};
use synkiosk_boards::unit::{
    SIGNATURE_ENDING,
    rotation::{ENDING, Rotation},
};
use synkiosk_models::bundle::TrustedKeys;

/// Where a unit looks for it.
const INBOX: &str = "synkiosk/inbox";

/// What was written.
#[derive(Debug, Serialize)]
pub struct Rotated {
    /// The statement's file.
    pub statement: PathBuf,
    /// Id of the key that is trusted no more.
    pub old: String,
    /// Id of the key in its place.
    pub new: String,
}

/// Writes the statement into the inbox of a stick, and reads it back.
///
/// # Errors
/// `Refusal::checked` for what is no key, or the same one; `Refusal::could_not` for what the stick does not take.
pub fn write(
    old: &Path,
    new: &Path,
    passphrase_file: Option<&Path>,
    stick: &Path,
) -> Result<Rotated, Refusal> {
    let new_text = fs::read_to_string(new).map_err(|error| super::could_not_read(new, &error))?;
    let new_id = id_of(&new_text).ok_or_else(|| {
        Refusal::checked(
            format!("{} is no minisign public key", new.display()),
            "pass the file signing.pub of the new folder of keys",
        )
    })?;
    if !stick.is_dir() {
        return Err(Refusal::could_not(
            format!("could not write to {}: it is no folder", stick.display()),
            "name the folder that the stick is mounted at",
        ));
    }
    let key = read_signing_key(old, passphrase_file)?;
    let old_text = signing::public_text(&key)?;
    let old_id = id_of(&old_text).ok_or_else(|| super::unexpected("the old key has no id"))?;
    if old_id == new_id {
        return Err(Refusal::checked(
            format!("{} is the public half of the old key", new.display()),
            "make a new key with: synkiosk keys new --out NEW",
        ));
    }
    let line = new_text.lines().nth(1).unwrap_or_default();
    let statement = Rotation::new(&old_id, line).map_err(|error| Refusal::checked(&error, error.help()))?;
    let text = statement.to_text();
    let signature = signing::sign(text.as_bytes(), &format!("{new_id} instead of {old_id}"), &key)?;
    let folder = stick.join(INBOX);
    let path = folder.join(format!("{old_id}{ENDING}"));
    let beside = folder.join(format!("{old_id}{ENDING}{SIGNATURE_ENDING}"));
    fs::create_dir_all(&folder).map_err(|error| could_not_write(&folder, &error))?;
    for (path, bytes) in [(&beside, &signature), (&path, &text)] {
        files::replace(path, bytes.as_bytes()).map_err(|error| could_not_write(path, &error))?;
    }
    let back = [&path, &beside].map(fs::read);
    match (back, [text, signature]) {
        ([Ok(path), Ok(beside)], [text, signature])
            if path == text.as_bytes() && beside == signature.as_bytes() => {}
        _ => {
            return Err(Refusal::checked(
                format!("{} does not read back as it was written", path.display()),
                "take another stick; this one is failing",
            ));
        }
    }
    Ok(Rotated { statement: path, old: old_id, new: new_id })
}

fn id_of(text: &str) -> Option<String> {
    let keys = TrustedKeys::from_public_texts(&[text]).ok()?;
    keys.names().next().map(|name| name.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{SIGNING_KEY, SIGNING_PUBLIC, create};

    #[test]
    fn the_statement_is_the_old_keys_and_names_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
        let [old_keys, new_keys] = [&old, &new].map(|folder| create(folder, "").unwrap());
        let rotated = write(&old.join(SIGNING_KEY), &new.join(SIGNING_PUBLIC), None, folder.path()).unwrap();
        assert_eq!((rotated.old, rotated.new), (old_keys.signing_id.clone(), new_keys.signing_id));
        let text = fs::read_to_string(&rotated.statement).unwrap();
        let signature = fs::read(rotated.statement.with_extension("toml.minisig")).unwrap();
        let trusted = TrustedKeys::from_public_texts(&[&old_keys.signing_public]).unwrap();
        assert!(trusted.verify(text.as_bytes(), &signature).is_ok());
        let read = Rotation::parse(&text).unwrap();
        assert_eq!(read.old(), old_keys.signing_id);
        assert_eq!(read.new_key_text().lines().nth(1), new_keys.signing_public.lines().nth(1));
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (keys, stick) = (folder.path().join("keys"), folder.path().join("stick"));
        create(&keys, "").unwrap();
        fs::create_dir(&stick).unwrap();
        let (key, public) = (keys.join(SIGNING_KEY), keys.join(SIGNING_PUBLIC));
        for (old, new, stick, code, said) in [
            (&key, &public, &stick, 1, "is the public half of the old key"),
            (&key, &key, &stick, 1, "is no minisign public key"),
            (&public, &key, &stick, 1, "is no minisign public key"),
            (&key, &folder.path().join("none.pub"), &stick, 2, "could not read the key"),
            (&key, &public, &folder.path().join("none"), 2, "it is no folder"),
        ] {
            let refusal = write(old, new, None, stick).err().unwrap();
            assert_eq!((refusal.exit_code(), refusal.to_string().contains(said)), (code, true), "{refusal}");
        }
        assert_eq!(fs::read_dir(&stick).unwrap().count(), 0);
    }
}
