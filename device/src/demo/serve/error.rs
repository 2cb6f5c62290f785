//! Why the kiosk cannot be served.

use crate::demo::DemoError;
use std::io;

/// Why the kiosk cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The people or the bundle were refused.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The port cannot be had.
    #[error("could not listen on 127.0.0.1:{port}: {cause}")]
    Listen {
        /// Which.
        port: u16,
        /// What the system said.
        cause: io::Error,
    },
    /// The system gives no threads or timers.
    #[error("could not start the server: {0}")]
    Start(io::Error),
    /// The kiosk's thread is gone.
    #[error("the kiosk stopped working")]
    Ended,
    /// The terminal is gone.
    #[error("could not print: {0}")]
    Print(io::Error),
}

impl ServeError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            ServeError::Demo(error) => error.help(),
            ServeError::Listen { .. } => "pass another --port, or --port 0 for any that is free",
            ServeError::Start(_) => "close other programs, and try again",
            ServeError::Ended => "run it again; if it stays so, report the lines above",
            ServeError::Print(_) => "run it again with its output to a file",
        }
    }

    /// Whether something was looked at and refused, rather than not looked at.
    pub fn is_refusal(&self) -> bool {
        matches!(self, ServeError::Demo(error) if error.is_refusal())
    }
}
