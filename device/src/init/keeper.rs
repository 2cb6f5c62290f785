//! Looks after the main loop from a thread of its own: feeds the watchdog while the loop turns, and reaps.

use super::{console::say, faults};
use rustix::process::{WaitOptions, wait};
use std::{
    fs::{File, OpenOptions},
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const WATCHDOG: &str = "/dev/watchdog";
/// How the last start came about, by the watchdog's driver.
const BOOT_STATUS: &str = "/sys/class/watchdog/watchdog0/bootstatus";
/// `WDIOF_CARDRESET` of linux/watchdog.h: the watchdog has reset the board.
const CARD_RESET: u32 = 0x20;

const PERIOD: Duration = Duration::from_secs(1);
/// A turn is over in a tenth of this on the slowest board. Shorter than a watchdog's 12 s, so that the reason is on
/// the card before the board is reset.
const STANDS_STILL: Duration = Duration::from_secs(8);
/// Without a watchdog the board is started again by this program, after as long as a watchdog takes.
const GIVEN_UP: Duration = Duration::from_secs(12);
/// What is no turn of the loop may take so long: opening a panel, replaying a journal, checking a model.
const LONG_STEP: Duration = Duration::from_secs(60);

/// Beats once a turn of the main loop.
#[derive(Debug, Clone, Default)]
pub(super) struct Heart(Arc<Beats>);

#[derive(Debug, Default)]
struct Beats {
    count: AtomicU32,
    /// Whether the loop runs, or a step of the start that may take longer than a turn.
    turns: AtomicBool,
}

impl Heart {
    /// One more turn.
    pub(super) fn beat(&self) {
        self.0.count.fetch_add(1, Ordering::Relaxed);
    }

    /// From now on every turn is short.
    pub(super) fn turns(&self) {
        self.0.turns.store(true, Ordering::Relaxed);
    }

    fn patience(&self) -> Duration {
        if self.0.turns.load(Ordering::Relaxed) { Duration::ZERO } else { LONG_STEP }
    }
}

/// Starts the watchdog and the thread that feeds it.
pub(super) fn start() -> Heart {
    let heart = Heart::default();
    // Never closed, and its magic letter never written: only a turning loop keeps the board from being reset.
    let watchdog = OpenOptions::new().write(true).open(WATCHDOG);
    if let Err(error) = &watchdog {
        say(format!("no watchdog: {error}"));
    }
    let beating = heart.clone();
    thread::spawn(move || keep(&beating, watchdog.ok()));
    heart
}

/// Whether the watchdog says that it has reset the board.
pub(super) fn watchdog_has_reset() -> bool {
    let status = std::fs::read_to_string(BOOT_STATUS).unwrap_or_default();
    status.trim().parse().is_ok_and(|bits: u32| bits & CARD_RESET != 0)
}

fn keep(heart: &Heart, mut watchdog: Option<File>) {
    let began = Instant::now();
    let mut pulse = Pulse::default();
    loop {
        reap();
        match pulse.feel(heart.0.count.load(Ordering::Relaxed), heart.patience(), began.elapsed()) {
            // A watchdog that cannot be fed resets the board, which is what is to be done about it.
            Finding::Turns => feed(watchdog.as_mut()),
            Finding::Stopped => faults::ended_with(STOOD_STILL),
            Finding::GoesOn(stood) => faults::went_on(STOOD_STILL, stood),
            Finding::Waits => {}
            Finding::GivenUp if watchdog.is_none() => faults::start_again(),
            Finding::GivenUp => {}
        }
        thread::sleep(PERIOD);
    }
}

const STOOD_STILL: &str = "the main loop stood still";

fn feed(watchdog: Option<&mut File>) {
    if let Some(Err(error)) = watchdog.map(|file| file.write_all(b"\0")) {
        say(format!("could not feed the watchdog: {error}"));
    }
}

/// There should be no child; one that was left to process 1 all the same does not stay a zombie.
fn reap() {
    while let Ok(Some((child, _))) = wait(WaitOptions::NOHANG) {
        say(format!("reaped {}", child.as_raw_nonzero()));
    }
}

/// What the beats say, as a pure machine.
#[derive(Debug, Default)]
struct Pulse {
    beats: u32,
    /// When the beats were seen to have grown.
    moved: Duration,
    stopped: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Finding {
    /// The loop turns, or a long step has still time.
    Turns,
    /// No beat since the last look: not yet worth a word, and not worth food.
    Waits,
    /// It has just been found to stand still.
    Stopped,
    /// It stood still so long and turns again.
    GoesOn(Duration),
    /// It has stood still for too long.
    GivenUp,
}

impl Pulse {
    fn feel(&mut self, beats: u32, patience: Duration, now: Duration) -> Finding {
        let still = now.saturating_sub(self.moved);
        if beats != self.beats {
            (self.beats, self.moved) = (beats, now);
            return if std::mem::take(&mut self.stopped) { Finding::GoesOn(still) } else { Finding::Turns };
        }
        if still < patience {
            Finding::Turns
        } else if still < patience + STANDS_STILL {
            Finding::Waits
        } else if !std::mem::replace(&mut self.stopped, true) {
            Finding::Stopped
        } else if still < patience + GIVEN_UP {
            Finding::Waits
        } else {
            Finding::GivenUp
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feel(pulse: &mut Pulse, looks: impl IntoIterator<Item = (u32, u64)>) -> Vec<Finding> {
        let at = |(beats, second)| pulse.feel(beats, Duration::ZERO, Duration::from_secs(second));
        looks.into_iter().map(at).collect()
    }

    #[test]
    fn food_comes_only_while_the_loop_turns() {
        use Finding::{GivenUp, Stopped, Turns, Waits};
        let mut pulse = Pulse::default();
        assert_eq!(feel(&mut pulse, [(3, 1), (9, 2), (10, 3)]), [Turns, Turns, Turns]);
        let still = feel(&mut pulse, (4..17).map(|second| (10, second)));
        assert_eq!(still[..7], [Waits, Waits, Waits, Waits, Waits, Waits, Waits]);
        assert_eq!(still[7..], [Stopped, Waits, Waits, Waits, GivenUp, GivenUp]);
    }

    #[test]
    fn a_slow_turn_is_noticed_and_forgiven() {
        let mut pulse = Pulse::default();
        let found = feel(&mut pulse, [(1, 1), (1, 8), (1, 9), (2, 10), (3, 11)]);
        assert_eq!(found[2..], [Finding::Stopped, Finding::GoesOn(Duration::from_secs(9)), Finding::Turns]);
    }

    #[test]
    fn a_long_step_may_take_a_minute_but_not_for_ever() {
        let mut pulse = Pulse::default();
        let mut at = |second| pulse.feel(0, LONG_STEP, Duration::from_secs(second));
        assert!((0..60).all(|second| at(second) == Finding::Turns));
        assert_eq!([60, 68, 72].map(at), [Finding::Waits, Finding::Stopped, Finding::GivenUp]);
    }
}
