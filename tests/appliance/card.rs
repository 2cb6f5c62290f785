//! The image of the board `vm`: made by `synkiosk image`, and read as the collector would.

use age::x25519;
use ext4_view::Ext4;
use fatfs::{FileSystem, FsOptions};
use mbrman::MBR;
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{Cursor, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::Command,
};
use synkiosk_journal::{
    Record,
    segment::{Piece, read_segment},
};

/// Bytes of a sector.
const SECTOR: u64 = 512;

pub(crate) struct Card {
    /// The image.
    pub(crate) path: PathBuf,
    /// How much of it is written to an erased card.
    pub(crate) written_mib: f64,
    folder: tempfile::TempDir,
}

impl Card {
    /// With the shipped bundle, which the demo key signed.
    pub(crate) fn make(program: &Path, packages: &Path, recipient: &x25519::Recipient) -> Card {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/shipped");
        let more =
            ["--bundle".into(), bundle(&shipped).into(), "--key".into(), shipped.join("demo.pub").into()];
        Card::of_board("vm", (program, packages), recipient, &more)
    }

    /// Of any board, and with what else `synkiosk image` is told.
    pub(crate) fn of_board(
        board: &str,
        (program, packages): (&Path, &Path),
        recipient: &x25519::Recipient,
        more: &[OsString],
    ) -> Card {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.img");
        let output = Command::new(env!("CARGO_BIN_EXE_synkiosk"))
            .args(["image", "--board", board, "--recipient", &recipient.to_string()])
            .arg("--binary")
            .arg(program)
            .arg("--packages")
            .arg(packages)
            .args(more)
            .arg("--out")
            .arg(&path)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let written = said.split(" MiB of it written").next().and_then(|text| text.rsplit(' ').next());
        let card = Card { path, written_mib: written.unwrap().parse().unwrap(), folder };
        card.unpack_boot_partition();
        card
    }

    /// A file of the boot partition, as it lies there.
    pub(crate) fn boot_file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Every record in the journal.
    pub(crate) fn records(&self, collector: &x25519::Identity) -> Vec<Record> {
        let data = self.data();
        let mut records = Vec::new();
        for entry in data.read_dir("/journal").unwrap() {
            let path = entry.unwrap().path();
            if !path.to_str().unwrap().ends_with(".segment") {
                continue;
            }
            for piece in read_segment(&data.read(&path).unwrap()).unwrap() {
                let Piece::Frame(frame) = piece else { panic!("the journal is damaged: {piece:?}") };
                records.push(frame.open(collector).unwrap());
            }
        }
        records
    }

    /// A text file of the data partition.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.data().read_to_string(path).ok()
    }

    fn unpack_boot_partition(&self) {
        let boot = FileSystem::new(Cursor::new(self.partition(1)), FsOptions::new()).unwrap();
        for entry in boot.root_dir().iter().map(Result::unwrap).filter(|entry| entry.is_file()) {
            let mut bytes = Vec::new();
            entry.to_file().read_to_end(&mut bytes).unwrap();
            fs::write(self.boot_file(&entry.file_name()), bytes).unwrap();
        }
    }

    /// Read as after a power cut: e2fsck plays back what ext4's own journal holds, as a kernel would, and mends nothing else.
    fn data(&self) -> Ext4 {
        let file = self.folder.path().join("data.ext4");
        fs::write(&file, self.partition(2)).unwrap();
        let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
        let played = Command::new("e2fsck")
            .env("PATH", path)
            .args(["-E", "journal_only", "-y"])
            .arg(&file)
            .output()
            .unwrap();
        assert!(played.status.code().is_some_and(|code| code <= 1), "{played:?}");
        Ext4::load(Box::new(fs::read(file).unwrap())).unwrap()
    }

    fn partition(&self, number: usize) -> Vec<u8> {
        let mut file = File::open(&self.path).unwrap();
        let table = MBR::read_from(&mut file, SECTOR as u32).unwrap();
        let entry = &table[number];
        file.seek(SeekFrom::Start(u64::from(entry.starting_lba) * SECTOR)).unwrap();
        let mut bytes = vec![0; (u64::from(entry.sectors) * SECTOR) as usize];
        file.read_exact(&mut bytes).unwrap();
        bytes
    }
}

fn bundle(shipped: &Path) -> PathBuf {
    let files = fs::read_dir(shipped).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|file| file.extension().is_some_and(|ending| ending == "bundle")).unwrap()
}
