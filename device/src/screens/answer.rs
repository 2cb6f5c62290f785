//! The answer: one sentence, the score, each pose's score, and what limits it.

use super::{
    sheet::{Look, Sheet},
    theme::{self, ACCENT, INK, PAPER},
    words,
};
use crate::{
    area::Area,
    paint,
    session::{event::Button, screen::AnswerView},
    text::{Align, Lines, Style},
};
use synkiosk_models::{answer::Answer, pose::Pose};

/// Draws it; the poses stand beside the sentence where there is room, else under it.
pub(super) fn draw(sheet: &mut Sheet<'_>, view: &AnswerView) {
    let theme = sheet.theme;
    let main = sheet.buttons(
        sheet.main,
        &[(if theme.compact { words::SHORT_DONE } else { words::DONE }, Look::Strong, Button::Next)],
    );
    model_beside_button(sheet, view, main);
    let rows = view.poses.len() as f32;
    if theme.wide {
        let (left, right) =
            main.cut_left(main.width * if theme.compact { 0.46 } else { 0.5 }, theme.margin());
        statement(sheet, view, left);
        let (card, _) = right.cut_top(rows * theme.body * 1.7 + theme.gap() * 2.0, 0.0);
        card_of_poses(sheet, &view.poses, card, theme.gap());
    } else {
        let wanted =
            (rows * theme.body * 1.5 + theme.gap()).min(main.height * if theme.compact { 0.46 } else { 0.5 });
        let (upper, card) = main.cut_bottom(wanted, theme.gap() * 0.8);
        statement(sheet, view, upper);
        card_of_poses(sheet, &view.poses, card, theme.gap() * 0.5);
    }
}

fn card_of_poses(sheet: &mut Sheet<'_>, rows: &[(Pose, Option<u8>)], card: Area, inset: f32) {
    paint::rounded(sheet.frame, card, sheet.theme.radius(), theme::tint(0.08));
    let side = sheet.theme.gap();
    poses(
        sheet,
        rows,
        Area::new(card.x + side, card.y + inset, card.width - 2.0 * side, card.height - 2.0 * inset),
    );
}

fn model_beside_button(sheet: &mut Sheet<'_>, view: &AnswerView, above: Area) {
    let theme = sheet.theme;
    let width = above.width * if theme.wide { 0.5 } else { 0.46 };
    let area = Area::new(above.x, above.bottom() + theme.gap(), width, theme.body * 2.1);
    let small = theme.small();
    let sizes = [small, small * 0.9, small * 0.8, 10.0];
    let model = if theme.compact { words::short_model } else { words::model };
    sheet.middle_text(&model(&view.model, view.version), theme::regular(INK), &sizes, area, Align::Left);
}

fn statement(sheet: &mut Sheet<'_>, view: &AnswerView, area: Area) {
    let theme = sheet.theme;
    let small = theme.small();
    let limit = if theme.compact { words::short_limit } else { words::limit };
    let limits = view.limits.iter().map(|one| limit(*one)).collect::<Vec<_>>().join(" ");
    let limit_lines = Lines::fitted(&limits, theme::regular(INK), &[small, 10.5, 10.0], area);
    let foot = if limits.is_empty() { 0.0 } else { limit_lines.height() };
    let (upper, foot_area) = area.cut_bottom(foot, theme.gap() * 0.5);
    let with_scale = view.answer != Answer::Retake;
    let scale_height = if !with_scale {
        0.0
    } else if theme.compact {
        small * 2.3
    } else {
        small * 3.4
    };
    let (upper, scale_area) = upper.cut_bottom(scale_height, theme.gap() * 0.4);
    let sentence_part = if theme.compact { 1.0 } else { 0.66 };
    let (sentence, _) = upper.cut_top(upper.height * sentence_part, 0.0);
    let height =
        sheet.text(words::answer(view.answer), theme::bold(ACCENT), &theme.display(), sentence, Align::Left);
    if !theme.compact {
        let (_, rest) = upper.cut_top(height, theme.gap() * 0.3);
        let sizes = [theme.body, theme.body * 0.85, small];
        sheet.text(words::advice(view.answer), theme::regular(INK), &sizes, rest, Align::Left);
    }
    if with_scale {
        scale(sheet, view, scale_area);
    }
    limit_lines.draw(sheet.frame, foot_area, Align::Left);
}

/// The score on a bar from unlikely to likely; the part between, where no answer is given, is marked.
fn scale(sheet: &mut Sheet<'_>, view: &AnswerView, area: Area) {
    let theme = sheet.theme;
    let small = theme.small();
    let (numbers, rest) = area.cut_top(small * 1.3, small * 0.2);
    let (bar, ends) = rest.cut_top(small * 0.8, small * 0.15);
    let label = Style { size: small, ..theme::regular(INK) };
    let strong = Style { size: small * 1.1, ..theme::bold(INK) };
    strong.line(sheet.frame, &format!("{} {} of 100", words::SCORE, view.score), numbers, Align::Left);
    paint::rounded(sheet.frame, bar, bar.height, theme::tint(0.16));
    let at = |score: u8| bar.x + bar.width * f32::from(score) / 100.0;
    let filled = Area { width: (at(view.score) - bar.x).max(bar.height), ..bar };
    paint::rounded(sheet.frame, filled, bar.height, ACCENT);
    for threshold in [view.unlikely, view.likely] {
        let color = if threshold < view.score { PAPER } else { INK };
        let x = at(threshold).clamp(bar.x + 1.0, bar.right() - 1.0);
        let mark = [(x, bar.y + bar.height * 0.15), (x, bar.bottom() - bar.height * 0.15)];
        paint::stroke(sheet.frame, &mark, (theme.line() * 0.6).max(1.5), color);
    }
    if !theme.compact {
        label.line(sheet.frame, words::SCALE[0], ends, Align::Left);
        label.line(sheet.frame, words::SCALE[1], ends, Align::Right);
    }
}

/// One row for each pose: its name, its bar, its score.
fn poses(sheet: &mut Sheet<'_>, poses: &[(Pose, Option<u8>)], area: Area) {
    if poses.is_empty() {
        return;
    }
    let theme = sheet.theme;
    let row = (area.height / poses.len() as f32).min(theme.body * 1.7);
    let (size, labels) = label_size(poses, (row * 0.78).min(theme.body * 0.85), area.width);
    let style = Style { size, ..theme::regular(INK) };
    let numbers = style.width("100");
    let top = area.y + (area.height - row * poses.len() as f32) / 2.0;
    for (index, (pose, score)) in poses.iter().enumerate() {
        let line = Area::new(area.x, top + index as f32 * row, area.width, row);
        style.line(sheet.frame, words::pose_label(*pose), line, Align::Left);
        let number = score.map_or_else(|| words::SKIPPED.to_owned(), |score| score.to_string());
        style.line(sheet.frame, &number, line, Align::Right);
        let Some(score) = score else { continue };
        let (_, rest) = line.cut_left(labels, size * 0.6);
        let track = Area::new(rest.x, rest.y, rest.width - numbers - size * 0.5, rest.height);
        let track = Area { y: track.center().1 - size * 0.2, height: size * 0.4, ..track };
        paint::rounded(sheet.frame, track, size, theme::tint(0.22));
        let width = (track.width * f32::from(*score) / 100.0).max(track.height);
        paint::rounded(sheet.frame, Area { width, ..track }, size, ACCENT);
    }
}

/// The size at which names and numbers leave at least a third of the width to the bars, and the widest name.
fn label_size(poses: &[(Pose, Option<u8>)], most: f32, width: f32) -> (f32, f32) {
    let style = Style { size: most, ..theme::regular(INK) };
    let labels = poses.iter().map(|(pose, _)| style.width(words::pose_label(*pose))).fold(1.0, f32::max);
    let taken = labels + style.width("100") + most * 1.1;
    let part = (width * 0.67 / taken).min(1.0);
    (most * part, labels * part)
}
