//! The screens that say one thing: attract, consent, thinking, still there, goodbye, and what keeps the kiosk
//! from working.

use super::{
    pictogram::{self, Colors},
    sheet::{Look, Sheet},
    theme::{self, ACCENT, INK, PAPER},
};
use crate::{
    area::Area,
    paint,
    session::{
        event::Button,
        screen::{Goodbye, Notice, StickSummary},
    },
    text::{Align, Lines, Style},
};
use synkiosk_models::pose::Pose;

const ON_ACCENT: Colors = Colors { line: PAPER, moving: PAPER, ground: ACCENT };
const ON_PAPER: Colors = Colors { line: INK, moving: ACCENT, ground: PAPER };

/// Nobody is there. Drawn on the accent color, so that it is seen from afar.
pub(super) fn attract(sheet: &mut Sheet<'_>, poses: usize, notice: Option<Notice>) {
    let words = sheet.words;
    if let Some(notice) = notice {
        for_staff(sheet, words.notice(notice));
    }
    let (picture, text) = sheet.columns(0.44, 0.5, &[(&words.button.start, Look::OnAccent, Button::Next)]);
    pictogram::draw(sheet.frame, Pose::OpenSmile, picture, ON_ACCENT);
    let (title, more) = words.attract(poses);
    sheet.headline(title, more, (PAPER, PAPER), text, Align::Left);
}

/// A line at the top, smaller than all that the person reads.
fn for_staff(sheet: &mut Sheet<'_>, what: &str) {
    let theme = sheet.theme;
    let (line, main) = sheet.main.cut_top(theme.small() * 2.4, theme.gap());
    sheet.text(what, theme::regular(PAPER), &[theme.small(), theme.small() * 0.9], line, Align::Left);
    sheet.main = main;
}

/// The question, and what is agreed to. To decline is as easy as to agree: both buttons are as high, and their letters as large.
pub(super) fn consent(sheet: &mut Sheet<'_>) {
    let (theme, words) = (sheet.theme, sheet.words);
    let main = sheet.buttons(
        sheet.main,
        &[
            (words.button.agree.as_str(), Look::Strong, Button::Next),
            (words.button.decline.as_str(), Look::Quiet, Button::Decline),
        ],
    );
    let (head, _) = main.cut_top(main.height * 0.34, 0.0);
    let height = sheet.text(&words.consent.title, theme::bold(INK), &theme.title(), head, Align::Left);
    let (_, list) = main.cut_top(height, theme.gap());
    let points = &words.consent.points;
    let indent = theme.body * 1.3;
    let (_, wide) = sheet.split(list, indent, 0.0);
    // One size for all points: the largest in which they fit together.
    let lines = |size: f32| {
        let style = Style { size, ..theme::regular(INK) };
        points.each_ref().map(|point| style.wrap(point, wide.width))
    };
    let gap = |size: f32| size * 0.3;
    let fits = |size: &f32| {
        let lines = lines(*size);
        let height: f32 = lines.iter().map(Lines::height).sum::<f32>() + gap(*size) * 3.0;
        height <= list.height && lines.iter().all(|one| one.width() <= wide.width)
    };
    let size = theme.text().into_iter().find(fits).unwrap_or_else(|| {
        sheet.cramped.extend(points.iter().cloned());
        theme.small()
    });
    let lines = lines(size);
    let height: f32 = lines.iter().map(Lines::height).sum();
    // What is left over goes between the points, but they stay together.
    let gap = ((list.height - height) / 3.0).min(size * 0.9);
    let mut rest = Area { y: list.y + (list.height - height - gap * 3.0) / 2.0, ..list };
    for (point, lines) in points.iter().zip(lines) {
        let (row, below) = rest.cut_top(lines.height(), gap);
        rest = Area { height: list.height, ..below };
        let (mark, text) = sheet.split(row, indent, 0.0);
        tick(sheet, Area { height: size * 1.3, ..mark }, size);
        sheet.text(point, theme::regular(INK), &[size], text, Align::Left);
    }
}

fn tick(sheet: &mut Sheet<'_>, area: Area, size: f32) {
    let (x, y) = area.center();
    let points = [(x - 0.34 * size, y), (x - 0.08 * size, y + 0.27 * size), (x + 0.4 * size, y - 0.3 * size)];
    paint::stroke(sheet.frame, &points, (size * 0.14).max(2.0), ACCENT);
}

/// All pictures are taken.
pub(super) fn thinking(sheet: &mut Sheet<'_>) {
    waiting(sheet, &sheet.words.thinking.title);
}

/// Switched on, and not ready yet.
pub(super) fn starting(sheet: &mut Sheet<'_>) {
    waiting(sheet, &sheet.words.staff.starting);
}

/// A stick is read and written.
pub(super) fn stick_at_work(sheet: &mut Sheet<'_>) {
    let (picture, text) = sheet.columns(0.36, 0.42, &[]);
    stick(sheet, picture, false);
    let [title, more] = &sheet.words.staff.stick_at_work;
    sheet.headline(title, more, (INK, INK), text, Align::Left);
}

/// The stick may be taken out.
pub(super) fn stick_done(sheet: &mut Sheet<'_>, summary: StickSummary, code: Option<&str>) {
    let words = sheet.words;
    let technician = (words.technician.title.as_str(), Look::Quiet, Button::Next);
    let buttons = if summary.is_technicians { &[technician][..] } else { &[] };
    let (picture, text) = sheet.columns(0.36, 0.42, buttons);
    stick(sheet, picture, true);
    let more = words.stick_done(summary, code);
    sheet.headline(&words.staff.stick_done, &more, (INK, INK), text, Align::Left);
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
pub(super) fn still_there(sheet: &mut Sheet<'_>, seconds: u8) {
    let words = sheet.words;
    let buttons = [
        (words.button.go_on.as_str(), Look::Strong, Button::Next),
        (words.button.stop.as_str(), Look::Quiet, Button::Stop),
    ];
    let (picture, text) = sheet.columns(0.38, 0.38, &buttons);
    pictogram::draw(sheet.frame, Pose::BrowRaise, picture, ON_PAPER);
    let (title, more) = words.still_there(seconds);
    sheet.headline(title, &more, (INK, INK), text, Align::Left);
}

/// The session is over.
pub(super) fn wiped(sheet: &mut Sheet<'_>, goodbye: Goodbye) {
    let (picture, text) = sheet.columns(0.44, 0.5, &[]);
    let pose = if goodbye == Goodbye::Failed { Pose::Rest } else { Pose::ClosedSmile };
    pictogram::draw(sheet.frame, pose, picture, ON_ACCENT);
    let [title, more] = sheet.words.goodbye(goodbye);
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
    let call = sheet.words.call_staff(code);
    sheet.headline(what, &call, (INK, INK), text, Align::Left);
}
