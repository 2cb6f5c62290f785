//! A screen in one or two sentences, for who hears it read instead of seeing it.

use super::words::{Words, fill};
use crate::{
    language::Language,
    session::screen::{Guidance, Screen, Task, Workshop},
};

/// What a screen says, without its picture.
pub fn caption(screen: &Screen, language: Language) -> String {
    let words = Words::of(language);
    let staff = &words.staff;
    let fault = |what: &str| format!("{what} {}", words.call_staff(screen.code()));
    match screen {
        Screen::Attract { poses, .. } => {
            let (title, more) = words.attract(*poses);
            format!("{title}. {more}")
        }
        Screen::Language { languages, marked } => {
            let name = languages.get(*marked).map_or("", |language| language.own_name());
            format!("{}: {name}", words.language.title)
        }
        Screen::Consent => format!("{} {}", words.consent.title, words.consent.points.join(" ")),
        Screen::Position(guidance) => guided(words, &words.position.title, *guidance),
        Screen::Pose { pose, number, of, guidance, .. } => {
            let sentence = guided(words, words.sentence(*pose), *guidance);
            format!("{}. {sentence}", words.number(*number, *of))
        }
        Screen::Pause { .. } => format!("{} {}", words.pause.title, words.pause.more),
        Screen::Retake { reason, .. } => format!("{} {}", words.retake.title, words.check(*reason)),
        Screen::Thinking => words.thinking.title.clone(),
        Screen::Answer(view) => {
            let limits: Vec<_> = view.limits.iter().map(|limit| words.limit(*limit)).collect();
            let [sentence, advice] = words.answer(view.answer);
            let score = fill(&words.answer.score, &[("score", &view.score)]);
            format!("{sentence} {advice} {score}. {}", limits.join(" "))
        }
        Screen::StillThere { seconds } => {
            let (title, more) = words.still_there(*seconds);
            format!("{title} {more}")
        }
        Screen::Wiped(goodbye) => words.goodbye(*goodbye).join(" "),
        Screen::Starting => staff.starting.clone(),
        Screen::CameraMissing => fault(&staff.camera_missing),
        Screen::NoModel => fault(&staff.no_model),
        Screen::StorageFull => fault(&staff.storage_full),
        Screen::StorageDamaged => fault(&staff.storage_damaged),
        Screen::CardMissing => fault(&staff.card_missing),
        Screen::NotSetUp => fault(&staff.not_set_up),
        Screen::LogSetAside => fault(&staff.log_set_aside),
        Screen::KeepsFailing => fault(&staff.keeps_failing),
        Screen::StickAtWork => staff.stick_at_work.join(" "),
        Screen::StickDone(summary) => {
            format!("{} {}", staff.stick_done, words.stick_done(*summary, screen.code()))
        }
        Screen::Technician(workshop) => technician(words, workshop),
    }
}

fn technician(words: &Words, workshop: &Workshop) -> String {
    let of = &words.technician;
    match workshop {
        Workshop::Pin { .. } => of.pin.clone(),
        Workshop::Menu { .. } => of.title.clone(),
        Workshop::Report { lines: Some(lines), .. } => lines.join(" "),
        Workshop::Report { task: Task::Clock, .. } | Workshop::Clock { .. } => of.clock.clone(),
        Workshop::Report { .. } => of.wait.clone(),
        Workshop::Camera { .. } => format!("{}. {}", of.camera, of.camera_more),
        Workshop::Input { .. } => of.input_more.clone(),
        Workshop::Stick => of.stick_more.clone(),
    }
}

fn guided(words: &Words, what: &str, guidance: Guidance) -> String {
    let how = match guidance {
        Guidance::Read => return what.to_owned(),
        Guidance::Mend(check) => words.check(check),
        Guidance::Hold { .. } => &words.pose.hold,
        Guidance::Taken => &words.pose.taken,
    };
    format!("{what} {how}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::pose::Pose;

    #[test]
    fn captions_say_what_the_screens_say() {
        let guidance = Guidance::Hold { closed: 3 };
        let pose = Screen::Pose { pose: Pose::Pucker, number: 4, of: 4, guidance, phase: 2 };
        for (screen, expected) in [
            (Screen::Consent, "May the camera look at you? Pictures of your face"),
            (pose, "Pose 4 of 4. Pucker your lips. Good. Hold still."),
            (Screen::CameraMissing, "The camera does not answer. Please call the staff.\nCode E01"),
        ] {
            let caption = caption(&screen, Language::English);
            assert!(caption.starts_with(expected), "{caption}");
        }
    }
}
