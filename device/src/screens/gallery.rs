//! Every kind of screen with made-up data, for tests, for pictures of them all, and to be looked at.

use crate::{
    language::Language,
    session::screen::{
        AnswerView, ClockTime, Goodbye, Guidance, Heat, Limit, Notice, PHASES, PinProblem, Pressed, Screen,
        StickProblem, StickSummary, Task, Workshop,
    },
};
use std::time::Duration;
use synkiosk_journal::{
    record::{IndexRecord, IndexRecords},
    words::Percent,
};
use synkiosk_models::{
    answer::Answer,
    photo::Photo,
    pose::{Pose, Side},
    quality::Check,
};

/// Panels that the pictures are drawn for: pixels and millimeters.
pub const PANELS: [((u32, u32), (u32, u32)); 4] =
    [((240, 320), (43, 58)), ((320, 480), (49, 73)), ((800, 480), (154, 86)), ((1920, 1080), (344, 194))];

/// One of each kind; each has a name of its own.
pub fn gallery() -> Vec<Screen> {
    let mut screens = vec![
        Screen::Attract { poses: 4, notice: None },
        Screen::Attract { poses: 9, notice: Some(Notice::OlderModel) },
        Screen::Language { languages: Language::ALL.to_vec(), marked: 1 },
        Screen::Consent,
        Screen::Position(Guidance::Read),
        Screen::Position(Guidance::Mend(Check::TooSmall)),
        Screen::Position(Guidance::Mend(Check::OffCenter)),
        Screen::Position(Guidance::Hold { closed: 3 }),
    ];
    for (at, pose) in Pose::ALL.iter().enumerate() {
        screens.push(pose_screen(*pose, at + 1, Guidance::Read));
    }
    screens.push(pose_screen(Pose::OpenSmile, 3, Guidance::Hold { closed: 5 }));
    screens.push(pose_screen(Pose::Pucker, 4, Guidance::Mend(Check::TooDark)));
    screens.push(Screen::Pause { number: 2, of: 4 });
    screens.push(Screen::Retake { pose: Pose::Pucker, reason: Check::Blurred });
    screens.push(Screen::Thinking);
    screens.extend(answers());
    screens.push(Screen::StillThere { seconds: 12 });
    screens
        .extend([Goodbye::Finished, Goodbye::Declined, Goodbye::Stopped, Goodbye::Failed].map(Screen::Wiped));
    screens.extend(faults());
    screens.extend(workshop());
    screens
}

/// A pose of nine, at the end of its movement.
pub fn pose_screen(pose: Pose, number: usize, guidance: Guidance) -> Screen {
    Screen::Pose { pose, number, of: 9, guidance, phase: PHASES }
}

fn answers() -> Vec<Screen> {
    let likely = view(Answer::Likely, 93, &Pose::ALL[..4]);
    vec![
        Screen::Answer(Box::new(likely.clone())),
        Screen::Answer(Box::new(view(Answer::Unlikely, 4, Pose::ALL))),
        Screen::Answer(Box::new(view(Answer::CannotTell, 51, &Pose::ALL[..4]))),
        Screen::Answer(Box::new(view(Answer::Retake, 50, &Pose::ALL[..1]))),
        Screen::Answer(Box::new(AnswerView { page: 1, ..view(Answer::Likely, 93, Pose::ALL) })),
        Screen::Answer(Box::new(AnswerView { page: 2, ..likely })),
    ]
}

/// An answer on its first page.
pub fn view(answer: Answer, score: u8, poses: &[Pose]) -> AnswerView {
    let spread = |index: usize| (usize::from(score) + index * 5 % 19).saturating_sub(6).min(100) as u8;
    let of = |(index, pose): (usize, &Pose)| (*pose, (index != 2).then_some(spread(index)));
    let index = |value: u8, side| Percent::try_from(value).ok().map(|value| IndexRecord { value, side });
    let seen = answer == Answer::Likely;
    AnswerView {
        answer,
        page: 0,
        score,
        range: Some([score.saturating_sub(12), (score + 5).min(100)]),
        unlikely: 35,
        likely: 65,
        poses: poses.iter().enumerate().map(of).collect(),
        heats: poses
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != 2)
            .map(|(at, pose)| (*pose, heat(at, seen)))
            .collect(),
        indices: IndexRecords {
            ocular_oral: index(if seen { 62 } else { 4 }, Some(Side::Left)),
            oral_ocular: index(if seen { 38 } else { 0 }, seen.then_some(Side::Left)),
            mentalis: index(0, None),
            platysma: None,
        },
        slip: Some(SLIP.to_owned()),
        limits: vec![Limit::Partial { taken: 8, of: 9 }, Limit::Rendered],
        model: "rendered-faces".to_owned(),
        version: 12,
    }
}

/// As long as a signed answer is, and signed by nobody.
const SLIP: &str = "SYNKIOSK1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDEXWK G2EP4J0BGJLFX3R3VHXK.PJ:2DPF6R:5SVBHABVCNN95\
    SWMPHQUHQN%A400H%UBT16Y51Y9AT1:+P6YBKD0:XB7NGJQOIS7I$H%T5+XO6YF5*JXVS*9J*NF9Z9JCSB3ZCB+ETA+DHG8";

fn heat(at: usize, seen: bool) -> Heat {
    Heat(std::array::from_fn(|place| {
        let (row, column) = ((place / Heat::SIDE) as f32, (place % Heat::SIDE) as f32);
        let (x, y) = (4.6 + (at % 3) as f32 * 0.3, if at.is_multiple_of(2) { 4.4 } else { 2.2 });
        let far = (row - y).hypot(column - x);
        ((if seen { 255.0 } else { 70.0 }) * (1.0 - far / 2.6)).max(0.0) as u8
    }))
}

fn faults() -> Vec<Screen> {
    let done = |problem| {
        Screen::StickDone(StickSummary { taken: 2, sessions: 41, problem, is_technicians: problem.is_none() })
    };
    vec![
        Screen::Starting,
        Screen::CameraMissing,
        Screen::NoModel,
        Screen::StorageFull,
        Screen::StorageDamaged,
        Screen::CardMissing,
        Screen::NotSetUp,
        Screen::LogSetAside,
        Screen::KeepsFailing,
        Screen::StickAtWork,
        done(None),
        done(Some(StickProblem::Refused)),
    ]
}

fn workshop() -> Vec<Screen> {
    let found = [
        "storage: written, read back and taken away",
        "temperature: 48 degrees",
        "bundle:  rendered-faces 12, signed by key 5C3A1F0077E2B41D",
        "networks: 30 golden inputs, equal to the last bit",
    ];
    let lines = Some(found.map(str::to_owned).to_vec());
    let checks = Check::ALL.iter().take(13).map(|check| (*check, *check != Check::TooDark)).collect();
    [
        Workshop::Pin { entered: 2, marked: 4, problem: Some(PinProblem::Wrong) },
        Workshop::Menu { marked: 2 },
        Workshop::Report { task: Task::SelfTest, lines },
        Workshop::Camera { checks },
        Workshop::Input { last: Some(Pressed::Touch { x: 800, y: 520 }), count: 17 },
        Workshop::Stick,
        Workshop::Clock { time: ClockTime { parts: [2026, 11, 26, 9, 5] }, marked: 3 },
    ]
    .map(Screen::Technician)
    .to_vec()
}

/// A picture in which nobody is: its right half, which is the left one of the mirrored preview, is lighter.
pub fn nobody() -> Photo {
    let luma = (0..640 * 480).map(|at| if at % 640 < 320 { 96 } else { 160 }).collect();
    Photo::new(640, 480, luma, Duration::ZERO).expect("a photo of this size")
}
