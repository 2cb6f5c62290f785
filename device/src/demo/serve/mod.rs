//! The very kiosk in a browser: the appliance's own session, screens and judge, in real time, on loopback alone.
//!
//! ```text
//! browser -> guard -> routes -> wishes -> kiosk.rs (a thread of its own: Appliance) -> panel -> picture.rs -> browser
//!                          \-> webcam.rs -> camera.rs ------/
//! ```
//! Invariants: nothing is written to a disk; only the visitor whose session it is sees its pictures or sends any; a
//! browser that does not read never holds up the kiosk.

mod camera;
mod error;
mod guard;
mod journal;
mod kiosk;
mod listener;
mod page;
mod picture;
mod refusal;
mod routes;
mod server;
mod view;
mod visitor;
mod webcam;

pub use error::ServeError;
pub use server::Server;
pub use webcam::{HEIGHT, WIDTH};

use super::People;
use std::io::Write;
use synkiosk_models::bundle::Bundle;

/// The profile whose panel is drawn and whose buttons are on the page.
const BOARD: &str = "desk";

/// Serves until the program is told to end, and prints where.
///
/// # Errors
/// When the people are refused, the port cannot be had, or the kiosk fails.
pub fn run(people: &People, bundle: &Bundle, port: u16, print: &mut dyn Write) -> Result<(), ServeError> {
    let server = Server::start(people, bundle, port)?;
    let mut say = |line: &str| writeln!(print, "{line}").and_then(|()| print.flush());
    say(&format!("the kiosk is at {}", server.url())).map_err(ServeError::Print)?;
    say("only this computer can open it, and nothing is written to a disk; Ctrl-C ends it")
        .map_err(ServeError::Print)?;
    let records = server.wait()?;
    let line = format!("journal: {records} records sealed, read back and forgotten");
    say(&line).map_err(ServeError::Print)
}
