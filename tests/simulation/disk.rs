//! The disks of one kiosk, with the faults that are switched on.

use crate::{
    dice::{Dice, MoreDice},
    volume::{Content, File, Folder, Node, Volume},
};
use std::{
    cell::{RefCell, RefMut},
    collections::BTreeMap,
    ffi::OsString,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    rc::Rc,
};
use synkiosk_journal::disk::simulated::{Access, Disk, Found};

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
struct Open {
    mount: &'static str,
    node: Node,
    locks: bool,
}

struct State {
    volumes: BTreeMap<&'static str, Volume>,
    faults: BTreeMap<&'static str, Faults>,
    planted: Planted,
    open: BTreeMap<u64, Open>,
    next: u64,
    dice: Dice,
    /// Calls until the power is cut, or the stick is pulled out.
    power: Option<usize>,
    stick: Option<usize>,
    dead: bool,
    /// Bytes that must never be written.
    forbidden: Vec<u8>,
    leak: Option<PathBuf>,
    /// Bits that were other ones, at rest or on the way.
    flips: BTreeMap<&'static str, u64>,
}

/// All disks of a kiosk. Paths that begin with none of the mounts are not there.
pub(crate) struct Disks(RefCell<State>);

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
fn split(path: &Path) -> Option<(&'static str, &Path)> {
    [DATA, BOOT, STICK].into_iter().find_map(|mount| Some((mount, path.strip_prefix(mount).ok()?)))
}

fn not_there() -> io::Error {
    ErrorKind::NotFound.into()
}

impl State {
    /// One more call to a volume: it may be the last one, or fail.
    fn call(&mut self, mount: &'static str) -> io::Result<&mut Volume> {
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
        let fails = self.faults.get(mount).map_or(0.0, |faults| faults.fails);
        if fails > 0.0 && self.dice.happens(fails) {
            return Err(io::Error::other("the disk failed"));
        }
        self.volumes.get_mut(mount).ok_or_else(not_there)
    }

    /// The same for a call that changes something: one that fails may have done it all the same, or part of it.
    fn change<T>(
        &mut self,
        mount: &'static str,
        change: impl FnOnce(&mut Volume, Option<&mut Dice>) -> io::Result<T>,
    ) -> io::Result<T> {
        let called = self.call(mount).map(drop);
        let reached = !self.dead && !(mount == STICK && self.stick == Some(0));
        let State { volumes, dice, .. } = self;
        let volume = volumes.get_mut(mount).ok_or_else(not_there)?;
        match called {
            Ok(()) => change(volume, None),
            Err(error) => {
                if reached && dice.happens(0.5) {
                    let _ = change(volume, Some(dice));
                }
                Err(error)
            }
        }
    }

    fn happens(&mut self, mount: &'static str, which: fn(&Faults) -> f64) -> bool {
        let likelihood = self.faults.get(mount).map_or(0.0, which);
        likelihood > 0.0 && self.dice.happens(likelihood)
    }

    fn of_handle(&self, handle: u64) -> io::Result<(&'static str, Node)> {
        let open = self.open.get(&handle).ok_or_else(|| io::Error::other("no such handle"))?;
        Ok((open.mount, open.node))
    }

    /// Calls the volume of an open file.
    fn call_open(&mut self, handle: u64) -> io::Result<(&mut File, &'static str)> {
        let (mount, node) = self.of_handle(handle)?;
        let volume = self.call(mount)?;
        Ok((volume.file_mut(node).ok_or_else(not_there)?, mount))
    }
}

impl Disk for Disks {
    fn open(&self, path: &Path, access: Access) -> io::Result<u64> {
        let mut state = self.0.borrow_mut();
        let (mount, below) = split(path).ok_or_else(not_there)?;
        let volume = state.call(mount)?;
        if access.write && volume.is_read_only {
            return Err(ErrorKind::ReadOnlyFilesystem.into());
        }
        let node = match volume.find(below) {
            Some(node) => node,
            None if access.create => {
                volume.make(below, Content::File(File::default())).ok_or_else(not_there)?
            }
            None => return Err(not_there()),
        };
        match volume.file_mut(node) {
            Some(file) if access.truncate && !file.bytes.is_empty() => file.set_len(0),
            None if access.write => return Err(ErrorKind::IsADirectory.into()),
            _ => {}
        }
        let handle = state.next;
        state.next += 1;
        state.open.insert(handle, Open { mount, node, locks: false });
        Ok(handle)
    }

    fn close(&self, file: u64) {
        self.0.borrow_mut().open.remove(&file);
    }

    fn lock(&self, file: u64) -> bool {
        let mut state = self.0.borrow_mut();
        let Ok((mount, node)) = state.of_handle(file) else { return false };
        if state.open.values().any(|open| open.locks && (open.mount, open.node) == (mount, node)) {
            return false;
        }
        state.open.get_mut(&file).into_iter().for_each(|open| open.locks = true);
        true
    }

    fn bytes(&self, file: u64) -> io::Result<u64> {
        Ok(self.0.borrow_mut().call_open(file)?.0.bytes.len() as u64)
    }

    fn read(&self, file: u64, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut state = self.0.borrow_mut();
        let (file, mount) = state.call_open(file)?;
        let rest = file.bytes.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        if count > 0 && state.happens(mount, |faults| faults.flips_reads) {
            into[state.dice.below(count)] ^= 1 << state.dice.below(8);
            *state.flips.entry(mount).or_default() += 1;
        }
        Ok(count)
    }

    fn write(&self, file: u64, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.borrow_mut();
        let (mount, node) = state.of_handle(file)?;
        if holds(bytes, &state.forbidden) {
            state.leak = Some(Path::new(mount).join(node.to_string()));
        }
        let is_lost = state.happens(mount, |faults| faults.loses_writes);
        let at = offset as usize;
        state.change(mount, |volume, fails| {
            let free = volume.room.saturating_sub(volume.used());
            let file = volume.file_mut(node).ok_or_else(not_there)?;
            let inside = file.bytes.len().saturating_sub(at);
            let room = bytes.len().min(inside.saturating_add(free));
            if room == 0 && !bytes.is_empty() {
                return Err(ErrorKind::StorageFull.into());
            }
            let count = fails.map_or(room, |dice| dice.below(room + 1));
            file.write(at, &bytes[..count], !is_lost);
            Ok(count)
        })
    }

    fn set_len(&self, file: u64, bytes: u64) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let (mount, node) = state.of_handle(file)?;
        state.change(mount, |volume, _| {
            volume.file_mut(node).ok_or_else(not_there)?.set_len(bytes as usize);
            Ok(())
        })
    }

    fn sync(&self, file: u64) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let (mount, node) = state.of_handle(file)?;
        let is_nothing = state.happens(mount, |faults| faults.flushes_nothing);
        let planted = state.planted;
        let called = state.call(mount).map(drop);
        let dead = state.dead;
        let Some(volume) = state.volumes.get_mut(mount) else { return Err(not_there()) };
        if let Err(error) = called {
            if !dead {
                volume.flush_failed(node);
            }
            return Err(error);
        }
        let is_file = volume.file(node).is_some();
        let is_planted = if is_file { planted.no_file_flush } else { planted.no_folder_flush };
        if !is_nothing && !is_planted {
            volume.flush(node);
        }
        Ok(())
    }

    fn look(&self, path: &Path) -> io::Result<Found> {
        let mut state = self.0.borrow_mut();
        let (mount, below) = split(path).ok_or_else(not_there)?;
        let volume = state.call(mount)?;
        let node = volume.find(below).ok_or_else(not_there)?;
        Ok(match volume.content(node) {
            Some(Content::File(file)) => Found { is_folder: false, bytes: file.bytes.len() as u64 },
            _ => Found { is_folder: true, bytes: 0 },
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let mut state = self.0.borrow_mut();
        let (mount, below) = split(path).ok_or_else(not_there)?;
        let volume = state.call(mount)?;
        let folder = volume.folder(below).ok_or_else(not_there)?;
        // Backward, because a folder lists in any order.
        Ok(folder.names.keys().rev().map(OsString::from).collect())
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let (mount, below) = split(path).ok_or_else(not_there)?;
        let volume = state.call(mount)?;
        if volume.is_read_only {
            return Err(ErrorKind::ReadOnlyFilesystem.into());
        }
        if volume.find(below).is_some() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        volume.make(below, Content::Folder(Folder::default())).map(drop).ok_or_else(not_there)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let ((mount, from), (_, to)) = (split(from).ok_or_else(not_there)?, split(to).ok_or_else(not_there)?);
        state.change(mount, |volume, _| {
            if volume.folder(to).is_some_and(|folder| !folder.names.is_empty()) {
                return Err(ErrorKind::DirectoryNotEmpty.into());
            }
            volume.rename(from, to).ok_or_else(not_there)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let (mount, below) = split(path).ok_or_else(not_there)?;
        state.change(mount, |volume, _| volume.take(below).ok_or_else(not_there))
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
