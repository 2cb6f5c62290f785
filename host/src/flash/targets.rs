//! What may be written to. Everything is refused that is not certainly a card, a stick, or named twice.

use super::block_devices::{BlockDevice, Kind};
use super::error::FlashError;
use super::image::Image;
use super::system;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// 256 GiB: larger than any card that a kiosk needs, smaller than most disks that hold someone's work.
pub const LARGEST: u64 = 256 << 30;

/// Why a target is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Neither disk nor file.
    NoDisk,
    /// Of this disk.
    Partition(PathBuf),
    /// A reader without a card.
    Empty,
    /// What runs here is on it.
    System(PathBuf),
    /// Memory is swapped to it.
    Swap,
    /// Mounted there.
    Mounted(PathBuf),
    /// Something is built upon it.
    Held(String),
    /// The card's lock, or the reader.
    ReadOnly,
    /// It counts in other sectors than the image's table.
    Sectors(u64),
    /// The image is larger.
    TooSmall {
        /// Its bytes.
        bytes: u64,
        /// The image's.
        needed: u64,
    },
    /// The target is the image, or the image lies behind it.
    IsImage,
    /// Named twice.
    Twice,
    /// No card and no stick, and not named with `--yes-i-mean`.
    NoCard,
    /// Larger than any card, and not named with `--yes-i-mean`.
    TooLarge(u64),
    /// A file, and not named with `--yes-i-mean`.
    File,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NoDisk => f.write_str("it is neither a disk nor a file"),
            Reason::Partition(disk) => write!(f, "it is a part of {}", disk.display()),
            Reason::Empty => f.write_str("there is no card in it"),
            Reason::System(point) => write!(f, "it holds the running system ({})", point.display()),
            Reason::Swap => f.write_str("the running system swaps to it"),
            Reason::Mounted(point) => write!(f, "it is mounted at {}", point.display()),
            Reason::Held(holder) => write!(f, "{holder} is built upon it"),
            Reason::ReadOnly => f.write_str("it is write protected"),
            Reason::Sectors(bytes) => write!(f, "its sectors have {bytes} bytes, the image counts in 512"),
            Reason::TooSmall { bytes, needed } => write!(f, "it has {bytes} bytes, the image {needed}"),
            Reason::IsImage => f.write_str("it is the image itself"),
            Reason::Twice => f.write_str("it is named twice"),
            Reason::NoCard => f.write_str("it is no card and no stick"),
            Reason::TooLarge(bytes) => write!(f, "it has {bytes} bytes, more than a card (256 GiB)"),
            Reason::File => f.write_str("it is a plain file"),
        }
    }
}

impl Reason {
    /// What to do about the target of this name.
    pub fn help(&self, path: &Path) -> String {
        let shown = path.display();
        match self {
            Reason::NoDisk | Reason::System(_) | Reason::Swap | Reason::IsImage => {
                "name a card or stick: synkiosk flash --list shows them".to_owned()
            }
            Reason::Partition(disk) => format!("name the whole disk, {}", disk.display()),
            Reason::Empty => "put a card in".to_owned(),
            Reason::Mounted(point) => format!("if nothing on it is needed: umount {}", point.display()),
            Reason::Held(_) => "take another disk, or take apart what is built upon it".to_owned(),
            Reason::ReadOnly => "move the card's lock, or take another reader".to_owned(),
            Reason::Sectors(_) | Reason::TooSmall { .. } => "take another card".to_owned(),
            Reason::Twice => "name each target once".to_owned(),
            Reason::NoCard | Reason::TooLarge(_) | Reason::File => {
                format!("if all that is on it may be lost: --yes-i-mean {shown}")
            }
        }
    }
}

/// Something that may be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As it was found, links followed.
    pub path: PathBuf,
    /// Its nominal size.
    pub bytes: u64,
    /// What is known of it; nothing of a plain file.
    pub device: Option<BlockDevice>,
}

/// All targets, in the order in which they are named, when none of them is refused.
///
/// # Errors
/// The first that is refused, or cannot be looked at.
pub fn check(
    named: &[PathBuf],
    meant: &[PathBuf],
    image: &Image,
    disks: &[BlockDevice],
) -> Result<Vec<Target>, FlashError> {
    let meant: BTreeSet<PathBuf> = meant.iter().map(|path| real(path)).collect::<Result<_, _>>()?;
    let mut targets: Vec<Target> = Vec::new();
    for name in named {
        let path = real(name)?;
        let refused = |reason| FlashError::Refused { path: name.clone(), reason };
        if targets.iter().any(|target| target.path == path) {
            return Err(refused(Reason::Twice));
        }
        let target = look(path, disks, image).map_err(|failed| match failed {
            Failed::Refused(reason) => refused(reason),
            Failed::Unseen(cause) => FlashError::NoTarget { path: name.clone(), cause },
        })?;
        let reason = judge(&target, Some(image.bytes), meant.contains(&target.path));
        if let Some(reason) = reason {
            return Err(refused(reason));
        }
        targets.push(target);
    }
    match meant.into_iter().find(|path| targets.iter().all(|target| target.path != *path)) {
        Some(path) => Err(FlashError::MeantNoTarget(path)),
        None => Ok(targets),
    }
}

fn real(path: &Path) -> Result<PathBuf, FlashError> {
    fs::canonicalize(path).map_err(|cause| FlashError::NoTarget { path: path.to_owned(), cause })
}

enum Failed {
    Refused(Reason),
    Unseen(io::Error),
}

fn look(path: PathBuf, disks: &[BlockDevice], image: &Image) -> Result<Target, Failed> {
    let about = fs::metadata(&path).map_err(Failed::Unseen)?;
    if about.is_file() {
        if system::identity(&about) == image.identity {
            return Err(Failed::Refused(Reason::IsImage));
        }
        return Ok(Target { path, bytes: about.len(), device: None });
    }
    let number = system::block_number(&about).ok_or(Failed::Refused(Reason::NoDisk))?;
    if let Some(disk) = disks.iter().find(|disk| disk.partitions.contains(&number)) {
        return Err(Failed::Refused(Reason::Partition(disk.path.clone())));
    }
    let disk = disks.iter().find(|disk| disk.number == number);
    let disk = disk.ok_or(Failed::Refused(Reason::NoDisk))?;
    let backing = disk.backing.as_ref().and_then(|path| fs::metadata(path).ok());
    if backing.is_some_and(|about| system::identity(&about) == image.identity) {
        return Err(Failed::Refused(Reason::IsImage));
    }
    Ok(Target { path, bytes: disk.bytes, device: Some(disk.clone()) })
}

/// Why it is refused, for an image of so many bytes or for any. What `--yes-i-mean` does not lift comes first.
pub fn judge(target: &Target, image: Option<u64>, meant: bool) -> Option<Reason> {
    let device = target.device.as_ref();
    device
        .and_then(in_use)
        .or_else(|| {
            let needed = image.filter(|needed| *needed > target.bytes)?;
            Some(Reason::TooSmall { bytes: target.bytes, needed })
        })
        .or_else(|| match device {
            _ if meant => None,
            None => Some(Reason::File),
            Some(device) if device.kind == Kind::Other => Some(Reason::NoCard),
            Some(device) if device.bytes > LARGEST => Some(Reason::TooLarge(device.bytes)),
            Some(_) => None,
        })
}

fn in_use(device: &BlockDevice) -> Option<Reason> {
    /// Without one of these a running system does not go on.
    const SYSTEM: [&str; 8] = ["/boot", "/etc", "/home", "/nix", "/opt", "/root", "/usr", "/var"];
    let is_system = |point: &&PathBuf| {
        point.as_path() == Path::new("/") || SYSTEM.iter().any(|folder| point.starts_with(folder))
    };
    match device {
        _ if device.bytes == 0 => Some(Reason::Empty),
        _ if device.mounted.iter().any(|point| is_system(&point)) => {
            device.mounted.iter().find(is_system).cloned().map(Reason::System)
        }
        _ if device.swap => Some(Reason::Swap),
        _ if !device.mounted.is_empty() => device.mounted.first().cloned().map(Reason::Mounted),
        _ if !device.holders.is_empty() => device.holders.first().cloned().map(Reason::Held),
        _ if device.read_only => Some(Reason::ReadOnly),
        _ if device.sector_bytes != 512 => Some(Reason::Sectors(device.sector_bytes)),
        _ => None,
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "targets/tests.rs"]
mod tests;
