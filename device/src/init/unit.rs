//! What makes a board this unit: whose records these are, whose models it trusts, and the model.

use super::{console::say, mounts};
use age::x25519;
use std::{
    fs,
    path::{Path, PathBuf},
};
use synkiosk_boards::Profile;
use synkiosk_models::bundle::{self, Bundle, TrustedKeys};

/// For whom records are sealed: the first `age1...` line of a file.
const RECIPIENT: &str = "recipient.txt";

/// The collector's recipient, if the unit has been set up.
pub(super) fn recipient(data: &Path) -> Option<x25519::Recipient> {
    [data, Path::new(mounts::BOOT)].into_iter().find_map(|folder| {
        let text = fs::read_to_string(folder.join(RECIPIENT)).ok()?;
        text.lines().find_map(|line| line.trim().parse().ok())
    })
}

/// The first bundle in the boot partition that is signed with one of its keys.
pub(super) fn bundle(profile: &Profile) -> Option<Bundle> {
    let boot = Path::new(mounts::BOOT);
    let keys = trusted_keys(boot);
    files(boot, "bundle").into_iter().find_map(|path| match read(&path, &keys, profile) {
        Ok(bundle) => Some(bundle),
        Err(why) => {
            say(format!("{} refused: {why}", path.display()));
            None
        }
    })
}

fn read(path: &Path, keys: &TrustedKeys, profile: &Profile) -> Result<Bundle, String> {
    let length = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > bundle::MOST_BYTES as u64 {
        return Err(format!("{length} bytes"));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let bundle = Bundle::read(&bytes, keys).map_err(|error| error.to_string())?;
    if bundle.signed_by().is_demo && !profile.accepts_demo_key() {
        return Err("signed with the demo key".to_owned());
    }
    Ok(bundle)
}

fn trusted_keys(folder: &Path) -> TrustedKeys {
    let texts: Vec<String> =
        files(folder, "pub").iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    TrustedKeys::from_public_texts(&texts).unwrap_or_else(|error| {
        say(error.to_string());
        TrustedKeys::from_public_texts(&[]).expect("no key is wrong")
    })
}

/// Files of a folder whose names end so, in the order of their names.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(ending)))
        .collect();
    paths.sort();
    paths
}
