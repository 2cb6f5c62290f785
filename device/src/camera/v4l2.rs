//! A USB camera through Video4Linux: buffers shared with the kernel, unplugged and plugged in again at will.

use super::{
    Camera, CameraError, STALL,
    luma::{self, Layout, Pixels},
    wish::{Wish, outdated},
};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use synkiosk_boards::profile::PixelFormat;
use synkiosk_models::photo::Photo;
use v4l::{
    Control, Device, Format, FourCC,
    buffer::{Flags, Type},
    control::Value,
    io::traits::CaptureStream,
    prelude::MmapStream,
    video::{Capture, capture::Parameters},
};

/// Two would do; the third keeps the camera going while a picture is judged.
const BUFFERS: u32 = 3;
/// First wait before the camera is tried again; it doubles up to `LAST_WAIT`.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(2);

/// What makes faces visible in any room, by the kernel's numbers: exposure by the camera itself (of a webcam: 3, aperture
/// priority; of others: 0), and no flicker from lamps (3: as the camera finds it).
const SETTINGS: [(u32, &[i64]); 2] = [(0x009a_0901, &[3, 0]), (0x0098_0918, &[3])];

/// A camera by the path of its device.
pub struct V4l2Camera {
    path: PathBuf,
    wish: Wish,
    start: Instant,
    open: Option<OpenCamera>,
    wait: Duration,
    try_from: Instant,
}

struct OpenCamera {
    stream: Option<MmapStream<'static>>,
    layout: Layout,
    /// From one picture to the next.
    period: Duration,
    /// When the last picture was taken away.
    emptied: Instant,
}

impl V4l2Camera {
    /// Nothing is opened before the first photo is asked for.
    pub fn new(path: &Path, wish: Wish) -> V4l2Camera {
        let start = Instant::now();
        V4l2Camera { path: path.to_owned(), wish, start, open: None, wait: FIRST_WAIT, try_from: start }
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
        let period = self.set(&device);
        let failed = |cause| CameraError::Open { camera: self.name(), cause };
        let mut stream = MmapStream::with_buffers(&device, Type::VideoCapture, BUFFERS).map_err(failed)?;
        stream.set_timeout(STALL);
        Ok(OpenCamera { stream: Some(stream), layout, period, emptied: Instant::now() })
    }

    /// The first format that the camera really takes; the driver gives the size that it has next to the wish.
    fn choose_format(&self, device: &Device) -> Result<Layout, CameraError> {
        let offered: Vec<_> = device.enum_formats().unwrap_or_default();
        let offered: Vec<_> = offered.iter().filter_map(|format| named(&format.fourcc)).collect();
        for format in self.wish.formats_to_try(&offered) {
            let (code, pixels) = code(format);
            let wanted = Format::new(self.wish.width, self.wish.height, code);
            let Ok(format) = device.set_format(&wanted) else { continue };
            if format.fourcc == code {
                let Format { width, height, stride, .. } = format;
                return Ok(Layout { pixels, width, height, stride });
            }
        }
        Err(CameraError::Format(self.name()))
    }

    /// Sets what can be set, and gives the time from one picture to the next. A camera that takes none of this gives
    /// pictures all the same.
    fn set(&self, device: &Device) -> Duration {
        for (id, values) in SETTINGS {
            let set = |value: &i64| device.set_control(Control { id, value: Value::Integer(*value) });
            let _ = values.iter().find(|value| set(value).is_ok());
        }
        let pace = device.set_params(&Parameters::with_fps(self.wish.frames_per_second));
        let interval = pace.ok().map(|pace| pace.interval).filter(|interval| interval.denominator > 0);
        interval.map_or(self.wish.period(), |interval| {
            Duration::from_secs(1) * interval.numerator / interval.denominator
        })
    }

    fn failed(&self, cause: io::Error) -> CameraError {
        match cause.kind() {
            io::ErrorKind::TimedOut => CameraError::Stalled(self.name()),
            _ if cause.raw_os_error() == Some(19) => CameraError::Missing(self.name()),
            _ => CameraError::Failed { camera: self.name(), cause },
        }
    }
}

/// Video4Linux's name for a format, and ours for how it is read.
fn code(format: PixelFormat) -> (FourCC, Pixels) {
    let (code, pixels) = match format {
        PixelFormat::Yuyv => (b"YUYV", Pixels::Yuyv),
        PixelFormat::Grey => (b"GREY", Pixels::Grey),
        PixelFormat::Nv12 => (b"NV12", Pixels::Nv12),
        PixelFormat::Mjpeg => (b"MJPG", Pixels::Mjpeg),
    };
    (FourCC::new(code), pixels)
}

fn named(fourcc: &FourCC) -> Option<PixelFormat> {
    use PixelFormat::{Grey, Mjpeg, Nv12, Yuyv};
    [Yuyv, Grey, Nv12, Mjpeg].into_iter().find(|format| code(*format).0 == *fourcc)
}

impl OpenCamera {
    /// The next picture that is not old and that the driver does not mark as damaged.
    fn next(&mut self, taken: impl Fn() -> Duration) -> io::Result<Result<Photo, luma::LumaError>> {
        let mut old = outdated(self.emptied.elapsed(), self.period, BUFFERS);
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let deadline = Instant::now() + STALL;
        loop {
            match CaptureStream::next(stream) {
                Ok((_, about)) if about.flags.contains(Flags::ERROR) => {}
                Ok(_) if old > 0 => old -= 1,
                Ok((bytes, about)) => {
                    self.emptied = Instant::now();
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
    use synkiosk_boards::Profile;

    fn camera(path: &str) -> V4l2Camera {
        V4l2Camera::new(Path::new(path), Wish::of(Profile::named("vm").unwrap().camera()))
    }

    #[test]
    fn every_format_has_a_name_of_its_own() {
        use PixelFormat::{Grey, Mjpeg, Nv12, Yuyv};
        for format in [Yuyv, Grey, Nv12, Mjpeg] {
            assert_eq!(named(&code(format).0), Some(format));
        }
        assert_eq!(named(&FourCC::new(b"H264")), None);
    }

    #[test]
    fn a_missing_camera_is_named_and_asked_for_again() {
        let mut camera = camera("/dev/video-that-is-not-there");
        for _ in 0..2 {
            let error = camera.next().unwrap_err();
            assert_eq!(error.to_string(), "camera /dev/video-that-is-not-there is not there");
            assert!(error.help().contains("plug"));
        }
    }

    #[test]
    fn what_is_no_camera_is_refused() {
        let error = camera("/dev/null").next().unwrap_err();
        assert!(matches!(error, CameraError::Format(_) | CameraError::Open { .. }), "{error}");
    }
}
