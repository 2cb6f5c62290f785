//! The screens that lead through the pictures: position, pose, pause, retake.

use super::{
    live,
    pictogram::{self, Colors},
    sheet::{Look, Sheet},
    theme::{self, ACCENT, INK, PAPER},
    words::Words,
};
use crate::{
    area::Area,
    paint,
    screens::Live,
    session::{event::Button, screen::Guidance},
    text::{Align, Style},
};
use synkiosk_models::pose::Pose;
use synkiosk_models::quality::Check;

const ON_PAPER: Colors = Colors { line: INK, moving: ACCENT, ground: PAPER };

/// A good place in front of the camera is being looked for.
pub(super) fn position(sheet: &mut Sheet<'_>, guidance: Guidance, live: Option<&Live<'_>>) {
    let words = sheet.words;
    let (picture, text) = sheet.columns(0.56, 0.6, &[(&words.button.stop, Look::Quiet, Button::Stop)]);
    live::draw(sheet, live, guidance, picture);
    if !sheet.parts.hint {
        return;
    }
    sheet.wipe(text);
    let (title, more) = match guidance {
        Guidance::Read => (words.position.title.as_str(), ""),
        Guidance::Mend(check) => (words.position.title.as_str(), words.check(check)),
        Guidance::Hold { .. } => (words.pose.hold.as_str(), ""),
        Guidance::Taken => (words.pose.taken.as_str(), ""),
    };
    sheet.headline(title, more, (INK, ACCENT), text, Align::Left);
}

/// One pose: its picture and sentence, how many there are, and what the live picture needs.
pub(super) fn pose(
    sheet: &mut Sheet<'_>,
    (pose, phase): (Pose, u8),
    (number, of): (usize, usize),
    guidance: Guidance,
    live: Option<&Live<'_>>,
) {
    let (theme, words) = (sheet.theme, sheet.words);
    let buttons = [
        (words.button.stop.as_str(), Look::Quiet, Button::Stop),
        (words.button.back.as_str(), Look::Quiet, Button::Back),
    ];
    let wide_sentence = if theme.wide {
        // Over the whole width, so that it is large in one line.
        let size = theme.title()[0];
        let (head, rest) = sheet.main.cut_top(size * 1.3, theme.gap() * 0.4);
        sheet.main = rest;
        Some(head)
    } else {
        None
    };
    let (picture, side) = sheet.columns(0.5, if theme.compact { 0.48 } else { 0.52 }, &buttons);
    // What the picture needs stands under it, where the person looks.
    let lines = if theme.compact { 1.5 } else { 2.0 };
    let (picture, hint_area) = picture.cut_bottom(theme.body * 1.3 * lines, theme.gap() * 0.5);
    live::draw(sheet, live, guidance, picture);
    let (steps, rest) = side.cut_top(theme.small() * 1.9, theme.gap() * 0.6);
    if sheet.parts.rest {
        progress(sheet, number, of, steps);
    }
    let (drawing, sentence) = match wide_sentence {
        Some(head) => (rest, head),
        None => sheet.split(rest, rest.height.min(rest.width * 0.46), theme.margin()),
    };
    if sheet.parts.drawing {
        sheet.wipe(drawing.square());
        pictogram::moving(sheet.frame, pose, phase, drawing, ON_PAPER);
    }
    if sheet.parts.rest {
        sheet.sentence(words.sentence(pose), theme::bold(INK), sentence, Align::Left);
    }
    if sheet.parts.hint {
        sheet.wipe(hint_area);
        let (hint, style) = hint(words, pose, guidance);
        sheet.middle_text(hint, style, &theme.hint(), hint_area, Align::Center);
    }
}

/// What helps just now; bold when it answers to what the person does.
fn hint(words: &Words, pose: Pose, guidance: Guidance) -> (&str, Style) {
    match guidance {
        Guidance::Read if matches!(pose, Pose::GentleClosure | Pose::TightClosure) => {
            (&words.pose.read_closed, theme::regular(ACCENT))
        }
        Guidance::Read => (&words.pose.read, theme::regular(ACCENT)),
        Guidance::Mend(check) => (words.check(check), theme::bold(ACCENT)),
        Guidance::Hold { .. } => (&words.pose.hold, theme::bold(ACCENT)),
        Guidance::Taken => (&words.pose.taken, theme::bold(ACCENT)),
    }
}

/// "Pose 3 of 9" and a bar in as many pieces.
fn progress(sheet: &mut Sheet<'_>, number: usize, of: usize, area: Area) {
    let size = sheet.theme.small();
    let (label, bar) = area.cut_top(size * 1.3, size * 0.15);
    let style = Style { size, ..theme::bold(ACCENT) };
    let text = sheet.words.number(number, of);
    sheet.line(style, &text, label, Align::Left);
    let gap = (size * 0.3).max(2.0);
    let width = (bar.width - gap * (of - 1) as f32) / of as f32;
    for piece in 0..of {
        let color = if piece < number { ACCENT } else { theme::tint(0.16) };
        let (before, _) = sheet.split(bar, piece as f32 * (width + gap) + width, 0.0);
        let (_, place) = sheet.split(before, before.width - width, 0.0);
        let place = Area { height: bar.height.min(size * 0.4), ..place };
        paint::rounded(sheet.frame, place, size, color);
    }
}

/// A pose was taken: a mark that says so, and rest before the next one.
pub(super) fn pause(sheet: &mut Sheet<'_>, number: usize, of: usize) {
    let words = sheet.words;
    let buttons = [
        (words.button.go_on.as_str(), Look::Strong, Button::Next),
        (words.button.back.as_str(), Look::Quiet, Button::Back),
    ];
    let (picture, text) = sheet.columns(0.42, 0.42, &buttons);
    pictogram::draw(sheet.frame, Pose::Rest, picture, ON_PAPER);
    let square = picture.square();
    let radius = square.width * 0.13;
    let (x, y) = (square.right() - radius * 1.2, square.y + radius * 1.2);
    paint::disc(sheet.frame, (x, y), radius * 1.18, PAPER);
    paint::disc(sheet.frame, (x, y), radius, ACCENT);
    let tick =
        [(-0.45, 0.02), (-0.12, 0.36), (0.48, -0.36)].map(|(dx, dy)| (x + dx * radius, y + dy * radius));
    paint::stroke(sheet.frame, &tick, radius * 0.2, PAPER);
    let (steps, text) = text.cut_top(sheet.theme.small() * 1.9, sheet.theme.gap());
    progress(sheet, number, of, steps);
    sheet.headline(&words.pause.title, &words.pause.more, (INK, ACCENT), text, Align::Left);
}

/// A picture could not be used: why, and the pose again.
pub(super) fn retake(sheet: &mut Sheet<'_>, pose: Pose, reason: Check) {
    let words = sheet.words;
    let (picture, text) = sheet.columns(0.42, 0.42, &[(&words.button.go_on, Look::Strong, Button::Next)]);
    pictogram::draw(sheet.frame, pose, picture, ON_PAPER);
    sheet.headline(&words.retake.title, words.check(reason), (INK, ACCENT), text, Align::Left);
}
