//! The disks of one kiosk, with the faults that are switched on.

use crate::{
    dice::Dice,
    volume::{File, Node, Volume},
};
use std::{
    cell::{RefCell, RefMut},
    collections::BTreeMap,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    rc::Rc,
};

/// The card's data, its boot partition, and where a stick is mounted.
pub(crate) const DATA: &str = "/data";
pub(crate) const BOOT: &str = "/boot";
pub(crate) const STICK: &str = "/stick";

/// What a volume does wrong, each a likelihood by call.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// A call fails.
    pub(crate) fails: f64,
    /// A write says that it is done, and is lost with the next power cut.
    pub(crate) loses_writes: f64,
    /// A flush says that it is done, and is not.
    pub(crate) flushes_nothing: f64,
    /// A bit of what is read is another one, this once.
    pub(crate) flips_reads: f64,
}

/// What no honest disk does: planted to see whether it is noticed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Planted {
    /// As if the code did not flush its files, or its folders.
    pub(crate) no_file_flush: bool,
    pub(crate) no_folder_flush: bool,
}

#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) mount: &'static str,
    pub(crate) node: Node,
    pub(crate) locks: bool,
}

pub(crate) struct State {
    pub(crate) volumes: BTreeMap<&'static str, Volume>,
    faults: BTreeMap<&'static str, Faults>,
    pub(crate) planted: Planted,
    pub(crate) open: BTreeMap<u64, Open>,
    pub(crate) next: u64,
    pub(crate) dice: Dice,
    /// Calls until the power is cut, or the stick is pulled out.
    power: Option<usize>,
    pub(crate) stick: Option<usize>,
    pub(crate) dead: bool,
    /// Calls until a single one fails.
    fails_once: Option<usize>,
    /// Bytes that must never be written.
    pub(crate) forbidden: Vec<u8>,
    pub(crate) leak: Option<PathBuf>,
    /// Bits that were other ones, at rest or on the way.
    pub(crate) flips: BTreeMap<&'static str, u64>,
}

/// All disks of a kiosk. Paths that begin with none of the mounts are not there.
pub(crate) struct Disks(pub(crate) RefCell<State>);

impl Disks {
    pub(crate) fn new(seed: u64, forbidden: &[u8], planted: Planted) -> Rc<Disks> {
        let volumes = BTreeMap::from([(DATA, Volume::new(true)), (BOOT, Volume::new(false))]);
        Rc::new(Disks(RefCell::new(State {
            volumes,
            faults: BTreeMap::new(),
            planted,
            open: BTreeMap::new(),
            next: 1,
            dice: Dice::of(seed),
            power: None,
            stick: None,
            dead: false,
            fails_once: None,
            forbidden: forbidden.to_vec(),
            leak: None,
            flips: BTreeMap::new(),
        })))
    }

    /// A volume, to be looked at and changed without any fault.
    pub(crate) fn volume(&self, mount: &'static str) -> RefMut<'_, Volume> {
        RefMut::map(self.0.borrow_mut(), |state| state.volumes.get_mut(mount).expect("it is mounted"))
    }

    /// A file's bytes as a program would see them, if the disk did nothing wrong.
    pub(crate) fn peek(&self, path: &Path) -> Option<Rc<Vec<u8>>> {
        let state = self.0.borrow();
        let (mount, below) = split(path)?;
        let volume = state.volumes.get(mount)?;
        Some(volume.file(volume.find(below)?)?.bytes.clone())
    }

    /// Names in a folder, the same way.
    pub(crate) fn names(&self, path: &Path) -> Vec<String> {
        let state = self.0.borrow();
        let names = split(path).and_then(|(mount, below)| state.volumes.get(mount)?.folder(below));
        names.map(|folder| folder.names.keys().cloned().collect()).unwrap_or_default()
    }

    pub(crate) fn set_faults(&self, mount: &'static str, faults: Faults) {
        self.0.borrow_mut().faults.insert(mount, faults);
    }

    pub(crate) fn faults(&self, mount: &'static str) -> Faults {
        self.0.borrow().faults.get(mount).copied().unwrap_or_default()
    }

    /// A bit of some file turns over where it lies.
    pub(crate) fn rot(&self, mount: &'static str) {
        let mut state = self.0.borrow_mut();
        let State { volumes, dice, flips, .. } = &mut *state;
        if volumes.get_mut(mount).and_then(|volume| volume.rot(dice)).is_some() {
            *flips.entry(mount).or_default() += 1;
        }
    }

    /// Bits that were other ones so far.
    pub(crate) fn flips(&self, mount: &'static str) -> u64 {
        self.0.borrow().flips.get(mount).copied().unwrap_or(0)
    }

    /// Whether something is mounted there.
    pub(crate) fn has(&self, mount: &'static str) -> bool {
        self.0.borrow().volumes.contains_key(mount)
    }

    /// No fault from now on, and room for everything.
    pub(crate) fn heal(&self) {
        let mut state = self.0.borrow_mut();
        state.faults.clear();
        (state.power, state.stick) = (None, None);
        for volume in state.volumes.values_mut() {
            volume.room = usize::MAX;
        }
    }

    /// The power goes after so many more calls.
    pub(crate) fn cut_after(&self, calls: usize) {
        self.0.borrow_mut().power = Some(calls);
    }

    /// The stick goes after so many more calls.
    pub(crate) fn pull_after(&self, calls: usize) {
        self.0.borrow_mut().stick = Some(calls);
    }

    /// A single call fails after so many more.
    pub(crate) fn fail_after(&self, calls: usize) {
        self.0.borrow_mut().fails_once = Some(calls);
    }

    /// Whether the power has gone.
    pub(crate) fn is_dead(&self) -> bool {
        self.0.borrow().dead
    }

    /// The power goes now.
    pub(crate) fn cut(&self) {
        self.0.borrow_mut().dead = true;
    }

    /// The power is back: what was flushed is there, and some of the rest.
    pub(crate) fn power_on(&self) {
        let mut state = self.0.borrow_mut();
        let State { volumes, dice, open, .. } = &mut *state;
        volumes.values_mut().for_each(|volume| volume.power_cut(dice));
        open.clear();
        (state.dead, state.power) = (false, None);
    }

    /// The end that the kiosk has chosen itself: everything is flushed before.
    pub(crate) fn end_cleanly(&self) {
        self.0.borrow_mut().volumes.values_mut().for_each(Volume::flush_all);
    }

    pub(crate) fn plug_in(&self, stick: Volume) {
        self.0.borrow_mut().volumes.insert(STICK, stick);
    }

    /// What was not flushed is on the stick or not.
    pub(crate) fn pull_out(&self) -> Option<Volume> {
        let mut state = self.0.borrow_mut();
        state.stick = None;
        state.faults.remove(STICK);
        let mut stick = state.volumes.remove(STICK)?;
        stick.power_cut(&mut state.dice);
        state.open.retain(|_, open| open.mount != STICK);
        Some(stick)
    }

    /// Whether the stick was pulled out by itself, so that whoever serves it must let go.
    pub(crate) fn stick_is_gone(&self) -> bool {
        self.0.borrow().stick == Some(0)
    }

    /// The kiosk lets go of a stick that is still there.
    pub(crate) fn unmount_stick(&self) {
        let mut state = self.0.borrow_mut();
        if !state.dead && state.stick != Some(0) {
            state.volumes.get_mut(STICK).into_iter().for_each(Volume::flush_all);
        }
        if state.stick != Some(0) {
            state.stick = None;
        }
    }

    /// The first path to which forbidden bytes were written.
    pub(crate) fn leak(&self) -> Option<PathBuf> {
        self.0.borrow().leak.clone()
    }
}

/// The mount of a path, and the rest.
pub(crate) fn split(path: &Path) -> Option<(&'static str, &Path)> {
    [DATA, BOOT, STICK].into_iter().find_map(|mount| Some((mount, path.strip_prefix(mount).ok()?)))
}

pub(crate) fn not_there() -> io::Error {
    ErrorKind::NotFound.into()
}

impl State {
    /// One more call to a volume: it may be the last one, or fail.
    pub(crate) fn call(&mut self, mount: &'static str) -> io::Result<&mut Volume> {
        if let Some(left) = &mut self.power {
            *left = left.saturating_sub(1);
            self.dead |= *left == 0;
        }
        if self.dead {
            return Err(io::Error::other("no power"));
        }
        if mount == STICK
            && let Some(left) = &mut self.stick
        {
            *left = left.saturating_sub(1);
            if *left == 0 {
                return Err(not_there());
            }
        }
        match self.fails_once.take() {
            Some(0) => return Err(io::Error::other("the disk failed once")),
            left => self.fails_once = left.map(|left| left - 1),
        }
        let fails = self.faults.get(mount).map_or(0.0, |faults| faults.fails);
        if fails > 0.0 && self.dice.happens(fails) {
            return Err(io::Error::other("the disk failed"));
        }
        self.volumes.get_mut(mount).ok_or_else(not_there)
    }

    /// The same for a call that changes something: one that fails may have done it all the same, or part of it.
    pub(crate) fn change<T>(
        &mut self,
        mount: &'static str,
        change: impl FnOnce(&mut Volume, Option<&mut Dice>) -> io::Result<T>,
    ) -> io::Result<T> {
        let called = self.call(mount).map(drop);
        let is_gone = self.dead || mount == STICK && self.stick == Some(0);
        let State { volumes, dice, .. } = self;
        let volume = volumes.get_mut(mount).ok_or_else(not_there)?;
        match called {
            Ok(()) => change(volume, None),
            Err(error) => {
                if !is_gone && dice.happens(0.5) {
                    let _ = change(volume, Some(dice));
                }
                Err(error)
            }
        }
    }

    pub(crate) fn happens(&mut self, mount: &'static str, which: fn(&Faults) -> f64) -> bool {
        let likelihood = self.faults.get(mount).map_or(0.0, which);
        likelihood > 0.0 && self.dice.happens(likelihood)
    }

    pub(crate) fn of_handle(&self, handle: u64) -> io::Result<(&'static str, Node)> {
        let open = self.open.get(&handle).ok_or_else(|| io::Error::other("no such handle"))?;
        Ok((open.mount, open.node))
    }

    /// Calls the volume of an open file.
    pub(crate) fn call_open(&mut self, handle: u64) -> io::Result<(&mut File, &'static str)> {
        let (mount, node) = self.of_handle(handle)?;
        let volume = self.call(mount)?;
        Ok((volume.file_mut(node).ok_or_else(not_there)?, mount))
    }
}

/// Whether the bytes hold these, which begin with a byte that is rare elsewhere.
pub(crate) fn holds(bytes: &[u8], these: &[u8]) -> bool {
    let Some(first) = these.first() else { return false };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(these) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}
