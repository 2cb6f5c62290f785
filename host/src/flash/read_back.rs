//! Reads a card back, all of the image's stretch, and compares it with the image byte by byte.

use super::disk::{Buffer, Disk, is_zero};
use super::error::FlashError;
use super::image::{Image, ImageDigest, length};
use super::{BLOCK, PIECE};
use std::io;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Blocks that the image has written and that read back as something else; the first one's place.
    pub differing: Option<(u64, u64)>,
    /// Stretches where the image has zeros, so that nothing was written, and the card has what an earlier use left there.
    pub leftovers: Vec<Range<u64>>,
    /// SHA-256 of what the card gave back, with the image's first sector: that is not written yet.
    pub digest: String,
}

/// Reads and compares; `advance` is told of every piece.
///
/// # Errors
/// What the card or the image's disk says. That bytes differ is no error here.
pub fn read_back(
    disk: &mut dyn Disk,
    image: &Image,
    advance: &(dyn Fn(u64) + Sync),
) -> Result<Found, FlashError> {
    thread::scope(|scope| {
        // One piece is read while the other one is compared, and one is on its way.
        let (full, compared) = sync_channel::<(Buffer, u64)>(1);
        let (empty, free) = sync_channel(3);
        for _ in 0..3 {
            let _ = empty.send(Buffer::zeros(PIECE));
        }
        let comparing = scope.spawn(move || compare(&compared, &empty, image, advance));
        let read = read(disk, image, &free, full);
        let found = comparing.join().expect("comparing does not panic");
        read.and(found)
    })
}

fn read(
    disk: &mut dyn Disk,
    image: &Image,
    free: &Receiver<Buffer>,
    full: SyncSender<(Buffer, u64)>,
) -> Result<(), FlashError> {
    for range in image.pieces() {
        // The other end has gone only when it has an error to tell.
        let Ok(mut buffer) = free.recv() else { return Ok(()) };
        buffer.set_length(length(&range));
        disk.read_fresh(&mut buffer, range.start)
            .map_err(|cause| FlashError::ReadBack { at: range.start, cause })?;
        if full.send((buffer, range.start)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn compare(
    full: &Receiver<(Buffer, u64)>,
    empty: &SyncSender<Buffer>,
    image: &Image,
    advance: &(dyn Fn(u64) + Sync),
) -> Result<Found, FlashError> {
    let mut found = Found::default();
    let mut digest = ImageDigest::new(image);
    let mut wanted = vec![0; PIECE];
    for (piece, at) in full {
        let wanted = &mut wanted[..piece.len()];
        if !image.has_data(&(at..at + piece.len() as u64)) {
            if !is_zero(&piece) {
                found.compare(&piece, &vec![0; piece.len()], at);
            }
        } else {
            image.read(wanted, at).map_err(|cause: io::Error| FlashError::ImageLost(cause.to_string()))?;
            if piece[..] != *wanted {
                found.compare(&piece, wanted, at);
            }
        }
        digest.add(&piece, at);
        advance(piece.len() as u64);
        // Nobody waits for the last ones.
        let _ = empty.send(piece);
    }
    found.digest = digest.finish();
    Ok(found)
}

impl Found {
    fn compare(&mut self, piece: &[u8], wanted: &[u8], at: u64) {
        for (number, (block, wanted)) in piece.chunks(BLOCK).zip(wanted.chunks(BLOCK)).enumerate() {
            let start = at + (number * BLOCK) as u64;
            if block == wanted {
                continue;
            }
            if !is_zero(wanted) {
                let (first, blocks) = self.differing.unwrap_or((start, 0));
                self.differing = Some((first, blocks + 1));
                continue;
            }
            let end = start + block.len() as u64;
            match self.leftovers.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end = end,
                None => self.leftovers.push(start..end),
            }
        }
    }
}
