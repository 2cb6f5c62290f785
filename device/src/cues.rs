//! Sound and light as a help, for who does not see the screen well while a pose is held.
//!
//! Invariant: whatever cues come, nothing stays on, and nothing here stops the kiosk. Off where the profile has no
//! `[cues]`.

pub mod error;
#[cfg(all(feature = "appliance", target_os = "linux"))]
mod gpio;
#[cfg(all(feature = "appliance", target_os = "linux"))]
mod line;
pub mod pattern;

pub use error::CueError;

use synkiosk_boards::Profile;

/// What is to be heard and seen. None of them says anything about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// Counts down while a pose is held.
    Tick,
    /// The pose was taken.
    Captured,
    /// The pose is to be taken again.
    Again,
    /// The answer is there.
    Done,
}

/// Something that can be heard or seen beside the screen.
pub trait Cues {
    /// Begins this cue, in the place of one that is still playing, and returns at once.
    fn play(&mut self, cue: Cue);
}

/// Silent and dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoCues;

impl Cues for NoCues {
    fn play(&mut self, _: Cue) {}
}

impl<C: Cues + ?Sized> Cues for Box<C> {
    fn play(&mut self, cue: Cue) {
        (**self).play(cue);
    }
}

/// The board's buzzer and light, `NoCues` where it has none or they cannot be had. A line that fails is tried again;
/// `complain` hears of it once, from another thread.
#[cfg(all(feature = "appliance", target_os = "linux"))]
pub fn open(profile: &Profile, complain: impl Fn(CueError) + Clone + Send + 'static) -> Box<dyn Cues> {
    // A profile with a pin has a chip: it is checked.
    let (Some(cues), Some(gpio)) = (profile.cues(), profile.gpio()) else { return Box::new(NoCues) };
    match gpio::GpioCues::new(&gpio.chip, cues, complain.clone()) {
        Ok(cues) => Box::new(cues),
        Err(error) => {
            complain(error);
            Box::new(NoCues)
        }
    }
}

/// Silent and dark: this program has no driver, which `complain` hears where the board has a buzzer or a light.
#[cfg(not(all(feature = "appliance", target_os = "linux")))]
pub fn open(profile: &Profile, complain: impl Fn(CueError) + Clone + Send + 'static) -> Box<dyn Cues> {
    if profile.cues().is_some() {
        complain(CueError::NoDriver(profile.name().to_owned()));
    }
    Box::new(NoCues)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_without_cues_is_silent_and_says_nothing() {
        for name in Profile::names() {
            let mut cues = open(&Profile::named(name).unwrap(), |error| panic!("{error}"));
            [Cue::Tick, Cue::Captured, Cue::Again, Cue::Done].into_iter().for_each(|cue| cues.play(cue));
        }
    }
}
