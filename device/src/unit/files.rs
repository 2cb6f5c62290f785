//! What the card came with: `*.pub` (minisign keys) and `recipient.txt` (for whom records are sealed).

use crate::appliance::Complaint;
use age::x25519;
use std::{
    io,
    path::{Path, PathBuf},
};
use synkiosk_journal::disk as fs;
use synkiosk_models::bundle::TrustedKeys;

/// For whom records are sealed: the first `age1...` line of this file.
const RECIPIENT: &str = "recipient.txt";
/// Longest file of these that is read, bytes: keys and recipients are a hundredth of it.
const MOST_BYTES: u64 = 16 * 1024;

/// The first folder with a recipient counts.
pub(super) fn recipient(folders: &[PathBuf]) -> Option<x25519::Recipient> {
    folders.iter().find_map(|folder| {
        let text = read(&folder.join(RECIPIENT)).ok()??;
        text.lines().find_map(|line| line.trim().parse().ok())
    })
}

/// The keys in all `*.pub` files, and whether the medium gave all of them.
pub(super) fn keys(folders: &[PathBuf], complaints: &mut Vec<Complaint>) -> (Vec<String>, bool) {
    let (mut keys, mut are_all) = (Vec::new(), true);
    for folder in folders {
        let read = paths_in(folder).and_then(|paths| {
            paths.iter().try_for_each(|path| {
                keys.extend(key(path, complaints)?);
                Ok(())
            })
        });
        if let Err(error) = read {
            are_all = false;
            complaints.push(Complaint {
                message: format!("could not read the public keys in {}: {error}", folder.display()),
                help: "check that the card is sound",
            });
        }
    }
    (keys, are_all)
}

fn paths_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths: Vec<PathBuf> = paths?.into_iter().filter(|path| is_key(path)).collect();
    paths.sort();
    Ok(paths)
}

/// FAT may give names in capitals, and macOS leaves `._name.pub` beside a copy.
fn is_key(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !hidden && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pub"))
}

fn key(path: &Path, complaints: &mut Vec<Complaint>) -> io::Result<Option<String>> {
    let text = match read(path) {
        Err(error) if error.kind() != io::ErrorKind::InvalidData => return Err(error),
        text => text.ok().flatten(),
    };
    if let Some(text) = text.filter(|text| TrustedKeys::from_public_texts(&[text]).is_ok()) {
        return Ok(Some(text));
    }
    complaints.push(Complaint {
        message: format!("{} is no minisign public key", path.display()),
        help: "prepare the card again with the .pub file that synkiosk keys new wrote",
    });
    Ok(None)
}

/// A laptop that a card is put into shows its files to whoever may see them; a board has one user only.
pub(super) fn keep_from_others(path: &Path) {
    #[cfg(unix)]
    {
        use std::{fs, os::unix::fs::PermissionsExt};
        // It may not be there, or be on a file system that knows no owners.
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o600));
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A file of reasonable size; `None` for anything else.
fn read(path: &Path) -> io::Result<Option<String>> {
    let found = fs::metadata(path)?;
    if found.is_file() && found.len() <= MOST_BYTES { fs::read_to_string(path).map(Some) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Card;
    use synkiosk_boards::Profile;
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

    #[test]
    fn where_not_every_key_can_be_read_nothing_new_is_trusted() {
        let (data, boot) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(data.path().join("demo.pub"), synkiosk_models::bundle::DEMO_PUBLIC_KEY).unwrap();
        // What is no folder fails as a card does whose folder cannot be read; none at all is no failure.
        fs::write(boot.path().join("file"), b"").unwrap();
        for (name, counts) in [("none", true), ("file", false)] {
            let card = Card {
                data: data.path().to_owned(),
                came_with: vec![boot.path().join(name)],
                more_keys: Vec::new(),
                profile: Profile::named("vm").unwrap(),
            };
            let keys = card.unit().keys().clone();
            assert_eq!(keys.trusted().names().count(), usize::from(counts), "{name}");
            assert_eq!(keys.known().names().count(), 1, "{name}");
        }
    }

    #[cfg(feature = "demo")]
    #[test]
    fn a_board_takes_the_demo_key_only_where_its_profile_says_so() {
        let (data, boot) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(boot.path().join("DEMO.PUB"), synkiosk_models::bundle::DEMO_PUBLIC_KEY).unwrap();
        fs::write(boot.path().join("._demo.pub"), b"\0\0").unwrap();
        fs::write(boot.path().join("wrong.pub"), "no key").unwrap();
        let takes = |board| {
            let card = Card {
                data: data.path().to_owned(),
                came_with: vec![boot.path().to_owned()],
                more_keys: Vec::new(),
                profile: Profile::named(board).unwrap(),
            };
            let mut unit = card.unit();
            let complaints = unit.take_complaints();
            assert!(complaints[0].message.ends_with("wrong.pub is no minisign public key"), "{complaints:?}");
            assert_eq!(complaints.len(), 1);
            Bundle::read(synkiosk_models::bundle::shipped(), &unit.keys().trusted()).is_ok()
        };
        assert_eq!(["vm", "desk", "rpi4-hdmi", "rpi3-ili9341"].map(takes), [true, true, false, false]);
    }
}
