//! From a camera's bytes to luma; color is never computed.

use std::time::Duration;
use synkiosk_models::photo::{LEAST_SIDE, Photo, PhotoError};

/// Formats of pixels that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pixels {
    /// Two bytes a pixel: luma, then blue or red in turn.
    Yuyv,
    /// One byte a pixel: luma.
    Grey,
    /// Luma as in `Grey`, then colors, which are not looked at.
    Nv12,
    /// A JPEG a picture.
    Mjpeg,
}

/// How a camera's pictures lie in its buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Format of the pixels.
    pub pixels: Pixels,
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row to the next; nothing to a JPEG.
    pub stride: u32,
}

/// Why a camera's bytes are no picture.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LumaError {
    /// The picture ends too early.
    #[error("{got} bytes came instead of {wanted}")]
    Truncated {
        /// Bytes that came.
        got: usize,
        /// Bytes that belong to the picture.
        wanted: usize,
    },
    /// A row would reach into the next one.
    #[error("rows of {row} bytes cannot lie {stride} bytes apart")]
    Stride {
        /// Bytes between rows.
        stride: u32,
        /// Bytes of a row.
        row: u64,
    },
    /// The JPEG has another size than the camera said.
    #[error("{0} x {1} pixels came instead of {2} x {3}")]
    Size(u32, u32, u32, u32),
    /// The pixels make no photo.
    #[error(transparent)]
    Photo(#[from] PhotoError),
}

/// Reads one picture that was taken at the monotonic time `taken`.
pub fn read(bytes: &[u8], layout: &Layout, taken: Duration) -> Result<Photo, LumaError> {
    match layout.pixels {
        Pixels::Yuyv => rows(bytes, layout, 2, taken),
        Pixels::Grey | Pixels::Nv12 => rows(bytes, layout, 1, taken),
        Pixels::Mjpeg => jpeg(bytes, layout, taken),
    }
}

/// Takes the first of every `step` bytes of each row.
fn rows(bytes: &[u8], layout: &Layout, step: usize, taken: Duration) -> Result<Photo, LumaError> {
    let row = u64::from(layout.width) * step as u64;
    if u64::from(layout.stride) < row {
        return Err(LumaError::Stride { stride: layout.stride, row });
    }
    // A picture without width has as many rows as it likes, and no byte.
    if layout.width < LEAST_SIDE || layout.height < LEAST_SIDE {
        return Err(PhotoError::TooSmall(layout.width, layout.height).into());
    }
    let (row, stride, height) = (row as usize, layout.stride as usize, layout.height as usize);
    // The last row need not be followed by its padding.
    let wanted = height.saturating_sub(1).saturating_mul(stride).saturating_add(row);
    if bytes.len() < wanted {
        return Err(LumaError::Truncated { got: bytes.len(), wanted });
    }
    let mut luma = Vec::with_capacity(layout.width as usize * height);
    for y in 0..height {
        luma.extend(bytes[y * stride..y * stride + row].iter().step_by(step));
    }
    Ok(Photo::new(layout.width, layout.height, luma, taken)?)
}

fn jpeg(bytes: &[u8], layout: &Layout, taken: Duration) -> Result<Photo, LumaError> {
    // Without its end marker a JPEG was cut off on the way; a decoder would fill the rest with gray.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if !bytes[..end].ends_with(&[0xff, 0xd9]) {
        return Err(LumaError::Truncated { got: end, wanted: end + 2 });
    }
    let photo = Photo::of_camera_jpeg(&bytes[..end], taken)?;
    if (photo.width(), photo.height()) != (layout.width, layout.height) {
        return Err(LumaError::Size(photo.width(), photo.height(), layout.width, layout.height));
    }
    Ok(photo)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};

    fn layout(pixels: Pixels, stride: u32) -> Layout {
        Layout { pixels, width: 50, height: 48, stride }
    }

    fn check(bytes: &[u8], layout: Layout) -> Result<Vec<u8>, LumaError> {
        read(bytes, &layout, Duration::from_millis(7)).map(|photo| {
            assert_eq!((photo.width(), photo.height(), photo.taken().as_millis()), (50, 48, 7));
            photo.luma().to_vec()
        })
    }

    /// Luma counts up; chroma and padding are a value that luma never takes.
    fn picture(row: usize, stride: usize, step: usize) -> Vec<u8> {
        let luma = |x: usize, y: usize| ((x / step + 50 * y) % 200) as u8;
        let byte = |x: usize, y: usize| if x < row && x.is_multiple_of(step) { luma(x, y) } else { 255 };
        (0..48).flat_map(|y| (0..stride).map(move |x| byte(x, y))).collect()
    }

    fn counting() -> Vec<u8> {
        (0..48 * 50).map(|at| (at % 200) as u8).collect()
    }

    #[test]
    fn yuyv_gives_every_other_byte() {
        assert_eq!(check(&picture(100, 100, 2), layout(Pixels::Yuyv, 100)), Ok(counting()));
    }

    #[test]
    fn padding_after_rows_is_left_out() {
        assert_eq!(check(&picture(100, 128, 2), layout(Pixels::Yuyv, 128)), Ok(counting()));
        assert_eq!(check(&picture(50, 64, 1), layout(Pixels::Grey, 64)), Ok(counting()));
        let mut bytes = picture(50, 64, 1);
        bytes.truncate(47 * 64 + 50);
        assert_eq!(check(&bytes, layout(Pixels::Grey, 64)), Ok(counting()));
    }

    #[test]
    fn colors_after_the_luma_are_not_looked_at() {
        let bytes = [picture(50, 64, 1), vec![9; 64 * 24]].concat();
        assert_eq!(check(&bytes, layout(Pixels::Nv12, 64)), Ok(counting()));
        let refusal = check(&bytes[..47 * 64], layout(Pixels::Nv12, 64));
        assert_eq!(refusal, Err(LumaError::Truncated { got: 47 * 64, wanted: 47 * 64 + 50 }));
    }

    #[test]
    fn a_byte_too_few_is_refused() {
        let wanted = 100 * 48;
        let refusal = check(&picture(100, 100, 2)[..wanted - 1], layout(Pixels::Yuyv, 100));
        assert_eq!(refusal, Err(LumaError::Truncated { got: wanted - 1, wanted }));
        assert!(matches!(check(&[], layout(Pixels::Grey, 50)), Err(LumaError::Truncated { got: 0, .. })));
    }

    #[test]
    fn a_stride_shorter_than_a_row_is_refused() {
        let refusal = check(&picture(100, 100, 2), layout(Pixels::Yuyv, 99));
        assert_eq!(refusal, Err(LumaError::Stride { stride: 99, row: 100 }));
        let huge = Layout { pixels: Pixels::Yuyv, width: u32::MAX, height: u32::MAX, stride: 1 };
        assert!(matches!(read(&[0; 64], &huge, Duration::ZERO), Err(LumaError::Stride { .. })));
    }

    #[test]
    fn a_picture_without_width_is_refused_at_once() {
        let flat = Layout { pixels: Pixels::Grey, width: 0, height: u32::MAX, stride: 0 };
        let refusal = read(&[], &flat, Duration::ZERO);
        assert_eq!(refusal.unwrap_err(), LumaError::Photo(PhotoError::TooSmall(0, u32::MAX)));
    }

    fn jpeg_of(luma: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95).encode(luma, 50, 48, ExtendedColorType::L8).unwrap();
        bytes
    }

    #[test]
    fn mjpeg_is_decoded_with_its_padding() {
        let ramp: Vec<u8> = (0..48 * 50).map(|at| (at % 50 * 4) as u8).collect();
        let mut bytes = jpeg_of(&ramp);
        bytes.extend([0; 100]);
        let luma = check(&bytes, layout(Pixels::Mjpeg, 0)).unwrap();
        assert!(luma.iter().zip(&ramp).all(|(got, wanted)| got.abs_diff(*wanted) < 12));
    }

    #[test]
    fn mjpeg_cut_off_or_of_another_size_is_refused() {
        let bytes = jpeg_of(&[90; 48 * 50]);
        let cut = check(&bytes[..bytes.len() / 2], layout(Pixels::Mjpeg, 0));
        assert!(matches!(cut, Err(LumaError::Truncated { .. })), "{cut:?}");
        let other = Layout { width: 64, ..layout(Pixels::Mjpeg, 0) };
        assert_eq!(read(&bytes, &other, Duration::ZERO).unwrap_err(), LumaError::Size(50, 48, 64, 48));
        let noise = check(b"no jpeg at all\xff\xd9", layout(Pixels::Mjpeg, 0));
        assert!(matches!(noise, Err(LumaError::Photo(_))), "{noise:?}");
    }
}
