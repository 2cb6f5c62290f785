//! Every word that a person reads, in English. Short sentences, no medical terms, no promises.

use crate::session::screen::{Goodbye, Limit, Notice, StickSummary};
use synkiosk_models::quality::Check;
use synkiosk_models::{answer::Answer, pose::Pose};

/// On every screen.
pub(super) const RESEARCH: &str = "Research use only";
/// On every screen.
pub(super) const PRODUCT: &str = "synkiosk";

/// First screen.
pub(super) const ATTRACT: &str = "See how your face moves";
/// First screen; `{}` is the number of poses.
pub(super) fn attract(poses: usize) -> String {
    format!("{}, about {}.\nNo picture is kept.", count(poses, "pose"), minutes(poses))
}

/// The question.
pub(super) const CONSENT: &str = "May the camera look at you?";
/// What the person agrees to.
pub(super) fn consent(poses: usize) -> [String; 4] {
    [
        format!("{} taken, scored here, and wiped at once.", count(poses, "picture is|pictures are")),
        "No picture is kept, and none leaves this kiosk.".to_owned(),
        "Only scores are kept, sealed and without your name.".to_owned(),
        "You can stop at any time.".to_owned(),
    ]
}

/// Before the first pose.
pub(super) const POSITION: &str = "Bring your face into the oval.";
/// The pose is explained.
pub(super) const READ: &str = "Take your time.";
/// The pose is explained, and the person will not see the screen.
pub(super) const READ_CLOSED: &str = "Then count to five.";
/// The ring closes.
pub(super) const HOLD: &str = "Good. Hold still.";
/// The picture is taken.
pub(super) const TAKEN: &str = "Thank you.";
/// A picture could not be used.
pub(super) const RETAKE: &str = "Let us try that again.";
/// All pictures are taken.
pub(super) const THINKING: &str = "Thank you. One moment.";
/// Nothing happened for a while.
pub(super) const STILL_THERE: &str = "Are you still there?";
/// Nothing happened for a while.
pub(super) const STILL_THERE_MORE: &str = "Otherwise this session ends now, and everything is wiped.";
/// Whom to ask where the kiosk cannot go on, and what to tell them.
pub(super) fn call_staff(code: Option<&str>) -> String {
    let staff = "Please call the staff.";
    code.map_or_else(|| staff.to_owned(), |code| format!("{staff}\nCode {code}"))
}

/// What the staff should know while the kiosk works.
pub(super) fn notice(notice: Notice) -> &'static str {
    match notice {
        Notice::OlderModel => "For the staff: an older model is at work.",
        Notice::Hot => "For the staff: this kiosk is too hot.",
    }
}

/// The camera gives no picture.
pub(super) const CAMERA_MISSING: &str = "The camera does not answer.";
/// There is no bundle.
pub(super) const NO_MODEL: &str = "This kiosk has no model yet.";
/// The journal cannot be written.
pub(super) const STORAGE_FULL: &str = "The log cannot be written.";
/// Switched on, and not ready yet.
pub(super) const STARTING: &str = "Starting. One moment.";
/// The partition with the journal cannot be used.
pub(super) const STORAGE_DAMAGED: &str = "The memory card is damaged.";
/// There is no card.
pub(super) const CARD_MISSING: &str = "The memory card does not answer.";
/// No recipient.
pub(super) const NOT_SET_UP: &str =
    "This kiosk is not set up yet. Bring a stick, or show its code to the camera.";
/// The journal could not be read and was renamed.
pub(super) const LOG_SET_ASIDE: &str = "The log was damaged. A new one begins.";
/// Faults in a row.
pub(super) const KEEPS_FAILING: &str = "This kiosk keeps failing. It pauses.";

/// A stick is read and written.
pub(super) const STICK_AT_WORK: &str = "Leave the stick in.";
/// A stick is read and written.
pub(super) const STICK_AT_WORK_MORE: &str = "It is being read and written.";
/// The stick has been served.
pub(super) const STICK_DONE: &str = "Take the stick out.";
/// What came of it: what was taken from it, what is on it, and what to look up.
pub(super) fn stick_done(summary: StickSummary, code: Option<&str>) -> String {
    let taken = match summary.taken {
        0 => "Nothing new taken from it.".to_owned(),
        taken => format!("{} taken from it.", count(taken, "thing")),
    };
    let sessions = match summary.sessions {
        0 => "No session is on it.".to_owned(),
        sessions => format!("{} on it.", count(sessions, "session is|sessions are")),
    };
    let code = code.map_or_else(String::new, |code| format!("\nCode {code}"));
    format!("{taken}\n{sessions}{code}")
}

/// Buttons.
pub(super) const START: &str = "Start";
/// Buttons.
pub(super) const AGREE: &str = "I agree";
/// Buttons.
pub(super) const DECLINE: &str = "No, thank you";
/// Buttons.
pub(super) const STOP: &str = "Stop";
/// Buttons.
pub(super) const GO_ON: &str = "Go on";
/// Buttons.
pub(super) const DONE: &str = "Done, wipe all";
/// Buttons, on a small panel.
pub(super) const SHORT_DONE: &str = "Done";

/// Beside the score.
pub(super) const SCORE: &str = "Score";
/// Ends of the score's scale.
pub(super) const SCALE: [&str; 2] = ["unlikely", "likely"];
/// A pose without a usable picture.
pub(super) const SKIPPED: &str = "left out";

/// Which of how many.
pub(super) fn number(number: usize, of: usize) -> String {
    format!("Pose {number} of {of}")
}

/// What the person does; one sentence.
pub(super) fn pose(pose: Pose) -> &'static str {
    match pose {
        Pose::Rest => "Relax your face.",
        Pose::BrowRaise => "Raise your eyebrows.",
        Pose::GentleClosure => "Close your eyes gently.",
        Pose::TightClosure => "Close your eyes tightly.",
        Pose::ClosedSmile => "Smile with closed lips.",
        Pose::OpenSmile => "Smile and show your teeth.",
        Pose::Snarl => "Wrinkle your nose.",
        Pose::Pucker => "Pucker your lips.",
        Pose::LowerTeeth => "Show your lower teeth.",
    }
}

/// The pose in a list.
pub(super) fn pose_label(pose: Pose) -> &'static str {
    match pose {
        Pose::Rest => "At rest",
        Pose::BrowRaise => "Brows up",
        Pose::GentleClosure => "Eyes closed",
        Pose::TightClosure => "Eyes tight",
        Pose::ClosedSmile => "Closed smile",
        Pose::OpenSmile => "Open smile",
        Pose::Snarl => "Nose wrinkled",
        Pose::Pucker => "Lips puckered",
        Pose::LowerTeeth => "Lower teeth",
    }
}

/// Why the picture is not good, and what helps; one sentence.
pub(super) fn refusal(check: Check) -> &'static str {
    check.help()
}

/// The answer in one sentence.
pub(super) fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Likely => "Signs of synkinesis are likely.",
        Answer::Unlikely => "Signs of synkinesis are unlikely.",
        Answer::CannotTell => "The pictures do not give a clear answer.",
        Answer::Retake => "Too few pictures could be used.",
    }
}

/// What to do with the answer.
pub(super) fn advice(answer: Answer) -> &'static str {
    match answer {
        Answer::Likely => "Please show this to your clinician.",
        Answer::Unlikely => "If something troubles you, ask your clinician all the same.",
        Answer::CannotTell => "Please ask your clinician.",
        Answer::Retake => "Please start again.",
    }
}

/// What limits the answer.
pub(super) fn limit(limit: Limit) -> String {
    match limit {
        Limit::Partial { taken, of } => format!("Only {taken} of {of} poses could be used."),
        Limit::Rendered => "The model learned from computer-drawn faces only.".to_owned(),
    }
}

/// The same for a small panel.
pub(super) fn short_limit(limit: Limit) -> String {
    match limit {
        Limit::Partial { taken, of } => format!("{taken} of {of} poses used."),
        Limit::Rendered => "Learned from drawn faces.".to_owned(),
    }
}

/// Whose score it is, for a small panel.
pub(super) fn short_model(name: &str, version: u32) -> String {
    format!("{name}, version {version}")
}

/// Whose score it is.
pub(super) fn model(name: &str, version: u32) -> String {
    format!("Model {name}, version {version}")
}

/// Last words, and what happened to the pictures.
pub(super) fn goodbye(goodbye: Goodbye) -> (&'static str, &'static str) {
    match goodbye {
        Goodbye::Finished => ("Thank you!", "Your pictures are wiped."),
        Goodbye::Declined => ("That is all right.", "No picture was taken."),
        Goodbye::Stopped => ("The session has ended.", "Your pictures are wiped."),
        Goodbye::Failed => ("Something went wrong.", "Your pictures are wiped. Please start again."),
    }
}

/// "one picture is" or "9 pictures are".
fn count(number: usize, noun: &str) -> String {
    let (one, many) = match noun.split_once('|') {
        Some((one, many)) => (one.to_owned(), many.to_owned()),
        None => (noun.to_owned(), format!("{noun}s")),
    };
    if number == 1 { format!("One {one}") } else { format!("{} {many}", spelled(number)) }
}

fn spelled(number: usize) -> String {
    const NAMES: [&str; 10] = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];
    NAMES.get(number).map_or_else(|| number.to_string(), |name| (*name).to_owned())
}

/// About ten seconds a pose, and as much for the rest.
fn minutes(poses: usize) -> &'static str {
    if poses <= 5 { "one minute" } else { "two minutes" }
}
