use super::*;
use crate::buttons::{
    Place,
    touch::{
        Calibration, Protocol,
        tests::{PLAIN, recorded},
    },
};
use proptest::prelude::*;
use synkiosk_boards::{Profile, profile::Rotation};

fn device(protocol: Protocol) -> Device {
    let keys = Keys::new(Profile::named("vm").unwrap().buttons());
    Device::new(
        keys,
        Some(Touch::new(protocol, Calibration::new(None, PLAIN, Rotation::None), Some((500, 250)))),
    )
}

/// The presses of a recording, as `TIME PRESS`. Each line begins with its time in milliseconds, and the events follow;
/// in between, the device is asked whenever it wished to be.
fn check(protocol: Protocol, text: &str, expected: &[&str]) {
    let mut device = device(protocol);
    let (mut said, mut now) = (Vec::new(), Duration::ZERO);
    for line in text.lines().map(str::trim) {
        let (time, events) = line.split_once(": ").unwrap_or((line, ""));
        let until = Duration::from_millis(time.parse().unwrap());
        while let Some(due) = device.due_in(now).filter(|due| now + *due < until) {
            now += due;
            let holds = device.holds(now);
            assert!(holds > 0, "asked in vain at {now:?}");
            said.extend((0..holds).map(|_| format!("{} held", now.as_millis())));
        }
        now = until;
        for event in recorded(events) {
            said.extend(device.event(now, event).map(|press| format!("{time} {}", name(press))));
        }
        let holds = device.holds(now);
        said.extend((0..holds).map(|_| format!("{time} held")));
    }
    assert_eq!(said, expected, "{text}");
}

fn name(press: Press) -> String {
    match press {
        Press::Button(button) => format!("{button:?}").to_lowercase(),
        Press::Tap(Place { x, y }) => format!("tap {x} {y}"),
        Press::Held => "held".to_owned(),
    }
}

#[test]
fn a_key_is_pressed_at_once_and_held_after_three_seconds() {
    check(
        Protocol::Slots,
        "1000: KEY_ENTER 1; SYN_REPORT
         1250: KEY_ENTER 2; SYN_REPORT
         3999: KEY_ENTER 2; SYN_REPORT
         9000: KEY_ENTER 2; SYN_REPORT
         9100: KEY_ENTER 0; SYN_REPORT
         20000: KEY_ENTER 1; SYN_REPORT
         30000",
        &["1000 next", "4000 held", "20000 next", "23000 held"],
    );
}

#[test]
fn a_key_that_is_let_go_of_earlier_is_not_held() {
    check(Protocol::Slots, "0: KEY_ESC 1\n2900: KEY_ESC 0\n9000", &["0 stop"]);
    check(Protocol::Slots, "0: KEY_ESC 1\n3000: KEY_ESC 0\n9000", &["0 stop"]);
    check(Protocol::Slots, "0: KEY_A 1\n9000: KEY_A 0", &[]);
    check(Protocol::Slots, "0: KEY_ESC 1\n2000: SYN_DROPPED\n9000", &["0 stop"]);
    // Down before anybody listened: only its repeats are heard.
    check(Protocol::Slots, "0: KEY_ESC 2\n9000: KEY_ESC 2\n9001: KEY_ESC 0\n9002: KEY_ESC 1", &["9002 stop"]);
}

#[test]
fn two_keys_are_held_each_for_itself() {
    check(
        Protocol::Slots,
        "0: KEY_ENTER 1\n500: KEY_ESC 1\n9000: KEY_ENTER 0; KEY_ESC 0",
        &["0 next", "500 stop", "3000 held", "3500 held"],
    );
}

#[test]
fn a_finger_that_is_held_taps_no_more() {
    check(
        Protocol::Slots,
        "1000: ABS_MT_TRACKING_ID 45; ABS_MT_POSITION_X 250; ABS_MT_POSITION_Y 125; SYN_REPORT
         2000: ABS_MT_POSITION_X 270; SYN_REPORT
         8000: ABS_MT_TRACKING_ID -1; SYN_REPORT
         9000: ABS_MT_TRACKING_ID 46; SYN_REPORT
         11900: ABS_MT_TRACKING_ID -1; SYN_REPORT
         20000",
        &["4000 held", "11900 tap 0.27 0.25"],
    );
    // A screen of protocol A lists its finger again and again; a single one is quiet while it rests.
    let finger = "ABS_MT_POSITION_X 250; ABS_MT_POSITION_Y 125; SYN_MT_REPORT; SYN_REPORT";
    let packets = format!(
        "0: {finger}\n2990: {finger}\n3010: {finger}\n7000: {finger}\n7010: SYN_MT_REPORT; SYN_REPORT"
    );
    check(Protocol::Packets, &packets, &["3000 held"]);
    check(Protocol::Single, "0: BTN_TOUCH 1; SYN_REPORT\n5000: BTN_TOUCH 0; SYN_REPORT", &["3000 held"]);
}

#[test]
fn two_fingers_or_a_wandering_one_hold_nothing() {
    check(
        Protocol::Slots,
        "0: ABS_MT_SLOT 0; ABS_MT_TRACKING_ID 45; ABS_MT_POSITION_X 250; ABS_MT_POSITION_Y 100; SYN_REPORT
         1000: ABS_MT_SLOT 1; ABS_MT_TRACKING_ID 46; ABS_MT_POSITION_X 700; ABS_MT_POSITION_Y 400; SYN_REPORT
         2000: ABS_MT_TRACKING_ID -1; SYN_REPORT
         9000: ABS_MT_SLOT 0; ABS_MT_TRACKING_ID -1; SYN_REPORT",
        &[],
    );
    check(
        Protocol::Slots,
        "0: ABS_MT_TRACKING_ID 45; ABS_MT_POSITION_X 250; ABS_MT_POSITION_Y 125; SYN_REPORT
         1000: ABS_MT_POSITION_X 400; SYN_REPORT
         1100: ABS_MT_POSITION_X 250; SYN_REPORT
         9000: ABS_MT_TRACKING_ID -1; SYN_REPORT",
        &["9000 tap 0.25 0.25"],
    );
    check(
        Protocol::Slots,
        "0: ABS_MT_TRACKING_ID 45; ABS_MT_POSITION_X 250; ABS_MT_POSITION_Y 125; SYN_REPORT
         2000: SYN_DROPPED
         9000: SYN_REPORT",
        &[],
    );
}

proptest! {
    /// Whatever a device says and whenever, there are no more holds than times at which something went down.
    #[test]
    fn no_hold_without_something_that_goes_down(
        which in 0usize..3,
        events in prop::collection::vec(
            (0u64..2000, 0u16..4, prop::sample::select(vec![0u16, 1, 2, 3, 14, 28, 0x2f, 0x35, 0x36, 0x39, 0x14a]), -2i32..3),
            0..200,
        ),
    ) {
        let mut device = device([Protocol::Slots, Protocol::Packets, Protocol::Single][which]);
        let (mut now, mut begins, mut holds) = (Duration::ZERO, 0, 0);
        for (pause, kind, code, value) in events {
            now += Duration::from_millis(pause);
            let was = device.touch.as_ref().and_then(|touch| touch.due_in(now));
            let press = device.event(now, Raw { kind, code, value });
            let is = device.touch.as_ref().and_then(|touch| touch.due_in(now));
            begins += usize::from(matches!(press, Some(Press::Button(_))));
            begins += usize::from(was.is_none() && is.is_some());
            holds += device.holds(now);
            prop_assert!(holds <= begins, "{holds} holds of {begins}");
            prop_assert!(device.due_in(now).is_none_or(|due| !due.is_zero()), "it would be asked without end");
        }
    }
}
