//! What the person sees: every screen for every panel from 240 x 320 pixels on, landscape or portrait.
//!
//! A screen is drawn from its data and the live picture alone. Words are in `words/`, one file a language, colors and
//! sizes in `theme.rs`.

mod answer;
mod caption;
#[cfg(feature = "demo")]
pub mod gallery;
mod guide;
mod live;
mod notice;
mod painter;
mod pictogram;
mod sheet;
mod theme;
mod words;
mod workshop;

pub use caption::caption;
pub use painter::Painter;
pub use sheet::Target;

use crate::{frame::Frame, language::Language, session::screen::Screen};
use sheet::{Parts, Sheet};
use synkiosk_models::photo::Photo;

/// The live picture, and what belongs to it.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// The latest picture.
    pub photo: &'a Photo,
    /// From the face to the middle of the picture, to the picture's right and down, in shares of its shorter side.
    pub toward: Option<[f32; 2]>,
}

impl<'a> Live<'a> {
    /// A picture of which nothing else is known.
    pub fn of(photo: &'a Photo) -> Live<'a> {
        Live { photo, toward: None }
    }
}

/// What came of drawing, beside the pixels.
pub struct Drawn {
    /// The buttons, in the frame's pixels.
    pub targets: Vec<Target>,
    /// Texts that did not fit even in the smallest size; a test keeps this empty.
    pub cramped: Vec<String>,
    /// Height of the capital letters of the main sentence, pixels; 0 where there is none.
    pub cap: f32,
}

/// Draws a screen over the whole frame and names the frame after it; `live` is the latest picture, if any.
pub fn draw(frame: &mut Frame, screen: &Screen, language: Language, live: Option<&Live<'_>>) -> Drawn {
    frame.set_name(screen.name());
    fill(frame, (screen, Parts::ALL), language, live)
}

fn fill(
    frame: &mut Frame,
    (screen, parts): (&Screen, Parts),
    language: Language,
    live: Option<&Live<'_>>,
) -> Drawn {
    let ground = match screen {
        Screen::Attract { .. } | Screen::Wiped(_) => theme::ACCENT,
        _ => theme::PAPER,
    };
    let mut sheet = Sheet::new(frame, language, (ground, parts));
    let staff = &sheet.words.staff;
    match screen {
        Screen::Attract { poses, notice } => notice::attract(&mut sheet, *poses, *notice),
        Screen::Language { languages, marked } => workshop::language(&mut sheet, languages, *marked),
        Screen::Consent => notice::consent(&mut sheet),
        Screen::Position(guidance) => guide::position(&mut sheet, *guidance, live),
        Screen::Pose { pose, number, of, guidance, phase } => {
            guide::pose(&mut sheet, (*pose, *phase), (*number, *of), *guidance, live);
        }
        Screen::Pause { number, of } => guide::pause(&mut sheet, *number, *of),
        Screen::Retake { pose, reason } => guide::retake(&mut sheet, *pose, *reason),
        Screen::Thinking => notice::thinking(&mut sheet),
        Screen::Answer(view) => answer::draw(&mut sheet, view),
        Screen::StillThere { seconds } => notice::still_there(&mut sheet, *seconds),
        Screen::Wiped(goodbye) => notice::wiped(&mut sheet, *goodbye),
        Screen::Starting => notice::starting(&mut sheet),
        Screen::CameraMissing => notice::fault(&mut sheet, &staff.camera_missing, screen.code()),
        Screen::NoModel => notice::fault(&mut sheet, &staff.no_model, screen.code()),
        Screen::StorageFull => notice::fault(&mut sheet, &staff.storage_full, screen.code()),
        Screen::StorageDamaged => notice::fault(&mut sheet, &staff.storage_damaged, screen.code()),
        Screen::CardMissing => notice::fault(&mut sheet, &staff.card_missing, screen.code()),
        Screen::NotSetUp => notice::fault(&mut sheet, &staff.not_set_up, screen.code()),
        Screen::LogSetAside => notice::fault(&mut sheet, &staff.log_set_aside, screen.code()),
        Screen::KeepsFailing => notice::fault(&mut sheet, &staff.keeps_failing, screen.code()),
        Screen::StickAtWork => notice::stick_at_work(&mut sheet),
        Screen::StickDone(summary) => notice::stick_done(&mut sheet, *summary, screen.code()),
        Screen::Technician(workshop) => workshop::draw(&mut sheet, workshop, live),
    }
    Drawn { targets: sheet.targets, cramped: sheet.cramped, cap: sheet.cap }
}

#[cfg(all(test, feature = "demo"))]
mod tests;
