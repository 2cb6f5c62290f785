//! A screen in one or two sentences, for who hears it read instead of seeing it.

use super::words;
use crate::session::screen::{Guidance, Screen};
use synkiosk_models::quality::Check;

/// What a screen says, without its picture.
pub fn caption(screen: &Screen) -> String {
    match screen {
        Screen::Attract { poses, .. } => format!("{}. {}", words::ATTRACT, words::attract(*poses)),
        Screen::Consent { poses } => format!("{} {}", words::CONSENT, words::consent(*poses).join(" ")),
        Screen::Position(guidance) => guided(words::POSITION, *guidance),
        Screen::Pose { pose, number, of, guidance } => {
            format!("{}. {}", words::number(*number, *of), guided(words::pose(*pose), *guidance))
        }
        Screen::Retake { reason, .. } => format!("{} {}", words::RETAKE, mend(*reason)),
        Screen::Thinking => words::THINKING.to_owned(),
        Screen::Answer(view) => {
            let limits: Vec<_> = view.limits.iter().map(|limit| words::limit(*limit)).collect();
            let said = [words::answer(view.answer), words::advice(view.answer)];
            format!("{} {} {}: {}. {}", said[0], said[1], words::SCORE, view.score, limits.join(" "))
        }
        Screen::StillThere => format!("{} {}", words::STILL_THERE, words::STILL_THERE_MORE),
        Screen::Wiped(goodbye) => {
            let (thanks, fate) = words::goodbye(*goodbye);
            format!("{thanks} {fate}")
        }
        Screen::Starting => words::STARTING.to_owned(),
        Screen::CameraMissing => fault(words::CAMERA_MISSING, screen),
        Screen::NoModel => fault(words::NO_MODEL, screen),
        Screen::StorageFull => fault(words::STORAGE_FULL, screen),
        Screen::StorageDamaged => fault(words::STORAGE_DAMAGED, screen),
        Screen::CardMissing => fault(words::CARD_MISSING, screen),
        Screen::NotSetUp => fault(words::NOT_SET_UP, screen),
        Screen::LogSetAside => fault(words::LOG_SET_ASIDE, screen),
        Screen::KeepsFailing => fault(words::KEEPS_FAILING, screen),
        Screen::StickAtWork => format!("{} {}", words::STICK_AT_WORK, words::STICK_AT_WORK_MORE),
        Screen::StickDone(summary) => {
            format!("{} {}", words::STICK_DONE, words::stick_done(*summary, screen.code()))
        }
    }
}

fn guided(what: &str, guidance: Guidance) -> String {
    let how = match guidance {
        Guidance::Read => return what.to_owned(),
        Guidance::Mend(check) => mend(check),
        Guidance::Hold { .. } => words::HOLD,
        Guidance::Taken => words::TAKEN,
    };
    format!("{what} {how}")
}

fn mend(check: Check) -> &'static str {
    words::refusal(check)
}

fn fault(what: &str, screen: &Screen) -> String {
    format!("{what} {}", words::call_staff(screen.code()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::pose::Pose;

    #[test]
    fn captions_say_what_the_screens_say() {
        let pose =
            Screen::Pose { pose: Pose::Pucker, number: 4, of: 4, guidance: Guidance::Hold { closed: 3 } };
        for (screen, expected) in [
            (Screen::Consent { poses: 4 }, "May the camera look at you? Four pictures are taken"),
            (pose, "Pose 4 of 4. Pucker your lips. Good. Hold still."),
            (Screen::CameraMissing, "The camera does not answer. Please call the staff.\nCode E01"),
        ] {
            assert!(caption(&screen).starts_with(expected), "{}", caption(&screen));
        }
    }
}
