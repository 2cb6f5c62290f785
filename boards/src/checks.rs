//! From a profile as it is written to one that holds: a list of named checks.

use crate::error::ProfileError;
use crate::profile::{
    Action, Button, Camera, CameraSource, Card, Controller, Cues, Gpio, Panel, PanelOutput, PixelFormat,
    Profile, Rotation, SpiPanel, Touch, Trigger,
};
use crate::raw::{
    CameraKind, PanelKind, RawButton, RawCamera, RawCard, RawCues, RawGpio, RawPanel, RawProfile, RawTouch,
};
use std::collections::BTreeMap;

mod pins;

/// Boards that people are not screened with.
const DEMO_BOARDS: [&str; 2] = ["desk", "vm"];
/// The most a kiosk could want.
const MOST_BUTTONS: usize = 16;
/// Touch controllers count to 4096 or more; fewer steps than this are a slip of the pen.
const LEAST_TOUCH_STEPS: u32 = 32;
/// No touch controller counts further.
const MOST_TOUCH: i32 = 1 << 20;

type Check<T> = Result<T, ProfileError>;

pub(crate) fn checked(raw: RawProfile) -> Check<Profile> {
    name_is_plain(&raw.name)?;
    description_is_one_line(&raw.description)?;
    demo_key_stays_off_real_boards(&raw.name, raw.keys.accepts_demo_key)?;
    modules_are_names(&raw.modules.load)?;
    options_belong_to_modules(&raw.modules.options, &raw.modules.load)?;
    let profile = Profile {
        gpio: raw.gpio.as_ref().map(gpio).transpose()?,
        camera: camera(raw.camera)?,
        panel: panel(raw.panel)?,
        buttons: buttons(&raw.buttons)?,
        touch: raw.touch.map(touch).transpose()?,
        cues: raw.cues.map(cues).transpose()?,
        accepts_demo_key: raw.keys.accepts_demo_key,
        modules: raw.modules.load,
        module_options: raw.modules.options,
        card: raw.card.map(card).transpose()?,
        name: raw.name,
        description: raw.description,
    };
    let taken = raw.gpio.map(|gpio| gpio.taken).unwrap_or_default();
    let pins = pins::in_use(&profile, taken);
    pins::exist(&profile, &pins)?;
    pins::are_distinct(&pins)?;
    keys_are_distinct(&profile.buttons)?;
    Ok(profile)
}

fn name_is_plain(name: &str) -> Check<()> {
    if is_plain_name(name) { Ok(()) } else { Err(ProfileError::Name(shortened(name))) }
}

/// 2 to 32 lower-case letters, digits and hyphens, no hyphen at either end.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (2..=32).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn description_is_one_line(description: &str) -> Check<()> {
    let length = description.chars().count();
    let holds = (1..=120).contains(&length)
        && !description.trim().is_empty()
        && !description.chars().any(char::is_control);
    if holds { Ok(()) } else { Err(ProfileError::Description) }
}

fn demo_key_stays_off_real_boards(name: &str, accepts_demo_key: bool) -> Check<()> {
    if accepts_demo_key && !DEMO_BOARDS.contains(&name) {
        return Err(ProfileError::DemoKey(name.to_owned()));
    }
    Ok(())
}

fn modules_are_names(modules: &[String]) -> Check<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    for (index, module) in modules.iter().enumerate() {
        if module.is_empty() || module.len() > 56 || !module.bytes().all(plain) {
            return Err(ProfileError::ModuleName(shortened(module)));
        }
        // To the kernel, a hyphen in a module's name is an underscore.
        let same = |other: &String| other.replace('-', "_") == module.replace('-', "_");
        if modules.iter().take(index).any(same) {
            return Err(ProfileError::DoubleModule(module.clone()));
        }
    }
    Ok(())
}

fn options_belong_to_modules(options: &BTreeMap<String, String>, modules: &[String]) -> Check<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_,.-".contains(&byte);
    let is_option = |word: &str| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        [name, value].iter().all(|part| !part.is_empty() && part.bytes().all(plain))
    };
    for (module, words) in options {
        if !modules.contains(module) {
            return Err(ProfileError::OptionsWithoutModule(shortened(module)));
        }
        if words.is_empty() || words.len() > 200 || !words.split(' ').all(is_option) {
            return Err(ProfileError::ModuleOptions(shortened(words)));
        }
    }
    Ok(())
}

fn gpio(raw: &RawGpio) -> Check<Gpio> {
    if !is_numbered(&raw.chip, "/dev/gpiochip") {
        return Err(device_path("gpio.chip", &raw.chip, "/dev/gpiochip0"));
    }
    if !(1..=512).contains(&raw.lines) {
        return Err(ProfileError::GpioLines(raw.lines));
    }
    Ok(Gpio { chip: raw.chip.clone(), lines: raw.lines })
}

fn camera(raw: RawCamera) -> Check<Camera> {
    let (width, height, frames_per_second) = (raw.width, raw.height, raw.frames_per_second);
    if !(320..=4096).contains(&width) || !(240..=2160).contains(&height) {
        return Err(ProfileError::CameraSize(width, height));
    }
    if !(1..=120).contains(&frames_per_second) {
        return Err(ProfileError::FrameRate(frames_per_second));
    }
    let source = match raw.kind {
        CameraKind::Recorded => {
            unused("camera.device", raw.device.is_some(), "a recorded camera")?;
            unused("camera.formats", raw.formats.is_some(), "a recorded camera")?;
            CameraSource::Recorded
        }
        CameraKind::V4l2 => {
            let device = needed("camera.device", raw.device, "a v4l2 camera")?;
            let formats = needed("camera.formats", raw.formats, "a v4l2 camera")?;
            if !is_numbered(&device, "/dev/video") {
                return Err(device_path("camera.device", &device, "/dev/video0"));
            }
            formats_are_distinct(&formats)?;
            CameraSource::V4l2 { device, formats }
        }
    };
    Ok(Camera { source, width, height, frames_per_second })
}

fn formats_are_distinct(formats: &[PixelFormat]) -> Check<()> {
    if formats.is_empty() {
        return Err(ProfileError::NoFormat);
    }
    for (index, format) in formats.iter().enumerate() {
        if formats.iter().take(index).any(|other| other == format) {
            return Err(ProfileError::DoubleFormat(*format));
        }
    }
    Ok(())
}

fn panel(raw: RawPanel) -> Check<Panel> {
    panel_size_is_possible(&raw)?;
    pixels_are_about_square(&raw)?;
    let rotation = match raw.rotation {
        0 => Rotation::None,
        90 => Rotation::Quarter,
        180 => Rotation::Half,
        270 => Rotation::ThreeQuarters,
        other => return Err(ProfileError::Rotation(other)),
    };
    let (width, height, width_mm, height_mm) = (raw.width, raw.height, raw.width_mm, raw.height_mm);
    Ok(Panel { output: panel_output(raw)?, width, height, rotation, width_mm, height_mm })
}

fn panel_size_is_possible(raw: &RawPanel) -> Check<()> {
    let (short, long) = (raw.width.min(raw.height), raw.width.max(raw.height));
    if short < 240 || long < 320 || short > 1080 || long > 1920 {
        return Err(ProfileError::PanelSize(raw.width, raw.height));
    }
    let possible = 20..=2000;
    if !possible.contains(&raw.width_mm) || !possible.contains(&raw.height_mm) {
        return Err(ProfileError::PanelMillimeters(raw.width_mm, raw.height_mm));
    }
    Ok(())
}

/// Within a quarter: cheap panels are stretched by up to a tenth, and swapped sides are off by much more.
fn pixels_are_about_square(raw: &RawPanel) -> Check<()> {
    let across = u64::from(raw.width) * u64::from(raw.height_mm);
    let down = u64::from(raw.height) * u64::from(raw.width_mm);
    if across.max(down) * 4 > across.min(down) * 5 {
        let (width, height, width_mm, height_mm) = (raw.width, raw.height, raw.width_mm, raw.height_mm);
        return Err(ProfileError::PixelShape { width, height, width_mm, height_mm });
    }
    Ok(())
}

fn panel_output(raw: RawPanel) -> Check<PanelOutput> {
    if raw.kind == PanelKind::Spi {
        unused("panel.device", raw.device.is_some(), "an spi panel")?;
        return Ok(PanelOutput::Spi(spi_panel(raw)?));
    }
    let kind = format!("a {} panel", raw.kind.name());
    unused("panel.controller", raw.controller.is_some(), &kind)?;
    unused("panel.bus", raw.bus.is_some(), &kind)?;
    unused("panel.clock_hz", raw.clock_hz.is_some(), &kind)?;
    unused("panel.data_command_pin", raw.data_command_pin.is_some(), &kind)?;
    unused("panel.reset_pin", raw.reset_pin.is_some(), &kind)?;
    unused("panel.backlight_pin", raw.backlight_pin.is_some(), &kind)?;
    if raw.kind == PanelKind::Picture {
        unused("panel.device", raw.device.is_some(), &kind)?;
        return Ok(PanelOutput::Picture);
    }
    let device = needed("panel.device", raw.device, &kind)?;
    let (folder, like) = match raw.kind {
        PanelKind::Drm => ("/dev/dri/card", "/dev/dri/card0"),
        _ => ("/dev/fb", "/dev/fb0"),
    };
    if !is_numbered(&device, folder) {
        return Err(device_path("panel.device", &device, like));
    }
    Ok(if raw.kind == PanelKind::Drm {
        PanelOutput::Drm { device }
    } else {
        PanelOutput::Framebuffer { device }
    })
}

fn spi_panel(raw: RawPanel) -> Check<SpiPanel> {
    let because = "an spi panel";
    let controller = needed("panel.controller", raw.controller, because)?;
    let bus = needed("panel.bus", raw.bus, because)?;
    let clock_hz = needed("panel.clock_hz", raw.clock_hz, because)?;
    let data_command_pin = needed("panel.data_command_pin", raw.data_command_pin, because)?;
    let reset_pin = needed("panel.reset_pin", raw.reset_pin, because)?;
    if (raw.width, raw.height) != Controller::SIZE {
        return Err(ProfileError::ControllerSize { width: raw.width, height: raw.height, controller });
    }
    if !is_spi_bus(&bus) {
        return Err(device_path("panel.bus", &bus, "/dev/spidev0.0"));
    }
    if !(1_000_000..=controller.fastest_clock_hz()).contains(&clock_hz) {
        return Err(ProfileError::Clock { hz: clock_hz, controller });
    }
    Ok(SpiPanel { controller, bus, clock_hz, data_command_pin, reset_pin, backlight_pin: raw.backlight_pin })
}

fn buttons(raw: &[RawButton]) -> Check<Vec<Button>> {
    if raw.len() > MOST_BUTTONS {
        return Err(ProfileError::ManyButtons(raw.len()));
    }
    let buttons = raw
        .iter()
        .enumerate()
        .map(|(index, button)| {
            let trigger = match (button.pin, button.key) {
                (Some(pin), None) => Ok(Trigger::Pin(pin)),
                (None, Some(key)) => Ok(Trigger::Key(key)),
                (Some(_), Some(_)) => Err("both a pin and a key"),
                (None, None) => Err("neither a pin nor a key"),
            };
            let number = index + 1;
            trigger
                .map(|trigger| Button { action: button.action, trigger })
                .map_err(|has| ProfileError::ButtonTrigger { number, action: button.action, has })
        })
        .collect::<Check<Vec<_>>>()?;
    for action in [Action::Next, Action::Stop] {
        if !buttons.iter().any(|button| button.action == action) {
            return Err(ProfileError::NoButton(action));
        }
    }
    Ok(buttons)
}

fn touch(raw: RawTouch) -> Check<Touch> {
    let RawTouch { swaps_axes, left, right, top, bottom } = raw;
    for (first, second, from, to) in [("left", "right", left, right), ("top", "bottom", top, bottom)] {
        let possible = -MOST_TOUCH..=MOST_TOUCH;
        if !possible.contains(&from) || !possible.contains(&to) || from.abs_diff(to) < LEAST_TOUCH_STEPS {
            return Err(ProfileError::TouchEdges { first, second, from, to });
        }
    }
    Ok(Touch { swaps_axes, left, right, top, bottom })
}

fn cues(raw: RawCues) -> Check<Cues> {
    let RawCues { buzzer_pin, light_pin } = raw;
    if buzzer_pin.is_none() && light_pin.is_none() {
        return Err(ProfileError::NoCue);
    }
    Ok(Cues { buzzer_pin, light_pin })
}

fn card(raw: RawCard) -> Check<Card> {
    mib_is_possible("card.boot_mib", raw.boot_mib, 64, 2048)?;
    mib_is_possible("card.data_mib", raw.data_mib, 64, 65_536)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    for (index, name) in raw.firmware.iter().enumerate() {
        if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.bytes().all(plain) {
            return Err(ProfileError::FirmwareName(shortened(name)));
        }
        // FAT does not tell upper from lower case.
        if raw.firmware.iter().take(index).any(|other| other.eq_ignore_ascii_case(name)) {
            return Err(ProfileError::DoubleFirmware(name.clone()));
        }
    }
    Ok(Card { boot_mib: raw.boot_mib, data_mib: raw.data_mib, firmware: raw.firmware })
}

fn mib_is_possible(field: &'static str, mib: u32, least: u32, most: u32) -> Check<()> {
    if (least..=most).contains(&mib) {
        Ok(())
    } else {
        Err(ProfileError::CardSize { field, mib, least, most })
    }
}

fn keys_are_distinct(buttons: &[Button]) -> Check<()> {
    for (index, button) in buttons.iter().enumerate() {
        let Trigger::Key(key) = button.trigger else { continue };
        if let Some(other) = buttons.iter().take(index).position(|other| other.trigger == button.trigger) {
            return Err(ProfileError::DoubleKey {
                key: key.to_string(),
                first: format!("button {} ({})", other + 1, buttons[other].action),
                second: format!("button {} ({})", index + 1, button.action),
            });
        }
    }
    Ok(())
}

fn needed<T>(field: &'static str, value: Option<T>, because: &str) -> Check<T> {
    value.ok_or_else(|| ProfileError::Missing { field, because: because.to_owned() })
}

fn unused(field: &'static str, given: bool, because: &str) -> Check<()> {
    if given { Err(ProfileError::Unused { field, because: because.to_owned() }) } else { Ok(()) }
}

fn device_path(field: &'static str, path: &str, like: &'static str) -> ProfileError {
    ProfileError::DevicePath { field, path: shortened(path), like }
}

/// Whether a path is `start` and then a number.
fn is_numbered(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(is_number)
}

fn is_spi_bus(path: &str) -> bool {
    path.strip_prefix("/dev/spidev")
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(bus, device)| is_number(bus) && is_number(device))
}

fn is_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a message repeats of a text that was refused.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}
