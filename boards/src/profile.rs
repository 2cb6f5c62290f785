//! A profile that passed every check: what the rest of the project may rely on.

use crate::{checks, error::ProfileError, raw::RawProfile, shipped};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt};

mod key;

pub use key::Key;

/// Longest profile that is read, bytes: thirty times the longest one shipped.
pub const LONGEST_TEXT: usize = 64 * 1024;

/// One board with its camera, panel and buttons. Only [`Profile::parse`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) gpio: Option<Gpio>,
    pub(crate) camera: Camera,
    pub(crate) panel: Panel,
    pub(crate) buttons: Vec<Button>,
    pub(crate) touch: Option<Touch>,
    pub(crate) cues: Option<Cues>,
    pub(crate) accepts_demo_key: bool,
    pub(crate) modules: Vec<String>,
    pub(crate) module_options: BTreeMap<String, String>,
    pub(crate) card: Option<Card>,
}

impl Profile {
    /// The shipped profile of this name.
    ///
    /// # Errors
    /// `ProfileError::UnknownBoard` when none has it.
    pub fn named(name: &str) -> Result<Profile, ProfileError> {
        let (_, text) = shipped::PROFILES
            .iter()
            .find(|(shipped, _)| *shipped == name)
            .ok_or_else(|| ProfileError::UnknownBoard(checks::shortened(name)))?;
        Profile::parse(text)
    }

    /// The names of the shipped profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        shipped::PROFILES.iter().map(|(name, _)| *name)
    }

    /// Reads a profile and checks it.
    ///
    /// # Errors
    /// The first thing that is wrong, in the order of the file.
    pub fn parse(text: &str) -> Result<Profile, ProfileError> {
        if text.len() > LONGEST_TEXT {
            return Err(ProfileError::TooLong(text.len()));
        }
        let raw: RawProfile = toml::from_str(text).map_err(|error| ProfileError::unreadable(text, &error))?;
        checks::checked(raw)
    }

    /// The name: lower-case letters, digits and hyphens, 2 to 32 of them.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One line for people.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The lines that buttons and SPI panels hang on; `None` when the board has none.
    pub fn gpio(&self) -> Option<&Gpio> {
        self.gpio.as_ref()
    }

    /// Where pictures come from.
    pub fn camera(&self) -> &Camera {
        &self.camera
    }

    /// Where screens go.
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// What a person can press: at least one for next and one for stop.
    pub fn buttons(&self) -> &[Button] {
        &self.buttons
    }

    /// What a touch screen says at the panel's edges; `None` where its own least and greatest values are right.
    pub fn touch(&self) -> Option<&Touch> {
        self.touch.as_ref()
    }

    /// What beeps and lights up as a help; `None` where nothing does.
    pub fn cues(&self) -> Option<&Cues> {
        self.cues.as_ref()
    }

    /// Whether a bundle that the public demo key signed is taken. Only `desk` and `vm` can say so.
    pub fn accepts_demo_key(&self) -> bool {
        self.accepts_demo_key
    }

    /// Kernel modules to load, in this order; those that they need are not named.
    pub fn modules(&self) -> &[String] {
        &self.modules
    }

    /// Options of a kernel module, as it takes them; empty where it has none. A hyphen in its name is an underscore.
    pub fn options_of(&self, module: &str) -> &str {
        let same = |name: &str| name.replace('-', "_") == module.replace('-', "_");
        self.module_options.iter().find(|(name, _)| same(name)).map_or("", |(_, options)| options)
    }

    /// How the unit's card is laid out; `None` for a board that starts from no card.
    pub fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }
}

/// General-purpose lines of one chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpio {
    /// Character device, `/dev/gpiochip0`.
    pub chip: String,
    /// Lines that it has; a pin is 0 to `lines` - 1.
    pub lines: u32,
}

/// Where pictures come from, and how large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Camera {
    /// Hardware or a folder.
    pub source: CameraSource,
    /// Pixels a row, 320 to 4096.
    pub width: u32,
    /// Rows, 240 to 2160.
    pub height: u32,
    /// Pace, 1 to 120.
    pub frames_per_second: u32,
}

/// What kind of camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CameraSource {
    /// Pictures from a folder.
    Recorded,
    /// Video4Linux2.
    V4l2 {
        /// `/dev/video0`.
        device: String,
        /// Formats to ask for, the best first; never empty.
        formats: Vec<PixelFormat>,
    },
}

/// How a camera delivers pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum PixelFormat {
    /// 4:2:2, two bytes a pixel, luma first.
    #[serde(rename = "YUYV")]
    Yuyv,
    /// One JPEG a frame.
    #[serde(rename = "MJPEG")]
    Mjpeg,
    /// Luma only.
    #[serde(rename = "GREY")]
    Grey,
    /// Luma, then blue and red at half the width and height.
    #[serde(rename = "NV12")]
    Nv12,
}

/// Where screens go, and how large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// Hardware or a file.
    pub output: PanelOutput,
    /// Pixels a row of the panel itself, before `rotation`.
    pub width: u32,
    /// Rows of the panel itself, before `rotation`.
    pub height: u32,
    /// How screens are turned before they reach the panel.
    pub rotation: Rotation,
    /// Millimeters of a row of the panel itself.
    pub width_mm: u32,
    /// Millimeters of a column of the panel itself.
    pub height_mm: u32,
}

impl Panel {
    /// Width and height in pixels of the screens to draw, as a person sees them.
    pub fn screen_size(&self) -> (u32, u32) {
        if self.rotation.swaps_sides() { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Width and height in millimeters as a person sees them.
    pub fn screen_millimeters(&self) -> (u32, u32) {
        if self.rotation.swaps_sides() {
            (self.height_mm, self.width_mm)
        } else {
            (self.width_mm, self.height_mm)
        }
    }
}

/// Clockwise turns of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// As it is.
    None,
    /// A quarter.
    Quarter,
    /// Upside down.
    Half,
    /// Three quarters.
    ThreeQuarters,
}

impl Rotation {
    /// 0, 90, 180 or 270.
    pub fn degrees(self) -> u32 {
        match self {
            Rotation::None => 0,
            Rotation::Quarter => 90,
            Rotation::Half => 180,
            Rotation::ThreeQuarters => 270,
        }
    }

    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        matches!(self, Rotation::Quarter | Rotation::ThreeQuarters)
    }
}

/// What kind of panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PanelOutput {
    /// Picture files.
    Picture,
    /// Kernel mode setting.
    Drm {
        /// `/dev/dri/card0`.
        device: String,
    },
    /// The kernel's plain framebuffer.
    Framebuffer {
        /// `/dev/fb0`.
        device: String,
    },
    /// A small display controller on a serial bus.
    Spi(SpiPanel),
}

/// A display controller and how it is wired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpiPanel {
    /// Which one.
    pub controller: Controller,
    /// `/dev/spidev0.0`.
    pub bus: String,
    /// Bus clock, 1 MHz to [`Controller::fastest_clock_hz`].
    pub clock_hz: u32,
    /// Line that tells data from commands.
    pub data_command_pin: u32,
    /// Line that resets the controller.
    pub reset_pin: u32,
    /// Line of the backlight; `None` where it is always lit.
    pub backlight_pin: Option<u32>,
}

/// Display controllers that are known; each drives 240 x 320 pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Controller {
    /// Ilitek ILI9341.
    Ili9341,
    /// Sitronix ST7789.
    St7789,
}

impl Controller {
    /// Pixels of its memory, upright.
    pub const SIZE: (u32, u32) = (240, 320);

    /// Above this, pictures tear in practice: its data sheet's write cycle allows less still for the ILI9341,
    /// which boards in the field have long outrun.
    pub fn fastest_clock_hz(self) -> u32 {
        match self {
            Controller::Ili9341 => 48_000_000,
            Controller::St7789 => 62_500_000,
        }
    }
}

/// Something to press, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Button {
    /// What it means.
    pub action: Action,
    /// What is pressed.
    pub trigger: Trigger,
}

/// What a touch screen says at the edges of the panel itself, before `rotation`. A greater value on the left than on
/// the right is a mirrored axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    /// Whether its first axis runs along the panel's height.
    pub swaps_axes: bool,
    /// Value at the left edge, of the axis that runs along the width.
    pub left: i32,
    /// Value at the right edge.
    pub right: i32,
    /// Value at the upper edge, of the axis that runs along the height.
    pub top: i32,
    /// Value at the lower edge.
    pub bottom: i32,
}

/// Lines that are high while a buzzer or a light is on; there is at least one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cues {
    /// An active buzzer: one that has its own tone.
    pub buzzer_pin: Option<u32>,
    /// A light.
    pub light_pin: Option<u32>,
}

/// What a press means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Agree, go on.
    Next,
    /// One step back.
    Back,
    /// End the session and forget it.
    Stop,
}

/// What is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A button from this line to ground; the line is pulled up.
    Pin(u32),
    /// A key of a keyboard, clicker or pedal.
    Key(Key),
}

/// Partitions and boot files of the unit's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Size of the boot partition in MiB, 64 to 2048.
    pub boot_mib: u32,
    /// Least size of the data partition in MiB, 64 to 65536; it grows to what the card has.
    pub data_mib: u32,
    /// Files that the board's boot loader wants beside the kernel.
    pub firmware: Vec<String>,
}

macro_rules! written_as {
    ($type:ident: $($variant:ident = $name:literal),+) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $($type::$variant => $name),+ })
            }
        }
    };
}

written_as!(PixelFormat: Yuyv = "YUYV", Mjpeg = "MJPEG", Grey = "GREY", Nv12 = "NV12");
written_as!(Controller: Ili9341 = "ili9341", St7789 = "st7789");
written_as!(Action: Next = "next", Back = "back", Stop = "stop");
