//! Cameras held upright write the pixels as they lie on the sensor and note in EXIF how to turn them.

use image::metadata::Orientation;
use zeroize::Zeroize;

/// Turns luma of `width` x `height` as EXIF asks; gives width, height and luma of the upright picture. What was
/// there before is wiped.
pub(super) fn upright(
    orientation: Orientation,
    (width, height): (u32, u32),
    mut luma: Vec<u8>,
) -> (u32, u32, Vec<u8>) {
    use Orientation as O;
    let (right, bottom) = (width as usize - 1, height as usize - 1);
    // From the upright picture's column and row to the column and row in the file.
    let source: fn(usize, usize, usize, usize) -> (usize, usize) = match orientation {
        O::NoTransforms => return (width, height, luma),
        O::FlipHorizontal => |x, y, right, _| (right - x, y),
        O::Rotate180 => |x, y, right, bottom| (right - x, bottom - y),
        O::FlipVertical => |x, y, _, bottom| (x, bottom - y),
        O::Rotate90FlipH => |x, y, _, _| (y, x),
        O::Rotate90 => |x, y, _, bottom| (y, bottom - x),
        O::Rotate270FlipH => |x, y, right, bottom| (right - y, bottom - x),
        O::Rotate270 => |x, y, right, _| (right - y, x),
    };
    let lies = matches!(orientation, O::Rotate90FlipH | O::Rotate90 | O::Rotate270FlipH | O::Rotate270);
    let (columns, rows) = if lies { (height, width) } else { (width, height) };
    let mut turned = Vec::with_capacity(luma.len());
    for y in 0..rows as usize {
        turned.extend((0..columns as usize).map(|x| {
            let (column, row) = source(x, y, right, bottom);
            luma[row * width as usize + column]
        }));
    }
    luma.zeroize();
    (columns, rows, turned)
}

#[cfg(test)]
mod tests {
    use crate::photo::Photo;
    use image::metadata::Orientation;
    use image::{DynamicImage, GrayImage, ImageEncoder, Luma, codecs};

    /// Flat blocks, none like its neighbors or its mirror image: JPEG keeps them whichever way they lie.
    fn upright() -> GrayImage {
        GrayImage::from_fn(96, 64, |x, y| Luma([(20 + x / 16 * 13 + y / 16 * 47) as u8]))
    }

    /// The same picture as a camera turned by `orientation` would store it.
    fn stored(orientation: Orientation) -> GrayImage {
        let back = match orientation {
            Orientation::Rotate90 => Orientation::Rotate270,
            Orientation::Rotate270 => Orientation::Rotate90,
            same => same,
        };
        let mut picture = DynamicImage::ImageLuma8(upright());
        picture.apply_orientation(back);
        picture.into_luma8()
    }

    /// A TIFF header and one directory that holds the orientation alone.
    fn exif(orientation: u16, big_endian: bool) -> Vec<u8> {
        let short = |value: u16| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let long = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let mut tiff = if big_endian { b"MM".to_vec() } else { b"II".to_vec() };
        tiff.extend(short(42));
        tiff.extend(long(8));
        tiff.extend([short(1), short(0x112), short(3)].concat());
        tiff.extend(long(1));
        tiff.extend([short(orientation), short(0)].concat());
        tiff.extend(long(0));
        tiff
    }

    /// A JPEG with an APP1 segment right after its start.
    fn jpeg(picture: &GrayImage, exif: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        codecs::jpeg::JpegEncoder::new_with_quality(&mut plain, 95).encode_image(picture).unwrap();
        let length = (2 + 6 + exif.len() as u16).to_be_bytes();
        [&plain[..2], &[0xff, 0xe1], &length, b"Exif\0\0", exif, &plain[2..]].concat()
    }

    fn shows_upright(photo: &Photo) {
        let upright = upright();
        assert_eq!((photo.width(), photo.height()), upright.dimensions());
        let furthest = photo.luma().iter().zip(upright.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(furthest <= Some(3), "{furthest:?}");
    }

    #[test]
    fn all_eight_ways_to_hold_a_camera_give_the_same_photo() {
        for number in 1..=8u8 {
            let orientation = Orientation::from_exif(number).unwrap();
            for big_endian in [false, true] {
                let bytes = jpeg(&stored(orientation), &exif(number.into(), big_endian));
                shows_upright(&Photo::decode(&bytes).unwrap());
            }
            let mut png = Vec::new();
            let mut encoder = codecs::png::PngEncoder::new(&mut png);
            encoder.set_exif_metadata(exif(number.into(), true)).unwrap();
            let picture = stored(orientation);
            let (width, height) = picture.dimensions();
            encoder.write_image(&picture, width, height, image::ExtendedColorType::L8).unwrap();
            shows_upright(&Photo::decode(&png).unwrap());
        }
    }

    #[test]
    fn an_orientation_that_makes_no_sense_turns_nothing() {
        for exif in [exif(0, true), exif(9, false), exif(6, true)[..12].to_vec(), b"II".to_vec(), Vec::new()]
        {
            shows_upright(&Photo::decode(&jpeg(&upright(), &exif)).unwrap());
        }
    }
}
