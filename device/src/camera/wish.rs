//! What a board asks of its camera, and what is made of what the camera offers.

use std::time::Duration;
use synkiosk_boards::profile::{Camera, CameraSource, PixelFormat};

/// All that can be read, the cheapest first.
const READ: [PixelFormat; 4] = [PixelFormat::Yuyv, PixelFormat::Grey, PixelFormat::Nv12, PixelFormat::Mjpeg];

/// Size, pace and formats that the board would like best. A camera may give others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Pictures a second.
    pub frames_per_second: u32,
    /// The best first.
    pub formats: Vec<PixelFormat>,
}

impl Wish {
    /// What the profile says; a board without a camera of its own takes whatever can be read.
    pub fn of(camera: &Camera) -> Wish {
        let formats = match &camera.source {
            CameraSource::V4l2 { formats, .. } => formats.clone(),
            CameraSource::Recorded => READ.to_vec(),
        };
        let Camera { width, height, frames_per_second, .. } = *camera;
        Wish { width, height, frames_per_second, formats }
    }

    /// The formats to ask for, one after the other: those of the board that the camera offers, then others that it
    /// offers and that can be read. A camera that names none is asked for all of the board's.
    pub fn formats_to_try(&self, offered: &[PixelFormat]) -> Vec<PixelFormat> {
        if offered.is_empty() {
            return self.formats.clone();
        }
        let others = READ.into_iter().filter(|format| !self.formats.contains(format));
        self.formats.iter().copied().chain(others).filter(|format| offered.contains(format)).collect()
    }

    /// Time from one picture to the next.
    pub fn period(&self) -> Duration {
        Duration::from_secs(1) / self.frames_per_second.max(1)
    }
}

/// How many of the pictures that wait in `buffers` are old, where none was taken away for `pause`. The camera fills its
/// buffers and then drops what is new, so that after a pause the oldest pictures come first.
pub fn outdated(pause: Duration, period: Duration, buffers: u32) -> u32 {
    let came = pause.as_nanos() / period.as_nanos().max(1);
    // One picture in the time of one is the newest.
    u32::try_from(came.saturating_sub(1)).unwrap_or(u32::MAX).min(buffers.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use PixelFormat::{Grey, Mjpeg, Nv12, Yuyv};
    use synkiosk_boards::Profile;

    #[test]
    fn the_boards_order_decides_among_what_is_offered() {
        let wish = |formats: &[PixelFormat]| Wish {
            formats: formats.to_vec(),
            ..Wish::of(Profile::named("vm").unwrap().camera())
        };
        for (wished, offered, expected) in [
            (vec![Mjpeg, Yuyv], vec![Yuyv, Mjpeg], vec![Mjpeg, Yuyv]),
            (vec![Mjpeg, Yuyv], vec![Yuyv], vec![Yuyv]),
            (vec![Mjpeg], vec![Nv12, Grey], vec![Grey, Nv12]),
            (vec![Yuyv], vec![Mjpeg, Nv12, Yuyv], vec![Yuyv, Nv12, Mjpeg]),
            // v4l2loopback before anybody feeds it.
            (vec![Yuyv, Grey], vec![], vec![Yuyv, Grey]),
        ] {
            assert_eq!(wish(&wished).formats_to_try(&offered), expected, "{wished:?} {offered:?}");
        }
    }

    #[test]
    fn pictures_that_waited_through_a_pause_are_passed_over() {
        let period = Duration::from_millis(33);
        for (pause, expected) in [(0, 0), (20, 0), (40, 0), (70, 1), (100, 2), (400, 2), (60_000, 2)] {
            assert_eq!(outdated(Duration::from_millis(pause), period, 3), expected, "{pause} ms");
        }
        assert_eq!(outdated(Duration::from_secs(1), Duration::ZERO, 0), 0);
    }

    #[test]
    fn every_shipped_board_wishes_for_what_can_be_read() {
        for name in Profile::names() {
            let wish = Wish::of(Profile::named(name).unwrap().camera());
            assert!(!wish.formats.is_empty() && wish.formats.iter().all(|format| READ.contains(format)));
            assert!(wish.period() <= Duration::from_millis(200), "{name}");
        }
    }
}
