//! A USB camera through Video4Linux: buffers shared with the kernel, unplugged and plugged in again at will.

use super::{
    Camera, CameraError, STALL,
    luma::{self, Layout, Pixels},
};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use synkiosk_models::photo::Photo;
use v4l::{
    Device, Format, FourCC,
    buffer::{Flags, Type},
    io::traits::CaptureStream,
    prelude::MmapStream,
    video::Capture,
};

/// Asked of the camera; it may give another size.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
/// Two would do; the third keeps the camera going while a picture is judged.
const BUFFERS: u32 = 3;
/// First wait before the camera is tried again; it doubles up to `LAST_WAIT`.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(2);

/// A camera by the path of its device.
pub struct V4l2Camera {
    path: PathBuf,
    start: Instant,
    open: Option<OpenCamera>,
    wait: Duration,
    try_from: Instant,
}

struct OpenCamera {
    stream: Option<MmapStream<'static>>,
    layout: Layout,
}

impl V4l2Camera {
    /// Nothing is opened before the first photo is asked for.
    pub fn new(path: &Path) -> V4l2Camera {
        let start = Instant::now();
        V4l2Camera { path: path.to_owned(), start, open: None, wait: FIRST_WAIT, try_from: start }
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn open(&mut self) -> Result<OpenCamera, CameraError> {
        // Not busily: a camera that is away is looked for less and less often.
        std::thread::sleep(self.try_from.saturating_duration_since(Instant::now()));
        let opened = self.try_open();
        if opened.is_err() {
            self.try_from = Instant::now() + self.wait;
            self.wait = (self.wait * 2).min(LAST_WAIT);
        }
        opened
    }

    fn device(&self) -> Result<Device, CameraError> {
        let open_error = |cause: io::Error| match cause.kind() {
            io::ErrorKind::NotFound => CameraError::Missing(self.name()),
            // ENODEV and ENXIO: the node is there, the device behind it is not.
            _ if matches!(cause.raw_os_error(), Some(19 | 6)) => CameraError::Missing(self.name()),
            _ => CameraError::Open { camera: self.name(), cause },
        };
        Device::with_path(&self.path).map_err(open_error)
    }

    fn try_open(&self) -> Result<OpenCamera, CameraError> {
        let device = self.device()?;
        let layout = self.choose_format(&device)?;
        let failed = |cause| CameraError::Open { camera: self.name(), cause };
        let mut stream = MmapStream::with_buffers(&device, Type::VideoCapture, BUFFERS).map_err(failed)?;
        stream.set_timeout(STALL);
        Ok(OpenCamera { stream: Some(stream), layout })
    }

    /// The first format that the camera really takes.
    fn choose_format(&self, device: &Device) -> Result<Layout, CameraError> {
        let choices = [(b"YUYV", Pixels::Yuyv), (b"GREY", Pixels::Grey), (b"MJPG", Pixels::Mjpeg)];
        for (code, pixels) in choices {
            let code = FourCC::new(code);
            let Ok(format) = device.set_format(&Format::new(WIDTH, HEIGHT, code)) else { continue };
            if format.fourcc == code {
                let Format { width, height, stride, .. } = format;
                return Ok(Layout { pixels, width, height, stride });
            }
        }
        Err(CameraError::Format(self.name()))
    }

    fn failed(&self, cause: io::Error) -> CameraError {
        match cause.kind() {
            io::ErrorKind::TimedOut => CameraError::Stalled(self.name()),
            _ if cause.raw_os_error() == Some(19) => CameraError::Missing(self.name()),
            _ => CameraError::Failed { camera: self.name(), cause },
        }
    }
}

impl OpenCamera {
    /// The next picture that the driver does not mark as damaged.
    fn next(&mut self, taken: impl Fn() -> Duration) -> io::Result<Result<Photo, luma::LumaError>> {
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let deadline = Instant::now() + STALL;
        loop {
            match CaptureStream::next(stream) {
                Ok((_, about)) if about.flags.contains(Flags::ERROR) => {}
                Ok((bytes, about)) => {
                    let used = (about.bytesused as usize).min(bytes.len());
                    return Ok(luma::read(&bytes[..used], &self.layout, taken()));
                }
                Err(cause) => return Err(cause),
            }
            if Instant::now() > deadline {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
    }
}

impl Drop for OpenCamera {
    fn drop(&mut self) {
        let stream = self.stream.take();
        // The stream panics when the driver refuses to stop, as some do after unplugging; the device is closed
        // all the same.
        let _ = catch_unwind(AssertUnwindSafe(move || drop(stream)));
    }
}

impl Camera for V4l2Camera {
    fn next(&mut self) -> Result<Photo, CameraError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.open()?,
        };
        let start = self.start;
        match open.next(|| start.elapsed()) {
            Ok(read) => {
                self.open = Some(open);
                self.wait = FIRST_WAIT;
                read.map_err(|cause| CameraError::Picture { camera: self.name(), cause })
            }
            Err(cause) => {
                self.try_from = Instant::now() + self.wait;
                Err(self.failed(cause))
            }
        }
    }

    fn stop(&mut self) {
        self.open = None;
    }

    fn check(&mut self) -> Result<(), CameraError> {
        self.device().map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_camera_is_named_and_asked_for_again() {
        let mut camera = V4l2Camera::new(Path::new("/dev/video-that-is-not-there"));
        for _ in 0..2 {
            let error = camera.next().unwrap_err();
            assert_eq!(error.to_string(), "camera /dev/video-that-is-not-there is not there");
            assert!(error.help().contains("plug"));
        }
    }

    #[test]
    fn what_is_no_camera_is_refused() {
        let error = V4l2Camera::new(Path::new("/dev/null")).next().unwrap_err();
        assert!(matches!(error, CameraError::Format(_) | CameraError::Open { .. }), "{error}");
    }
}
