//! The frame with what every screen has in common: ground, footer, buttons, columns, text that must fit.

use super::{
    theme::{self, ACCENT, INK, PAPER, Theme},
    words,
};
use crate::{
    area::Area,
    frame::Frame,
    paint,
    session::event::Button,
    text::{Align, Lines, Style},
};
use embedded_graphics::{draw_target::DrawTarget, pixelcolor::Rgb888};

/// A screen while it is drawn.
pub(super) struct Sheet<'a> {
    pub(super) frame: &'a mut Frame,
    pub(super) theme: Theme,
    /// What is left for the screen's own things.
    pub(super) main: Area,
    /// Texts that did not fit even in the smallest size; a test keeps this empty.
    pub(super) cramped: Vec<String>,
    /// Where a finger finds which button.
    pub(super) targets: Vec<Target>,
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
    /// Clears the frame to `ground` and draws the footer.
    pub(super) fn new(frame: &'a mut Frame, ground: Rgb888) -> Sheet<'a> {
        let theme = Theme::of(frame);
        let Ok(()) = frame.clear(ground);
        let page = Area::new(0.0, 0.0, frame.width() as f32, frame.height() as f32);
        let (main, footer) = page.cut_bottom((theme.small() * 1.9).round(), 0.0);
        let mut sheet = Sheet {
            frame,
            theme,
            main: main.inset(theme.margin()),
            cramped: Vec::new(),
            targets: Vec::new(),
        };
        sheet.footer(footer);
        sheet
    }

    fn footer(&mut self, area: Area) {
        paint::rounded(self.frame, area, 0.0, INK);
        let inner = Area::new(self.main.x, area.y, self.main.width, area.height);
        let style = Style { size: self.theme.small(), bold: true, color: PAPER };
        style.line(self.frame, words::RESEARCH, inner, Align::Left);
        Style { bold: false, ..style }.line(self.frame, words::PRODUCT, inner, Align::Right);
    }

    /// Draws text in the largest size that fits, from the top of the area; says how high it is.
    pub(super) fn text(&mut self, text: &str, style: Style, sizes: &[f32], area: Area, align: Align) -> f32 {
        let lines = Lines::fitted(text, style, sizes, area);
        self.note(&lines, text, area);
        lines.draw(self.frame, area, align);
        lines.height()
    }

    /// The same, in the middle of the area's height.
    pub(super) fn middle_text(&mut self, text: &str, style: Style, sizes: &[f32], area: Area, align: Align) {
        let lines = Lines::fitted(text, style, sizes, area);
        self.note(&lines, text, area);
        let down = (area.height - lines.height()) / 2.0;
        lines.draw(self.frame, Area { y: area.y + down, ..area }, align);
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
        let title_lines = Lines::fitted(title, theme::bold(colors.0), &self.theme.display(), upper);
        self.note(&title_lines, title, upper);
        let gap = self.theme.gap();
        let (_, rest) = area.cut_top(title_lines.height(), gap);
        let more_lines = Lines::fitted(more, theme::regular(colors.1), &self.theme.text(), rest);
        self.note(&more_lines, more, rest);
        let down = (area.height - title_lines.height() - gap - more_lines.height()).max(0.0) / 2.0;
        title_lines.draw(self.frame, Area { y: area.y + down, ..area }, align);
        more_lines.draw(self.frame, Area { y: rest.y + down, ..rest }, align);
    }

    /// Draws buttons at the bottom of the area, the first one at the right, and returns what is left above.
    pub(super) fn buttons(&mut self, area: Area, buttons: &[(&str, Look, Button)]) -> Area {
        let theme = self.theme;
        let height = (theme.body * 2.1).round();
        let (above, row) = area.cut_bottom(height, theme.gap());
        let room = (row.width - theme.gap() * (buttons.len() - 1) as f32) / buttons.len() as f32;
        let style = Style { size: theme.body, ..theme::bold(INK) };
        let widest = buttons.iter().map(|(label, ..)| style.width(label)).fold(1.0, f32::max);
        let style = Style { size: theme.body.min(theme.body * (room - theme.body) / widest), ..style };
        let mut right = row.right();
        for (label, look, button) in buttons {
            let width = (style.width(label) + theme.body * 2.4).max(theme.body * 5.0).min(room);
            let pill = Area::new(right - width, row.y, width, height);
            self.button(label, *look, pill, style);
            self.targets.push(Target { area: pill.inset(-theme.gap() / 2.0), button: *button });
            right -= width + theme.gap();
        }
        above
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
            let (picture, text) = main.cut_left(main.width * wide_part, theme.margin() * 1.2);
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
