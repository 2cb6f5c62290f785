//! What the person sees: every screen for every panel from 240 x 320 pixels on, landscape or portrait.
//!
//! A screen is drawn from its data and the live picture alone. Words are in `words.rs`, colors and sizes in
//! `theme.rs`.

mod answer;
mod caption;
mod guide;
mod live;
mod notice;
mod pictogram;
mod sheet;
mod theme;
mod words;

pub use caption::caption;
pub use sheet::Target;

use crate::{frame::Frame, session::screen::Screen};
use sheet::Sheet;
use synkiosk_models::photo::Photo;

/// Draws a screen over the whole frame and names the frame after it; `live` is the latest picture, if any. Returns
/// the buttons on it, in the frame's pixels.
pub fn draw(frame: &mut Frame, screen: &Screen, live: Option<&Photo>) -> Vec<Target> {
    frame.set_name(screen.name());
    fill(frame, screen, live).0
}

/// Draws, and returns the buttons and the texts that did not fit.
fn fill(frame: &mut Frame, screen: &Screen, live: Option<&Photo>) -> (Vec<Target>, Vec<String>) {
    let ground = match screen {
        Screen::Attract { .. } | Screen::Wiped(_) => theme::ACCENT,
        _ => theme::PAPER,
    };
    let mut sheet = Sheet::new(frame, ground);
    match screen {
        Screen::Attract { poses, notice } => notice::attract(&mut sheet, *poses, *notice),
        Screen::Consent { poses } => notice::consent(&mut sheet, *poses),
        Screen::Position(guidance) => guide::position(&mut sheet, *guidance, live),
        Screen::Pose { pose, number, of, guidance } => {
            guide::pose(&mut sheet, *pose, (*number, *of), *guidance, live);
        }
        Screen::Retake { pose, reason } => guide::retake(&mut sheet, *pose, *reason),
        Screen::Thinking => notice::thinking(&mut sheet),
        Screen::Answer(view) => answer::draw(&mut sheet, view),
        Screen::StillThere => notice::still_there(&mut sheet),
        Screen::Wiped(goodbye) => notice::wiped(&mut sheet, *goodbye),
        Screen::Starting => notice::starting(&mut sheet),
        Screen::CameraMissing => notice::fault(&mut sheet, words::CAMERA_MISSING, screen.code()),
        Screen::NoModel => notice::fault(&mut sheet, words::NO_MODEL, screen.code()),
        Screen::StorageFull => notice::fault(&mut sheet, words::STORAGE_FULL, screen.code()),
        Screen::StorageDamaged => notice::fault(&mut sheet, words::STORAGE_DAMAGED, screen.code()),
        Screen::CardMissing => notice::fault(&mut sheet, words::CARD_MISSING, screen.code()),
        Screen::NotSetUp => notice::fault(&mut sheet, words::NOT_SET_UP, screen.code()),
        Screen::LogSetAside => notice::fault(&mut sheet, words::LOG_SET_ASIDE, screen.code()),
        Screen::KeepsFailing => notice::fault(&mut sheet, words::KEEPS_FAILING, screen.code()),
        Screen::StickAtWork => notice::stick_at_work(&mut sheet),
        Screen::StickDone(summary) => notice::stick_done(&mut sheet, *summary, screen.code()),
    }
    (sheet.targets, sheet.cramped)
}

#[cfg(test)]
mod tests;
