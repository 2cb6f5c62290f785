//! What a camera gives, and pictures that somebody brings.

use image::{ExtendedColorType, ImageEncoder, codecs};
use qrcode::{Color, EcLevel, QrCode};
use std::time::Duration;
use synkiosk_device::{
    camera::luma::{self, Layout, Pixels},
    code as qr,
};
use synkiosk_models::photo::Photo;

const FORMATS: [Pixels; 4] = [Pixels::Yuyv, Pixels::Grey, Pixels::Nv12, Pixels::Mjpeg];
/// Bytes before the picture: format, width, height, stride.
const HEAD: usize = 1 + 3 * 4;

/// What the camera's driver says of its picture, and the picture.
pub(crate) fn camera_frame(bytes: &[u8]) -> bool {
    let Some((head, picture)) = bytes.split_at_checked(HEAD) else { return false };
    let number = |at: usize| u32::from_le_bytes(*head[1 + 4 * at..].first_chunk().unwrap());
    let pixels = FORMATS[usize::from(head[0] % 4)];
    let layout = Layout { pixels, width: number(0), height: number(1), stride: number(2) };
    let Ok(photo) = luma::read(picture, &layout, Duration::ZERO) else { return false };
    assert_eq!((photo.width(), photo.height()), (layout.width, layout.height));
    assert_eq!(photo.luma().len(), (layout.width * layout.height) as usize);
    true
}

pub(crate) fn frames() -> Vec<Vec<u8>> {
    let frame = |format: u8, stride: u32, picture: &[u8]| {
        let numbers = [64_u32, 48, stride].map(u32::to_le_bytes).concat();
        [&[format], numbers.as_slice(), picture].concat()
    };
    let ramp: Vec<u8> = (0..64 * 48 * 2).map(|at| (at % 251) as u8).collect();
    vec![
        frame(0, 128, &ramp),
        frame(1, 64, &ramp[..64 * 48]),
        frame(2, 64, &ramp[..64 * 72]),
        frame(3, 0, include_bytes!("../../kit/frames/half-width-chroma.jpg")),
        frame(3, 0, include_bytes!("../../kit/frames/half-chroma.jpg")),
    ]
}

/// Bytes that are decoded to at most: the kiosk's own limit would make a slow fuzzer.
const MOST_BYTES: u64 = 1 << 18;

/// A file that somebody uploads, or has in a data set.
pub(crate) fn picture(bytes: &[u8]) -> bool {
    let Ok(photo) = Photo::decode_within(bytes, MOST_BYTES) else { return false };
    assert_eq!(photo.luma().len() as u64, u64::from(photo.width()) * u64::from(photo.height()));
    assert!(photo.luma().len() as u64 <= MOST_BYTES);
    true
}

pub(crate) fn pictures() -> Vec<Vec<u8>> {
    let gray: Vec<u8> = (0..48 * 48).map(|at| (at * 5 % 256) as u8).collect();
    let mut png = Vec::new();
    let encoder = codecs::png::PngEncoder::new(&mut png);
    encoder.write_image(&gray, 48, 48, ExtendedColorType::L8).unwrap();
    let mut jpeg = Vec::new();
    let encoder = codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 60);
    encoder.write_image(&gray, 48, 48, ExtendedColorType::L8).unwrap();
    vec![png, jpeg, include_bytes!("../../kit/frames/half-chroma.jpg").to_vec()]
}

/// Pixels of a square of a code.
const SQUARE: usize = 3;

/// A code before the camera: the first byte says how many squares a side it has, each bit after it is one.
pub(crate) fn code(bytes: &[u8]) -> bool {
    let Some((side, bits)) = bytes.split_first() else { return false };
    let squares = usize::from(*side % 64) + 17;
    let side = squares * SQUARE;
    let dark = |square: usize| bits.get(square / 8).is_some_and(|byte| byte >> (square % 8) & 1 == 1);
    let luma = (0..side * side)
        .map(|at| if dark(at / side / SQUARE * squares + at % side / SQUARE) { 30 } else { 220 })
        .collect();
    let photo = Photo::new(side as u32, side as u32, luma, Duration::ZERO).unwrap();
    let Some(text) = qr::read(&photo) else { return false };
    assert!(text.len() <= 3 * 7089, "no code holds so much");
    true
}

pub(crate) fn codes() -> Vec<Vec<u8>> {
    let drawn = |text: &str| {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let squares = code.width() + 8;
        let inside = |at: usize| (4..code.width() + 4).contains(&at);
        let mut bytes = vec![0; 1 + (squares * squares).div_ceil(8)];
        bytes[0] = (squares - 17) as u8;
        for square in 0..squares * squares {
            let (x, y) = (square % squares, square / squares);
            if inside(x) && inside(y) && code[(x - 4, y - 4)] == Color::Dark {
                bytes[1 + square / 8] |= 1 << (square % 8);
            }
        }
        bytes
    };
    ["A", "01234567", "settings of a unit", &"longer: ".repeat(20)].map(drawn).to_vec()
}
