//! What only the image of the virtual machine's test has: a fault on demand, and every screen's name on the console.

use super::command_line::CommandLine;
use crate::session::screen::Screen;

/// Stops the main loop where `synkiosk.stuck=SECONDS` stands on the command line, so long after the kernel's start.
#[cfg(feature = "test-image")]
pub(super) fn stand_still(command_line: &CommandLine) {
    use super::console::{say, since_start};
    use std::{thread, time::Duration};

    let Some(seconds) = command_line.value("synkiosk.stuck").and_then(|text| text.parse().ok()) else {
        return;
    };
    if since_start() < Duration::from_secs(seconds) {
        return;
    }
    say("stuck");
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

/// No other image can be stopped.
#[cfg(not(feature = "test-image"))]
pub(super) fn stand_still(_: &CommandLine) {}

/// Whether the console is told of a screen: where a person stands in a session is nobody's business, and least of all
/// what the answer was.
pub(super) fn is_told(screen: &Screen) -> bool {
    cfg!(feature = "test-image") || matches!(screen, Screen::Attract { .. }) || screen.code().is_some()
}
