//! What a technician keeps of a card: which image, which card, when, and that all of it was read back.

use super::block_devices::Kind;
use super::copy::Flashed;
use super::error::FlashError;
use super::image::Image;
use super::one_card::Written;
use super::targets::Target;
use crate::files;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// All cards of one run.
#[derive(Debug, Serialize)]
pub struct Receipt {
    /// The format's version.
    pub receipt: u32,
    /// What wrote it.
    pub program: &'static str,
    /// Research use only.
    pub note: &'static str,
    /// When the first byte was written, by this machine's clock.
    pub started_unix_seconds: u64,
    /// From the first byte to the last card's end.
    pub seconds: f64,
    /// What was written.
    pub image: ImageReceipt,
    /// Where to.
    pub cards: Vec<CardReceipt>,
}

/// The image.
#[derive(Debug, Serialize)]
pub struct ImageReceipt {
    /// Its file's name, without folders.
    pub name: String,
    /// All of it.
    pub bytes: u64,
    /// Of it in no hole.
    pub data_bytes: u64,
    /// Of all bytes, as they were read; none when it could not be read to its end.
    pub sha256: Option<String>,
    /// Whether this digest was known before and compared.
    pub sha256_was_promised: bool,
    /// The board that it says it is for.
    pub board: Option<String>,
}

/// A card.
#[derive(Debug, Serialize)]
pub struct CardReceipt {
    /// Where it was.
    pub path: PathBuf,
    /// None of a plain file.
    pub kind: Option<Kind>,
    /// Its maker; empty where it does not say, like the next two.
    pub vendor: String,
    /// What it calls itself.
    pub model: String,
    /// Of the card where the reader tells, or else of the reader or stick.
    pub serial: String,
    /// Nominal.
    pub bytes: u64,
    /// `direct`: past the system's memory; `cache dropped`: the system was asked to forget first.
    pub read_back: &'static str,
    /// What was done.
    #[serde(flatten)]
    pub written: Written,
    /// Why it is not to be used.
    pub error: Option<String>,
}

impl Receipt {
    /// Of what was done to these targets; `read_back` says of each how it was read.
    pub fn of(
        image: &Image,
        targets: &[Target],
        read_back: &[&'static str],
        flashed: &Flashed,
        started: SystemTime,
    ) -> Receipt {
        let cards = targets.iter().zip(read_back).zip(&flashed.cards);
        Receipt {
            receipt: 1,
            program: concat!("synkiosk ", env!("CARGO_PKG_VERSION")),
            note: "research use only",
            // A clock before 1970 is set wrongly; the receipt is of use in spite of it.
            started_unix_seconds: started.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            seconds: started.elapsed().map_or(0.0, |elapsed| elapsed.as_secs_f64()),
            image: ImageReceipt {
                name: image.name.clone(),
                bytes: image.bytes,
                data_bytes: image.data_bytes(),
                sha256: flashed.digest.clone(),
                sha256_was_promised: image.promised.is_some(),
                board: image.board.clone(),
            },
            cards: cards
                .map(|((target, read_back), (written, result))| {
                    CardReceipt::of(target, read_back, written, result)
                })
                .collect(),
        }
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), FlashError> {
        let mut text = serde_json::to_vec_pretty(self).expect("text and numbers are JSON");
        text.push(b'\n');
        files::replace(path, &text).map_err(|cause| FlashError::Receipt { path: path.to_owned(), cause })
    }
}

impl CardReceipt {
    fn of(
        target: &Target,
        read_back: &'static str,
        written: &Written,
        result: &Result<(), FlashError>,
    ) -> CardReceipt {
        let device = target.device.as_ref();
        let text = |field: fn(&super::block_devices::BlockDevice) -> &String| {
            device.map(|device| field(device).clone()).unwrap_or_default()
        };
        CardReceipt {
            path: target.path.clone(),
            kind: device.map(|device| device.kind),
            vendor: text(|device| &device.vendor),
            model: text(|device| &device.model),
            serial: text(|device| &device.serial),
            bytes: target.bytes,
            read_back,
            written: written.clone(),
            error: result.as_ref().err().map(ToString::to_string),
        }
    }
}

/// Refuses where a receipt is already, or where none could be written, before a card is touched.
///
/// # Errors
/// Which of the two.
pub fn check_place(path: &Path) -> Result<(), FlashError> {
    if path.exists() {
        return Err(FlashError::ReceiptThere(path.to_owned()));
    }
    let tried = files::write_new(path, b"", files::Readers::All).and_then(|()| std::fs::remove_file(path));
    tried.map_err(|cause| FlashError::Receipt { path: path.to_owned(), cause })
}
