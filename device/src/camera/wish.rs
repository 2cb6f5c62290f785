//! What a board asks of its camera, and what is made of what the camera offers.

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
    fn every_shipped_board_wishes_for_what_can_be_read() {
        for name in Profile::names() {
            let wish = Wish::of(Profile::named(name).unwrap().camera());
            assert!(!wish.formats.is_empty() && wish.formats.iter().all(|format| READ.contains(format)));
        }
    }
}
