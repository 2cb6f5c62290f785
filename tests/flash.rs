//! `synkiosk flash` from outside: onto files and, where there are any, loop devices; what is refused, and what a receipt says.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use fatfs::{FileSystem, FormatVolumeOptions, FsOptions};
use std::{
    fs::{self, File},
    io::{Cursor, Write},
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Bytes of the image: 1 MiB and a boot partition of 2 MiB.
const IMAGE: usize = 3 << 20;
const CARD: usize = 8 << 20;

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        fs::write(bench.path("card.img"), image("test-board")).unwrap();
        fs::write(bench.path("card"), vec![0x77; CARD]).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn flash(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synkiosk"));
        command.current_dir(self.folder.path()).arg("flash").args(more).output().unwrap()
    }

    fn holds_image(&self, card: &Path) -> bool {
        fs::read(card).unwrap()[..IMAGE] == image("test-board")
    }
}

/// A partition table and a FAT file system that says for which board it is.
fn image(board: &str) -> Vec<u8> {
    let mut boot = Cursor::new(vec![0; IMAGE - (1 << 20)]);
    fatfs::format_volume(&mut boot, FormatVolumeOptions::new()).unwrap();
    {
        let system = FileSystem::new(&mut boot, FsOptions::new()).unwrap();
        let mut list = system.root_dir().create_file("sbom.json").unwrap();
        list.write_all(format!("{{\"name\": \"synkiosk-{board}\"}}").as_bytes()).unwrap();
    }
    let mut image = vec![0; 1 << 20];
    image[446 + 4] = 0x0c;
    image[446 + 8..446 + 12].copy_from_slice(&2048_u32.to_le_bytes());
    image[446 + 12..446 + 16].copy_from_slice(&4096_u32.to_le_bytes());
    image[510..512].copy_from_slice(&[0x55, 0xaa]);
    image.extend(boot.into_inner());
    image
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_file_is_flashed_and_the_receipt_says_so() {
    let bench = Bench::new();
    let arguments = ["card.img", "--to", "card", "--yes-i-mean", "card", "--board", "test-board"];
    let done = bench.flash(&[&arguments[..], &["--receipt", "receipt.json"]].concat());
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(bench.holds_image(&bench.path("card")));
    let receipt: serde_json::Value =
        serde_json::from_slice(&fs::read(bench.path("receipt.json")).unwrap()).unwrap();
    assert_eq!(receipt["note"], "research use only");
    assert_eq!(receipt["image"]["board"], "test-board");
    assert_eq!(receipt["cards"][0]["verified"], true);
    assert_eq!(receipt["cards"][0]["sha256_read_back"], receipt["image"]["sha256"]);
    assert!(receipt["cards"][0]["zeroed_bytes"].as_u64().unwrap() > 0, "the card was not blank");
    let text = receipt.to_string();
    assert!(!text.contains("card.img/") && receipt["image"]["name"] == "card.img", "no folders");

    let again = bench.flash(&[&arguments[..], &["--receipt", "receipt.json"]].concat());
    assert_eq!(again.status.code(), Some(1), "a receipt is not overwritten: {}", said(&again));
    let sha256 = receipt["image"]["sha256"].as_str().unwrap();
    let again = bench.flash(&[&arguments[..], &["--json", "--sha256", sha256]].concat());
    let receipt: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(receipt["image"]["sha256_was_promised"], true);
    assert_eq!(receipt["cards"][0]["zeroed_bytes"], 0, "nothing is left to zero");
}

/// Nothing is written where anything is refused.
#[test]
fn what_is_refused_is_not_touched() {
    let bench = Bench::new();
    fs::write(bench.path("other.img"), image("other-board")).unwrap();
    fs::write(bench.path("short.img"), &image("test-board")[..2 << 20]).unwrap();
    fs::write(bench.path("text.img"), vec![b'x'; 4096]).unwrap();
    fs::write(bench.path("small"), [0; 4096]).unwrap();
    let wrong = "0".repeat(64);
    let card = ["--to", "card", "--yes-i-mean", "card"];
    for (more, code, expected) in [
        (vec!["none.img"], 2, "could not read the image none.img"),
        (vec!["."], 1, "it is no plain file"),
        (vec!["text.img"], 1, "no partition table"),
        (vec!["short.img"], 1, "the image is truncated"),
        (vec!["other.img", "--board", "test-board"], 1, "for board \"other-board\", not for \"test-board\""),
        (vec!["card.img", "--sha256", &wrong], 1, "not 0000"),
        (vec!["card.img", "--sha256", "12"], 1, "is no SHA-256"),
        (vec!["card.img", "--to", "small", "--yes-i-mean", "small"], 1, "cannot write to small"),
        (vec!["card.img", "--to", "none"], 2, "could not look at none"),
        (vec!["card.img", "--to", "/dev/null"], 1, "neither a disk nor a file"),
        (vec!["card.img", "--to", "card.img", "--yes-i-mean", "card.img"], 1, "it is the image itself"),
        (vec!["card.img", "--to", "card"], 1, "it is named twice"),
        (vec!["card.img", "--yes-i-mean", "small"], 1, "none of the targets"),
        (vec!["card.img", "--receipt", "no-such-folder/receipt"], 2, "could not write the receipt"),
    ] {
        let refused = bench.flash(&[&more[..], &card].concat());
        assert_eq!(refused.status.code(), Some(code), "{expected}: {}", said(&refused));
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(error.starts_with("error: ") && error.contains("\nhelp: "), "{error}");
        assert!(error.contains(expected), "{expected}: {error}");
        assert!(fs::read(bench.path("card")).unwrap() == vec![0x77; CARD], "{expected}: it was written to");
    }
}

#[test]
fn the_list_says_why_a_disk_may_not_be_written() {
    let bench = Bench::new();
    let listed = bench.flash(&["--list", "--json"]);
    assert_eq!(listed.status.code(), Some(0), "{}", said(&listed));
    let disks: Vec<serde_json::Value> = serde_json::from_slice(&listed.stdout).unwrap();
    for disk in disks {
        let mounted = disk["disk"]["mounted"].as_array().unwrap();
        assert!(mounted.is_empty() || disk["refused"].is_string(), "{disk}");
    }
    assert_eq!(bench.flash(&["--list", "--to", "card"]).status.code(), Some(2));
}

/// Without bmaptool nothing is measured, and that is said.
#[test]
fn a_benchmark_without_its_rival_is_none() {
    let bench = Bench::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_synkiosk"));
    command.env("PATH", bench.path("none")).args(["bench", "flash", "--json", "--folder"]);
    let output = command.arg(bench.path("bench")).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("could not run bmaptool"), "{}", said(&output));
    assert!(output.stdout.is_empty() && !bench.path("bench").exists());
}

/// A loop device that goes when the test does.
struct Loop(PathBuf);

impl Loop {
    fn attach(more: &[&str], file: &Path) -> Option<Loop> {
        let output = Command::new("losetup").args(["--find", "--show"]).args(more).arg(file).output().ok()?;
        let name = String::from_utf8(output.stdout).ok()?;
        (output.status.success() && !name.trim().is_empty()).then(|| Loop(name.trim().into()))
    }

    fn name(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = Command::new("losetup").arg("--detach").arg(&self.0).status();
    }
}

fn run(program: &str, arguments: &[&str]) -> bool {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    Command::new(program)
        .env("PATH", path)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}

#[test]
fn a_loop_device_is_a_disk() {
    let bench = Bench::new();
    let Some(disk) = Loop::attach(&[], &bench.path("card")) else {
        println!("SKIPPED: a disk was NOT flashed: loop devices need root");
        return;
    };
    let refused = bench.flash(&["card.img", "--to", disk.name()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("it is no card and no stick"), "{}", said(&refused));
    let done = bench.flash(&["card.img", "--to", disk.name(), "--yes-i-mean", disk.name()]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(bench.holds_image(&disk.0) && bench.holds_image(&bench.path("card")));

    let locked = Loop::attach(&["--read-only"], &bench.path("card")).unwrap();
    let refused = bench.flash(&["card.img", "--to", locked.name(), "--yes-i-mean", locked.name()]);
    assert!(said(&refused).contains("write protected"), "{}", said(&refused));
    assert_eq!(refused.status.code(), Some(1));

    let source = Loop::attach(&[], &bench.path("card.img")).unwrap();
    let refused = bench.flash(&["card.img", "--to", source.name(), "--yes-i-mean", source.name()]);
    assert!(said(&refused).contains("it is the image itself"), "{}", said(&refused));
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn a_mounted_disk_is_refused_however_it_is_named() {
    let bench = Bench::new();
    let folder = bench.path("mounted");
    fs::create_dir(&folder).unwrap();
    let ready = Loop::attach(&[], &bench.path("card")).filter(|disk| {
        run("mke2fs", &["-q", "-F", disk.name()]) && run("mount", &[disk.name(), folder.to_str().unwrap()])
    });
    let Some(disk) = ready else {
        println!("SKIPPED: a mounted disk was NOT tried: mounting needs root and mke2fs");
        return;
    };
    let refused = bench.flash(&["card.img", "--to", disk.name(), "--yes-i-mean", disk.name()]);
    let unmounted = run("umount", &[folder.to_str().unwrap()]);
    assert!(said(&refused).contains("it is mounted at"), "{}", said(&refused));
    assert_eq!(refused.status.code(), Some(1));
    assert!(unmounted);
}

/// The disk under a file is full: the write fails in the middle.
#[test]
fn a_target_that_gets_full_is_not_done() {
    let bench = Bench::new();
    let folder = bench.path("small");
    fs::create_dir(&folder).unwrap();
    if !run("mount", &["-t", "tmpfs", "-o", "size=64k", "none", folder.to_str().unwrap()]) {
        println!("SKIPPED: a full target was NOT tried: mounting needs root");
        return;
    }
    File::create(folder.join("card")).unwrap().set_len(CARD as u64).unwrap();
    let failed = bench.flash(&["card.img", "--to", "small/card", "--yes-i-mean", "small/card"]);
    let begins_with_zeros = fs::read(folder.join("card")).is_ok_and(|card| card[..512] == [0; 512]);
    assert!(run("umount", &[folder.to_str().unwrap()]));
    assert_eq!(failed.status.code(), Some(2), "{}", said(&failed));
    assert!(said(&failed).contains("could not write at byte"), "{}", said(&failed));
    assert!(begins_with_zeros, "it must not look like a card");
}
