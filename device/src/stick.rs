//! One visit of a stick: takes in what it brings, puts out what it is to carry, and says what happened.
//!
//! The work is done in a thread of its own, so that a slow stick does not look like a kiosk that stands still. Whoever has
//! the kiosk's main loop calls `Service::turn` at each of its turns.

mod visit;

pub use visit::{Report, refused_medium, visit};

use crate::{
    appliance::{Appliance, SessionLog},
    camera::Camera,
    judge::Judge,
    panel::Panel,
    session::screen::{StickProblem, StickSummary},
    unit::Card,
};
use std::{
    io,
    path::Path,
    sync::mpsc::{Receiver, TryRecvError, channel},
    thread,
    time::Duration,
};

/// What is done with a mounted stick.
pub type Work = Box<dyn FnOnce(&Path) -> Report + Send>;

/// Where sticks are plugged in.
pub trait Port {
    /// The stick that is there now, by a name that tells it from any other.
    fn look(&mut self) -> Option<String>;

    /// The whole of a visit, to be done in a thread: makes the stick a folder, does the work, and lets go of the stick.
    fn job(&self, stick: &str, work: Work) -> Box<dyn FnOnce() -> Report + Send>;
}

/// A stick that somebody else mounted: a desk has no other.
#[derive(Debug)]
pub struct MountedFolder {
    path: std::path::PathBuf,
}

impl MountedFolder {
    /// The stick is there while the folder is.
    pub fn new(path: &Path) -> MountedFolder {
        MountedFolder { path: path.to_owned() }
    }
}

impl Port for MountedFolder {
    fn look(&mut self) -> Option<String> {
        self.path.is_dir().then(|| self.path.display().to_string())
    }

    fn job(&self, _: &str, work: Work) -> Box<dyn FnOnce() -> Report + Send> {
        let path = self.path.clone();
        Box::new(move || work(&path))
    }
}

/// Sticks are looked for so often, while nobody is being screened.
const LOOK: Duration = Duration::from_millis(500);

/// Serves one stick after the other.
pub struct Service<P: Port> {
    port: P,
    card: Card,
    phase: Phase,
    looked: Duration,
    starts_again: bool,
}

#[derive(Debug)]
enum Phase {
    Waiting,
    Working {
        stick: String,
        report: Receiver<Report>,
    },
    /// It is still plugged in, and is not served again.
    Served {
        stick: String,
    },
}

impl<P: Port> Service<P> {
    /// For the unit of this card.
    pub fn new(port: P, card: Card) -> Service<P> {
        Service { port, card, phase: Phase::Waiting, looked: Duration::ZERO, starts_again: false }
    }

    /// Whether the kiosk is to start again, for something that a stick has brought, and may do so now.
    pub fn starts_again<C: Camera, A: Panel, L: SessionLog, J: Judge>(
        &self,
        kiosk: &Appliance<C, A, L, J>,
    ) -> bool {
        self.starts_again && kiosk.is_resting()
    }

    /// One turn of the main loop; the report of a visit that has just ended.
    ///
    /// # Errors
    /// When the panel fails.
    pub fn turn<C: Camera, A: Panel, L: SessionLog, J: Judge>(
        &mut self,
        now: Duration,
        kiosk: &mut Appliance<C, A, L, J>,
    ) -> io::Result<Option<Report>> {
        if let Phase::Working { stick, report } = &self.phase {
            let report = match report.try_recv() {
                Ok(report) => report,
                Err(TryRecvError::Empty) => return Ok(None),
                Err(TryRecvError::Disconnected) => Report::broken_off(),
            };
            self.phase = Phase::Served { stick: stick.clone() };
            self.starts_again |= report.needs_start;
            kiosk.stick_served(now, report.summary)?;
            return Ok(Some(report));
        }
        let is_due = now.saturating_sub(self.looked) >= LOOK;
        let may_look = kiosk.is_resting() || matches!(self.phase, Phase::Served { .. });
        if is_due && may_look {
            self.looked = now;
            self.look(now, kiosk)?;
        }
        Ok(None)
    }

    fn look<C: Camera, A: Panel, L: SessionLog, J: Judge>(
        &mut self,
        now: Duration,
        kiosk: &mut Appliance<C, A, L, J>,
    ) -> io::Result<()> {
        let there = self.port.look();
        if let Phase::Served { stick } = &self.phase {
            if there.as_ref() != Some(stick) {
                self.phase = Phase::Waiting;
                kiosk.stick_gone(now)?;
            }
        } else if let Some(stick) = there
            && kiosk.offer_stick(now)?
        {
            let report = begin(&self.port, &stick, &self.card);
            self.phase = Phase::Working { stick, report };
        }
        Ok(())
    }
}

/// Begins a visit in a thread of its own; its report comes when it is over.
pub fn begin(port: &impl Port, stick: &str, card: &Card) -> Receiver<Report> {
    let card = card.clone();
    let job = port.job(stick, Box::new(move |folder| visit(folder, &card)));
    let (sender, receiver) = channel();
    // Whoever waits for the report may be gone.
    thread::spawn(move || drop(sender.send(job())));
    receiver
}

impl Report {
    /// The thread has ended without a report.
    pub fn broken_off() -> Report {
        let problem = Some(StickProblem::NotWritten);
        let summary = StickSummary { taken: 0, sessions: 0, problem, is_technicians: false };
        Report { summary, needs_start: true, clock: None, lines: vec!["the visit was broken off".to_owned()] }
    }
}

#[cfg(test)]
mod tests;
