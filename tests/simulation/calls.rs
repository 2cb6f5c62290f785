//! The calls of storage code on the simulated disks.

use crate::{
    dice::MoreDice,
    disk::{Disks, Open, holds, not_there, split},
    volume::{Content, File, Folder},
};
use std::{
    ffi::OsString,
    io::{self, ErrorKind},
    path::Path,
};
use synkiosk_journal::disk::simulated::{Access, Disk, Found};

/// How often a write takes only its first bytes, with nothing wrong: systems may, and whoever writes goes on with the rest.
const IN_PARTS: f64 = 0.01;

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
        let whole = bytes.len();
        let taken =
            if whole > 1 && state.dice.happens(IN_PARTS) { 1 + state.dice.below(whole - 1) } else { whole };
        let bytes = &bytes[..taken];
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
