use super::*;
use crate::{buttons::Place, session::event::Button};
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

/// A keyboard and a touch screen made by the kernel, plugged in and pulled out. Needs /dev/uinput.
#[test]
fn virtual_devices_are_found_heard_and_let_go() {
    let (Ok(mut keyboard), Ok(mut screen)) = (keyboard(), screen()) else {
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
    let count = |inputs: &Inputs| inputs.devices.values().filter(|(_, device)| device.is_some()).count();
    let before = count(&inputs);
    drop((keyboard, screen));
    inputs.looked = None;
    inputs.turn(&mut |press| panic!("{press:?}"), &|_| {}).unwrap();
    assert_eq!(count(&inputs), before - 2);
}

fn keyboard() -> io::Result<VirtualDevice> {
    let keys: AttributeSet<KeyCode> = [1, 14, 28].into_iter().map(KeyCode).collect();
    VirtualDevice::builder()?.name("synkiosk test keyboard").with_keys(&keys)?.build()
}

fn screen() -> io::Result<VirtualDevice> {
    let axis = |code| UinputAbsSetup::new(AbsoluteAxisCode(code), AbsInfo::new(0, 0, 1000, 0, 0, 0));
    let touch: AttributeSet<KeyCode> = [KeyCode(0x14a)].into_iter().collect();
    let direct: AttributeSet<PropType> = [PropType::DIRECT].into_iter().collect();
    VirtualDevice::builder()?
        .name("synkiosk test screen")
        .with_keys(&touch)?
        .with_absolute_axis(&axis(0))?
        .with_absolute_axis(&axis(1))?
        .with_properties(&direct)?
        .build()
}
