//! Hostile bundles, as data: each is newer than what a unit has and sound but for the one thing that it is named after.
#![allow(dead_code, reason = "the device's doors and the host's use a part each")]

use minisign::{KeyPair, SecretKey, SecretKeyBox};
use std::{
    fs::{self, File},
    path::Path,
    sync::LazyLock,
};
use synkiosk_models::bundle::{
    self, Member, SIGNATURE_COMMENT, TrustedKeys,
    archive::{self, MOST_BYTES, Members, NAMES},
};

/// Of the models that a unit has had, the newest.
pub(crate) const HAD: u32 = 5;
/// Of the hostile ones, but for those that are old.
const NEW: u32 = 9;

/// A file that must not come in.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) content: Content,
    /// What is said of it.
    pub(crate) said: String,
    pub(crate) seen_by: SeenBy,
}

/// What is in the file.
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// So many zeros, which take no space.
    Hole(u64),
}

/// Who can tell that something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeenBy {
    /// Whoever reads it.
    Anyone,
    /// A unit that has had models; elsewhere it is a sound bundle.
    Unit,
    /// Whoever reads it; and a unit knows that the key was once trusted.
    Keys,
}

impl Content {
    pub(crate) fn write(&self, path: &Path) {
        match self {
            Content::Bytes(bytes) => fs::write(path, bytes).unwrap(),
            Content::Hole(length) => File::create(path).unwrap().set_len(*length).unwrap(),
        }
    }
}

/// The key of a maker whom the unit trusted until another took its place.
pub(crate) static RETIRED: LazyLock<KeyPair> = LazyLock::new(new_key);
/// The one in its place.
pub(crate) static SUCCESSOR: LazyLock<KeyPair> = LazyLock::new(new_key);
/// Of nobody whom anyone trusts.
static STRANGER: LazyLock<KeyPair> = LazyLock::new(new_key);

fn new_key() -> KeyPair {
    KeyPair::generate_unencrypted_keypair().unwrap()
}

pub(crate) fn public(key: &KeyPair) -> String {
    key.pk.to_box().unwrap().into_string()
}

pub(crate) fn id(key: &KeyPair) -> String {
    TrustedKeys::from_public_texts(&[&public(key)]).unwrap().names().next().unwrap().id.clone()
}

/// The demo key, which the units of these tests trust.
pub(crate) fn demo_key() -> SecretKey {
    let text = include_str!("../../models/shipped/demo.key");
    SecretKeyBox::from_string(text).unwrap().into_unencrypted_secret_key().unwrap()
}

pub(crate) fn sign(text: &str, key: &SecretKey) -> Vec<u8> {
    let signature = minisign::sign(None, key, text.as_bytes(), Some("kit"), Some(SIGNATURE_COMMENT));
    signature.unwrap().into_string().into_bytes()
}

/// The shipped bundle with this version, sound.
pub(crate) fn sound(version: u32) -> Vec<u8> {
    signed(&manifest(version), &demo_key(), shipped())
}

/// The same, in a file that must come in: where it does not, a door proves nothing.
pub(crate) fn welcome() -> Vec<u8> {
    sound(NEW)
}

fn shipped() -> Members<'static> {
    archive::read(bundle::shipped()).unwrap()
}

fn manifest(version: u32) -> String {
    let text = std::str::from_utf8(shipped().manifest).unwrap();
    let line = |line: &str| {
        if line.starts_with("version = ") { format!("version = {version}") } else { line.into() }
    };
    text.lines().map(|it| line(it) + "\n").collect()
}

fn signed(manifest: &str, key: &SecretKey, members: Members) -> Vec<u8> {
    archive::write(&Members { signature: &sign(manifest, key), manifest: manifest.as_bytes(), ..members })
}

/// Sums of its golden inputs that no machine gives, signed.
fn wrong_golden() -> Vec<u8> {
    let mut golden = shipped().golden.to_vec();
    // Eight bytes of the header's length, the header, and then the sums: the widest numbers come first.
    let header = u64::from_le_bytes(golden[..8].try_into().unwrap());
    golden[8 + header as usize] ^= 1;
    let digest = |bytes: &[u8]| Member::of(NAMES[5], bytes).sha256;
    let manifest = manifest(NEW).replacen(&digest(shipped().golden), &digest(&golden), 1);
    signed(&manifest, &demo_key(), Members { golden: &golden, ..shipped() })
}

const BLOCK: usize = 512;

/// Where the header of a member is, and where its content ends.
fn place_of(bytes: &[u8], member: usize) -> [usize; 2] {
    let members = archive::read(bytes).unwrap();
    let contents = [
        members.signature,
        members.manifest,
        members.network,
        members.landmarks,
        members.card,
        members.golden,
    ];
    let end = |upto: usize| -> usize {
        contents[..upto].iter().map(|content| BLOCK + content.len().next_multiple_of(BLOCK)).sum()
    };
    [end(member), end(member + 1)]
}

/// A field of a member's header, overwritten, and its checksum made right again.
fn with_header(member: usize, at: usize, field: &[u8]) -> Vec<u8> {
    let mut bytes = welcome();
    let [start, _] = place_of(&bytes, member);
    let header = &mut bytes[start..start + BLOCK];
    header[at..at + field.len()].copy_from_slice(field);
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    bytes
}

/// POSIX ustar: name, length and type of a member in its header.
const NAME: usize = 0;
const LENGTH: usize = 124;
const TYPE: usize = 156;
const SYMBOLIC_LINK: &[u8] = b"2";
/// The largest length that eleven octal digits say.
const EIGHT_GIB: &[u8] = b"77777777777";

/// Every attack.
pub(crate) fn all() -> Vec<Attack> {
    let mut attacks = signatures();
    attacks.extend(structures());
    attacks.extend(sizes());
    attacks
}

fn attack(name: &'static str, bytes: Vec<u8>, said: impl Into<String>) -> Attack {
    Attack { name, content: Content::Bytes(bytes), said: said.into(), seen_by: SeenBy::Anyone }
}

fn signatures() -> Vec<Attack> {
    let newest = manifest(NEW);
    let with_signature =
        |signature: &[u8]| archive::write(&Members { signature, manifest: newest.as_bytes(), ..shipped() });
    let untrusted = |key: &KeyPair| format!("is signed with key {}, which is not trusted here", id(key));
    let of_another = sign(&manifest(NEW - 1), &demo_key());
    let twin = manifest(HAD).replacen("name = \"synkiosk\"", "name = \"twin\"", 1);
    let other_network = Members { network: shipped().landmarks, ..shipped() };
    let mut other_card = shipped().card.to_vec();
    other_card[0] ^= 1;
    let not_signed = |member: usize| format!("{} is not the one that was signed", NAMES[member]);
    let old = |name, bytes, said: String| Attack { seen_by: SeenBy::Unit, ..attack(name, bytes, said) };
    vec![
        attack("unsigned", with_signature(b""), "the bundle's signature is damaged"),
        attack(
            "wrongly signed",
            with_signature(&of_another),
            "the bundle's signature does not fit its manifest",
        ),
        attack("signed by a stranger", signed(&newest, &STRANGER.sk, shipped()), untrusted(&STRANGER)),
        Attack {
            seen_by: SeenBy::Keys,
            ..attack("signed by a retired key", signed(&newest, &RETIRED.sk, shipped()), untrusted(&RETIRED))
        },
        old(
            "an older version",
            sound(HAD - 2),
            format!("has version {}, and this unit has had version {HAD}", HAD - 2),
        ),
        old(
            "same version, other bytes",
            signed(&twin, &demo_key(), shipped()),
            format!("has version {HAD}, which this unit has had from another bundle"),
        ),
        attack(
            "mixed: another one's network",
            archive::write(&Members {
                signature: &sign(&newest, &demo_key()),
                manifest: newest.as_bytes(),
                ..other_network
            }),
            not_signed(2),
        ),
        attack(
            "mixed: another one's card",
            archive::write(&Members {
                signature: &sign(&newest, &demo_key()),
                manifest: newest.as_bytes(),
                card: &other_card,
                ..shipped()
            }),
            not_signed(4),
        ),
        attack("golden vectors that do not hold", wrong_golden(), "golden input "),
    ]
}

fn structures() -> Vec<Attack> {
    let whole = welcome();
    let is_where = |given: &str| format!("it holds \"{given}\" where {} must come", NAMES[2]);
    let [start, end] = place_of(&whole, 1);
    let doubled = [&whole[..end], &whole[start..end], &whole[end..]].concat();
    let after = "it does not end after its last member";
    vec![
        attack(
            "a member ../",
            with_header(2, NAME, b"../network.safetensors"),
            is_where("../network.safetensors"),
        ),
        attack(
            "a member from /",
            with_header(2, NAME, b"/etc/passwd\0\0\0\0\0\0\0\0"),
            is_where("/etc/passwd"),
        ),
        attack(
            "a member that steers a terminal",
            with_header(2, NAME, b"\x1b[2J\x07"),
            is_where("?[2J?rk.safetensors"),
        ),
        attack(
            "a member that is a link",
            with_header(2, TYPE, SYMBOLIC_LINK),
            "\"network.safetensors\" is no plain file",
        ),
        attack("a member twice", doubled, is_where("manifest.toml")),
        attack("one byte behind its end", [&whole[..], b"x"].concat(), after),
        attack("one block behind its end", [&whole[..], &[0; BLOCK]].concat(), after),
        attack("a second bundle behind its end", [&whole[..], &whole].concat(), after),
    ]
}

fn sizes() -> Vec<Attack> {
    let whole = welcome();
    let cut = |name, length: usize, member: usize| {
        attack(name, whole[..length].to_vec(), format!("it ends within {}", NAMES[member]))
    };
    let hole = |name, length: u64| Attack {
        content: Content::Hole(length),
        ..attack(
            name,
            Vec::new(),
            format!("the bundle has {length} bytes, more than {} MiB", bundle::MOST_BYTES >> 20),
        )
    };
    let declared = u64::from_str_radix(std::str::from_utf8(EIGHT_GIB).unwrap(), 8).unwrap();
    vec![
        cut("empty", 0, 0),
        cut("cut in its first header", 100, 0),
        cut("cut in its signature", BLOCK + 100, 0),
        cut("cut after its manifest", place_of(&whole, 1)[1], 2),
        cut("cut in its network", place_of(&whole, 2)[1] - 1000, 2),
        attack(
            "cut by its last byte",
            whole[..whole.len() - 1].to_vec(),
            "it does not end after its last member",
        ),
        attack(
            "a member that says 8 GiB",
            with_header(2, LENGTH, EIGHT_GIB),
            format!("{} has {declared} bytes, more than {}", NAMES[2], MOST_BYTES[2]),
        ),
        hole("one byte too large", bundle::MOST_BYTES as u64 + 1),
        hole("a hole of 5 GB", 5_000_000_000),
    ]
}
