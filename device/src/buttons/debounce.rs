//! A button's contacts bounce for some milliseconds: one press is reported once, and so is a long one.

use super::hold::Hold;
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
    hold: Hold,
}

/// What a button did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A press began.
    Pressed,
    /// It has been down since that for `HOLD`.
    Held,
}

impl Debounce {
    /// A button that is down at the start, or whose line is shorted, has to be released before it can be pressed.
    pub fn new() -> Debounce {
        Debounce { is_down: true, differs_since: None, hold: Hold::new() }
    }

    /// What began or has lasted, from the line's state at the monotonic time `now`.
    pub fn sample(&mut self, now: Duration, is_down: bool) -> Option<Change> {
        if is_down == self.is_down {
            self.differs_since = None;
            return (is_down && self.hold.is_due(now)).then_some(Change::Held);
        }
        let since = *self.differs_since.get_or_insert(now);
        if now.saturating_sub(since) < STEADY {
            return None;
        }
        (self.is_down, self.differs_since) = (is_down, None);
        if !is_down {
            self.hold.end();
            return None;
        }
        self.hold.begin(now);
        Some(Change::Pressed)
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

    /// What is noticed at which of the samples, 5 ms apart; `_` is down, `-` up.
    fn changes(line: &str) -> Vec<(usize, Change)> {
        let mut button = Debounce::new();
        let mut sample = |(index, level): (usize, char)| {
            let change = button.sample(Duration::from_millis(5 * index as u64), level == '_');
            change.map(|change| (index, change))
        };
        line.chars().enumerate().filter_map(&mut sample).collect()
    }

    fn presses(line: &str) -> Vec<usize> {
        let pressed = |(index, change)| (change == Change::Pressed).then_some(index);
        changes(line).into_iter().filter_map(pressed).collect()
    }

    fn holds(line: &str) -> Vec<usize> {
        let held = |(index, change)| (change == Change::Held).then_some(index);
        changes(line).into_iter().filter_map(held).collect()
    }

    /// So many milliseconds of down or up.
    fn of(level: &str, milliseconds: usize) -> String {
        level.repeat(milliseconds / 5)
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

    #[test]
    fn a_long_press_is_noticed_once_three_seconds_after_it_began() {
        let (up, long) = (of("-", 100), of("_", 10_000));
        assert_eq!(changes(&format!("{up}{long}{up}")), [(24, Change::Pressed), (624, Change::Held)]);
        assert_eq!(holds(&format!("{up}{}{up}{long}", of("_", 2900))), [1224], "not of 2.9 s");
        assert_eq!(holds(&format!("{up}{long}{up}{long}")).len(), 2, "once for each");
        let bounces = format!("{up}{}--{}", of("_", 1500), of("_", 8000));
        assert_eq!(holds(&bounces), [624], "a bounce does not end it");
        let at_the_end = format!("{up}{}-{}", of("_", 3020), of("_", 100));
        assert_eq!(holds(&at_the_end), [625], "nor does it count while it bounces");
    }

    #[test]
    fn a_button_that_is_stuck_at_the_start_is_not_held_until_it_was_released() {
        assert_eq!(holds(&of("_", 60_000)), [0; 0]);
        let (stuck, released) = (of("_", 60_000), of("-", 10));
        assert_eq!(holds(&format!("{stuck}{released}{stuck}")), [0; 0], "a bounce is no release");
        assert_eq!(holds(&format!("{stuck}{}{stuck}", of("-", 100))), [12_020 + 4 + 600]);
    }

    proptest! {
        /// However it is pressed and bounces: each hold follows a press of its own by 3 s or a bounce more, and the line
        /// was never up for 20 ms in between.
        #[test]
        fn no_hold_without_a_press(stretches in prop::collection::vec((any::<bool>(), 1usize..900), 0..12)) {
            let line: String = stretches.iter().map(|(down, samples)| if *down { "_" } else { "-" }.repeat(*samples)).collect();
            let mut pressed = None;
            for (index, change) in changes(&line) {
                match change {
                    Change::Pressed => pressed = Some(index),
                    Change::Held => {
                        let began: usize = pressed.take().expect("a hold without a press, or a second one");
                        prop_assert!((600..605).contains(&(index - began)), "{} samples", index - began);
                        prop_assert!(!line[began..=index].contains("-----"));
                    }
                }
            }
        }

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
