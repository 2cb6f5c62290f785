//! What browsers are told, as the kiosk's thread and the one that packs pictures publish it.

use super::visitor::Visitor;
use axum::body::Bytes;
use serde::Serialize;

/// The newest of everything.
pub(super) struct View {
    /// The panel as PNG.
    pub(super) picture: Bytes,
    /// How many there were.
    pub(super) number: u64,
    /// The panel before the present session began: what others see meanwhile.
    pub(super) at_rest: Bytes,
    /// The screen's name.
    pub(super) screen: String,
    /// What it says.
    pub(super) caption: String,
    /// Whose session it is.
    pub(super) seat: Option<Visitor>,
    /// The chosen camera.
    pub(super) camera: String,
    /// All that can be chosen.
    pub(super) cameras: Vec<String>,
}

/// Whose turn it is, for one visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Seat {
    Free,
    Yours,
    Taken,
}

/// What one visitor may know.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    pub(super) screen: String,
    pub(super) caption: String,
    pub(super) seat: Seat,
    pub(super) camera: String,
    pub(super) wants_frames: bool,
    #[serde(skip)]
    pub(super) cameras: Vec<String>,
}

impl View {
    pub(super) fn new(cameras: Vec<String>, camera: String) -> View {
        View {
            picture: Bytes::new(),
            number: 0,
            at_rest: Bytes::new(),
            screen: String::new(),
            caption: String::new(),
            seat: None,
            camera,
            cameras,
        }
    }

    /// Whether the first screen is there, and its picture.
    pub(super) fn is_complete(&self) -> bool {
        self.number > 0 && !self.screen.is_empty()
    }

    fn seat_of(&self, visitor: Option<Visitor>) -> Seat {
        match self.seat {
            None => Seat::Free,
            Some(seat) if Some(seat) == visitor => Seat::Yours,
            Some(_) => Seat::Taken,
        }
    }

    /// Another one's session is nobody's business: neither its screens nor its words.
    /// `is_on`: whether the kiosk wants pictures from the browser's camera.
    pub(super) fn told(&self, visitor: Option<Visitor>, is_on: bool) -> Told {
        let seat = self.seat_of(visitor);
        let (screen, caption) = match seat {
            Seat::Taken => ("taken", "Somebody is being screened in another window. Please wait."),
            _ => (self.screen.as_str(), self.caption.as_str()),
        };
        Told {
            screen: screen.to_owned(),
            caption: caption.to_owned(),
            seat,
            camera: self.camera.clone(),
            wants_frames: is_on && seat == Seat::Yours,
            cameras: self.cameras.clone(),
        }
    }

    /// The picture that a visitor may see, and its number; that of a kiosk at rest has none.
    pub(super) fn picture_for(&self, visitor: Option<Visitor>) -> (Option<u64>, Bytes) {
        match self.seat_of(visitor) {
            Seat::Taken => (None, self.at_rest.clone()),
            _ => (Some(self.number), self.picture.clone()),
        }
    }
}
