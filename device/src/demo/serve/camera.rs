//! The camera that the page chose: a recorded person, or the browser's own.

use super::webcam::Webcam;
use crate::{
    camera::{
        Camera, CameraError,
        recorded::{RecordedCamera, Series},
    },
    session::screen::Screen,
};
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use synkiosk_models::{photo::Photo, pose::Pose};

/// What the page calls the browser's own camera; a person of this name is renamed.
pub(super) const WEBCAM: &str = "webcam";

struct Person {
    name: String,
    poses: Vec<Pose>,
    camera: RecordedCamera,
}

pub(super) struct BrowserCamera {
    people: Vec<Person>,
    webcam: Arc<Webcam>,
    /// Which person; none for the webcam.
    chosen: Option<usize>,
    /// From one recorded picture to the next.
    step: Duration,
    due: Instant,
}

impl BrowserCamera {
    pub(super) fn new(everybody: Vec<Series>, webcam: Arc<Webcam>, frames_per_second: u32) -> BrowserCamera {
        let person = |series: Series| Person {
            name: if series.person == WEBCAM { format!("{WEBCAM}-person") } else { series.person },
            poses: series.pictures.iter().map(|(pose, _)| *pose).collect(),
            camera: RecordedCamera::new(series.pictures),
        };
        let people: Vec<_> = everybody.into_iter().map(person).collect();
        let chosen = (!people.is_empty()).then_some(0);
        let step = Duration::from_secs(1) / frames_per_second.max(1);
        BrowserCamera { people, webcam, chosen, step, due: Instant::now() }
    }

    /// All that can be chosen, the webcam last.
    pub(super) fn names(&self) -> Vec<String> {
        self.people.iter().map(|person| person.name.clone()).chain([WEBCAM.to_owned()]).collect()
    }

    pub(super) fn chosen(&self) -> &str {
        self.chosen.map_or(WEBCAM, |index| &self.people[index].name)
    }

    /// Whether there is such a camera; it is the one from now on.
    pub(super) fn choose(&mut self, name: &str) -> bool {
        let person = self.people.iter().position(|person| person.name == name);
        if person.is_none() && name != WEBCAM {
            return false;
        }
        self.chosen = person;
        true
    }

    /// Those of the planned poses that the camera can show; whatever it has where it has none of them.
    pub(super) fn poses(&self, planned: &[Pose]) -> Vec<Pose> {
        let Some(index) = self.chosen else { return planned.to_vec() };
        let has = &self.people[index].poses;
        let both: Vec<_> = planned.iter().copied().filter(|pose| has.contains(pose)).collect();
        if both.is_empty() { has.clone() } else { both }
    }

    /// A recorded person does what the screen asks for.
    pub(super) fn follow(&mut self, screen: &Screen) {
        let Some(index) = self.chosen else { return };
        let person = &mut self.people[index];
        match screen {
            Screen::Pose { pose, .. } | Screen::Retake { pose, .. } => person.camera.turn_to(*pose),
            Screen::Position(_) => person.camera.turn_to(person.poses[0]),
            _ => {}
        }
    }
}

impl Camera for BrowserCamera {
    fn next(&mut self) -> Result<Photo, CameraError> {
        let Some(index) = self.chosen else { return self.webcam.next() };
        let now = Instant::now();
        thread::sleep(self.due.saturating_duration_since(now));
        // One that fell behind does not hurry to catch up.
        self.due = (self.due + self.step).max(now);
        self.people[index].camera.next()
    }

    fn stop(&mut self) {
        self.webcam.stop();
    }
}
