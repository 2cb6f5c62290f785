//! The screens that say one thing: attract, consent, thinking, still there, goodbye, and what keeps the kiosk
//! from working.

use super::{
    pictogram::{self, Colors},
    sheet::{Look, Sheet},
    theme::{self, ACCENT, INK, PAPER},
    words,
};
use crate::{
    area::Area,
    paint,
    session::{
        event::Button,
        screen::{Goodbye, Notice, StickSummary},
    },
    text::Align,
};
use synkiosk_models::pose::Pose;

const ON_ACCENT: Colors = Colors { line: PAPER, moving: PAPER, ground: ACCENT };
const ON_PAPER: Colors = Colors { line: INK, moving: ACCENT, ground: PAPER };

/// Nobody is there. Drawn on the accent color, so that it is seen from afar.
pub(super) fn attract(sheet: &mut Sheet<'_>, poses: usize, notice: Option<Notice>) {
    if let Some(notice) = notice {
        for_staff(sheet, words::notice(notice));
    }
    let (picture, text) = sheet.columns(0.44, 0.5, &[(words::START, Look::OnAccent, Button::Next)]);
    pictogram::draw(sheet.frame, Pose::OpenSmile, picture, ON_ACCENT);
    sheet.headline(words::ATTRACT, &words::attract(poses), (PAPER, PAPER), text, Align::Left);
}

/// A line at the top, smaller than all that the person reads.
fn for_staff(sheet: &mut Sheet<'_>, what: &str) {
    let theme = sheet.theme;
    let (line, main) = sheet.main.cut_top(theme.small() * 2.4, theme.gap());
    sheet.text(what, theme::regular(PAPER), &[theme.small()], line, Align::Left);
    sheet.main = main;
}

/// The question, and what is agreed to.
pub(super) fn consent(sheet: &mut Sheet<'_>, poses: usize) {
    let theme = sheet.theme;
    let main = sheet.buttons(
        sheet.main,
        &[(words::AGREE, Look::Strong, Button::Next), (words::DECLINE, Look::Quiet, Button::Decline)],
    );
    let title = theme.display();
    let (head, _) = main.cut_top(main.height * 0.36, 0.0);
    let height = sheet.text(words::CONSENT, theme::bold(INK), &title[1..], head, Align::Left);
    let (_, list) = main.cut_top(height, theme.gap());
    let points = words::consent(poses);
    let row = list.height / points.len() as f32;
    let indent = theme.body * 1.3;
    // One size for all points: the largest in which each fits.
    let size = theme.text().into_iter().find(|size| {
        points.iter().all(|point| {
            let area = Area::new(0.0, 0.0, list.width - indent, row);
            crate::text::Style { size: *size, ..theme::regular(INK) }.wrap(point, area.width).fits_into(area)
        })
    });
    let size = size.unwrap_or(theme.small());
    for (index, point) in points.iter().enumerate() {
        let line = Area::new(list.x, list.y + index as f32 * row, list.width, row);
        let (mark, text) = line.cut_left(indent, 0.0);
        tick(sheet, Area { width: size, ..mark }, size);
        sheet.middle_text(point, theme::regular(INK), &[size], text, Align::Left);
    }
}

fn tick(sheet: &mut Sheet<'_>, area: Area, size: f32) {
    let (x, y) = area.center();
    let points = [(x - 0.34 * size, y), (x - 0.08 * size, y + 0.27 * size), (x + 0.4 * size, y - 0.3 * size)];
    paint::stroke(sheet.frame, &points, (size * 0.14).max(2.0), ACCENT);
}

/// All pictures are taken.
pub(super) fn thinking(sheet: &mut Sheet<'_>) {
    waiting(sheet, words::THINKING);
}

/// Switched on, and not ready yet.
pub(super) fn starting(sheet: &mut Sheet<'_>) {
    waiting(sheet, words::STARTING);
}

/// A stick is read and written.
pub(super) fn stick_at_work(sheet: &mut Sheet<'_>) {
    let (picture, text) = sheet.columns(0.36, 0.42, &[]);
    stick(sheet, picture, false);
    sheet.headline(words::STICK_AT_WORK, words::STICK_AT_WORK_MORE, (INK, INK), text, Align::Left);
}

/// The stick may be taken out.
pub(super) fn stick_done(sheet: &mut Sheet<'_>, summary: StickSummary, code: Option<&str>) {
    let (picture, text) = sheet.columns(0.36, 0.42, &[]);
    stick(sheet, picture, true);
    sheet.headline(words::STICK_DONE, &words::stick_done(summary, code), (INK, INK), text, Align::Left);
}

/// A stick: its body, and its plug, which points down where it is to stay in.
fn stick(sheet: &mut Sheet<'_>, picture: Area, is_out: bool) {
    let square = picture.square().inset(picture.square().width * 0.14);
    let ((x, y), side) = (square.center(), square.width);
    let (half, line) = (side * 0.2, side * 0.06);
    let down = if is_out { -1.0 } else { 1.0 };
    let box_of = |half: f32, from: f32, to: f32| {
        let (top, bottom) = (y + down * side * from, y + down * side * to);
        [(x - half, top), (x + half, top), (x + half, bottom), (x - half, bottom), (x - half, top)]
    };
    paint::stroke(sheet.frame, &box_of(half, -0.45, 0.15), line, INK);
    paint::stroke(sheet.frame, &box_of(half * 0.62, 0.15, 0.42), line, ACCENT);
}

fn waiting(sheet: &mut Sheet<'_>, what: &str) {
    let (picture, text) = sheet.columns(0.44, 0.5, &[]);
    let square = picture.square().inset(picture.square().width * 0.16);
    let radius = square.width / 2.0;
    let line = radius * 0.14;
    paint::ring(sheet.frame, square.center(), radius, line, 1.0, theme::tint(0.14));
    paint::ring(sheet.frame, square.center(), radius, line, 0.7, ACCENT);
    for place in [-0.4, 0.0, 0.4] {
        let (x, y) = square.center();
        paint::disc(sheet.frame, (x + place * radius, y), radius * 0.1, INK);
    }
    sheet.headline(what, "", (INK, INK), text, Align::Left);
}

/// Nothing happened for a while.
pub(super) fn still_there(sheet: &mut Sheet<'_>) {
    let buttons = [(words::GO_ON, Look::Strong, Button::Next), (words::STOP, Look::Quiet, Button::Stop)];
    let (picture, text) = sheet.columns(0.38, 0.38, &buttons);
    pictogram::draw(sheet.frame, Pose::BrowRaise, picture, ON_PAPER);
    sheet.headline(words::STILL_THERE, words::STILL_THERE_MORE, (INK, INK), text, Align::Left);
}

/// The session is over.
pub(super) fn wiped(sheet: &mut Sheet<'_>, goodbye: Goodbye) {
    let (picture, text) = sheet.columns(0.44, 0.5, &[]);
    let pose = if goodbye == Goodbye::Failed { Pose::Rest } else { Pose::ClosedSmile };
    pictogram::draw(sheet.frame, pose, picture, ON_ACCENT);
    let (title, more) = words::goodbye(goodbye);
    sheet.headline(title, more, (PAPER, PAPER), text, Align::Left);
}

/// The kiosk cannot work, why, and what a technician looks up.
pub(super) fn fault(sheet: &mut Sheet<'_>, what: &str, code: Option<&str>) {
    let (picture, text) = sheet.columns(0.36, 0.42, &[]);
    let square = picture.square().inset(picture.square().width * 0.14);
    let (x, y) = square.center();
    let side = square.width;
    let height = side * 0.86;
    let top = y - height / 2.0;
    let corners = [(x, top), (x + side / 2.0, top + height), (x - side / 2.0, top + height), (x, top)];
    paint::stroke(sheet.frame, &corners, side * 0.07, INK);
    paint::stroke(sheet.frame, &[(x, top + height * 0.36), (x, top + height * 0.62)], side * 0.08, ACCENT);
    paint::disc(sheet.frame, (x, top + height * 0.8), side * 0.05, ACCENT);
    sheet.headline(what, &words::call_staff(code), (INK, INK), text, Align::Left);
}
