//! Sticks on a board: found among the kernel's block devices, mounted while they are at work, and never run from.

use super::{
    card::{self, Partitions},
    clock,
    console::say,
    faults, mounts,
    notices::Notices,
    volume::{self, Volume},
};
use crate::{
    session::{
        screen::{Screen, StickProblem},
        timing,
    },
    stick::{self, Port, Report, Work, refused_medium},
    unit::Card,
};
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, TryRecvError},
    thread,
    time::{Duration, Instant},
};

/// What the kernel calls sticks, and the disks of a virtual machine.
const KINDS: [&str; 2] = ["sd", "vd"];
/// The kernel makes a device's file a little later than its entry.
const DEVICE: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The board's sockets.
#[derive(Debug)]
pub(super) struct Sockets {
    /// Where the kernel lists block devices.
    listed: PathBuf,
    card: Partitions,
}

impl Sockets {
    pub(super) fn new(card: Partitions) -> Sockets {
        Sockets { listed: PathBuf::from("/sys/class/block"), card }
    }

    /// Disks that are no part of the card, by name, with what tells them from the ones before them in the same socket.
    fn disks(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(&self.listed).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut disks: Vec<_> = names.filter(|name| self.is_stick(name)).collect();
        disks.sort();
        disks
            .into_iter()
            .map(|name| (self.text(&name, "diskseq"), name))
            .map(|(seq, name)| (name, seq))
            .collect()
    }

    fn is_stick(&self, name: &str) -> bool {
        let is_card = Path::new("/dev").join(card::partition(name, 2)) == self.card.data;
        let is_partition = self.listed.join(name).join("partition").exists();
        // A card reader without a card is a disk of no bytes.
        let is_empty = matches!(self.text(name, "size").as_str(), "" | "0");
        KINDS.iter().any(|kind| name.starts_with(kind)) && !is_card && !is_partition && !is_empty
    }

    fn text(&self, name: &str, file: &str) -> String {
        fs::read_to_string(self.listed.join(name).join(file)).unwrap_or_default().trim().to_owned()
    }
}

impl Port for Sockets {
    fn look(&mut self) -> Option<String> {
        let (name, sequence) = self.disks().into_iter().next()?;
        Some(format!("{name} {sequence}"))
    }

    fn job(&self, stick: &str, work: Work) -> Box<dyn FnOnce() -> Report + Send> {
        let disk = stick.split(' ').next().unwrap_or_default().to_owned();
        let entry = self.listed.join(&disk);
        Box::new(move || {
            let mut report = serve(&entry, &disk, work);
            if report.summary.problem.is_some() && !entry.exists() {
                report.failed(StickProblem::PulledOut, "the stick was taken out too early".to_owned());
            }
            report
        })
    }
}

/// Mounts, works, and lets go.
fn serve(entry: &Path, disk: &str, work: Work) -> Report {
    let (device, volume) = match readable(entry, disk) {
        Ok(found) => found,
        Err(found) => {
            let why = format!("{disk}: {found}; format the stick with FAT32");
            return refused_medium(StickProblem::Unreadable, why);
        }
    };
    let mut notes = vec![format!("{}: {volume}", device.display())];
    let mounted = mounts::stick(&device).or_else(|why| {
        // A stick whose switch is set to read-only still brings something.
        notes.push(why);
        mounts::stick_to_read(&device)
    });
    if let Err(why) = mounted {
        return refused_medium(StickProblem::Unreadable, why);
    }
    let mut report = work(Path::new(mounts::STICK));
    notes.extend(mounts::let_go_of_stick().err());
    report.lines.splice(0..0, notes);
    report
}

/// The first partition that can be read, or the whole disk; else what was found instead.
fn readable(entry: &Path, disk: &str) -> Result<(PathBuf, Volume), String> {
    let partitions = fs::read_dir(entry).into_iter().flatten().flatten();
    let mut names: Vec<String> = partitions
        .filter(|inside| inside.path().join("partition").exists())
        .map(|inside| inside.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.push(disk.to_owned());
    let mut found = Vec::new();
    for name in names {
        let device = Path::new("/dev").join(&name);
        match first_bytes(&device).map(|bytes| volume::of(&bytes)) {
            Ok(volume) if volume.is_read() => return Ok((device, volume)),
            Ok(volume) => found.push(format!("{name} is {volume}")),
            Err(error) => found.push(format!("{name} could not be read ({error})")),
        }
    }
    Err(found.join(", "))
}

fn first_bytes(device: &Path) -> io::Result<Vec<u8>> {
    let until = Instant::now() + DEVICE;
    let opened = loop {
        match File::open(device) {
            Err(error) if error.kind() == ErrorKind::NotFound && Instant::now() < until => {
                thread::sleep(LOOK_AGAIN);
            }
            opened => break opened?,
        }
    };
    let mut bytes = Vec::new();
    opened.take(volume::BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Says what came of a visit, and sets a clock that cannot be right.
pub(super) fn tell(report: &Report) {
    report.lines.iter().for_each(say);
    if let Some(clock) = report.clock {
        clock::set_where_wrong(clock);
    }
}

/// Serves a stick before there is a kiosk to do it. Returns when the stick is out, or its report has stood long enough.
pub(super) fn serve_before_work(sockets: &mut Sockets, stick: &str, card: &Card, notices: &mut Notices) {
    notices.show(&Screen::StickAtWork);
    let report = wait_for(&stick::begin(sockets, stick, card), notices);
    tell(&report);
    notices.show(&Screen::StickDone(report.summary));
    let until = Instant::now() + timing::STICK_DONE;
    while Instant::now() < until && sockets.look().as_deref() == Some(stick) {
        notices.wait(LOOK_AGAIN);
    }
    if report.needs_start {
        start_again(&card.data);
    }
}

fn wait_for(report: &Receiver<Report>, notices: &mut Notices) -> Report {
    loop {
        match report.try_recv() {
            Ok(report) => return report,
            Err(TryRecvError::Disconnected) => return Report::broken_off(),
            Err(TryRecvError::Empty) => notices.wait(LOOK_AGAIN),
        }
    }
}

/// Starts again for what a stick or a code has brought: no fault, and the clock goes on.
pub(super) fn start_again(data: &Path) -> ! {
    say("starting again for what was brought");
    clock::hand_over(data);
    faults::start_again()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of devices as the kernel gives it: `name size`, partitions as `disk/name`.
    fn sockets(devices: &[&str], card: &str) -> (tempfile::TempDir, Sockets) {
        let listed = tempfile::tempdir().unwrap();
        for device in devices {
            let (path, size) = device.split_once(' ').unwrap();
            let name = path.rsplit('/').next().unwrap();
            for folder in [listed.path().join(path), listed.path().join(name)] {
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join("size"), format!("{size}\n")).unwrap();
                fs::write(folder.join("diskseq"), "7\n").unwrap();
                if path.contains('/') {
                    fs::write(folder.join("partition"), "1\n").unwrap();
                }
            }
        }
        let device = |number| Path::new("/dev").join(card::partition(card, number));
        let card = Partitions { boot: device(1), data: device(2) };
        let sockets = Sockets { listed: listed.path().to_owned(), card };
        (listed, sockets)
    }

    #[test]
    fn a_stick_is_found_beside_the_card() {
        for (devices, card, expected) in [
            (&["mmcblk0 9", "mmcblk0/mmcblk0p2 5", "sda 9", "sda/sda1 8"][..], "mmcblk0", Some("sda 7")),
            (&["vda 9", "vda/vda1 4", "vda/vda2 4", "vdb 9"], "vda", Some("vdb 7")),
            (&["sda 9", "sda/sda1 4", "sda/sda2 4"], "sda", None),
            (&["mmcblk0 9", "sda 0", "sdb 9"], "mmcblk0", Some("sdb 7")),
            (&["mmcblk0 9", "loop0 9", "sr0 9", "ram0 9"], "mmcblk0", None),
            (&[], "mmcblk0", None),
        ] {
            let (_listed, mut sockets) = sockets(devices, card);
            assert_eq!(sockets.look().as_deref(), expected, "{devices:?}");
        }
    }

    #[test]
    fn a_stick_that_is_gone_before_it_was_read_is_said_to_be_out() {
        let (listed, sockets) = sockets(&["sdzz 9"], "mmcblk0");
        let job = sockets.job("sdzz 7", Box::new(|_| unreachable!("there is nothing to work on")));
        fs::remove_dir_all(listed.path().join("sdzz")).unwrap();
        let report = job();
        assert_eq!(report.summary.problem, Some(StickProblem::PulledOut));
        assert!(report.lines[0].starts_with("sdzz: sdzz could not be read"), "{:?}", report.lines);
    }
}
