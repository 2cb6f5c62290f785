//! What a person presses: buttons on lines, keys, and a finger on the screen.

pub mod debounce;
pub mod device;
pub mod error;
pub mod hold;
#[cfg(all(feature = "appliance", target_os = "linux"))]
pub mod input;
pub mod keys;
pub mod lines;
#[cfg(all(feature = "appliance", target_os = "linux"))]
pub mod pins;
pub mod touch;

pub use error::ButtonError;
pub use hold::HOLD;

use crate::{screens::Target, session::event::Button};
use std::sync::mpsc::Receiver;
use synkiosk_boards::{Profile, profile::Action};

/// Something that a person did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Press {
    /// A button was pressed.
    Button(Button),
    /// A finger touched the screen and was lifted.
    Tap(Place),
    /// A button, a key or a single finger has been down for [`HOLD`]; it comes once, while it is still down. The press
    /// that began it came before, but for a finger, of which no tap comes any more.
    Held,
}

/// A place on the screen as a person sees it: 0, 0 at the upper left, 1, 1 at the lower right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// From the left.
    pub x: f32,
    /// From above.
    pub y: f32,
}

impl From<Button> for Press {
    fn from(button: Button) -> Press {
        Press::Button(button)
    }
}

impl Press {
    /// The button that is meant, on a screen of `size` pixels with these buttons; a finger beside them means none, and
    /// a hold never does.
    pub fn button(&self, targets: &[Target], size: (u32, u32)) -> Option<Button> {
        match *self {
            Press::Button(button) => Some(button),
            Press::Tap(place) => {
                let (x, y) = (place.x * size.0 as f32, place.y * size.1 as f32);
                targets.iter().find(|target| target.area.contains(x, y)).map(|target| target.button)
            }
            Press::Held => Some(Button::Held),
        }
    }
}

/// What a board's button means.
pub(crate) fn meaning(action: Action) -> Button {
    match action {
        Action::Next => Button::Next,
        Action::Back => Button::Back,
        Action::Stop => Button::Stop,
    }
}

/// The board's own buttons, keys and touch screen. Those that are not there yet are waited for; `complain` hears of
/// them from another thread.
///
/// # Errors
/// When this program cannot read them.
#[cfg(all(feature = "appliance", target_os = "linux"))]
pub fn open(
    profile: &Profile,
    complain: impl Fn(ButtonError) + Clone + Send + 'static,
) -> Result<Receiver<Press>, ButtonError> {
    let (sender, receiver) = std::sync::mpsc::channel();
    pins::watch(profile, sender.clone(), complain.clone())?;
    input::watch(profile, sender, complain)?;
    Ok(receiver)
}

/// The board's own buttons, keys and touch screen.
///
/// # Errors
/// Always: this program has no driver for them.
#[cfg(not(all(feature = "appliance", target_os = "linux")))]
pub fn open(
    profile: &Profile,
    _: impl Fn(ButtonError) + Clone + Send + 'static,
) -> Result<Receiver<Press>, ButtonError> {
    Err(ButtonError::NoDriver(profile.name().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        frame::Frame,
        language::Language,
        screens,
        session::screen::{Guidance, Screen},
    };

    #[test]
    fn a_finger_on_a_drawn_button_means_it_and_beside_it_nothing() {
        let sizes = [(240, 320), (320, 240), (800, 480), (480, 800), (1920, 1080), (1080, 1920)];
        for size in sizes {
            let mut frame = Frame::new(size.0, size.1);
            let targets = screens::draw(&mut frame, &Screen::Consent, Language::English, None).targets;
            assert_eq!(
                targets.iter().map(|one| one.button).collect::<Vec<_>>(),
                [Button::Next, Button::Decline]
            );
            for target in &targets {
                let (x, y) = target.area.center();
                let tap = Press::Tap(Place { x: x / size.0 as f32, y: y / size.1 as f32 });
                assert_eq!(tap.button(&targets, size), Some(target.button), "{size:?}");
            }
            for (x, y) in [(0.0, 0.0), (0.5, 0.3), (0.99, 0.99), (-3.0, 7.0), (f32::NAN, 0.5)] {
                assert_eq!(Press::Tap(Place { x, y }).button(&targets, size), None, "{size:?} {x} {y}");
            }
            assert_eq!(Press::Held.button(&targets, size), Some(Button::Held));
        }
    }

    #[test]
    fn every_screen_with_a_button_says_where_it_is() {
        let mut frame = Frame::new(800, 480);
        let expected = [
            (Screen::Attract { poses: 4, notice: None }, vec![Button::Next]),
            (Screen::Position(Guidance::Read), vec![Button::Stop]),
            (Screen::StillThere { seconds: 9 }, vec![Button::Next, Button::Stop]),
            (Screen::Thinking, vec![]),
            (Screen::CameraMissing, vec![]),
        ];
        for (screen, buttons) in expected {
            let targets = screens::draw(&mut frame, &screen, Language::English, None).targets;
            assert_eq!(
                targets.iter().map(|target| target.button).collect::<Vec<_>>(),
                buttons,
                "{}",
                screen.name()
            );
        }
    }
}
