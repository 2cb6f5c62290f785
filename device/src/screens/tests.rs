use super::{
    Drawn, Live, Painter, draw,
    gallery::{self, PANELS, gallery, pose_screen},
    theme,
    words::Words,
};
use crate::{
    frame::Frame,
    language::Language,
    session::event::Button,
    session::screen::{
        AnswerView, Guidance, Limit, Notice, PHASES, PinProblem, Pressed, Screen, StickProblem, StickSummary,
        Task, Workshop,
    },
};
use std::time::Duration;
use synkiosk_models::quality::Check;
use synkiosk_models::{answer::Answer, photo::Photo, pose::Pose};

/// Those of the pictures, and others in both positions.
fn panels() -> Vec<Frame> {
    let more = [(320, 240), (480, 320), (480, 800), (1024, 600), (1280, 800), (1080, 1920)]
        .map(|size| (size, (0, 0)));
    let panel = |((width, height), size_mm)| Frame::new(width, height).on_panel_of(size_mm);
    PANELS.into_iter().chain(more).map(panel).collect()
}

/// Every kind of screen with every text that it can carry.
fn every_screen() -> Vec<Screen> {
    let mut screens = gallery();
    screens.extend([
        Screen::Attract { poses: 9, notice: Some(Notice::Hot) },
        Screen::Language { languages: vec![Language::Arabic, Language::Turkish], marked: 0 },
    ]);
    for problem in StickProblem::ALL.into_iter().map(Some).chain([None]) {
        for (taken, sessions) in [(0, 0), (1, 1), (12, 123_456)] {
            let summary = StickSummary { taken, sessions, problem, is_technicians: taken > 0 };
            screens.push(Screen::StickDone(summary));
        }
    }
    let mut guidances = vec![Guidance::Read, Guidance::Hold { closed: 5 }, Guidance::Taken];
    guidances.extend(Check::ALL.iter().map(|check| Guidance::Mend(*check)));
    for guidance in guidances {
        screens.push(Screen::Position(guidance));
        screens.push(pose_screen(Pose::OpenSmile, 3, guidance));
    }
    screens.push(pose_screen(Pose::TightClosure, 3, Guidance::Read));
    screens.extend(Check::ALL.iter().map(|reason| Screen::Retake { pose: Pose::Snarl, reason: *reason }));
    for answer in [Answer::Likely, Answer::Unlikely, Answer::CannotTell, Answer::Retake] {
        for poses in [&Pose::ALL[..1], &Pose::ALL[..4], Pose::ALL] {
            for page in 0..3 {
                let limits = vec![Limit::Partial { taken: 6, of: 9 }, Limit::Quality, Limit::Rendered];
                let view = AnswerView { page, limits, ..gallery::view(answer, 100, poses) };
                let bare = AnswerView { range: None, slip: None, ..view.clone() };
                screens.push(Screen::Answer(Box::new(bare)));
                screens.push(Screen::Answer(Box::new(view)));
            }
        }
    }
    let more = [
        Workshop::Pin { entered: 7, marked: 9, problem: Some(PinProblem::Locked { seconds: 3_600 }) },
        Workshop::Report { task: Task::Storage, lines: None },
        Workshop::Report { task: Task::Versions, lines: Some(vec!["word ".repeat(80); 9]) },
        Workshop::Camera { checks: Vec::new() },
        Workshop::Input { last: None, count: 0 },
        Workshop::Input { last: Some(Pressed::Button(Button::Next)), count: u32::MAX },
    ];
    screens.extend(more.map(Screen::Technician));
    screens
}

#[test]
fn every_text_fits_on_every_panel_in_every_language() {
    let mut cramped = Vec::new();
    for mut frame in panels() {
        for screen in every_screen() {
            for language in Language::ALL {
                let Drawn { cramped: texts, .. } = draw(&mut frame, &screen, language, None);
                let place = format!("{} x {}, {}", frame.width(), frame.height(), language.code());
                cramped.extend(texts.into_iter().map(|text| format!("{place}, {}: {text}", screen.name())));
            }
        }
    }
    cramped.dedup();
    assert!(cramped.is_empty(), "{}", cramped.join("\n"));
}

#[test]
fn every_letter_is_in_the_fonts() {
    for language in Language::ALL {
        let missing = crate::text::missing_glyphs(Words::said(language));
        assert!(missing.is_empty(), "{}: {missing:?}", language.code());
        assert!(crate::text::has_glyphs(language.own_name()));
    }
}

#[test]
fn every_screen_says_research_use_only() {
    let strip = |frame: &Frame| {
        let rows = (theme::Theme::of(frame).small() * 1.9) as u32 - 2;
        let from = ((frame.height() - rows) * frame.width() * 3) as usize;
        frame.rgb()[from..].to_vec()
    };
    for (width, height) in [(240, 320), (800, 480)] {
        for language in Language::ALL {
            let mut first = Frame::new(width, height);
            draw(&mut first, &Screen::NoModel, language, None);
            let light = strip(&first).iter().filter(|value| **value > 200).count();
            assert!(light > 100, "no letters in the footer of {width} x {height}");
            for screen in every_screen() {
                let mut frame = Frame::new(width, height);
                draw(&mut frame, &screen, language, None);
                // Where the screen was touched is marked wherever that is.
                if !matches!(screen, Screen::Technician(Workshop::Input { .. })) {
                    assert_eq!(strip(&frame), strip(&first), "{} at {width} x {height}", screen.name());
                }
            }
        }
    }
}

/// A live screen that was drawn part by part, and the same drawn whole, are the same to the last pixel.
#[test]
fn what_is_drawn_anew_looks_as_if_all_were() {
    let photos = [gallery::nobody(), gallery::nobody().scaled(320, 240).expect("a smaller photo")];
    let pose = |guidance, phase| Screen::Pose { pose: Pose::Snarl, number: 2, of: 4, guidance, phase };
    let checks = |passes| Screen::Technician(Workshop::Camera { checks: vec![(Check::TooDark, passes)] });
    let screens = [
        Screen::Position(Guidance::Read),
        Screen::Position(Guidance::Mend(Check::OffCenter)),
        Screen::Position(Guidance::Mend(Check::TooSmall)),
        Screen::Position(Guidance::Hold { closed: 2 }),
        Screen::Position(Guidance::Hold { closed: 3 }),
        pose(Guidance::Read, 0),
        pose(Guidance::Read, 3),
        pose(Guidance::Mend(Check::PoseNotPerformed), PHASES),
        pose(Guidance::Hold { closed: 1 }, PHASES),
        pose(Guidance::Taken, PHASES),
        Screen::Pause { number: 2, of: 4 },
        pose(Guidance::Read, 1),
        checks(true),
        checks(false),
    ];
    for mut frame in panels() {
        let mut painter = Painter::new();
        for (at, screen) in screens.iter().chain(&screens).enumerate() {
            let language = Language::ALL[at / 4 % Language::ALL.len()];
            let live = (at % 5 != 4).then(|| Live { photo: &photos[at % 2], toward: Some([0.3, -0.1]) });
            painter.draw(&mut frame, screen, language, live.as_ref());
            let mut whole = frame.blank();
            let drawn = draw(&mut whole, screen, language, live.as_ref());
            assert!(frame.rgb() == whole.rgb(), "{at}: {} of {}", screen.name(), frame.width());
            assert_eq!(painter.targets(), drawn.targets);
        }
    }
}

/// The largest slip that there can be has 256 letters.
#[test]
fn the_code_on_every_panel_can_be_read() {
    let long = "SYNKIOSK1:".to_owned() + &"K7%".repeat(82);
    for mut frame in panels() {
        for text in [gallery::view(Answer::Likely, 93, Pose::ALL).slip.expect("one"), long.clone()] {
            let view = gallery::view(Answer::Likely, 93, Pose::ALL);
            let screen = Screen::Answer(Box::new(AnswerView { page: 2, slip: Some(text.clone()), ..view }));
            let drawn = draw(&mut frame, &screen, Language::German, None);
            assert!(drawn.cramped.is_empty(), "{:?}", drawn.cramped);
            let (width, height) = (frame.width(), frame.height());
            let luma = frame.rgb().iter().skip(1).step_by(3).copied().collect();
            let photo = Photo::new(width, height, luma, Duration::ZERO).unwrap();
            assert_eq!(photo.codes(), [text], "{width} x {height}");
        }
    }
}

#[test]
fn a_technician_finds_every_code_in_the_readme() {
    let readme = include_str!("../../README.md");
    let mut codes: Vec<_> = every_screen().iter().filter_map(Screen::code).collect();
    assert!(codes.len() >= 8, "{codes:?}");
    for code in &codes {
        assert_eq!(readme.matches(&format!("\n| {code} |")).count(), 1, "{code}");
    }
    codes.sort_unstable();
    codes.dedup();
    let rows = readme.lines().filter(|line| line.starts_with("| E")).count();
    assert_eq!(rows, codes.len(), "the README has a code that no screen shows");
}
