//! `synkiosk image` on packages made up for the test: equal inputs give equal bytes, a board out of one file is taken,
//! and bad input is refused by name and leaves nothing behind.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use fatfs::{FileSystem, FsOptions};
use mbrman::MBR;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{Cursor, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What a board that nobody ships says of itself.
const BOARD: &str = r#"
name = "bench-board"
description = "A board that was added by this file alone"

[camera]
kind = "v4l2"
device = "/dev/video0"
width = 640
height = 480
frames_per_second = 30
formats = ["YUYV"]

[panel]
kind = "drm"
device = "/dev/dri/card0"
width = 800
height = 480
rotation = 0
width_mm = 154
height_mm = 86

[[buttons]]
action = "next"
key = "enter"

[[buttons]]
action = "stop"
key = "escape"

[modules]
load = ["outer"]

[card]
boot_mib = 64
data_mib = 64
firmware = ["bench.dtb"]
"#;

/// What the program is made of, beside it and on the card.
const LIST: &str = "synkiosk-device.cdx.json";

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        let root = "packages/unpacked";
        let modules = format!("{root}/lib/modules/6.1.0-test");
        bench.put("board.toml", BOARD.as_bytes());
        bench.put("program", &program());
        bench.put_list_of(&program());
        bench.put("packages/packages.txt", b"kernel linux-image-test arm64 6.1.0-1 00ff\n");
        bench.put(&format!("{root}/boot/vmlinuz-6.1.0-test"), &[7; 70_000]);
        bench.put(&format!("{root}/usr/lib/tree/bench.dtb"), b"tree");
        bench.put(&format!("{modules}/modules.dep"), b"kernel/outer.ko: kernel/inner.ko\nkernel/inner.ko:\n");
        bench.put(&format!("{modules}/modules.builtin"), b"");
        bench.put(&format!("{modules}/kernel/outer.ko"), b"outer");
        bench.put(&format!("{modules}/kernel/inner.ko"), b"inner");
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `device/build.sh` lists beside the program, as far as it says which program that is.
    fn put_list_of(&self, program: &[u8]) -> String {
        let digest: String = Sha256::digest(program).iter().map(|byte| format!("{byte:02x}")).collect();
        let hashes = serde_json::json!([{ "alg": "SHA-256", "content": digest }]);
        let list = serde_json::json!({ "bomFormat": "CycloneDX", "metadata": { "component": { "hashes": hashes } } });
        self.put(LIST, list.to_string().as_bytes());
        list.to_string()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
    }

    fn make(&self, out: &str, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synkiosk"));
        command.current_dir(self.folder.path()).args([
            "image",
            "--binary",
            "program",
            "--packages",
            "packages",
        ]);
        if !more.contains(&"--board") {
            command.args(["--board", "board.toml"]);
        }
        command.args(more).args(["--out", out]).output().unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// The head of a static ELF file for arm64.
fn program() -> Vec<u8> {
    let mut program = vec![0; 4096];
    program[..5].copy_from_slice(b"\x7fELF\x02");
    program[18] = 183;
    program
}

fn has_mke2fs() -> bool {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    Command::new("mke2fs").env("PATH", path).arg("-V").output().is_ok()
}

fn boot_partition(image: &Path) -> FileSystem<Cursor<Vec<u8>>> {
    let mut file = File::open(image).unwrap();
    let entry = MBR::read_from(&mut file, 512).unwrap()[1].clone();
    file.seek(SeekFrom::Start(u64::from(entry.starting_lba) * 512)).unwrap();
    let mut bytes = vec![0; entry.sectors as usize * 512];
    file.read_exact(&mut bytes).unwrap();
    FileSystem::new(Cursor::new(bytes), FsOptions::new()).unwrap()
}

#[test]
fn a_board_of_one_file_gets_its_card_and_equal_inputs_equal_bytes() {
    if !has_mke2fs() {
        println!("SKIPPED: images were NOT made: there is no mke2fs");
        return;
    }
    let bench = Bench::new();
    for out in ["one.img", "two.img"] {
        let made = bench.make(out, &[]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    assert!(fs::read(bench.path("one.img")).unwrap() == fs::read(bench.path("two.img")).unwrap());
    let boot = boot_partition(&bench.path("one.img"));
    let read = |name: &str| {
        let mut bytes = Vec::new();
        boot.root_dir().open_file(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(read("vmlinuz"), [7; 70_000]);
    assert_eq!(read("bench.dtb"), b"tree");
    assert!(String::from_utf8(read("extlinux/extlinux.conf")).unwrap().contains("FDT /bench.dtb"));
    let mut archive = Vec::new();
    flate2::read::GzDecoder::new(read("initrd.gz").as_slice()).read_to_end(&mut archive).unwrap();
    let holds = |bytes: &[u8]| archive.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(b"inner.ko\nouter.ko\n"), "the modules stand in the order in which they load");
    assert!(holds(BOARD.as_bytes()), "the program is told the whole profile");
    let list: serde_json::Value = serde_json::from_slice(&read("sbom.json")).unwrap();
    assert_eq!(list["spdxVersion"], "SPDX-2.3");
    assert!(list["packages"].to_string().contains("linux-image-test"));
}

#[test]
fn the_card_lists_what_its_program_is_made_of() {
    if !has_mke2fs() {
        println!("SKIPPED: images were NOT made: there is no mke2fs");
        return;
    }
    let bench = Bench::new();
    let list = bench.put_list_of(&program());
    let made = bench.make("card.img", &[]);
    assert!(made.status.success() && made.stderr.is_empty(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut on_card = String::new();
    let boot = boot_partition(&bench.path("card.img"));
    boot.root_dir().open_file(LIST).unwrap().read_to_string(&mut on_card).unwrap();
    assert_eq!(on_card, list);

    fs::remove_file(bench.path(LIST)).unwrap();
    let made = bench.make("card.img", &[]);
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(
        made.status.success() && said.contains("warning: there is no synkiosk-device.cdx.json"),
        "{said}"
    );
    assert!(boot_partition(&bench.path("card.img")).root_dir().open_file(LIST).is_err());
}

#[test]
fn a_list_of_another_program_is_refused() {
    let bench = Bench::new();
    bench.put_list_of(b"another program");
    let before = bench.names();
    let made = bench.make("card.img", &[]);
    let said = String::from_utf8_lossy(&made.stderr);
    assert_eq!(made.status.code(), Some(1), "{said}");
    assert!(said.contains("is of another program\nhelp: "), "{said}");
    assert_eq!(bench.names(), before);
}

/// Checkers must find nothing to mend: what they mend they may break.
#[test]
fn the_boot_partition_is_sound() {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    if !has_mke2fs() || Command::new("fsck.vfat").env("PATH", &path).arg("--help").output().is_err() {
        println!(
            "SKIPPED: the boot partition was NOT checked: there is no mke2fs or no fsck.vfat (dosfstools)"
        );
        return;
    }
    let bench = Bench::new();
    assert!(bench.make("card.img", &[]).status.success());
    let mut image = File::open(bench.path("card.img")).unwrap();
    let entry = MBR::read_from(&mut image, 512).unwrap()[1].clone();
    image.seek(SeekFrom::Start(u64::from(entry.starting_lba) * 512)).unwrap();
    let mut bytes = vec![0; entry.sectors as usize * 512];
    image.read_exact(&mut bytes).unwrap();
    bench.put("boot.fat", &bytes);
    let checked =
        Command::new("fsck.vfat").env("PATH", path).arg("-n").arg(bench.path("boot.fat")).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(!said.contains("Start does point") && !said.contains("Deleting"), "{said}");
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_left() {
    let other = BOARD.replace("name = \"bench-board\"", "name = \"Bench Board\"");
    let tight = BOARD.replace("data_mib = 64", "data_mib = 1");
    let firmware = BOARD.replace("bench.dtb", "no-such.elf");
    let unknown = BOARD.replace("load = [\"outer\"]", "load = [\"no-such\"]");
    for (change, more, code, expected) in [
        (("board.toml", other.as_bytes()), vec![], 1, "name"),
        (("board.toml", tight.as_bytes()), vec![], 1, "data_mib"),
        (("board.toml", unknown.as_bytes()), vec![], 1, "no module \"no-such\""),
        (("board.toml", b"".as_slice()), vec![], 1, ""),
        (("program", b"#!/bin/sh\n".as_slice()), vec![], 1, "no 64-bit ELF file"),
        (("board.toml", firmware.as_bytes()), vec![], 1, "no-such.elf"),
        (("bundle", b"no bundle".as_slice()), vec!["--bundle", "bundle"], 1, "the bundle is refused"),
        (("x", b"".as_slice()), vec!["--board", "no-such-board"], 1, "no-such-board"),
        (("x", b"".as_slice()), vec!["--board", "desk"], 1, "starts from no card"),
        (("x", b"".as_slice()), vec!["--board", "no-such.toml"], 2, "cannot read no-such.toml"),
        (("x", b"".as_slice()), vec!["--recipient", "age1x"], 1, "cannot seal"),
        (("packages/unpacked/boot/vmlinuz-other", b"".as_slice()), vec![], 1, "2 kernels"),
    ] {
        let bench = Bench::new();
        bench.put(change.0, change.1);
        let before = bench.names();
        let made = bench.make("card.img", &more);
        let said = String::from_utf8(made.stderr).unwrap();
        assert_eq!(made.status.code(), Some(code), "{expected}: {said}");
        assert!(said.starts_with("error: ") && said.contains("\nhelp: "), "{said}");
        assert!(said.contains(expected), "{expected}: {said}");
        assert_eq!(bench.names(), before, "{expected}");
    }
}

#[test]
fn without_packages_or_room_to_write_nothing_is_made() {
    let bench = Bench::new();
    let made = bench.make("no-such-folder/card.img", &[]);
    assert_eq!(made.status.code(), Some(2), "{}", String::from_utf8_lossy(&made.stderr));
    fs::remove_dir_all(bench.path("packages")).unwrap();
    assert_eq!(bench.make("card.img", &[]).status.code(), Some(2));
    assert!(!bench.path("card.img").exists());
}

/// What a technician types for a unit's card, from an empty folder on, and what is printed.
#[test]
fn three_commands_lead_from_nothing_to_a_provisioned_card() {
    if !has_mke2fs() {
        println!("SKIPPED: no card was provisioned: there is no mke2fs");
        return;
    }
    let bench = Bench::new();
    bench.put("passphrase", b"correct horse\n");
    let mut transcript = String::new();
    for line in [
        "keys new --out KEYS --passphrase-file passphrase",
        "image --board board.toml --binary program --packages packages --out card.img",
        "provision card.img --unit ward-3 --site north --language de --language en --pose rest --pose open-smile \
         --recipient KEYS/collection.pub --key KEYS/signing.pub --signing-key KEYS/signing.key \
         --passphrase-file passphrase --counter 1 --code ward-3.png",
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synkiosk"));
        command.current_dir(bench.folder.path()).env("XDG_CONFIG_HOME", bench.path("home"));
        let output = command.args(line.split_whitespace()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        transcript += &format!("$ synkiosk {line}\n{}", String::from_utf8_lossy(&output.stdout));
    }
    let key = fs::read_to_string(bench.path("KEYS/signing.pub")).unwrap();
    let id = key.lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
    let recipient = fs::read_to_string(bench.path("KEYS/collection.pub")).unwrap().trim().to_owned();
    let expected = format!(
        "  board       bench-board
  unit        ward-3
  site        north
  recipient   {recipient}
  languages   de en
  poses       rest open-smile
  counter     1
  signed by   {id}
  trusts      {id}
code        ward-3.png
"
    );
    let (before, shown) = transcript.split_once("read back from card.img:\n").unwrap();
    assert_eq!(shown, expected);
    assert!(
        before.contains("signing key     KEYS/signing.key") && before.contains("card.img: bench-board, ")
    );
    let boot = boot_partition(&bench.path("card.img"));
    let inbox = boot.root_dir().open_dir("synkiosk/inbox").unwrap();
    let mut names: Vec<String> = inbox.iter().map(|entry| entry.unwrap().file_name()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    assert_eq!(names, ["ward-3.settings.toml", "ward-3.settings.toml.minisig"]);
}
