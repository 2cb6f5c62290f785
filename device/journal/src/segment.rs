//! One segment file: a header, then frames. README.md gives every byte.

use crate::chain::{DIGEST_BYTES, Link, RecordDigest};
use crate::record::Record;
use crate::seal::{self, OpenError};
use age::x25519;

/// The format of the header and of frames; what is sealed has one of its own.
pub const FORMAT: u16 = 2;
/// Its header said nothing of the chain.
const UNCHAINED: u16 = 1;

/// Bytes of the header.
pub const HEADER_BYTES: usize = 44;
/// Bytes of the header of format 1.
pub const UNCHAINED_HEADER_BYTES: usize = 20;
/// Bytes of a frame before what is sealed.
pub const FRAME_HEAD_BYTES: usize = 8;
/// The most that a frame may seal: twenty times the largest record that a session can make.
pub const MOST_SEALED_BYTES: usize = 64 * 1024;
/// The largest segment that is read. It also bounds the time that a hostile file can take.
pub const MOST_SEGMENT_BYTES: usize = 4 * 1024 * 1024;

const MAGIC: &[u8; 8] = b"SYNKJRNL";

/// Why bytes are no segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// A later program wrote it.
    #[error("segment has format {0}, newer than {FORMAT}")]
    NewerFormat(u16),
    /// Larger than any segment; its bytes.
    #[error("segment is {0} bytes long, more than {MOST_SEGMENT_BYTES}")]
    TooLarge(usize),
}

impl SegmentError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NewerFormat(_) => "read it with a version of this program no older than the unit's",
            Self::TooLarge(_) => "check that the file is a journal segment; no unit writes one of this size",
        }
    }
}

/// A piece of a segment, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A sealed record, all there.
    Frame(Frame<'a>),
    /// Bytes that are none.
    Damage(Damage),
}

/// A sealed record whose checksum is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Where it begins in the file.
    pub offset: usize,
    /// What is sealed.
    pub sealed: &'a [u8],
}

impl Frame<'_> {
    /// Opens it with the collector's key.
    ///
    /// # Errors
    /// Another key, damage that the checksum did not see, or a record of another format.
    pub fn open(&self, identity: &x25519::Identity) -> Result<Record, OpenError> {
        self.open_linked(identity).map(|(record, _)| record)
    }

    /// The same, with where it hangs in the chain; programs before the chain wrote none.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_linked(&self, identity: &x25519::Identity) -> Result<(Record, Option<Link>), OpenError> {
        seal::open(self.sealed, identity)
    }

    /// Where it ends in the file.
    pub fn end(&self) -> usize {
        self.offset + FRAME_HEAD_BYTES + self.sealed.len()
    }
}

/// Bytes between frames that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Where it begins.
    pub offset: usize,
    /// How far it goes.
    pub bytes: usize,
    /// Whether it is what a power cut leaves: the end of the file, and less than a whole frame, or zeros for the rest.
    pub torn: bool,
}

/// The header of segment `number`, whose first record hangs at `first`.
pub(crate) fn header(number: u32, first: &Link) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..10].copy_from_slice(&FORMAT.to_le_bytes());
    // Bytes 10 and 11 are kept for later, and are 0.
    bytes[12..16].copy_from_slice(&number.to_le_bytes());
    bytes[16..24].copy_from_slice(&first.sequence.to_le_bytes());
    bytes[24..40].copy_from_slice(&first.previous.0);
    let checksum = crc32fast::hash(&bytes[..40]);
    bytes[40..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// A frame around `sealed`; `None` when that is more than a frame may hold.
pub(crate) fn frame(sealed: &[u8]) -> Option<Vec<u8>> {
    if sealed.is_empty() || sealed.len() > MOST_SEALED_BYTES {
        return None;
    }
    let length = u32::try_from(sealed.len()).ok()?;
    let mut bytes = Vec::with_capacity(FRAME_HEAD_BYTES + sealed.len());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(sealed).to_le_bytes());
    bytes.extend_from_slice(sealed);
    Some(bytes)
}

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// Where its first record hangs; nothing of that in format 1.
    Sound(Option<Link>),
    Newer(u16),
    /// Too short, zeros, or changed.
    Broken,
}

impl Header {
    pub(crate) fn of(bytes: &[u8]) -> Header {
        let format =
            bytes.get(8..10).and_then(|two| two.first_chunk()).map_or(0, |two| u16::from_le_bytes(*two));
        let (length, link) = match format {
            0 => return Header::Broken,
            UNCHAINED => (UNCHAINED_HEADER_BYTES, None),
            FORMAT => (HEADER_BYTES, link_of(bytes)),
            // All later formats have a checksum where the first one had it, or where this one has.
            _ => (if is_header(bytes, HEADER_BYTES) { HEADER_BYTES } else { UNCHAINED_HEADER_BYTES }, None),
        };
        match format {
            _ if !is_header(bytes, length) => Header::Broken,
            UNCHAINED | FORMAT => Header::Sound(link),
            newer => Header::Newer(newer),
        }
    }

    fn bytes(self) -> usize {
        match self {
            Header::Sound(Some(_)) => HEADER_BYTES,
            Header::Sound(None) => UNCHAINED_HEADER_BYTES,
            Header::Newer(_) | Header::Broken => 0,
        }
    }
}

/// Whether so many bytes begin as a header does and end in their checksum.
fn is_header(bytes: &[u8], length: usize) -> bool {
    let Some(checked) = bytes.get(..length - 4) else { return false };
    checked.starts_with(MAGIC) && u32_at(bytes, length - 4) == Some(crc32fast::hash(checked))
}

fn link_of(bytes: &[u8]) -> Option<Link> {
    let sequence = u64::from_le_bytes(*bytes.get(16..)?.first_chunk()?);
    let previous = RecordDigest(*bytes.get(24..)?.first_chunk::<DIGEST_BYTES>()?);
    Some(Link { sequence, previous })
}

/// Reads a segment. A broken header, or a broken frame, costs no other frame.
///
/// # Errors
/// A newer format or an impossible size; anything else is reported as damage on the way.
pub fn read_segment(bytes: &[u8]) -> Result<Pieces<'_>, SegmentError> {
    if bytes.len() > MOST_SEGMENT_BYTES {
        return Err(SegmentError::TooLarge(bytes.len()));
    }
    match Header::of(bytes) {
        Header::Newer(format) => Err(SegmentError::NewerFormat(format)),
        header => Ok(Pieces { bytes, at: header.bytes() }),
    }
}

/// The pieces of a segment, in order; together they cover all of it but the header.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let (offset, left) = (self.at, self.bytes.len() - self.at);
        if left == 0 {
            return None;
        }
        if let Some(frame) = frame_at(self.bytes, offset) {
            self.at = frame.end();
            return Some(Piece::Frame(frame));
        }
        let end = next_frame(self.bytes, offset + 1);
        self.at = end.unwrap_or(self.bytes.len());
        let whole = claimed_bytes(self.bytes, offset).is_some_and(|claimed| claimed <= left);
        let torn = end.is_none() && (!whole || ends_in_zeros(self.bytes));
        Some(Piece::Damage(Damage { offset, bytes: self.at - offset, torn }))
    }
}

/// Bytes of the frame that is said to begin here, if any frame could be that long.
fn claimed_bytes(bytes: &[u8], offset: usize) -> Option<usize> {
    let length = usize::try_from(u32_at(bytes, offset)?).ok()?;
    (1..=MOST_SEALED_BYTES).contains(&length).then_some(FRAME_HEAD_BYTES + length)
}

/// Whether zeros stand where the last frame has its authentication tag: the file grew, and its bytes never came.
fn ends_in_zeros(bytes: &[u8]) -> bool {
    bytes.last_chunk::<16>() == Some(&[0; 16])
}

fn frame_at(bytes: &[u8], offset: usize) -> Option<Frame<'_>> {
    let end = offset.checked_add(claimed_bytes(bytes, offset)?)?;
    let checksum = u32_at(bytes, offset + 4)?;
    let sealed = bytes.get(offset + FRAME_HEAD_BYTES..end)?;
    (crc32fast::hash(sealed) == checksum).then_some(Frame { offset, sealed })
}

/// Where the next sound frame begins: what is sealed has well-known first bytes.
fn next_frame(bytes: &[u8], from: usize) -> Option<usize> {
    let first = from + FRAME_HEAD_BYTES;
    let after = bytes.get(first..)?;
    after
        .windows(seal::FIRST_BYTES.len())
        .enumerate()
        .filter(|(_, window)| *window == seal::FIRST_BYTES)
        .map(|(index, _)| from + index)
        .find(|offset| frame_at(bytes, *offset).is_some())
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk::<4>().map(|four| u32::from_le_bytes(*four))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::sample;

    fn segment(key: &x25519::Identity, records: u8) -> Vec<u8> {
        let mut link = Link::default();
        let mut bytes = header(1, &link).to_vec();
        for counter in 0..records {
            let sealed = seal::seal(&link, &sample(counter), &key.to_public()).unwrap();
            bytes.extend(frame(&sealed).unwrap());
            link = link.next(&sealed);
        }
        bytes
    }

    /// The sessions that can be read, by their counter, and whether anything else was there.
    fn readable(bytes: &[u8], key: &x25519::Identity) -> (Vec<u8>, bool) {
        let Ok(pieces) = read_segment(bytes) else { return (Vec::new(), true) };
        let (mut records, mut damaged) = (Vec::new(), false);
        for piece in pieces {
            match piece {
                Piece::Frame(frame) => match frame.open(key) {
                    Ok(record) => records.push(record.session.0[0]),
                    Err(_) => damaged = true,
                },
                Piece::Damage(_) => damaged = true,
            }
        }
        (records, damaged)
    }

    #[test]
    fn the_header_is_these_bytes() {
        let link = Link { sequence: 0x0102, previous: RecordDigest(*b"0123456789abcdef") };
        let bytes = b"SYNKJRNL\x02\0\0\0\x07\0\0\0\x02\x01\0\0\0\0\0\x000123456789abcdef";
        assert_eq!(header(7, &link)[..40], *bytes);
        assert_eq!(header(7, &link)[40..], crc32fast::hash(bytes).to_le_bytes());
        assert_eq!(Header::of(&header(7, &link)), Header::Sound(Some(link)));
        assert_eq!(frame(b"123456789").unwrap(), b"\x09\0\0\0\x26\x39\xf4\xcb123456789");
        assert_eq!(frame(b""), None);
        assert_eq!(frame(&vec![0; MOST_SEALED_BYTES + 1]), None);
    }

    #[test]
    fn every_byte_flipped_costs_one_record_at_most() {
        let key = x25519::Identity::generate();
        let sound = segment(&key, 3);
        assert_eq!(readable(&sound, &key), (vec![0, 1, 2], false));
        let ends: Vec<_> = read_segment(&sound)
            .unwrap()
            .map(|piece| if let Piece::Frame(frame) = piece { frame.end() } else { panic!("{piece:?}") })
            .collect();
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x41;
            let (records, damaged) = readable(&bytes, &key);
            assert!(damaged, "byte {at} changed unseen");
            let hit = if at < HEADER_BYTES { None } else { ends.iter().position(|end| at < *end) };
            let expected: Vec<u8> = (0..3).filter(|record| hit != Some(usize::from(*record))).collect();
            assert_eq!(records, expected, "byte {at}");
        }
    }

    #[test]
    fn every_truncation_keeps_the_whole_records_and_says_torn() {
        let key = x25519::Identity::generate();
        let sound = segment(&key, 3);
        let ends: Vec<_> = (0..=3).map(|records| segment_end(&sound, records)).collect();
        for length in HEADER_BYTES..sound.len() {
            let pieces: Vec<_> = read_segment(&sound[..length]).unwrap().collect();
            let whole = ends.iter().filter(|end| **end <= length).count() - 1;
            let torn = length - ends[whole];
            assert_eq!(pieces.iter().filter(|piece| matches!(piece, Piece::Frame(_))).count(), whole);
            let damage = Damage { offset: ends[whole], bytes: torn, torn: true };
            let expected = (torn > 0).then_some(Piece::Damage(damage));
            assert_eq!(pieces.get(whole).copied(), expected, "length {length}");
        }
    }

    fn segment_end(bytes: &[u8], records: usize) -> usize {
        let frames = read_segment(bytes).unwrap().take(records);
        frames.fold(
            HEADER_BYTES,
            |_, piece| if let Piece::Frame(frame) = piece { frame.end() } else { panic!() },
        )
    }

    #[test]
    fn what_no_unit_writes_is_answered() {
        assert_eq!(read_segment(&[]).unwrap().count(), 0);
        fn piece(bytes: &[u8]) -> Vec<Piece<'_>> {
            read_segment(bytes).unwrap().collect()
        }
        let torn = |bytes| vec![Piece::Damage(Damage { offset: 0, bytes, torn: true })];
        assert_eq!(piece(&[0; 4096]), torn(4096));
        assert_eq!(piece(b"SYNK"), torn(4));
        // A frame that claims four gigabytes.
        let mut claim = header(1, &Link::default()).to_vec();
        claim.extend([0xff; 100]);
        assert_eq!(piece(&claim), [Piece::Damage(Damage { offset: HEADER_BYTES, bytes: 100, torn: true })]);
        let large = vec![0; MOST_SEGMENT_BYTES + 1];
        assert!(matches!(read_segment(&large), Err(SegmentError::TooLarge(_))));
    }

    /// The first bytes of a segment of another format, `bytes` in all.
    fn header_of_format(format: u8, bytes: usize) -> Vec<u8> {
        let mut header = header(1, &Link::default())[..bytes].to_vec();
        header[8] = format;
        let checksum = crc32fast::hash(&header[..bytes - 4]).to_le_bytes();
        header[bytes - 4..].copy_from_slice(&checksum);
        header
    }

    #[test]
    fn a_newer_segment_is_said_to_be_newer() {
        for bytes in [UNCHAINED_HEADER_BYTES, HEADER_BYTES] {
            let newer = header_of_format(3, bytes);
            assert_eq!(read_segment(&newer).err(), Some(SegmentError::NewerFormat(3)));
        }
    }

    #[test]
    fn a_segment_from_before_the_chain_is_read() {
        let key = x25519::Identity::generate();
        let mut bytes = header_of_format(1, UNCHAINED_HEADER_BYTES);
        let records = segment(&key, 3);
        bytes.extend_from_slice(&records[HEADER_BYTES..]);
        assert_eq!(readable(&bytes, &key), (vec![0, 1, 2], false));
        assert_eq!(Header::of(&bytes), Header::Sound(None));
    }
}
