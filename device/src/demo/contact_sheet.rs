//! All screens of a session in one picture.

use crate::{panel::picture, whole_file};
use image::{RgbImage, imageops};
use std::{
    io,
    path::{Path, PathBuf},
};

const COLUMNS: u32 = 4;
/// Pixels between screens.
const GAP: u32 = 12;
/// Pixels of a row of one screen.
const WIDTH: u32 = 400;
/// Between the screens.
const GROUND: image::Rgb<u8> = image::Rgb([205, 208, 208]);

/// Puts the pictures side by side, in their order, and writes them as one.
///
/// # Errors
/// When a picture cannot be read, or the new one not be written.
pub fn write(files: &[PathBuf], to: &Path) -> io::Result<()> {
    let mut sheet = RgbImage::new(0, 0);
    for (index, file) in files.iter().enumerate() {
        let screen = image::open(file).map_err(io::Error::other)?.into_rgb8();
        let height = (screen.height() * WIDTH / screen.width()).max(1);
        if index == 0 {
            let rows = (files.len() as u32).div_ceil(COLUMNS);
            let size = |count: u32, side: u32| count * (side + GAP) + GAP;
            sheet = RgbImage::from_pixel(size(COLUMNS, WIDTH), size(rows, height), GROUND);
        }
        let small = imageops::resize(&screen, WIDTH, height, imageops::FilterType::Triangle);
        let (column, row) = (index as u32 % COLUMNS, index as u32 / COLUMNS);
        let at = |count: u32, side: u32| i64::from(GAP + count * (side + GAP));
        imageops::replace(&mut sheet, &small, at(column, WIDTH), at(row, height));
    }
    whole_file::replace(to, &picture::encode(sheet.as_raw(), sheet.width(), sheet.height())?)
}
