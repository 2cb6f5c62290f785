//! What is mounted where.

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::{ffi::CStr, fs, path::Path};

/// The card's boot partition: read and never written.
pub(super) const BOOT: &str = "/boot";
/// The card's data partition: the only thing that is written.
pub(super) const DATA: &str = "/data";

/// A stick, while it is at work.
pub(super) const STICK: &str = "/stick";

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

/// A stick to be read and written; what is written is on its way at once.
pub(super) fn stick(device: &Path) -> Result<(), String> {
    mount_stick(device, PLAIN)
}

/// A stick that cannot be written.
pub(super) fn stick_to_read(device: &Path) -> Result<(), String> {
    mount_stick(device, PLAIN | MountFlags::RDONLY)
}

fn mount_stick(device: &Path, flags: MountFlags) -> Result<(), String> {
    let source = &device.to_string_lossy();
    let options = c"flush,errors=remount-ro";
    Mount { source, target: STICK, kind: "vfat", flags: flags | MountFlags::NOATIME, options }.make()
}

/// Lets go of the stick, also of one that was pulled out. Returns when nothing is left to be written.
pub(super) fn let_go_of_stick() -> Result<(), String> {
    let failed = match unmount(STICK, UnmountFlags::empty()) {
        Ok(()) => return Ok(()),
        Err(error) => format!("could not let go of the stick: {error}"),
    };
    // So that the next one finds the place free.
    unmount(STICK, UnmountFlags::DETACH).map_err(|error| format!("{failed}, {error}"))?;
    Err(failed)
}

/// The data partition: its journal is replayed, and nothing else is mended.
pub(super) fn data(device: &Path) -> Result<(), String> {
    let source = &device.to_string_lossy();
    let flags = PLAIN | MountFlags::NOATIME;
    Mount { source, target: DATA, kind: "ext4", flags, options: c"data=ordered,errors=remount-ro" }.make()
}
