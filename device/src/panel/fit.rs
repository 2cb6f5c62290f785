//! A frame as a panel of another size and orientation needs it: scaled, turned, and with black around it.

use crate::frame::Frame;
use synkiosk_boards::profile::Rotation;
use zeroize::Zeroizing;

/// How frames become a panel's pixels. Frames of the screen's own size are only turned.
pub struct Fit {
    /// The panel's own width and height.
    panel: (usize, usize),
    rotation: Rotation,
    scaled: Zeroizing<Vec<u8>>,
    row: Zeroizing<Vec<u8>>,
}

impl Fit {
    /// For a panel of this width and height, whose screens are turned clockwise.
    pub fn new(panel: (u32, u32), rotation: Rotation) -> Fit {
        let panel = (panel.0 as usize, panel.1 as usize);
        Fit { panel, rotation, scaled: Zeroizing::new(Vec::new()), row: Zeroizing::new(vec![0; panel.0 * 3]) }
    }

    /// Hands out the panel's rows from the top, three bytes a pixel.
    pub fn rows(&mut self, frame: &Frame, mut take: impl FnMut(usize, &[u8])) {
        let screen = if self.rotation.swaps_sides() { (self.panel.1, self.panel.0) } else { self.panel };
        let size = (frame.width() as usize, frame.height() as usize);
        let inner = largest_within(size, screen);
        let picture = if inner == size {
            frame.rgb()
        } else {
            self.scaled.resize(inner.0 * inner.1 * 3, 0);
            scale(frame.rgb(), size, &mut self.scaled, inner);
            &self.scaled
        };
        let margin = ((screen.0 - inner.0) / 2, (screen.1 - inner.1) / 2);
        for y in 0..self.panel.1 {
            if self.rotation == Rotation::None && inner == screen {
                take(y, &picture[y * inner.0 * 3..(y + 1) * inner.0 * 3]);
                continue;
            }
            for (x, pixel) in self.row.chunks_exact_mut(3).enumerate() {
                let (left, top) = screen_place((x, y), self.panel, self.rotation);
                let place = (left.wrapping_sub(margin.0), top.wrapping_sub(margin.1));
                if place.0 < inner.0 && place.1 < inner.1 {
                    let at = (place.1 * inner.0 + place.0) * 3;
                    pixel.copy_from_slice(&picture[at..at + 3]);
                } else {
                    pixel.fill(0);
                }
            }
            take(y, &self.row);
        }
    }
}

/// The place on the screen that a place on the panel shows.
fn screen_place(
    (x, y): (usize, usize),
    (width, height): (usize, usize),
    rotation: Rotation,
) -> (usize, usize) {
    match rotation {
        Rotation::None => (x, y),
        Rotation::Quarter => (y, width - 1 - x),
        Rotation::Half => (width - 1 - x, height - 1 - y),
        Rotation::ThreeQuarters => (height - 1 - y, x),
    }
}

/// The largest size of the same shape that fits into `room`.
fn largest_within(size: (usize, usize), room: (usize, usize)) -> (usize, usize) {
    let by_width = (room.0, (size.1 * room.0 + size.0 / 2) / size.0);
    if by_width.1 <= room.1 {
        return (by_width.0, by_width.1.max(1));
    }
    (((size.0 * room.1 + size.1 / 2) / size.1).clamp(1, room.0), room.1)
}

/// Each new pixel is the mean of what it covers: letters stay sharp when enlarged and whole when made smaller.
fn scale(from: &[u8], size: (usize, usize), to: &mut [u8], wanted: (usize, usize)) {
    let columns: Vec<_> = (0..wanted.0).map(|x| covered(x, size.0, wanted.0)).collect();
    let mut sums = Zeroizing::new(vec![0u32; size.0 * 3]);
    for (y, row) in to.chunks_exact_mut(wanted.0 * 3).enumerate() {
        let lines = covered(y, size.1, wanted.1);
        sums.fill(0);
        for (line, weight) in lines.parts() {
            for (sum, value) in sums.iter_mut().zip(&from[line * size.0 * 3..]) {
                *sum += u32::from(*value) * weight;
            }
        }
        for (pixel, span) in row.chunks_exact_mut(3).zip(&columns) {
            let mut total = [0u32; 3];
            for (column, weight) in span.parts() {
                for (total, sum) in total.iter_mut().zip(&sums[column * 3..column * 3 + 3]) {
                    *total += sum * weight;
                }
            }
            let whole = lines.whole * span.whole;
            for (value, total) in pixel.iter_mut().zip(total) {
                *value = ((total + whole / 2) / whole) as u8;
            }
        }
    }
}

/// What one new pixel covers of the old ones along one side, in 64ths of an old pixel.
#[derive(Debug, Clone, Copy)]
struct Covered {
    first: usize,
    last: usize,
    /// Weight of the first and of the last; those between weigh 64.
    ends: (u32, u32),
    whole: u32,
}

impl Covered {
    fn parts(self) -> impl Iterator<Item = (usize, u32)> {
        (self.first..=self.last).map(move |index| {
            let weight = match index {
                _ if index == self.first => self.ends.0,
                _ if index == self.last => self.ends.1,
                _ => 64,
            };
            (index, weight)
        })
    }
}

fn covered(index: usize, old: usize, new: usize) -> Covered {
    let from = index * old * 64 / new;
    let to = ((index + 1) * old * 64 / new).max(from + 1);
    let (first, last) = (from / 64, ((to - 1) / 64).min(old - 1));
    let whole = (to - from) as u32;
    if first == last {
        return Covered { first, last, ends: (whole, whole), whole };
    }
    let ends = ((64 - from % 64) as u32, (to - last * 64) as u32);
    Covered { first, last, ends, whole }
}

/// Red 5 bits, green 6, blue 5, from three bytes a pixel.
pub fn rgb565(pixel: &[u8]) -> u16 {
    let [red, green, blue] = [0, 1, 2].map(|index| u16::from(pixel[index]));
    (red >> 3) << 11 | (green >> 2) << 5 | blue >> 3
}

/// Blue, green, red and an unused byte: what the kernel calls XRGB8888.
pub fn xrgb8888(pixel: &[u8]) -> [u8; 4] {
    [pixel[2], pixel[1], pixel[0], 0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::{
        draw_target::DrawTarget,
        geometry::{Point, Size},
        pixelcolor::{Rgb888, RgbColor},
        primitives::Rectangle,
    };

    const ROTATIONS: [Rotation; 4] =
        [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters];

    /// Red at the top left, green at the top right, blue at the bottom left, white at the bottom right.
    fn corners(width: u32, height: u32) -> Frame {
        let mut frame = Frame::new(width, height);
        let size = Size::new(40, 40);
        let (right, bottom) = (width as i32 - 40, height as i32 - 40);
        for (x, y, color) in [
            (0, 0, Rgb888::RED),
            (right, 0, Rgb888::GREEN),
            (0, bottom, Rgb888::BLUE),
            (right, bottom, Rgb888::WHITE),
        ] {
            frame.fill_solid(&Rectangle::new(Point::new(x, y), size), color).unwrap();
        }
        frame
    }

    fn fitted(frame: &Frame, panel: (u32, u32), rotation: Rotation) -> Vec<u8> {
        let mut rgb = Vec::new();
        Fit::new(panel, rotation).rows(frame, |y, row| {
            assert_eq!((y, row.len()), (rgb.len() / row.len(), panel.0 as usize * 3));
            rgb.extend_from_slice(row);
        });
        assert_eq!(rgb.len(), (panel.0 * panel.1 * 3) as usize);
        rgb
    }

    #[test]
    fn corners_are_where_the_turn_puts_them() {
        // In reading order, as letters.
        let expected = ["rgbw", "brwg", "wbgr", "gwrb"];
        let sizes = [(240, 320), (320, 240), (800, 480), (480, 800), (1024, 600), (1920, 1080), (1080, 1920)];
        for panel in sizes {
            for (rotation, expected) in ROTATIONS.into_iter().zip(expected) {
                let screen = if rotation.swaps_sides() { (panel.1, panel.0) } else { panel };
                let rgb = fitted(&corners(screen.0, screen.1), panel, rotation);
                let (right, bottom) = (panel.0 as usize - 6, panel.1 as usize - 6);
                let letters: String = [(5, 5), (right, 5), (5, bottom), (right, bottom)]
                    .into_iter()
                    .map(|(x, y)| match &rgb[(y * panel.0 as usize + x) * 3..][..3] {
                        [255, 0, 0] => 'r',
                        [0, 255, 0] => 'g',
                        [0, 0, 255] => 'b',
                        [255, 255, 255] => 'w',
                        _ => '?',
                    })
                    .collect();
                assert_eq!(letters, expected, "{panel:?} turned {}", rotation.degrees());
            }
        }
    }

    #[test]
    fn another_shape_stands_in_the_middle() {
        let mut frame = Frame::new(800, 480);
        let Ok(()) = frame.clear(Rgb888::WHITE);
        for rotation in ROTATIONS {
            let rgb = fitted(&frame, (1024, 1024), rotation);
            let white = |x: usize, y: usize| rgb[(y * 1024 + x) * 3] == 255;
            // 1024 x 614 with 205 black rows on either side.
            let along =
                |place: usize| if rotation.swaps_sides() { white(place, 512) } else { white(512, place) };
            assert_eq!([204, 205, 818, 819].map(along), [false, true, true, false]);
            assert_eq!(rgb.iter().filter(|value| **value == 255).count(), 1024 * 614 * 3);
        }
    }

    #[test]
    fn scaling_keeps_the_mean() {
        let mut frame = Frame::new(600, 400);
        for y in 0..400 {
            for x in 0..600 {
                let level = ((x * 7 + y * 13) % 256) as u8;
                frame.blend(x, y, Rgb888::new(level, 255 - level, 80), 1.0);
            }
        }
        let mean = |rgb: &[u8]| {
            rgb.iter().step_by(3).map(|value| f64::from(*value)).sum::<f64>() / (rgb.len() / 3) as f64
        };
        for panel in [(1200, 800), (300, 200), (960, 640), (450, 300), (1920, 1280), (240, 160)] {
            let rgb = fitted(&frame, panel, Rotation::None);
            assert!((mean(&rgb) - mean(frame.rgb())).abs() < 1.0, "{panel:?}");
            assert!(rgb.iter().skip(2).step_by(3).all(|blue| *blue == 80));
        }
    }

    #[test]
    fn pixels_are_packed_as_panels_expect_them() {
        assert_eq!(
            [rgb565(&[255, 0, 0]), rgb565(&[0, 255, 0]), rgb565(&[0, 0, 255])],
            [0xf800, 0x07e0, 0x001f]
        );
        assert_eq!(xrgb8888(&[1, 2, 3]), [3, 2, 1, 0]);
    }
}
