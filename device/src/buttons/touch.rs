//! A touch screen's events, and where on the screen a finger tapped.
//!
//! The kernel knows three ways to tell of fingers (Documentation/input/multi-touch-protocol.rst): slots that keep what
//! is not said again (B), packets that list every finger (A), and one finger alone.

use super::{
    Place,
    hold::Hold,
    keys::{EV_KEY, EV_SYN, Raw, SYN_DROPPED},
};
use std::time::Duration;
use synkiosk_boards::profile::{self, Rotation};

/// Places.
pub const EV_ABS: u16 = 3;
const SYN_REPORT: u16 = 0;
const SYN_MT_REPORT: u16 = 2;
/// A finger is on the screen.
pub const BTN_TOUCH: u16 = 0x14a;
/// Axes of a single finger.
pub const ABS_X: u16 = 0;
/// Axes of a single finger.
pub const ABS_Y: u16 = 1;
/// Which finger the next values are about.
pub const ABS_MT_SLOT: u16 = 0x2f;
/// Axes of one of many fingers.
pub const ABS_MT_POSITION_X: u16 = 0x35;
/// Axes of one of many fingers.
pub const ABS_MT_POSITION_Y: u16 = 0x36;
/// A finger comes (any number) or goes (-1).
const ABS_MT_TRACKING_ID: u16 = 0x39;
/// More fingers than anybody has.
const SLOTS: usize = 10;
/// A finger that wanders further than this, in parts of the screen's side, does not tap, and holds nothing.
const WANDERS: f32 = 0.1;

/// How the device tells of fingers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Protocol B.
    Slots,
    /// Protocol A.
    Packets,
    /// One finger alone.
    Single,
}

impl Protocol {
    /// By the axes that a device has; `None` where it is no touch screen.
    pub fn of(has_axis: impl Fn(u16) -> bool, has_key: impl Fn(u16) -> bool) -> Option<Protocol> {
        match (has_axis(ABS_MT_POSITION_X) && has_axis(ABS_MT_POSITION_Y), has_axis(ABS_MT_SLOT)) {
            (true, true) => Some(Protocol::Slots),
            (true, false) => Some(Protocol::Packets),
            (false, _) => {
                (has_axis(ABS_X) && has_axis(ABS_Y) && has_key(BTN_TOUCH)).then_some(Protocol::Single)
            }
        }
    }

    /// Codes of its two axes.
    pub fn axes(self) -> (u16, u16) {
        match self {
            Protocol::Slots | Protocol::Packets => (ABS_MT_POSITION_X, ABS_MT_POSITION_Y),
            Protocol::Single => (ABS_X, ABS_Y),
        }
    }
}

/// From a device's values to the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calibration {
    edges: profile::Touch,
    rotation: Rotation,
}

impl Calibration {
    /// By the profile's values; where it has none, by the least and the greatest value of either axis.
    pub fn new(
        edges: Option<&profile::Touch>,
        (first, second): ((i32, i32), (i32, i32)),
        rotation: Rotation,
    ) -> Calibration {
        let own = profile::Touch {
            swaps_axes: false,
            left: first.0,
            right: first.1,
            top: second.0,
            bottom: second.1,
        };
        Calibration { edges: edges.copied().unwrap_or(own), rotation }
    }

    /// The place on the screen as a person sees it.
    pub fn place(&self, (first, second): (i32, i32)) -> Place {
        let edges = &self.edges;
        let (across, down) = if edges.swaps_axes { (second, first) } else { (first, second) };
        let share = |value: i32, from: i32, to: i32| {
            let span = f64::from(to) - f64::from(from);
            let share = (f64::from(value) - f64::from(from)) / if span == 0.0 { 1.0 } else { span };
            share.clamp(0.0, 1.0) as f32
        };
        let (u, v) = (share(across, edges.left, edges.right), share(down, edges.top, edges.bottom));
        match self.rotation {
            Rotation::None => Place { x: u, y: v },
            Rotation::Quarter => Place { x: v, y: 1.0 - u },
            Rotation::Half => Place { x: 1.0 - u, y: 1.0 - v },
            Rotation::ThreeQuarters => Place { x: 1.0 - v, y: u },
        }
    }
}

/// One finger, and where it is as far as it was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Finger {
    is_down: bool,
    x: Option<i32>,
    y: Option<i32>,
}

/// What the fingers are at.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Gesture {
    /// None is down.
    Nothing,
    /// One is down: where it came down, where it is, and whether it may be a hold.
    One(Place, Place, Hold),
    /// No tap and no hold comes of this, until all are up.
    Void,
}

/// A touch screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Touch {
    protocol: Protocol,
    calibration: Calibration,
    /// One for each slot or for each finger of a packet; the first alone where there is only one.
    fingers: [Finger; SLOTS],
    /// Which finger the next values are about; beyond the last, none.
    current: usize,
    gesture: Gesture,
    /// Events were lost, and the rest of the report is not whole.
    is_torn: bool,
}

impl Touch {
    /// `start` is where a single finger was last: the kernel does not say again what stays the same.
    pub fn new(protocol: Protocol, calibration: Calibration, start: Option<(i32, i32)>) -> Touch {
        let mut fingers = [Finger::default(); SLOTS];
        if let (Protocol::Single, Some((x, y))) = (protocol, start) {
            fingers[0] = Finger { is_down: false, x: Some(x), y: Some(y) };
        }
        Touch { protocol, calibration, fingers, current: 0, gesture: Gesture::Nothing, is_torn: false }
    }

    /// Where a finger tapped, when it is lifted; `now` is monotonic.
    pub fn event(&mut self, now: Duration, event: Raw) -> Option<Place> {
        match (event.kind, event.code) {
            (EV_SYN, SYN_DROPPED) => {
                self.fingers = [Finger::default(); SLOTS];
                self.gesture = Gesture::Nothing;
                self.is_torn = true;
            }
            (EV_SYN, SYN_REPORT) if self.is_torn => {
                self.is_torn = false;
                self.current = 0;
                self.fingers = [Finger::default(); SLOTS];
            }
            _ if self.is_torn => {}
            (EV_SYN, SYN_REPORT) => return self.report(now),
            (EV_SYN, SYN_MT_REPORT) if self.protocol == Protocol::Packets => self.next_of_packet(),
            (EV_KEY, BTN_TOUCH) if self.protocol == Protocol::Single => {
                self.fingers[0].is_down = event.value != 0;
            }
            (EV_ABS, code) => self.axis(code, event.value),
            _ => {}
        }
        None
    }

    /// Whether a single finger was held where it came down. That is said once, and it taps no more.
    pub fn is_held(&mut self, now: Duration) -> bool {
        let is_held = match &mut self.gesture {
            Gesture::One(_, _, hold) => hold.is_due(now),
            _ => false,
        };
        if is_held {
            self.gesture = Gesture::Void;
        }
        is_held
    }

    /// When to ask for that again; `None` where only an event can change it.
    pub fn due_in(&self, now: Duration) -> Option<Duration> {
        match &self.gesture {
            Gesture::One(_, _, hold) => hold.due_in(now),
            _ => None,
        }
    }

    fn axis(&mut self, code: u16, value: i32) {
        let (x, y) = self.protocol.axes();
        if self.protocol == Protocol::Slots && code == ABS_MT_SLOT {
            self.current = usize::try_from(value).unwrap_or(SLOTS);
            return;
        }
        let Some(finger) = self.fingers.get_mut(self.current) else { return };
        match code {
            ABS_MT_TRACKING_ID if self.protocol == Protocol::Slots => finger.is_down = value >= 0,
            _ if code == x => finger.x = Some(value),
            _ if code == y => finger.y = Some(value),
            _ => {}
        }
    }

    /// An empty place in a packet is no finger: so a packet says that all are up.
    fn next_of_packet(&mut self) {
        let Some(finger) = self.fingers.get_mut(self.current) else { return };
        if finger.x.is_some() && finger.y.is_some() {
            finger.is_down = true;
            self.current += 1;
        }
    }

    fn report(&mut self, now: Duration) -> Option<Place> {
        let mut down = self.fingers.iter().filter(|finger| finger.is_down);
        let (first, more) = (down.next().copied(), down.next().is_some());
        if self.protocol == Protocol::Packets {
            self.fingers = [Finger::default(); SLOTS];
            self.current = 0;
        }
        let place = match first {
            None => {
                let gesture = std::mem::replace(&mut self.gesture, Gesture::Nothing);
                return tap(gesture);
            }
            Some(Finger { x: Some(x), y: Some(y), .. }) if !more => self.calibration.place((x, y)),
            // Two fingers, or one of which it is not known where it is.
            Some(_) => {
                self.gesture = Gesture::Void;
                return None;
            }
        };
        self.gesture = match self.gesture {
            Gesture::Nothing => {
                let mut hold = Hold::new();
                hold.begin(now);
                Gesture::One(place, place, hold)
            }
            Gesture::One(start, _, mut hold) => {
                // A finger that comes back may still tap, as ever, but was not still.
                if wanders(start, place) {
                    hold.end();
                }
                Gesture::One(start, place, hold)
            }
            Gesture::Void => Gesture::Void,
        };
        None
    }
}

fn tap(gesture: Gesture) -> Option<Place> {
    match gesture {
        Gesture::One(start, end, _) if !wanders(start, end) => Some(end),
        _ => None,
    }
}

fn wanders(from: Place, to: Place) -> bool {
    (from.x - to.x).abs().max((from.y - to.y).abs()) > WANDERS
}

#[cfg(test)]
pub(super) mod tests;
