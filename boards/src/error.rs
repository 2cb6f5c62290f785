//! Why a profile was refused.

use crate::profile::{Action, Controller, PixelFormat, Profile};

/// Why a profile was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No shipped profile has this name.
    #[error("no board is called {0:?} (known: {known})", known = Profile::names().collect::<Vec<_>>().join(", "))]
    UnknownBoard(String),
    /// More text than any profile has; its bytes.
    #[error("the profile is {0} bytes long, more than {limit}", limit = crate::profile::LONGEST_TEXT)]
    TooLong(usize),
    /// No TOML, an unknown key, a wrong type or an unknown choice.
    #[error("line {line}: {cause}")]
    Unreadable {
        /// Line of the file, from 1; 0 when the parser does not say.
        line: usize,
        /// What the parser says, on one line.
        cause: String,
    },
    /// The name is none.
    #[error("name {0:?} is not 2 to 32 lower-case letters, digits and hyphens")]
    Name(String),
    /// The description is none.
    #[error("description is not one line of 1 to 120 characters")]
    Description,
    /// A key that this kind needs is not there.
    #[error("{field} is missing, and {because} needs it")]
    Missing {
        /// The key.
        field: &'static str,
        /// Who needs it.
        because: String,
    },
    /// A key is there that this kind has no use for.
    #[error("{field} is given, and {because} has no use for it")]
    Unused {
        /// The key.
        field: &'static str,
        /// Who has no use for it.
        because: String,
    },
    /// No device node.
    #[error("{field} {path:?} is not a path like {like}")]
    DevicePath {
        /// The key.
        field: &'static str,
        /// What is written.
        path: String,
        /// What it should look like.
        like: &'static str,
    },
    /// A camera picture too small or too large.
    #[error("camera {0}x{1} is not between 320x240 and 4096x2160")]
    CameraSize(u32, u32),
    /// A pace that no camera has.
    #[error("camera.frames_per_second {0} is not between 1 and 120")]
    FrameRate(u32),
    /// A camera without formats.
    #[error("camera.formats is empty")]
    NoFormat,
    /// A format twice.
    #[error("camera.formats has {0} twice")]
    DoubleFormat(PixelFormat),
    /// A panel too small or too large.
    #[error("panel {0}x{1} is not between 240x320 and 1080x1920, upright or lying")]
    PanelSize(u32, u32),
    /// Millimeters that no panel has.
    #[error("panel {0} mm x {1} mm is not between 20 mm and 2000 mm")]
    PanelMillimeters(u32, u32),
    /// Millimeters that do not belong to the pixels.
    #[error("panel {width}x{height} on {width_mm} mm x {height_mm} mm has pixels far from square")]
    PixelShape {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Millimeters of a row.
        width_mm: u32,
        /// Millimeters of a column.
        height_mm: u32,
    },
    /// No quarter turn.
    #[error("panel.rotation {0} is not 0, 90, 180 or 270")]
    Rotation(u32),
    /// The controller drives another size.
    #[error("panel {width}x{height} is not the 240x320 of controller {controller}")]
    ControllerSize {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Which one.
        controller: Controller,
    },
    /// The bus clock is out of range.
    #[error("panel.clock_hz {hz} is not between 1000000 and {fastest} ({controller})", fastest = .controller.fastest_clock_hz())]
    Clock {
        /// What is written.
        hz: u32,
        /// Which one.
        controller: Controller,
    },
    /// A chip without lines, or with more than any has.
    #[error("gpio.lines {0} is not between 1 and 512")]
    GpioLines(u32),
    /// A pin, but no chip that it belongs to.
    #[error("{user} uses pin {pin}, and there is no [gpio]")]
    PinWithoutGpio {
        /// The pin.
        pin: u32,
        /// What uses it.
        user: String,
    },
    /// A pin that the chip does not have.
    #[error("{user} uses pin {pin}, and gpio has only lines 0 to {last}")]
    PinRange {
        /// The pin.
        pin: u32,
        /// What uses it.
        user: String,
        /// The last line.
        last: u32,
    },
    /// A pin used twice.
    #[error("pin {pin} is used by {first} and by {second}")]
    DoublePin {
        /// The pin.
        pin: u32,
        /// One user.
        first: String,
        /// The other.
        second: String,
    },
    /// A key used twice.
    #[error("key {key:?} is used by {first} and by {second}")]
    DoubleKey {
        /// The key.
        key: String,
        /// One user.
        first: String,
        /// The other.
        second: String,
    },
    /// A button with neither a pin nor a key, or with both.
    #[error("button {number} ({action}) has {has} (it takes exactly one of pin and key)")]
    ButtonTrigger {
        /// Which, from 1.
        number: usize,
        /// What it means.
        action: Action,
        /// What it has.
        has: &'static str,
    },
    /// No button for something that every session needs.
    #[error("no button is for {0}")]
    NoButton(Action),
    /// More buttons than a kiosk has.
    #[error("{0} buttons are more than 16")]
    ManyButtons(usize),
    /// A touch screen whose edges are too near to each other, or too far.
    #[error("touch.{first} {from} and touch.{second} {to} are not the ends of an axis")]
    TouchEdges {
        /// One key.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// Value of the one.
        from: i32,
        /// Value of the other.
        to: i32,
    },
    /// A table of cues without any.
    #[error("cues has neither buzzer_pin nor light_pin")]
    NoCue,
    /// The demo key, on a board for people.
    #[error("board {0:?} accepts the demo key, which only desk and vm may")]
    DemoKey(String),
    /// No name of a kernel module.
    #[error("modules.load has {0:?}, which is no module name")]
    ModuleName(String),
    /// Options for a module that is not loaded.
    #[error("modules.options has {0:?}, which modules.load has not")]
    OptionsWithoutModule(String),
    /// Not what a kernel module takes.
    #[error("modules.options has {0:?}, which is not NAME=VALUE and so on")]
    ModuleOptions(String),
    /// A module twice.
    #[error("modules.load has {0:?} twice")]
    DoubleModule(String),
    /// A partition too small or too large.
    #[error("{field} {mib} is not between {least} and {most}")]
    CardSize {
        /// The key.
        field: &'static str,
        /// What is written.
        mib: u32,
        /// Smallest.
        least: u32,
        /// Largest.
        most: u32,
    },
    /// No name for a file in the root of the boot partition.
    #[error("card.firmware has {0:?}, which is no plain file name")]
    FirmwareName(String),
    /// A firmware file twice, as FAT sees it.
    #[error("card.firmware has {0:?} twice")]
    DoubleFirmware(String),
}

impl ProfileError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::UnknownBoard(_) => "pass one of the known names, or add a profile as boards/README.md says",
            Self::TooLong(_) => "check that the file is a board profile",
            Self::Unreadable { .. } => "correct that line; boards/README.md lists every key and its choices",
            Self::Name(_) => "name the board as its file is named, for example rpi4-hdmi",
            Self::Description => "describe board, screen and camera in one line",
            Self::Missing { .. } => "add the key; boards/README.md says what it means",
            Self::Unused { .. } => "remove the key, or change kind",
            Self::DevicePath { .. } => "write the path that the kernel gives the device",
            Self::CameraSize(..) => {
                "choose a size that `v4l2-ctl --list-formats-ext` lists, 640x480 if unsure"
            }
            Self::FrameRate(_) => "write what the camera delivers at that size, 30 if unsure",
            Self::NoFormat => "list at least one of YUYV, MJPEG and GREY",
            Self::DoubleFormat(_) | Self::DoubleModule(_) | Self::DoubleFirmware(_) => "name it once",
            Self::PanelSize(..) => "write the panel's own pixels, before rotation",
            Self::PanelMillimeters(..) => "measure the lit area, without the frame, before rotation",
            Self::PixelShape { .. } => {
                "check that width belongs to width_mm and height to height_mm, before rotation"
            }
            Self::Rotation(_) => "write the clockwise degrees by which screens are to be turned",
            Self::ControllerSize { .. } => "write the panel upright, and turn screens with rotation",
            Self::Clock { .. } => "take 32000000, and less with long wires",
            Self::GpioLines(_) => "write what `gpioinfo` says of the chip",
            Self::PinWithoutGpio { .. } => "add [gpio] with chip and lines, or use a key",
            Self::PinRange { .. } => "count lines as `gpioinfo` does, not the pins of the header",
            Self::DoublePin { .. } => "move one of the two to a free line",
            Self::DoubleKey { .. } => "give one of the two another key",
            Self::ButtonTrigger { .. } => "write either pin or key; two triggers are two [[buttons]]",
            Self::NoButton(_) => "add a [[buttons]] with that action",
            Self::ManyButtons(_) => "keep those that the kiosk has",
            Self::TouchEdges { .. } => {
                "write what `evtest` shows when those edges are touched, or leave [touch] out"
            }
            Self::NoCue => "write the line of the buzzer or of the light, or leave [cues] out",
            Self::DemoKey(_) => "remove accepts_demo_key, and sign bundles with a key of your own",
            Self::OptionsWithoutModule(_) => "write the name as modules.load has it, or take the options out",
            Self::ModuleOptions(_) => "write them as `modinfo -p` shows them, with one space between two",
            Self::ModuleName(_) => "write the name as `lsmod` shows it, without path and .ko",
            Self::CardSize { .. } => "128 suits the boot partition and 256 the data partition of most cards",
            Self::FirmwareName(_) => "write the name as it stands in the root of the boot partition",
        }
    }

    pub(crate) fn unreadable(text: &str, error: &toml::de::Error) -> ProfileError {
        let (line, cause) = place_of(text, error);
        ProfileError::Unreadable { line, cause }
    }
}

/// The line, from 1 or 0 where the parser does not say, and what it says on one line.
pub(crate) fn place_of(text: &str, error: &toml::de::Error) -> (usize, String) {
    let line = error
        .span()
        .map_or(0, |span| text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1);
    (line, error.message().split_whitespace().collect::<Vec<_>>().join(" "))
}
