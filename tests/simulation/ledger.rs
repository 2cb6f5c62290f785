//! What was promised, and whether it is kept.

use crate::disk::{DATA, Disks};
use std::{
    collections::{BTreeSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
};
use synkiosk_device::whole_file;
use synkiosk_journal::segment::{Piece, read_segment};

/// A sealed record by its bytes, no two of which are alike.
pub(crate) type Seal = u64;

pub(crate) fn seal_of(sealed: &[u8]) -> Seal {
    let mut hasher = DefaultHasher::new();
    sealed.hash(&mut hasher);
    hasher.finish()
}

/// The sealed records in a segment, and how many stretches of it are damaged.
pub(crate) fn seals_in(segment: &[u8]) -> (Vec<Seal>, usize) {
    let (mut seals, mut damaged) = (Vec::new(), 0);
    for piece in read_segment(segment).into_iter().flatten() {
        match piece {
            Piece::Frame(frame) => seals.push(seal_of(frame.sealed)),
            Piece::Damage(_) => damaged += 1,
        }
    }
    (seals, damaged)
}

/// What a unit may never fall below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Floors {
    pub(crate) version: u32,
    pub(crate) settings: u64,
    /// Keys that were replaced.
    pub(crate) rotations: usize,
}

/// Sessions that were promised to be kept, and where they are.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Written, the promise given, and not yet excused.
    pub(crate) promised: BTreeSet<Seal>,
    /// Promised while the disk lied: it may have them or not.
    pub(crate) promised_by_a_liar: BTreeSet<Seal>,
    /// On the collector's laptop.
    pub(crate) collected: BTreeSet<Seal>,
    /// Gone from the unit, and counted as dropped.
    pub(crate) dropped: u64,
    /// Lost to bits that turned over, and how many of those there were.
    pub(crate) rotten: u64,
    pub(crate) rot: u64,
    pub(crate) floors: Floors,
    /// Promises ever given.
    pub(crate) written: u64,
}

impl Ledger {
    /// Every session that was promised is on the disk, or on the collector's laptop, or was counted as dropped.
    pub(crate) fn check(&mut self, disks: &Disks) -> Result<(), String> {
        let there = there(disks);
        let gone: Vec<Seal> = self.promised.iter().copied().filter(|seal| !there.contains(seal)).collect();
        let counted = dropped(disks);
        for seal in gone {
            self.promised.remove(&seal);
            if self.collected.contains(&seal) || self.promised_by_a_liar.contains(&seal) {
                continue;
            } else if self.dropped < counted {
                self.dropped += 1;
            } else if self.rotten < self.rot {
                self.rotten += 1;
            } else {
                return Err(format!(
                    "an acknowledged session is lost: {} kept, {} dropped of {counted} counted",
                    self.promised.len(),
                    self.dropped
                ));
            }
        }
        Ok(())
    }
}

/// Folders that hold segments: the journal, and those that were set aside.
fn journals(disks: &Disks) -> Vec<PathBuf> {
    let names = disks.names(Path::new(DATA)).into_iter().filter(|name| name.starts_with("journal"));
    names.map(|name| Path::new(DATA).join(name)).collect()
}

fn there(disks: &Disks) -> BTreeSet<Seal> {
    let mut there = BTreeSet::new();
    for folder in journals(disks) {
        for name in disks.names(&folder).into_iter().filter(|name| name.ends_with(".segment")) {
            let bytes = disks.peek(&folder.join(name)).unwrap_or_default();
            there.extend(seals_in(&bytes).0);
        }
    }
    there
}

/// How many sessions the unit says that it has dropped.
pub(crate) fn dropped(disks: &Disks) -> u64 {
    let names = disks.names(Path::new(DATA)).into_iter();
    names.filter_map(|name| name.strip_suffix(".dropped")?.parse().ok()).max().unwrap_or(0)
}

/// What the unit says on its disk of its own counters; none where it cannot be read.
pub(crate) fn stands_at(disks: &Disks) -> Floors {
    let read = |path: &str| disks.peek(Path::new(path)).unwrap_or_default();
    let json = |path: &str| {
        let bytes = read(path);
        whole_file::unsealed(&bytes).and_then(|text| serde_json::from_slice(text).ok()).unwrap_or_default()
    };
    let highest: serde_json::Value = json("/data/models/highest.json");
    let settings = String::from_utf8_lossy(&read("/data/unit/settings")).into_owned();
    let counter = settings.lines().find_map(|line| line.strip_prefix("counter = ")?.parse().ok());
    let keys: serde_json::Value = json("/data/unit/keys");
    Floors {
        version: highest["version"].as_u64().unwrap_or(0) as u32,
        settings: counter.unwrap_or(0),
        rotations: keys.as_array().map_or(0, Vec::len),
    }
}
