//! What comes into the session and what goes out of it: two closed lists.

use super::{
    screen::{Heat, Notice, Pressed, Screen, StickSummary, Task},
    summary::Summary,
};
use synkiosk_journal::{
    record::{BundleId, Quality, StageMilliseconds},
    words::Percent,
};
use synkiosk_models::quality::Check;
use synkiosk_models::{answer::SeriesAnswer, landmarks::Measured, pose::Pose};

/// What a person can press. A kiosk with one button sends only `Next`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// Yes, I agree, go on.
    Next,
    /// To the pose before.
    Back,
    /// End the session now.
    Stop,
    /// No, I do not agree.
    Decline,
    /// One of a list, by its place: a language, a digit, an entry of the technician's menu.
    Pick(u8),
    /// Any of them, held: a visitor stops so, and a technician comes in.
    Held,
}

/// Which order a reply belongs to; a reply to an older order is dropped, so that nothing of one person
/// reaches the next one's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(pub(super) u32);

/// What the network said of one picture. The picture itself is gone by then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shot {
    /// The pose it was taken for.
    pub pose: Pose,
    /// The network's answer.
    pub logit: f32,
    /// The calibrated score, 0 to 1.
    pub score: f32,
    /// Where the face's landmarks were.
    pub measured: Measured,
    /// Where the network found it.
    pub heat: Heat,
    /// How good the picture was.
    pub quality: Quality,
    /// How long it took to judge.
    pub milliseconds: StageMilliseconds,
}

/// What a session takes and whose network judges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Poses in order, at least one.
    pub poses: Vec<Pose>,
    /// The bundle.
    pub bundle: BundleId,
    /// Scores up to here say unlikely.
    pub unlikely: Percent,
    /// Scores from here on say likely.
    pub likely: Percent,
    /// It learned from rendered faces only, which the answer has to say.
    pub rendered: bool,
}

/// All that can happen.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one event is there at a time")]
pub enum Event {
    /// Time went by.
    Tick,
    /// A button was pressed.
    Button(Button),
    /// A live picture was looked at.
    Judged(Result<(), Check>),
    /// The reply to `Effect::Capture`.
    Captured(Ticket, Result<Shot, Check>),
    /// The reply to `Effect::Answer`: the answer, and its least and greatest score if any one pose is left out.
    Answered(Ticket, SeriesAnswer, Option<[f32; 2]>),
    /// The answer as a text that this unit has signed, for a code on the screen; the reply to `Effect::Record`.
    Slip(String),
    /// The camera gives no pictures any more.
    CameraLost,
    /// The camera gives pictures again, or for the first time.
    CameraFound,
    /// A bundle was checked and can be used from the next session on.
    BundleReady(Plan),
    /// There is no bundle that can be used.
    BundleMissing,
    /// The staff should know this, or nothing any more.
    Notice(Option<Notice>),
    /// The journal can be written.
    StorageReady,
    /// The journal could not be written.
    StorageFailed,
    /// A stick was plugged in and waits to be served.
    StickFound,
    /// The stick has been served: it may be taken out.
    StickServed(StickSummary),
    /// The stick is out.
    StickGone,
    /// Every check of a live picture, while the technician looks through the camera.
    Checked(Vec<(Check, bool)>),
    /// What was pressed or touched, while the technician tries it.
    Input(Pressed),
    /// The reply to `Effect::Tell`.
    Told(Ticket, Vec<String>),
    /// The time, seconds since 1970; another reply to `Effect::Tell`.
    Time(Ticket, u64),
}

/// All that the session can ask for.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Put this on the panel.
    Show(Screen),
    /// Begin to take live pictures and judge them.
    StartCamera,
    /// Stop taking pictures.
    StopCamera,
    /// Judge the present picture for this pose and reply with `Event::Captured`.
    Capture(Ticket, Pose),
    /// Put the poses' evidence together and reply with `Event::Answered`.
    Answer(Ticket, Vec<Shot>),
    /// Write this to the journal.
    Record(Summary),
    /// Take from the stick what it brings, write to it what it is to carry, and reply with `Event::StickServed`.
    ServeStick,
    /// Find out what the technician wants to know, and reply with `Event::Told` or `Event::Time`.
    Tell(Ticket, Task),
    /// Set the clock, seconds since 1970.
    SetClock(u64),
    /// Forget every picture and everything drawn of the person.
    Wipe,
}
