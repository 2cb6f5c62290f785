//! What a visitor chooses and sees besides the answer: the language, a pose once more, the drawing.

use super::{
    super::{
        event::{Button, Event},
        screen::{PHASES, Screen},
        timing,
    },
    kiosk::{Kiosk, TICK, press},
};
use crate::language::Language;
use synkiosk_models::{pose::Pose, quality::Check};

#[test]
fn the_mark_goes_around_the_languages_and_one_button_is_enough() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    press(&mut kiosk, Button::Next);
    let mut seen = Vec::new();
    for _ in 0..Language::ALL.len() {
        let Screen::Language { languages, marked } = kiosk.screen.clone() else {
            panic!("{:?}", kiosk.screen)
        };
        assert_eq!(kiosk.session.language(), languages[marked]);
        seen.push(languages[marked]);
        kiosk.wait(timing::MARK + TICK, &Event::Tick);
    }
    assert_eq!(seen, Language::ALL);
    press(&mut kiosk, Button::Back);
    press(&mut kiosk, Button::Next);
    assert_eq!((&kiosk.screen, kiosk.session.language()), (&Screen::Consent, Language::German));
    press(&mut kiosk, Button::Decline);
    assert_eq!(kiosk.session.language(), Language::German, "the last words are in it, too");
    kiosk.wait(timing::WIPED, &Event::Tick);
    assert_eq!(kiosk.session.language(), Language::English);
}

#[test]
fn a_kiosk_of_one_language_asks_for_none_and_who_leaves_the_choice_is_forgotten() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.session.set_languages(&[Language::Turkish]);
    press(&mut kiosk, Button::Next);
    assert_eq!((&kiosk.screen, kiosk.session.language()), (&Screen::Consent, Language::Turkish));
    press(&mut kiosk, Button::Decline);
    kiosk.wait(timing::WIPED, &Event::Tick);
    kiosk.session.set_languages(&[Language::French, Language::Arabic]);
    press(&mut kiosk, Button::Next);
    press(&mut kiosk, Button::Pick(1));
    assert_eq!((&kiosk.screen, kiosk.session.language()), (&Screen::Consent, Language::Arabic));
    press(&mut kiosk, Button::Decline);
    kiosk.wait(timing::WIPED, &Event::Tick);
    press(&mut kiosk, Button::Next);
    kiosk.wait(timing::LANGUAGE, &Event::Tick);
    assert_eq!(kiosk.screen, Screen::Attract { poses: 1, notice: None });
    assert_eq!((kiosk.wipes, kiosk.records.len()), (2, 0), "before the question, nothing is to be wiped");
}

#[test]
fn a_pose_can_be_taken_again_from_the_pause_after_it() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest, Pose::Pucker]);
    kiosk.go_to_first_pose();
    kiosk.hold();
    kiosk.answer_open_orders(true);
    assert_eq!(kiosk.screen, Screen::Pause { number: 1, of: 2 });
    press(&mut kiosk, Button::Back);
    assert!(matches!(kiosk.screen, Screen::Pose { pose: Pose::Rest, number: 1, .. }), "{:?}", kiosk.screen);
    kiosk.hold();
    kiosk.answer_open_orders(true);
    press(&mut kiosk, Button::Next);
    assert!(matches!(kiosk.screen, Screen::Pose { pose: Pose::Pucker, number: 2, .. }), "{:?}", kiosk.screen);
}

#[test]
fn the_drawing_goes_to_the_pose_and_stays_there_while_it_is_held() {
    let mut kiosk = Kiosk::ready(&[Pose::Snarl]);
    kiosk.go_to_first_pose();
    let mut phases = Vec::new();
    for _ in 0..25 {
        kiosk.wait(TICK / 2, &Event::Judged(Err(Check::TooDark)));
        let Screen::Pose { phase, .. } = kiosk.screen else { panic!("{:?}", kiosk.screen) };
        phases.push(phase);
    }
    assert!(phases.contains(&0) && phases.contains(&PHASES), "{phases:?}");
    kiosk.hold();
    let Screen::Pose { phase, .. } = kiosk.screen else { panic!("{:?}", kiosk.screen) };
    assert_eq!(phase, PHASES);
}
