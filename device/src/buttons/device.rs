//! One input device: what it says, and which presses that is.

use super::{
    Press,
    hold::Hold,
    keys::{EV_KEY, EV_SYN, Keys, Raw, SYN_DROPPED},
    touch::Touch,
};
use std::{collections::BTreeMap, time::Duration};

/// Its keys and its screen. To drop it is to let go of all that was down.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    keys: Keys,
    /// By the code of the key that is down.
    down: BTreeMap<u16, Hold>,
    touch: Option<Touch>,
}

impl Device {
    /// A device with these keys, or with none of them, and with a touch screen or without.
    pub fn new(keys: Keys, touch: Option<Touch>) -> Device {
        Device { keys, down: BTreeMap::new(), touch }
    }

    /// The press that an event is, if it is one, at the monotonic time `now`.
    pub fn event(&mut self, now: Duration, event: Raw) -> Option<Press> {
        let button = self.keys.button(event);
        match (event.kind, event.code, event.value) {
            _ if button.is_some() => self.down.entry(event.code).or_default().begin(now),
            (EV_KEY, code, 0) => drop(self.down.remove(&code)),
            // Whether a key was let go of meanwhile is not known.
            (EV_SYN, SYN_DROPPED, _) => self.down.clear(),
            _ => {}
        }
        let tap = self.touch.as_mut().and_then(|touch| touch.event(now, event));
        button.map(Press::from).or(tap.map(Press::Tap))
    }

    /// How many of its keys and fingers have been held; each is counted once.
    pub fn holds(&mut self, now: Duration) -> usize {
        let fingers = self.touch.as_mut().is_some_and(|touch| touch.is_held(now));
        self.down.values_mut().filter_map(|hold| hold.is_due(now).then_some(())).count()
            + usize::from(fingers)
    }

    /// When to ask for that again; `None` where only an event can change it.
    pub fn due_in(&self, now: Duration) -> Option<Duration> {
        let finger = self.touch.as_ref().and_then(|touch| touch.due_in(now));
        self.down.values().filter_map(|hold| hold.due_in(now)).chain(finger).min()
    }
}

#[cfg(test)]
mod tests;
