//! Lines of the chip: each is there, and nothing uses one twice.

use super::{Check, shortened};
use crate::{
    error::ProfileError,
    profile::{PanelOutput, Profile, Trigger},
};

/// Every line in use and who uses it.
pub(super) fn in_use(
    profile: &Profile,
    taken: impl IntoIterator<Item = (String, u32)>,
) -> Vec<(u32, String)> {
    let mut pins: Vec<_> =
        taken.into_iter().map(|(user, pin)| (pin, format!("gpio.taken {:?}", shortened(&user)))).collect();
    if let PanelOutput::Spi(spi) = &profile.panel.output {
        pins.push((spi.data_command_pin, "panel.data_command_pin".to_owned()));
        pins.push((spi.reset_pin, "panel.reset_pin".to_owned()));
        pins.extend(spi.backlight_pin.map(|pin| (pin, "panel.backlight_pin".to_owned())));
    }
    for (index, button) in profile.buttons.iter().enumerate() {
        if let Trigger::Pin(pin) = button.trigger {
            pins.push((pin, format!("button {} ({})", index + 1, button.action)));
        }
    }
    if let Some(cues) = profile.cues {
        pins.extend(cues.buzzer_pin.map(|pin| (pin, "cues.buzzer_pin".to_owned())));
        pins.extend(cues.light_pin.map(|pin| (pin, "cues.light_pin".to_owned())));
    }
    pins
}

pub(super) fn exist(profile: &Profile, pins: &[(u32, String)]) -> Check<()> {
    for (pin, user) in pins {
        let (pin, user) = (*pin, user.clone());
        match &profile.gpio {
            None => return Err(ProfileError::PinWithoutGpio { pin, user }),
            Some(gpio) if pin >= gpio.lines => {
                return Err(ProfileError::PinRange { pin, user, last: gpio.lines - 1 });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

pub(super) fn are_distinct(pins: &[(u32, String)]) -> Check<()> {
    for (index, (pin, second)) in pins.iter().enumerate() {
        if let Some((_, first)) = pins.iter().take(index).find(|(other, _)| other == pin) {
            return Err(ProfileError::DoublePin { pin: *pin, first: first.clone(), second: second.clone() });
        }
    }
    Ok(())
}
