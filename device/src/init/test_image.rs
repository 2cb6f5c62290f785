//! What only the image of the virtual machine's test has: a fault on demand, a person in front of the camera, and every
//! screen's name on the console.

use super::command_line::CommandLine;
use crate::session::screen::Screen;
#[cfg(not(feature = "test-image"))]
use synkiosk_boards::Profile;

/// Fails where the kernel's command line says so: `synkiosk.stuck=8` stops the main loop 8 s after the kernel's start,
/// `synkiosk.panic=8` panics then, and `synkiosk.caught=8` panics from then on at every turn, and in a
/// search for codes, and catches both.
#[cfg(feature = "test-image")]
pub(super) fn fail_if_asked(command_line: &CommandLine) {
    use super::console::{say, since_start};
    use std::{
        thread::{self, JoinHandle},
        time::Duration,
    };
    use synkiosk_models::photo::codes;

    let is_due = |word: &str| {
        let seconds = command_line.value(word).and_then(|text| text.parse().ok());
        seconds.is_some_and(|seconds| since_start() >= Duration::from_secs(seconds))
    };
    if is_due("synkiosk.caught") {
        let _ = std::panic::catch_unwind(|| panic!("caught"));
        let _ = codes::search(|| panic!("given up")).map(JoinHandle::join);
    }
    assert!(!is_due("synkiosk.panic"), "asked to");
    if is_due("synkiosk.stuck") {
        say("stuck");
        loop {
            thread::sleep(Duration::from_secs(1));
        }
    }
}

/// No other image fails when it is asked to.
#[cfg(not(feature = "test-image"))]
pub(super) fn fail_if_asked(_: &CommandLine) {}

/// Puts a rendered person in front of the camera.
#[cfg(feature = "test-image")]
pub(super) use super::test_camera::{look_at, start as stand_before_camera};

/// Before any other camera stands whoever comes.
#[cfg(not(feature = "test-image"))]
pub(super) fn stand_before_camera(_: &Profile) {}

/// People look at the screen themselves.
#[cfg(not(feature = "test-image"))]
pub(super) fn look_at(_: &Screen) {}

/// Whether the console is told of a screen: where a person stands in a session is nobody's business, and least of all
/// what the answer was.
pub(super) fn is_told(screen: &Screen) -> bool {
    cfg!(feature = "test-image") || is_for_staff(screen) || screen.code().is_some()
}

fn is_for_staff(screen: &Screen) -> bool {
    matches!(
        screen,
        Screen::Attract { .. } | Screen::StickAtWork | Screen::StickDone(_) | Screen::Technician(_)
    )
}
