//! Why nobody sees a frame.

use std::io;

/// Why nobody sees a frame.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// The board's panel is a picture file.
    #[error("board {0} has no panel of its own")]
    NoPanel(String),
    /// The program was built without the driver.
    #[error("board {board} has a {kind} panel, which this program was built without")]
    NoDriver {
        /// The board.
        board: String,
        /// What kind of panel.
        kind: &'static str,
    },
    /// A panel on a serial bus needs lines.
    #[error("board {0} has a panel on lines, and no lines")]
    NoLines(String),
    /// There is no such device, or no longer.
    #[error("panel {0} is not there")]
    Missing(String),
    /// Another program has it, or it may not be opened.
    #[error("could not open panel {panel}: {cause}")]
    Open {
        /// The device.
        panel: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The device is there and nothing is plugged into it.
    #[error("no display is connected to {0}")]
    NoDisplay(String),
    /// Pixels or lengths that are not understood.
    #[error("panel {panel} says of itself what is not understood: {what}")]
    Geometry {
        /// The device.
        panel: String,
        /// What it says.
        what: String,
    },
    /// A line of the panel's wiring.
    #[error("could not take line {pin} of {chip} for the panel: {cause}")]
    Line {
        /// The chip.
        chip: String,
        /// Which one.
        pin: u32,
        /// What the system said.
        cause: io::Error,
    },
    /// It was there and failed.
    #[error("panel {panel} failed: {cause}")]
    Failed {
        /// The device.
        panel: String,
        /// What the system said.
        cause: io::Error,
    },
}

impl PanelError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoPanel(_) => "run --board with the name of a board that has one",
            Self::NoDriver { .. } => "build it on Linux with the feature appliance, or run --board desk",
            Self::NoLines(_) => "add [gpio] to the board's profile",
            Self::Missing(_) => "check [modules] and [panel] of the board's profile",
            Self::Open { .. } => "close the program that has the panel, or allow this one to open it",
            Self::NoDisplay(_) => "plug the display in, and switch it on",
            Self::Geometry { .. } => "use a panel with 16 or 32 bits a pixel",
            Self::Line { .. } => "check [gpio] of the board's profile, and what else uses the line",
            Self::Failed { .. } => "check the panel's cable and power",
        }
    }

    /// The device that could not be opened: not there, or not to be had.
    pub fn opening(panel: &str, cause: io::Error) -> PanelError {
        let panel = panel.to_owned();
        match cause.kind() {
            io::ErrorKind::NotFound => Self::Missing(panel),
            // ENODEV and ENXIO: the node is there, the device behind it is not.
            _ if matches!(cause.raw_os_error(), Some(19 | 6)) => Self::Missing(panel),
            _ => Self::Open { panel, cause },
        }
    }

    /// The device that was there and failed.
    pub fn failing(panel: &str, cause: impl Into<io::Error>) -> PanelError {
        Self::Failed { panel: panel.to_owned(), cause: cause.into() }
    }
}
