//! Screens before the kiosk works: starting, and what keeps it from working.

use super::{console::say, keeper::Heart};
use crate::{frame::Frame, language::Language, panel::Panel, screens, session::screen::Screen};
use std::{
    thread,
    time::{Duration, Instant},
};

/// A display is looked for so often.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// A panel, and what stands on it.
pub(super) struct Notices {
    panel: Box<dyn Panel>,
    frame: Frame,
    heart: Heart,
    language: Language,
    shown: Option<Screen>,
    /// Whether the display was there when it was asked last.
    is_seen: bool,
}

impl Notices {
    pub(super) fn new(panel: Box<dyn Panel>, frame: Frame, heart: Heart) -> Notices {
        Notices { panel, frame, heart, language: Language::default(), shown: None, is_seen: true }
    }

    /// The kiosk's own language, from the next screen on.
    pub(super) fn speak(&mut self, language: Language) {
        self.language = language;
    }

    /// Shows a screen and says its name and code on the console.
    pub(super) fn show(&mut self, screen: &Screen) {
        if self.shown.as_ref() == Some(screen) {
            return;
        }
        screens::draw(&mut self.frame, screen, self.language, None);
        match self.panel.show(&self.frame) {
            Ok(()) => self.shown = Some(screen.clone()),
            // Shown at the next try; the console knows it meanwhile.
            Err(error) => say(format!("could not show a screen: {error}")),
        }
        say(screen.code().map_or_else(|| screen.name(), |code| format!("{} {code}", screen.name())));
    }

    /// Shows a screen for so long.
    pub(super) fn hold(&mut self, screen: &Screen, time: Duration) {
        self.show(screen);
        self.wait(time);
    }

    /// Waits while the heart beats, and shows the screen again on a display that came late.
    pub(super) fn wait(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.heart.beat();
            self.look_for_display();
            thread::sleep(left.min(LOOK_AGAIN));
        }
    }

    fn look_for_display(&mut self) {
        let checked = self.panel.check();
        let was_seen = std::mem::replace(&mut self.is_seen, checked.is_ok());
        match checked {
            Err(error) if was_seen => say(error.to_string()),
            Ok(()) if !was_seen => {
                if let Some(screen) = self.shown.take() {
                    self.show(&screen);
                }
            }
            _ => {}
        }
    }

    /// Tries until it succeeds, and shows meanwhile what is missing.
    pub(super) fn until<T>(&mut self, again: Duration, mut try_it: impl FnMut() -> Result<T, Screen>) -> T {
        loop {
            match try_it() {
                Ok(done) => return done,
                Err(screen) => self.hold(&screen, again),
            }
        }
    }

    pub(super) fn into_parts(self) -> (Box<dyn Panel>, Heart) {
        (self.panel, self.heart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::PanelError;
    use std::{cell::RefCell, io, rc::Rc};

    struct FakePanel {
        names: Rc<RefCell<Vec<String>>>,
        fails: u32,
        away: u32,
    }

    impl Panel for FakePanel {
        fn show(&mut self, frame: &Frame) -> io::Result<()> {
            if self.fails > 0 {
                self.fails -= 1;
                return Err(io::Error::other("no panel"));
            }
            self.names.borrow_mut().push(frame.name().to_owned());
            Ok(())
        }

        fn check(&mut self) -> Result<(), PanelError> {
            self.away = self.away.saturating_sub(1);
            if self.away > 0 { Err(PanelError::NoDisplay("fake".to_owned())) } else { Ok(()) }
        }
    }

    fn notices(fails: u32, away: u32) -> (Notices, Rc<RefCell<Vec<String>>>) {
        let names = Rc::new(RefCell::new(Vec::new()));
        let panel = Box::new(FakePanel { names: Rc::clone(&names), fails, away });
        (Notices::new(panel, Frame::new(320, 240), Heart::default()), names)
    }

    #[test]
    fn what_is_missing_is_shown_until_it_is_there() {
        let (mut notices, names) = notices(1, 0);
        let mut left = 4;
        let done = notices.until(Duration::from_millis(1), || {
            left -= 1;
            if left > 0 { Err(Screen::CardMissing) } else { Ok("there") }
        });
        assert_eq!(done, "there");
        // The first try found no panel, the second showed it, and the third had nothing new to show.
        assert_eq!(*names.borrow(), ["card-missing"]);
    }

    #[test]
    fn a_display_that_comes_late_shows_the_screen() {
        let (mut notices, names) = notices(0, 3);
        notices.show(&Screen::Starting);
        for _ in 0..5 {
            notices.wait(Duration::from_millis(1));
        }
        assert_eq!(*names.borrow(), ["starting", "starting"]);
    }
}
