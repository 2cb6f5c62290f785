//! The maker's keys: one signs bundles (minisign), one opens what kiosks collected (age).

pub mod rotation;

use crate::{
    command::Refusal,
    files::{Readers, write_new},
};
use age::secrecy::{ExposeSecret, SecretString};
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};
use std::{
    fs,
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Names of the four files in a folder of keys.
pub const SIGNING_KEY: &str = "signing.key";
/// The public half of the signing key, in minisign's format.
pub const SIGNING_PUBLIC: &str = "signing.pub";
/// The age identity that opens collected records.
pub const COLLECTION_KEY: &str = "collection.key";
/// The age recipient that kiosks seal records for.
pub const COLLECTION_PUBLIC: &str = "collection.pub";

/// What `create` made.
pub struct NewKeys {
    /// Minisign's key id, as its tool prints it.
    pub signing_id: String,
    /// The public signing key's file text.
    pub signing_public: String,
    /// The age recipient.
    pub recipient: String,
}

/// Makes both key pairs in `folder`, which must hold none of the four files. An empty passphrase leaves the
/// secret keys unencrypted.
pub fn create(folder: &Path, passphrase: &str) -> Result<NewKeys, Refusal> {
    fs::create_dir_all(folder).map_err(|error| could_not_write(folder, &error))?;
    let names = [SIGNING_KEY, SIGNING_PUBLIC, COLLECTION_KEY, COLLECTION_PUBLIC];
    if let Some(taken) = names.iter().map(|name| folder.join(name)).find(|path| path.exists()) {
        return Err(Refusal::checked(
            format!("{} is there already; keys are never overwritten", taken.display()),
            "name another folder with --out",
        ));
    }
    let (signing_key, public) = signing_pair(passphrase)?;
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let collection_key = sealed_identity(&identity, passphrase)?;
    let signing_public = public.to_box().map_err(unexpected)?.into_string();
    let recipient_line = format!("{recipient}\n");
    let files: [(&str, &[u8], Readers); 4] = [
        (SIGNING_KEY, signing_key.as_bytes(), Readers::Owner),
        (SIGNING_PUBLIC, signing_public.as_bytes(), Readers::All),
        (COLLECTION_KEY, &collection_key, Readers::Owner),
        (COLLECTION_PUBLIC, recipient_line.as_bytes(), Readers::All),
    ];
    let mut written: Vec<PathBuf> = Vec::new();
    for (name, bytes, readers) in files {
        let path = folder.join(name);
        if let Err(error) = write_new(&path, bytes, readers) {
            // All four or none.
            for path in &written {
                let _ = fs::remove_file(path);
            }
            return Err(could_not_write(&path, &error));
        }
        written.push(path);
    }
    Ok(NewKeys { signing_id: key_id(public.keynum()), signing_public, recipient })
}

fn signing_pair(passphrase: &str) -> Result<(Zeroizing<String>, PublicKey), Refusal> {
    let comment = Some("synkiosk secret signing key");
    let (secret, public) = if passphrase.is_empty() {
        let pair = KeyPair::generate_unencrypted_keypair().map_err(unexpected)?;
        (pair.sk.to_box(comment), pair.pk)
    } else {
        let pair = KeyPair::generate_encrypted_keypair(Some(passphrase.to_owned())).map_err(unexpected)?;
        (pair.sk.to_box(comment), pair.pk)
    };
    Ok((Zeroizing::new(secret.map_err(unexpected)?.into_string()), public))
}

fn sealed_identity(
    identity: &age::x25519::Identity,
    passphrase: &str,
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let text = Zeroizing::new(format!("{}\n", identity.to_string().expose_secret()));
    if passphrase.is_empty() {
        return Ok(Zeroizing::new(text.as_bytes().to_vec()));
    }
    let seal = || -> io::Result<Vec<u8>> {
        let encryptor = age::Encryptor::with_user_passphrase(SecretString::from(passphrase.to_owned()));
        let mut sealed = Vec::new();
        let mut writer = encryptor.wrap_output(&mut sealed)?;
        writer.write_all(text.as_bytes())?;
        writer.finish()?;
        Ok(sealed)
    };
    seal().map(Zeroizing::new).map_err(unexpected)
}

/// Reads a secret signing key; asks for its passphrase only if it has one.
pub fn read_signing_key(path: &Path, passphrase_file: Option<&Path>) -> Result<SecretKey, Refusal> {
    let text = fs::read_to_string(path).map(Zeroizing::new).map_err(|error| could_not_read(path, &error))?;
    let not_a_key = || {
        Refusal::checked(
            format!("{} is no minisign secret key", path.display()),
            "pass the file signing.key of a folder made by synkiosk keys new",
        )
    };
    if !(text.starts_with("untrusted comment:") && text.trim_end().lines().count() == 2) {
        return Err(not_a_key());
    }
    let parsed = || SecretKeyBox::from_string(&text).map_err(|_| not_a_key());
    if let Ok(key) = parsed()?.into_unencrypted_secret_key() {
        return Ok(key);
    }
    let passphrase = passphrase(passphrase_file, Asked::Once)?;
    parsed()?.into_secret_key(Some(passphrase.to_string())).map_err(|_| {
        Refusal::checked(
            format!("the passphrase does not open {}", path.display()),
            "type it again; without it the key is lost",
        )
    })
}

/// How often a passphrase may be typed wrongly on a terminal.
const TRIES: usize = 3;

/// Reads the age identity that opens collected records; asks for its passphrase only if it has one.
pub fn read_collection_key(
    path: &Path,
    passphrase_file: Option<&Path>,
) -> Result<age::x25519::Identity, Refusal> {
    let bytes = fs::read(path).map(Zeroizing::new).map_err(|error| could_not_read(path, &error))?;
    let not_a_key = || {
        Refusal::checked(
            format!("{} is no collection key", path.display()),
            "pass the file collection.key of a folder made by synkiosk keys new",
        )
    };
    let identity = |text: &[u8]| -> Option<age::x25519::Identity> {
        let lines = std::str::from_utf8(text).ok()?.lines();
        lines.map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?.parse().ok()
    };
    if !bytes.starts_with(b"age-encryption.org/") {
        return identity(&bytes).ok_or_else(not_a_key);
    }
    let can_ask_again = passphrase_file.is_none() && io::stdin().is_terminal();
    for left in (0..if can_ask_again { TRIES } else { 1 }).rev() {
        let typed = passphrase(passphrase_file, Asked::Once)?;
        let opener = age::scrypt::Identity::new(SecretString::from(typed.to_string()));
        match age::decrypt(&opener, &bytes).map(Zeroizing::new) {
            Ok(text) => return identity(&text).ok_or_else(not_a_key),
            Err(_) if left > 0 => {
                eprintln!("the passphrase does not open {}; {left} tries left", path.display())
            }
            Err(_) => {}
        }
    }
    Err(Refusal::checked(
        format!("the passphrase does not open {}", path.display()),
        "type it again; without it the key is lost",
    ))
}

/// How often a passphrase is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To open a key.
    Once,
    /// For a new key.
    Twice,
}

/// From the file, from the terminal, or from the first line of standard input.
pub fn passphrase(file: Option<&Path>, asked: Asked) -> Result<Zeroizing<String>, Refusal> {
    if let Some(file) = file {
        let text = fs::read_to_string(file).map(Zeroizing::new).map_err(|error| {
            Refusal::could_not(
                format!("could not read the passphrase from {}: {error}", file.display()),
                "name a file whose first line is the passphrase",
            )
        })?;
        return Ok(first_line(&text));
    }
    let terminal = io::stdin().is_terminal();
    let read = |prompt: &str| -> io::Result<Zeroizing<String>> {
        if terminal {
            return rpassword::prompt_password(prompt).map(Zeroizing::new);
        }
        let mut text = Zeroizing::new(String::new());
        io::stdin().take(4096).read_to_string(&mut text)?;
        Ok(first_line(&text))
    };
    let first = read("passphrase (empty for none): ").map_err(unexpected)?;
    if terminal && asked == Asked::Twice && *read("once more: ").map_err(unexpected)? != *first {
        return Err(Refusal::checked("the two passphrases differ", "run the command again"));
    }
    Ok(first)
}

fn first_line(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
}

/// Minisign's way to write a key number.
pub fn key_id(number: &[u8]) -> String {
    number.iter().rev().map(|byte| format!("{byte:02X}")).collect()
}

fn could_not_read(path: &Path, error: &io::Error) -> Refusal {
    Refusal::could_not(
        format!("could not read the key {}: {error}", path.display()),
        "make keys with: synkiosk keys new --out KEYS",
    )
}

fn could_not_write(path: &Path, error: &io::Error) -> Refusal {
    Refusal::could_not(
        format!("could not write {}: {error}", path.display()),
        "name a folder that you may write to, on a disk with space left",
    )
}

fn unexpected(error: impl std::fmt::Display) -> Refusal {
    Refusal::could_not(format!("could not make or read a key: {error}"), "run the command again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_open_again_and_are_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let keys = create(folder.path(), "").unwrap();
        let key = read_signing_key(&folder.path().join(SIGNING_KEY), None).unwrap();
        assert_eq!(key_id(key.keynum()), keys.signing_id);
        assert!(keys.recipient.starts_with("age1"));
        let before = fs::read(folder.path().join(SIGNING_KEY)).unwrap();
        let refusal = create(folder.path(), "").err().unwrap();
        assert_eq!(refusal.exit_code(), 1);
        assert_eq!(fs::read(folder.path().join(SIGNING_KEY)).unwrap(), before);
    }

    #[test]
    fn a_collection_key_opens_with_its_passphrase_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, sealed) = (folder.path().join("plain"), folder.path().join("sealed"));
        let keys = create(&plain, "").unwrap();
        let identity = read_collection_key(&plain.join(COLLECTION_KEY), None).unwrap();
        assert_eq!(identity.to_public().to_string(), keys.recipient);
        let keys = create(&sealed, "correct horse").unwrap();
        let (right, wrong) = (folder.path().join("right"), folder.path().join("wrong"));
        fs::write(&right, "correct horse\n").unwrap();
        fs::write(&wrong, "battery\n").unwrap();
        let read = |file: &Path| read_collection_key(&sealed.join(COLLECTION_KEY), Some(file));
        assert_eq!(read(&right).unwrap().to_public().to_string(), keys.recipient);
        assert!(read(&wrong).err().unwrap().to_string().contains("does not open"));
        let signing = read_collection_key(&plain.join(SIGNING_KEY), None);
        assert_eq!(signing.err().unwrap().exit_code(), 1);
    }

    #[test]
    fn a_file_that_is_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        fs::write(&path, "milk, bread").unwrap();
        assert_eq!(read_signing_key(&path, None).err().unwrap().exit_code(), 1);
        assert_eq!(read_signing_key(&folder.path().join("none"), None).err().unwrap().exit_code(), 2);
    }
}
