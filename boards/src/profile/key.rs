//! Keys that a button may be.

use serde::Deserialize;
use std::fmt;

/// Keys that a button may be: those that keyboards, presentation clickers and foot pedals send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is named after the key")]
pub enum Key {
    Enter,
    Space,
    Escape,
    Backspace,
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
}

impl Key {
    /// The code in Linux's input events.
    pub fn code(self) -> u16 {
        match self {
            Key::Escape => 1,
            Key::Backspace => 14,
            Key::Enter => 28,
            Key::Space => 57,
            Key::Up => 103,
            Key::PageUp => 104,
            Key::Left => 105,
            Key::Right => 106,
            Key::Down => 108,
            Key::PageDown => 109,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Key::Enter => "enter",
            Key::Space => "space",
            Key::Escape => "escape",
            Key::Backspace => "backspace",
            Key::Left => "left",
            Key::Right => "right",
            Key::Up => "up",
            Key::Down => "down",
            Key::PageUp => "page-up",
            Key::PageDown => "page-down",
        })
    }
}
