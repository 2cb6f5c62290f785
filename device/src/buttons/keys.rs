//! Keys in the kernel's input events, and which buttons they are.

use super::meaning;
use crate::session::event::Button;
use synkiosk_boards::profile::{self, Trigger};

/// One of the kernel's input events, without its time: `struct input_event` of `linux/input.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw {
    /// `EV_SYN`, `EV_KEY`, `EV_ABS`, ...
    pub kind: u16,
    /// Which key or axis.
    pub code: u16,
    /// 1 and 0 for a key, a place for an axis.
    pub value: i32,
}

/// The end of a report, and what befell it.
pub const EV_SYN: u16 = 0;
/// Keys.
pub const EV_KEY: u16 = 1;
/// Events were lost.
pub const SYN_DROPPED: u16 = 3;

/// The board's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys(Vec<(profile::Key, Button)>);

impl Keys {
    /// Those of a profile.
    pub fn new(buttons: &[profile::Button]) -> Keys {
        let key = |button: &profile::Button| match button.trigger {
            Trigger::Key(key) => Some((key, meaning(button.action))),
            Trigger::Pin(_) => None,
        };
        Keys(buttons.iter().filter_map(key).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of all.
    pub fn names(&self) -> String {
        self.0.iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>().join(", ")
    }

    /// Whether a device is one of theirs, by the keys that it has.
    pub fn any(&self, has: impl Fn(u16) -> bool) -> bool {
        self.0.iter().any(|(key, _)| has(key.code()))
    }

    /// The button that goes down. A key that is let go (0), or that repeats while it is held (2), is none.
    pub fn button(&self, event: Raw) -> Option<Button> {
        if (event.kind, event.value) != (EV_KEY, 1) {
            return None;
        }
        self.0.iter().find(|(key, _)| key.code() == event.code).map(|(_, button)| *button)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_boards::Profile;

    /// As `evtest` shows them: Enter pressed, held and let go; the letter A; Escape.
    const RECORDED: [(u16, u16, i32); 13] = [
        (4, 4, 0x70028),
        (1, 28, 1),
        (0, 0, 0),
        (1, 28, 2),
        (0, 0, 1),
        (1, 28, 0),
        (0, 0, 0),
        (1, 30, 1),
        (1, 30, 0),
        (4, 4, 0x70029),
        (1, 1, 1),
        (1, 1, 0),
        (0, 0, 0),
    ];

    #[test]
    fn a_key_that_goes_down_is_a_press() {
        let keys = Keys::new(Profile::named("vm").unwrap().buttons());
        let presses: Vec<_> = RECORDED
            .iter()
            .filter_map(|&(kind, code, value)| keys.button(Raw { kind, code, value }))
            .collect();
        assert_eq!(presses, [Button::Next, Button::Stop]);
        assert_eq!(keys.names(), "enter, backspace, escape");
        assert!(keys.any(|code| code == 14) && !keys.any(|code| code == 30));
    }

    #[test]
    fn a_board_without_keys_has_none() {
        assert!(Keys::new(Profile::named("rpi3-ili9341").unwrap().buttons()).is_empty());
    }
}
