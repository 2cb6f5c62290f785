use super::*;
use proptest::prelude::*;

pub(in crate::buttons) const PLAIN: ((i32, i32), (i32, i32)) = ((0, 1000), (0, 500));

/// Events as `evtest` prints them, by name: one a line, `NAME VALUE`.
pub(in crate::buttons) fn recorded(text: &str) -> Vec<Raw> {
    let event = |line: &str| {
        let (name, value) = line.split_once(' ').unwrap_or((line, "0"));
        let (kind, code) = match name {
            "SYN_REPORT" => (EV_SYN, SYN_REPORT),
            "SYN_MT_REPORT" => (EV_SYN, SYN_MT_REPORT),
            "SYN_DROPPED" => (EV_SYN, SYN_DROPPED),
            "BTN_TOUCH" => (EV_KEY, BTN_TOUCH),
            "KEY_ENTER" => (EV_KEY, 28),
            "KEY_ESC" => (EV_KEY, 1),
            "KEY_A" => (EV_KEY, 30),
            "ABS_X" => (EV_ABS, ABS_X),
            "ABS_Y" => (EV_ABS, ABS_Y),
            "ABS_PRESSURE" => (EV_ABS, 0x18),
            "ABS_MT_SLOT" => (EV_ABS, ABS_MT_SLOT),
            "ABS_MT_POSITION_X" => (EV_ABS, ABS_MT_POSITION_X),
            "ABS_MT_POSITION_Y" => (EV_ABS, ABS_MT_POSITION_Y),
            "ABS_MT_TRACKING_ID" => (EV_ABS, ABS_MT_TRACKING_ID),
            other => panic!("{other}"),
        };
        Raw { kind, code, value: value.parse().unwrap() }
    };
    text.split([';', '\n']).map(str::trim).filter(|line| !line.is_empty()).map(event).collect()
}

/// Where the taps of a recording are, in thousandths of the screen.
fn check(protocol: Protocol, start: Option<(i32, i32)>, text: &str, expected: &[(i32, i32)]) {
    let mut touch = Touch::new(protocol, Calibration::new(None, PLAIN, Rotation::None), start);
    let taps: Vec<_> = recorded(text)
        .into_iter()
        .filter_map(|event| touch.event(Duration::ZERO, event))
        .map(|place| ((place.x * 1000.0).round() as i32, (place.y * 1000.0).round() as i32))
        .collect();
    assert_eq!(taps, expected, "{text}");
}

/// The kernel's own example of protocol B, and what the devices of capacitive screens add for older programs.
#[test]
fn slots_keep_what_is_not_said_again() {
    check(
        Protocol::Slots,
        None,
        "ABS_MT_TRACKING_ID 45; ABS_MT_POSITION_X 250; ABS_MT_POSITION_Y 100; BTN_TOUCH 1; ABS_X 250; ABS_Y 100
         SYN_REPORT
         ABS_MT_POSITION_X 255; ABS_X 255; SYN_REPORT
         ABS_MT_TRACKING_ID -1; BTN_TOUCH 0; SYN_REPORT
         ABS_MT_TRACKING_ID 46; ABS_MT_POSITION_Y 400; BTN_TOUCH 1; SYN_REPORT
         ABS_MT_TRACKING_ID -1; BTN_TOUCH 0; SYN_REPORT
         ABS_MT_TRACKING_ID 47; BTN_TOUCH 1; SYN_REPORT
         ABS_MT_TRACKING_ID -1; BTN_TOUCH 0; SYN_REPORT",
        &[(255, 200), (255, 800), (255, 800)],
    );
}

#[test]
fn two_fingers_or_a_wandering_one_do_not_tap() {
    check(
        Protocol::Slots,
        None,
        "ABS_MT_SLOT 0; ABS_MT_TRACKING_ID 45; ABS_MT_POSITION_X 250; ABS_MT_POSITION_Y 100
         ABS_MT_SLOT 1; ABS_MT_TRACKING_ID 46; ABS_MT_POSITION_X 700; ABS_MT_POSITION_Y 400; SYN_REPORT
         ABS_MT_SLOT 0; ABS_MT_TRACKING_ID -1; SYN_REPORT
         ABS_MT_SLOT 1; ABS_MT_POSITION_X 701; SYN_REPORT
         ABS_MT_TRACKING_ID -1; SYN_REPORT
         ABS_MT_TRACKING_ID 47; SYN_REPORT
         ABS_MT_POSITION_X 850; SYN_REPORT
         ABS_MT_TRACKING_ID -1; SYN_REPORT
         ABS_MT_TRACKING_ID 48; ABS_MT_POSITION_X 500; SYN_REPORT
         ABS_MT_TRACKING_ID -1; SYN_REPORT",
        &[(500, 800)],
    );
}

/// The kernel's own example of protocol A: two fingers, then one, then none.
#[test]
fn packets_list_every_finger() {
    check(
        Protocol::Packets,
        None,
        "ABS_MT_POSITION_X 100; ABS_MT_POSITION_Y 100; SYN_MT_REPORT
         ABS_MT_POSITION_X 900; ABS_MT_POSITION_Y 400; SYN_MT_REPORT; SYN_REPORT
         ABS_MT_POSITION_X 900; ABS_MT_POSITION_Y 400; SYN_MT_REPORT; SYN_REPORT
         SYN_MT_REPORT; SYN_REPORT
         ABS_MT_POSITION_X 500; ABS_MT_POSITION_Y 250; SYN_MT_REPORT; SYN_REPORT
         ABS_MT_POSITION_X 501; ABS_MT_POSITION_Y 250; SYN_MT_REPORT; SYN_REPORT
         SYN_MT_REPORT; SYN_REPORT",
        &[(501, 500)],
    );
}

/// A resistive screen (ADS7846): pressure beside the place, and the place of the last touch is not said again.
#[test]
fn a_single_finger_is_where_it_was_last() {
    check(
        Protocol::Single,
        Some((750, 50)),
        "BTN_TOUCH 1; ABS_PRESSURE 180; SYN_REPORT
         BTN_TOUCH 0; ABS_PRESSURE 0; SYN_REPORT
         BTN_TOUCH 1; ABS_X 20; ABS_Y 480; SYN_REPORT
         ABS_X 22; SYN_REPORT
         BTN_TOUCH 0; SYN_REPORT",
        &[(750, 100), (22, 960)],
    );
    check(Protocol::Single, None, "BTN_TOUCH 1; ABS_X 20; SYN_REPORT; BTN_TOUCH 0; SYN_REPORT", &[]);
}

#[test]
fn after_lost_events_a_finger_has_to_come_anew() {
    check(
        Protocol::Slots,
        None,
        "ABS_MT_TRACKING_ID 45; ABS_MT_POSITION_X 250; ABS_MT_POSITION_Y 100; SYN_REPORT
         SYN_DROPPED; ABS_MT_POSITION_X 900; ABS_MT_TRACKING_ID -1; SYN_REPORT
         ABS_MT_TRACKING_ID -1; SYN_REPORT
         ABS_MT_TRACKING_ID 46; ABS_MT_POSITION_X 100; ABS_MT_POSITION_Y 250; SYN_REPORT
         ABS_MT_TRACKING_ID -1; SYN_REPORT",
        &[(100, 500)],
    );
}

#[test]
fn corners_are_where_the_profile_and_the_turn_put_them() {
    let profile =
        |swaps_axes, left, right, top, bottom| profile::Touch { swaps_axes, left, right, top, bottom };
    // The panel's own upper left corner as the device says it, and where a person sees it.
    let cases = [
        (profile(false, 200, 3900, 180, 3950), (200, 180), Rotation::None, (0.0, 0.0)),
        (profile(false, 3900, 200, 180, 3950), (3900, 180), Rotation::None, (0.0, 0.0)),
        (profile(true, 3900, 200, 180, 3950), (180, 3900), Rotation::None, (0.0, 0.0)),
        (profile(false, 0, 4095, 0, 4095), (0, 0), Rotation::Quarter, (0.0, 1.0)),
        (profile(false, 0, 4095, 0, 4095), (0, 0), Rotation::Half, (1.0, 1.0)),
        (profile(false, 0, 4095, 0, 4095), (0, 0), Rotation::ThreeQuarters, (1.0, 0.0)),
        (profile(false, 0, 4095, 0, 4095), (9999, -5), Rotation::None, (1.0, 0.0)),
    ];
    for (edges, raw, rotation, expected) in cases {
        let place = Calibration::new(Some(&edges), PLAIN, rotation).place(raw);
        assert_eq!((place.x, place.y), expected, "{edges:?} {rotation:?}");
    }
}

/// The pixel that a person sees at a place of the panel is the one that a finger there is taken to mean.
#[test]
fn a_finger_means_what_is_drawn_under_it() {
    use crate::{frame::Frame, panel::fit::Fit};
    use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
    for rotation in [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters] {
        let (width, height) = if rotation.swaps_sides() { (480, 800) } else { (800, 480) };
        let mut frame = Frame::new(width, height);
        frame.blend(37, 211, Rgb888::WHITE, 1.0);
        let mut lit = None;
        Fit::new((800, 480), rotation).rows(&frame, |y, row| {
            if let Some(x) = row.chunks_exact(3).position(|pixel| pixel == [255, 255, 255]) {
                lit = Some((x as i32, y as i32));
            }
        });
        let place = Calibration::new(None, ((0, 799), (0, 479)), rotation).place(lit.unwrap());
        let pixel = (place.x * (width - 1) as f32, place.y * (height - 1) as f32);
        assert!((pixel.0 - 37.0).abs() < 0.1 && (pixel.1 - 211.0).abs() < 0.1, "{rotation:?} {pixel:?}");
    }
}

#[test]
fn a_device_is_known_by_its_axes() {
    let of =
        |axes: &[u16], keys: &[u16]| Protocol::of(|axis| axes.contains(&axis), |key| keys.contains(&key));
    let places = [ABS_X, ABS_Y, ABS_MT_POSITION_X, ABS_MT_POSITION_Y];
    assert_eq!(of(&places, &[BTN_TOUCH]), Some(Protocol::Packets));
    assert_eq!(of(&[&places[..], &[ABS_MT_SLOT]].concat(), &[]), Some(Protocol::Slots));
    assert_eq!(of(&places[..2], &[BTN_TOUCH]), Some(Protocol::Single));
    assert_eq!(of(&places[..2], &[0x110]), None, "a mouse");
    assert_eq!(of(&[], &[28]), None, "a keyboard");
}

proptest! {
    /// Whatever a device says, each tap is within the screen, and there are no more taps than reports.
    #[test]
    fn any_events_are_answered(
        which in 0usize..3,
        events in prop::collection::vec((0u16..4, prop::sample::select(vec![0u16, 1, 2, 3, 0x2f, 0x35, 0x36, 0x39, 0x14a]), -5i32..1200), 0..300),
    ) {
        let protocol = [Protocol::Slots, Protocol::Packets, Protocol::Single][which];
        let mut touch = Touch::new(protocol, Calibration::new(None, PLAIN, Rotation::Quarter), None);
        for (kind, code, value) in events {
            if let Some(place) = touch.event(Duration::ZERO, Raw { kind, code, value }) {
                prop_assert!((0.0..=1.0).contains(&place.x) && (0.0..=1.0).contains(&place.y));
                prop_assert_eq!((kind, code), (EV_SYN, SYN_REPORT));
            }
        }
    }
}
