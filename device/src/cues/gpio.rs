//! A buzzer and a light on lines of the board, switched by a thread of their own.

use super::{Cue, CueError, Cues, line::Line, pattern::Player};
use embedded_hal::digital::OutputPin;
use linux_embedded_hal::{
    CdevPin,
    gpio_cdev::{self, Chip, LineRequestFlags},
};
use std::{
    error::Error,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::Instant,
};
use synkiosk_boards::profile;

type AnyError = Box<dyn Error + Send + Sync>;

/// To whom cues are told. To drop it is to switch all off.
pub(super) struct GpioCues {
    cues: Option<Sender<Cue>>,
    thread: Option<JoinHandle<()>>,
}

impl GpioCues {
    /// Begins, all off.
    pub(super) fn new(
        chip: &str,
        wired: &profile::Cues,
        complain: impl Fn(CueError) + Send + 'static,
    ) -> Result<GpioCues, CueError> {
        let line = |pin| {
            let chip = chip.to_owned();
            (pin, Line::new(move || output(&chip, pin)))
        };
        let lines: Vec<_> = [wired.buzzer_pin, wired.light_pin].into_iter().flatten().map(line).collect();
        let chip = chip.to_owned();
        let failed = move |pin, cause| {
            complain(CueError::Line { chip: chip.clone(), pin, cause: io::Error::other(cause) })
        };
        GpioCues::with_lines(lines, failed).map_err(CueError::Thread)
    }

    fn with_lines<P, O>(
        mut lines: Vec<(u32, Line<P, O>)>,
        failed: impl Fn(u32, AnyError) + Send + 'static,
    ) -> io::Result<GpioCues>
    where
        P: OutputPin + Send + 'static,
        AnyError: From<P::Error>,
        O: FnMut() -> Result<P, AnyError> + Send + 'static,
    {
        let (sender, cues) = channel();
        let thread = thread::Builder::new().name("cues".to_owned());
        let thread = thread.spawn(move || play(&mut lines, &cues, &failed))?;
        Ok(GpioCues { cues: Some(sender), thread: Some(thread) })
    }
}

impl Cues for GpioCues {
    fn play(&mut self, cue: Cue) {
        // A thread that ended leaves the kiosk without cues, and nothing else.
        let _ = self.cues.as_ref().map(|cues| cues.send(cue));
    }
}

impl Drop for GpioCues {
    fn drop(&mut self) {
        drop(self.cues.take());
        // It ends at once: what still plays is not waited for.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn output(chip: &str, pin: u32) -> Result<CdevPin, AnyError> {
    let request = || -> Result<CdevPin, gpio_cdev::Error> {
        CdevPin::new(Chip::new(chip)?.get_line(pin)?.request(LineRequestFlags::OUTPUT, 0, "synkiosk cue")?)
    };
    request().map_err(AnyError::from)
}

/// Until nobody has cues any more. Each line is said to have failed once, however often it does.
fn play<P, O>(lines: &mut Vec<(u32, Line<P, O>)>, cues: &Receiver<Cue>, failed: &impl Fn(u32, AnyError))
where
    P: OutputPin,
    AnyError: From<P::Error>,
    O: FnMut() -> Result<P, AnyError>,
{
    let (start, mut player, mut said) = (Instant::now(), Player::new(), Vec::new());
    loop {
        let now = start.elapsed();
        let on = player.is_on(now);
        for (pin, line) in &mut *lines {
            if let Err(cause) = line.set(now, on)
                && !said.contains(pin)
            {
                said.push(*pin);
                failed(*pin, cause);
            }
        }
        let again = lines.iter().filter_map(|(_, line)| line.tries_in(now, on)).min();
        let wait = [player.changes_in(now), again].into_iter().flatten().min();
        let heard = match wait {
            Some(wait) => cues.recv_timeout(wait),
            None => cues.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match heard {
            Ok(cue) => player.play(start.elapsed(), cue),
            Err(RecvTimeoutError::Timeout) => {}
            // Dropped, each line is low.
            Err(RecvTimeoutError::Disconnected) => return lines.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            line::tests::{FakeChip, Gone},
            pattern::{GAP, LONGEST_TONE},
        },
        *,
    };
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    impl std::fmt::Display for Gone {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("gone")
        }
    }

    impl Error for Gone {}

    type Said = Arc<Mutex<Vec<u32>>>;

    fn opened(chips: &[FakeChip]) -> (GpioCues, Said) {
        let line = |(pin, chip): (usize, &FakeChip)| {
            let chip = chip.clone();
            (pin as u32, Line::new(move || chip.open().map_err(AnyError::from)))
        };
        let said = Said::default();
        let hears = Arc::clone(&said);
        let failed = move |pin, _| hears.lock().unwrap().push(pin);
        let cues = GpioCues::with_lines(chips.iter().enumerate().map(line).collect(), failed).unwrap();
        (cues, said)
    }

    /// The pattern's times are `pattern.rs`'s to test: a machine at work can be late, and only the order is certain.
    #[test]
    fn buzzer_and_light_are_switched_together_and_off_in_the_end() {
        let chips = [FakeChip::working(100), FakeChip::working(100)];
        let (mut cues, said) = opened(&chips);
        cues.play(Cue::Again);
        thread::sleep(Duration::from_secs(1));
        assert!(chips.iter().all(|chip| !chip.look().is_high));
        cues.play(Cue::Captured);
        thread::sleep(GAP + LONGEST_TONE / 2);
        drop(cues);
        for chip in &chips {
            let chip = chip.look();
            assert!(chip.calls.starts_with("o-+-+-") && chip.calls.ends_with("-."), "{}", chip.calls);
            assert!(!chip.is_high && !chip.is_held);
        }
        assert!(said.lock().unwrap().is_empty());
    }

    #[test]
    fn a_line_that_fails_is_said_once_and_the_other_one_goes_on() {
        let chips = [FakeChip::working(0), FakeChip::working(100)];
        let (mut cues, said) = opened(&chips);
        for _ in 0..3 {
            cues.play(Cue::Tick);
            thread::sleep(Duration::from_millis(500));
        }
        assert_eq!(*said.lock().unwrap(), [0]);
        assert_eq!(chips[1].look().calls, "o-+-+-+-");
        chips[0].look().works = 100;
        thread::sleep(Duration::from_millis(1500));
        assert_eq!(chips[0].look().calls, "o-", "found again, and off");
        drop(cues);
        assert_eq!(*said.lock().unwrap(), [0]);
    }

    #[test]
    fn what_still_plays_ends_with_the_kiosk() {
        let chip = FakeChip::working(100);
        let (mut cues, _) = opened(std::slice::from_ref(&chip));
        cues.play(Cue::Done);
        let began = Instant::now();
        while !chip.look().is_high && began.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_millis(1));
        }
        drop(cues);
        assert!(!chip.look().is_high && chip.look().calls.ends_with("-."));
    }

    #[test]
    fn a_chip_that_is_not_there_is_said_by_its_line_and_stops_nothing() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&said);
        let wired = profile::Cues { buzzer_pin: Some(23), light_pin: None };
        let complain = move |error: CueError| hears.lock().unwrap().push(error.to_string());
        let mut cues = GpioCues::new("/dev/gpiochip-that-is-not-there", &wired, complain).unwrap();
        cues.play(Cue::Tick);
        drop(cues);
        let said = said.lock().unwrap();
        let expected = "could not switch line 23 of /dev/gpiochip-that-is-not-there: ";
        assert!(said.len() == 1 && said[0].starts_with(expected), "{said:?}");
    }
}
