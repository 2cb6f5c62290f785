//! Which file system a stick has, by its first bytes.

use std::fmt;

/// So many bytes tell.
pub(super) const BYTES: usize = 2048;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Volume {
    Fat12,
    Fat16,
    Fat32,
    ExFat,
    Ntfs,
    Ext,
    Apple,
    Empty,
    Unknown,
}

impl Volume {
    /// Whether the kiosk reads and writes it.
    pub(super) fn is_read(self) -> bool {
        matches!(self, Volume::Fat12 | Volume::Fat16 | Volume::Fat32)
    }
}

impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Volume::Fat12 => "FAT12",
            Volume::Fat16 => "FAT16",
            Volume::Fat32 => "FAT32",
            Volume::ExFat => "exFAT, which this kiosk does not read",
            Volume::Ntfs => "NTFS, which this kiosk does not read",
            Volume::Ext => "Linux's ext, which this kiosk does not read",
            Volume::Apple => "Apple's, which this kiosk does not read",
            Volume::Empty => "not formatted",
            Volume::Unknown => "nothing that this kiosk knows",
        })
    }
}

/// Of a partition, or of a disk without any.
pub(super) fn of(bytes: &[u8]) -> Volume {
    let at = |place: usize, mark: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(mark));
    // Apple's two: HFS+ in the third sector, APFS in the first.
    let apple = at(1024, b"H+") || at(1024, b"HX") || at(32, b"NXSB");
    let marks = [
        (at(3, b"EXFAT   "), Volume::ExFat),
        (at(3, b"NTFS    "), Volume::Ntfs),
        (at(510, b"\x55\xaa") && at(82, b"FAT32   "), Volume::Fat32),
        (at(510, b"\x55\xaa") && at(54, b"FAT16   "), Volume::Fat16),
        (at(510, b"\x55\xaa") && at(54, b"FAT12   "), Volume::Fat12),
        (at(1080, b"\x53\xef"), Volume::Ext),
        (apple, Volume::Apple),
        (bytes.iter().all(|byte| *byte == 0), Volume::Empty),
    ];
    marks.into_iter().find(|(found, _)| *found).map_or(Volume::Unknown, |(_, volume)| volume)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(marks: &[(usize, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0; BYTES];
        for (place, mark) in marks {
            bytes[*place..place + mark.len()].copy_from_slice(mark);
        }
        bytes
    }

    #[test]
    fn each_file_system_is_told_by_its_marks() {
        let end: (usize, &[u8]) = (510, b"\x55\xaa");
        for (bytes, expected) in [
            (with(&[end, (82, b"FAT32   ")]), Volume::Fat32),
            (with(&[end, (54, b"FAT16   ")]), Volume::Fat16),
            (with(&[end, (54, b"FAT12   ")]), Volume::Fat12),
            (with(&[end, (3, b"EXFAT   ")]), Volume::ExFat),
            (with(&[end, (3, b"NTFS    ")]), Volume::Ntfs),
            (with(&[(1080, b"\x53\xef")]), Volume::Ext),
            (with(&[(1024, b"H+")]), Volume::Apple),
            (with(&[]), Volume::Empty),
            (Vec::new(), Volume::Empty),
            (with(&[end]), Volume::Unknown),
            (vec![7; 600], Volume::Unknown),
            // Without the mark at its end a sector begins nothing.
            (with(&[(82, b"FAT32   ")]), Volume::Unknown),
        ] {
            assert_eq!(of(&bytes), expected);
            assert_eq!(expected.is_read(), expected.to_string().starts_with("FAT"));
        }
    }
}
