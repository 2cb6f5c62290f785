//! The system's clock, where no battery keeps it: set by the settings that a stick brings, and kept over a planned start.
//!
//! Only the week is ever recorded. At any other start a clock that cannot be right stays wrong, and records carry the
//! number of the start instead: the time at which settings were written once says nothing about today.

use super::console::say;
use crate::whole_file;
use rustix::time::{ClockId, Timespec, clock_settime};
use std::{
    fs,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};
use synkiosk_boards::unit::settings::CLOCK;

/// The time at which the kiosk chose to start again.
const FILE: &str = "clock";

/// Sets the clock if it cannot be right.
pub(super) fn set_where_wrong(seconds: u64) {
    if is_right(now()) || !is_right(seconds) {
        return;
    }
    let time = Timespec { tv_sec: seconds.cast_signed(), tv_nsec: 0 };
    match clock_settime(ClockId::Realtime, time) {
        Ok(()) => say("the clock is set by the settings"),
        Err(error) => say(format!("could not set the clock: {error}")),
    }
}

/// Sets the clock to what a technician says.
pub(super) fn set(seconds: u64) -> Result<(), String> {
    if !is_right(seconds) {
        return Err(format!("{seconds} seconds since 1970 is no time that can be right"));
    }
    let time = Timespec { tv_sec: seconds.cast_signed(), tv_nsec: 0 };
    clock_settime(ClockId::Realtime, time).map_err(|error| format!("could not set the clock: {error}"))
}

/// Before a start that the kiosk itself has chosen.
pub(super) fn hand_over(data: &Path) {
    if let Err(error) = leave(data, now()) {
        say(format!("could not keep the time: {error}"));
    }
}

/// After it. Whatever other start follows finds nothing.
pub(super) fn take_over(data: &Path) {
    if let Some(seconds) = take(data) {
        set_where_wrong(seconds);
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

fn is_right(seconds: u64) -> bool {
    (CLOCK[0]..CLOCK[1]).contains(&seconds)
}

fn leave(data: &Path, seconds: u64) -> std::io::Result<()> {
    if is_right(seconds) {
        whole_file::write(&data.join(FILE), format!("{seconds}\n").as_bytes())
    } else {
        Ok(())
    }
}

/// Taken away for good before it is believed, so that no later start believes it as well.
fn take(data: &Path) -> Option<u64> {
    let path = data.join(FILE);
    let text = fs::read_to_string(&path).ok()?;
    fs::remove_file(&path).and_then(|()| whole_file::sync_folder(data)).ok()?;
    text.strip_suffix('\n')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_handed_over_once() {
        let folder = tempfile::tempdir().unwrap();
        leave(folder.path(), 1_800_000_000).unwrap();
        assert_eq!([take(folder.path()), take(folder.path())], [Some(1_800_000_000), None]);
        leave(folder.path(), 100).unwrap();
        assert_eq!(take(folder.path()), None);
        fs::write(folder.path().join(FILE), "soon").unwrap();
        assert_eq!(take(folder.path()), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_clock_before_2025_cannot_be_right() {
        assert_eq!(
            [0, 1_735_689_599, 1_735_689_600, 7_258_118_400].map(is_right),
            [false, false, true, false]
        );
    }
}
