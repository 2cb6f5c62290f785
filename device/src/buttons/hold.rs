//! A button, a key or a finger that stays down.

use std::time::Duration;

/// 3 s: well above a slow press, so that a heavy hand does not hold by chance, and short enough to wait for. Chosen, not
/// measured.
pub const HOLD: Duration = Duration::from_secs(3);

/// Something that can be held, as far as that was not said yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hold {
    /// Since when it is down; none once it was said.
    since: Option<Duration>,
}

impl Hold {
    /// Nothing is down.
    pub fn new() -> Hold {
        Hold::default()
    }

    /// It goes down, at the monotonic time `now`.
    pub fn begin(&mut self, now: Duration) {
        self.since = Some(now);
    }

    /// It goes up, or is no hold any more.
    pub fn end(&mut self) {
        self.since = None;
    }

    /// Whether it was held, which is said once.
    pub fn is_due(&mut self, now: Duration) -> bool {
        let is_due = self.due_in(now).is_some_and(|left| left.is_zero());
        if is_due {
            self.end();
        }
        is_due
    }

    /// How long it has to stay down; `None` where nothing is to be waited for.
    pub fn due_in(&self, now: Duration) -> Option<Duration> {
        self.since.map(|since| (since + HOLD).saturating_sub(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_said_once_and_not_before_its_time() {
        let at = Duration::from_millis;
        let mut hold = Hold::new();
        assert!(!hold.is_due(at(9000)) && hold.due_in(at(9000)).is_none());
        hold.begin(at(1000));
        assert!(!hold.is_due(at(3900)));
        assert_eq!(hold.due_in(at(3900)), Some(at(100)));
        assert!(hold.is_due(at(4000)));
        assert!(!hold.is_due(at(4000)) && !hold.is_due(at(60_000)), "once");
        hold.begin(at(70_000));
        hold.end();
        assert!(!hold.is_due(at(90_000)), "let go of");
        hold.begin(at(100_000));
        assert!(hold.is_due(at(109_000)), "late, and all the same");
    }
}
