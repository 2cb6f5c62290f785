//! Draws every kind of screen as PNG, to be looked at: `screens 800x480 FOLDER [PHOTO]`.
#![forbid(unsafe_code)]

use anyhow::Context;
use std::path::Path;
use synkiosk_device::{
    frame::Frame,
    panel::{Panel, picture::PicturePanel},
    screens,
    session::screen::{AnswerView, Goodbye, Guidance, Limit, Notice, Screen},
};
use synkiosk_models::{answer::Answer, photo::Photo, pose::Pose, quality::Check};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [size, folder, photo @ ..] = arguments.as_slice() else {
        anyhow::bail!("usage: screens WIDTHxHEIGHT FOLDER [PHOTO]");
    };
    let (width, height) = size.split_once('x').context("the size is WIDTHxHEIGHT")?;
    let photo =
        photo.first().map(std::fs::read).transpose()?.map(|bytes| Photo::decode(&bytes)).transpose()?;
    let mut panel = PicturePanel::of_all_screens(Path::new(folder))?;
    let mut frame = Frame::new(width.parse()?, height.parse()?);
    for screen in examples() {
        screens::draw(&mut frame, &screen, photo.as_ref());
        panel.show(&frame)?;
    }
    println!("{} screens in {folder}", panel.finish()?.len());
    Ok(())
}

fn examples() -> Vec<Screen> {
    let mut screens = vec![
        Screen::Attract { poses: 9, notice: None },
        Screen::Attract { poses: 4, notice: None },
        Screen::Attract { poses: 4, notice: Some(Notice::OlderModel) },
        Screen::Consent { poses: 9 },
        Screen::Consent { poses: 4 },
        Screen::Position(Guidance::Read),
        Screen::Position(Guidance::Mend(Check::TooSmall)),
        Screen::Position(Guidance::Hold { closed: 3 }),
    ];
    let pose =
        |index: usize, guidance| Screen::Pose { pose: Pose::ALL[index], number: index + 1, of: 9, guidance };
    for index in 0..Pose::ALL.len() {
        screens.push(pose(index, Guidance::Read));
    }
    screens.push(pose(5, Guidance::Hold { closed: 5 }));
    screens.push(pose(7, Guidance::Mend(Check::TooDark)));
    screens.push(Screen::Retake { pose: Pose::Pucker, reason: Check::Blurred });
    screens.push(Screen::Thinking);
    screens.push(Screen::Answer(view(Answer::Likely, 93, Pose::ALL)));
    screens.push(Screen::Answer(view(Answer::Unlikely, 4, Pose::ALL)));
    screens.push(Screen::Answer(view(Answer::CannotTell, 51, &Pose::ALL[..4])));
    screens.push(Screen::Answer(view(Answer::Retake, 50, &Pose::ALL[..1])));
    screens.push(Screen::StillThere);
    screens
        .extend([Goodbye::Finished, Goodbye::Declined, Goodbye::Stopped, Goodbye::Failed].map(Screen::Wiped));
    screens.extend([Screen::CameraMissing, Screen::NoModel, Screen::StorageFull, Screen::Starting]);
    screens.extend([Screen::StorageDamaged, Screen::CardMissing, Screen::NotSetUp]);
    screens.extend([Screen::LogSetAside, Screen::KeepsFailing]);
    screens
}

fn view(answer: Answer, score: u8, poses: &[Pose]) -> AnswerView {
    let spread = |index: usize| (usize::from(score) + index * 5 % 19).saturating_sub(6).min(100) as u8;
    let of = |(index, pose): (usize, &Pose)| (*pose, (index != 2).then_some(spread(index)));
    AnswerView {
        answer,
        score,
        unlikely: 35,
        likely: 65,
        poses: poses.iter().enumerate().map(of).collect(),
        limits: vec![Limit::Partial { taken: 8, of: 9 }, Limit::Rendered],
        model: "rendered-faces".to_owned(),
        version: 1,
    }
}
