//! One reader, several cards: the image is read once, and every card writes at its own speed.

use super::disk::{Buffer, Disk};
use super::error::FlashError;
use super::image::{Image, ImageDigest, length, runs};
use super::one_card::{Card, Written};
use super::{PIECE, Progress};
use std::io;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;

/// Pieces that wait for a card: with 4 MiB each, a slow card holds up the others only after 16 MiB.
const WAITING: usize = 4;

/// What the reader hands out.
#[derive(Debug, Clone)]
pub enum Message {
    /// A piece with something in it.
    Piece(Arc<Piece>),
    /// There is no more. A channel that ends without it has lost the image.
    End,
}

/// A piece of the image, shared by all cards. The first one has zeros for the first sector.
#[derive(Debug)]
pub struct Piece {
    /// Where.
    pub at: u64,
    /// All of it.
    pub bytes: Buffer,
    /// What of it is written.
    pub runs: Vec<Range<usize>>,
}

/// SHA-256 of the image, once it has been read; none when that failed.
pub type Whole = OnceLock<Option<String>>;

/// What became of all cards, and of the image.
#[derive(Debug)]
pub struct Flashed {
    /// SHA-256 of the image as it was read; none when it was not read to its end.
    pub digest: Option<String>,
    /// By card, in the order in which they were given.
    pub cards: Vec<(Written, Result<(), FlashError>)>,
}

/// Writes the image to all of them, with their nominal sizes, and reads all of them back. They are not looked at any more:
/// that is [`super::targets`]' work.
pub fn flash(image: &Image, disks: Vec<(Box<dyn Disk>, u64)>, progress: &dyn Progress) -> Flashed {
    let whole = &Whole::new();
    thread::scope(|scope| {
        let (mut to, mut cards) = (Vec::new(), Vec::new());
        for (number, (mut disk, bytes)) in disks.into_iter().enumerate() {
            let (sender, receiver) = sync_channel(WAITING);
            to.push(sender);
            cards.push(scope.spawn(move || {
                let mut card = Card::new(number, bytes, image, whole, progress);
                let result = card.flash(disk.as_mut(), &receiver);
                (card.written, result)
            }));
        }
        let (sender, receiver) = sync_channel(WAITING);
        to.push(sender);
        scope.spawn(move || whole.set(digest(image, &receiver)));
        let read = read(image, &to);
        // Whoever still waits now learns that no more comes.
        drop(to);
        let mut cards: Vec<_> =
            cards.into_iter().map(|card| card.join().expect("what a card says makes no panic")).collect();
        if let Err(cause) = read {
            for (_, result) in &mut cards {
                if matches!(result, Err(FlashError::ImageLost(_))) {
                    *result = Err(FlashError::ImageLost(cause.to_string()));
                }
            }
        }
        Flashed { digest: whole.wait().clone(), cards }
    })
}

fn read(image: &Image, to: &[SyncSender<Message>]) -> io::Result<()> {
    for range in image.pieces().filter(|range| image.has_data(range)) {
        let mut bytes = Buffer::zeros(length(&range).min(PIECE));
        image.read(&mut bytes, range.start)?;
        let piece = Arc::new(Piece { at: range.start, runs: runs(&bytes), bytes });
        // A card that failed listens no more; the last to listen is the digest.
        for card in to {
            let _ = card.send(Message::Piece(Arc::clone(&piece)));
        }
    }
    for card in to {
        let _ = card.send(Message::End);
    }
    Ok(())
}

fn digest(image: &Image, pieces: &Receiver<Message>) -> Option<String> {
    let mut digest = ImageDigest::new(image);
    loop {
        match pieces.recv().ok()? {
            Message::Piece(piece) => digest.add(&piece.bytes, piece.at),
            Message::End => return Some(digest.finish()),
        }
    }
}
