//! Which disk is the card: the first that has the two partitions, the card reader's before all others.

use std::path::{Path, PathBuf};

/// The card's two partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partitions {
    /// FAT, with kernel and inbox.
    pub(super) boot: PathBuf,
    /// ext4, with journal and models.
    pub(super) data: PathBuf,
}

/// Kinds of disks, as the kernel names them. A stick is an `sd` too, so a card reader and a virtual disk come first.
const DISKS: [&str; 4] = ["mmcblk", "vd", "nvme", "sd"];

/// Looks for the card among the present block devices; `named` is the only disk to be looked at, if given.
pub(super) fn look(named: Option<&str>) -> Option<Partitions> {
    let names: Vec<String> = std::fs::read_dir("/sys/class/block")
        .ok()?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let found = find(&names, named)?;
    // The kernel makes the device file a little later than the entry.
    (found.boot.exists() && found.data.exists()).then_some(found)
}

fn find(names: &[String], named: Option<&str>) -> Option<Partitions> {
    let has = |name: &str| names.iter().any(|it| it == name);
    let mut disks: Vec<(usize, &str)> = names
        .iter()
        .filter(|name| named.is_none_or(|named| named == **name))
        .filter_map(|name| Some((DISKS.iter().position(|kind| name.starts_with(kind))?, name.as_str())))
        .collect();
    disks.sort_unstable();
    let (_, disk) = disks.into_iter().find(|(_, disk)| (1..=2).all(|part| has(&partition(disk, part))))?;
    let device = |part| Path::new("/dev").join(partition(disk, part));
    Some(Partitions { boot: device(1), data: device(2) })
}

/// `sda1`, but `mmcblk0p1`: a `p` where the disk's name ends with a digit.
pub(super) fn partition(disk: &str, number: u32) -> String {
    let between = if disk.ends_with(|last: char| last.is_ascii_digit()) { "p" } else { "" };
    format!("{disk}{between}{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_is_found_among_disks() {
        for (present, named, expected) in [
            ("sda sda1 sda2 mmcblk0 mmcblk0p1 mmcblk0p2", None, Some("mmcblk0p2")),
            ("mmcblk0 mmcblk0p1 sda sda1 sda2", None, Some("sda2")),
            ("vdb vdb1 vdb2 vda vda1 vda2", None, Some("vda2")),
            ("vdb vdb1 vdb2 vda vda1 vda2", Some("vdb"), Some("vdb2")),
            ("vda vda1 vda2", Some("vdb"), None),
            ("mmcblk0 mmcblk0boot0 mmcblk0p1", None, None),
            ("loop0 ram0", None, None),
            ("", None, None),
        ] {
            let names: Vec<String> = present.split_whitespace().map(str::to_owned).collect();
            let data = find(&names, named).map(|found| found.data);
            assert_eq!(data, expected.map(|name| Path::new("/dev").join(name)), "{present}");
        }
    }
}
