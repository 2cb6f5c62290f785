//! What was seen in a picture, drawn for a page: the face with its landmarks, and where the network's answer comes from.

use crate::report::maps;
use base64::prelude::{BASE64_STANDARD, Engine};
use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
use maud::{Markup, html};
use std::fmt::Write;
use synkiosk_models::{
    align::{self, SIZE},
    landmarks::{Landmarks, Point},
    photo::Photo,
    pose::Side,
    screener::Evidence,
};
use zeroize::Zeroizing;

/// Pixels of a drawn picture's longer side: sharp on a phone, and small in the page.
const LONGER_SIDE: u32 = 440;
/// Of a picture among many; twice what the page asks, for screens with fine pixels.
const THUMBNAIL: u32 = 128;
/// Of the drawn JPEG, 0 to 100.
const QUALITY: u8 = 80;
/// How much more than its face a picture shows, in widths of the face on each side.
const AROUND: f32 = 0.25;

/// A face on the page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawn {
    /// The part with the face, gray, as a data URI; wiped nowhere, since it goes to the browser.
    picture: String,
    width: f32,
    height: f32,
    /// Each landmark within it, and whose side it is.
    points: Vec<([f32; 2], Option<Side>)>,
    /// Heat over the square that the network saw.
    heat: String,
}

impl Drawn {
    /// Of a picture that was looked at.
    pub(super) fn of(photo: &Photo, evidence: &Evidence) -> Drawn {
        let (left, top, width, height) = part(photo, evidence);
        let scale = (LONGER_SIDE as f32 / width.max(height) as f32).min(1.0);
        let shown = |side: u32| ((side as f32 * scale) as u32).max(1);
        let (shown_width, shown_height) = (shown(width), shown(height));
        let picture = gray_jpeg(photo, (left, top, width, height), (shown_width, shown_height));
        let landmarks: &Landmarks = &evidence.measured.landmarks;
        let within = |[x, y]: [f32; 2]| [(x - left as f32) * scale, (y - top as f32) * scale];
        let square = Zeroizing::new(align::sample(photo, &evidence.placement, SIZE));
        Drawn {
            picture,
            width: shown_width as f32,
            height: shown_height as f32,
            points: Point::ALL.iter().map(|point| (within(landmarks.at(*point)), point.side())).collect(),
            heat: maps::overlay(&square, SIZE, &evidence.map.values, evidence.map.side),
        }
    }

    /// The two pictures side by side.
    pub(super) fn markup(&self, name: &str) -> Markup {
        let (width, height) = (self.width, self.height);
        let radius = width.max(height) / 110.0;
        html! {
            figure.face {
                svg viewBox={ "0 0 " (width) " " (height) } role="img"
                    aria-label={ "landmarks on the face in " (name) } {
                    image href=(self.picture) width=(width) height=(height) {}
                    path.own.right d=(dots(&self.points, Some(Side::Right), radius)) {}
                    path.own.left d=(dots(&self.points, Some(Side::Left), radius)) {}
                    path.own d=(dots(&self.points, None, radius)) {}
                }
                figcaption { "Landmarks: " span.key.right { "the person's right" } ", " span.key.left { "left" } }
            }
            figure.face {
                img src=(self.heat) width=(SIZE) height=(SIZE)
                    alt={ "where the score of " (name) " comes from" };
                figcaption { "Orange speaks for synkinesis, blue against" }
            }
        }
    }
}

/// The middle of a picture, small.
pub(super) fn thumbnail(photo: &Photo) -> String {
    let side = photo.width().min(photo.height());
    let part = ((photo.width() - side) / 2, (photo.height() - side) / 2, side, side);
    gray_jpeg(photo, part, (THUMBNAIL, THUMBNAIL))
}

/// Column, row, width and height of the part that is shown.
fn part(photo: &Photo, evidence: &Evidence) -> (u32, u32, u32, u32) {
    let face = &evidence.face;
    let side = face.width * (1.0 + 2.0 * AROUND);
    let middle = (face.x + face.width / 2.0, face.y + face.height / 2.0);
    let stretch = |middle: f32, all: u32| {
        let from = (middle - side / 2.0).clamp(0.0, all as f32 - 1.0) as u32;
        let to = (middle + side / 2.0).clamp(from as f32 + 1.0, all as f32) as u32;
        (from, to - from)
    };
    let (left, width) = stretch(middle.0, photo.width());
    let (top, height) = stretch(middle.1, photo.height());
    (left, top, width, height)
}

/// A part of the picture at another size, each pixel the mean of those that it covers.
fn gray_jpeg(photo: &Photo, part: (u32, u32, u32, u32), shown: (u32, u32)) -> String {
    let (left, top, width, height) = part;
    let cover = |index: u32, to: u32, from: u32| {
        let (index, to, from) = (u64::from(index), u64::from(to), u64::from(from));
        (index * from / to) as usize..((index + 1) * from).div_ceil(to) as usize
    };
    let mut luma = Zeroizing::new(Vec::with_capacity((shown.0 * shown.1) as usize));
    for row in 0..shown.1 {
        let rows = cover(row, shown.1, height);
        for column in 0..shown.0 {
            let columns = cover(column, shown.0, width);
            let count = (rows.len() * columns.len()) as u32;
            let sum: u32 = rows
                .clone()
                .map(|y| {
                    let start = (top as usize + y) * photo.width() as usize + left as usize;
                    photo.luma()[start + columns.start..start + columns.end]
                        .iter()
                        .map(|it| u32::from(*it))
                        .sum::<u32>()
                })
                .sum();
            luma.push((sum / count) as u8);
        }
    }
    let mut jpeg = Vec::new();
    let written = JpegEncoder::new_with_quality(&mut jpeg, QUALITY).write_image(
        &luma,
        shown.0,
        shown.1,
        ExtendedColorType::L8,
    );
    written.map(|()| format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(&jpeg))).unwrap_or_default()
}

/// One path of small circles.
fn dots(points: &[([f32; 2], Option<Side>)], side: Option<Side>, radius: f32) -> String {
    let mut path = String::new();
    for ([x, y], _) in points.iter().filter(|(_, of)| *of == side) {
        let _ = write!(
            path,
            "M{:.1} {y:.1}a{radius:.1} {radius:.1} 0 1 0 {:.1} 0a{radius:.1} {radius:.1} 0 1 0 -{:.1} 0",
            x - radius,
            2.0 * radius,
            2.0 * radius
        );
    }
    path
}
