//! The picture that a panel shows: red, green and blue, of a size known only at run time.

use embedded_graphics::{
    Pixel,
    draw_target::DrawTarget,
    geometry::{OriginDimensions, Point, Size},
    pixelcolor::{Rgb888, RgbColor},
    primitives::Rectangle,
};
use std::convert::Infallible;
use synkiosk_boards::profile::Panel;
use zeroize::Zeroize;

/// The shortest side of a panel that the screens are laid out for.
pub const LEAST_SIDE: u32 = 240;
/// The longest side, of a 4K monitor.
pub const MOST_SIDE: u32 = 4096;

/// One picture for a panel, and the name of the screen that it shows.
///
/// It may show a person, so it is wiped when it is dropped, and only a panel sees it.
pub struct Frame {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
    name: String,
    pixels_per_mm: Option<f32>,
}

impl Frame {
    /// A black frame, its sides brought within `LEAST_SIDE` and `MOST_SIDE`.
    pub fn new(width: u32, height: u32) -> Frame {
        let width = width.clamp(LEAST_SIDE, MOST_SIDE);
        let height = height.clamp(LEAST_SIDE, MOST_SIDE);
        Frame {
            width,
            height,
            rgb: vec![0; (width * height * 3) as usize],
            name: String::new(),
            pixels_per_mm: None,
        }
    }

    /// The same on a panel that is so many millimeters wide and high, however it is turned.
    pub fn on_panel_of(mut self, (width_mm, height_mm): (u32, u32)) -> Frame {
        let pixels = f64::from(self.width) * f64::from(self.height);
        let area = f64::from(width_mm) * f64::from(height_mm);
        self.pixels_per_mm = (area > 0.0).then(|| (pixels / area).sqrt() as f32);
        self
    }

    /// A black frame for the same panel.
    pub fn blank(&self) -> Frame {
        let mut frame = Frame::new(self.width, self.height);
        frame.pixels_per_mm = self.pixels_per_mm;
        frame
    }

    /// How fine the panel is, where that is known.
    pub fn pixels_per_mm(&self) -> Option<f32> {
        self.pixels_per_mm
    }

    /// Pixels a row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Three bytes a pixel, row by row from the top left.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Which screen it shows, as a file name would say it: `pose-rest`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says which screen is drawn into it.
    pub fn set_name(&mut self, name: String) {
        self.name = name;
    }

    /// The color at a place, if it is within.
    pub fn pixel(&self, x: u32, y: u32) -> Option<Rgb888> {
        let at = self.offset(x as i32, y as i32)?;
        Some(Rgb888::new(self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]))
    }

    /// Mixes `color` in by `cover`, 0 nothing to 1 all of it, in sixteenths, which no eye tells from finer steps and a picture
    /// file is small with; a place outside is left out.
    pub fn blend(&mut self, x: i32, y: i32, color: Rgb888, cover: f32) {
        let Some(at) = self.offset(x, y) else { return };
        if cover >= 1.0 {
            self.rgb[at..at + 3].copy_from_slice(&[color.r(), color.g(), color.b()]);
            return;
        }
        let cover = (cover.clamp(0.0, 1.0) * 16.0 + 0.5) as u32;
        for (old, new) in self.rgb[at..at + 3].iter_mut().zip([color.r(), color.g(), color.b()]) {
            *old = ((u32::from(*old) * (16 - cover) + u32::from(new) * cover + 8) >> 4) as u8;
        }
    }

    /// The bytes of a row from one column up to another, three a pixel; empty where that is outside.
    pub fn row_mut(&mut self, y: i32, columns: std::ops::Range<i32>) -> &mut [u8] {
        let inside = |x: i32| x.clamp(0, self.width as i32) as usize;
        let (from, to) = (inside(columns.start), inside(columns.end));
        if !(0..self.height as i32).contains(&y) || from >= to {
            return &mut [];
        }
        let start = y as usize * self.width as usize;
        &mut self.rgb[(start + from) * 3..(start + to) * 3]
    }

    fn offset(&self, x: i32, y: i32) -> Option<usize> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        (x < self.width && y < self.height).then_some(((y * self.width + x) * 3) as usize)
    }
}

impl From<(u32, u32)> for Frame {
    fn from((width, height): (u32, u32)) -> Frame {
        Frame::new(width, height)
    }
}

impl From<&Panel> for Frame {
    /// Of the panel's pixels and millimeters, as a person sees them.
    fn from(panel: &Panel) -> Frame {
        Frame::from(panel.screen_size()).on_panel_of(panel.screen_millimeters())
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.rgb.zeroize();
    }
}

impl OriginDimensions for Frame {
    fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }
}

impl DrawTarget for Frame {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(place, color) in pixels {
            if let Some(at) = self.offset(place.x, place.y) {
                self.rgb[at..at + 3].copy_from_slice(&[color.r(), color.g(), color.b()]);
            }
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), Infallible> {
        let area = area.intersection(&Rectangle::new(Point::zero(), self.size()));
        if area.size.width == 0 {
            return Ok(());
        }
        for y in area.rows() {
            let start = ((y as u32 * self.width + area.top_left.x as u32) * 3) as usize;
            for pixel in self.rgb[start..start + area.size.width as usize * 3].chunks_exact_mut(3) {
                pixel.copy_from_slice(&[color.r(), color.g(), color.b()]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::Drawable;
    use embedded_graphics::{
        prelude::Primitive,
        primitives::{Circle, PrimitiveStyle},
    };

    #[test]
    fn drawing_outside_is_left_out() {
        let mut frame = Frame::new(240, 240);
        let style = PrimitiveStyle::with_fill(Rgb888::WHITE);
        Circle::new(Point::new(-50, -50), 100).into_styled(style).draw(&mut frame).unwrap();
        Rectangle::new(Point::new(200, 230), Size::new(500, 500))
            .into_styled(style)
            .draw(&mut frame)
            .unwrap();
        assert_eq!(frame.pixel(0, 0), Some(Rgb888::WHITE));
        assert_eq!(frame.pixel(239, 239), Some(Rgb888::WHITE));
        assert_eq!(frame.pixel(199, 239), Some(Rgb888::BLACK));
        assert_eq!(frame.pixel(240, 0), None);
    }

    #[test]
    fn blending_is_exact_at_both_ends() {
        let mut frame = Frame::new(240, 240);
        for (cover, wanted) in [(0.0, 0), (0.5, 100), (1.0, 200), (7.0, 200)] {
            frame.fill_solid(&Rectangle::new(Point::zero(), Size::new(1, 1)), Rgb888::BLACK).unwrap();
            frame.blend(0, 0, Rgb888::new(200, 200, 200), cover);
            assert_eq!(frame.pixel(0, 0).unwrap().r(), wanted);
        }
        frame.blend(-1, 5, Rgb888::WHITE, 1.0);
        frame.blend(5, 9999, Rgb888::WHITE, 1.0);
    }

    #[test]
    fn sizes_are_brought_within_bounds() {
        let frame = Frame::new(1, 100_000);
        assert_eq!((frame.width(), frame.height()), (LEAST_SIDE, MOST_SIDE));
    }
}
