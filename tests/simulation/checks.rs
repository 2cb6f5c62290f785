//! What must hold: after a cut, at a start, after a stick.

use crate::{
    chaos::Regime,
    disk::{DATA, STICK},
    goods::KEYS,
    ledger::{dropped, stands_at},
    sticks::Offer,
    world::World,
};
use std::{path::Path, rc::Rc};
use synkiosk_device::{
    session::screen::{Notice, Screen},
    stick::Report,
};
use synkiosk_journal::segment::{Piece, read_segment};

impl World {
    /// Whether the card's disk has kept what it said.
    fn disk_is_honest(&self) -> bool {
        !self.disk_lied && self.regime != Regime::Rotting
    }

    /// The disk after a cut: sessions and counters. Where it has lied, counters may be anything from here on.
    pub(crate) fn check_disk(&mut self) -> Result<(), String> {
        self.excuse_rot();
        if self.disk_lied {
            self.ledger.dropped = self.ledger.dropped.min(dropped(&self.ground.disks));
        }
        self.ledger.check(&self.ground.disks)?;
        let (stands, floors) = (stands_at(self.disks()), self.ledger.floors);
        self.slots = self.slots_now();
        let in_slots = self.slots.iter().flatten().filter_map(|bytes| self.ground.goods.find(bytes));
        let version = in_slots.map(|offered| offered.version).max().unwrap_or(0).max(stands.version);
        if !self.disk_is_honest() {
            self.ledger.floors.version = version.min(floors.version);
            self.ledger.floors.settings = stands.settings.min(floors.settings);
            self.ledger.floors.rotations = stands.rotations.min(floors.rotations);
        } else if version < floors.version {
            return Err(format!("the version counter fell from {} to {version}", floors.version));
        } else if stands.settings < floors.settings {
            return Err(format!(
                "the settings' counter fell from {} to {}",
                floors.settings, stands.settings
            ));
        } else if stands.rotations < floors.rotations {
            return Err(format!("a replaced key is back: {} of {}", stands.rotations, floors.rotations));
        } else {
            // What survived a cut is there for good.
            self.ledger.floors.version = version;
            self.ledger.floors.settings = stands.settings;
            self.ledger.floors.rotations = stands.rotations;
        }
        Ok(())
    }

    pub(crate) fn excuse_rot(&mut self) {
        self.ledger.rot = self.disks().flips(DATA);
    }

    /// What a disk that lied has cost may show only in the start after it: a model and settings are there, and the list of
    /// replaced keys, by which they were signed, is not.
    pub(crate) fn excuse_lie(&mut self) {
        let (stands, floors) = (stands_at(self.disks()), &mut self.ledger.floors);
        floors.version = floors.version.min(stands.version);
        floors.settings = floors.settings.min(stands.settings);
        floors.rotations = floors.rotations.min(stands.rotations);
    }

    fn slots_now(&self) -> [Option<Rc<Vec<u8>>>; 2] {
        ["/data/models/a.bundle", "/data/models/b.bundle"].map(|path| self.disks().peek(Path::new(path)))
    }

    /// The model that a start has put to work.
    pub(crate) fn check_start(&mut self) -> Result<(), String> {
        let Some(kiosk) = &self.kiosk else { return Ok(()) };
        let Some(model) = kiosk.model() else { return self.check_slots(true) };
        let version = self.ground.goods.recognize(model)?;
        let is_told = matches!(kiosk.screen(), Screen::Attract { notice: Some(Notice::OlderModel), .. });
        let works = matches!(kiosk.screen(), Screen::Attract { .. });
        if version < self.ledger.floors.version && works && !is_told {
            return Err(format!(
                "version {version} is at work after {}, and nobody is told",
                self.ledger.floors.version
            ));
        }
        if let Some(settings) = kiosk.unit().settings()
            && settings.counter < self.ledger.floors.settings
        {
            return Err(format!("settings {} count again", settings.counter));
        }
        self.check_slots(true)
    }

    /// A model that has come into a slot was signed with the key that counts, and is newer than every one before.
    fn check_slots(&mut self, at_start: bool) -> Result<(), String> {
        let (before, after) = (self.slots.clone(), self.slots_now());
        self.slots = after.clone();
        let rotations = stands_at(self.disks()).rotations;
        let is_honest = self.disk_is_honest();
        let there = |bytes: &Rc<Vec<u8>>| before.iter().flatten().any(|old| old == bytes);
        for bytes in after.iter().flatten().filter(|bytes| !there(bytes)) {
            let Some(offered) = self.ground.goods.find(bytes) else {
                if is_honest {
                    return Err("a slot holds what nobody has signed, or half of it".to_owned());
                }
                continue;
            };
            self.tally.models += 1;
            if offered.key >= KEYS {
                return Err("a model of somebody else is in a slot".to_owned());
            }
            if is_honest && offered.key < rotations && !at_start {
                return Err(format!(
                    "a model came with key {}, after {rotations} were replaced",
                    offered.key
                ));
            }
            if is_honest && offered.version < self.ledger.floors.version {
                let floor = self.ledger.floors.version;
                return Err(format!("version {} was taken after {floor}", offered.version));
            }
        }
        Ok(())
    }

    /// A stick was served, or its report has come.
    pub(crate) fn after_stick(&mut self, report: Option<&Report>) -> Result<(), String> {
        self.excuse_rot();
        if let Some(mut stick) = self.plugged.take() {
            if self.disks().has(STICK) {
                stick.allow(&self.ground.disks);
            }
            self.plugged = Some(stick);
        }
        self.ledger.check(&self.ground.disks)?;
        self.check_slots(false)?;
        let Some(report) = report else { return Ok(()) };
        self.tally.sticks += 1;
        self.said.clone_from(&report.lines);
        if !self.disk_is_honest() {
            return Ok(());
        }
        // What the unit says that it has taken, it has taken for good.
        let floors = &mut self.ledger.floors;
        for (name, offer) in &self.served {
            let said = |what: &str| {
                let lines = report.lines.iter().filter_map(|line| line.strip_prefix(&format!("{name}: ")));
                lines.into_iter().any(|line| line.contains(what))
            };
            match *offer {
                Offer::Bundle(offered) if said(" in slot ") => {
                    floors.version = floors.version.max(offered.version);
                }
                Offer::Settings(counter) if said("this unit is ") => {
                    if counter <= floors.settings {
                        return Err(format!("settings {counter} were taken after {}", floors.settings));
                    }
                    floors.settings = counter;
                }
                Offer::Rotation(old) if said(" is replaced") => {
                    floors.rotations = floors.rotations.max(old + 1)
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The record that was written last opens with the collector's key.
    pub(crate) fn read_back(&self) -> Result<(), String> {
        let folder = Path::new("/data/journal");
        let last = self.disks().names(folder).into_iter().rfind(|name| name.ends_with(".segment"));
        let bytes = last.and_then(|name| self.disks().peek(&folder.join(name))).unwrap_or_default();
        let pieces = read_segment(&bytes).into_iter().flatten();
        let frames =
            pieces.filter_map(|piece| if let Piece::Frame(frame) = piece { Some(frame) } else { None });
        let last = frames.last().ok_or("the journal's last segment holds no record")?;
        last.open(&self.ground.goods.collector).map(drop).map_err(|error| format!("the last record: {error}"))
    }
}
