//! The frame with what every screen has in common: ground, footer, buttons, columns, text that must fit.

use super::{
    theme::{self, ACCENT, INK, PAPER, Theme},
    words::{PRODUCT, Words},
};
use crate::{
    area::Area,
    frame::Frame,
    language::Language,
    paint,
    session::event::Button,
    text::{Align, Lines, Style},
};
use embedded_graphics::{
    draw_target::DrawTarget,
    geometry::{Point, Size},
    pixelcolor::Rgb888,
    primitives::Rectangle,
};

/// Which parts of a screen are drawn: all of it, or what has changed since it was drawn last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    /// Ground, footer, buttons, and all that stays.
    pub(super) rest: bool,
    /// What helps just now.
    pub(super) hint: bool,
    /// The drawing that moves.
    pub(super) drawing: bool,
}

impl Parts {
    pub(super) const ALL: Parts = Parts { rest: true, hint: true, drawing: true };
}

/// A screen while it is drawn.
pub(super) struct Sheet<'a> {
    pub(super) frame: &'a mut Frame,
    pub(super) theme: Theme,
    pub(super) words: &'static Words,
    pub(super) parts: Parts,
    /// What begins at the left in other languages begins at the right.
    mirrored: bool,
    /// What is left for the screen's own things.
    pub(super) main: Area,
    /// Texts that did not fit even in the smallest size; a test keeps this empty.
    pub(super) cramped: Vec<String>,
    /// Where a finger finds which button.
    pub(super) targets: Vec<Target>,
    /// Height of the capital letters of the screen's main sentence, pixels.
    pub(super) cap: f32,
}

/// A button as it is drawn, for those who can touch it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// Where it is, with half of the gap around it.
    pub area: Area,
    /// What it means.
    pub button: Button,
}

impl<'a> Sheet<'a> {
    /// Clears the frame to `ground` and draws the footer, unless only a part is drawn anew.
    pub(super) fn new(
        frame: &'a mut Frame,
        language: Language,
        (ground, parts): (Rgb888, Parts),
    ) -> Sheet<'a> {
        let theme = Theme::of(frame);
        let page = Area::new(0.0, 0.0, frame.width() as f32, frame.height() as f32);
        let (main, footer) = page.cut_bottom((theme.small() * 1.9).round(), 0.0);
        let mut sheet = Sheet {
            frame,
            theme,
            words: Words::of(language),
            parts,
            mirrored: language.is_right_to_left(),
            main: main.inset(theme.margin()),
            cramped: Vec::new(),
            targets: Vec::new(),
            cap: 0.0,
        };
        if parts.rest {
            let Ok(()) = sheet.frame.clear(ground);
            sheet.footer(footer);
        }
        sheet
    }

    fn footer(&mut self, area: Area) {
        paint::rounded(self.frame, area, 0.0, INK);
        let inner = Area::new(self.main.x, area.y, self.main.width, area.height);
        let style = Style { size: self.theme.small(), bold: true, color: PAPER };
        let research = &self.words.research;
        self.line(style, research, inner, Align::Left);
        // The name of the program goes where there is room beside what has to be said.
        let plain = Style { bold: false, ..style };
        if style.width(research) + plain.width(PRODUCT) + style.size < inner.width {
            self.line(plain, PRODUCT, inner, Align::Right);
        }
    }

    /// Fills an area that is drawn anew with the ground.
    pub(super) fn wipe(&mut self, area: Area) {
        if self.parts.rest {
            return;
        }
        let (left, top) = (area.x.floor() as i32, area.y.floor() as i32);
        let (right, bottom) = (area.right().ceil() as i32, area.bottom().ceil() as i32);
        let size = Size::new((right - left).max(0) as u32, (bottom - top).max(0) as u32);
        let Ok(()) = self.frame.fill_solid(&Rectangle::new(Point::new(left, top), size), PAPER);
    }

    /// Left is where lines begin, right where they end.
    fn turned(&self, align: Align) -> Align {
        if self.mirrored { align.mirrored() } else { align }
    }

    /// Cuts `width` off where lines begin: that, and what is left beside it after a `gap`.
    pub(super) fn split(&self, area: Area, width: f32, gap: f32) -> (Area, Area) {
        let (first, second) = area.cut_left(width, gap);
        if !self.mirrored {
            return (first, second);
        }
        (Area { x: area.right() - first.width, ..first }, Area { x: area.x, ..second })
    }

    /// Draws one line into the middle of the area's height.
    pub(super) fn line(&mut self, style: Style, text: &str, area: Area, align: Align) {
        style.line(self.frame, text, area, self.turned(align));
    }

    /// Draws text in the largest size that fits, from the top of the area; says how high it is.
    pub(super) fn text(&mut self, text: &str, style: Style, sizes: &[f32], area: Area, align: Align) -> f32 {
        let lines = Lines::fitted(text, style, sizes, area);
        self.note(&lines, text, area);
        lines.draw(self.frame, area, self.turned(align));
        lines.height()
    }

    /// The same, in the middle of the area's height.
    pub(super) fn middle_text(&mut self, text: &str, style: Style, sizes: &[f32], area: Area, align: Align) {
        let lines = Lines::fitted(text, style, sizes, area);
        self.note(&lines, text, area);
        let down = (area.height - lines.height()) / 2.0;
        lines.draw(self.frame, Area { y: area.y + down, ..area }, self.turned(align));
    }

    /// The screen's main sentence, in the middle of the area's height.
    pub(super) fn sentence(&mut self, text: &str, style: Style, area: Area, align: Align) {
        let sizes = self.theme.title();
        self.cap = Lines::fitted(text, style, &sizes, area).cap();
        self.middle_text(text, style, &sizes, area, align);
    }

    fn note(&mut self, lines: &Lines, text: &str, area: Area) {
        if !lines.fits_into(area) {
            self.cramped.push(text.to_owned());
        }
    }

    /// A headline and what follows it, together in the middle of the area's height.
    pub(super) fn headline(
        &mut self,
        title: &str,
        more: &str,
        colors: (Rgb888, Rgb888),
        area: Area,
        align: Align,
    ) {
        let (upper, _) = area.cut_top(area.height * 0.6, 0.0);
        let gap = self.theme.gap();
        let sizes = self.theme.display();
        // The largest headline that leaves room for what follows.
        let together = (0..sizes.len()).map(|from| {
            let title_lines = Lines::fitted(title, theme::bold(colors.0), &sizes[from..], upper);
            let (_, rest) = area.cut_top(title_lines.height(), gap);
            // What follows is never louder than the headline.
            let mut quieter = self.theme.text();
            quieter.retain(|size| *size <= title_lines.size());
            quieter.extend(quieter.is_empty().then_some(title_lines.size()));
            let more_lines = Lines::fitted(more, theme::regular(colors.1), &quieter, rest);
            (title_lines, more_lines, rest)
        });
        let fits = |(_, more_lines, rest): &(Lines, Lines, Area)| more_lines.fits_into(*rest);
        let mut last = None;
        let (title_lines, more_lines, rest) =
            together.inspect(|one| last = Some(one.clone())).find(fits).or(last).expect("there are sizes");
        self.note(&title_lines, title, upper);
        self.note(&more_lines, more, rest);
        self.cap = title_lines.cap();
        let down = (area.height - title_lines.height() - gap - more_lines.height()).max(0.0) / 2.0;
        let align = self.turned(align);
        title_lines.draw(self.frame, Area { y: area.y + down, ..area }, align);
        more_lines.draw(self.frame, Area { y: rest.y + down, ..rest }, align);
    }

    /// Draws buttons at the bottom of the area, the first one where lines end, and returns what is left above.
    pub(super) fn buttons(&mut self, area: Area, buttons: &[(&str, Look, Button)]) -> Area {
        let theme = self.theme;
        let height = (theme.body * if theme.compact { 1.9 } else { 2.1 }).round();
        let (above, row) = area.cut_bottom(height, theme.gap());
        let room = (row.width - theme.gap() * (buttons.len() - 1) as f32) / buttons.len() as f32;
        let style = Style { size: theme.body, ..theme::bold(INK) };
        let widest = buttons.iter().map(|(label, ..)| style.width(label)).fold(1.0, f32::max);
        let inset = theme.body * if theme.compact { 0.6 } else { 1.0 };
        let fitting = (theme.body * (room - inset) / widest).min(theme.body);
        let style = Style { size: fitting, ..style };
        if fitting < theme.small() * 0.8 {
            self.cramped.extend(buttons.iter().map(|(label, ..)| (*label).to_owned()));
        }
        let mut end = 0.0;
        for (label, look, button) in buttons {
            let width = (style.width(label) + theme.body * 2.4).max(theme.body * 5.0).min(room);
            let x = if self.mirrored { row.x + end } else { row.right() - end - width };
            let pill = Area::new(x, row.y, width, height);
            if self.parts.rest {
                self.button(label, *look, pill, style);
            }
            self.targets.push(Target { area: pill.inset(-theme.gap() / 2.0), button: *button });
            end += width + theme.gap();
        }
        above
    }

    /// A grid of entries to choose from, in rows, from where lines begin; the marked one is filled, and an arrow
    /// points at it.
    pub(super) fn choice(&mut self, labels: &[&str], marked: usize, columns: usize, area: Area) {
        let theme = self.theme;
        let rows = labels.len().div_ceil(columns).max(1);
        let gap = theme.gap() * 0.6;
        let width = (area.width - gap * (columns - 1) as f32) / columns as f32;
        let height = ((area.height - gap * (rows - 1) as f32) / rows as f32).min(theme.body * 3.2);
        let top = area.y + (area.height - height * rows as f32 - gap * (rows - 1) as f32) / 2.0;
        let arrow = (height * 0.28).min(theme.body * 0.6).min(width * 0.16);
        // One size for all of them.
        let most = (height * 0.56).min(theme.body * 1.3);
        let room = width - arrow * if columns > 4 { 1.0 } else { 4.4 };
        let style = Style { size: most, ..theme::bold(INK) };
        let widest = labels.iter().map(|label| style.width(label)).fold(1.0, f32::max);
        let style = Style { size: most * (room / widest).min(1.0), ..style };
        if style.size < theme.small() * 0.8 {
            self.cramped.extend(labels.iter().map(|label| (*label).to_owned()));
        }
        for (place, label) in labels.iter().enumerate() {
            let (row, column) = (place / columns, place % columns);
            // Digits stand in the same order everywhere.
            let column = if self.mirrored && columns <= 4 { columns - 1 - column } else { column };
            let x = area.x + column as f32 * (width + gap);
            let pill = Area::new(x, top + row as f32 * (height + gap), width, height);
            let is_marked = place == marked;
            self.button("", if is_marked { Look::Strong } else { Look::Quiet }, pill, style);
            let color = if is_marked { PAPER } else { ACCENT };
            Style { color, ..style }.line(self.frame, label, pill, Align::Center);
            if is_marked && columns <= 4 {
                self.pointer(pill, arrow);
            }
            self.targets.push(Target { area: pill.inset(-gap / 2.0), button: Button::Pick(place as u8) });
        }
    }

    /// A triangle at the beginning of a marked entry, which points at its label.
    fn pointer(&mut self, pill: Area, size: f32) {
        let (begin, sign) = if self.mirrored { (pill.right(), -1.0) } else { (pill.x, 1.0) };
        let (x, y) = (begin + sign * size * 1.0, pill.center().1);
        let points = [(x, y - size * 0.6), (x + sign * size, y), (x, y + size * 0.6)];
        paint::polygon(self.frame, &points, PAPER);
    }

    fn button(&mut self, label: &str, look: Look, pill: Area, style: Style) {
        let letters = match look {
            Look::Strong => {
                paint::rounded(self.frame, pill, pill.height, ACCENT);
                PAPER
            }
            Look::OnAccent => {
                paint::rounded(self.frame, pill, pill.height, PAPER);
                ACCENT
            }
            Look::Quiet => {
                paint::rounded_outline(self.frame, pill, pill.height, self.theme.line(), ACCENT);
                ACCENT
            }
        };
        Style { color: letters, ..style }.line(self.frame, label, pill, Align::Center);
    }

    /// A picture, and beside it or under it the text with its buttons: the picture's area, and the text's.
    pub(super) fn columns(
        &mut self,
        wide_part: f32,
        tall_part: f32,
        buttons: &[(&str, Look, Button)],
    ) -> (Area, Area) {
        let (theme, main) = (self.theme, self.main);
        if theme.wide {
            let (picture, text) = self.split(main, main.width * wide_part, theme.margin() * 1.2);
            let text = if buttons.is_empty() { text } else { self.buttons(text, buttons) };
            (picture, text)
        } else {
            let main = if buttons.is_empty() { main } else { self.buttons(main, buttons) };
            main.cut_top(main.height * tall_part, theme.gap())
        }
    }
}

/// How a button looks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look {
    /// The one to press.
    Strong,
    /// The one to press, on the accent color.
    OnAccent,
    /// Another one.
    Quiet,
}
