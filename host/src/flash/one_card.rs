//! What happens to one card, from its first mark to its first sector.

use super::copy::{Message, Whole};
use super::disk::{Buffer, Disk};
use super::error::FlashError;
use super::image::{Image, length};
use super::marks::Marks;
use super::read_back::read_back;
use super::{PIECE, Phase, Progress, SECTOR};
use serde::Serialize;
use std::ops::Range;
use std::sync::mpsc::Receiver;
use std::time::Instant;

/// What was done, however it ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Written {
    /// Marks that were written and read back.
    pub marks: usize,
    /// Bytes of the image that were written.
    pub written_bytes: u64,
    /// Bytes that an earlier use had left and that were overwritten with zeros.
    pub zeroed_bytes: u64,
    /// SHA-256 of what the card gave back, once it was read to its end.
    pub sha256_read_back: Option<String>,
    /// All of it was read back, and is right.
    pub verified: bool,
    /// How long each step took.
    pub seconds: Seconds,
}

/// Seconds by step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Seconds {
    /// Marks, written and read.
    pub marks: f64,
    /// The image, until it was on the medium.
    pub write: f64,
    /// Reading back, and zeroing where it had to be.
    pub read_back: f64,
    /// The marks again, and the first sector.
    pub finish: f64,
}

/// One card on its way.
pub struct Card<'i> {
    number: usize,
    bytes: u64,
    image: &'i Image,
    whole: &'i Whole,
    progress: &'i dyn Progress,
    /// So far.
    pub written: Written,
}

impl<'i> Card<'i> {
    /// The card with this number, of so many bytes.
    pub fn new(
        number: usize,
        bytes: u64,
        image: &'i Image,
        whole: &'i Whole,
        progress: &'i dyn Progress,
    ) -> Card<'i> {
        Card { number, bytes, image, whole, progress, written: Written::default() }
    }

    /// Everything.
    ///
    /// # Errors
    /// The first thing that goes wrong. The card then has no partition table.
    pub fn flash(&mut self, disk: &mut dyn Disk, pieces: &Receiver<Message>) -> Result<(), FlashError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| FlashError::Sync(error.into()))?;
        let marks = Marks::new(self.bytes, self.image.bytes, seed);
        let start = Instant::now();
        self.mark(disk, &marks)?;
        self.written.seconds.marks = start.elapsed().as_secs_f64();
        let start = Instant::now();
        self.write(disk, pieces)?;
        self.written.seconds.write = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let verified = self.verify(disk);
        self.written.seconds.read_back = start.elapsed().as_secs_f64();
        verified?;
        let start = Instant::now();
        let finished = self.finish(disk, &marks);
        self.written.seconds.finish = start.elapsed().as_secs_f64();
        finished?;
        self.written.verified = true;
        Ok(())
    }

    /// The old first sector goes first.
    fn mark(&mut self, disk: &mut dyn Disk, marks: &Marks) -> Result<(), FlashError> {
        self.progress.begin(self.number, Phase::Marks, marks.bytes());
        self.put(disk, &Buffer::zeros(SECTOR), 0)?;
        disk.sync().map_err(FlashError::Sync)?;
        marks.write(disk)?;
        marks.check(disk)?;
        self.written.marks = marks.count();
        marks.wipe_within(disk)
    }

    fn write(&mut self, disk: &mut dyn Disk, pieces: &Receiver<Message>) -> Result<(), FlashError> {
        self.progress.begin(self.number, Phase::Write, self.image.data_bytes());
        loop {
            match pieces.recv().map_err(|_| FlashError::ImageLost(String::new()))? {
                Message::Piece(piece) => {
                    for run in &piece.runs {
                        self.put(disk, &piece.bytes[run.clone()], piece.at + run.start as u64)?;
                        self.written.written_bytes += run.len() as u64;
                    }
                    self.progress.advance(self.number, piece.bytes.len() as u64);
                }
                Message::End => return disk.sync().map_err(FlashError::Sync),
            }
        }
    }

    /// Twice where there was something to zero: a zero that went astray would have destroyed something else.
    fn verify(&mut self, disk: &mut dyn Disk) -> Result<(), FlashError> {
        let leftovers = self.read_back(disk)?;
        if !leftovers.is_empty() {
            self.zero(disk, &leftovers)?;
            if let Some(still) = self.read_back(disk)?.first() {
                return Err(FlashError::NotZeroed { at: still.start });
            }
        }
        // The card was compared with the image as it is now: it must be the image that was written, and promised.
        let whole = self.whole.wait();
        let promised = self.image.promised.as_ref();
        if *whole != self.written.sha256_read_back || promised.is_some_and(|it| Some(it) != whole.as_ref()) {
            return Err(FlashError::ImageChanged);
        }
        Ok(())
    }

    fn read_back(&mut self, disk: &mut dyn Disk) -> Result<Vec<Range<u64>>, FlashError> {
        let (number, progress) = (self.number, self.progress);
        progress.begin(number, Phase::ReadBack, self.image.bytes);
        let found = read_back(disk, self.image, &|bytes| progress.advance(number, bytes))?;
        self.written.sha256_read_back = Some(found.digest);
        match found.differing {
            Some((at, blocks)) => Err(FlashError::Differs { at, blocks }),
            None => Ok(found.leftovers),
        }
    }

    fn zero(&mut self, disk: &mut dyn Disk, stretches: &[Range<u64>]) -> Result<(), FlashError> {
        let bytes = stretches.iter().map(|stretch| stretch.end - stretch.start).sum();
        self.progress.begin(self.number, Phase::Zero, bytes);
        let zeros = Buffer::zeros(PIECE);
        for stretch in stretches {
            let mut at = stretch.start;
            while at < stretch.end {
                let step = length(&(at..stretch.end.min(at + PIECE as u64)));
                self.put(disk, &zeros[..step], at)?;
                self.written.zeroed_bytes += step as u64;
                self.progress.advance(self.number, step as u64);
                at += step as u64;
            }
        }
        disk.sync().map_err(FlashError::Sync)
    }

    /// Only now may something start from this card.
    fn finish(&mut self, disk: &mut dyn Disk, marks: &Marks) -> Result<(), FlashError> {
        marks.check_beyond(disk)?;
        marks.wipe_beyond(disk)?;
        disk.sync().map_err(FlashError::Sync)?;
        self.put(disk, &Buffer::of(&self.image.first_sector), 0)?;
        self.written.written_bytes += SECTOR as u64;
        disk.sync().map_err(FlashError::Sync)?;
        let mut found = Buffer::zeros(SECTOR);
        disk.read_fresh(&mut found, 0).map_err(|cause| FlashError::ReadBack { at: 0, cause })?;
        if found[..] != self.image.first_sector {
            // It is refused in any case; without a first sector it also looks refused.
            let _ = disk.write(&Buffer::zeros(SECTOR), 0).and_then(|()| disk.sync());
            return Err(FlashError::Differs { at: 0, blocks: 1 });
        }
        Ok(())
    }

    fn put(&self, disk: &mut dyn Disk, bytes: &[u8], at: u64) -> Result<(), FlashError> {
        disk.write(bytes, at).map_err(|cause| FlashError::Write { at, cause })
    }
}
