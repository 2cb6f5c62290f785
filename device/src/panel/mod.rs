//! Where frames go.

#[cfg(feature = "serve")]
pub mod browser;
pub mod changes;
#[cfg(all(feature = "appliance", target_os = "linux"))]
pub mod drm;
pub mod error;
pub mod fit;
#[cfg(all(feature = "appliance", target_os = "linux"))]
pub mod framebuffer;
pub mod hot_plug;
#[cfg(feature = "demo")]
pub mod picture;
#[cfg(all(feature = "appliance", target_os = "linux"))]
pub mod spi;

pub use error::PanelError;

use crate::frame::Frame;
use std::io;
use synkiosk_boards::{Profile, profile::PanelOutput};

/// A panel shows one frame after the other.
pub trait Panel {
    /// Shows the frame until the next one; returns when it is, or will soon be, visible. A display that is not there
    /// is no error.
    fn show(&mut self, frame: &Frame) -> io::Result<()>;

    /// Whether frames are seen. Where they are not, this looks for the display again; a frame that was shown before
    /// it was found has to be shown once more.
    fn check(&mut self) -> Result<(), PanelError> {
        Ok(())
    }
}

impl<P: Panel + ?Sized> Panel for Box<P> {
    fn show(&mut self, frame: &Frame) -> io::Result<()> {
        (**self).show(frame)
    }

    fn check(&mut self) -> Result<(), PanelError> {
        (**self).check()
    }
}

/// The board's own panel. A display that is not there yet is waited for.
///
/// # Errors
/// When the board has none, or this program cannot drive it.
#[cfg(all(feature = "appliance", target_os = "linux"))]
pub fn open(profile: &Profile) -> Result<Box<dyn Panel>, PanelError> {
    let panel = profile.panel();
    Ok(match &panel.output {
        PanelOutput::Picture => return Err(PanelError::NoPanel(profile.name().to_owned())),
        PanelOutput::Drm { device } => Box::new(drm::panel(device, panel)),
        PanelOutput::Framebuffer { device } => Box::new(framebuffer::panel(device, panel)),
        PanelOutput::Spi(spi) => {
            let gpio = profile.gpio().ok_or_else(|| PanelError::NoLines(profile.name().to_owned()))?;
            Box::new(spi::panel(spi, &gpio.chip, panel.rotation))
        }
    })
}

/// The board's own panel.
///
/// # Errors
/// Always: this program has no driver for panels.
#[cfg(not(all(feature = "appliance", target_os = "linux")))]
pub fn open(profile: &Profile) -> Result<Box<dyn Panel>, PanelError> {
    let board = profile.name().to_owned();
    Err(match &profile.panel().output {
        PanelOutput::Picture => PanelError::NoPanel(board),
        PanelOutput::Drm { .. } => PanelError::NoDriver { board, kind: "DRM" },
        PanelOutput::Framebuffer { .. } => PanelError::NoDriver { board, kind: "framebuffer" },
        PanelOutput::Spi(_) => PanelError::NoDriver { board, kind: "SPI" },
    })
}
