//! What makes a board this unit: for whom its records are sealed, and whose models it takes.

use super::{console::say, mounts};
use age::x25519;
use std::{
    fs,
    path::{Path, PathBuf},
};
use synkiosk_boards::Profile;
use synkiosk_models::bundle::TrustedKeys;

/// For whom records are sealed: the first `age1...` line of this file.
const RECIPIENT: &str = "recipient.txt";
/// Longest file of these that is read, bytes: keys and recipients are a hundredth of it.
const MOST_BYTES: u64 = 16 * 1024;

/// Where a unit's own files are looked for: what was brought to it goes before what the card came with.
pub(super) fn folders(data: &Path) -> [PathBuf; 2] {
    [data.to_owned(), PathBuf::from(mounts::BOOT)]
}

/// The collector's recipient, if the unit has been set up.
pub(super) fn recipient(folders: &[PathBuf]) -> Option<x25519::Recipient> {
    folders.iter().find_map(|folder| {
        let text = read(&folder.join(RECIPIENT))?;
        text.lines().find_map(|line| line.trim().parse().ok())
    })
}

/// The keys in all `*.pub` files. The demo key is one of them only on a board that says so.
pub(super) fn trusted_keys(folders: &[PathBuf], profile: &Profile) -> TrustedKeys {
    let texts: Vec<String> = folders.iter().flat_map(|folder| keys_in(folder)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let keys = TrustedKeys::from_public_texts(&texts).expect("each was read before");
    if profile.accepts_demo_key() { keys } else { keys.without_demo() }
}

fn keys_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| is_key(path)).collect();
    paths.sort();
    paths.iter().filter_map(|path| key(path)).collect()
}

/// FAT may give names in capitals, and macOS leaves `._name.pub` beside a copy.
fn is_key(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !hidden && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pub"))
}

fn key(path: &Path) -> Option<String> {
    let text = read(path)?;
    match TrustedKeys::from_public_texts(&[&text]) {
        Ok(_) => Some(text),
        Err(_) => {
            say(format!("{} is no minisign public key", path.display()));
            None
        }
    }
}

fn read(path: &Path) -> Option<String> {
    let found = fs::metadata(path).ok()?;
    if found.is_file() && found.len() <= MOST_BYTES { fs::read_to_string(path).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::bundle::Bundle;

    const RECIPIENTS: [&str; 2] = [
        "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
    ];

    #[test]
    fn what_was_brought_goes_before_what_the_card_came_with() {
        let (data, boot) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folders = [data.path().to_owned(), boot.path().to_owned()];
        assert!(recipient(&folders).is_none());
        fs::write(boot.path().join(RECIPIENT), format!("# the clinic\r\n {} \r\n", RECIPIENTS[0])).unwrap();
        assert_eq!(recipient(&folders).unwrap().to_string(), RECIPIENTS[0]);
        fs::write(data.path().join(RECIPIENT), RECIPIENTS[1]).unwrap();
        assert_eq!(recipient(&folders).unwrap().to_string(), RECIPIENTS[1]);
        fs::write(data.path().join(RECIPIENT), "age1nonsense").unwrap();
        assert_eq!(recipient(&folders).unwrap().to_string(), RECIPIENTS[0]);
    }

    #[cfg(feature = "demo")]
    #[test]
    fn a_board_takes_the_demo_key_only_where_its_profile_says_so() {
        let boot = tempfile::tempdir().unwrap();
        let folders = [boot.path().to_owned()];
        fs::write(boot.path().join("DEMO.PUB"), synkiosk_models::bundle::DEMO_PUBLIC_KEY).unwrap();
        fs::write(boot.path().join("._demo.pub"), b"\0\0").unwrap();
        fs::write(boot.path().join("wrong.pub"), "no key").unwrap();
        let takes = |board| {
            let keys = trusted_keys(&folders, &Profile::named(board).unwrap());
            Bundle::read(synkiosk_models::bundle::shipped(), &keys).is_ok()
        };
        assert_eq!(["vm", "desk", "rpi4-hdmi", "rpi3-ili9341"].map(takes), [true, true, false, false]);
    }
}
