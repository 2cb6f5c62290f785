//! A contact sheet of a data set, to look it over; a colored bar tells label and side.

use crate::dataset::{DataSet, Person, Picture};
use image::imageops::{FilterType, crop_imm, replace, resize};
use image::{ImageResult, Rgb, RgbImage};
use std::path::Path;
use synkiosk_models::pose::{Label, Side};

/// Side of a tile, and height of the bar above it, pixels.
const TILE: u32 = 240;
const BAR: u32 = 10;
/// Tiles a row: one person's nine poses.
const COLUMNS: usize = 9;

/// Writes a PNG of the first `people` people, picture after picture.
pub fn write(set: &DataSet, people: usize, file: &Path) -> ImageResult<()> {
    let shown = &set.people[..people.min(set.people.len())];
    let tiles: Vec<(&Person, &Picture)> = shown
        .iter()
        .flat_map(|person| person.pictures.iter().map(move |picture| (person, picture)))
        .collect();
    let rows = tiles.len().div_ceil(COLUMNS) as u32;
    let mut sheet = RgbImage::new(COLUMNS as u32 * TILE, rows * (TILE + BAR));
    for (place, (person, picture)) in tiles.into_iter().enumerate() {
        let (x, y) = ((place % COLUMNS) as u32 * TILE, (place / COLUMNS) as u32 * (TILE + BAR));
        let whole = image::open(&picture.path)?.to_rgb8();
        let side = whole.width().min(whole.height());
        let (left, top) = ((whole.width() - side) / 2, (whole.height() - side) / 2);
        let square = crop_imm(&whole, left, top, side, side).to_image();
        replace(&mut sheet, &resize(&square, TILE, TILE, FilterType::Triangle), x.into(), (y + BAR).into());
        draw_bar(&mut sheet, person, x, y);
    }
    sheet.save(file)
}

/// Green healthy, yellow palsy, red synkinesis; the bar lies over the affected side.
fn draw_bar(sheet: &mut RgbImage, person: &Person, x: u32, y: u32) {
    let color = match person.label {
        Label::Healthy => Rgb([40, 160, 60]),
        Label::Palsy => Rgb([230, 190, 30]),
        Label::Synkinesis => Rgb([210, 40, 40]),
    };
    let span = match person.side {
        None => 0..TILE,
        Some(Side::Right) => 0..TILE / 2,
        Some(Side::Left) => TILE / 2..TILE,
    };
    for column in span {
        for row in 0..BAR {
            sheet.put_pixel(x + column, y + row, color);
        }
    }
}
