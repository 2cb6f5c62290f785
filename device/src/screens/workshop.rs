//! The screens with a list to choose from, and the technician's.

use super::{
    Live, live,
    sheet::{Look, Sheet},
    theme::{self, ACCENT, INK, PAPER},
    words::fill,
};
use crate::{
    area::Area,
    language::Language,
    paint,
    session::{
        event::Button,
        screen::{ClockTime, Guidance, PinProblem, Pressed, Task, Workshop},
    },
    text::{Align, Lines, Style},
};
use synkiosk_models::quality::Check;

/// Digits in the order of their places.
const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// Every language by its own name.
pub(super) fn language(sheet: &mut Sheet<'_>, languages: &[Language], marked: usize) {
    let (theme, words) = (sheet.theme, sheet.words);
    let main = sheet.main;
    let (head, rest) = main.cut_top(main.height * if theme.compact { 0.14 } else { 0.17 }, theme.gap());
    sheet.text(&words.language.title, theme::bold(INK), &theme.title(), head, Align::Left);
    let (rest, foot) = rest.cut_bottom(theme.body * if theme.compact { 2.0 } else { 1.6 }, theme.gap() * 0.5);
    sheet.middle_text(&words.language.more, theme::regular(ACCENT), &theme.text(), foot, Align::Left);
    let names: Vec<&str> = languages.iter().map(|one| one.own_name()).collect();
    sheet.choice(&names, marked, if theme.wide { 2 } else { 1 }, rest);
}

/// The technician's own.
pub(super) fn draw(sheet: &mut Sheet<'_>, workshop: &Workshop, live: Option<&Live<'_>>) {
    match workshop {
        Workshop::Pin { entered, marked, problem } => pin(sheet, *entered, *marked, *problem),
        Workshop::Menu { marked } => menu(sheet, *marked),
        Workshop::Report { task, lines } => report(sheet, *task, lines.as_deref()),
        Workshop::Camera { checks } => camera(sheet, checks, live),
        Workshop::Input { last, count } => input(sheet, *last, *count),
        Workshop::Stick => stick(sheet),
        Workshop::Clock { time, marked } => clock(sheet, time, *marked),
    }
}

fn pin(sheet: &mut Sheet<'_>, entered: usize, marked: u8, problem: Option<PinProblem>) {
    let (theme, words) = (sheet.theme, sheet.words);
    let main = sheet.buttons(sheet.main, &[(&words.button.stop, Look::Quiet, Button::Stop)]);
    let (head, rest) = main.cut_top(main.height * 0.2, theme.gap());
    sheet.text(&words.technician.pin, theme::bold(INK), &theme.title(), head, Align::Left);
    let (dots, rest) = rest.cut_top(theme.body * 1.2, theme.gap() * 0.5);
    for place in 0..entered {
        let (before, _) = sheet.split(dots, (place as f32 + 0.5) * theme.body * 1.1, 0.0);
        let x = if before.x > dots.x { before.x } else { before.right() };
        paint::disc(sheet.frame, (x, dots.center().1), theme.body * 0.3, INK);
    }
    let (keys, note) = rest.cut_bottom(theme.body * if theme.wide { 1.6 } else { 2.8 }, theme.gap());
    let note_text = match problem {
        None => String::new(),
        Some(PinProblem::Wrong) => words.technician.wrong.clone(),
        Some(PinProblem::Locked { seconds }) => fill(&words.technician.locked, &[("seconds", &seconds)]),
    };
    sheet.middle_text(&note_text, theme::bold(ACCENT), &theme.text(), note, Align::Left);
    sheet.choice(&DIGITS, usize::from(marked), 5, keys);
}

fn title_of<'a>(sheet: &Sheet<'a>, task: Task) -> &'static str {
    let of = &sheet.words.technician;
    match task {
        Task::SelfTest => &of.self_test,
        Task::Camera => &of.camera,
        Task::Input => &of.input,
        Task::Storage => &of.storage,
        Task::Versions => &of.versions,
        Task::Stick => &of.stick,
        Task::Clock => &of.clock,
        Task::Leave => &of.leave,
    }
}

/// A title at the top; what is left below it.
fn titled(sheet: &mut Sheet<'_>, title: &str, main: Area) -> Area {
    let theme = sheet.theme;
    let (head, rest) = main.cut_top((main.height * 0.15).max(theme.body * 1.3), theme.gap() * 0.6);
    let sizes = [theme.body * 1.5, theme.body * 1.2, theme.body, theme.body * 0.87];
    sheet.middle_text(title, theme::bold(INK), &sizes, head, Align::Left);
    rest
}

fn menu(sheet: &mut Sheet<'_>, marked: usize) {
    let rest = titled(sheet, &sheet.words.technician.title, sheet.main);
    let labels = Task::ALL.map(|task| title_of(sheet, task));
    let columns = if sheet.theme.wide { 2 } else { 1 };
    sheet.choice(&labels, marked, columns, rest);
}

/// What was found out, line by line, as the console says it; one that is too long goes on in the next line.
fn report(sheet: &mut Sheet<'_>, task: Task, lines: Option<&[String]>) {
    let (theme, words) = (sheet.theme, sheet.words);
    let main = sheet.buttons(sheet.main, &[(&words.button.back, Look::Strong, Button::Next)]);
    let rest = titled(sheet, title_of(sheet, task), main);
    let text = lines.map_or_else(|| words.technician.wait.clone(), |lines| lines.join("\n"));
    let least = (theme.small() * 0.75).max(9.0);
    let steps = [theme.body * 0.9, theme.body * 0.8, theme.small(), theme.small() * 0.87, least];
    let fitted = Lines::fitted(&text, theme::regular(INK), &steps, rest);
    // The console's lines are English, and so begin at the left; what does not fit is on the console.
    fitted.draw_within(sheet.frame, rest, Align::Left);
}

fn camera(sheet: &mut Sheet<'_>, checks: &[(Check, bool)], live: Option<&Live<'_>>) {
    let (theme, words) = (sheet.theme, sheet.words);
    let (picture, text) = sheet.columns(0.5, 0.5, &[(&words.button.back, Look::Strong, Button::Next)]);
    let failed: Vec<Check> = checks.iter().filter(|(_, passes)| !passes).map(|(check, _)| *check).collect();
    let guidance = match failed.first() {
        Some(check) => Guidance::Mend(*check),
        None if checks.is_empty() => Guidance::Read,
        None => Guidance::Hold { closed: 0 },
    };
    live::draw(sheet, live, guidance, picture);
    if !sheet.parts.hint {
        return;
    }
    sheet.wipe(text);
    let (text, note) = text.cut_bottom(theme.small() * 1.4, 0.0);
    let sizes = [theme.small(), theme.small() * 0.85];
    sheet.middle_text(&words.technician.camera_more, theme::bold(ACCENT), &sizes, note, Align::Left);
    // In two columns where the list is under the picture.
    let columns = if theme.wide { 1 } else { 2 };
    let rows = Check::ALL.len().div_ceil(columns);
    let (row, width) = ((text.height / rows as f32).min(theme.body * 1.4), text.width / columns as f32);
    let widest = |style: Style| Check::ALL.iter().map(|check| style.width(check.name())).fold(1.0, f32::max);
    let most = Style { size: row * 0.72, ..theme::bold(INK) };
    let fitting = ((width - row * 1.3) / widest(most)).min(1.0);
    let style = Style { size: most.size * fitting, ..theme::regular(INK) };
    for (at, check) in Check::ALL.iter().enumerate() {
        let (column, at) = ((at / rows) as f32, (at % rows) as f32);
        let line = Area::new(text.x + column * width, text.y + at * row, width, row);
        let (mark, label) = line.cut_left(row * 1.2, 0.0);
        let (x, y) = mark.center();
        let side = row * 0.26;
        match checks.iter().find(|(of, _)| of == check) {
            Some((_, true)) => {
                let tick = [(x - side, y), (x - side * 0.2, y + side * 0.8), (x + side, y - side * 0.8)];
                paint::stroke(sheet.frame, &tick, (row * 0.1).max(1.2), ACCENT);
            }
            Some((_, false)) => {
                for sign in [-1.0, 1.0] {
                    let bar = [(x - side, y - side * sign), (x + side, y + side * sign)];
                    paint::stroke(sheet.frame, &bar, (row * 0.14).max(1.6), INK);
                }
            }
            None => {
                paint::stroke(sheet.frame, &[(x - side * 0.6, y), (x + side * 0.6, y)], 1.2, theme::tint(0.5))
            }
        }
        let is_bold = failed.contains(check);
        Style { bold: is_bold, ..style }.line(sheet.frame, check.name(), label, Align::Left);
    }
}

/// Where the screen was touched is marked; a button is named.
fn input(sheet: &mut Sheet<'_>, last: Option<Pressed>, count: u32) {
    let (theme, words) = (sheet.theme, sheet.words);
    let rest = titled(sheet, title_of(sheet, Task::Input), sheet.main);
    let (rest, foot) = rest.cut_bottom(theme.body * if theme.wide { 2.8 } else { 3.6 }, theme.gap());
    sheet.middle_text(&words.technician.input_more, theme::regular(ACCENT), &theme.text(), foot, Align::Left);
    let said = match last {
        None => String::new(),
        Some(Pressed::Button(button)) => format!("{button:?}, {count}"),
        Some(Pressed::Touch { x, y }) => {
            format!("{:.1} %, {:.1} %, {count}", f32::from(x) / 10.0, f32::from(y) / 10.0)
        }
    };
    sheet.middle_text(&said, theme::bold(INK), &theme.title(), rest, Align::Center);
    if let Some(Pressed::Touch { x, y }) = last {
        let place = |part: u16, side: u32| f32::from(part) / 1000.0 * side as f32;
        let center = (place(x, sheet.frame.width()), place(y, sheet.frame.height()));
        paint::ring(sheet.frame, center, theme.body, theme.line() * 1.5, 1.0, ACCENT);
        paint::disc(sheet.frame, center, theme.line() * 1.5, INK);
    }
}

fn stick(sheet: &mut Sheet<'_>) {
    let words = sheet.words;
    let main = sheet.buttons(sheet.main, &[(&words.button.back, Look::Strong, Button::Next)]);
    let rest = titled(sheet, title_of(sheet, Task::Stick), main);
    let sizes = sheet.theme.text();
    sheet.middle_text(&words.technician.stick_more, theme::regular(INK), &sizes, rest, Align::Left);
}

/// Year, month, day, hour, minute, each with more above and less below; the last entry sets it.
fn clock(sheet: &mut Sheet<'_>, time: &ClockTime, marked: usize) {
    let (theme, words) = (sheet.theme, sheet.words);
    let parts = time.parts.len();
    let look = if marked == parts { Look::Strong } else { Look::Quiet };
    let set = Button::Pick(2 * parts as u8);
    let buttons =
        [(words.technician.set.as_str(), look, set), (words.button.stop.as_str(), Look::Quiet, Button::Stop)];
    let main = sheet.buttons(sheet.main, &buttons);
    let rest = titled(sheet, title_of(sheet, Task::Clock), main);
    let (rest, note) = rest.cut_bottom(theme.small() * 1.5, theme.gap() * 0.5);
    let sizes = [theme.small(), theme.small() * 0.85, theme.small() * 0.75];
    sheet.middle_text(&words.technician.clock_more, theme::regular(ACCENT), &sizes, note, Align::Left);
    // A date is read from year to minute in every language.
    let width = rest.width / parts as f32;
    let height = rest.height.min(width * 3.4).min(theme.body * 7.0);
    let top = rest.center().1 - height / 2.0;
    let style = Style { size: (width * 0.34).min(theme.body * 1.4), ..theme::bold(INK) };
    for (at, part) in time.parts.iter().enumerate() {
        let column = Area::new(rest.x + at as f32 * width, top, width, height).inset(theme.gap() * 0.2);
        let (more, below) = column.cut_top(column.height / 3.0, 0.0);
        let (value, less) = below.cut_top(column.height / 3.0, 0.0);
        if at == marked {
            paint::rounded(sheet.frame, value, theme.radius() * 0.6, ACCENT);
        }
        let color = if at == marked { PAPER } else { INK };
        Style { color, ..style }.line(sheet.frame, &format!("{part:02}"), value, Align::Center);
        for (area, sign, place) in [(more, -1.0, at), (less, 1.0, at + parts)] {
            let (x, y) = area.center();
            let side = (area.height * 0.2).min(area.width * 0.3);
            let points = [
                (x - side, y - sign * side * 0.5),
                (x, y + sign * side * 0.5),
                (x + side, y - sign * side * 0.5),
            ];
            paint::stroke(sheet.frame, &points, theme.line(), ACCENT);
            sheet.targets.push(super::Target { area, button: Button::Pick(place as u8) });
        }
    }
}
