//! The mark on one of a list: it moves on by itself, so that a kiosk with one button can choose from any list.

use std::time::Duration;

/// Which entry a press takes, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) place: usize,
    since: Duration,
}

impl Marked {
    pub(super) fn at(place: usize, now: Duration) -> Marked {
        Marked { place, since: now }
    }

    /// On the entry after this one; after the last comes the first.
    pub(super) fn next(self, count: usize, now: Duration) -> Marked {
        Marked::at((self.place + 1) % count.max(1), now)
    }

    /// On the next entry where it stood on this one for `stay`.
    pub(super) fn moved(self, count: usize, now: Duration, stay: Duration) -> Marked {
        if now.saturating_sub(self.since) >= stay { self.next(count, now) } else { self }
    }
}
