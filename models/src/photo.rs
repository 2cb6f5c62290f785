//! A picture of a person: luma only, in memory only.

mod camera_jpeg;
pub mod codes;
mod orientation;

use image::{ImageDecoder, ImageFormat, ImageReader, metadata::Orientation};
use std::{fmt, io::Cursor, ops::Range, time::Duration};
use zeroize::Zeroize;

/// Pixels of the largest picture that is taken: above what any camera of a phone or clinic writes today,
/// and 64 MB of luma.
pub const MOST_PIXELS: u64 = 64_000_000;
/// The shortest side in which a face could be found.
pub const LEAST_SIDE: u32 = 48;

/// The luma plane of one picture, row by row from the top left, 0 black to 255 white.
///
/// A photo is never written anywhere: it does not serialize, its `Debug` shows no pixel, and it is wiped when
/// it is dropped.
pub struct Photo {
    width: u32,
    height: u32,
    luma: Vec<u8>,
    taken: Duration,
}

/// Why a picture was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// Not one byte.
    #[error("the picture is empty")]
    Empty,
    /// Neither JPEG nor PNG by its first bytes.
    #[error("the picture is neither JPEG nor PNG")]
    Format,
    /// An animated PNG.
    #[error("the picture is animated")]
    Animated,
    /// More pixels than `MOST_PIXELS`.
    #[error("the picture has {0} x {1} pixels, more than {mega} million", mega = MOST_PIXELS / 1_000_000)]
    TooLarge(u32, u32),
    /// A side shorter than `LEAST_SIDE`.
    #[error("the picture has {0} x {1} pixels, a side shorter than {LEAST_SIDE}")]
    TooSmall(u32, u32),
    /// Decoded it would take more memory than it may.
    #[error("the picture takes {} MB decoded, more than {}", .bytes / 1_000_000, .most / 1_000_000)]
    TooHeavy {
        /// Bytes of all its channels.
        bytes: u64,
        /// What is allowed.
        most: u64,
    },
    /// The decoder found it broken.
    #[error("the picture is damaged ({0})")]
    Damaged(String),
    /// The number of luma values is not width times height.
    #[error("{given} luma values for {width} x {height} pixels")]
    Length {
        /// Values that came.
        given: usize,
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },
}

impl PhotoError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            PhotoError::TooLarge(..) | PhotoError::TooHeavy { .. } => "scale the picture down",
            PhotoError::TooSmall(..) => "take the picture from nearer, or with more pixels",
            PhotoError::Animated => "save one frame of it as JPEG or PNG",
            PhotoError::Format => "save it as JPEG or PNG",
            PhotoError::Empty | PhotoError::Damaged(_) | PhotoError::Length { .. } => {
                "copy the picture again from where it came"
            }
        }
    }
}

impl Photo {
    /// A photo of `width` x `height` luma values, taken at the monotonic time `taken`.
    pub fn new(width: u32, height: u32, luma: Vec<u8>, taken: Duration) -> Result<Photo, PhotoError> {
        // Made first, so that the pixels are wiped when it is refused.
        let photo = Photo { width, height, luma, taken };
        check_size(width, height)?;
        if photo.luma.len() as u64 != u64::from(width) * u64::from(height) {
            return Err(PhotoError::Length { given: photo.luma.len(), width, height });
        }
        Ok(photo)
    }

    /// Reads a JPEG or PNG and turns it as its EXIF asks; its size is checked before a pixel is decoded. Color becomes the
    /// luma that a JPEG codes, so that a file and a camera's frame of the same picture give the same photo.
    pub fn decode(bytes: &[u8]) -> Result<Photo, PhotoError> {
        // Eight bytes a pixel: 16-bit color with alpha.
        Photo::decode_within(bytes, MOST_PIXELS * 8)
    }

    /// The same where only so many bytes may be taken for all its channels.
    pub fn decode_within(bytes: &[u8], most: u64) -> Result<Photo, PhotoError> {
        if bytes.is_empty() {
            return Err(PhotoError::Empty);
        }
        let damaged = |error: image::ImageError| PhotoError::Damaged(shorten(&error.to_string()));
        let format = match image::guess_format(bytes) {
            Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png)) => format,
            _ => return Err(PhotoError::Format),
        };
        if format == ImageFormat::Png && is_animated(bytes) {
            return Err(PhotoError::Animated);
        }
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        reader.limits({
            let mut limits = image::Limits::default();
            limits.max_alloc = Some(most);
            limits
        });
        let mut decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        check_size(width, height)?;
        if decoder.total_bytes() > most {
            return Err(PhotoError::TooHeavy { bytes: decoder.total_bytes(), most });
        }
        // EXIF that cannot be read does not make the picture unreadable.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut color = image::DynamicImage::from_decoder(decoder).map_err(damaged)?;
        let luma = luma_of(&color);
        wipe(&mut color);
        let (width, height, luma) = orientation::upright(orientation, (width, height), luma);
        Photo::new(width, height, luma, Duration::ZERO)
    }

    /// The luma of a camera's JPEG as it was coded, as its uncompressed formats give it too; taken at the monotonic time
    /// `taken`.
    pub fn of_camera_jpeg(jpeg: &[u8], taken: Duration) -> Result<Photo, PhotoError> {
        if jpeg.is_empty() {
            return Err(PhotoError::Empty);
        }
        let (width, height, luma) = camera_jpeg::luma(jpeg)?;
        Photo::new(width, height, luma, taken)
    }

    /// Pixels a row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Row by row from the top left.
    pub fn luma(&self) -> &[u8] {
        &self.luma
    }

    /// The monotonic time of the shot.
    pub fn taken(&self) -> Duration {
        self.taken
    }

    /// A copy scaled to `width` x `height` by averaging over the covered area; for finding faces and previews.
    pub fn scaled(&self, width: u32, height: u32) -> Result<Photo, PhotoError> {
        check_size(width, height)?;
        let size = (width as usize, height as usize);
        let mut part = Part::scaled(self, size, [0..size.0, 0..size.1]);
        Photo::new(width, height, std::mem::take(&mut part.luma), self.taken)
    }
}

impl Drop for Photo {
    fn drop(&mut self) {
        self.luma.zeroize();
    }
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Photo({} x {})", self.width, self.height)
    }
}

/// A part of a photo as it would be at another size. Wiped when dropped.
pub(crate) struct Part {
    /// Which columns it has of the whole at that size.
    pub(crate) columns: Range<usize>,
    /// Which rows.
    pub(crate) rows: Range<usize>,
    /// Row by row.
    pub(crate) luma: Vec<u8>,
}

impl Part {
    /// Averages over the area that each pixel covers. `size` is that of the whole, its sides at least `LEAST_SIDE`: the
    /// pixels of a photo that one row covers then have a sum below 2^32.
    pub(crate) fn scaled(photo: &Photo, size: (usize, usize), [columns, rows]: [Range<usize>; 2]) -> Part {
        let (width, height) = (photo.width as usize, photo.height as usize);
        let covered = |index: usize, to: usize, from: usize| {
            let (index, to, from) = (index as u64, to as u64, from as u64);
            (index * from / to) as usize..((index + 1) * from).div_ceil(to).min(from) as usize
        };
        let across: Vec<_> = columns.clone().map(|column| covered(column, size.0, width)).collect();
        let (first, last) = (across.first().map_or(0, |it| it.start), across.last().map_or(0, |it| it.end));
        let mut luma = Vec::with_capacity(across.len() * rows.len());
        let mut sums = vec![0u32; last - first];
        let mut run = vec![0u32; last - first + 1];
        for row in rows.clone() {
            let down = covered(row, size.1, height);
            sums.fill(0);
            for line in photo.luma[down.start * width..down.end * width].chunks_exact(width) {
                for (sum, value) in sums.iter_mut().zip(&line[first..last]) {
                    *sum += u32::from(*value);
                }
            }
            let mut along = 0;
            for (sum, run) in sums.iter().zip(&mut run[1..]) {
                along += sum;
                *run = along;
            }
            luma.extend(across.iter().map(|it| {
                let count = (it.len() * down.len()) as u32;
                ((run[it.end - first] - run[it.start - first] + count / 2) / count) as u8
            }));
        }
        sums.zeroize();
        run.zeroize();
        Part { columns, rows, luma }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.luma.zeroize();
    }
}

/// The whole part of a luma, from 0 to 255: what `as u8` gives, in steps that a compiler takes for several values at a time.
pub(crate) fn whole(value: f64) -> u8 {
    /// From here on a double has no fraction, so that a sum with it is rounded to whole numbers.
    const NO_FRACTION: f64 = (1_u64 << (f64::MANTISSA_DIGITS - 1)) as f64;
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < 255.0 { value } else { 255.0 };
    let nearest = value + NO_FRACTION - NO_FRACTION;
    let below = nearest - if nearest > value { 1.0 } else { 0.0 };
    (below + NO_FRACTION).to_bits() as u8
}

fn check_size(width: u32, height: u32) -> Result<(), PhotoError> {
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(PhotoError::TooLarge(width, height));
    }
    if width.min(height) < LEAST_SIDE {
        return Err(PhotoError::TooSmall(width, height));
    }
    Ok(())
}

/// An `acTL` chunk before the first `IDAT` makes a PNG an animation.
fn is_animated(png: &[u8]) -> bool {
    let mut at = 8;
    while let Some(head) = png.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        match &head[4..] {
            b"acTL" => return true,
            b"IDAT" => return false,
            _ => at = at.saturating_add(12).saturating_add(length),
        }
    }
    false
}

/// Luma of a picture of any depth.
fn luma_of(picture: &image::DynamicImage) -> Vec<u8> {
    if !picture.color().has_color() {
        return picture.to_luma8().into_raw();
    }
    if let Some(color) = picture.as_rgb8() {
        return luma_of_color(color);
    }
    let mut color = picture.to_rgb8();
    let luma = luma_of_color(&color);
    color.as_flat_samples_mut().samples.zeroize();
    luma
}

/// By the weights of ITU-R BT.601, which JFIF prescribes, rounded to nearest.
fn luma_of_color(picture: &image::RgbImage) -> Vec<u8> {
    let luma = |pixel: &image::Rgb<u8>| {
        let [red, green, blue] = pixel.0.map(u32::from);
        ((299 * red + 587 * green + 114 * blue + 500) / 1000) as u8
    };
    picture.pixels().map(luma).collect()
}

fn wipe(picture: &mut image::DynamicImage) {
    use image::DynamicImage as D;
    match picture {
        D::ImageLuma8(buffer) => buffer.as_flat_samples_mut().samples.zeroize(),
        D::ImageLumaA8(buffer) => buffer.as_flat_samples_mut().samples.zeroize(),
        D::ImageRgb8(buffer) => buffer.as_flat_samples_mut().samples.zeroize(),
        D::ImageRgba8(buffer) => buffer.as_flat_samples_mut().samples.zeroize(),
        D::ImageLuma16(buffer) => buffer.as_flat_samples_mut().samples.zeroize(),
        D::ImageLumaA16(buffer) => buffer.as_flat_samples_mut().samples.zeroize(),
        D::ImageRgb16(buffer) => buffer.as_flat_samples_mut().samples.zeroize(),
        D::ImageRgba16(buffer) => buffer.as_flat_samples_mut().samples.zeroize(),
        // JPEG and PNG decode to none of the floating-point kinds.
        _ => {}
    }
}

fn shorten(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_pixel() {
        let photo = Photo::new(64, 48, vec![77; 64 * 48], Duration::ZERO).unwrap();
        assert_eq!(format!("{photo:?}"), "Photo(64 x 48)");
    }

    #[test]
    fn scaling_averages() {
        let luma = (0..96 * 96).map(|k| if k % 2 == 0 { 0 } else { 255 }).collect();
        let photo = Photo::new(96, 96, luma, Duration::ZERO).unwrap();
        let half = photo.scaled(48, 48).unwrap();
        assert!(half.luma().iter().all(|luma| *luma == 128));
    }

    #[test]
    fn a_file_and_a_camera_frame_of_the_same_picture_give_the_same_photo() {
        let frame = include_bytes!("../../tests/kit/frames/half-chroma.jpg");
        let file = Photo::decode(frame).unwrap();
        let camera = Photo::of_camera_jpeg(frame, Duration::ZERO).unwrap();
        // Rounded twice on the way over red, green and blue.
        let furthest = file.luma().iter().zip(camera.luma()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(furthest <= Some(2), "{furthest:?}");
    }

    #[test]
    fn color_becomes_luma_whatever_its_depth() {
        let red = image::Rgb([255u8, 0, 0]);
        let deep = image::DynamicImage::ImageRgb8(image::RgbImage::from_pixel(64, 64, red)).into_rgb16();
        let mut png = Vec::new();
        image::DynamicImage::ImageRgb16(deep).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
        assert!(Photo::decode(&png).unwrap().luma().iter().all(|luma| *luma == 76));
    }

    #[test]
    fn wrong_lengths_and_sizes_are_refused() {
        assert_eq!(
            Photo::new(64, 48, vec![0; 10], Duration::ZERO).unwrap_err(),
            PhotoError::Length { given: 10, width: 64, height: 48 }
        );
        assert_eq!(Photo::new(1, 1, vec![0], Duration::ZERO).unwrap_err(), PhotoError::TooSmall(1, 1));
        assert_eq!(Photo::decode(b"").unwrap_err(), PhotoError::Empty);
        assert_eq!(Photo::decode(b"GIF89a").unwrap_err(), PhotoError::Format);
    }
}
