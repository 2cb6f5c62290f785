//! Who comes in to the technician's menu, and what it does.

use super::{
    super::{
        event::{Button, Event},
        pin::Pin,
        screen::{Goodbye, Screen, StickSummary, Task, Workshop},
        timing,
    },
    kiosk::{Kiosk, TICK, press},
    sticks::SERVED,
};
use synkiosk_models::{pose::Pose, quality::Check};

#[test]
fn a_held_button_stops_a_visit_and_lets_nobody_in_without_a_pin() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    press(&mut kiosk, Button::Held);
    assert_eq!(kiosk.screen, Screen::Attract { poses: 1, notice: None });
    kiosk.go_to_first_pose();
    press(&mut kiosk, Button::Held);
    assert_eq!(kiosk.screen, Screen::Wiped(Goodbye::Stopped));
    kiosk.wait(timing::WIPED, &Event::Tick);
    // Where there is a button that stops, a slow hand ends nothing.
    kiosk.session.set_stop_button(true);
    kiosk.go_to_first_pose();
    press(&mut kiosk, Button::Held);
    assert!(matches!(kiosk.screen, Screen::Pose { number: 1, .. }), "{:?}", kiosk.screen);
}

#[test]
fn the_technician_comes_in_by_the_pin() {
    let mut kiosk = Kiosk::ready(&[Pose::Rest]);
    kiosk.session.set_pin(Pin::of("3007"));
    // The press that begins to hold goes to the languages.
    press(&mut kiosk, Button::Next);
    press(&mut kiosk, Button::Held);
    for digit in [3, 0, 0, 7] {
        assert!(matches!(kiosk.screen, Screen::Technician(Workshop::Pin { .. })), "{:?}", kiosk.screen);
        press(&mut kiosk, Button::Pick(digit));
    }
    assert_eq!(kiosk.screen, Screen::Technician(Workshop::Menu { marked: 0 }));
    for (place, task) in [(0, Task::SelfTest), (3, Task::Storage), (4, Task::Versions)] {
        press(&mut kiosk, Button::Pick(place));
        assert_eq!(kiosk.screen, Screen::Technician(Workshop::Report { task, lines: None }));
        kiosk.answer_open_orders(true);
        let lines = Some(vec!["found".to_owned()]);
        assert_eq!(kiosk.screen, Screen::Technician(Workshop::Report { task, lines }));
        press(&mut kiosk, Button::Next);
    }
    press(&mut kiosk, Button::Pick(1));
    kiosk.send(Event::Checked(vec![(Check::TooDark, false)]));
    let checks = vec![(Check::TooDark, false)];
    assert_eq!(kiosk.screen, Screen::Technician(Workshop::Camera { checks }));
    assert!(kiosk.camera_runs);
    press(&mut kiosk, Button::Stop);
    assert!(!kiosk.camera_runs);
    press(&mut kiosk, Button::Pick(6));
    kiosk.answer_open_orders(true);
    press(&mut kiosk, Button::Next);
    press(&mut kiosk, Button::Pick(10));
    assert_eq!(kiosk.clocks, [1_831_536_000], "a year more than 2027-01-15 08:00");
    press(&mut kiosk, Button::Pick(5));
    kiosk.send(Event::StickFound);
    assert_eq!(kiosk.screen, Screen::StickAtWork);
    kiosk.send(Event::StickServed(SERVED));
    kiosk.send(Event::StickGone);
    assert_eq!(kiosk.screen, Screen::Attract { poses: 1, notice: None });
    assert_eq!((kiosk.wipes, kiosk.records.len()), (0, 0), "nobody was screened");
}

#[test]
fn the_technicians_own_stick_opens_the_menu_and_another_does_not() {
    for is_technicians in [true, false] {
        let mut kiosk = Kiosk::ready(&[Pose::Rest]);
        kiosk.send(Event::StickFound);
        kiosk.send(Event::StickServed(StickSummary { is_technicians, ..SERVED }));
        press(&mut kiosk, Button::Next);
        let menu = Screen::Technician(Workshop::Menu { marked: 0 });
        assert_eq!(kiosk.screen == menu, is_technicians, "{:?}", kiosk.screen);
        kiosk.wait(timing::TECHNICIAN + TICK, &Event::Tick);
        assert_eq!(kiosk.screen, Screen::Attract { poses: 1, notice: None });
    }
}
