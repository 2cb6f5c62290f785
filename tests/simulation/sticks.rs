//! Sticks: what a laptop puts on them and takes off them, and what may lie on one that comes back.

use crate::{
    dice::{Dice, MoreDice},
    disk::{DATA, Disks},
    goods::{Goods, KEYS, Kind, Offered, Signed},
    ledger::{Ledger, seals_in},
    volume::{Content, File, Folder, Volume},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    rc::Rc,
};
use synkiosk_boards::unit::{acknowledgement::Segment, code};
use synkiosk_models::bundle::Member;

const INBOX: &str = "synkiosk/inbox";
const OUTBOX: &str = "synkiosk/outbox";

/// What the people behind the kiosk have made so far.
#[derive(Debug, Default)]
pub(crate) struct Maker {
    pub(crate) version: u32,
    pub(crate) settings: u64,
    pub(crate) rotations: usize,
    /// By unit and number, what was collected last.
    pub(crate) collected: BTreeMap<(String, u32), Rc<Vec<u8>>>,
}

/// Something that lies in an inbox under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    Bundle(Offered),
    Settings(u64),
    Rotation(usize),
    Acknowledgement,
}

pub(crate) struct Stick {
    pub(crate) volume: Volume,
    pub(crate) number: u32,
    pub(crate) offers: Vec<(String, Offer)>,
    /// It does not keep what it says that it has.
    pub(crate) lies: bool,
    /// Segments that may lie on it, by their files' names: what it held before, and what the card has held since.
    allowed: BTreeMap<String, Vec<Rc<Vec<u8>>>>,
}

fn make_folders(volume: &mut Volume, path: &Path) {
    let parts: Vec<&Path> = path.ancestors().filter(|part| part.file_name().is_some()).collect();
    for part in parts.into_iter().rev() {
        if volume.find(part).is_none() {
            volume.make(part, Content::Folder(Folder::default()));
        }
    }
}

/// Puts a file there as a computer does that is in no hurry.
pub(crate) fn put(volume: &mut Volume, path: &Path, bytes: &[u8]) {
    make_folders(volume, path.parent().unwrap_or(Path::new("")));
    volume.take(path);
    let node = volume.make(path, Content::File(File::default())).expect("its folder was made");
    volume.file_mut(node).expect("a file").write(0, bytes, true);
}

/// Every file below a folder.
fn files(volume: &Volume, folder: &Path) -> Vec<PathBuf> {
    let Some(there) = volume.folder(folder) else { return Vec::new() };
    let below = there.names.iter().flat_map(|(name, node)| {
        let path = folder.join(name);
        match volume.content(*node) {
            Some(Content::Folder(_)) => files(volume, &path),
            _ => vec![path],
        }
    });
    below.collect()
}

fn bytes(volume: &Volume, path: &Path) -> Rc<Vec<u8>> {
    volume.find(path).and_then(|node| volume.file(node)).map(|file| file.bytes.clone()).unwrap_or_default()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Segments on a stick.
fn segments(volume: &Volume) -> BTreeMap<PathBuf, Rc<Vec<u8>>> {
    let paths = files(volume, Path::new(OUTBOX)).into_iter();
    let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == "segment"));
    paths.map(|path| (path.clone(), bytes(volume, &path))).collect()
}

impl Stick {
    pub(crate) fn new(number: u32) -> Stick {
        let (offers, allowed) = (Vec::new(), BTreeMap::new());
        Stick { volume: Volume::new(false), number, offers, lies: false, allowed }
    }

    /// At the laptop: takes home what is on it.
    pub(crate) fn collect(&self, maker: &mut Maker, ledger: &mut Ledger) {
        for (path, bytes) in segments(&self.volume) {
            let unit = path.iter().nth(2).unwrap_or_default().to_string_lossy().into_owned();
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            ledger.collected.extend(seals_in(&bytes).0);
            number.map(|number| maker.collected.insert((unit, number), bytes));
        }
    }

    /// At the laptop: another inbox, and what is of no more use away.
    pub(crate) fn clear(&mut self, outbox_too: bool) {
        let folders = [INBOX, OUTBOX];
        for folder in &folders[..1 + usize::from(outbox_too)] {
            for path in files(&self.volume, Path::new(folder)) {
                self.volume.take(&path);
            }
        }
        self.volume.drop_nameless();
        self.offers.clear();
    }

    pub(crate) fn put(&mut self, name: String, offer: Offer, bytes: &[u8]) {
        put(&mut self.volume, &Path::new(INBOX).join(&name), bytes);
        self.offers.push((name, offer));
    }

    fn put_signed(&mut self, name: String, offer: Offer, (text, signature): Signed) {
        put(&mut self.volume, &Path::new(INBOX).join(format!("{name}.minisig")), &signature);
        self.put(name, offer, &text);
    }

    /// Everything that a unit may need, as a technician brings it who has been told of trouble.
    pub(crate) fn remedy(&mut self, goods: &Goods, maker: &mut Maker) {
        self.clear(true);
        maker.version += 1;
        maker.settings += 1;
        for old in 0..maker.rotations {
            self.put_signed(format!("k{old}.rotation.toml"), Offer::Rotation(old), goods.rotation(old));
        }
        let offered = Offered { version: maker.version, key: maker.rotations, kind: Kind::Sound };
        self.put("new.bundle".to_owned(), Offer::Bundle(offered), &goods.bundle(offered));
        let settings = goods.settings(maker.settings, maker.rotations, |_| {});
        self.put_signed("new.settings.toml".to_owned(), Offer::Settings(maker.settings), settings);
        self.finish();
    }

    /// At the laptop: things of any kind, new and old, sound and hostile.
    pub(crate) fn fill(&mut self, goods: &Goods, maker: &mut Maker, dice: &mut Dice) {
        self.clear(dice.happens(0.2));
        for number in 0..dice.below(4) {
            match dice.below(8) {
                0..=2 => self.put_bundle(number, goods, maker, dice),
                3 | 4 => self.put_settings(number, goods, maker, dice),
                5 => self.put_rotations(goods, maker, dice),
                _ => self.put_acknowledgement(number, goods, maker, dice),
            }
        }
        if dice.happens(0.02) {
            (0..120)
                .for_each(|at| put(&mut self.volume, Path::new(&format!("{INBOX}/{at}.txt")), b"a letter"));
        }
        if dice.happens(0.02) {
            make_folders(&mut self.volume, Path::new(&format!("{INBOX}/a folder.bundle")));
        }
        self.finish();
    }

    /// Whose key signs: mostly the maker's last one, else a retired one or somebody else's.
    fn any_key(maker: &Maker, dice: &mut Dice) -> usize {
        match dice.below(8) {
            0 => KEYS,
            1 => dice.below(maker.rotations + 1),
            _ => maker.rotations,
        }
    }

    fn put_bundle(&mut self, number: usize, goods: &Goods, maker: &mut Maker, dice: &mut Dice) {
        let is_new = dice.happens(0.5);
        maker.version += u32::from(is_new);
        let version =
            if is_new { maker.version } else { 1 + dice.below(maker.version.max(1) as usize) as u32 };
        let offered = Offered { version, key: Stick::any_key(maker, dice), kind: Kind::any(dice) };
        self.put(format!("{number}.bundle"), Offer::Bundle(offered), &goods.bundle(offered));
    }

    fn put_settings(&mut self, number: usize, goods: &Goods, maker: &mut Maker, dice: &mut Dice) {
        let is_new = dice.happens(0.6);
        maker.settings += u64::from(is_new);
        let counter =
            if is_new { maker.settings } else { 1 + dice.below(maker.settings.max(1) as usize) as u64 };
        let (key, wish) = (Stick::any_key(maker, dice), dice.below(6));
        let mut signed = goods.settings(counter, key, |settings| match wish {
            0 => settings.languages = vec!["de".to_owned()],
            1 => settings.poses = vec!["rest".to_owned(), "open-smile".to_owned(), "pucker".to_owned()],
            2 => settings.site = Some("north".to_owned()),
            3 => settings.clock = Some(1_800_000_000),
            _ => {}
        });
        if dice.happens(0.1) {
            let at = dice.below(signed.0.len());
            signed.0[at] ^= 1;
        }
        self.put_signed(format!("{number}.settings.toml"), Offer::Settings(counter), signed);
    }

    fn put_rotations(&mut self, goods: &Goods, maker: &mut Maker, dice: &mut Dice) {
        if maker.rotations + 1 < KEYS && dice.happens(0.3) {
            maker.rotations += 1;
        }
        for old in 0..maker.rotations {
            if dice.happens(0.8) {
                self.put_signed(format!("k{old}.rotation.toml"), Offer::Rotation(old), goods.rotation(old));
            }
        }
    }

    fn put_acknowledgement(&mut self, number: usize, goods: &Goods, maker: &mut Maker, dice: &mut Dice) {
        let units: Vec<String> = maker.collected.keys().map(|(unit, _)| unit.clone()).collect();
        if units.is_empty() {
            return;
        }
        // Names are made up by the unit, and so not told apart by the dice.
        let unit = units.iter().find(|unit| *unit == crate::goods::UNIT).unwrap_or(&units[0]);
        let of_unit = maker.collected.iter().filter(|((of, _), _)| of == unit);
        let mut segments: Vec<Segment> = of_unit
            .map(|((_, number), bytes)| Segment {
                number: *number,
                bytes: bytes.len() as u64,
                sha256: Member::of("segment", bytes).sha256,
            })
            .collect();
        if dice.happens(0.1) {
            segments.iter_mut().for_each(|segment| segment.number += 1);
        }
        let key = Stick::any_key(maker, dice);
        if let Some(signed) = goods.acknowledgement(unit, segments, key) {
            self.put_signed(format!("{number}.acknowledgement.toml"), Offer::Acknowledgement, signed);
        }
    }

    /// The laptop lets go of it.
    fn finish(&mut self) {
        self.volume.flush_all();
        self.allowed.clear();
        for (path, bytes) in segments(&self.volume) {
            self.allowed.entry(name_of(&path)).or_default().push(bytes);
        }
    }

    /// What the card holds now may lie on the stick from now on.
    pub(crate) fn allow(&mut self, disks: &Disks) {
        let folder = Path::new(DATA).join("journal");
        for name in disks.names(&folder) {
            if let Some(bytes) = disks.peek(&folder.join(&name)) {
                self.allowed.entry(name).or_default().push(bytes);
            }
        }
    }

    /// Every segment on it is one that it held or that the card has, to the last byte.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (path, bytes) in segments(&self.volume) {
            let allowed = self.allowed.get(&name_of(&path)).map(Vec::as_slice).unwrap_or_default();
            if !self.lies && !allowed.contains(&bytes) {
                return Err(format!("{} on the stick is neither old nor new", path.display()));
            }
        }
        Ok(())
    }
}

/// Settings as a code for a camera.
pub(crate) fn code_of(goods: &Goods, maker: &mut Maker, key: usize) -> Option<String> {
    maker.settings += 1;
    let (text, signature) = goods.settings(maker.settings, key, |_| {});
    code::join(std::str::from_utf8(&text).ok()?, std::str::from_utf8(&signature).ok()?)
}
