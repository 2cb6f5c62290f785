//! A profile as it is written: the shape of the TOML file, and nothing checked but the names of keys and choices.

use crate::profile::{Action, Controller, Key, PixelFormat};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawProfile {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) gpio: Option<RawGpio>,
    pub(crate) camera: RawCamera,
    pub(crate) panel: RawPanel,
    #[serde(default)]
    pub(crate) buttons: Vec<RawButton>,
    pub(crate) touch: Option<RawTouch>,
    pub(crate) cues: Option<RawCues>,
    #[serde(default)]
    pub(crate) keys: RawKeys,
    #[serde(default)]
    pub(crate) modules: RawModules,
    pub(crate) card: Option<RawCard>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawGpio {
    pub(crate) chip: String,
    pub(crate) lines: u32,
    #[serde(default)]
    pub(crate) taken: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCamera {
    pub(crate) kind: CameraKind,
    pub(crate) device: Option<String>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) frames_per_second: u32,
    pub(crate) formats: Option<Vec<PixelFormat>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CameraKind {
    Recorded,
    V4l2,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPanel {
    pub(crate) kind: PanelKind,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rotation: u32,
    pub(crate) width_mm: u32,
    pub(crate) height_mm: u32,
    pub(crate) device: Option<String>,
    pub(crate) controller: Option<Controller>,
    pub(crate) bus: Option<String>,
    pub(crate) clock_hz: Option<u32>,
    pub(crate) data_command_pin: Option<u32>,
    pub(crate) reset_pin: Option<u32>,
    pub(crate) backlight_pin: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PanelKind {
    Picture,
    Drm,
    Fbdev,
    Spi,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawButton {
    pub(crate) action: Action,
    pub(crate) pin: Option<u32>,
    pub(crate) key: Option<Key>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTouch {
    #[serde(default)]
    pub(crate) swaps_axes: bool,
    pub(crate) left: i32,
    pub(crate) right: i32,
    pub(crate) top: i32,
    pub(crate) bottom: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCues {
    pub(crate) buzzer_pin: Option<u32>,
    pub(crate) light_pin: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawKeys {
    #[serde(default)]
    pub(crate) accepts_demo_key: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawModules {
    #[serde(default)]
    pub(crate) load: Vec<String>,
    #[serde(default)]
    pub(crate) options: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCard {
    pub(crate) boot_mib: u32,
    pub(crate) data_mib: u32,
    #[serde(default)]
    pub(crate) firmware: Vec<String>,
}

impl PanelKind {
    /// The word in the file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            PanelKind::Picture => "picture",
            PanelKind::Drm => "drm",
            PanelKind::Fbdev => "fbdev",
            PanelKind::Spi => "spi",
        }
    }
}
