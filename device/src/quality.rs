//! Whether a photo is good enough to be judged, and if not, what the person can do about it.

use synkiosk_journal::{
    record::{ErrorCode, Quality},
    words::Percent,
};
use synkiosk_models::{
    face::{FaceBox, FaceRefusal},
    photo::Photo,
};

/// Why a photo is not taken; the screens have one sentence for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Nobody in view.
    NoFace,
    /// More than one person in view.
    SeveralFaces,
    /// The face is cut off by the picture's edge.
    HalfFace,
    /// Too far away.
    TooSmall,
    /// Too near.
    TooLarge,
    /// Not in the middle.
    OffCenter,
    /// Too little light on the face.
    TooDark,
    /// Too much light on the face.
    TooBright,
    /// Moved, or out of focus.
    Blurred,
}

impl Refusal {
    /// Every reason.
    pub const ALL: &[Refusal] = &[
        Refusal::NoFace,
        Refusal::SeveralFaces,
        Refusal::HalfFace,
        Refusal::TooSmall,
        Refusal::TooLarge,
        Refusal::OffCenter,
        Refusal::TooDark,
        Refusal::TooBright,
        Refusal::Blurred,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::NoFace => "no-face",
            Refusal::SeveralFaces => "several-faces",
            Refusal::HalfFace => "half-face",
            Refusal::TooSmall => "too-small",
            Refusal::TooLarge => "too-large",
            Refusal::OffCenter => "off-center",
            Refusal::TooDark => "too-dark",
            Refusal::TooBright => "too-bright",
            Refusal::Blurred => "blurred",
        }
    }

    /// What was found, for an error line.
    pub fn finding(self) -> &'static str {
        match self {
            Refusal::NoFace => "no face found",
            Refusal::SeveralFaces => "several faces found, one is needed",
            Refusal::HalfFace => "only a part of the face is in the picture",
            Refusal::TooSmall => "the face is too small",
            Refusal::TooLarge => "the face is too large",
            Refusal::OffCenter => "the face is far from the middle",
            Refusal::TooDark => "the face is too dark",
            Refusal::TooBright => "the face is too bright",
            Refusal::Blurred => "the face is blurred",
        }
    }

    /// What helps, for a help line.
    pub fn help(self) -> &'static str {
        match self {
            Refusal::NoFace => "use a picture of a face that looks into the camera",
            Refusal::SeveralFaces => "use a picture of one person alone",
            Refusal::HalfFace | Refusal::OffCenter => "use a picture with the whole face in its middle",
            Refusal::TooSmall => "take the picture from nearer",
            Refusal::TooLarge => "take the picture from farther away",
            Refusal::TooDark | Refusal::TooBright => "take the picture in even light",
            Refusal::Blurred => "take the picture again, with the camera in focus and held still",
        }
    }

    /// The name in the journal, which does not keep how a person stood.
    pub fn error_code(self) -> Option<ErrorCode> {
        match self {
            Refusal::NoFace => Some(ErrorCode::NoFace),
            Refusal::SeveralFaces => Some(ErrorCode::SeveralFaces),
            Refusal::HalfFace => Some(ErrorCode::HalfFace),
            Refusal::TooDark | Refusal::TooBright => Some(ErrorCode::PoorLight),
            Refusal::Blurred => Some(ErrorCode::Blurred),
            Refusal::TooSmall | Refusal::TooLarge | Refusal::OffCenter => None,
        }
    }
}

impl From<FaceRefusal> for Refusal {
    fn from(refusal: FaceRefusal) -> Refusal {
        match refusal {
            FaceRefusal::NoFace => Refusal::NoFace,
            FaceRefusal::SeveralFaces(_) => Refusal::SeveralFaces,
            FaceRefusal::HalfFace => Refusal::HalfFace,
        }
    }
}

/// What a photo must keep to. Lengths are parts of the picture's shorter side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// The face is at least so wide, in pixels: the network's input must not be scaled up much.
    pub least_pixels: f32,
    /// The face is at least so wide.
    pub least_width: f32,
    /// The face is at most so wide: chin and forehead must stay in view.
    pub most_width: f32,
    /// The face's middle is at most so far from the picture's middle.
    pub most_off_center: f32,
    /// The mean luma of the face is at least that.
    pub least_luma: f32,
    /// The mean luma of the face is at most that.
    pub most_luma: f32,
    /// Variance of the Laplacian over the face, scaled to 64 pixels and by its contrast, is at least that.
    pub least_sharpness: f32,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds {
            least_pixels: 72.0,
            least_width: 0.18,
            most_width: 0.9,
            most_off_center: 0.3,
            least_luma: 28.0,
            most_luma: 228.0,
            least_sharpness: 0.02,
        }
    }
}

impl Thresholds {
    /// Checks place and size, then light, then sharpness: the order in which a person would mend them.
    pub fn judge(&self, photo: &Photo, face: &FaceBox) -> Result<(), Refusal> {
        self.size(photo, face)?;
        self.place(photo, face)?;
        let pixels = FacePixels::take(photo, face);
        self.light(&pixels)?;
        self.sharpness(&pixels)
    }

    fn size(&self, photo: &Photo, face: &FaceBox) -> Result<(), Refusal> {
        let side = photo.width().min(photo.height()) as f32;
        if face.width < self.least_pixels || face.width < self.least_width * side {
            return Err(Refusal::TooSmall);
        }
        if face.width > self.most_width * side {
            return Err(Refusal::TooLarge);
        }
        Ok(())
    }

    fn place(&self, photo: &Photo, face: &FaceBox) -> Result<(), Refusal> {
        let (width, height) = (photo.width() as f32, photo.height() as f32);
        let off_x = (face.x + face.width / 2.0 - width / 2.0).abs();
        let off_y = (face.y + face.height / 2.0 - height / 2.0).abs();
        if off_x.max(off_y) > self.most_off_center * width.min(height) {
            return Err(Refusal::OffCenter);
        }
        Ok(())
    }

    fn light(&self, pixels: &FacePixels) -> Result<(), Refusal> {
        let mean = pixels.mean();
        if mean < self.least_luma {
            return Err(Refusal::TooDark);
        }
        if mean > self.most_luma {
            return Err(Refusal::TooBright);
        }
        Ok(())
    }

    fn sharpness(&self, pixels: &FacePixels) -> Result<(), Refusal> {
        if pixels.sharpness() < self.least_sharpness { Err(Refusal::Blurred) } else { Ok(()) }
    }
}

/// How good a picture is, for the journal. `before` is the face in the picture before this one.
pub fn measure(photo: &Photo, face: &FaceBox, before: Option<&FaceBox>) -> Quality {
    let pixels = FacePixels::take(photo, face);
    let moved =
        before.map_or(0.0, |before| (face.x - before.x).hypot(face.y - before.y) / face.width.max(1.0));
    Quality {
        // Faces in focus measure about 0.2, noise 20.
        sharpness: Percent::of_share(pixels.sharpness() / 0.4),
        light: Percent::of_share(1.0 - (pixels.mean() - 128.0).abs() / 128.0),
        // A tenth of the face's width from one picture to the next is a step, not a tremor.
        steadiness: Percent::of_share(1.0 - moved * 10.0),
        face_width: Percent::of_share(face.width / photo.width() as f32),
    }
}

/// Side of the scaled face that light and sharpness are measured on.
const SIDE: usize = 64;

/// The face scaled to 64 x 64 by averaging, so that the measures do not depend on the camera.
struct FacePixels([f32; SIDE * SIDE]);

impl FacePixels {
    fn take(photo: &Photo, face: &FaceBox) -> FacePixels {
        let (width, height) = (photo.width() as usize, photo.height() as usize);
        let edge = |start: f32, length: f32, step: usize, limit: usize| {
            ((start + length * step as f32 / SIDE as f32).max(0.0) as usize).min(limit - 1)
        };
        let mut pixels = [0.0; SIDE * SIDE];
        for (y, row) in pixels.chunks_exact_mut(SIDE).enumerate() {
            let top = edge(face.y, face.height, y, height);
            let bottom = edge(face.y, face.height, y + 1, height).max(top + 1);
            for (x, pixel) in row.iter_mut().enumerate() {
                let left = edge(face.x, face.width, x, width);
                let right = edge(face.x, face.width, x + 1, width).max(left + 1);
                let mut sum = 0;
                for row in top..bottom {
                    let luma = &photo.luma()[row * width + left..row * width + right];
                    sum += luma.iter().map(|luma| u32::from(*luma)).sum::<u32>();
                }
                *pixel = sum as f32 / ((bottom - top) * (right - left)) as f32;
            }
        }
        FacePixels(pixels)
    }

    fn mean(&self) -> f32 {
        self.0.iter().sum::<f32>() / self.0.len() as f32
    }

    /// Variance of the Laplacian over the variance of the luma: 0 for a smooth ramp, 20 for noise.
    fn sharpness(&self) -> f32 {
        let at = |x: usize, y: usize| self.0[y * SIDE + x];
        let mut squares = 0.0;
        for y in 1..SIDE - 1 {
            for x in 1..SIDE - 1 {
                let edge = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y);
                squares += edge * edge;
            }
        }
        let mean = self.mean();
        let variance = self.0.iter().map(|luma| (luma - mean) * (luma - mean)).sum::<f32>();
        squares / variance.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const FACE: FaceBox = FaceBox { x: 220.0, y: 140.0, width: 200.0, height: 200.0, score: 20.0 };

    fn photo(luma: impl Fn(usize, usize) -> u8) -> Photo {
        let luma = (0..640 * 480).map(|at| luma(at % 640, at / 640)).collect();
        Photo::new(640, 480, luma, Duration::ZERO).unwrap()
    }

    /// Blocks as large as an eye: sharp edges, whatever the scale.
    fn blocks(dark: u8, light: u8) -> Photo {
        photo(move |x, y| if (x / 20 + y / 20) % 2 == 0 { dark } else { light })
    }

    #[test]
    fn each_defect_has_its_reason() {
        let judge = |photo: &Photo, face: FaceBox| Thresholds::default().judge(photo, &face);
        let good = blocks(80, 160);
        assert_eq!(judge(&good, FACE), Ok(()));
        assert_eq!(judge(&good, FaceBox { width: 60.0, ..FACE }), Err(Refusal::TooSmall));
        assert_eq!(judge(&good, FaceBox { width: 470.0, ..FACE }), Err(Refusal::TooLarge));
        assert_eq!(judge(&good, FaceBox { x: 10.0, ..FACE }), Err(Refusal::OffCenter));
        assert_eq!(judge(&good, FaceBox { y: 290.0, ..FACE }), Err(Refusal::OffCenter));
        assert_eq!(judge(&blocks(5, 30), FACE), Err(Refusal::TooDark));
        assert_eq!(judge(&blocks(225, 255), FACE), Err(Refusal::TooBright));
        assert_eq!(judge(&photo(|x, _| (x / 3) as u8), FACE), Err(Refusal::Blurred));
    }

    #[test]
    fn a_face_that_reaches_beyond_the_edge_is_measured() {
        let beyond = FaceBox { x: -90.0, y: 400.0, width: 400.0, height: 400.0, score: 9.0 };
        FacePixels::take(&blocks(80, 160), &beyond).sharpness();
    }
}
