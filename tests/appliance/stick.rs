//! A stick for the virtual machine: a disk with FAT over the whole of it, made and read as a laptop would.

use age::x25519;
use fatfs::{FileSystem, FormatVolumeOptions, FsOptions};
use minisign::SecretKeyBox;
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::{Path, PathBuf},
};
use synkiosk_boards::unit::{outbox::UnitFile, settings::Settings};
use synkiosk_journal::{
    Record,
    segment::{Piece, read_segment},
};
use synkiosk_models::bundle::SIGNATURE_COMMENT;

/// Bytes of a small stick.
const BYTES: u64 = 64 << 20;

pub(crate) struct Stick {
    /// The image.
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Stick {
    /// With settings that the demo key signed, and with what a Mac leaves beside them.
    pub(crate) fn with(settings: &Settings) -> Stick {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stick.img");
        File::create(&path).unwrap().set_len(BYTES).unwrap();
        let stick = Stick { path, _folder: folder };
        fatfs::format_volume(stick.open(), FormatVolumeOptions::new()).unwrap();
        let text = settings.to_text();
        let system = FileSystem::new(stick.open(), FsOptions::new()).unwrap();
        for folder in ["synkiosk", "synkiosk/inbox", "System Volume Information"] {
            system.root_dir().create_dir(folder).unwrap();
        }
        for (name, bytes) in [
            ("ward.settings.toml", text.as_bytes()),
            ("ward.settings.toml.minisig", signature(&text).as_bytes()),
            ("._ward.settings.toml", b"\0\x05\x16\x07"),
        ] {
            let path = format!("synkiosk/inbox/{name}");
            system.root_dir().create_file(&path).unwrap().write_all(bytes).unwrap();
        }
        system.unmount().unwrap();
        stick
    }

    /// What a unit's outbox says of it.
    pub(crate) fn unit(&self, name: &str) -> UnitFile {
        let text = String::from_utf8(self.read(&format!("synkiosk/outbox/{name}/unit.toml"))).unwrap();
        UnitFile::parse(&text).unwrap()
    }

    /// Every session in a unit's outbox.
    pub(crate) fn records(&self, unit: &str, collector: &x25519::Identity) -> Vec<Record> {
        let folder = format!("synkiosk/outbox/{unit}");
        let system = FileSystem::new(self.open(), FsOptions::new()).unwrap();
        let entries = system.root_dir().open_dir(&folder).unwrap();
        let names: Vec<String> = entries.iter().map(|entry| entry.unwrap().file_name()).collect();
        let mut records = Vec::new();
        for name in names.iter().filter(|name| name.ends_with(".segment")) {
            let bytes = self.read(&format!("{folder}/{name}"));
            for piece in read_segment(&bytes).unwrap() {
                let Piece::Frame(frame) = piece else { panic!("damaged on the stick: {piece:?}") };
                records.push(frame.open(collector).unwrap());
            }
        }
        records
    }

    fn read(&self, path: &str) -> Vec<u8> {
        let system = FileSystem::new(self.open(), FsOptions::new()).unwrap();
        let mut bytes = Vec::new();
        system.root_dir().open_file(path).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn open(&self) -> File {
        OpenOptions::new().read(true).write(true).open(&self.path).unwrap()
    }
}

fn signature(text: &str) -> String {
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/shipped/demo.key");
    let key = SecretKeyBox::from_string(&std::fs::read_to_string(key).unwrap()).unwrap();
    let key = key.into_unencrypted_secret_key().unwrap();
    minisign::sign(None, &key, text.as_bytes(), Some("test"), Some(SIGNATURE_COMMENT)).unwrap().into_string()
}
