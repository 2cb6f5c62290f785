//! Where photos come from. Nothing here keeps a photo, and nothing outside can hand one to storage.

pub mod luma;
#[cfg(feature = "demo")]
pub mod recorded;
#[cfg(all(feature = "v4l2", target_os = "linux"))]
pub mod v4l2;
pub mod wish;

use std::{path::Path, time::Duration};
use synkiosk_models::photo::Photo;
use wish::Wish;

/// A camera gives one photo after the other.
pub trait Camera {
    /// The next photo. Waits for it, but never longer than `STALL`; after an error the next call tries again.
    fn next(&mut self) -> Result<Photo, CameraError>;

    /// Lets go of the device until the next photo is asked for: its light goes out.
    fn stop(&mut self) {}

    /// Whether the device is there, without taking a picture.
    fn check(&mut self) -> Result<(), CameraError> {
        Ok(())
    }
}

impl<C: Camera + ?Sized> Camera for Box<C> {
    fn next(&mut self) -> Result<Photo, CameraError> {
        (**self).next()
    }

    fn stop(&mut self) {
        (**self).stop();
    }

    fn check(&mut self) -> Result<(), CameraError> {
        (**self).check()
    }
}

/// The real camera of this device file, as near to the wish as it can be.
///
/// # Errors
/// When this program has no driver for real cameras; a camera that is not there yet is waited for.
#[cfg(all(feature = "v4l2", target_os = "linux"))]
pub fn open(device: &Path, wish: Wish) -> Result<Box<dyn Camera>, CameraError> {
    Ok(Box::new(v4l2::V4l2Camera::new(device, wish)))
}

/// The real camera of this device file.
///
/// # Errors
/// Always: this program has no driver for real cameras.
#[cfg(not(all(feature = "v4l2", target_os = "linux")))]
pub fn open(device: &Path, _: Wish) -> Result<Box<dyn Camera>, CameraError> {
    Err(CameraError::NoDriver(device.display().to_string()))
}

/// A camera that gives nothing for so long is taken for lost: the slowest one gives six pictures in that time.
pub const STALL: Duration = Duration::from_secs(2);

/// Why there is no photo.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// The program was built without the driver.
    #[error("camera {0} cannot be used: this program was built without Video4Linux")]
    NoDriver(String),
    /// There is no such device, or no longer.
    #[error("camera {0} is not there")]
    Missing(String),
    /// Another program has it, or it may not be opened.
    #[error("could not open camera {camera}: {cause}")]
    Open {
        /// The device.
        camera: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It offers none of the formats that are read.
    #[error("camera {0} offers none of YUYV, GREY, NV12 and MJPEG")]
    Format(String),
    /// It was there and gives nothing any more.
    #[error("camera {0} gave no picture for {STALL:?}")]
    Stalled(String),
    /// It was there and failed.
    #[error("camera {camera} failed: {cause}")]
    Failed {
        /// The device.
        camera: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// What it gave is no picture.
    #[error("camera {camera} gave a picture that cannot be read: {cause}")]
    Picture {
        /// The device.
        camera: String,
        /// What is wrong with the picture.
        cause: luma::LumaError,
    },
}

impl CameraError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            CameraError::NoDriver(_) => "build it on Linux with the feature v4l2",
            CameraError::Missing(_) => "plug the camera in, or name another one with --camera",
            CameraError::Open { .. } => {
                "close the program that uses the camera, or allow this one to open it"
            }
            CameraError::Format(_) => "use a USB camera of the UVC class",
            CameraError::Stalled(_) | CameraError::Failed { .. } => "unplug the camera and plug it in again",
            CameraError::Picture { .. } => "try another cable or camera",
        }
    }

    /// A single bad picture, after which the camera goes on.
    pub fn is_passing(&self) -> bool {
        matches!(self, CameraError::Picture { .. })
    }
}
