//! A button's contacts bounce for some milliseconds: one press is reported once.

use std::time::Duration;

/// Worn push buttons bounce for up to 15 ms; a person presses for 50 ms and more.
const STEADY: Duration = Duration::from_millis(20);

/// One button's line, read again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debounce {
    /// What is believed.
    is_down: bool,
    /// Since when the line says otherwise.
    differs_since: Option<Duration>,
}

impl Debounce {
    /// A button that is down at the start, or whose line is shorted, has to be released before it can be pressed.
    pub fn new() -> Debounce {
        Debounce { is_down: true, differs_since: None }
    }

    /// Whether a press began, from the line's state at the monotonic time `now`.
    pub fn sample(&mut self, now: Duration, is_down: bool) -> bool {
        if is_down == self.is_down {
            self.differs_since = None;
            return false;
        }
        let since = *self.differs_since.get_or_insert(now);
        if now.saturating_sub(since) < STEADY {
            return false;
        }
        *self = Debounce { is_down, differs_since: None };
        is_down
    }
}

impl Default for Debounce {
    fn default() -> Debounce {
        Debounce::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The samples, 5 ms apart, at which a press is noticed; `_` is down, `-` up.
    fn presses(line: &str) -> Vec<usize> {
        let mut button = Debounce::new();
        let mut sample = |(index, level): (usize, char)| {
            button.sample(Duration::from_millis(5 * index as u64), level == '_')
        };
        line.chars().enumerate().filter(|pair| sample(*pair)).map(|(index, _)| index).collect()
    }

    #[test]
    fn one_press_is_noticed_once() {
        assert_eq!(presses("------_______------"), [10]);
        assert_eq!(presses("------_-_--_______-_-------"), [15]);
        assert_eq!(presses("-----______-----______-----"), [9, 20]);
        assert_eq!(presses("-----______-_______-_______-----"), [9], "bounces on release");
        assert_eq!(presses("-----_-_-_--__---_-_-"), [0; 0], "noise");
    }

    #[test]
    fn a_button_that_is_held_at_the_start_is_released_first() {
        assert_eq!(presses("______________"), [0; 0]);
        assert_eq!(presses("____-----______"), [13]);
    }

    proptest! {
        /// However it bounces, there are no more presses than steady stretches, and none without 20 ms of contact.
        #[test]
        fn no_press_without_contact(line in prop::collection::vec(any::<bool>(), 0..200)) {
            let text: String = line.iter().map(|down| if *down { '_' } else { '-' }).collect();
            for index in presses(&text) {
                prop_assert!(line[index - 4..=index].iter().all(|down| *down));
            }
        }
    }
}
