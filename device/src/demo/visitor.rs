//! A person who is not there: reads the screens, presses the button, and takes the poses.

use crate::session::{
    event::Button,
    screen::{Guidance, Screen},
};
use std::time::Duration;
use synkiosk_models::pose::Pose;

/// From one live picture to the next.
const PACE: Duration = Duration::from_millis(200);
/// Where a recorded picture will not become better, time passes faster.
const HASTE: Duration = Duration::from_secs(5);

/// Where the visitor is in the session.
pub(super) struct Visitor {
    poses: Vec<Pose>,
    /// The pose being taken.
    pose: Option<Pose>,
    /// Pictures that were tried before the first pose.
    tried: usize,
    has_begun: bool,
    has_left: bool,
}

impl Visitor {
    pub(super) fn new(poses: Vec<Pose>) -> Visitor {
        Visitor { poses, pose: None, tried: 0, has_begun: false, has_left: false }
    }

    /// The pose that the camera should see.
    pub(super) fn pose(&self) -> Option<Pose> {
        self.pose
    }

    /// Whether the first screen is back after the session.
    pub(super) fn has_left(&self) -> bool {
        self.has_left
    }

    /// What the visitor presses on seeing this screen.
    pub(super) fn look(&mut self, screen: &Screen) -> Option<Button> {
        match screen {
            Screen::Attract { .. } | Screen::CameraMissing | Screen::NoModel | Screen::StorageFull => {
                self.has_left = std::mem::replace(&mut self.has_begun, true);
                (!self.has_left).then_some(Button::Next)
            }
            Screen::Language { .. } | Screen::Consent | Screen::StillThere { .. } | Screen::Answer(_) => {
                Some(Button::Next)
            }
            Screen::Position(Guidance::Mend(_)) => self.try_another(),
            Screen::Pose { pose, .. } => {
                self.pose = Some(*pose);
                None
            }
            _ => None,
        }
    }

    /// A picture that is not good enough to begin with: another one may be.
    fn try_another(&mut self) -> Option<Button> {
        self.tried += 1;
        self.pose = self.poses.get(self.tried).copied();
        self.pose.is_none().then_some(Button::Stop)
    }

    /// How long until the next look.
    pub(super) fn pace(&self, screen: &Screen) -> Duration {
        match screen {
            Screen::Pose { guidance: Guidance::Mend(_), .. } => HASTE,
            _ => PACE,
        }
    }
}
