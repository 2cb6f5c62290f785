//! What a visitor chooses: the language before a visit, and the page of the answer after it.

use super::{
    Session, State,
    event::{Button, Effect, Event},
    marked::Marked,
    screen::{AnswerView, Goodbye, PAGES},
    summary::End,
    timing,
};
use std::time::Duration;

impl Session {
    /// The mark moves on by itself, so that one button is enough; a touch needs no mark.
    pub(super) fn choose_language(&mut self, now: Duration, marked: Marked, event: &Event) {
        let count = self.languages.len();
        let chosen = match event {
            Event::Button(Button::Next) => Some(marked.place),
            Event::Button(Button::Pick(place)) => Some(usize::from(*place)),
            Event::Button(Button::Back) => {
                self.state = State::Language { marked: marked.next(count, now) };
                return;
            }
            Event::Button(_) => return self.rest(now),
            _ => None,
        };
        match chosen.and_then(|place| self.languages.get(place)) {
            Some(language) => {
                self.language = *language;
                self.ask(now);
            }
            None if now.saturating_sub(self.since) >= timing::LANGUAGE => self.rest(now),
            None => {
                let marked = marked.moved(count, now, timing::MARK);
                // What is marked is read in its own language.
                self.language = self.languages[marked.place.min(count - 1)];
                self.state = State::Language { marked };
            }
        }
    }

    /// Back to the first screen, in the kiosk's own language.
    pub(super) fn rest(&mut self, now: Duration) {
        self.language = self.languages[0];
        self.enter(now, State::Idle);
    }

    /// Next leads through the pages and out; any other button but back ends at once.
    pub(super) fn turn_page(
        &mut self,
        now: Duration,
        mut view: AnswerView,
        button: Button,
        effects: &mut Vec<Effect>,
    ) {
        match button {
            Button::Next if view.page + 1 < PAGES => view.page += 1,
            Button::Back => view.page = view.page.saturating_sub(1),
            Button::Pick(_) => {}
            _ => return self.end(now, End::Answered, Goodbye::Finished, effects),
        }
        self.enter(now, State::Answer { view });
    }
}
