//! What units remember, and the codes that they sign.

use age::x25519;
use std::sync::LazyLock;
use synkiosk_host::fleet::{
    lost,
    made_up::{self, Numbers},
};
use synkiosk_journal::{
    Journal, Options, Record, Slip, SlipPublicKey,
    segment::{MOST_SEALED_BYTES, Piece, read_segment},
    store::segment_name,
};

/// A collector's key that everybody knows.
const KEY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
static IDENTITY: LazyLock<x25519::Identity> = LazyLock::new(|| KEY.parse().unwrap());

/// Puts what follows into a frame with its checksum, so that what is sealed is looked at as well.
const IN_A_FRAME: u8 = 1;

/// A segment; or, after a byte, what stands in a frame.
pub(crate) fn segment(bytes: &[u8]) -> bool {
    let Some((kind, bytes)) = bytes.split_first() else { return false };
    if *kind == IN_A_FRAME && bytes.len() <= MOST_SEALED_BYTES {
        let head = [bytes.len() as u32, crc32fast::hash(bytes)].map(u32::to_le_bytes).concat();
        pieces(&[&head, bytes].concat())
    } else {
        pieces(bytes)
    }
}

/// Whether a record can be opened.
fn pieces(bytes: &[u8]) -> bool {
    let Ok(pieces) = read_segment(bytes) else { return false };
    let (mut end, mut opened) = (None, false);
    for piece in pieces {
        let (from, to) = match piece {
            Piece::Frame(frame) => (frame.offset, frame.end()),
            Piece::Damage(damage) => (damage.offset, damage.offset + damage.bytes),
        };
        assert!(
            end.is_none_or(|end| end == from) && from < to && to <= bytes.len(),
            "pieces lie side by side"
        );
        end = Some(to);
        match piece {
            Piece::Frame(frame) => {
                if let Ok((record, _)) = frame.open_linked(&IDENTITY) {
                    assert_eq!(Record::from_json(&record.to_json()).unwrap(), record);
                    opened = true;
                }
            }
            Piece::Damage(damage) => {
                let lost = lost::records_in(bytes, damage);
                assert!(lost.iter().all(|([from, to], _)| from <= to && *to <= bytes.len()));
            }
        }
    }
    assert!(end.is_none_or(|end| end == bytes.len()), "to the end");
    opened
}

pub(crate) fn segments() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(folder.path(), IDENTITY.to_public(), Options::default()).unwrap();
    let mut numbers = Numbers(1);
    for _ in 0..2 {
        journal.append(&made_up::record(&mut numbers, 1, 20)).unwrap();
    }
    let whole = std::fs::read(folder.path().join(segment_name(1))).unwrap();
    let frame = read_segment(&whole).unwrap().next();
    let Some(Piece::Frame(frame)) = frame else { panic!("the first piece is a frame") };
    let damaged = [&whole[..60], &[0; 100], &whole[160..]].concat();
    let sealed = &whole[frame.offset + 8..frame.end()];
    let inputs: [(u8, &[u8]); 4] =
        [(0, &whole), (0, &whole[..whole.len() - 9]), (0, &damaged), (IN_A_FRAME, sealed)];
    inputs.into_iter().map(|(kind, bytes)| [&[kind], bytes].concat()).collect()
}

/// What was sealed, by somebody who has the collector's public key.
pub(crate) fn record(bytes: &[u8]) -> bool {
    let Ok(record) = Record::from_json(bytes) else { return false };
    assert_eq!(Record::from_json(&record.to_json()).unwrap(), record);
    true
}

pub(crate) fn records() -> Vec<Vec<u8>> {
    let mut numbers = Numbers(3);
    (0..3).map(|day| made_up::record(&mut numbers, 1, day).to_json()).collect()
}

/// The public half of the key of `tests/kit/slips`.
const SLIP_KEY: &str = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
static SLIP_KEYS: LazyLock<[SlipPublicKey; 1]> = LazyLock::new(|| [SLIP_KEY.parse().unwrap()]);
const VALID: &str = include_str!("../../kit/slips/valid.txt");

/// The text of a slip's code.
pub(crate) fn slip(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let _ = Slip::signer(text);
    let is_good = Slip::verify(text, &*SLIP_KEYS).is_ok();
    assert!(!is_good || Some(text.trim()) == VALID.lines().next(), "nothing else was ever signed");
    is_good
}

pub(crate) fn slips() -> Vec<Vec<u8>> {
    let lines = [VALID, include_str!("../../kit/slips/signed-malformed.txt")].map(str::lines);
    lines.into_iter().filter_map(|mut lines| lines.next()).map(|line| line.as_bytes().to_vec()).collect()
}
