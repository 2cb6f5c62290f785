//! The technician at the kiosk itself, while nobody is screened: behind the PIN, or with the kiosk's own stick.

use super::{
    Session, State,
    event::{Button, Effect, Event, Ticket},
    marked::Marked,
    pin::Lock,
    screen::{ClockTime, Pressed, Task, Workshop},
    timing,
};
use std::{fmt, time::Duration};
use synkiosk_models::quality::Check;

/// Digits that a PIN is made of.
const DIGITS: usize = 10;
/// Parts of the time, and the entry that sets it.
const CLOCK_ENTRIES: usize = 6;

/// What the technician is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Room {
    Pin { entered: Entered, marked: Marked, was_wrong: bool },
    Menu { marked: Marked },
    Report { task: Task, ticket: Ticket, lines: Option<Vec<String>> },
    Camera { checks: Vec<(Check, bool)> },
    Input { last: Option<Pressed>, count: u32 },
    Stick,
    Clock { ticket: Ticket, time: Option<ClockTime>, marked: usize },
}

/// Digits of a PIN, which are not told.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Entered(Vec<u8>);

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entered({})", self.0.len())
    }
}

impl Room {
    pub(super) fn pin(now: Duration) -> Room {
        Room::Pin { entered: Entered::default(), marked: Marked::at(0, now), was_wrong: false }
    }

    pub(super) fn menu(now: Duration) -> Room {
        Room::Menu { marked: Marked::at(0, now) }
    }

    pub(super) fn screen(&self, now: Duration, lock: &Lock) -> Workshop {
        match self {
            Room::Pin { entered, marked, was_wrong } => Workshop::Pin {
                entered: entered.0.len(),
                marked: marked.place as u8,
                problem: lock.problem(now, *was_wrong),
            },
            Room::Menu { marked } => Workshop::Menu { marked: marked.place },
            Room::Report { task, lines, .. } => Workshop::Report { task: *task, lines: lines.clone() },
            Room::Camera { checks } => Workshop::Camera { checks: checks.clone() },
            Room::Input { last, count } => Workshop::Input { last: *last, count: *count },
            Room::Stick => Workshop::Stick,
            Room::Clock { time: Some(time), marked, .. } => Workshop::Clock { time: *time, marked: *marked },
            Room::Clock { time: None, .. } => Workshop::Report { task: Task::Clock, lines: None },
        }
    }
}

impl Session {
    /// Whether what is pressed is to be shown instead of done.
    pub fn tries_input(&self) -> bool {
        matches!(self.state, State::Technician(Room::Input { .. }))
    }

    /// Whether every check of a live picture is to be told.
    pub fn wants_checks(&self) -> bool {
        matches!(self.state, State::Technician(Room::Camera { .. }))
    }

    pub(super) fn in_room(&mut self, now: Duration, room: Room, event: Event, effects: &mut Vec<Effect>) {
        if matches!(event, Event::Button(_) | Event::Input(_)) {
            self.since = now;
        } else if now.saturating_sub(self.since) >= timing::TECHNICIAN {
            return self.rest(now);
        }
        match (room, event) {
            (Room::Stick, Event::StickFound) => self.serve_stick(now, effects),
            (Room::Pin { entered, marked, was_wrong }, event) => {
                self.enter_pin(now, entered, (marked, was_wrong), &event);
            }
            (Room::Menu { marked }, event) => self.choose_task(now, marked, &event, effects),
            (Room::Camera { .. }, Event::Checked(checks)) => {
                self.state = State::Technician(Room::Camera { checks });
            }
            (Room::Input { count, .. }, Event::Input(pressed)) => {
                let count = count.saturating_add(1);
                self.state = State::Technician(Room::Input { last: Some(pressed), count });
            }
            (Room::Report { task, ticket, lines: None }, Event::Told(reply, lines)) if reply == ticket => {
                self.state = State::Technician(Room::Report { task, ticket, lines: Some(lines) });
            }
            (Room::Clock { ticket, time: None, marked }, Event::Time(reply, seconds)) if reply == ticket => {
                let time = Some(ClockTime::of_unix_seconds(seconds));
                self.state = State::Technician(Room::Clock { ticket, time, marked });
            }
            (Room::Clock { ticket, time: Some(time), marked }, Event::Button(button)) => {
                self.set_clock(now, (ticket, time, marked), button, effects);
            }
            (_, Event::Button(_)) => self.enter(now, State::Technician(Room::menu(now))),
            _ => {}
        }
    }

    fn enter_pin(
        &mut self,
        now: Duration,
        mut entered: Entered,
        (marked, was_wrong): (Marked, bool),
        event: &Event,
    ) {
        let digit = match event {
            Event::Button(Button::Next) => marked.place,
            Event::Button(Button::Pick(digit)) => usize::from(*digit),
            Event::Button(Button::Back) => {
                let marked = marked.next(DIGITS, now);
                self.state = State::Technician(Room::Pin { entered, marked, was_wrong });
                return;
            }
            // The button that was held to come here sends nothing more; another press leaves.
            Event::Button(Button::Held) => return,
            Event::Button(Button::Stop | Button::Decline) => return self.rest(now),
            _ => {
                let marked = marked.moved(DIGITS, now, timing::MARK);
                self.state = State::Technician(Room::Pin { entered, marked, was_wrong });
                return;
            }
        };
        if digit >= DIGITS {
            return;
        }
        entered.0.push(b'0' + digit as u8);
        let marked = Marked::at(0, now);
        self.state = State::Technician(if entered.0.len() < self.lock.digits() {
            Room::Pin { entered, marked, was_wrong: false }
        } else if self.lock.open(now, &entered.0) {
            Room::menu(now)
        } else {
            Room::Pin { entered: Entered::default(), marked, was_wrong: true }
        });
    }

    fn choose_task(&mut self, now: Duration, marked: Marked, event: &Event, effects: &mut Vec<Effect>) {
        let count = Task::ALL.len();
        let place = match event {
            Event::Button(Button::Next) => marked.place,
            Event::Button(Button::Pick(place)) => usize::from(*place),
            Event::Button(Button::Back) => {
                self.state = State::Technician(Room::Menu { marked: marked.next(count, now) });
                return;
            }
            Event::Button(Button::Held) => return,
            Event::Button(Button::Stop | Button::Decline) => return self.rest(now),
            _ => {
                let marked = marked.moved(count, now, timing::MARK);
                self.state = State::Technician(Room::Menu { marked });
                return;
            }
        };
        let Some(task) = Task::ALL.get(place).copied() else { return };
        let room = match task {
            Task::Leave => return self.rest(now),
            Task::Camera => Room::Camera { checks: Vec::new() },
            Task::Input => Room::Input { last: None, count: 0 },
            Task::Stick => Room::Stick,
            Task::SelfTest | Task::Storage | Task::Versions | Task::Clock => {
                let ticket = self.ticket();
                effects.push(Effect::Tell(ticket, task));
                match task {
                    Task::Clock => Room::Clock { ticket, time: None, marked: 0 },
                    _ => Room::Report { task, ticket, lines: None },
                }
            }
        };
        self.enter(now, State::Technician(room));
    }

    /// Next changes what is marked, back marks what comes after it; a touch marks, or changes by one.
    fn set_clock(
        &mut self,
        now: Duration,
        (ticket, time, marked): (Ticket, ClockTime, usize),
        button: Button,
        effects: &mut Vec<Effect>,
    ) {
        let set = CLOCK_ENTRIES - 1;
        let (time, marked) = match button {
            Button::Next if marked == set => {
                effects.push(Effect::SetClock(time.unix_seconds()));
                return self.enter(now, State::Technician(Room::menu(now)));
            }
            Button::Next => (time.changed(marked, true), marked),
            Button::Back => (time, (marked + 1) % CLOCK_ENTRIES),
            Button::Pick(place) => match usize::from(place) {
                place if place < set => (time.changed(place, true), place),
                place if place < 2 * set => (time.changed(place - set, false), place - set),
                _ => {
                    effects.push(Effect::SetClock(time.unix_seconds()));
                    return self.enter(now, State::Technician(Room::menu(now)));
                }
            },
            Button::Stop | Button::Decline | Button::Held => {
                return self.enter(now, State::Technician(Room::menu(now)));
            }
        };
        self.state = State::Technician(Room::Clock { ticket, time: Some(time), marked });
    }
}
