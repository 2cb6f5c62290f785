//! What the technician sees at the kiosk itself, as plain data.

use crate::session::event::Button;
use synkiosk_models::quality::Check;

/// The technician's screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Workshop {
    /// The PIN is asked for.
    Pin {
        /// Digits so far.
        entered: usize,
        /// Which digit a press takes.
        marked: u8,
        /// What keeps it from being taken.
        problem: Option<PinProblem>,
    },
    /// What there is to do.
    Menu {
        /// Which entry a press takes.
        marked: usize,
    },
    /// What was found out.
    Report {
        /// About what.
        task: Task,
        /// Line by line; none yet while it is looked for.
        lines: Option<Vec<String>>,
    },
    /// The live picture, and every check of it.
    Camera {
        /// Each check, and whether it passes.
        checks: Vec<(Check, bool)>,
    },
    /// Buttons and touch are tried.
    Input {
        /// What was pressed last.
        last: Option<Pressed>,
        /// How much was pressed.
        count: u32,
    },
    /// A stick is waited for.
    Stick,
    /// The clock is set.
    Clock {
        /// What it will be set to.
        time: ClockTime,
        /// Which part of it a press changes; the last one sets it.
        marked: usize,
    },
}

/// Why a PIN was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinProblem {
    /// It is another one.
    Wrong,
    /// Too many were wrong.
    Locked {
        /// How long none is taken.
        seconds: u16,
    },
}

/// What a technician can do, in the menu's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Everything that is looked at before the kiosk works.
    SelfTest,
    /// The camera's picture.
    Camera,
    /// Buttons and touch.
    Input,
    /// What is on the card.
    Storage,
    /// Which versions of what.
    Versions,
    /// Sessions to a stick.
    Stick,
    /// Date and time.
    Clock,
    /// Back to the first screen.
    Leave,
}

impl Task {
    /// All of them.
    pub const ALL: [Task; 8] = [
        Task::SelfTest,
        Task::Camera,
        Task::Input,
        Task::Storage,
        Task::Versions,
        Task::Stick,
        Task::Clock,
        Task::Leave,
    ];

    fn name(self) -> &'static str {
        match self {
            Task::SelfTest => "self-test",
            Task::Camera => "camera",
            Task::Input => "input",
            Task::Storage => "storage",
            Task::Versions => "versions",
            Task::Stick => "stick",
            Task::Clock => "clock",
            Task::Leave => "leave",
        }
    }
}

/// Something that was pressed or touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// A button.
    Button(Button),
    /// The screen, in thousandths from its upper left corner.
    Touch {
        /// From the left.
        x: u16,
        /// From above.
        y: u16,
    },
}

/// A date and a time of day, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockTime {
    /// Year, month from 1, day from 1, hour, minute.
    pub parts: [u16; 5],
}

impl Workshop {
    /// The name of the screen in file names and logs.
    pub(super) fn name(&self) -> String {
        match self {
            Workshop::Pin { .. } => "technician-pin".to_owned(),
            Workshop::Menu { .. } => "technician".to_owned(),
            Workshop::Report { task, .. } => format!("technician-{}", task.name()),
            Workshop::Camera { .. } => "technician-camera".to_owned(),
            Workshop::Input { .. } => "technician-input".to_owned(),
            Workshop::Stick => "technician-stick".to_owned(),
            Workshop::Clock { .. } => "technician-clock".to_owned(),
        }
    }
}
