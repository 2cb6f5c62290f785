//! The stages that a picture passes, and how long each takes.

use super::Refusal;
use crate::{
    camera::luma::{self, Layout, Pixels},
    demo::people,
    frame::Frame,
    language::Language,
    screens::{Live, Painter},
    session::screen::{Guidance, PHASES, Screen},
};
use serde::Serialize;
use std::{
    hint::black_box,
    time::{Duration, Instant},
};
use synkiosk_models::{
    evidence::indices,
    photo::Photo,
    pose::Pose,
    quality::Check,
    screener::{Evidence, Screener},
    track::Track,
};

/// The panel that is drawn for: a usual one of seven inches.
const PANEL: (u32, u32) = (800, 480);
/// And its size.
const PANEL_MM: (u32, u32) = (154, 86);
/// From one live picture to the next, at 30 a second.
const STEP: Duration = Duration::from_millis(33);
/// A pose is held for a second, and so many live pictures are alike.
const HELD: u32 = 30;

macro_rules! stages {
    ($($(#[$doc:meta])* $stage:ident $name:literal),+ $(,)?) => {
        /// Something of each stage.
        #[derive(Debug, Default, Serialize)]
        pub(super) struct Stages<T> {
            $($(#[$doc])* pub(super) $stage: T),+
        }

        impl<T> Stages<T> {
            /// Each with its name, in the order of a picture's way.
            pub(super) fn named(&self) -> Vec<(&'static str, &T)> {
                vec![$(($name, &self.$stage)),+]
            }
        }

        impl Stages<Vec<Duration>> {
            /// The median and the 95th percentile of each.
            pub(super) fn spread(&self) -> Stages<Spread> {
                Stages { $($stage: Spread::of(&self.$stage)),+ }
            }
        }
    };
}

stages!(
    /// From a camera's JPEG to luma.
    decode "decode",
    /// Searching a whole picture for faces.
    face "face",
    /// Following a face: one look for its landmarks, and a search around it.
    follow "follow",
    /// Finding landmarks from a face box: two looks.
    landmarks "landmarks",
    /// Judging the picture.
    quality "quality",
    /// Placing, turning and normalizing the face.
    align "align",
    /// The network.
    network "network",
    /// The indices of a series.
    evidence "evidence",
    /// The answer of a series.
    answer "answer",
    /// Drawing the screen with the live picture.
    screen "screen",
    /// A live picture, from the camera's bytes to the verdict and the drawn screen, as the kiosk does it.
    frame "frame",
    /// A picture that decides, from its luma to its evidence.
    capture "capture",
);

/// Times in milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Spread {
    pub(super) median_ms: f64,
    pub(super) p95_ms: f64,
}

impl Spread {
    fn of(times: &[Duration]) -> Spread {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let at = |part: f64| {
            let index = (part * sorted.len().saturating_sub(1) as f64).round() as usize;
            sorted.get(index).map_or(0.0, |time| milliseconds(*time))
        };
        Spread { median_ms: at(0.5), p95_ms: at(0.95) }
    }
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

impl Stages<Vec<Duration>> {
    /// Each stage so often.
    pub(super) fn measure(screener: &mut Screener, poses: &[Pose], runs: u32) -> Result<Self, Refusal> {
        let mut stages = Stages::default();
        let mut panel = (Frame::new(PANEL.0, PANEL.1).on_panel_of(PANEL_MM), Painter::new());
        let frames: Vec<_> = people::frames().collect();
        let held = frames.iter().flat_map(|frame| (0..HELD).map(move |_| frame));
        for (index, (pose, jpeg)) in (0..runs).zip(held.cycle()) {
            stages.live(screener, (*pose, jpeg), STEP * index, &mut panel)?;
        }
        for (pose, jpeg) in frames.iter().cycle().take(runs as usize) {
            stages.single(screener, (*pose, jpeg))?;
        }
        stages.series(screener, &frames[..Pose::ALL.len()], poses, runs)?;
        Ok(stages)
    }

    /// What the kiosk does with a live picture.
    fn live(
        &mut self,
        screener: &mut Screener,
        (pose, jpeg): (Pose, &[u8]),
        taken: Duration,
        (panel, painter): &mut (Frame, Painter),
    ) -> Result<(), Refusal> {
        let start = Instant::now();
        let photo = decode_at(jpeg, taken)?;
        let decoded = start.elapsed();
        let watched = screener.watch(&photo);
        let judged = start.elapsed();
        painter.draw(panel, &live_screen(pose), Language::default(), Some(&Live::of(&photo)));
        let drawn = start.elapsed();
        watched.map_err(|error| refused(pose, error))?;
        self.decode.push(decoded);
        self.screen.push(drawn - judged);
        self.frame.push(drawn);
        Ok(())
    }

    /// What is done with a picture that decides, and what following its face would take.
    fn single(&mut self, screener: &mut Screener, (pose, jpeg): (Pose, &[u8])) -> Result<(), Refusal> {
        let photo = decode(jpeg)?;
        let start = Instant::now();
        let evidence = screener.screen(&photo).map_err(|error| refused(pose, error))?;
        let screened = start.elapsed();
        let landmarks = &evidence.measured.landmarks;
        let findings = screener.quality().judge(&photo, &evidence.face, landmarks, None);
        let whole = start.elapsed();
        if let Some(check) = findings.first_failed() {
            return Err(refused(pose, check.finding()));
        }
        let Evidence { times, face, .. } = &evidence;
        self.face.push(times.face);
        self.landmarks.push(times.landmarks);
        self.align.push(times.align);
        self.network.push(times.network);
        self.quality.push(whole - screened);
        self.capture.push(whole);
        let track = Track::new(*face, *landmarks, photo.taken());
        let start = Instant::now();
        let followed = screener.follow(&track, &photo);
        self.follow.push(start.elapsed());
        followed.map(|_| ()).ok_or_else(|| refused(pose, Check::FaceMissing.finding()))
    }

    /// What is done at the end of a person's series.
    fn series(
        &mut self,
        screener: &mut Screener,
        pictures: &[(Pose, &[u8])],
        poses: &[Pose],
        runs: u32,
    ) -> Result<(), Refusal> {
        let (mut logits, mut measured) = (Vec::new(), Vec::new());
        for (pose, jpeg) in pictures.iter().filter(|(pose, _)| poses.contains(pose)) {
            let evidence = screener.screen(&decode(jpeg)?).map_err(|error| refused(*pose, error))?;
            logits.push((*pose, evidence.logit));
            measured.push((*pose, evidence.measured));
        }
        for _ in 0..runs {
            let start = Instant::now();
            let indices = black_box(indices(black_box(&measured)));
            let indexed = start.elapsed();
            black_box(screener.rule().series(black_box(&logits), &indices));
            self.evidence.push(indexed);
            self.answer.push(start.elapsed() - indexed);
        }
        Ok(())
    }
}

fn live_screen(pose: Pose) -> Screen {
    Screen::Pose { pose, number: 1, of: 4, guidance: Guidance::Hold { closed: 3 }, phase: PHASES }
}

/// The luma of a shipped picture.
pub(super) fn decode(jpeg: &[u8]) -> Result<Photo, Refusal> {
    decode_at(jpeg, Duration::ZERO)
}

fn decode_at(jpeg: &[u8], taken: Duration) -> Result<Photo, Refusal> {
    let layout = Layout { pixels: Pixels::Mjpeg, width: 640, height: 480, stride: 0 };
    luma::read(jpeg, &layout, taken)
        .map_err(|error| Refusal::checked(format!("a shipped picture: {error}"), "build the program again"))
}

/// A shipped picture that cannot be judged.
pub(super) fn refused(pose: Pose, why: impl std::fmt::Display) -> Refusal {
    Refusal::checked(format!("a shipped picture of {pose} is refused: {why}"), "build the program again")
}
