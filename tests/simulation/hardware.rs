//! Camera, panel, judge and socket of the simulated kiosk, stricter than real ones.

use crate::{
    disk::{Disks, STICK},
    shot::shot,
};
use std::{
    cell::{Cell, RefCell},
    io,
    path::Path,
    rc::Rc,
    time::Duration,
};
use synkiosk_device::{
    camera::{Camera, CameraError, luma::LumaError},
    frame::Frame,
    judge::Judge,
    panel::{Panel, PanelError},
    remember::Append,
    session::{event::Shot, screen::StickProblem},
    stick::{Port, Report, Work, refused_medium},
};
use synkiosk_journal::{BoundedJournal, JournalError, Receipt, Record, store::segment_name};
use synkiosk_models::{
    answer::{Answer, SeriesAnswer},
    photo::Photo,
    pose::Pose,
    quality::Check,
};

/// Every picture of the camera is made of this, again and again.
pub(crate) const PHOTO: &[u8; 16] = b"\xf5A PHOTO OF YOU.";

/// Pixels of its sides: as few as a photo may have.
const SIDE: u32 = 48;

/// What stands before the kiosk.
pub(crate) struct Scene {
    pub(crate) camera_is_there: Cell<bool>,
    /// Its pictures cannot be read.
    pub(crate) camera_garbles: Cell<bool>,
    /// What a live picture shows, and whether a taken one shows the pose.
    pub(crate) face: Cell<Result<(), Check>>,
    pub(crate) performs: Cell<Result<(), Check>>,
    pub(crate) display_is_there: Cell<bool>,
    /// Pictures taken since somebody agreed; none may be taken before.
    pub(crate) may_look: Cell<bool>,
    pub(crate) looked_without_consent: Cell<bool>,
    /// The stick that is plugged in, by its number.
    pub(crate) stick: Cell<Option<u32>>,
    pub(crate) stick_is_readable: Cell<bool>,
    /// A visit of a stick has been worked off, and its report waits.
    pub(crate) report_waits: Cell<bool>,
}

impl Scene {
    pub(crate) fn new() -> Rc<Scene> {
        Rc::new(Scene {
            camera_is_there: Cell::new(true),
            camera_garbles: Cell::new(false),
            face: Cell::new(Ok(())),
            performs: Cell::new(Ok(())),
            display_is_there: Cell::new(false),
            may_look: Cell::new(false),
            looked_without_consent: Cell::new(false),
            stick: Cell::new(None),
            stick_is_readable: Cell::new(true),
            report_waits: Cell::new(false),
        })
    }
}

pub(crate) struct SceneCamera(pub(crate) Rc<Scene>, pub(crate) Duration);

impl Camera for SceneCamera {
    fn next(&mut self) -> Result<Photo, CameraError> {
        if !self.0.may_look.get() {
            self.0.looked_without_consent.set(true);
        }
        self.check()?;
        let garbled = || CameraError::Picture { camera: "scene".to_owned(), cause: garbled() };
        if self.0.camera_garbles.get() {
            return Err(garbled());
        }
        self.1 += Duration::from_millis(33);
        Photo::new(SIDE, SIDE, PHOTO.repeat((SIDE * SIDE) as usize / PHOTO.len()), self.1)
            .map_err(|error| panic!("{error}"))
    }

    fn check(&mut self) -> Result<(), CameraError> {
        match self.0.camera_is_there.get() {
            true => Ok(()),
            false => Err(CameraError::Missing("scene".to_owned())),
        }
    }
}

fn garbled() -> LumaError {
    LumaError::Truncated { got: 0, wanted: (SIDE * SIDE) as usize }
}

pub(crate) struct ScenePanel(pub(crate) Rc<Scene>);

impl Panel for ScenePanel {
    fn show(&mut self, _: &Frame) -> io::Result<()> {
        Ok(())
    }

    fn check(&mut self) -> Result<(), PanelError> {
        if self.0.display_is_there.get() { Ok(()) } else { Err(PanelError::NoDisplay("scene".to_owned())) }
    }
}

pub(crate) struct SceneJudge(pub(crate) Rc<Scene>);

impl Judge for SceneJudge {
    fn look(&mut self, _: &Photo) -> Result<(), Check> {
        self.0.face.get()
    }

    fn capture(&mut self, pose: Pose, _: &Photo) -> Result<Shot, Check> {
        self.0.performs.get()?;
        Ok(shot(pose, 0.7))
    }

    fn answer(&mut self, shots: &[Shot]) -> SeriesAnswer {
        let answer = if shots.len() < 3 { Answer::Retake } else { Answer::Likely };
        SeriesAnswer { answer, score: 0.7 }
    }

    fn range(&mut self, _: &[Shot]) -> Option<[f32; 2]> {
        Some([0.6, 0.8])
    }
}

/// The kiosk's journal, and a note of every promise that it gives.
pub(crate) struct Witness {
    pub(crate) journal: BoundedJournal,
    pub(crate) disks: Rc<Disks>,
    /// The sealed bytes of records that were promised to be kept.
    pub(crate) promises: Rc<RefCell<Vec<Vec<u8>>>>,
}

impl Append for Witness {
    fn append(&mut self, record: &Record) -> Result<Receipt, JournalError> {
        let receipt = self.journal.append(record)?;
        let path = Path::new("/data/journal").join(segment_name(receipt.segment));
        let segment = self.disks.peek(&path).unwrap_or_default();
        let (from, head) = (receipt.offset as usize, synkiosk_journal::segment::FRAME_HEAD_BYTES);
        let frame = segment.get(from + head..from + receipt.bytes).unwrap_or_default();
        self.promises.borrow_mut().push(frame.to_vec());
        Ok(receipt)
    }

    fn take_dropped(&mut self) -> u64 {
        self.journal.take_dropped()
    }
}

/// Where sticks are plugged in. The work is done at once, so that a seed always gives the same; its report may wait.
pub(crate) struct Socket {
    pub(crate) scene: Rc<Scene>,
    pub(crate) disks: Rc<Disks>,
}

impl Port for Socket {
    fn look(&mut self) -> Option<String> {
        self.scene.stick.get().map(|number| format!("stick {number}"))
    }

    fn job(&self, _: &str, work: Work) -> Box<dyn FnOnce() -> Report + Send> {
        self.scene.report_waits.set(true);
        let report = if self.scene.stick.get().is_none() || !self.scene.stick_is_readable.get() {
            refused_medium(StickProblem::Unreadable, "it has no file system".to_owned())
        } else {
            let mut report = work(Path::new(STICK));
            let is_gone = self.disks.stick_is_gone();
            self.disks.unmount_stick();
            if report.summary.problem.is_some() && is_gone {
                report.failed(StickProblem::PulledOut, "the stick was taken out too early".to_owned());
            }
            report
        };
        Box::new(move || report)
    }
}
