use super::{fill, theme};
use crate::{
    frame::Frame,
    session::screen::{AnswerView, Goodbye, Guidance, Limit, Notice, Screen, StickProblem, StickSummary},
};
use synkiosk_models::quality::Check;
use synkiosk_models::{answer::Answer, pose::Pose};

const SIZES: [(u32, u32); 9] = [
    (240, 320),
    (320, 240),
    (480, 320),
    (320, 480),
    (800, 480),
    (480, 800),
    (1024, 600),
    (1920, 1080),
    (1080, 1920),
];

fn view(answer: Answer, poses: &[Pose]) -> AnswerView {
    AnswerView {
        answer,
        score: 83,
        unlikely: 35,
        likely: 65,
        poses: poses
            .iter()
            .zip([Some(100), None, Some(7)].into_iter().cycle())
            .map(|(p, s)| (*p, s))
            .collect(),
        limits: vec![Limit::Partial { taken: 6, of: 9 }, Limit::Rendered],
        model: "rendered-faces".to_owned(),
        version: 12,
    }
}

/// Every kind of screen with every text that it can carry.
fn every_screen() -> Vec<Screen> {
    let mut screens = vec![
        Screen::Attract { poses: 4, notice: None },
        Screen::Attract { poses: 9, notice: Some(Notice::OlderModel) },
        Screen::Attract { poses: 9, notice: Some(Notice::Hot) },
        Screen::Consent { poses: 1 },
        Screen::Consent { poses: 9 },
        Screen::Thinking,
        Screen::StillThere,
        Screen::CameraMissing,
        Screen::NoModel,
        Screen::StorageFull,
        Screen::Starting,
        Screen::StorageDamaged,
        Screen::CardMissing,
        Screen::NotSetUp,
        Screen::LogSetAside,
        Screen::KeepsFailing,
        Screen::StickAtWork,
    ];
    for problem in StickProblem::ALL.into_iter().map(Some).chain([None]) {
        for (taken, sessions) in [(0, 0), (1, 1), (12, 123_456)] {
            screens.push(Screen::StickDone(StickSummary { taken, sessions, problem }));
        }
    }
    let mut guidances = vec![Guidance::Read, Guidance::Hold { closed: 5 }, Guidance::Taken];
    guidances.extend(Check::ALL.iter().map(|refusal| Guidance::Mend(*refusal)));
    for guidance in guidances {
        screens.push(Screen::Position(guidance));
        screens.push(Screen::Pose { pose: Pose::OpenSmile, number: 3, of: 9, guidance });
    }
    let pose = |pose| Screen::Pose { pose, number: 9, of: 9, guidance: Guidance::Read };
    screens.extend(Pose::ALL.iter().copied().map(pose));
    screens.extend(Check::ALL.iter().map(|reason| Screen::Retake { pose: Pose::Snarl, reason: *reason }));
    for goodbye in [Goodbye::Finished, Goodbye::Declined, Goodbye::Stopped, Goodbye::Failed] {
        screens.push(Screen::Wiped(goodbye));
    }
    for answer in [Answer::Likely, Answer::Unlikely, Answer::CannotTell, Answer::Retake] {
        for poses in [&Pose::ALL[..1], &Pose::ALL[..4], Pose::ALL] {
            screens.push(Screen::Answer(view(answer, poses)));
        }
    }
    screens
}

#[test]
fn every_text_fits_on_every_panel() {
    let mut cramped = Vec::new();
    for (width, height) in SIZES {
        for screen in every_screen() {
            let mut frame = Frame::new(width, height);
            let (_, texts) = fill(&mut frame, &screen, None);
            cramped.extend(
                texts.into_iter().map(|text| format!("{width} x {height}, {}: {text}", screen.name())),
            );
        }
    }
    assert!(cramped.is_empty(), "{}", cramped.join("\n"));
}

#[test]
fn every_screen_says_research_use_only() {
    let strip = |frame: &Frame| {
        let rows = (theme::Theme::of(frame).small() * 1.9) as u32 - 2;
        let from = ((frame.height() - rows) * frame.width() * 3) as usize;
        frame.rgb()[from..].to_vec()
    };
    for (width, height) in [(240, 320), (800, 480)] {
        let mut first = Frame::new(width, height);
        fill(&mut first, &Screen::NoModel, None);
        let light = strip(&first).iter().filter(|value| **value > 200).count();
        assert!(light > 200, "no letters in the footer of {width} x {height}");
        for screen in every_screen() {
            let mut frame = Frame::new(width, height);
            fill(&mut frame, &screen, None);
            assert_eq!(strip(&frame), strip(&first), "{} at {width} x {height}", screen.name());
        }
    }
}

#[test]
fn no_sentence_claims_a_diagnosis() {
    let mut said = include_str!("words.rs").to_lowercase();
    said.retain(|letter| letter.is_alphabetic() || letter == ' ');
    for word in ["diagnos", "disease", "patient", "healthy"] {
        assert!(!said.contains(word), "{word}");
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
