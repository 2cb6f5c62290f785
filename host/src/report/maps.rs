//! Heat over a face, as a picture in the page.

use base64::prelude::{BASE64_STANDARD, Engine};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// Pixels of a drawn outline's side.
const OUTLINE: usize = 128;
/// Opacity of the strongest heat.
const MOST_OPAQUE: f32 = 0.6;
/// What speaks for synkinesis, and what against it.
const FOR: [f32; 3] = [225.0, 70.0, 0.0];
const AGAINST: [f32; 3] = [0.0, 90.0, 220.0];

/// Heat over a gray picture of `size` x `size` pixels; `values` are `side` x `side` over the same square. Around what
/// speaks for synkinesis at half the strongest heat there is a dark line, so that it is seen on gray paper too.
pub fn overlay(luma: &[u8], size: usize, values: &[f32], side: usize) -> String {
    let strongest = values.iter().fold(1e-6f32, |most, value| most.max(value.abs()));
    let heat = |index: usize| {
        let at = |pixel: usize| (pixel as f32 + 0.5) / size as f32 * side as f32 - 0.5;
        between(values, side, at(index % size), at(index / size)) / strongest
    };
    let heats: Vec<f32> = (0..size * size).map(heat).collect();
    let mut pixels = Vec::with_capacity(size * size * 3);
    for (index, (heat, luma)) in heats.iter().zip(luma).enumerate() {
        let color = if *heat > 0.0 { FOR } else { AGAINST };
        let share = MOST_OPAQUE * heat.abs();
        let line = is_line(&heats, size, index);
        let mixed = color.map(|color| f32::from(*luma) * (1.0 - share) + color * share);
        pixels.extend(mixed.map(|value| if line { 20 } else { value as u8 }));
    }
    uri(&pixels, size)
}

/// The same on a drawn face: for pictures that must not leave.
pub fn on_outline(values: &[f32], side: usize) -> String {
    overlay(&outline(), OUTLINE, values, side)
}

/// A gray picture alone.
pub fn plain(luma: &[u8], size: usize) -> String {
    let pixels: Vec<u8> = luma.iter().flat_map(|luma| [*luma; 3]).collect();
    uri(&pixels, size)
}

/// Between half the strongest heat and less.
fn is_line(heats: &[f32], size: usize, index: usize) -> bool {
    let hot = |index: usize| heats[index] >= 0.5;
    let (column, row) = (index % size, index / size);
    hot(index)
        && ((column > 0 && !hot(index - 1))
            || (column + 1 < size && !hot(index + 1))
            || (row > 0 && !hot(index - size))
            || (row + 1 < size && !hot(index + size)))
}

/// Bilinear; beyond the border the border goes on.
fn between(values: &[f32], side: usize, x: f32, y: f32) -> f32 {
    let last = side as f32 - 1.0;
    let (x, y) = (x.clamp(0.0, last), y.clamp(0.0, last));
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = ((left + 1).min(side - 1), (top + 1).min(side - 1));
    let (along, down) = (x - left as f32, y - top as f32);
    let row = |row: usize| values[row * side + left] * (1.0 - along) + values[row * side + right] * along;
    row(top) * (1.0 - down) + row(bottom) * down
}

/// A face's outline with eyes, nose and mouth where the placed square has them.
fn outline() -> Vec<u8> {
    let ink = |u: f32, v: f32| {
        let ring = |u0: f32, v0: f32, a: f32, b: f32| {
            let from_center = ((u - u0) / a).hypot((v - v0) / b);
            (from_center - 1.0).abs() * a.min(b) < 0.006
        };
        let mouth = (v - 0.2).abs() < 0.006 && u.abs() < 0.12;
        let nose = (v - 0.07).abs() < 0.006 && u.abs() < 0.04;
        ring(0.0, -0.03, 0.34, 0.42)
            || ring(-0.15, -0.1, 0.07, 0.03)
            || ring(0.15, -0.1, 0.07, 0.03)
            || mouth
            || nose
    };
    let at = |pixel: usize| (pixel as f32 + 0.5) / OUTLINE as f32 - 0.5;
    (0..OUTLINE * OUTLINE).map(|k| if ink(at(k % OUTLINE), at(k / OUTLINE)) { 90 } else { 255 }).collect()
}

/// A data URI; empty where the encoder fails, which it cannot in memory.
fn uri(pixels: &[u8], size: usize) -> String {
    let mut png = Vec::new();
    let written =
        PngEncoder::new(&mut png).write_image(pixels, size as u32, size as u32, ExtendedColorType::Rgb8);
    written.map(|()| format!("data:image/png;base64,{}", BASE64_STANDARD.encode(&png))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_lies_where_the_map_has_it() {
        // One hot corner of four by four.
        let mut values = vec![0.0; 16];
        values[0] = 2.0;
        assert_eq!(between(&values, 4, -0.4, -0.4), 2.0);
        assert_eq!(between(&values, 4, 0.5, 0.0), 1.0);
        assert_eq!(between(&values, 4, 3.4, 3.4), 0.0);
        let gray = vec![128; 64 * 64];
        assert_eq!(overlay(&gray, 64, &[0.0; 16], 4), plain(&gray, 64));
        assert_ne!(overlay(&gray, 64, &values, 4), plain(&gray, 64));
    }

    #[test]
    fn an_outline_holds_no_pixel_of_anybody() {
        let drawn = on_outline(&[0.5, -0.5, 0.0, 1.0], 2);
        assert!(drawn.starts_with("data:image/png;base64,iVBOR"));
        let lines = outline().iter().filter(|luma| **luma < 255).count();
        assert!((200..2000).contains(&lines), "{lines}");
    }
}
