//! The answer on three pages: one sentence with its score and what limits it; what moved along and where the model
//! looked; the code to take with one.

use super::{
    pictogram::{self, Colors},
    sheet::{Look, Sheet},
    theme::{self, ACCENT, INK, PAPER},
    words::fill,
};
use crate::{
    area::Area,
    paint,
    session::{
        event::Button,
        screen::{AnswerView, PAGES},
    },
    text::{Align, Lines, Style},
};
use embedded_graphics::{
    draw_target::DrawTarget,
    geometry::{Point, Size},
    primitives::Rectangle,
};
use qrcode::{EcLevel, QrCode};
use synkiosk_journal::record::IndexRecord;
use synkiosk_models::{
    answer::Answer,
    pose::{Side, SynkinesisType},
};

const ON_PAPER: Colors = Colors { line: INK, moving: ACCENT, ground: PAPER };
/// Modules of white around a code (ISO/IEC 18004).
const QUIET: u32 = 4;
/// A type of movement is marked in the drawing from here on, in per cent of the strongest that is seen.
const SHOWN: u8 = 10;

/// Draws the page that is open.
pub(super) fn draw(sheet: &mut Sheet<'_>, view: &AnswerView) {
    let main = frame_of_pages(sheet, view);
    match view.page {
        0 => statement(sheet, view, main),
        1 => found(sheet, view, main),
        _ => slip(sheet, view, main),
    }
}

/// Buttons to turn the pages, and which one this is.
fn frame_of_pages(sheet: &mut Sheet<'_>, view: &AnswerView) -> Area {
    let (theme, words) = (sheet.theme, sheet.words);
    let done = if theme.compact { &words.button.short_done } else { &words.button.done };
    let next = if view.page + 1 < PAGES { &words.button.go_on } else { done };
    let mut buttons = vec![(next.as_str(), Look::Strong, Button::Next)];
    match view.page {
        0 => buttons.push((done.as_str(), Look::Quiet, Button::Stop)),
        _ => buttons.push((words.button.back.as_str(), Look::Quiet, Button::Back)),
    }
    let main = sheet.buttons(sheet.main, &buttons);
    let taken: f32 = sheet.targets.iter().map(|target| target.area.width).sum();
    let row = Area::new(main.x, main.bottom() + theme.gap(), sheet.main.width, theme.body * 2.0);
    let (beside, _) = sheet.split(row, row.width - taken, 0.0);
    let page = fill(&words.answer.page, &[("number", &(view.page + 1)), ("of", &PAGES)]);
    let style = Style { size: theme.small(), ..theme::regular(INK) };
    // The drawn pages speak for themselves where there is no room.
    if style.width(&page) <= beside.width {
        sheet.line(style, &page, beside, Align::Left);
    }
    main
}

/// The sentence, what to do, the score, and what limits it.
fn statement(sheet: &mut Sheet<'_>, view: &AnswerView, area: Area) {
    let (theme, words) = (sheet.theme, sheet.words);
    let small = theme.small();
    let mut limits: Vec<String> = view.limits.iter().map(|one| words.limit(*one)).collect();
    // Where there is no room for it, it stands beside the code.
    let has_room = !(theme.compact && theme.wide);
    limits.extend(has_room.then(|| words.model(&view.model, view.version)));
    let limits = limits.join(if theme.compact { " " } else { "\n" });
    let part = if theme.compact && theme.wide { 0.24 } else { 0.36 };
    let most = Area { height: area.height * part, ..area };
    let sizes = [theme.body * 0.85, small, small * 0.92, small * 0.85, 10.0];
    let lines = Lines::fitted(&limits, theme::regular(INK), &sizes, most);
    let (upper, foot) = area.cut_bottom(lines.height(), theme.gap() * 0.6);
    sheet.text(&limits, theme::regular(INK), &[lines.size()], foot, Align::Left);
    let with_scale = view.answer != Answer::Retake;
    // So do the words at the bar's ends.
    let lines = 2.3 + if view.range.is_some() { 1.6 } else { 0.0 } + if has_room { 1.3 } else { 0.0 };
    let height = if with_scale { small * lines } else { 0.0 };
    let (upper, bar) = upper.cut_bottom(height, theme.gap() * 0.6);
    let [sentence, advice] = words.answer(view.answer);
    sheet.headline(sentence, advice, (ACCENT, INK), upper, Align::Left);
    if with_scale {
        scale(sheet, view, bar);
    }
}

/// The score on a bar from unlikely to likely. The part between, where no answer is given, is marked, and a bracket
/// shows how far the score depends on any one pose.
fn scale(sheet: &mut Sheet<'_>, view: &AnswerView, area: Area) {
    let (theme, words) = (sheet.theme, sheet.words);
    let small = theme.small();
    let label = Style { size: small, ..theme::regular(INK) };
    let (head, rest) = area.cut_top(small * 1.3, small * 0.1);
    let score = fill(&words.answer.score, &[("score", &view.score)]);
    sheet.line(Style { size: small * 1.15, ..theme::bold(INK) }, &score, head, Align::Left);
    let (range, rest) = match view.range {
        Some(ends) => {
            let (line, rest) = rest.cut_top(small * 1.3, small * 0.3);
            (Some((line, ends)), rest)
        }
        None => (None, rest),
    };
    let (bar, rest) = rest.cut_top(small * 0.8, small * 0.15);
    // Begins where lines begin, as the words at its ends do.
    let at = |sheet: &Sheet<'_>, score: u8| {
        let (before, _) = sheet.split(bar, bar.width * f32::from(score) / 100.0, 0.0);
        if before.x > bar.x { before.x } else { before.right() }
    };
    paint::rounded(sheet.frame, bar, bar.height, theme::tint(0.16));
    let (filled, _) = sheet.split(bar, (bar.width * f32::from(view.score) / 100.0).max(bar.height), 0.0);
    paint::rounded(sheet.frame, filled, bar.height, ACCENT);
    for threshold in [view.unlikely, view.likely] {
        let color = if threshold < view.score { PAPER } else { INK };
        let x = at(sheet, threshold).clamp(bar.x + 1.0, bar.right() - 1.0);
        let mark = [(x, bar.y + bar.height * 0.15), (x, bar.bottom() - bar.height * 0.15)];
        paint::stroke(sheet.frame, &mark, (theme.line() * 0.6).max(1.5), color);
    }
    if let Some((line, [low, high])) = range {
        let text = fill(&words.answer.range, &[("low", &low), ("high", &high)]);
        let sizes = [small, small * 0.9, small * 0.8];
        sheet.middle_text(&text, theme::regular(INK), &sizes, line, Align::Left);
        let (from, to) = (at(sheet, low), at(sheet, high));
        let y = bar.y - small * 0.12;
        let width = (theme.line() * 0.7).max(1.5);
        let down = y + small * 0.22;
        paint::stroke(sheet.frame, &[(from, down), (from, y), (to, y), (to, down)], width, INK);
    }
    let (ends, _) = rest.cut_top(small * 1.3, 0.0);
    if ends.height < small {
        return;
    }
    sheet.line(label, &words.answer.scale[0], ends, Align::Left);
    sheet.line(label, &words.answer.scale[1], ends, Align::Right);
}

/// Each type of movement with its side, in a drawn face and as rows; under them each pose with its score.
fn found(sheet: &mut Sheet<'_>, view: &AnswerView, area: Area) {
    let (theme, words) = (sheet.theme, sheet.words);
    let (upper, lower) = area.cut_top(area.height * if theme.wide { 0.53 } else { 0.58 }, theme.gap() * 0.6);
    let title = Style { size: theme.body.min(upper.height * 0.12).max(theme.small()), ..theme::bold(ACCENT) };
    let (head, upper) = upper.cut_top(title.line_height(), 0.0);
    sheet.line(title, &words.found.title, head, Align::Left);
    let types = SynkinesisType::ALL.iter().map(|kind| (*kind, view.indices.get(*kind)));
    let types: Vec<(SynkinesisType, Option<IndexRecord>)> = types.collect();
    let part = if theme.compact && !theme.wide { 0.24 } else { 0.34 };
    let (face, rows) = sheet.split(upper, upper.height.min(upper.width * part), theme.gap());
    let marks: Vec<(SynkinesisType, Option<Side>)> = types
        .iter()
        .filter_map(|(kind, index)| index.map(|index| (*kind, index)))
        .filter(|(_, index)| index.value.get() >= SHOWN)
        .map(|(kind, index)| (kind, index.side))
        .collect();
    pictogram::found(sheet.frame, &marks, face, ON_PAPER);
    let lines = if theme.wide { 1.0 } else { 2.0 };
    let (rows, note) = rows.cut_bottom(theme.small() * 1.3 * lines, 0.0);
    let sizes = [theme.small(), theme.small() * 0.9, theme.small() * 0.8];
    sheet.middle_text(&words.found.own_sides, theme::regular(INK), &sizes, note, Align::Left);
    kinds(sheet, &types, rows);
    poses(sheet, view, lower, title);
}

/// "Chin: right, 45" with a bar, or that nothing was seen or measured.
fn kinds(sheet: &mut Sheet<'_>, types: &[(SynkinesisType, Option<IndexRecord>)], area: Area) {
    let (theme, words) = (sheet.theme, sheet.words);
    let height = area.height / types.len() as f32;
    let value = |index: &Option<IndexRecord>| match index {
        None => words.found.unknown.clone(),
        Some(index) => match index.side {
            Some(side) if index.value.get() > 0 => {
                format!("{} {}", words.side(side), index.value.get())
            }
            _ => words.found.nothing.clone(),
        },
    };
    let (mut size, least) = ((height * 0.5).min(theme.body), theme.small() * 0.8);
    let style = |size| Style { size, ..theme::regular(INK) };
    let width = |size: f32| {
        let row = |(kind, index): &(SynkinesisType, Option<IndexRecord>)| {
            style(size).width(words.kind(*kind)) + style(size).width(&value(index)) + size
        };
        types.iter().map(row).fold(0.0, f32::max)
    };
    while width(size) > area.width && size > least {
        size *= 0.95;
    }
    if width(size) > area.width {
        sheet.cramped.extend(types.iter().map(|(kind, _)| words.kind(*kind).to_owned()));
    }
    for (at, (kind, index)) in types.iter().enumerate() {
        let row = Area::new(area.x, area.y + at as f32 * height, area.width, height);
        let (text, bar) = row.cut_top(height * 0.66, 0.0);
        let is_seen = index.is_some_and(|index| index.value.get() >= SHOWN);
        let style = Style { bold: is_seen, ..style(size) };
        sheet.line(style, words.kind(*kind), text, Align::Left);
        sheet.line(style, &value(index), text, Align::Right);
        let track = Area { height: (height * 0.14).max(3.0), ..bar };
        paint::rounded(sheet.frame, track, track.height, theme::tint(0.16));
        let Some(index) = index.filter(|index| index.value.get() > 0) else { continue };
        let width = track.width * f32::from(index.value.get()) / 100.0;
        let (part, _) = sheet.split(track, width.max(track.height), 0.0);
        paint::rounded(sheet.frame, part, track.height, ACCENT);
    }
}

/// Each pose as a small face with dots where the network looked, and its score.
fn poses(sheet: &mut Sheet<'_>, view: &AnswerView, area: Area, title: Style) {
    let (theme, words) = (sheet.theme, sheet.words);
    let (head, area) = area.cut_top(title.line_height(), 0.0);
    sheet.line(title, &words.found.poses, head, Align::Left);
    let count = view.poses.len().max(1);
    // One row, or two where the faces would be too small for it.
    let rows = if area.width / count as f32 >= (area.height * 0.7).min(theme.body * 3.0) { 1 } else { 2 };
    let columns = count.div_ceil(rows);
    let (width, height) = (area.width / columns as f32, area.height / rows as f32);
    let style = Style { size: (height * 0.24).min(theme.small()), ..theme::bold(INK) };
    for (at, (pose, score)) in view.poses.iter().enumerate() {
        let (before, _) = sheet.split(area, (at % columns + 1) as f32 * width, 0.0);
        let (_, column) = sheet.split(before, before.width - width, 0.0);
        let cell = Area::new(column.x, area.y + (at / columns) as f32 * height, width, height);
        let (face, label) = cell.cut_bottom(style.line_height(), 0.0);
        let heat = view.heats.iter().find(|(of, _)| of == pose).map(|(_, heat)| heat);
        let face = face.square().inset(1.0);
        match heat {
            Some(heat) => pictogram::heated(sheet.frame, *pose, heat, face, ON_PAPER),
            None => {
                let faint = Colors { line: theme::tint(0.3), moving: theme::tint(0.3), ground: PAPER };
                pictogram::draw(sheet.frame, *pose, face, faint);
            }
        }
        let number = score.map_or_else(|| "-".to_owned(), |score| score.to_string());
        sheet.line(style, &number, label, Align::Center);
    }
}

/// The code, and what it holds.
fn slip(sheet: &mut Sheet<'_>, view: &AnswerView, area: Area) {
    let (theme, words) = (sheet.theme, sheet.words);
    let code = view.slip.as_ref().map(|text| QrCode::with_error_correction_level(text, EcLevel::L));
    let Some(Ok(code)) = code else {
        return sheet.headline(&words.slip.missing, "", (INK, INK), area, Align::Left);
    };
    let (picture, text) = if theme.wide {
        sheet.split(area, area.height, theme.margin())
    } else {
        area.cut_top(area.width.min(area.height * 0.76), theme.gap() * 0.5)
    };
    draw_code(sheet, &code, picture);
    if !theme.wide && text.height < theme.body * 7.0 {
        let sizes = theme.text();
        return sheet.middle_text(&words.slip.title, theme::bold(INK), &sizes, text, Align::Center);
    }
    let more = match theme.compact {
        true => words.model(&view.model, view.version),
        false => words.slip.more.clone(),
    };
    sheet.headline(&words.slip.title, &more, (ACCENT, INK), text, Align::Left);
}

/// Whole pixels a module, black on white whatever the colors of the screens are: cameras want it so.
fn draw_code(sheet: &mut Sheet<'_>, code: &QrCode, area: Area) {
    use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
    let side = code.width() as u32;
    let square = area.square();
    let module = (square.width as u32 / (side + 2 * QUIET)).max(1);
    let whole = module * (side + 2 * QUIET);
    let left = (square.center().0 - whole as f32 / 2.0).max(0.0) as i32;
    let top = (square.center().1 - whole as f32 / 2.0).max(0.0) as i32;
    let ground = Rectangle::new(Point::new(left, top), Size::new(whole, whole));
    let Ok(()) = sheet.frame.fill_solid(&ground, Rgb888::WHITE);
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == qrcode::Color::Dark {
            let (row, column) = (at as u32 / side + QUIET, at as u32 % side + QUIET);
            let place = Point::new(left + (column * module) as i32, top + (row * module) as i32);
            let Ok(()) =
                sheet.frame.fill_solid(&Rectangle::new(place, Size::new(module, module)), Rgb888::BLACK);
        }
    }
    if module < 2 || whole > square.width as u32 + 1 {
        sheet.cramped.push("the code".to_owned());
    }
}
