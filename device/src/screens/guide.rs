//! The screens that lead through the pictures: position, pose, retake.

use super::{
    live,
    pictogram::{self, Colors},
    sheet::{Look, Sheet},
    theme::{self, ACCENT, INK, PAPER},
    words,
};
use crate::{
    area::Area,
    paint,
    session::{event::Button, screen::Guidance},
    text::{Align, Style},
};
use synkiosk_models::quality::Check;
use synkiosk_models::{photo::Photo, pose::Pose};

const ON_PAPER: Colors = Colors { line: INK, moving: ACCENT, ground: PAPER };

/// A good place in front of the camera is being looked for.
pub(super) fn position(sheet: &mut Sheet<'_>, guidance: Guidance, photo: Option<&Photo>) {
    let (picture, text) = sheet.columns(0.56, 0.6, &[(words::STOP, Look::Quiet, Button::Stop)]);
    live::draw(sheet, photo, guidance, picture);
    let (title, more) = match guidance {
        Guidance::Read => (words::POSITION, ""),
        Guidance::Mend(refusal) => (words::POSITION, words::refusal(refusal)),
        Guidance::Hold { .. } => (words::HOLD, ""),
        Guidance::Taken => (words::TAKEN, ""),
    };
    sheet.headline(title, more, (INK, ACCENT), text, Align::Left);
}

/// One pose: its picture and sentence, how many there are, and what the live picture needs.
pub(super) fn pose(
    sheet: &mut Sheet<'_>,
    pose: Pose,
    (number, of): (usize, usize),
    guidance: Guidance,
    photo: Option<&Photo>,
) {
    let theme = sheet.theme;
    let (picture, side) = sheet.columns(0.5, 0.46, &[]);
    live::draw(sheet, photo, guidance, picture);
    let (steps, rest) = side.cut_top(theme.small() * 1.9, theme.gap() * 0.6);
    progress(sheet, number, of, steps);
    let lines = if theme.wide { 1.9 } else { 1.2 };
    let (rest, hint_area) = rest.cut_bottom(theme.body * 1.3 * lines, theme.gap() * 0.5);
    let (hint, style) = hint(pose, guidance);
    let align = if theme.wide { Align::Center } else { Align::Left };
    let (drawing, sentence) = if theme.wide {
        rest.cut_top(rest.height * 0.64, theme.gap() * 0.5)
    } else {
        rest.cut_left(rest.height.min(rest.width * 0.42), theme.margin())
    };
    pictogram::draw(sheet.frame, pose, drawing, ON_PAPER);
    sheet.middle_text(words::pose(pose), theme::bold(INK), &theme.title(), sentence, align);
    sheet.middle_text(hint, style, &theme.hint(), hint_area, align);
}

/// What helps just now; bold when it answers to what the person does.
fn hint(pose: Pose, guidance: Guidance) -> (&'static str, Style) {
    match guidance {
        Guidance::Read if matches!(pose, Pose::GentleClosure | Pose::TightClosure) => {
            (words::READ_CLOSED, theme::regular(ACCENT))
        }
        Guidance::Read => (words::READ, theme::regular(ACCENT)),
        Guidance::Mend(refusal) => (words::refusal(refusal), theme::bold(ACCENT)),
        Guidance::Hold { .. } => (words::HOLD, theme::bold(ACCENT)),
        Guidance::Taken => (words::TAKEN, theme::bold(ACCENT)),
    }
}

/// "Pose 3 of 9" and a bar in as many pieces.
fn progress(sheet: &mut Sheet<'_>, number: usize, of: usize, area: Area) {
    let size = sheet.theme.small();
    let (label, bar) = area.cut_top(size * 1.3, size * 0.15);
    let style = Style { size, ..theme::bold(ACCENT) };
    style.line(sheet.frame, &words::number(number, of), label, Align::Left);
    let gap = (size * 0.3).max(2.0);
    let width = (bar.width - gap * (of - 1) as f32) / of as f32;
    for piece in 0..of {
        let color = if piece < number { ACCENT } else { theme::tint(0.16) };
        let place = Area::new(bar.x + piece as f32 * (width + gap), bar.y, width, bar.height.min(size * 0.4));
        paint::rounded(sheet.frame, place, size, color);
    }
}

/// A picture could not be used: why, and the pose again.
pub(super) fn retake(sheet: &mut Sheet<'_>, pose: Pose, reason: Check) {
    let (picture, text) = sheet.columns(0.42, 0.42, &[(words::GO_ON, Look::Strong, Button::Next)]);
    pictogram::draw(sheet.frame, pose, picture, ON_PAPER);
    sheet.headline(words::RETAKE, words::refusal(reason), (INK, ACCENT), text, Align::Left);
}
