//! Draws anew only what has changed: the live picture many times a second, its words and its drawing when they change.

use super::{Live, Target, sheet::Parts};
use crate::{
    frame::Frame,
    language::Language,
    session::screen::{Guidance, Screen, Workshop},
};

/// Draws one screen after the other into the same frame.
#[derive(Debug, Default)]
pub struct Painter {
    /// What the frame shows.
    shown: Option<(Screen, Language)>,
    targets: Vec<Target>,
}

impl Painter {
    /// Nothing is drawn yet.
    pub fn new() -> Painter {
        Painter::default()
    }

    /// The frame was changed by somebody else: the next screen is drawn whole.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// The buttons on what was drawn last.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Draws a screen; the frame is the one that was drawn into before. The pixels are those of `screens::draw`.
    pub fn draw(&mut self, frame: &mut Frame, screen: &Screen, language: Language, live: Option<&Live<'_>>) {
        let same = self.shown.as_ref().filter(|(_, in_language)| *in_language == language);
        let parts = same.map_or(Parts::ALL, |(shown, _)| changed(shown, screen));
        frame.set_name(screen.name());
        self.targets = super::fill(frame, (screen, parts), language, live).targets;
        self.shown = Some((screen.clone(), language));
    }
}

/// What of a screen differs from the one that is shown.
fn changed(shown: &Screen, screen: &Screen) -> Parts {
    let part = |hint: bool, drawing: bool| Parts { rest: false, hint, drawing };
    match (shown, screen) {
        (Screen::Position(before), Screen::Position(now)) => part(!say_the_same(*before, *now), false),
        (
            Screen::Pose { pose, number, of, guidance, phase },
            Screen::Pose { pose: same, number: same_number, of: same_of, guidance: now, phase: moved },
        ) if (pose, number, of) == (same, same_number, same_of) => {
            part(!say_the_same(*guidance, *now), phase != moved)
        }
        (
            Screen::Technician(Workshop::Camera { checks }),
            Screen::Technician(Workshop::Camera { checks: now }),
        ) => part(checks != now, false),
        _ => Parts::ALL,
    }
}

/// The ring is part of the live picture; words are the same for each of its steps.
fn say_the_same(one: Guidance, other: Guidance) -> bool {
    one == other || matches!((one, other), (Guidance::Hold { .. }, Guidance::Hold { .. }))
}
