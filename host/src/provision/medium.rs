//! Where a unit's files are put: the folder of a mounted stick or card, or the boot partition in an image or on a device.

use crate::{command::Refusal, files, image::disk};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Longest file that is read back, bytes: that of the largest bundle.
const MOST_BYTES: u64 = synkiosk_models::bundle::MOST_BYTES as u64 + 1;
/// What is read to find a file or list a folder, bytes: a FAT's largest folder has 2 MiB.
const MOST_SEARCHED: u64 = 8 << 20;
/// Only the boot partition of a card has it.
const LIST: &str = "sbom.json";
/// How the list's name of itself begins; the board's name follows.
const LIST_NAME: &str = "synkiosk-";

/// What a medium is for the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The unit's own card, whose keys it trusts.
    Card,
    /// Something that is carried to it.
    Stick,
}

/// A stick, a card or an image.
#[derive(Debug)]
pub struct Medium {
    place: Place,
    kind: Kind,
}

#[derive(Debug)]
enum Place {
    Folder(PathBuf),
    /// A file with a FAT from `start` on.
    Fat {
        path: PathBuf,
        start: u64,
        length: u64,
    },
}

impl Medium {
    /// Looks what it is. Nothing is written.
    ///
    /// # Errors
    /// When it holds no folder and no FAT, or is mounted.
    pub fn open(path: &Path) -> Result<Medium, Refusal> {
        let about =
            fs::metadata(path).map_err(|error| super::could_not_read(&path.display().to_string(), &error))?;
        let place = if about.is_dir() {
            Place::Folder(path.to_owned())
        } else {
            is_not_mounted(path)?;
            fat(path).map_err(|reason| {
                Refusal::checked(
                    format!("{}: {reason}", path.display()),
                    "name a card's image that synkiosk image made, a device with such a card, or a stick's folder",
                )
            })?
        };
        let mut medium = Medium { place, kind: Kind::Stick };
        if medium.read(LIST).is_ok_and(|list| list.is_some()) {
            medium.kind = Kind::Card;
        }
        Ok(medium)
    }

    /// Card or stick.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The board that a card is for.
    pub fn board(&self) -> Option<String> {
        let list: serde_json::Value = serde_json::from_slice(&self.read(LIST).ok()??).ok()?;
        list["name"].as_str()?.strip_prefix(LIST_NAME).map(str::to_owned)
    }

    /// The texts of the `*.pub` files in the root.
    ///
    /// # Errors
    /// What the medium says.
    pub fn keys(&self) -> io::Result<Vec<String>> {
        let names = match &self.place {
            Place::Folder(folder) => fs::read_dir(folder)?
                .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
                .collect::<io::Result<Vec<_>>>()?,
            Place::Fat { .. } => self.fat(MOST_SEARCHED, |root| {
                root.iter().map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()
            })?,
        };
        let mut texts = Vec::new();
        for name in names.iter().filter(|name| is_key(name)) {
            texts.extend(self.read(name)?.and_then(|bytes| String::from_utf8(bytes).ok()));
        }
        Ok(texts)
    }

    /// A file; none where there is none.
    ///
    /// # Errors
    /// What the medium says.
    pub fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let found = match &self.place {
            Place::Folder(folder) => files::read_below(folder, path, MOST_BYTES),
            Place::Fat { .. } => self.fat(MOST_SEARCHED + MOST_BYTES, |root| {
                let mut bytes = Vec::new();
                root.open_file(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
                Ok(bytes)
            }),
        };
        match found {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a file in the place of what is there, and the folders above it.
    ///
    /// # Errors
    /// What the medium says.
    pub fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        match &self.place {
            Place::Folder(folder) => {
                let path = files::below(folder, path)?;
                fs::create_dir_all(path.parent().unwrap_or(folder))?;
                files::replace(&path, bytes)
            }
            // Every folder on the way was read to its end before anything is written.
            Place::Fat { .. } => self.fat(u64::MAX, |root| {
                for (end, _) in path.match_indices('/') {
                    root.create_dir(&path[..end])?;
                }
                let mut file = root.create_file(path)?;
                file.truncate()?;
                file.write_all(bytes)?;
                file.flush()
            }),
        }
    }

    /// Returns when all is on the medium.
    ///
    /// # Errors
    /// What the medium says.
    pub fn sync(&self) -> io::Result<()> {
        match &self.place {
            // Each file was synced as it was written.
            Place::Folder(_) => Ok(()),
            Place::Fat { path, start, length } => {
                let file = OpenOptions::new().read(true).write(true).open(path)?;
                disk::mend_folders(disk::Window::new(&file, *start, *length))?;
                file.sync_all()
            }
        }
    }

    /// Does something in the root folder of a FAT that is opened anew each time, reading at most so many bytes.
    fn fat<T>(&self, most: u64, act: impl FnOnce(&Root<'_, '_, '_>) -> io::Result<T>) -> io::Result<T> {
        let Place::Fat { path, start, length } = &self.place else {
            return Err(ErrorKind::Unsupported.into());
        };
        let writable = OpenOptions::new().read(true).write(true).open(path);
        let file = writable.or_else(|_| File::open(path))?;
        let mut window = disk::Window::new(&file, *start, *length).reading_at_most(most);
        let options = fatfs::FsOptions::new().update_accessed_date(false);
        let system = fatfs::FileSystem::new(&mut window, options)?;
        let done = act(&system.root_dir())?;
        system.unmount()?;
        Ok(done)
    }
}

type Root<'s, 'w, 'f> = fatfs::Dir<'s, &'w mut disk::Window<'f>>;

/// macOS leaves `._name.pub` beside a copy.
fn is_key(name: &str) -> bool {
    !name.starts_with('.') && name.to_ascii_lowercase().ends_with(".pub")
}

/// Writing below a mounted file system would damage it.
fn is_not_mounted(path: &Path) -> Result<(), Refusal> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let path = path.to_string_lossy();
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mut sources = mounts.lines().filter_map(|line| line.split(' ').next());
    let mounted = |source: &str| {
        source.strip_prefix(path.as_ref()).is_some_and(|part| {
            part.is_empty() || part.trim_start_matches('p').bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    match sources.find(|source| source.starts_with('/') && mounted(source)) {
        Some(source) => Err(Refusal::checked(
            format!("{source} is mounted"),
            "name the folder that it is mounted at, or unmount it first",
        )),
        None => Ok(()),
    }
}

/// The FAT that a file is, or that its first partition holds.
fn fat(path: &Path) -> Result<Place, String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let bytes = file.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
    if bytes == 0 {
        return Err("it has 0 bytes".to_owned());
    }
    let whole = Place::Fat { path: path.to_owned(), start: 0, length: bytes };
    match holds_fat(&file, 0, bytes) {
        Ok(()) => return Ok(whole),
        Err(NoFat::Other(reason)) => return Err(reason),
        Err(NoFat::Unknown) => {}
    }
    let table = mbrman::MBRHeader::read_from(&mut file)
        .map_err(|_| "it is no image of a card or stick".to_owned())?;
    let first = table.get(1).filter(|partition| partition.is_used()).ok_or("it has no partition")?;
    let (start, length) = (512 * u64::from(first.starting_lba), 512 * u64::from(first.sectors));
    if start + length > bytes {
        return Err(format!("it is cut off: its first partition needs {} bytes", start + length));
    }
    match holds_fat(&file, start, length) {
        Ok(()) => Ok(Place::Fat { path: path.to_owned(), start, length }),
        Err(NoFat::Other(reason)) => Err(reason),
        Err(NoFat::Unknown) => Err("its first partition holds no FAT".to_owned()),
    }
}

/// Why a stretch of a file is no FAT.
enum NoFat {
    /// It is a file system that is known and not written.
    Other(String),
    /// It may be a partition table, or nothing.
    Unknown,
}

fn holds_fat(file: &File, start: u64, length: u64) -> Result<(), NoFat> {
    let mut head = [0; 512];
    disk::Window::new(file, start, length).read_exact(&mut head).map_err(|_| NoFat::Unknown)?;
    if &head[3..11] == b"EXFAT   " {
        return Err(NoFat::Other("it is exFAT; FAT12, FAT16 and FAT32 are written".to_owned()));
    }
    if &head[3..7] == b"NTFS" {
        return Err(NoFat::Other("it is NTFS; FAT12, FAT16 and FAT32 are written".to_owned()));
    }
    fatfs::FileSystem::new(&mut disk::Window::new(file, start, length), fatfs::FsOptions::new())
        .map(|_| ())
        .map_err(|_| NoFat::Unknown)
}
