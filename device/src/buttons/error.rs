//! Why presses are not noticed.

use std::io;

/// Why presses are not noticed.
#[derive(Debug, thiserror::Error)]
pub enum ButtonError {
    /// The program was built without the drivers.
    #[error("board {0} has buttons, which this program was built without")]
    NoDriver(String),
    /// A line cannot be had, or failed.
    #[error("could not read the button on line {pin} of {chip}: {cause}")]
    Line {
        /// The chip.
        chip: String,
        /// Which one.
        pin: u32,
        /// What the system said.
        cause: io::Error,
    },
    /// Nothing that is plugged in has one of the board's keys.
    #[error("no keyboard is plugged in that has the keys {0}")]
    NoKeyboard(String),
    /// Input devices cannot be waited for.
    #[error("could not wait for keys: {0}")]
    Wait(io::Error),
    /// A thread cannot be had.
    #[error("could not begin to watch the buttons: {0}")]
    Thread(io::Error),
}

impl ButtonError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoDriver(_) => "build it on Linux with the feature appliance, or run --board desk",
            Self::Line { .. } => {
                "check [gpio] and [[buttons]] of the board's profile, and what else uses the line"
            }
            Self::NoKeyboard(_) => "plug in a keyboard or clicker with these keys",
            Self::Wait(_) | Self::Thread(_) => {
                "switch the kiosk off and on again; if it stays so, report the line above"
            }
        }
    }
}
