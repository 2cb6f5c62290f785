//! How often the unit was started: what records carry where no clock is trusted.

use super::console::say;
use crate::whole_file;
use std::path::Path;

const FILE: &str = "starts";

/// Counts this start, and returns its number from 1.
pub(super) fn count(data: &Path) -> u32 {
    let path = data.join(FILE);
    // None yet, or none that can be read: what was counted is lost, and the kiosk works on.
    let before = std::fs::read_to_string(&path).ok().and_then(|text| parse(&text)).unwrap_or(0);
    let now = before.saturating_add(1);
    if let Err(error) = whole_file::write(&path, format!("{now}\n").as_bytes()) {
        say(format!("could not count the start: {error}"));
    }
    now
}

fn parse(text: &str) -> Option<u32> {
    text.strip_suffix('\n')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_counted_from_one_and_over_damage() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!([count(folder.path()), count(folder.path()), count(folder.path())], [1, 2, 3]);
        std::fs::write(folder.path().join(FILE), "\u{0}\u{0}").unwrap();
        assert_eq!([count(folder.path()), count(folder.path())], [1, 2]);
        std::fs::write(folder.path().join(FILE), format!("{}\n", u32::MAX)).unwrap();
        assert_eq!(count(folder.path()), u32::MAX);
    }

    #[test]
    fn a_count_that_cannot_be_written_does_not_stop_the_kiosk() {
        assert_eq!(count(Path::new("/no/such/folder")), 1);
    }
}
