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

use crate::session::screen::{Guidance, Screen};
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

/// What is heard when one screen follows another.
pub fn between(before: &Screen, now: &Screen) -> Option<Cue> {
    let ring = |screen: &Screen| match screen {
        Screen::Pose { guidance: Guidance::Hold { closed }, .. } => Some(*closed),
        _ => None,
    };
    match (before, now) {
        (_, Screen::Pose { guidance: Guidance::Taken, .. }) => Some(Cue::Captured),
        (Screen::Retake { .. }, Screen::Retake { .. }) => None,
        (_, Screen::Retake { .. }) => Some(Cue::Again),
        (Screen::Answer(_), Screen::Answer(_)) => None,
        (_, Screen::Answer(_)) => Some(Cue::Done),
        // Every other step of the ring counts down.
        (before, now) if ring(now).is_some_and(|closed| closed % 2 == 0 && ring(before) != Some(closed)) => {
            Some(Cue::Tick)
        }
        _ => None,
    }
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
    fn a_visit_is_heard_in_this_order() {
        use synkiosk_models::{pose::Pose, quality::Check};
        let pose = |guidance| Screen::Pose { pose: Pose::Rest, number: 1, of: 2, guidance, phase: 0 };
        let hold = |closed| pose(Guidance::Hold { closed });
        let retake = Screen::Retake { pose: Pose::Rest, reason: Check::Blurred };
        let screens = [
            pose(Guidance::Read),
            hold(0),
            hold(1),
            hold(2),
            pose(Guidance::Taken),
            retake.clone(),
            retake,
            pose(Guidance::Read),
            Screen::Thinking,
        ];
        let heard: Vec<_> = screens.windows(2).map(|pair| between(&pair[0], &pair[1])).collect();
        let (tick, captured, again) = (Some(Cue::Tick), Some(Cue::Captured), Some(Cue::Again));
        assert_eq!(heard, [tick, None, tick, captured, again, None, None, None]);
    }

    #[test]
    fn a_board_without_cues_is_silent_and_says_nothing() {
        for name in Profile::names() {
            let mut cues = open(&Profile::named(name).unwrap(), |error| panic!("{error}"));
            [Cue::Tick, Cue::Captured, Cue::Again, Cue::Done].into_iter().for_each(|cue| cues.play(cue));
        }
    }
}
