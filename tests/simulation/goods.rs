//! What people bring: keys, models, settings, rotations and acknowledgements, sound ones and hostile ones.

use crate::{
    bundle_kit::{Parts, SMALL},
    dice::{Dice, MoreDice},
};
use age::x25519;
use minisign::KeyPair;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use synkiosk_boards::unit::{
    acknowledgement::{Acknowledgement, Segment},
    rotation::Rotation,
    settings::Settings,
};
use synkiosk_models::bundle::{Bundle, SIGNATURE_COMMENT, TrustedKeys};

/// Keys of the maker, each replaced by the next; one more is somebody else's.
pub(crate) const KEYS: usize = 4;
/// What the technician calls the unit, and types at its door.
pub(crate) const UNIT: &str = "ward-7";
pub(crate) const PIN: &str = "4711";
/// What a model is made from that must never be at work.
const WRONG: &str = "golden vectors of another model";

/// A file and its signature.
pub(crate) type Signed = (Vec<u8>, Vec<u8>);

/// A key to sign with.
pub(crate) struct Key {
    pair: KeyPair,
    pub(crate) public: String,
    pub(crate) id: String,
}

impl Key {
    fn new() -> Key {
        let pair = KeyPair::generate_unencrypted_keypair().expect("makes a key");
        let public = pair.pk.to_box().expect("a key").into_string();
        let keys = TrustedKeys::from_public_texts(&[&public]).expect("a key");
        Key { pair, public, id: keys.names().next().expect("one").id.clone() }
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        let comment = Some(SIGNATURE_COMMENT);
        let signature = minisign::sign(None, &self.pair.sk, text.as_bytes(), Some("kit"), comment);
        signature.expect("signs").into_string().into_bytes()
    }

    fn signed(&self, text: String) -> Signed {
        let signature = self.sign(&text);
        (text.into_bytes(), signature)
    }
}

/// A model that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Offered {
    pub(crate) version: u32,
    /// Which key has signed it; `KEYS` is somebody else's.
    pub(crate) key: usize,
    pub(crate) kind: Kind,
}

/// What is wrong with it, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Sound,
    /// Sound, and another one of the same version.
    Other,
    /// Signed, and its golden vectors do not hold.
    WrongGolden,
    /// The manifest of one and the network of another.
    Mixed,
    /// Its end is missing, or one bit is another one: by where, in thousandths.
    Torn(u16),
    Flipped(u16),
}

impl Kind {
    pub(crate) fn any(dice: &mut Dice) -> Kind {
        match dice.below(12) {
            0 => Kind::Other,
            1 => Kind::WrongGolden,
            2 => Kind::Mixed,
            3 => Kind::Torn(dice.below(1000) as u16),
            4 => Kind::Flipped(dice.below(1000) as u16),
            _ => Kind::Sound,
        }
    }
}

/// All that one laptop has.
pub(crate) struct Goods {
    pub(crate) keys: Vec<Key>,
    pub(crate) collector: x25519::Identity,
    parts: Parts,
    other_network: Vec<u8>,
    wrong_golden: Vec<u8>,
    packed: RefCell<BTreeMap<Offered, Rc<Vec<u8>>>>,
}

impl Goods {
    pub(crate) fn new() -> Goods {
        let (parts, other) = (Parts::small(), Parts::of(SMALL, 2));
        Goods {
            keys: (0..=KEYS).map(|_| Key::new()).collect(),
            collector: x25519::Identity::generate(),
            wrong_golden: other.golden,
            other_network: other.network,
            parts,
            packed: RefCell::default(),
        }
    }

    /// A model's bytes.
    pub(crate) fn bundle(&self, offered: Offered) -> Rc<Vec<u8>> {
        let whole = match offered.kind {
            Kind::Torn(_) | Kind::Flipped(_) => Offered { kind: Kind::Sound, ..offered },
            _ => offered,
        };
        let packed =
            self.packed.borrow_mut().entry(whole).or_insert_with(|| Rc::new(self.pack(whole))).clone();
        let place = |share: u16| packed.len() * usize::from(share) / 1000;
        match offered.kind {
            Kind::Torn(share) => Rc::new(packed[..place(share)].to_vec()),
            Kind::Flipped(share) => {
                let mut bytes = packed.to_vec();
                bytes[place(share)] ^= 1 << (share % 8);
                Rc::new(bytes)
            }
            _ => packed,
        }
    }

    fn pack(&self, offered: Offered) -> Vec<u8> {
        let mut parts = self.parts.clone();
        parts.manifest.version = offered.version;
        match offered.kind {
            Kind::Other => parts.manifest.made_from = "the same, made another time".to_owned(),
            Kind::WrongGolden => {
                parts.manifest.made_from = WRONG.to_owned();
                parts.golden = self.wrong_golden.clone();
            }
            _ => {}
        }
        let manifest = parts.manifest_text();
        let signature = String::from_utf8(self.keys[offered.key].sign(&manifest)).expect("a text");
        if offered.kind == Kind::Mixed {
            parts.network = self.other_network.clone();
        }
        parts.pack_signed(&manifest, &signature)
    }

    /// The version of a model at work, if it is one of ours to the last byte; else what is wrong.
    pub(crate) fn recognize(&self, bundle: &Bundle) -> Result<u32, String> {
        let ours = &self.keys[..KEYS];
        if !ours.iter().any(|key| key.id == bundle.signed_by().id) {
            return Err(format!("a model signed with key {} is at work", bundle.signed_by().id));
        }
        if bundle.manifest().made_from == WRONG {
            return Err("a model is at work whose golden vectors do not hold".to_owned());
        }
        let same = bundle.tensors() == self.parts.network
            && bundle.landmark_tensors() == self.parts.landmarks
            && bundle.card().as_bytes() == self.parts.card;
        match same {
            true => Ok(bundle.manifest().version),
            false => Err("a model is at work that nobody has signed".to_owned()),
        }
    }

    /// What lies in a slot, if it is sound and one of ours.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<Offered> {
        let packed = self.packed.borrow();
        let sound = packed.iter().filter(|(offered, _)| matches!(offered.kind, Kind::Sound | Kind::Other));
        sound.filter(|(_, packed)| packed.as_slice() == bytes).map(|(offered, _)| *offered).next()
    }

    pub(crate) fn settings(&self, counter: u64, key: usize, change: impl FnOnce(&mut Settings)) -> Signed {
        let mut settings = Settings::named(UNIT, counter).expect("a name");
        settings.recipient = Some(self.collector.to_public().to_string());
        settings.pin = Some(PIN.to_owned());
        change(&mut settings);
        self.keys[key].signed(settings.to_text())
    }

    /// That key `old` is replaced by the next one.
    pub(crate) fn rotation(&self, old: usize) -> Signed {
        let line = self.keys[old + 1].pair.pk.to_base64();
        let rotation = Rotation::new(&self.keys[old].id, &line).expect("two keys");
        self.keys[old].signed(rotation.to_text())
    }

    pub(crate) fn acknowledgement(&self, unit: &str, segments: Vec<Segment>, key: usize) -> Option<Signed> {
        let acknowledgement = Acknowledgement::new(unit, segments).ok()?;
        Some(self.keys[key].signed(acknowledgement.to_text()))
    }
}
