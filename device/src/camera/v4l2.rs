//! A USB camera through Video4Linux: buffers shared with the kernel, unplugged and plugged in again at will.

use super::{
    Camera, CameraError, STALL,
    luma::{self, Layout, Pixels},
    wish::Wish,
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

/// `POLLIN`: something can be read.
const INPUT: i16 = 1;
/// `ENODEV`: the node is there, or was, and the device is not.
const NO_DEVICE: i32 = 19;

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
            // ENXIO, 6, says the same.
            _ if matches!(cause.raw_os_error(), Some(NO_DEVICE | 6)) => CameraError::Missing(self.name()),
            _ => CameraError::Open { camera: self.name(), cause },
        };
        Device::with_path(&self.path).map_err(open_error)
    }

    fn try_open(&self) -> Result<OpenCamera, CameraError> {
        let device = self.device()?;
        let layout = self.choose_format(&device)?;
        self.set(&device);
        let failed = |cause| CameraError::Open { camera: self.name(), cause };
        // It panics where it gets some of the buffers, and cannot give those back.
        let stream = catch_unwind(|| MmapStream::with_buffers(&device, Type::VideoCapture, BUFFERS))
            .unwrap_or_else(|_| Err(io::Error::other("its buffers could not be given back")));
        Ok(OpenCamera { stream: Some(stream.map_err(failed)?), layout })
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

    /// Sets what can be set. A camera that takes none of this gives pictures all the same.
    fn set(&self, device: &Device) {
        let _ = device.set_params(&Parameters::with_fps(self.wish.frames_per_second));
        for (id, values) in SETTINGS {
            let set = |value: &i64| device.set_control(Control { id, value: Value::Integer(*value) });
            let _ = values.iter().find(|value| set(value).is_ok());
        }
    }

    fn failed(&self, cause: io::Error) -> CameraError {
        match cause.kind() {
            io::ErrorKind::TimedOut => CameraError::Stalled(self.name()),
            _ if cause.raw_os_error() == Some(NO_DEVICE) => CameraError::Missing(self.name()),
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
    /// The newest picture that the driver does not mark as damaged: a camera fills its buffers and then drops what is new,
    /// so that after a pause the oldest come first.
    fn next(&mut self, taken: impl Fn() -> Duration) -> io::Result<Result<Photo, luma::LumaError>> {
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let (deadline, handle) = (Instant::now() + STALL, stream.handle());
        let mut waited = 1;
        loop {
            stream.set_timeout(deadline.saturating_duration_since(Instant::now()));
            let (bytes, about) = CaptureStream::next(stream)?;
            // No more than the buffers: the fastest camera gets a turn.
            let is_old = waited < BUFFERS && handle.poll(INPUT, 0).is_ok_and(|ready| ready > 0);
            if is_old {
                waited += 1;
            } else if !about.flags.contains(Flags::ERROR) {
                let used = (about.bytesused as usize).min(bytes.len());
                return Ok(luma::read(&bytes[..used], &self.layout, taken()));
            }
        }
    }
}

impl Drop for OpenCamera {
    fn drop(&mut self) {
        let Some(mut stream) = self.stream.take() else { return };
        match v4l::io::traits::Stream::stop(&mut stream) {
            // The buffers would be refused as well: a panic while another one unwinds, which nothing can catch. They are
            // given up, and the camera stays busy until the next start.
            Err(error) if error.raw_os_error() != Some(NO_DEVICE) => std::mem::forget(stream),
            // What the driver refuses now, it is only left with.
            _ => drop(catch_unwind(AssertUnwindSafe(move || drop(stream)))),
        }
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
