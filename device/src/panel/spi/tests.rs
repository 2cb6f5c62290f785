use super::*;
use crate::{
    language::Language,
    screens::{self, Live},
    session::screen::{Guidance, PHASES, Screen},
};
use embedded_hal::{
    digital,
    spi::{self, Operation},
};
use std::{cell::RefCell, convert::Infallible, rc::Rc, time::Duration};
use synkiosk_models::{photo::Photo, pose::Pose};

/// A controller as its data sheet has it, which counts what reaches it. Stricter than a real one: a transfer that is
/// empty or too long for spidev, pixels outside the window, or a command before the reset, stop the test.
struct Controlled {
    memory: Vec<u16>,
    is_data: bool,
    is_lit: bool,
    resets: u32,
    command: u8,
    arguments: Vec<u8>,
    window: [usize; 4],
    place: (usize, usize),
    half: Option<u8>,
    bytes: usize,
    transfers: usize,
    broken: bool,
}

impl Controlled {
    fn new() -> Rc<RefCell<Controlled>> {
        Rc::new(RefCell::new(Controlled {
            memory: vec![0xdead; WIDTH * HEIGHT],
            is_data: false,
            is_lit: false,
            resets: 0,
            command: 0,
            arguments: Vec::new(),
            window: [0; 4],
            place: (0, 0),
            half: None,
            bytes: 0,
            transfers: 0,
            broken: false,
        }))
    }

    fn receive(&mut self, bytes: &[u8]) {
        assert!((1..=4096).contains(&bytes.len()), "a transfer of {} bytes", bytes.len());
        assert_eq!(self.resets, 1, "not reset");
        self.bytes += bytes.len();
        self.transfers += 1;
        for byte in bytes {
            if !self.is_data {
                self.begin(*byte);
            } else if self.command == 0x2c {
                self.pixel(*byte);
            } else {
                self.arguments.push(*byte);
                self.address();
            }
        }
    }

    fn begin(&mut self, command: u8) {
        assert_eq!(self.half, None, "half a pixel");
        self.command = command;
        self.arguments.clear();
        self.place = (self.window[0], self.window[2]);
    }

    fn address(&mut self) {
        let first = match self.command {
            0x2a => 0,
            0x2b => 2,
            _ => return,
        };
        if let [a, b, c, d] = self.arguments[..] {
            self.window[first] = usize::from(u16::from_be_bytes([a, b]));
            self.window[first + 1] = usize::from(u16::from_be_bytes([c, d]));
        }
    }

    fn pixel(&mut self, byte: u8) {
        let Some(high) = self.half.take() else {
            self.half = Some(byte);
            return;
        };
        let (x, y) = self.place;
        let [left, right, _, bottom] = self.window;
        assert!(x <= right && right < WIDTH && y <= bottom && bottom < HEIGHT, "pixel at {x}, {y}");
        self.memory[y * WIDTH + x] = u16::from_be_bytes([high, byte]);
        self.place = if x == right { (left, y + 1) } else { (x + 1, y) };
    }
}

#[derive(Debug)]
struct Broken;

impl spi::Error for Broken {
    fn kind(&self) -> spi::ErrorKind {
        spi::ErrorKind::Other
    }
}

struct FakeSpi(Rc<RefCell<Controlled>>);

impl spi::ErrorType for FakeSpi {
    type Error = Broken;
}

impl SpiDevice for FakeSpi {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Broken> {
        if self.0.borrow().broken {
            return Err(Broken);
        }
        for operation in operations {
            let Operation::Write(bytes) = operation else { panic!("a panel is only written to") };
            self.0.borrow_mut().receive(bytes);
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Wire {
    DataCommand,
    Reset,
    Backlight,
}

struct FakeLine(Rc<RefCell<Controlled>>, Wire);

impl digital::ErrorType for FakeLine {
    type Error = Infallible;
}

impl FakeLine {
    fn set(&self, high: bool) {
        let mut controlled = self.0.borrow_mut();
        match self.1 {
            Wire::DataCommand => controlled.is_data = high,
            Wire::Reset => controlled.resets += u32::from(high),
            Wire::Backlight => controlled.is_lit = high,
        }
    }
}

impl OutputPin for FakeLine {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.set(true);
        Ok(())
    }
}

struct NoDelay;

impl DelayNs for NoDelay {
    fn delay_ns(&mut self, _: u32) {}
}

fn started(controller: Controller, rotation: Rotation) -> (Rc<RefCell<Controlled>>, AnyDisplay) {
    let controlled = Controlled::new();
    let wiring = SpiPanel {
        controller,
        bus: "/dev/spidev0.0".to_owned(),
        clock_hz: 32_000_000,
        data_command_pin: 25,
        reset_pin: 24,
        backlight_pin: Some(18),
    };
    let line = |wire| FakeLine(Rc::clone(&controlled), wire);
    let bus = Bus::new(FakeSpi(Rc::clone(&controlled)), line(Wire::DataCommand));
    let lines = (bus, line(Wire::Reset), Some(line(Wire::Backlight)));
    let display = wired(&wiring, lines, &mut NoDelay, rotation).unwrap();
    (controlled, display)
}

const ROTATIONS: [Rotation; 4] = [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters];

fn frame_for(rotation: Rotation) -> Frame {
    if rotation.swaps_sides() { Frame::new(320, 240) } else { Frame::new(240, 320) }
}

/// What the controller should have in its memory.
fn expected(frame: &Frame, rotation: Rotation) -> Vec<u16> {
    let mut pixels = Vec::new();
    Fit::new(Controller::SIZE, rotation).rows(frame, |_, row| pixels.extend(row.chunks_exact(3).map(rgb565)));
    pixels
}

/// A person who moves a little before a camera with a little noise.
fn live(person: &Photo, step: usize) -> Photo {
    let (width, height) = (person.width() as usize, person.height() as usize);
    let shift = [0, 1, 2, 4, 3, 1][step % 6];
    let luma = (0..width * height)
        .map(|index| {
            let (x, y) = (index % width, index / width);
            let noise = (index.wrapping_mul(2_654_435_761).wrapping_add(step * 40_503) >> 7) % 5;
            let value = person.luma()[(y + shift).min(height - 1) * width + (x + shift).min(width - 1)];
            value.saturating_add(noise as u8)
        })
        .collect();
    Photo::new(person.width(), person.height(), luma, Duration::from_millis(100 * step as u64)).unwrap()
}

/// The screens of one pose from its explanation to the picture, a live picture each.
fn a_pose() -> Vec<Screen> {
    let pose = |guidance| Screen::Pose { pose: Pose::OpenSmile, number: 3, of: 4, guidance, phase: PHASES };
    let mut screens = vec![Screen::Position(Guidance::Read); 6];
    screens.extend(vec![pose(Guidance::Read); 12]);
    screens.extend((0..=8).map(|closed| pose(Guidance::Hold { closed })));
    screens.extend(vec![pose(Guidance::Taken); 3]);
    screens
}

/// The live picture at ten frames a second on a bus of 32 MHz: from the bytes of drawn screens, and from what the
/// kernel takes for each transfer beside them.
#[test]
fn the_live_picture_keeps_its_pace() {
    const CLOCK: f64 = 32e6;
    /// On a Raspberry Pi 3 a transfer takes so long beside its bytes; taken generously.
    const TRANSFER: f64 = 60e-6;
    let person = Photo::decode(include_bytes!("../../../demo/people/healthy-one/rest.jpg")).unwrap();
    for rotation in ROTATIONS {
        let (controlled, mut display) = started(Controller::Ili9341, rotation);
        let mut frame = frame_for(rotation);
        let mut counts = Vec::new();
        for (step, screen) in a_pose().iter().enumerate() {
            screens::draw(&mut frame, screen, Language::English, Some(&Live::of(&live(&person, step))));
            let before = (controlled.borrow().bytes, controlled.borrow().transfers);
            display.show(&frame).unwrap();
            assert_eq!(controlled.borrow().memory, expected(&frame, rotation), "screen {step}");
            let after = controlled.borrow();
            counts.push((after.bytes - before.0, after.transfers - before.1));
        }
        let seconds =
            |(bytes, transfers): (usize, usize)| bytes as f64 * 8.0 / CLOCK + transfers as f64 * TRANSFER;
        // The first frame fills the panel; the others are what a person sees moving.
        let moving = &counts[1..];
        let slowest = moving.iter().copied().map(seconds).fold(0.0, f64::max);
        let mean = moving.iter().copied().map(seconds).sum::<f64>() / moving.len() as f64;
        let bytes = moving.iter().map(|count| count.0).sum::<usize>() / moving.len();
        println!(
            "figure: turned {:>3}: {bytes} bytes a live frame of {} for the whole panel, {:.1} frames per second, the \
             slowest {:.1}, on a bus of 32 MHz",
            rotation.degrees(),
            WIDTH * HEIGHT * 2,
            1.0 / mean,
            1.0 / slowest
        );
        assert!(1.0 / slowest >= 10.0);
        assert!(bytes < WIDTH * HEIGHT * 2 * 2 / 3, "{bytes} bytes a frame: not only what changed");
    }
}

#[test]
fn both_controllers_show_every_frame_and_a_still_one_costs_nothing() {
    for controller in [Controller::Ili9341, Controller::St7789] {
        for rotation in ROTATIONS {
            let (controlled, mut display) = started(controller, rotation);
            let mut frame = frame_for(rotation);
            assert!(!controlled.borrow().is_lit, "noise is lit");
            for screen in [Screen::Attract { poses: 4, notice: None }, Screen::Consent, Screen::Thinking] {
                screens::draw(&mut frame, &screen, Language::English, None);
                display.show(&frame).unwrap();
                assert_eq!(controlled.borrow().memory, expected(&frame, rotation));
            }
            let bytes = controlled.borrow().bytes;
            display.show(&frame).unwrap();
            assert_eq!(controlled.borrow().bytes, bytes);
            assert!(controlled.borrow().is_lit);
        }
    }
}

#[test]
fn a_bus_that_fails_is_said() {
    let (controlled, mut display) = started(Controller::Ili9341, Rotation::None);
    controlled.borrow_mut().broken = true;
    let error = display.show(&Frame::new(240, 320)).unwrap_err();
    assert!(matches!(error, PanelError::Failed { .. }), "{error}");
}

#[test]
fn a_bus_that_is_not_there_is_said() {
    let profile = synkiosk_boards::Profile::named("rpi3-ili9341").unwrap();
    let mut panel = crate::panel::open(&profile).unwrap();
    panel.show(&Frame::new(240, 320)).unwrap();
    let error = panel.check().unwrap_err();
    assert!(matches!(error, PanelError::Missing(_)), "{error}");
}
