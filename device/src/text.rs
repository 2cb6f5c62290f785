//! Smooth text in Noto Sans, regular and bold.

use crate::{area::Area, frame::Frame};
use ab_glyph::{Font, FontRef, Glyph, Point as Place, PxScale, ScaleFont};
use embedded_graphics::pixelcolor::Rgb888;
use std::sync::LazyLock;

/// From one line to the next, in sizes of the letters.
const LINE_HEIGHT: f32 = 1.3;

static REGULAR: LazyLock<FontRef<'static>> = LazyLock::new(|| load(notosans::REGULAR_TTF));
static BOLD: LazyLock<FontRef<'static>> = LazyLock::new(|| load(notosans::BOLD_TTF));

fn load(file: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(file).expect("the font is part of the program and was read by its tests")
}

/// How letters look: their size is the font's em in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Pixels an em.
    pub size: f32,
    /// Bold instead of regular.
    pub bold: bool,
    /// The color of the letters.
    pub color: Rgb888,
}

/// Where a line stands between its left and right edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left edge.
    Left,
    /// In the middle.
    Center,
    /// At the right edge.
    Right,
}

/// Text cut into lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    lines: Vec<String>,
    style: Style,
    fits: bool,
}

/// STUB
pub fn has_glyphs(text: &str) -> bool {
    !text.is_empty()
}

impl Style {
    fn font(&self) -> &'static FontRef<'static> {
        if self.bold { &BOLD } else { &REGULAR }
    }

    fn scale(&self) -> PxScale {
        let font = self.font();
        let em = font.units_per_em().unwrap_or(1000.0);
        PxScale::from(self.size * font.height_unscaled() / em)
    }

    /// Pixels that a line of text takes.
    pub fn width(&self, line: &str) -> f32 {
        let font = self.font().as_scaled(self.scale());
        let mut before = None;
        let mut width = 0.0;
        for letter in line.chars() {
            let glyph = font.glyph_id(letter);
            if let Some(before) = before {
                width += font.kern(before, glyph);
            }
            width += font.h_advance(glyph);
            before = Some(glyph);
        }
        width
    }

    /// Pixels from one line to the next.
    pub fn line_height(&self) -> f32 {
        self.size * LINE_HEIGHT
    }

    /// Cuts text at spaces, so that each line takes at most `width`.
    pub fn wrap(self, text: &str, width: f32) -> Lines {
        let mut lines = Vec::new();
        let mut fits = true;
        for paragraph in text.split('\n') {
            let mut line = String::new();
            for word in paragraph.split(' ') {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width(&longer) > width && !line.is_empty() {
                    lines.push(std::mem::replace(&mut line, word.to_owned()));
                } else {
                    line = longer;
                }
                fits &= self.width(&line) <= width;
            }
            lines.push(line);
        }
        Lines { lines, style: self, fits }
    }

    /// Draws one line into the middle of the area's height; the part that does not fit is drawn beyond its edge.
    pub fn line(&self, frame: &mut Frame, text: &str, area: Area, align: Align) {
        let room = area.width - self.width(text);
        let x = match align {
            Align::Left => area.x,
            Align::Center => area.x + room / 2.0,
            Align::Right => area.x + room,
        };
        // Capital letters of Noto Sans are 0.714 of an em high: their middle goes to the area's middle.
        let baseline = area.center().1 + 0.357 * self.size;
        self.letters(frame, text, (x, baseline.round()));
    }

    fn letters(&self, frame: &mut Frame, text: &str, start: (f32, f32)) {
        let scale = self.scale();
        let font = self.font().as_scaled(scale);
        let mut x = start.0;
        let mut before = None;
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            if let Some(before) = before {
                x += font.kern(before, id);
            }
            let glyph = Glyph { id, scale, position: Place { x, y: start.1 } };
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
                outline.draw(|dx, dy, cover| {
                    frame.blend(left + dx as i32, top + dy as i32, self.color, cover);
                });
            }
            x += font.h_advance(id);
            before = Some(id);
        }
    }
}

impl Lines {
    /// Text in the largest of `sizes` (largest first) with which it fits into the area; in the last one if none.
    pub fn fitted(text: &str, style: Style, sizes: &[f32], area: Area) -> Lines {
        let mut last = None;
        for size in sizes {
            let lines = Style { size: *size, ..style }.wrap(text, area.width);
            if lines.fits_into(area) {
                return lines.balanced(text, area.width);
            }
            last = Some(lines);
        }
        last.unwrap_or_else(|| style.wrap(text, area.width))
    }

    /// The same number of lines, as narrow as they can be: no text ends in a line of one short word.
    fn balanced(self, text: &str, width: f32) -> Lines {
        let mut best = self;
        let (mut least, mut most) = (width / best.lines.len() as f32, width);
        while most - least > 2.0 {
            let middle = (least + most) / 2.0;
            let lines = best.style.wrap(text, middle);
            if lines.fits && lines.lines.len() == best.lines.len() {
                (best, most) = (lines, middle);
            } else {
                least = middle;
            }
        }
        best
    }

    /// Whether no line is too wide, and all together are not too high.
    pub fn fits_into(&self, area: Area) -> bool {
        self.fits && self.height() <= area.height + 0.5
    }

    /// Pixels from the top of the first line to the bottom of the last.
    pub fn height(&self) -> f32 {
        self.lines.len() as f32 * self.style.line_height()
    }

    /// Pixels of the widest line.
    pub fn width(&self) -> f32 {
        self.lines.iter().map(|line| self.style.width(line)).fold(0.0, f32::max)
    }

    /// Pixels an em.
    pub fn size(&self) -> f32 {
        self.style.size
    }

    /// Height of capital letters, pixels: 0.714 of an em in Noto Sans.
    pub fn cap(&self) -> f32 {
        0.714 * self.style.size
    }

    /// Draws from the area's top downwards what of it is within; the last line that is, where more follow, ends in dots.
    pub fn draw_within(&self, frame: &mut Frame, area: Area, align: Align) {
        let most = ((area.height + 0.5) / self.style.line_height()) as usize;
        let mut shown = self.clone();
        if most < shown.lines.len() {
            shown.lines.truncate(most.saturating_sub(1));
            shown.lines.push("...".to_owned());
        }
        shown.draw(frame, area, align);
    }

    /// Draws from the area's top downwards.
    pub fn draw(&self, frame: &mut Frame, area: Area, align: Align) {
        let height = self.style.line_height();
        for (index, line) in self.lines.iter().enumerate() {
            let row = Area::new(area.x, area.y + index as f32 * height, area.width, height);
            self.style.line(frame, line, row, align);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::pixelcolor::RgbColor;

    const STYLE: Style = Style { size: 20.0, bold: false, color: Rgb888::WHITE };

    #[test]
    fn both_fonts_are_read_and_draw() {
        for bold in [false, true] {
            let style = Style { bold, ..STYLE };
            let mut frame = Frame::new(240, 240);
            style.line(&mut frame, "Smile", Area::new(0.0, 0.0, 240.0, 240.0), Align::Center);
            assert!(frame.rgb().iter().any(|value| *value > 200));
            assert!((1.5..4.0).contains(&(style.width("Smile") / 20.0)));
        }
        assert!(Style { bold: true, ..STYLE }.width("Smile") > STYLE.width("Smile"));
    }

    #[test]
    fn lines_break_at_spaces_and_stay_within() {
        let lines = STYLE.wrap("Please look straight into the camera\nand hold still", 120.0);
        assert!(lines.fits);
        assert!(lines.lines.len() > 2 && lines.width() <= 120.0);
        assert_eq!(lines.lines.join(" "), "Please look straight into the camera and hold still");
        assert!(!STYLE.wrap("unbreakablyunbreakablyunbreakably", 120.0).fits);
    }

    #[test]
    fn the_largest_size_that_fits_is_taken() {
        let area = Area::new(0.0, 0.0, 200.0, 60.0);
        let lines = Lines::fitted("Hold", STYLE, &[80.0, 40.0, 20.0], area);
        assert_eq!(lines.style.size, 40.0);
        assert!(lines.fits_into(area));
    }
}
