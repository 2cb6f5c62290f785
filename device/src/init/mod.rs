//! Process 1: the whole userland of a board, from the kernel's hand-over to the first screen.
//!
//! Nothing else runs: no shell, no login, no network, no child. Invariant: process 1 never returns; whatever ends it
//! is kept for the next start, and the board starts again.

mod command_line;
mod console;

mod modules;
mod mounts;

mod card;
mod clock;
mod keeper;

mod boot_count;
mod faults;

mod notices;
mod stick;
mod storage;
mod volume;

mod kiosk;
#[cfg(feature = "test-image")]
mod test_camera;
mod test_image;

use crate::{
    buttons::{self, ButtonError},
    frame::Frame,
    panel,
    session::screen::Screen,
};
use command_line::CommandLine;
use console::say;
use notices::Notices;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::{convert::Infallible, panic::catch_unwind, path::Path, thread, time::Duration};
use stick::Sockets;
use synkiosk_boards::Profile;

/// The profile of this board, or the name of a shipped one; the image builder wrote it.
const BOARD: &str = "/board";

/// Whether the kernel has started this program as the only one. In a container, process 1 may be anything.
pub fn is_process_one() -> bool {
    std::process::id() == 1 && std::env::args_os().next().is_some_and(|name| name == "/init")
}

/// Be process 1.
pub fn run() -> ! {
    let Err(_panic) = catch_unwind(|| -> Infallible { be_the_kiosk() });
    faults::after_panic()
}

fn be_the_kiosk() -> ! {
    let mounted = mounts::system();
    // Before this there is nowhere to complain.
    console::take();
    say("start");
    mounted.iter().for_each(say);
    faults::watch_panics();
    if let Err(error) = no_core_dumps() {
        say(format!("core dumps could not be switched off: {error}"));
    }
    let command_line = CommandLine::of_kernel();
    let profile = board().unwrap_or_else(|why| halt(&why));
    modules::load(&profile, &command_line).iter().for_each(say);
    test_image::stand_before_camera(&profile);
    let heart = keeper::start();
    let panel = panel::open(&profile).unwrap_or_else(|error| halt(&error.to_string()));
    let complain = |error: ButtonError| say(format!("{error}; {}", error.help()));
    let presses = buttons::open(&profile, complain).unwrap_or_else(|error| halt(&error.to_string()));
    let mut notices = Notices::new(panel, Frame::from(profile.panel()), heart);
    notices.show(&Screen::Starting);
    let card = storage::mount_card(&command_line, &mut notices);
    let data = Path::new(mounts::DATA);
    clock::take_over(data);
    let start = boot_count::count(data);
    faults::begin(data, start);
    kiosk::work((&profile, &command_line), (Sockets::new(card), start), &presses, notices)
}

/// A dump of memory could hold a face.
fn no_core_dumps() -> rustix::io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
}

fn board() -> Result<Profile, String> {
    let text = std::fs::read_to_string(BOARD).map_err(|error| format!("cannot read {BOARD}: {error}"))?;
    // One word is a name; a profile has more.
    let profile = if text.trim().contains(char::is_whitespace) {
        Profile::parse(&text)
    } else {
        Profile::named(text.trim())
    };
    profile.map_err(|error| format!("board refused: {error}"))
}

/// An image that cannot work at all: starting again would change nothing.
fn halt(why: &str) -> ! {
    loop {
        say(why);
        thread::sleep(Duration::from_secs(60));
    }
}
