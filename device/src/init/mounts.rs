//! What is mounted where.

use rustix::mount::{MountFlags, mount};
use std::{ffi::CStr, fs, path::Path};

/// The card's boot partition: read and never written.
pub(super) const BOOT: &str = "/boot";
/// The card's data partition: the only thing that is written.
pub(super) const DATA: &str = "/data";

/// One mount: what, where, its type and its flags.
struct Mount<'a> {
    source: &'a str,
    target: &'a str,
    kind: &'a str,
    flags: MountFlags,
    options: &'a CStr,
}

/// No file of a card or of the kernel is ever run, nor a device opened through one.
const PLAIN: MountFlags = MountFlags::NOEXEC.union(MountFlags::NOSUID).union(MountFlags::NODEV);

impl Mount<'_> {
    fn make(&self) -> Result<(), String> {
        let failed = |error: &dyn std::fmt::Display| format!("could not mount {}: {error}", self.target);
        fs::create_dir_all(self.target).map_err(|error| failed(&error))?;
        mount(self.source, self.target, self.kind, self.flags, self.options).map_err(|error| failed(&error))
    }
}

/// The kernel's own: devices, processes, drivers. Says what failed.
pub(super) fn system() -> Vec<String> {
    let devices = PLAIN.difference(MountFlags::NODEV);
    [("devtmpfs", "/dev", devices), ("proc", "/proc", PLAIN), ("sysfs", "/sys", PLAIN)]
        .into_iter()
        .filter_map(|(kind, target, flags)| {
            Mount { source: kind, target, kind, flags, options: c"" }.make().err()
        })
        .collect()
}

/// The boot partition.
pub(super) fn boot(device: &Path) -> Result<(), String> {
    let source = &device.to_string_lossy();
    Mount { source, target: BOOT, kind: "vfat", flags: PLAIN | MountFlags::RDONLY, options: c"" }.make()
}

/// The data partition: its journal is replayed, and nothing else is mended.
pub(super) fn data(device: &Path) -> Result<(), String> {
    let source = &device.to_string_lossy();
    let flags = PLAIN | MountFlags::NOATIME;
    Mount { source, target: DATA, kind: "ext4", flags, options: c"data=ordered,errors=remount-ro" }.make()
}
