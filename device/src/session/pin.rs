//! The PIN behind which the technician's screens are.
//!
//! It keeps visitors out, and nobody who has the card in hand: the settings on it say the PIN in plain text.

use super::screen::PinProblem;
use std::{fmt, time::Duration};
use synkiosk_boards::unit::settings::is_pin;

/// So many may be wrong before the first wait.
const FREE: u32 = 5;
/// The first wait; each one after it is twice as long.
const WAIT: Duration = Duration::from_secs(60);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Four to eight digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(Vec<u8>);

impl Pin {
    /// Of a text of digits.
    pub fn of(text: &str) -> Option<Pin> {
        is_pin(text).then(|| Pin(text.as_bytes().to_vec()))
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is this one; looks at every digit whatever the others are.
    pub fn is(&self, entered: &[u8]) -> bool {
        let differs = self.0.iter().zip(entered).fold(0, |differs, (own, other)| differs | (own ^ other));
        self.0.len() == entered.len() && std::hint::black_box(differs) == 0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({} digits)", self.0.len())
    }
}

/// The door: how often it was tried, and until when it stays shut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lock {
    pin: Option<Pin>,
    wrong: u32,
    shut_until: Duration,
}

impl Lock {
    pub(super) fn new(pin: Pin) -> Lock {
        Lock { pin: Some(pin), ..Lock::closed() }
    }

    /// No PIN opens it.
    pub(super) fn closed() -> Lock {
        Lock { pin: None, wrong: 0, shut_until: Duration::ZERO }
    }

    pub(super) fn has_pin(&self) -> bool {
        self.pin.is_some()
    }

    /// Digits that are asked for.
    pub(super) fn digits(&self) -> usize {
        self.pin.as_ref().map_or(0, Pin::len)
    }

    /// Whether it opens; nothing does while it is shut.
    pub(super) fn open(&mut self, now: Duration, entered: &[u8]) -> bool {
        let Some(pin) = self.pin.as_ref().filter(|_| now >= self.shut_until) else { return false };
        if pin.is(entered) {
            self.wrong = 0;
            return true;
        }
        self.wrong = self.wrong.saturating_add(1);
        if let Some(more) = self.wrong.checked_sub(FREE) {
            let wait = WAIT.saturating_mul(2_u32.saturating_pow(more)).min(LONGEST);
            self.shut_until = now.saturating_add(wait);
        }
        false
    }

    pub(super) fn problem(&self, now: Duration, was_wrong: bool) -> Option<PinProblem> {
        let left = self.shut_until.saturating_sub(now);
        if !left.is_zero() {
            return Some(PinProblem::Locked { seconds: left.as_millis().div_ceil(1_000) as u16 });
        }
        was_wrong.then_some(PinProblem::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_four_to_eight_digits_and_is_not_told() {
        assert!(["1234", "00000000"].into_iter().all(|text| Pin::of(text).is_some()));
        assert!(["", "123", "123456789", "12a4", "١٢٣٤"].into_iter().all(|text| Pin::of(text).is_none()));
        assert!(!format!("{:?}", Lock::new(Pin::of("4711").unwrap())).contains("4711"));
    }

    #[test]
    fn wrong_pins_shut_the_door_longer_and_longer() {
        let mut lock = Lock::new(Pin::of("4711").unwrap());
        let at = Duration::from_secs;
        for wrong in [&b"4712"[..], b"471", b"47111", b""] {
            assert!(!lock.open(at(1), wrong));
        }
        assert_eq!(lock.problem(at(1), true), Some(PinProblem::Wrong));
        assert!(!lock.open(at(1), b"0000"));
        assert_eq!(lock.problem(at(1), true), Some(PinProblem::Locked { seconds: 60 }));
        assert!(!lock.open(at(60), b"4711"), "shut for the right one as well");
        assert!(!lock.open(at(61), b"0000"));
        assert_eq!(lock.problem(at(61), true), Some(PinProblem::Locked { seconds: 120 }));
        assert!(lock.open(at(181), b"4711"));
        assert!(!lock.open(at(181), b"0000"));
        assert_eq!(lock.problem(at(181), true), Some(PinProblem::Wrong), "counted anew");
        for _ in 0..200 {
            lock.open(at(1_000_000), b"0000");
            lock.shut_until = Duration::ZERO;
        }
        assert!(!Lock::closed().open(at(0), b""));
    }
}
