//! Why the program ended, kept for the next start, and a short list of what was found at earlier starts.
//!
//! `/data/last-fault` holds `N reason`: N starts in a row have ended with a fault, the last one for this reason.
//! `/data/faults` holds the last lines of all. A reason is a place in the source and what is said there: nothing
//! about a person.

use super::{console::say, keeper, mounts};
use crate::whole_file;
use rustix::system::{RebootCommand, reboot};
use std::{
    fs,
    panic::PanicHookInfo,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};
use synkiosk_models::photo::codes;

const LAST: &str = "last-fault";
const ALL: &str = "faults";
/// Instead of a reason that is in the list already.
const LISTED: &str = "-";
/// Lines that the list keeps; one is at most some 230 bytes long.
const MOST_LINES: usize = 64;
/// After so many starts in a row that ended with a fault, the kiosk pauses.
pub(super) const MANY: u32 = 3;

/// Set when the data partition is there to be written to.
static MOUNTED: AtomicBool = AtomicBool::new(false);
/// Starts in a row that ended with a fault.
static IN_A_ROW: AtomicU32 = AtomicU32::new(0);
/// The number of this start.
static START: AtomicU32 = AtomicU32::new(0);
/// One writer at a time.
static WRITES: Mutex<()> = Mutex::new(());
/// What the main thread's last panic said.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// From now on a panic of any other thread than this one is kept, and the board starts again. One of this thread may be
/// caught: what a camera sends, or how its driver lets go, must not end the kiosk. Where it is not, `after_panic` follows.
/// One of a search for codes is always caught.
pub(super) fn watch_panics() {
    let main = thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        let reason = reason_of(panic);
        if codes::is_search() {
            say(&reason);
        } else if thread::current().id() == main {
            say(&reason);
            *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = reason;
        } else {
            ended_with(&reason);
            start_again();
        }
    }));
}

/// Nothing has caught the main thread's panic.
pub(super) fn after_panic() -> ! {
    let reason = PANIC.lock().unwrap_or_else(PoisonError::into_inner).clone();
    ended_with(&reason);
    start_again();
}

/// Moves what ended the last start into the list.
pub(super) fn begin(data: &Path, start: u32) {
    START.store(start, Ordering::Relaxed);
    MOUNTED.store(true, Ordering::Relaxed);
    let last = fs::read_to_string(data.join(LAST)).ok().and_then(|text| parse(&text));
    let in_a_row = last.as_ref().map_or(0, |(in_a_row, _)| *in_a_row);
    IN_A_ROW.store(in_a_row, Ordering::Relaxed);
    let reason = match &last {
        Some((_, reason)) if reason != LISTED => reason.as_str(),
        Some(_) => return,
        None if keeper::watchdog_has_reset() => "the watchdog has reset the board, nobody knows why",
        None => return,
    };
    say(format!("last start ended: {reason}"));
    list(data, start.saturating_sub(1), reason);
    keep(data, in_a_row.max(1), LISTED);
}

/// How many starts in a row have ended with a fault.
pub(super) fn in_a_row() -> u32 {
    IN_A_ROW.load(Ordering::Relaxed)
}

/// The kiosk has worked for a while: the next fault is the first again.
pub(super) fn works() {
    if IN_A_ROW.swap(0, Ordering::Relaxed) > 0 {
        forget(Path::new(mounts::DATA));
    }
}

/// Keeps why this start is about to end.
pub(super) fn ended_with(reason: &str) {
    say(reason);
    if MOUNTED.load(Ordering::Relaxed) {
        keep(Path::new(mounts::DATA), in_a_row() + 1, reason);
    }
}

/// It did not end after all.
pub(super) fn went_on(reason: &str, after: Duration) {
    if MOUNTED.load(Ordering::Relaxed) {
        let data = Path::new(mounts::DATA);
        forget(data);
        note(&format!("{reason} for {} s", after.as_secs()));
    }
}

/// Adds something to the list that does not end the start.
pub(super) fn note(what: &str) {
    say(what);
    if MOUNTED.load(Ordering::Relaxed) {
        list(Path::new(mounts::DATA), START.load(Ordering::Relaxed), what);
    }
}

/// Starts the board again.
pub(super) fn start_again() -> ! {
    rustix::fs::sync();
    // Where even that fails, the loop stands still here and the watchdog resets the board.
    let refused = reboot(RebootCommand::Restart);
    say(format!("could not start again: {refused:?}"));
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

/// Where it panicked and what was said there.
fn reason_of(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
    let said = panic.payload_as_str().unwrap_or("no words");
    super::console::one_line(&format!("panic at {place}: {said}"))
}

fn parse(text: &str) -> Option<(u32, String)> {
    let (in_a_row, reason) = text.trim_end().split_once(' ')?;
    Some((in_a_row.parse().ok()?, super::console::one_line(reason)))
}

fn keep(data: &Path, in_a_row: u32, reason: &str) {
    write(data, LAST, format!("{in_a_row} {}\n", super::console::one_line(reason)).as_bytes());
}

fn forget(data: &Path) {
    // None there is as good.
    let _ = fs::remove_file(data.join(LAST));
}

fn list(data: &Path, start: u32, what: &str) {
    let earlier = fs::read(data.join(ALL)).unwrap_or_default();
    let line = format!("start {start}: {}", super::console::one_line(what));
    write(data, ALL, with_line(&String::from_utf8_lossy(&earlier), &line).as_bytes());
}

/// The list with one more line, and without its oldest ones where it grew too long.
fn with_line(earlier: &str, line: &str) -> String {
    let mut lines: Vec<&str> = earlier.lines().collect();
    lines.push(line);
    let from = lines.len().saturating_sub(MOST_LINES);
    lines[from..].join("\n") + "\n"
}

fn write(data: &Path, name: &str, bytes: &[u8]) {
    let _one_at_a_time = WRITES.lock().unwrap_or_else(PoisonError::into_inner);
    let path = data.join(name);
    if let Err(error) = whole_file::write(&path, bytes) {
        say(format!("could not write {}: {error}", path.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_kept_and_read_back_plain() {
        let folder = tempfile::tempdir().unwrap();
        keep(folder.path(), 2, "panic at src/x.rs:10: no\nface \u{e4}");
        let text = fs::read_to_string(folder.path().join(LAST)).unwrap();
        assert_eq!(parse(&text), Some((2, "panic at src/x.rs:10: no face ?".to_owned())));
        forget(folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_reason_is_none() {
        for text in ["", "panic", "x panic at", "-1 panic", "\0\0\0\0"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_list_keeps_its_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        for start in 0..100 {
            list(folder.path(), start, &"long ".repeat(100));
        }
        let text = fs::read_to_string(folder.path().join(ALL)).unwrap();
        assert_eq!(text.lines().count(), MOST_LINES);
        assert!(text.starts_with("start 36: long"), "{text}");
        assert!(text.len() <= MOST_LINES * 230);
    }
}
