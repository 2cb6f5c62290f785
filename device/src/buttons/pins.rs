//! Buttons from a line to ground.

use super::{
    ButtonError, Press,
    debounce::{Change, Debounce},
    meaning,
};
use crate::session::event::Button;
use embedded_hal::digital::InputPin;
use linux_embedded_hal::{
    CdevPin,
    gpio_cdev::{self, Chip, LineRequestFlags},
};
use std::{
    io,
    sync::mpsc::Sender,
    thread,
    time::{Duration, Instant},
};
use synkiosk_boards::{Profile, profile::Trigger};

/// Four looks within the time that contacts may bounce.
const LOOK: Duration = Duration::from_millis(5);
/// A chip that cannot be had is tried again so often.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// `GPIOHANDLE_REQUEST_BIAS_PULL_UP` of `linux/gpio.h`, since Linux 5.5; the library has no name for it.
const PULL_UP: u32 = 1 << 5;

/// Sends a press for each button of the profile that is pressed or held, from a thread of its own.
pub(super) fn watch(
    profile: &Profile,
    presses: Sender<Press>,
    complain: impl Fn(ButtonError) + Send + 'static,
) -> Result<(), ButtonError> {
    let pin = |button: &synkiosk_boards::profile::Button| match button.trigger {
        Trigger::Pin(pin) => Some((pin, meaning(button.action))),
        Trigger::Key(_) => None,
    };
    let wired: Vec<_> = profile.buttons().iter().filter_map(pin).collect();
    // A profile with a pin has a chip: it is checked.
    let (false, Some(gpio)) = (wired.is_empty(), profile.gpio()) else { return Ok(()) };
    let chip = gpio.chip.clone();
    let watching = move || {
        let mut said = None;
        loop {
            let error = match open(&chip, &wired) {
                Ok(mut lines) => match lines.watch(&presses) {
                    Ok(()) => return,
                    Err((pin, cause)) => line_error(&chip, pin, cause),
                },
                Err(error) => error,
            };
            let text = error.to_string();
            if said.as_ref() != Some(&text) {
                complain(error);
                said = Some(text);
            }
            thread::sleep(TRY_AGAIN);
        }
    };
    thread::Builder::new().name("pins".to_owned()).spawn(watching).map_err(ButtonError::Thread)?;
    Ok(())
}

fn line_error(
    chip: &str,
    pin: u32,
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> ButtonError {
    ButtonError::Line { chip: chip.to_owned(), pin, cause: io::Error::other(cause) }
}

fn open(chip: &str, wired: &[(u32, Button)]) -> Result<Lines<CdevPin>, ButtonError> {
    let lines = wired.iter().map(|(pin, button)| {
        let line = input(chip, *pin).map_err(|cause| line_error(chip, *pin, cause))?;
        Ok((*pin, line, *button))
    });
    Ok(Lines::new(lines.collect::<Result<Vec<_>, ButtonError>>()?))
}

fn input(chip: &str, pin: u32) -> Result<CdevPin, gpio_cdev::Error> {
    let line = Chip::new(chip)?.get_line(pin)?;
    let pulled_up = LineRequestFlags::INPUT | LineRequestFlags::from_bits_retain(PULL_UP);
    // Kernels before 5.5 cannot pull it up: there the board has to.
    let handle = line
        .request(pulled_up, 0, "synkiosk button")
        .or_else(|_| line.request(LineRequestFlags::INPUT, 0, "synkiosk button"))?;
    CdevPin::new(handle)
}

/// Lines that are low while their buttons are pressed.
struct Lines<P>(Vec<Line<P>>);

struct Line<P> {
    pin: u32,
    input: P,
    button: Button,
    state: Debounce,
}

impl<P: InputPin> Lines<P> {
    fn new(lines: Vec<(u32, P, Button)>) -> Lines<P> {
        let line = |(pin, input, button)| Line { pin, input, button, state: Debounce::new() };
        Lines(lines.into_iter().map(line).collect())
    }

    /// One look at each line at the monotonic time `now`: what was pressed or held, or the pin that failed.
    fn look(&mut self, now: Duration) -> Result<Vec<Press>, (u32, P::Error)> {
        let mut pressed = Vec::new();
        for line in &mut self.0 {
            let is_down = line.input.is_low().map_err(|cause| (line.pin, cause))?;
            pressed.extend(line.state.sample(now, is_down).map(|change| match change {
                Change::Pressed => line.button.into(),
                Change::Held => Press::Held,
            }));
        }
        Ok(pressed)
    }

    /// Until nobody wants presses any more.
    fn watch(&mut self, presses: &Sender<Press>) -> Result<(), (u32, P::Error)> {
        let start = Instant::now();
        loop {
            for press in self.look(start.elapsed())? {
                if presses.send(press).is_err() {
                    return Ok(());
                }
            }
            thread::sleep(LOOK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_hal::digital;

    #[derive(Debug, PartialEq, Eq)]
    struct Gone;

    impl digital::Error for Gone {
        fn kind(&self) -> digital::ErrorKind {
            digital::ErrorKind::Other
        }
    }

    /// A line as it was recorded: `_` low, `-` high, `!` gone. Looking past the end stops the test.
    struct FakeLine(std::str::Chars<'static>);

    impl digital::ErrorType for FakeLine {
        type Error = Gone;
    }

    impl InputPin for FakeLine {
        fn is_high(&mut self) -> Result<bool, Gone> {
            match self.0.next().expect("looked at too often") {
                '-' => Ok(true),
                '_' => Ok(false),
                _ => Err(Gone),
            }
        }

        fn is_low(&mut self) -> Result<bool, Gone> {
            self.is_high().map(|high| !high)
        }
    }

    #[test]
    fn two_buttons_at_once_and_a_chip_that_is_pulled_out() {
        let mut lines = Lines::new(vec![
            (17, FakeLine("------______------!".chars()), Button::Next),
            (22, FakeLine("------_-_____-----".chars()), Button::Stop),
        ]);
        let mut pressed = Vec::new();
        for step in 0..18 {
            let now = LOOK * step;
            pressed.extend(lines.look(now).unwrap().into_iter().map(|press| (step, press)));
        }
        assert_eq!(pressed, [(10, Button::Next.into()), (12, Button::Stop.into())]);
        assert_eq!(lines.look(LOOK * 18), Err((17, Gone)));
    }

    /// One is stuck from the start; one is held, and sends the press that begins it at once.
    #[test]
    fn a_button_that_is_held_is_said_once() {
        let mut lines = Lines::new(vec![
            (17, FakeLine("______".repeat(200).leak().chars()), Button::Next),
            (22, FakeLine(format!("------{}", "_".repeat(1194)).leak().chars()), Button::Stop),
        ]);
        let mut pressed = Vec::new();
        for step in 0..1200 {
            pressed.extend(lines.look(LOOK * step).unwrap().into_iter().map(|press| (step, press)));
        }
        assert_eq!(pressed, [(10, Button::Stop.into()), (610, Press::Held)]);
    }

    #[test]
    fn a_chip_that_is_not_there_is_said_by_its_line() {
        let error = open("/dev/gpiochip-that-is-not-there", &[(17, Button::Next)]).err().unwrap();
        let expected = "could not read the button on line 17 of /dev/gpiochip-that-is-not-there: ";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
