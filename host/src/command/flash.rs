//! `synkiosk flash`: an image onto cards.

use super::{Outcome, Refusal};
use crate::flash::block_devices::{self, BlockDevice, Roots};
use crate::flash::copy::{self, Flashed};
use crate::flash::disk::Disk;
use crate::flash::error::FlashError;
use crate::flash::image::Image;
use crate::flash::receipt::{self, Receipt};
use crate::flash::system::{Opened, SUPPORTED};
use crate::flash::targets::{self, Target};
use crate::flash::{Phase, Progress};
use crate::report::words::RESEARCH_USE_ONLY;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::time::SystemTime;

/// Write an image to cards, several at once, and read all of them back.
///
/// All that is on the cards is lost. Disks that are in use, too large, or neither card nor stick are refused. A card gets
/// its first sector only when all else was read back and is right: what was interrupted does not start.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  synkiosk flash --list\n  \
    synkiosk flash card.img --to /dev/sdb --to /dev/sdc --board rpi4-hdmi --receipt receipt.json\n\n\
    Exit codes: 0 every card is written and right, 1 something was refused or a card is bad, 2 something could not be done.")]
pub struct Args {
    /// What synkiosk image made.
    #[arg(value_name = "IMAGE", required_unless_present = "list")]
    image: Option<PathBuf>,
    /// A whole disk, such as /dev/sdb; again for every card.
    #[arg(long, value_name = "DISK", required_unless_present = "list")]
    to: Vec<PathBuf>,
    /// List all disks, and why each may not be written.
    #[arg(long, conflicts_with_all = ["image", "to", "yes_i_mean", "board", "sha256", "receipt"])]
    list: bool,
    /// Name a target again that is too large, neither card nor stick, or a plain file. Never lifts that a disk is in use.
    #[arg(long, value_name = "DISK")]
    yes_i_mean: Vec<PathBuf>,
    /// Refuse an image that is for another board.
    #[arg(long, value_name = "NAME")]
    board: Option<String>,
    /// Refuse an image with another digest. Without it IMAGE.sha256 is taken, if there is one.
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// Write down which image went to which card; the file must not be there yet.
    #[arg(long, value_name = "FILE.json")]
    receipt: Option<PathBuf>,
    /// Print JSON: the list, or the receipt.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    if !SUPPORTED {
        return Err(refusal(&FlashError::System).into());
    }
    let disks = block_devices::list(&Roots::system()).map_err(|error| refusal(&FlashError::List(error)))?;
    if args.list {
        list(&disks, args.json, out)?;
        return Ok(Outcome::Done);
    }
    let (image, targets) = check(args, &disks).map_err(|error| refusal(&error))?;
    let opened = open(&targets).map_err(|error| refusal(&error))?;
    let freshness: Vec<_> = opened.iter().map(Opened::freshness).collect();
    let boxed = opened.into_iter().zip(&targets);
    let boxed = boxed.map(|(disk, target)| (Box::new(disk) as Box<dyn Disk>, target.bytes)).collect();
    let started = SystemTime::now();
    let bars = Bars::new(&targets);
    let flashed = copy::flash(&image, boxed, &bars);
    bars.clear();
    let receipt = Receipt::of(&image, &targets, &freshness, &flashed, started);
    // Cards are written by now: what is said of them must not depend on where the receipt goes.
    let kept = args.receipt.as_ref().map_or(Ok(()), |path| receipt.write(path));
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&receipt)?)?;
    } else {
        print(&receipt, &flashed, out)?;
    }
    kept.map_err(|error| refusal(&error))?;
    Ok(outcome(&flashed))
}

fn refusal(error: &FlashError) -> Refusal {
    if error.is_refusal() {
        Refusal::checked(error, error.help())
    } else {
        Refusal::could_not(error, error.help())
    }
}

fn check(args: &Args, disks: &[BlockDevice]) -> Result<(Image, Vec<Target>), FlashError> {
    let path = args.image.as_deref().expect("clap asks for it unless --list is there");
    let mut image = Image::open(path, args.board.as_deref())?;
    let targets = targets::check(&args.to, &args.yes_i_mean, &image, disks)?;
    if let Some(path) = &args.receipt {
        receipt::check_place(path)?;
    }
    image.check_digest(path, args.sha256.as_deref())?;
    Ok((image, targets))
}

/// All of them, or none is touched.
fn open(targets: &[Target]) -> Result<Vec<Opened>, FlashError> {
    let open = |target: &Target| {
        Opened::open(&target.path, target.device.is_some())
            .map_err(|cause| FlashError::Open { path: target.path.clone(), cause })
    };
    targets.iter().map(open).collect()
}

/// A card that was found bad weighs more than one that could not be written.
fn outcome(flashed: &Flashed) -> Outcome {
    let errors: Vec<_> = flashed.cards.iter().filter_map(|(_, result)| result.as_ref().err()).collect();
    match errors.iter().any(|error| error.is_refusal()) {
        true => Outcome::Refused,
        false if errors.is_empty() => Outcome::Done,
        false => Outcome::NotAll,
    }
}

fn print(receipt: &Receipt, flashed: &Flashed, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{}: board {}, {}, SHA-256 {}",
        receipt.image.name,
        receipt.image.board.as_deref().unwrap_or("not told"),
        size(receipt.image.bytes),
        receipt.image.sha256.as_deref().unwrap_or("not known"),
    )?;
    for (card, (written, result)) in receipt.cards.iter().zip(&flashed.cards) {
        let shown = card.path.display();
        match result {
            Ok(()) => writeln!(
                out,
                "{shown}: right; {} written, {} zeroed, all read back, {} marks",
                size(written.written_bytes),
                size(written.zeroed_bytes),
                written.marks,
            )?,
            Err(error) => {
                writeln!(out, "{shown}: NOT to be used\n  error: {error}\n  help: {}", error.help())?;
            }
        }
    }
    writeln!(out, "{RESEARCH_USE_ONLY}")
}

/// As cards are sold: 1 GB is 1,000,000,000 bytes.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

fn list(disks: &[BlockDevice], as_json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let why = |disk: &BlockDevice| {
        let target = Target { path: disk.path.clone(), bytes: disk.bytes, device: Some(disk.clone()) };
        targets::judge(&target, None, false).map(|reason| reason.to_string())
    };
    if as_json {
        let disks: Vec<_> = disks.iter().map(|disk| json!({ "disk": disk, "refused": why(disk) })).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&disks)?)?;
        return Ok(());
    }
    let mut rows = vec![["disk", "size", "vendor", "model", "serial", "may be written"].map(str::to_owned)];
    rows.extend(disks.iter().map(|disk| {
        [
            disk.path.display().to_string(),
            size(disk.bytes),
            disk.vendor.clone(),
            disk.model.clone(),
            disk.serial.clone(),
            why(disk).map_or("yes".to_owned(), |why| format!("no: {why}")),
        ]
    }));
    let widths =
        [0, 1, 2, 3, 4].map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    for row in &rows {
        for (cell, width) in row.iter().zip(widths) {
            write!(out, "{cell:width$}  ")?;
        }
        writeln!(out, "{}", row[5])?;
    }
    Ok(())
}

/// A bar for each card, hidden by themselves where stderr is no terminal.
struct Bars {
    all: MultiProgress,
    bars: Vec<ProgressBar>,
}

impl Bars {
    fn new(targets: &[Target]) -> Bars {
        let all = MultiProgress::new();
        let style = ProgressStyle::with_template(
            "{prefix} {msg:9} {bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec}, {eta} left",
        )
        .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = |target: &Target| {
            let bar = ProgressBar::new(0).with_style(style.clone());
            all.add(bar.with_prefix(target.path.display().to_string()))
        };
        Bars { bars: targets.iter().map(bar).collect(), all }
    }

    fn clear(&self) {
        // The terminal may be gone; the cards are there.
        let _ = self.all.clear();
    }
}

impl Progress for Bars {
    fn begin(&self, card: usize, phase: Phase, bytes: u64) {
        let bar = &self.bars[card];
        bar.reset();
        bar.set_length(bytes);
        bar.set_message(phase.word());
    }

    fn advance(&self, card: usize, bytes: u64) {
        self.bars[card].inc(bytes);
    }
}
