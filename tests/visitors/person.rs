//! What a visitor does on seeing a screen, and when; and what the camera sees of them meanwhile.

use crate::dice::Dice;
use std::time::Duration;
use synkiosk_device::session::{
    event::Button,
    screen::{Guidance, PAGES, Screen, Workshop},
};
use synkiosk_models::quality::Check;

/// How a visitor behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Reads, and does what the screens say.
    Obedient,
    /// The same with one button.
    OneButton,
    /// Does it wrong now and then, looks away, and needs longer.
    Clumsy,
    /// Does not agree.
    Declining,
    /// Walks off at some time.
    Leaving,
    /// Somebody else looks into the camera as well.
    Accompanied,
    /// Presses anything, at any time.
    Restless,
    /// Stops on purpose, goes back, repeats.
    Changing,
}

impl Kind {
    pub(crate) const ALL: [Kind; 8] = [
        Kind::Obedient,
        Kind::OneButton,
        Kind::Clumsy,
        Kind::Declining,
        Kind::Leaving,
        Kind::Accompanied,
        Kind::Restless,
        Kind::Changing,
    ];
}

pub(crate) struct Person {
    pub(crate) kind: Kind,
    /// When they go, from their first press on.
    pub(crate) leaves: Option<Duration>,
    /// How slow they are, against others.
    slowness: f64,
    /// Which language is theirs, by its place in the list.
    language: u8,
    /// What they are about to press, and when.
    intends: Option<(Duration, Button)>,
    /// When they have read which pose it is, and taken it.
    in_pose: Duration,
    /// For which screen they have made up their mind.
    minded: String,
    /// Since when the face is as it is, and what is wrong with it.
    face: (Duration, Option<Check>),
    has_begun: bool,
}

impl Person {
    pub(crate) fn any(dice: &mut Dice) -> Person {
        let kind = dice.pick(&Kind::ALL);
        Person::of(kind, dice)
    }

    pub(crate) fn of(kind: Kind, dice: &mut Dice) -> Person {
        let slowness = if kind == Kind::Clumsy { 1.6 } else { 1.0 };
        Person {
            kind,
            leaves: (kind == Kind::Leaving).then(|| dice.takes(25.0, 0.8)),
            slowness,
            language: (dice.share() * 6.0) as u8,
            intends: None,
            in_pose: Duration::ZERO,
            minded: String::new(),
            face: (Duration::ZERO, Some(Check::FaceMissing)),
            has_begun: false,
        }
    }

    /// What is pressed now, if anything.
    pub(crate) fn press(&mut self, now: Duration, screen: &Screen, dice: &mut Dice) -> Option<Button> {
        if self.kind == Kind::Restless && dice.happens(0.02) {
            const ANY: [Button; 9] = [
                Button::Next,
                Button::Next,
                Button::Back,
                Button::Stop,
                Button::Decline,
                Button::Held,
                Button::Pick(0),
                Button::Pick(4),
                Button::Pick(200),
            ];
            return Some(dice.pick(&ANY));
        }
        let name = mind(screen);
        if self.minded != name {
            self.minded = name;
            self.in_pose = now + dice.takes(2.2 * self.slowness, 0.4);
            self.intends = self.intent(screen, dice).map(|(after, button)| (now + after, button));
        }
        let (at, button) = self.intends?;
        if now < at {
            return None;
        }
        // With one button, the mark is waited for.
        if let (Kind::OneButton, Screen::Language { marked, .. }) = (self.kind, screen)
            && *marked != usize::from(self.language)
        {
            return None;
        }
        self.intends = None;
        self.has_begun = true;
        Some(button)
    }

    /// How long reading takes, and what is pressed then.
    fn intent(&mut self, screen: &Screen, dice: &mut Dice) -> Option<(Duration, Button)> {
        let slowness = self.slowness;
        let after = |dice: &mut Dice, median: f64| dice.takes(median * slowness, 0.4);
        let changing = self.kind == Kind::Changing;
        Some(match screen {
            Screen::Attract { .. } if self.has_begun => return None,
            Screen::Attract { .. } => (after(dice, 2.0), Button::Next),
            Screen::Language { .. } => {
                let time = after(dice, 3.0);
                let one = self.kind == Kind::OneButton;
                (time, if one { Button::Next } else { Button::Pick(self.language) })
            }
            Screen::Consent => {
                // Some thirty words, at three a second.
                let time = after(dice, 10.0);
                (time, if self.kind == Kind::Declining { Button::Decline } else { Button::Next })
            }
            Screen::StillThere { .. } => (after(dice, 2.0), Button::Next),
            Screen::Answer(view) => {
                let time = after(dice, if view.page + 1 < PAGES { 6.0 } else { 8.0 });
                (time, Button::Next)
            }
            Screen::Pause { .. } if changing && dice.happens(0.2) => (dice.takes(0.8, 0.3), Button::Back),
            Screen::Pose { .. } if changing && dice.happens(0.1) => {
                let button = dice.pick(&[Button::Back, Button::Back, Button::Stop, Button::Held]);
                (dice.takes(2.0, 0.5), button)
            }
            Screen::Technician(Workshop::Pin { .. }) => (after(dice, 4.0), Button::Stop),
            _ => return None,
        })
    }

    /// What a live picture shows: the face where it should be, or what is wrong with it.
    pub(crate) fn face(&mut self, now: Duration, screen: &Screen, dice: &mut Dice) -> Result<(), Check> {
        let (since, _) = self.face;
        // A face does not change from picture to picture.
        if now >= since {
            let (stays, wrong) = self.next_face(screen, dice);
            self.face = (now + stays, wrong);
        }
        self.face.1.map_or(Ok(()), Err)
    }

    fn next_face(&mut self, screen: &Screen, dice: &mut Dice) -> (Duration, Option<Check>) {
        const WRONG: [Check; 8] = [
            Check::TooSmall,
            Check::OffCenter,
            Check::Turned,
            Check::Tilted,
            Check::Blurred,
            Check::FaceMissing,
            Check::TooDark,
            Check::Rolled,
        ];
        let wrong = match self.kind {
            Kind::Obedient | Kind::OneButton | Kind::Declining => 0.05,
            Kind::Accompanied | Kind::Changing | Kind::Leaving => 0.12,
            Kind::Clumsy | Kind::Restless => 0.3,
        };
        if self.kind == Kind::Accompanied && dice.happens(0.25) {
            return (dice.takes(2.0, 0.6), Some(Check::SeveralFaces));
        }
        // Whoever is told what is wrong mends it.
        let is_told = matches!(
            screen,
            Screen::Position(Guidance::Mend(_)) | Screen::Pose { guidance: Guidance::Mend(_), .. }
        );
        if !is_told && dice.happens(wrong) {
            return (dice.takes(1.2 * self.slowness, 0.5), Some(dice.pick(&WRONG)));
        }
        (dice.takes(4.0, 0.5), None)
    }

    /// Whether a picture that was taken shows the pose.
    pub(crate) fn performs(&self, now: Duration, dice: &mut Dice) -> Result<(), Check> {
        if now < self.in_pose {
            return Err(Check::PoseNotPerformed);
        }
        let wrong = match self.kind {
            Kind::Clumsy | Kind::Restless => 0.25,
            _ => 0.04,
        };
        if dice.happens(wrong) { Err(dice.pick(&[Check::PoseNotPerformed, Check::Blurred])) } else { Ok(()) }
    }
}

/// A screen as one that is read once: its name, and which pose or page it is.
fn mind(screen: &Screen) -> String {
    match screen {
        Screen::Pose { number, .. } => format!("pose {number}"),
        Screen::Pause { number, .. } => format!("pause {number}"),
        Screen::Answer(view) => format!("answer {}", view.page),
        Screen::Position(_) => "position".to_owned(),
        other => other.name(),
    }
}
