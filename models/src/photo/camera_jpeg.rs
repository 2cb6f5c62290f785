//! The luma of a camera's JPEG as it was coded: blue and red are stepped over, never computed.

use super::{PhotoError, check_size, shorten};
use std::panic::{AssertUnwindSafe, catch_unwind};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

/// Width, height and luma. A picture that is damaged anywhere is refused, never filled up with gray.
pub(super) fn luma(jpeg: &[u8]) -> Result<(u32, u32, Vec<u8>), PhotoError> {
    if !jpeg.starts_with(&[0xff, 0xd8]) {
        return Err(PhotoError::Format);
    }
    let with_tables = (!brings_huffman_tables(jpeg)).then(|| from_avi(jpeg));
    let jpeg = with_tables.as_deref().unwrap_or(jpeg);
    // A camera's bytes must not end the kiosk, whatever a decoder makes of them.
    catch_unwind(AssertUnwindSafe(|| decode(jpeg)))
        .unwrap_or_else(|_| Err(PhotoError::Damaged("the decoder gave up".to_owned())))
}

fn decode(jpeg: &[u8]) -> Result<(u32, u32, Vec<u8>), PhotoError> {
    let damaged = |error: zune_jpeg::errors::DecodeErrors| PhotoError::Damaged(shorten(&error.to_string()));
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma).set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) =
        decoder.info().map_or((0, 0), |info| (u32::from(info.width), u32::from(info.height)));
    check_size(width, height)?;
    let mut luma = vec![0; width as usize * height as usize];
    decoder.decode_into(&mut luma).map_err(damaged)?;
    Ok((width, height, luma))
}

/// Whether a table of Huffman codes (`DHT`) stands before the picture itself. Motion JPEG may leave them out: those
/// of the standard are meant.
fn brings_huffman_tables(jpeg: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = jpeg.get(at..at + 4).and_then(<[u8]>::as_array) {
        match marker {
            0xc4 => return true,
            // The picture, or what is no segment at all.
            0xda | 0xff | 0x00 | 0xd0..=0xd9 => return false,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    false
}

/// With the mark of a frame out of an AVI file, by which the decoder knows that the standard's tables are meant.
fn from_avi(jpeg: &[u8]) -> Vec<u8> {
    const MARK: [u8; 10] = [0xff, 0xe0, 0, 8, b'A', b'V', b'I', b'1', 0, 0];
    [&jpeg[..2], &MARK, &jpeg[2..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Color ramps of 64 x 48, once with blue and red at half the width, once at half of both.
    const FRAMES: [&[u8]; 2] = [
        include_bytes!("../../../tests/kit/frames/half-width-chroma.jpg"),
        include_bytes!("../../../tests/kit/frames/half-chroma.jpg"),
    ];

    #[test]
    fn luma_is_what_was_coded() {
        for frame in FRAMES {
            let (width, height, luma) = luma(frame).unwrap();
            assert_eq!((width, height), (64, 48));
            let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::YCbCr);
            let all = JpegDecoder::new_with_options(ZCursor::new(frame), options).decode().unwrap();
            assert!(luma.iter().eq(all.iter().step_by(3)));
            assert!(luma[..64].iter().max() > luma[..64].iter().min());
        }
    }

    #[test]
    fn without_its_huffman_tables_the_standard_ones_are_meant() {
        for frame in FRAMES {
            assert!(brings_huffman_tables(frame));
            let mut bare = frame[..2].to_vec();
            let mut at = 2;
            while frame[at + 1] != 0xda {
                let end = at + 2 + usize::from(u16::from_be_bytes([frame[at + 2], frame[at + 3]]));
                if frame[at + 1] != 0xc4 {
                    bare.extend_from_slice(&frame[at..end]);
                }
                at = end;
            }
            bare.extend_from_slice(&frame[at..]);
            assert!(!brings_huffman_tables(&bare));
            assert_eq!(luma(&bare), luma(frame));
        }
    }

    proptest! {
        #[test]
        fn changed_bytes_never_panic(
            frame in 0..FRAMES.len(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            kept in any::<prop::sample::Index>(),
            cut in any::<bool>(),
        ) {
            let mut bytes = FRAMES[frame].to_vec();
            for (place, byte) in changes {
                let at = place.index(bytes.len());
                bytes[at] = byte;
            }
            if cut {
                bytes.truncate(kept.index(bytes.len()));
            }
            if let Ok((width, height, luma)) = luma(&bytes) {
                prop_assert_eq!(luma.len() as u64, u64::from(width) * u64::from(height));
            }
        }
    }
}
