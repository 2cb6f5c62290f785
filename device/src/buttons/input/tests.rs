use super::*;
use crate::{
    buttons::{HOLD, Place},
    session::event::Button,
};
use evdev::{AbsInfo, AttributeSet, EventType, InputEvent, UinputAbsSetup, uinput::VirtualDevice};
use std::cell::RefCell;

fn inputs(board: &str, folder: &Path) -> Inputs {
    Inputs::new(&Profile::named(board).unwrap(), folder)
}

#[test]
fn without_a_keyboard_it_is_said_once_where_one_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    for (board, expected) in [("vm", 1), ("rpi4-hdmi", 0)] {
        let mut inputs = inputs(board, &folder.path().join("not-there"));
        let said = RefCell::new(Vec::new());
        for _ in 0..3 * PATIENCE {
            inputs.look();
            inputs.complain_of_missing(&|error| said.borrow_mut().push(error.to_string()));
        }
        assert_eq!(said.borrow().len(), expected, "{board}: {said:?}");
    }
}

#[test]
fn what_is_no_input_device_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("event0"), "no device").unwrap();
    fs::write(folder.path().join("mouse0"), "").unwrap();
    let mut inputs = inputs("vm", folder.path());
    inputs.turn(&mut |press| panic!("{press:?}"), &|error| panic!("{error}")).unwrap();
    assert!(inputs.devices.is_empty());
}

/// A keyboard and two touch screens made by the kernel, plugged in and pulled out. Needs /dev/uinput.
#[test]
fn virtual_devices_are_found_heard_and_let_go() {
    let (Ok(mut keyboard), Ok(mut screen), Ok(mut fingers)) = (keyboard(), screen(&[0, 1]), screen(&SLOTS))
    else {
        println!("skipped: no virtual keyboard and touch screen, /dev/uinput cannot be used here");
        return;
    };
    let mut inputs = inputs("vm", Path::new(FOLDER));
    let mut presses = Vec::new();
    let mut hear = |inputs: &mut Inputs, wanted: usize| {
        for _ in 0..5 {
            inputs
                .turn(
                    &mut |press| {
                        presses.push(press);
                        true
                    },
                    &|error| panic!("{error}"),
                )
                .unwrap();
            if presses.len() >= wanted {
                break;
            }
        }
        assert_eq!(presses.len(), wanted, "{presses:?}");
        presses.last().copied()
    };
    // Found first: events before that are lost.
    hear(&mut inputs, 0);
    let event = |kind: EventType, code, value| InputEvent::new(kind.0, code, value);
    keyboard.emit(&[event(EventType::KEY, 28, 1)]).unwrap();
    keyboard.emit(&[event(EventType::KEY, 28, 0)]).unwrap();
    assert_eq!(hear(&mut inputs, 1), Some(Button::Next.into()));
    let down = [(EventType::KEY, 0x14a, 1), (EventType::ABSOLUTE, 0, 500), (EventType::ABSOLUTE, 1, 250)];
    screen.emit(&down.map(|(kind, code, value)| event(kind, code, value))).unwrap();
    screen.emit(&[event(EventType::KEY, 0x14a, 0)]).unwrap();
    assert_eq!(hear(&mut inputs, 2), Some(Press::Tap(Place { x: 0.5, y: 0.25 })));
    // A device of many fingers does not say again what stays the same: the kernel leaves it out.
    for (id, expected) in [(1, 3), (2, 4)] {
        let down = [(0x39, id), (0x35, 900), (0x36, 100)];
        fingers.emit(&down.map(|(code, value)| event(EventType::ABSOLUTE, code, value))).unwrap();
        fingers.emit(&[event(EventType::ABSOLUTE, 0x39, -1)]).unwrap();
        assert_eq!(hear(&mut inputs, expected), Some(Press::Tap(Place { x: 0.9, y: 0.1 })));
    }
    // Held for three seconds, once; and not by a keyboard that is pulled out meanwhile.
    keyboard.emit(&[event(EventType::KEY, 28, 1)]).unwrap();
    assert_eq!(hear(&mut inputs, 5), Some(Button::Next.into()));
    let began = Instant::now();
    assert_eq!(hear(&mut inputs, 6), Some(Press::Held));
    assert!(began.elapsed() >= HOLD - Duration::from_millis(100), "after {:?}", began.elapsed());
    keyboard.emit(&[event(EventType::KEY, 28, 0), event(EventType::KEY, 14, 1)]).unwrap();
    assert_eq!(hear(&mut inputs, 7), Some(Button::Back.into()));
    let count = |inputs: &Inputs| inputs.devices.values().filter(|(_, device)| device.is_some()).count();
    let before = count(&inputs);
    drop((keyboard, screen, fingers));
    inputs.looked = None;
    for _ in 0..5 {
        inputs.turn(&mut |press| panic!("{press:?}"), &|_| {}).unwrap();
    }
    assert_eq!(count(&inputs), before - 3);
}

/// Slot, place and number of a finger.
const SLOTS: [u16; 4] = [0x2f, 0x35, 0x36, 0x39];

fn keyboard() -> io::Result<VirtualDevice> {
    let keys: AttributeSet<KeyCode> = [1, 14, 28].into_iter().map(KeyCode).collect();
    VirtualDevice::builder()?.name("synkiosk test keyboard").with_keys(&keys)?.build()
}

fn screen(axes: &[u16]) -> io::Result<VirtualDevice> {
    let touch: AttributeSet<KeyCode> = [KeyCode(0x14a)].into_iter().collect();
    let direct: AttributeSet<PropType> = [PropType::DIRECT].into_iter().collect();
    let mut device = VirtualDevice::builder()?.name("synkiosk test screen").with_keys(&touch)?;
    for code in axes {
        let range = AbsInfo::new(0, 0, if *code == 0x2f { 9 } else { 1000 }, 0, 0, 0);
        device = device.with_absolute_axis(&UinputAbsSetup::new(AbsoluteAxisCode(*code), range))?;
    }
    device.with_properties(&direct)?.build()
}
