//! A shelf in memory that can be told to fail, and that is stricter than a folder: it panics when the file that is in
//! use is written to, and when anything is set aside that is not there.

use super::shelf::Shelf;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    io::{self, ErrorKind},
    rc::Rc,
};

/// Files in memory. Clones share them, as programs share a disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeShelf {
    disk: Rc<RefCell<Disk>>,
}

#[derive(Debug, Default)]
struct Disk {
    files: BTreeMap<String, Vec<u8>>,
    unreadable: BTreeSet<String>,
    in_use: Option<String>,
    set_aside: Vec<String>,
    power: Option<usize>,
    dead: bool,
    full: bool,
    forgetful: bool,
    /// Whole writes so far.
    writes: usize,
}

/// Steps of one write: beside the file, made durable, put in its place, the folder made durable.
pub(crate) const STEPS_OF_A_WRITE: usize = 4;

impl FakeShelf {
    /// Puts a file there as if something else had written it.
    pub(crate) fn plant(&self, file: &str, bytes: &[u8]) {
        self.disk.borrow_mut().files.insert(file.to_owned(), bytes.to_vec());
    }

    /// The medium does not give this file any more.
    pub(crate) fn break_file(&self, file: &str) {
        self.disk.borrow_mut().unreadable.insert(file.to_owned());
    }

    /// The medium gives every file again.
    pub(crate) fn mend(&self) {
        self.disk.borrow_mut().unreadable.clear();
    }

    /// This file must not be written to.
    pub(crate) fn guard(&self, file: &str) {
        self.disk.borrow_mut().in_use = Some(file.to_owned());
    }

    /// No further write finds room, or every one does.
    pub(crate) fn set_full(&self, full: bool) {
        self.disk.borrow_mut().full = full;
    }

    /// From now on nothing is there that was written, as on a stick that lies about its size.
    pub(crate) fn forget_writes(&self, forgetful: bool) {
        self.disk.borrow_mut().forgetful = forgetful;
    }

    /// The power is cut after so many steps of writes.
    pub(crate) fn cut_after(&self, steps: usize) {
        self.disk.borrow_mut().power = Some(steps);
    }

    /// The power is back.
    pub(crate) fn restarted(&self) -> FakeShelf {
        let mut disk = self.disk.borrow_mut();
        (disk.power, disk.dead) = (None, false);
        drop(disk);
        self.clone()
    }

    /// The file's bytes, if it is there.
    pub(crate) fn bytes(&self, file: &str) -> Option<Vec<u8>> {
        self.disk.borrow().files.get(file).cloned()
    }

    /// Takes a file away.
    pub(crate) fn remove(&self, file: &str) {
        self.disk.borrow_mut().files.remove(file);
    }

    /// What was set aside so far.
    pub(crate) fn set_aside_files(&self) -> Vec<String> {
        self.disk.borrow().set_aside.clone()
    }

    /// Whole writes so far.
    pub(crate) fn writes(&self) -> usize {
        self.disk.borrow().writes
    }
}

impl Disk {
    fn alive(&self) -> io::Result<()> {
        if self.dead { Err(io::Error::other("no power")) } else { Ok(()) }
    }

    /// Whether one more step is done.
    fn step(&mut self) -> io::Result<()> {
        match &mut self.power {
            Some(0) => self.dead = true,
            Some(left) => *left -= 1,
            None => {}
        }
        self.alive()
    }
}

impl Shelf for FakeShelf {
    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>> {
        let disk = self.disk.borrow();
        disk.alive()?;
        if disk.unreadable.contains(file) {
            return Err(io::Error::other("bad block"));
        }
        Ok(disk.files.get(file).cloned())
    }

    fn write(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk.borrow_mut();
        assert_ne!(disk.in_use.as_deref(), Some(file), "the file in use is written to");
        if disk.full {
            return Err(ErrorKind::StorageFull.into());
        }
        disk.step()?;
        disk.step()?;
        disk.step()?;
        // In its place, and the folder not yet durable: a cut here shows the new file; one step before, the old.
        let bytes = if disk.forgetful { vec![0; bytes.len()] } else { bytes.to_vec() };
        disk.files.insert(file.to_owned(), bytes);
        disk.unreadable.remove(file);
        disk.step()?;
        disk.writes += 1;
        Ok(())
    }

    fn set_aside(&mut self, file: &str) -> io::Result<()> {
        let mut disk = self.disk.borrow_mut();
        disk.alive()?;
        assert_ne!(disk.in_use.as_deref(), Some(file), "the file in use is set aside");
        disk.files.remove(file).expect("only a file that is there is set aside");
        disk.unreadable.remove(file);
        disk.set_aside.push(file.to_owned());
        Ok(())
    }
}
