//! Smooth text in Noto Sans and DejaVu Sans, from left to right or, as Arabic is written, from right to left.
//!
//! Text is cut into lines in the order in which it is read; a line is then joined and ordered for the eye
//! (`order.rs`, `arabic.rs`) and drawn with `fonts.rs`. A paragraph runs the way of its first letter, so one that
//! starts with a Latin word in Arabic text needs U+200F, the right-to-left mark, before it.

mod arabic;
mod fonts;
mod order;

use crate::{area::Area, frame::Frame};
use ab_glyph::{Font, Glyph, Point as Place, ScaleFont};
use embedded_graphics::pixelcolor::Rgb888;
use fonts::Fonts;

/// From one line to the next, in sizes of the letters.
const LINE_HEIGHT: f32 = 1.3;

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

impl Align {
    /// The same place on a page that runs the other way.
    pub fn mirrored(self) -> Align {
        match self {
            Align::Left => Align::Right,
            Align::Center => Align::Center,
            Align::Right => Align::Left,
        }
    }
}

/// Text cut into lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    lines: Vec<Line>,
    style: Style,
    fits: bool,
}

/// One line, in the order in which it is read.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    text: String,
    right_to_left: bool,
}

/// Whether text runs from right to left, as its first letter says.
pub fn is_right_to_left(text: &str) -> bool {
    order::right_to_left(text, false)
}

/// Whether the fonts have all that is drawn of a text; for anything else an empty box is drawn.
pub fn has_glyphs(text: &str) -> bool {
    missing_glyphs(text).is_empty()
}

/// What the fonts do not have of a text, in the forms in which it would be drawn.
pub fn missing_glyphs(text: &str) -> Vec<char> {
    text.split('\n').flat_map(order::drawn).filter(|character| !fonts::have(*character)).collect()
}

impl Style {
    fn fonts(&self) -> Fonts {
        Fonts::new(self.size, self.bold)
    }

    /// Pixels that a line of text takes.
    pub fn width(&self, line: &str) -> f32 {
        advanced(&self.fonts(), 0.0, line)
    }

    /// Pixels from one line to the next.
    pub fn line_height(&self) -> f32 {
        self.size * LINE_HEIGHT
    }

    /// Cuts text at spaces, so that each line takes at most `width`.
    pub fn wrap(self, text: &str, width: f32) -> Lines {
        let fonts = self.fonts();
        let whole = is_right_to_left(text);
        let mut lines = Vec::new();
        let mut fits = true;
        for paragraph in text.split('\n') {
            let right_to_left = order::right_to_left(paragraph, whole);
            let (mut line, mut taken) = (String::new(), 0.0);
            for word in paragraph.split(' ') {
                // Nothing joins across a space, so a line's width is the sum of what it had and what is added.
                let gap = if line.is_empty() { "" } else { " " };
                let longer = advanced(&fonts, advanced(&fonts, taken, gap), word);
                if longer > width && !line.is_empty() {
                    lines.push(Line { text: std::mem::replace(&mut line, word.to_owned()), right_to_left });
                    taken = advanced(&fonts, 0.0, word);
                } else {
                    line.extend([gap, word]);
                    taken = longer;
                }
                fits &= taken <= width;
            }
            lines.push(Line { text: line, right_to_left });
        }
        Lines { lines, style: self, fits }
    }

    /// Draws one line into the middle of the area's height; the part that does not fit is drawn beyond its edge.
    pub fn line(&self, frame: &mut Frame, text: &str, area: Area, align: Align) {
        self.characters(frame, &order::visual(text, is_right_to_left(text)), area, align);
    }

    fn characters(&self, frame: &mut Frame, characters: &[char], area: Area, align: Align) {
        let fonts = self.fonts();
        let width = characters.iter().fold(0.0, |sum, character| sum + fonts.glyph(*character).advance());
        let room = area.width - width;
        let x = match align {
            Align::Left => area.x,
            Align::Center => area.x + room / 2.0,
            Align::Right => area.x + room,
        };
        // Capital letters of Noto Sans are 0.714 of an em high: their middle goes to the area's middle.
        let baseline = (area.center().1 + 0.357 * self.size).round();
        let mut place = Place { x, y: baseline };
        for character in characters {
            let glyph = fonts.glyph(*character);
            let outline = Glyph { id: glyph.id, scale: glyph.font.scale(), position: place };
            if let Some(outline) = glyph.font.font.outline_glyph(outline) {
                let bounds = outline.px_bounds();
                let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
                outline.draw(|dx, dy, cover| {
                    frame.blend(left + dx as i32, top + dy as i32, self.color, cover);
                });
            }
            place.x += glyph.advance();
        }
    }
}

/// Where a text ends that starts at `start`.
fn advanced(fonts: &Fonts, start: f32, text: &str) -> f32 {
    order::drawn(text).into_iter().fold(start, |sum, character| sum + fonts.glyph(character).advance())
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
        self.lines.iter().map(|line| self.style.width(&line.text)).fold(0.0, f32::max)
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
            shown.lines.push(Line { text: "...".to_owned(), right_to_left: false });
        }
        shown.draw(frame, area, align);
    }

    /// Draws from the area's top downwards.
    pub fn draw(&self, frame: &mut Frame, area: Area, align: Align) {
        let height = self.style.line_height();
        for (index, line) in self.lines.iter().enumerate() {
            let row = Area::new(area.x, area.y + index as f32 * height, area.width, height);
            self.style.characters(frame, &order::visual(&line.text, line.right_to_left), row, align);
        }
    }
}

#[cfg(test)]
mod tests;
