//! What can go wrong with a card, on cards in memory.

use super::copy::{Flashed, flash};
use super::disk::Disk;
use super::error::FlashError;
use super::fake::{FakeCard, Fault, Memory};
use super::image::Image;
use super::{BLOCK, PIECE, Phase, Progress};
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize, _: Phase, _: u64) {}
    fn advance(&self, _: usize, _: u64) {}
}

/// An image of so many bytes with one partition to its end, zeros but for some bytes at these places.
pub(super) fn image_file(path: &Path, bytes: u64, places: &[u64]) -> PathBuf {
    let mut file = File::create(path).unwrap();
    file.set_len(bytes).unwrap();
    let mut first = [0; 512];
    first[446 + 4] = 0x83;
    first[446 + 8] = 1;
    first[446 + 12..446 + 16].copy_from_slice(&u32::try_from(bytes / 512 - 1).unwrap().to_le_bytes());
    first[510..].copy_from_slice(&[0x55, 0xaa]);
    file.write_all(&first).unwrap();
    for place in places {
        file.seek(SeekFrom::Start(*place)).unwrap();
        let text = format!("something at {place}");
        let room = usize::try_from(bytes - place).unwrap().min(text.len());
        file.write_all(&text.as_bytes()[..room]).unwrap();
    }
    path.to_owned()
}

const IMAGE: u64 = 3 << 20;
const CARD: usize = 10 << 20;

struct Bench {
    folder: tempfile::TempDir,
    image: Image,
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let places = [600, 4096, 200_000, 1 << 20, (2 << 20) - 5, IMAGE - 100];
        let path = image_file(&folder.path().join("card.img"), IMAGE, &places);
        Bench { image: Image::open(&path, None).unwrap(), folder }
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("card.img")).unwrap()
    }

    fn flash(&self, cards: Vec<(Vec<u8>, Fault)>) -> (Flashed, Vec<Memory>) {
        let (mut disks, mut memories, mut early) = (Vec::new(), Vec::new(), Vec::new());
        for (bytes, fault) in cards {
            let size = bytes.len() as u64;
            let (card, memory) = FakeCard::new(bytes, fault);
            early.push(card.early_table.clone());
            disks.push((Box::new(card) as Box<dyn Disk>, size));
            memories.push(memory);
        }
        let flashed = flash(&self.image, disks, &Silent);
        assert!(early.iter().all(|early| !*early.lock().unwrap()), "a table was there before the last write");
        (flashed, memories)
    }

    /// What went wrong with one card, whose memory held this.
    fn error(&self, bytes: Vec<u8>, fault: Fault) -> FlashError {
        let (mut flashed, memories) = self.flash(vec![(bytes, fault)]);
        let (written, result) = flashed.cards.remove(0);
        assert!(!written.verified);
        let memory = memories[0].lock().unwrap();
        // Where nothing at all can be written, what was there stays.
        let untouched = [Fault::ReadOnly, Fault::WritesOnly(0)].contains(&fault);
        assert!(memory[510..512] != [0x55, 0xaa] || untouched, "a bad card must not start: {fault:?}");
        result.expect_err(&format!("{fault:?} went unseen"))
    }
}

#[test]
fn a_blank_card_holds_the_image_and_nothing_else() {
    let bench = Bench::new();
    let (flashed, memories) = bench.flash(vec![(vec![0; CARD], Fault::None)]);
    let (written, result) = &flashed.cards[0];
    result.as_ref().unwrap();
    assert!(written.verified);
    assert_eq!(written.zeroed_bytes, 0);
    assert!(written.written_bytes <= 7 * BLOCK as u64, "zeros are not written: {}", written.written_bytes);
    assert_eq!(written.sha256_read_back, flashed.digest);
    let memory = memories[0].lock().unwrap();
    assert!(memory[..bench.bytes().len()] == bench.bytes());
    assert!(memory[bench.bytes().len()..].iter().all(|byte| *byte == 0), "marks are wiped");
}

#[test]
fn what_an_earlier_use_left_is_zeroed() {
    let bench = Bench::new();
    let (flashed, memories) = bench.flash(vec![(vec![0xa5; CARD], Fault::None)]);
    let (written, result) = &flashed.cards[0];
    result.as_ref().unwrap();
    assert!(written.zeroed_bytes > 0);
    assert_eq!(written.sha256_read_back, flashed.digest);
    assert!(memories[0].lock().unwrap()[..bench.bytes().len()] == bench.bytes());
}

/// A card has no table until the end, also where the card before had one.
#[test]
fn an_earlier_table_goes_first() {
    let bench = Bench::new();
    let mut before = vec![0; CARD];
    before[..bench.bytes().len()].copy_from_slice(&bench.bytes());
    for most in [0, 512, 1024, 100_000, 400_000] {
        let error = bench.error(before.clone(), Fault::WritesOnly(most));
        assert!(matches!(error, FlashError::Write { .. }), "{error}");
    }
}

#[test]
fn every_bad_card_is_found() {
    let bench = Bench::new();
    let blank = || vec![0; CARD];
    for real in [1 << 20, 4 << 20, 8 << 20, CARD as u64 - 512, CARD as u64 - 4096, 3 << 20, IMAGE - 512] {
        for fault in [Fault::Wraps(real), Fault::Vanishes(real)] {
            let error = bench.error(blank(), fault);
            assert!(error.is_refusal(), "{fault:?}: {error}");
        }
    }
    assert!(
        matches!(bench.error(blank(), Fault::Vanishes(8 << 20)), FlashError::Counterfeit { says, lost_at }
        if says == CARD as u64 && lost_at >= 8 << 20)
    );
    for at in [4096, 200_010, IMAGE - 90] {
        let error = bench.error(blank(), Fault::Flips(at));
        assert!(matches!(error, FlashError::Differs { blocks: 1, .. }), "{error}");
    }
    let error = bench.error(blank(), Fault::Flips(2 << 20));
    assert!(matches!(error, FlashError::Counterfeit { .. } | FlashError::NotZeroed { .. }), "{error}");
    let error = bench.error(blank(), Fault::Flips(700_000));
    assert!(matches!(error, FlashError::NotZeroed { .. }), "{error}");
    let error = bench.error(blank(), Fault::Worn(0));
    assert!(error.is_refusal(), "{error}");
    let error = bench.error(vec![0xa5; CARD], Fault::Worn(300_032));
    assert!(matches!(error, FlashError::NotZeroed { .. }), "{error}");
}

#[test]
fn a_card_that_is_pulled_or_locked_could_not_be_written() {
    let bench = Bench::new();
    for fault in [
        Fault::ReadOnly,
        Fault::WritesOnly(600),
        Fault::WritesOnly(60_000),
        Fault::WritesOnly(400_000),
        Fault::ReadsOnly(0),
        Fault::ReadsOnly(4096 * 20),
    ] {
        let error = bench.error(vec![0; CARD], fault);
        assert!(!error.is_refusal(), "{fault:?}: {error}");
        assert!(matches!(error, FlashError::Write { .. } | FlashError::ReadBack { .. }), "{error}");
    }
}

#[test]
fn one_bad_card_holds_up_no_other() {
    let bench = Bench::new();
    let (flashed, memories) = bench.flash(vec![
        (vec![0; CARD], Fault::WritesOnly(100_000)),
        (vec![3; CARD + 512], Fault::None),
        (vec![0; CARD], Fault::Vanishes(5 << 20)),
        (vec![0; usize::try_from(IMAGE).unwrap()], Fault::None),
    ]);
    let right: Vec<_> = flashed.cards.iter().map(|(written, _)| written.verified).collect();
    assert_eq!(right, [false, true, false, true]);
    assert!(memories[1].lock().unwrap()[..bench.bytes().len()] == bench.bytes());
    assert!(*memories[3].lock().unwrap() == bench.bytes());
}

#[test]
fn an_image_that_gets_shorter_is_no_card() {
    let bench = Bench::new();
    File::options()
        .write(true)
        .open(bench.folder.path().join("card.img"))
        .unwrap()
        .set_len(IMAGE / 2)
        .unwrap();
    let error = bench.error(vec![0; CARD], Fault::None);
    assert!(matches!(error, FlashError::ImageLost(_)), "{error}");
    assert!(!error.is_refusal());
}

#[test]
fn an_image_that_is_not_what_was_promised_is_no_card() {
    let mut bench = Bench::new();
    bench.image.promised = Some("0".repeat(64));
    let error = bench.error(vec![0; CARD], Fault::None);
    assert!(matches!(error, FlashError::ImageChanged), "{error}");
}

#[test]
fn an_image_of_several_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let piece = PIECE as u64;
    let bytes = 5 * piece + 1536;
    let places = [piece - 3, 3 * piece + 70_000, bytes - 30];
    let path = image_file(&folder.path().join("card.img"), bytes, &places);
    let image = Image::open(&path, None).unwrap();
    let (card, memory) = FakeCard::new(vec![1; usize::try_from(bytes).unwrap() + 5 * 512], Fault::None);
    let size = memory.lock().unwrap().len() as u64;
    let flashed = flash(&image, vec![(Box::new(card), size)], &Silent);
    flashed.cards[0].1.as_ref().unwrap();
    assert!(memory.lock().unwrap()[..usize::try_from(bytes).unwrap()] == fs::read(path).unwrap());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    /// Whatever size a card really has: if it is not the one it says, it is refused.
    #[test]
    fn no_counterfeit_passes(sectors in 1_u64..(CARD as u64 / 512), wraps: bool, used: bool) {
        let real = sectors * 512;
        let fault = if wraps { Fault::Wraps(real) } else { Fault::Vanishes(real) };
        let bench = Bench::new();
        let error = bench.error(vec![if used { 0x5a } else { 0 }; CARD], fault);
        proptest::prop_assert!(error.is_refusal(), "{fault:?}: {error}");
    }
}
