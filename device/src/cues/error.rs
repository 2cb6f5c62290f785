//! Why nothing is heard or seen.

use std::io;

/// Why nothing is heard or seen.
#[derive(Debug, thiserror::Error)]
pub enum CueError {
    /// The program was built without the driver.
    #[error("board {0} has a buzzer or a light, which this program was built without")]
    NoDriver(String),
    /// A line cannot be had, or failed.
    #[error("could not switch line {pin} of {chip}: {cause}")]
    Line {
        /// The chip.
        chip: String,
        /// Which one.
        pin: u32,
        /// What the system said.
        cause: io::Error,
    },
    /// A thread cannot be had.
    #[error("could not begin to play cues: {0}")]
    Thread(io::Error),
}

impl CueError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoDriver(_) => "build it on Linux with the feature appliance, or leave [cues] out",
            Self::Line { .. } => {
                "check [gpio] and [cues] of the board's profile, and what else uses the line; the kiosk goes on without"
            }
            Self::Thread(_) => "switch the kiosk off and on again; it goes on without",
        }
    }
}
