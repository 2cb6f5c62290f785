//! Keyboards, clickers and touch screens, as they come and go.

use super::{
    ButtonError, Press,
    device::Device,
    keys::{Keys, Raw},
    touch::{Calibration, Protocol, Touch},
};
use evdev::{AbsoluteAxisCode, KeyCode, PropType, raw_stream::RawDevice};
use rustix::event::{PollFd, PollFlags, Timespec};
use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::mpsc::Sender,
    thread,
    time::{Duration, Instant},
};
use synkiosk_boards::{
    Profile,
    profile::{self, Rotation, Trigger},
};

/// Where the kernel puts input devices.
const FOLDER: &str = "/dev/input";
/// Devices that were plugged in are looked for so often.
const LOOK: Duration = Duration::from_secs(1);
/// A keyboard may take so many looks to come up after the start.
const PATIENCE: u32 = 5;

/// Sends a press for each key of the profile, for each tap and for each hold, from a thread of its own.
pub(super) fn watch(
    profile: &Profile,
    presses: Sender<Press>,
    complain: impl Fn(ButtonError) + Send + 'static,
) -> Result<(), ButtonError> {
    let mut inputs = Inputs::new(profile, Path::new(FOLDER));
    let watching = move || {
        loop {
            if let Err(error) = inputs.turn(&mut |press| presses.send(press).is_ok(), &complain) {
                complain(ButtonError::Wait(error));
                thread::sleep(LOOK);
            }
            if inputs.is_unwanted {
                return;
            }
        }
    };
    thread::Builder::new().name("input".to_owned()).spawn(watching).map_err(ButtonError::Thread)?;
    Ok(())
}

/// All devices of a folder that a press may come from.
struct Inputs {
    folder: PathBuf,
    keys: Keys,
    /// No button is on a line: without a keyboard nobody can press anything.
    needs_keyboard: bool,
    edges: Option<profile::Touch>,
    rotation: Rotation,
    /// By path; the number of the node tells a new device of an old name.
    devices: BTreeMap<PathBuf, (u64, Option<Plugged>)>,
    began: Instant,
    looked: Option<Instant>,
    looks_without_keyboard: u32,
    is_unwanted: bool,
}

struct Plugged {
    raw: RawDevice,
    has_keys: bool,
    device: Device,
}

impl Inputs {
    fn new(profile: &Profile, folder: &Path) -> Inputs {
        let is_key = |button: &profile::Button| matches!(button.trigger, Trigger::Key(_));
        Inputs {
            folder: folder.to_owned(),
            keys: Keys::new(profile.buttons()),
            needs_keyboard: profile.buttons().iter().all(is_key),
            edges: profile.touch().copied(),
            rotation: profile.panel().rotation,
            devices: BTreeMap::new(),
            began: Instant::now(),
            looked: None,
            looks_without_keyboard: 0,
            is_unwanted: false,
        }
    }

    /// Waits for events, but never longer than `LOOK` or past the end of a hold, and hands their presses to `send` until it says no.
    fn turn(
        &mut self,
        send: &mut dyn FnMut(Press) -> bool,
        complain: &dyn Fn(ButtonError),
    ) -> io::Result<()> {
        if self.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            self.looked = Some(Instant::now());
            self.look();
            self.complain_of_missing(complain);
        }
        for path in self.wait()? {
            self.read(&path, send);
        }
        // After the events: what was let go of meanwhile is no hold.
        self.hold(send);
        Ok(())
    }

    fn look(&mut self) {
        // A folder that is not there has no devices yet.
        let entries: Vec<_> = fs::read_dir(&self.folder).into_iter().flatten().flatten().collect();
        let mut present = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"event"))
        {
            if let Ok(metadata) = entry.metadata() {
                present.insert(entry.path(), metadata.ino());
            }
        }
        self.devices.retain(|path, (node, _)| present.get(path) == Some(node));
        for (path, node) in present {
            if !self.devices.contains_key(&path)
                && let Ok(raw) = RawDevice::open(&path)
            {
                let device = self.device(raw);
                self.devices.insert(path, (node, device));
            }
        }
    }

    /// What is to be listened to; everything else is left alone.
    fn device(&self, mut raw: RawDevice) -> Option<Plugged> {
        let has_key = |code| raw.supported_keys().is_some_and(|keys| keys.contains(KeyCode(code)));
        let has_axis =
            |code| raw.supported_absolute_axes().is_some_and(|axes| axes.contains(AbsoluteAxisCode(code)));
        let has_keys = self.keys.any(has_key);
        // A touch pad has the same axes, and is not where it is looked at.
        let is_pad = raw.properties().contains(PropType::POINTER);
        let protocol = Protocol::of(has_axis, has_key).filter(|_| !is_pad);
        let touch = protocol.and_then(|protocol| self.touch(&raw, protocol));
        if !has_keys && touch.is_none() {
            return None;
        }
        // Not for the console as well. Where another program has it, that program hears the keys too.
        let _ = raw.grab();
        Some(Plugged { raw, has_keys, device: Device::new(self.keys.clone(), touch) })
    }

    fn touch(&self, raw: &RawDevice, protocol: Protocol) -> Option<Touch> {
        let axes: BTreeMap<_, _> = raw.get_absinfo().ok()?.map(|(code, axis)| (code.0, axis)).collect();
        let (first, second) = protocol.axes();
        let (first, second) = (axes.get(&first)?, axes.get(&second)?);
        let bounds = ((first.minimum(), first.maximum()), (second.minimum(), second.maximum()));
        let calibration = Calibration::new(self.edges.as_ref(), bounds, self.rotation);
        Some(Touch::new(protocol, calibration, Some((first.value(), second.value()))))
    }

    fn complain_of_missing(&mut self, complain: &dyn Fn(ButtonError)) {
        let has_keyboard =
            self.devices.values().any(|(_, device)| device.as_ref().is_some_and(|one| one.has_keys));
        if has_keyboard || !self.needs_keyboard {
            self.looks_without_keyboard = 0;
            return;
        }
        self.looks_without_keyboard = self.looks_without_keyboard.saturating_add(1);
        if self.looks_without_keyboard == PATIENCE {
            complain(ButtonError::NoKeyboard(self.keys.names()));
        }
    }

    /// Which devices have something to say.
    fn wait(&self) -> io::Result<Vec<PathBuf>> {
        let plugged = self.devices.iter().filter_map(|(path, (_, plugged))| Some((path, plugged.as_ref()?)));
        let listening: Vec<_> = plugged.clone().map(|(path, plugged)| (path, &plugged.raw)).collect();
        let mut files: Vec<_> = listening.iter().map(|(_, raw)| PollFd::new(*raw, PollFlags::IN)).collect();
        let left = LOOK.saturating_sub(self.looked.map_or(LOOK, |looked| looked.elapsed()));
        let now = self.began.elapsed();
        let held = plugged.filter_map(|(_, plugged)| plugged.device.due_in(now)).min();
        let left = held.map_or(left, |held| left.min(held));
        let wait = Timespec { tv_sec: 0, tv_nsec: left.as_nanos().min(999_999_999) as _ };
        match rustix::event::poll(&mut files, Some(&wait)) {
            Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
            result => result?,
        };
        let ready = listening.iter().zip(&files).filter(|(_, file)| !file.revents().is_empty());
        Ok(ready.map(|((path, _), _)| (*path).clone()).collect())
    }

    fn read(&mut self, path: &Path, send: &mut dyn FnMut(Press) -> bool) {
        let Some((_, Some(plugged))) = self.devices.get_mut(path) else { return };
        let events = plugged.raw.fetch_events().map(Iterator::collect::<Vec<_>>);
        let Ok(events) = events else {
            // Pulled out, and all that was down with it. What has its name next is looked at anew.
            self.devices.remove(path);
            return;
        };
        let now = self.began.elapsed();
        for event in events {
            let raw = Raw { kind: event.event_type().0, code: event.code(), value: event.value() };
            if let Some(press) = plugged.device.event(now, raw) {
                self.is_unwanted |= !send(press);
            }
        }
    }

    fn hold(&mut self, send: &mut dyn FnMut(Press) -> bool) {
        let now = self.began.elapsed();
        let plugged = self.devices.values_mut().filter_map(|(_, plugged)| plugged.as_mut());
        let holds = plugged.map(|plugged| plugged.device.holds(now)).sum();
        for _ in 0..holds {
            self.is_unwanted |= !send(Press::Held);
        }
    }
}

#[cfg(test)]
mod tests;
