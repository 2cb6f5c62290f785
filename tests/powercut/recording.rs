//! One campaign on a disk whose every write is recorded.
//!
//! `qemu-storage-daemon` offers an image as a file (FUSE), writes what is asked of it into a log, and the kernel mounts that
//! file as a disk. No virtual machine runs, so a recording takes a second.

use crate::{
    disk::Disk,
    write_log::{self, Entry},
};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// Bytes of the data partition, as on the card of the virtual machine.
pub(crate) const BYTES: u64 = 64 << 20;

/// What was recorded.
pub(crate) struct Recording {
    /// The disk before.
    pub(crate) before: Disk,
    /// All that was asked of it.
    pub(crate) entries: Vec<Entry>,
    /// What was promised, and how many entries there were by then.
    pub(crate) promises: Vec<(Promise, usize)>,
}

/// Something that must survive from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    /// This session is in the journal.
    Session(u8),
    /// The new model is at work.
    NewModel,
}

/// Runs a tool; what it says is in the panic when it fails.
pub(crate) fn tool(name: &str, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> String {
    let output = Command::new(name).args(arguments.iter().map(|argument| argument.as_ref())).output();
    let output = output.unwrap_or_else(|error| panic!("{name}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {}: {said}", output.status);
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A file system with the models of `card` in it.
///
/// Without checksums of its metadata: the superblock spans two sectors, and a cut between them leaves a checksum that does
/// not fit, whereupon the kernel refuses to mount. What changes at a start and an end lies in the first sector alone.
fn make_image(path: &Path, card: &Path) {
    File::create(path).and_then(|file| file.set_len(BYTES)).unwrap();
    let options = "lazy_itable_init=0,lazy_journal_init=0";
    tool(
        "mke2fs",
        &[&"-q", &"-F", &"-t", &"ext4", &"-O", &"^metadata_csum", &"-E", &options, &"-d", &card, &path],
    );
}

/// The daemon, the loop device and the mount, taken down again whatever happens.
struct Stack {
    daemon: Child,
    device: Option<String>,
    mounted: Option<PathBuf>,
}

impl Stack {
    fn new(work: &Path) -> Stack {
        let file = |name: &str| work.join(name).display().to_string();
        let (image, log, export) = (file("disk.img"), file("writes.log"), file("export"));
        File::create(&log).and_then(|log| log.set_len(1 << 30)).unwrap();
        File::create(&export).unwrap();
        let daemon = Command::new("qemu-storage-daemon")
            .args(["--blockdev", &format!("driver=file,node-name=image,filename={image}")])
            .args(["--blockdev", &format!("driver=file,node-name=log,filename={log}")])
            .args(["--blockdev", "driver=raw,node-name=disk,file=image"])
            .arg("--blockdev")
            .arg("driver=blklogwrites,node-name=recorded,file=disk,log=log,log-sector-size=512,log-super-update-interval=1")
            .args([
                "--export",
                &format!("type=fuse,id=disk,node-name=recorded,mountpoint={export},writable=on"),
            ])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut stack = Stack { daemon, device: None, mounted: None };
        let start = Instant::now();
        while fs::metadata(&export).unwrap().len() != BYTES {
            assert!(start.elapsed() < Duration::from_secs(30), "the disk is not offered");
            assert!(stack.daemon.try_wait().unwrap().is_none(), "qemu-storage-daemon ended");
            sleep(Duration::from_millis(20));
        }
        stack.device = Some(tool("losetup", &[&"--find", &"--show", &export]));
        stack
    }

    fn mount(&mut self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        tool("mount", &[&"-t", &"ext4", self.device.as_ref().unwrap(), &folder]);
        self.mounted = Some(folder.to_owned());
    }

    fn take_down(&mut self) {
        if let Some(folder) = self.mounted.take() {
            tool("umount", &[&folder]);
        }
        if let Some(device) = self.device.take() {
            tool("losetup", &[&"--detach", &device]);
        }
        tool("kill", &[&"-TERM", &self.daemon.id().to_string()]);
        self.daemon.wait().unwrap();
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // As far as it goes: the first fault is the one to be told.
            if let Some(folder) = self.mounted.take() {
                let _ = Command::new("umount").arg(folder).status();
            }
            if let Some(device) = self.device.take() {
                let _ = Command::new("losetup").args(["--detach", &device]).status();
            }
            let _ = self.daemon.kill();
            let _ = self.daemon.wait();
        }
    }
}

/// Records `program campaign` on a card that holds what is in `card`, with `medium` as its stick.
pub(crate) fn record(program: &Path, recipient: &str, work: &Path, card: &Path, medium: &Path) -> Recording {
    let (image, log) = (work.join("disk.img"), work.join("writes.log"));
    make_image(&image, card);
    let before = Disk::of(&fs::read(&image).unwrap());
    let mut stack = Stack::new(work);
    let data = work.join("data");
    stack.mount(&data);
    let mut campaign = Command::new(program)
        .arg("campaign")
        .arg(&data)
        .arg(recipient)
        .arg(medium)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut heard = campaign.stdin.take().unwrap();
    let mut promises = Vec::new();
    for line in BufReader::new(campaign.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        promises.extend(promise(&line).map(|promise| (promise, entries_so_far(&log))));
        heard.write_all(b"\n").unwrap();
    }
    assert!(campaign.wait().unwrap().success(), "the campaign failed");
    stack.take_down();
    let entries = write_log::read(&read_used(&log)).expect("qemu-storage-daemon leaves a whole log");
    Recording { before, entries, promises }
}

fn promise(line: &str) -> Option<Promise> {
    match line.split_once(' ') {
        Some(("recorded", number)) => Some(Promise::Session(number.parse().unwrap())),
        _ => (line == "installed").then_some(Promise::NewModel),
    }
}

fn entries_so_far(log: &Path) -> usize {
    let mut head = [0; write_log::SECTOR];
    File::open(log).unwrap().read_exact(&mut head).unwrap();
    usize::try_from(write_log::count(&head).expect("a log")).unwrap()
}

/// The log's file is far larger than what is in it.
fn read_used(log: &Path) -> Vec<u8> {
    use std::os::unix::fs::MetadataExt;
    let used = fs::metadata(log).unwrap().blocks() * 512;
    let mut bytes = Vec::new();
    // Holes within it are zeros that were written as such; twice what is used reaches its end.
    File::open(log).unwrap().take(2 * used + (16 << 20)).read_to_end(&mut bytes).unwrap();
    bytes
}
