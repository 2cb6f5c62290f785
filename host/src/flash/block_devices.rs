//! Which disks there are, and what each is used for: from /sys and /proc, without opening a disk.

use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the kernel tells of disks.
#[derive(Debug, Clone)]
pub struct Roots {
    /// `/sys`
    pub sys: PathBuf,
    /// `/proc`
    pub proc: PathBuf,
}

impl Roots {
    /// Of the running system.
    pub fn system() -> Roots {
        Roots { sys: "/sys".into(), proc: "/proc".into() }
    }
}

/// What kind of thing it is, as far as flashing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An SD card in a reader that the kernel knows as one.
    Card,
    /// A removable USB disk: a stick, or a card in a USB reader.
    Stick,
    /// All else: built-in disks, eMMC, drives in USB cases, loop devices, optical drives.
    Other,
}

/// A whole disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockDevice {
    /// `/dev/...`
    pub path: PathBuf,
    /// Its major and minor number.
    pub number: (u32, u32),
    /// What it is.
    pub kind: Kind,
    /// 0 when there is no card in a reader.
    pub bytes: u64,
    /// Bytes of a logical sector.
    pub sector_bytes: u64,
    /// The kernel would not write to it.
    pub read_only: bool,
    /// Who made it; empty where it does not say, like the next two.
    pub vendor: String,
    /// What it calls itself.
    pub model: String,
    /// Of the card where the reader tells, or else of the reader or stick.
    pub serial: String,
    /// Where it or one of its partitions is mounted.
    pub mounted: BTreeSet<PathBuf>,
    /// Memory is swapped to it.
    pub swap: bool,
    /// What is built upon it: volumes, arrays, encryption.
    pub holders: BTreeSet<String>,
    /// The file behind a loop device.
    pub backing: Option<PathBuf>,
    /// Numbers of its partitions.
    #[serde(skip)]
    pub partitions: Vec<(u32, u32)>,
}

/// All disks, by path. RAM disks and whatever has nothing behind it are left out.
///
/// # Errors
/// When the kernel's lists cannot be read.
pub fn list(roots: &Roots) -> io::Result<Vec<BlockDevice>> {
    let mounts = fs::read_to_string(roots.proc.join("self/mountinfo"))?;
    let swaps = fs::read_to_string(roots.proc.join("swaps")).unwrap_or_default();
    let mut found = Vec::new();
    for entry in fs::read_dir(roots.sys.join("block"))? {
        let folder = entry?.path();
        let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { continue };
        if name.starts_with("ram") || number(&folder, "hidden") == Some(1) {
            continue;
        }
        let Some(mut device) = read(&folder, name, &roots.sys) else { continue };
        // A reader without a card is worth a line, a device without a file or memory behind it is not.
        if device.kind == Kind::Other
            && (device.bytes == 0 || name.starts_with("loop") && device.backing.is_none())
        {
            continue;
        }
        find_uses(&mut device, &folder, name, &mounts, &swaps);
        found.push(device);
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn read(folder: &Path, name: &str, sys: &Path) -> Option<BlockDevice> {
    let device = folder.join("device");
    let is_sd = name.starts_with("mmcblk") && text(&device, "type") == "SD";
    Some(BlockDevice {
        path: Path::new("/dev").join(name.replace('!', "/")),
        number: numbers(folder)?,
        kind: kind(folder, &device, is_sd),
        // The kernel counts 512 bytes here whatever the disk does.
        bytes: number(folder, "size")?.checked_mul(512)?,
        sector_bytes: number(folder, "queue/logical_block_size").unwrap_or(512),
        read_only: number(folder, "ro") == Some(1),
        vendor: if is_sd { sd_vendor(&device) } else { text(&device, "vendor") },
        model: Some(text(&device, "model"))
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| text(&device, "name")),
        serial: serial(&device, sys),
        mounted: BTreeSet::new(),
        swap: false,
        holders: BTreeSet::new(),
        backing: fs::read_to_string(folder.join("loop/backing_file")).ok().map(|path| path.trim_end().into()),
        partitions: Vec::new(),
    })
}

fn kind(folder: &Path, device: &Path, is_sd: bool) -> Kind {
    // A card's own boot areas have no partition table to write.
    let whole = folder.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
        name.strip_prefix("mmcblk").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    });
    // 0 is a SCSI disk; 5 would be an optical drive.
    let is_disk = number(device, "type") == Some(0);
    let on_usb = fs::canonicalize(folder)
        .is_ok_and(|path| path.iter().any(|part| part.to_str().is_some_and(|part| part.starts_with("usb"))));
    match () {
        () if is_sd && whole => Kind::Card,
        () if on_usb && is_disk && number(folder, "removable") == Some(1) => Kind::Stick,
        () => Kind::Other,
    }
}

/// The SD association's number of the maker; names of them are not public.
fn sd_vendor(device: &Path) -> String {
    let number = text(device, "manfid");
    if number.is_empty() { number } else { format!("SD maker {number}") }
}

/// The nearest on the way up: a SCSI disk has none, the stick that it belongs to has.
fn serial(device: &Path, sys: &Path) -> String {
    let (Ok(device), Ok(sys)) = (fs::canonicalize(device), fs::canonicalize(sys)) else {
        return String::new();
    };
    device
        .ancestors()
        .take_while(|folder| folder.starts_with(&sys) && *folder != sys)
        .map(|folder| text(folder, "serial"))
        .find(|serial| !serial.is_empty())
        .unwrap_or_default()
}

fn find_uses(device: &mut BlockDevice, folder: &Path, name: &str, mounts: &str, swaps: &str) {
    let mut names = vec![name.to_owned()];
    let mut numbers_of_all = vec![device.number];
    device.holders.extend(names_in(&folder.join("holders")));
    for part in names_in(folder).into_iter().filter(|part| folder.join(part).join("partition").exists()) {
        let part_folder = folder.join(&part);
        device.partitions.extend(numbers(&part_folder));
        numbers_of_all.extend(numbers(&part_folder));
        device.holders.extend(names_in(&part_folder.join("holders")));
        names.push(part);
    }
    let is_ours =
        |path: &str| path.strip_prefix("/dev/").is_some_and(|it| names.iter().any(|name| name == it));
    device.mounted = mounts
        .lines()
        .filter_map(Mount::parse)
        // btrfs has numbers that are no disk's, but names one of its disks.
        .filter(|mount| numbers_of_all.contains(&mount.number) || is_ours(&mount.source))
        .map(|mount| mount.point)
        .collect();
    device.swap = swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next()).any(is_ours);
}

/// A line of mountinfo.
struct Mount {
    number: (u32, u32),
    point: PathBuf,
    source: String,
}

impl Mount {
    fn parse(line: &str) -> Option<Mount> {
        let mut fields = line.split(' ');
        let number = pair(fields.nth(2)?)?;
        let point = unescape(fields.nth(1)?).into();
        let source = fields.skip_while(|field| *field != "-").nth(2)?;
        Some(Mount { number, point, source: unescape(source) })
    }
}

/// The kernel writes blanks as `\040`.
fn unescape(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..3).and_then(|code| u8::from_str_radix(code, 8).ok()) {
            Some(byte) => {
                out.push(char::from(byte));
                out.push_str(&part[3..]);
            }
            None => {
                out.push('\\');
                out.push_str(part);
            }
        }
    }
    out
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Empty where it is not told.
fn text(folder: &Path, name: &str) -> String {
    let bytes = fs::read(folder.join(name)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim().chars().filter(|letter| !letter.is_control()).collect()
}

fn number(folder: &Path, name: &str) -> Option<u64> {
    text(folder, name).parse().ok()
}

fn numbers(folder: &Path) -> Option<(u32, u32)> {
    pair(&text(folder, "dev"))
}

fn pair(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "block_devices/tests.rs"]
mod tests;
