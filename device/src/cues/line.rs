//! One line that switches something, and may fail: what is wished of it is tried again until it is so.

use embedded_hal::digital::OutputPin;
use std::time::Duration;

/// A line that cannot be had is tried again so often.
pub(super) const TRY_AGAIN: Duration = Duration::from_secs(1);

/// A line, opened low and held only while it works.
pub(super) struct Line<P: OutputPin, O> {
    open: O,
    pin: Option<P>,
    /// What it is known to be.
    is_high: Option<bool>,
    failed: Option<Duration>,
}

impl<P: OutputPin, E: From<P::Error>, O: FnMut() -> Result<P, E>> Line<P, O> {
    /// Nothing is opened before it is first set.
    pub(super) fn new(open: O) -> Line<P, O> {
        Line { open, pin: None, is_high: None, failed: None }
    }

    /// Makes it so, where it is not and did not fail a moment ago.
    pub(super) fn set(&mut self, now: Duration, high: bool) -> Result<(), E> {
        if self.is_high == Some(high) || self.tries_in(now, high).is_some_and(|left| !left.is_zero()) {
            return Ok(());
        }
        let result = self.switch(high);
        let (is_high, failed) = if result.is_ok() { (Some(high), None) } else { (None, Some(now)) };
        (self.is_high, self.failed) = (is_high, failed);
        if result.is_err() {
            self.pin = None;
        }
        result
    }

    /// How long until it is worth another try; `None` where it is as it should be.
    pub(super) fn tries_in(&self, now: Duration, high: bool) -> Option<Duration> {
        let wait = |failed: Duration| (failed + TRY_AGAIN).saturating_sub(now);
        (self.is_high != Some(high)).then(|| self.failed.map_or(Duration::ZERO, wait))
    }

    fn switch(&mut self, high: bool) -> Result<(), E> {
        let pin = match self.pin.take() {
            Some(pin) => pin,
            None => (self.open)()?,
        };
        Ok(self.pin.insert(pin).set_state(high.into())?)
    }
}

impl<P: OutputPin, O> Drop for Line<P, O> {
    /// However the thread ends.
    fn drop(&mut self) {
        if let Some(pin) = &mut self.pin {
            // There is nobody left to tell.
            let _ = pin.set_low();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use embedded_hal::digital::{self, ErrorType};
    use std::sync::{Arc, Mutex, MutexGuard};

    /// What became of a chip's line. Stricter than a real one: it may be had only once at a time, is switched only
    /// when that changes something, and is low when it is let go of.
    #[derive(Debug, Default)]
    pub(in crate::cues) struct Chip {
        pub(in crate::cues) is_high: bool,
        pub(in crate::cues) is_held: bool,
        /// So many calls work; then none does.
        pub(in crate::cues) works: usize,
        /// Each call that worked: `o` opened, `+` high, `-` low, `.` let go of.
        pub(in crate::cues) calls: String,
    }

    #[derive(Debug, Clone, Default)]
    pub(in crate::cues) struct FakeChip(Arc<Mutex<Chip>>);

    #[derive(Debug, PartialEq, Eq)]
    pub(in crate::cues) struct Gone;

    impl digital::Error for Gone {
        fn kind(&self) -> digital::ErrorKind {
            digital::ErrorKind::Other
        }
    }

    pub(in crate::cues) struct FakePin(FakeChip);

    impl FakeChip {
        pub(in crate::cues) fn working(calls: usize) -> FakeChip {
            let chip = FakeChip::default();
            chip.look().works = calls;
            chip
        }

        pub(in crate::cues) fn look(&self) -> MutexGuard<'_, Chip> {
            self.0.lock().unwrap()
        }

        fn call(&self, name: char) -> Result<MutexGuard<'_, Chip>, Gone> {
            let mut chip = self.look();
            chip.works = chip.works.checked_sub(1).ok_or(Gone)?;
            chip.calls.push(name);
            Ok(chip)
        }

        pub(in crate::cues) fn open(&self) -> Result<FakePin, Gone> {
            assert!(!self.look().is_held, "had twice");
            let mut chip = self.call('o')?;
            (chip.is_held, chip.is_high) = (true, false);
            drop(chip);
            Ok(FakePin(self.clone()))
        }
    }

    impl ErrorType for FakePin {
        type Error = Gone;
    }

    impl OutputPin for FakePin {
        fn set_low(&mut self) -> Result<(), Gone> {
            self.0.call('-')?.is_high = false;
            Ok(())
        }

        fn set_high(&mut self) -> Result<(), Gone> {
            let mut chip = self.0.call('+')?;
            assert!(!chip.is_high, "switched on twice");
            chip.is_high = true;
            Ok(())
        }
    }

    impl Drop for FakePin {
        fn drop(&mut self) {
            let mut chip = self.0.look();
            assert!(!chip.is_high || chip.works == 0, "let go of while it is on");
            chip.is_held = false;
            chip.calls.push('.');
        }
    }

    /// In milliseconds.
    fn at(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    #[test]
    fn it_is_switched_only_when_that_changes_something_and_is_low_at_the_end() {
        let chip = FakeChip::working(100);
        let mut line = Line::new(|| chip.open());
        for (time, high) in [(0, false), (10, false), (20, true), (30, true), (40, false), (50, true)] {
            assert_eq!(line.set(at(time), high), Ok(()));
            assert_eq!(chip.look().is_high, high);
            assert_eq!(line.tries_in(at(time), high), None);
        }
        drop(line);
        assert_eq!(chip.look().calls, "o-+-+-.");
    }

    #[test]
    fn one_that_fails_is_let_go_of_and_tried_again_after_a_second() {
        let chip = FakeChip::working(3);
        let mut line = Line::new(|| chip.open());
        assert_eq!(line.set(at(0), false), Ok(()));
        assert_eq!(line.set(at(10), true), Ok(()));
        assert_eq!(line.set(at(160), false), Err(Gone), "it stays on");
        assert!(chip.look().is_high && !chip.look().is_held);
        assert_eq!(line.tries_in(at(160), false), Some(TRY_AGAIN));
        assert_eq!(line.set(at(1159), false), Ok(()), "not yet, and not said again");
        assert_eq!(line.set(at(1160), false), Err(Gone));
        chip.look().works = 100;
        assert_eq!(line.set(at(1170), true), Ok(()), "not yet");
        assert_eq!(line.set(at(2160), false), Ok(()));
        assert!(!chip.look().is_high);
        assert_eq!(line.tries_in(at(2160), false), None);
    }
}
