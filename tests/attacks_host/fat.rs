//! FAT images whose chains run in a circle, cross, or lead outside: `collect` and `provision` end, and say so.

use crate::{bundles, folder::snapshot, synkiosk};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

const BYTES: u64 = 32 << 20;
/// Bytes of the one segment.
const SEGMENT: u32 = 9_001;
const OUTBOX: &str = "synkiosk/outbox/ward-3";

/// A FAT with these files, and the folders above them.
pub(crate) fn format(path: &Path, files: &[(&str, &[u8])]) {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path).unwrap();
    file.set_len(BYTES).unwrap();
    fatfs::format_volume(&mut file, fatfs::FormatVolumeOptions::new()).unwrap();
    let system = fatfs::FileSystem::new(&mut file, fatfs::FsOptions::new()).unwrap();
    for (name, bytes) in files {
        for (end, _) in name.match_indices('/') {
            system.root_dir().create_dir(&name[..end]).unwrap();
        }
        system.root_dir().create_file(name).unwrap().write_all(bytes).unwrap();
    }
    system.unmount().unwrap();
}

/// A FAT16 as bytes, and where things are in it.
struct Raw {
    bytes: Vec<u8>,
}

impl Raw {
    fn number(&self, at: usize) -> usize {
        usize::from(u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]]))
    }

    fn cluster_bytes(&self) -> usize {
        self.number(11) * usize::from(self.bytes[13])
    }

    fn table(&self, copy: usize) -> usize {
        self.number(11) * (self.number(14) + copy * self.number(22))
    }

    fn data(&self) -> usize {
        self.table(usize::from(self.bytes[16])) + 32 * self.number(17)
    }

    fn cluster_at(&self, cluster: usize) -> usize {
        self.data() + (cluster - 2) * self.cluster_bytes()
    }

    /// Where the entry of a short name is: eleven letters.
    fn entry(&self, name: &[u8; 11]) -> usize {
        let places = self.bytes.chunks_exact(32).position(|entry| entry[..11] == *name && entry[11] != 0x0f);
        32 * places.expect("the name is there")
    }

    /// Where the entry of the one file of this length is.
    fn entry_of_length(&self, length: u32) -> usize {
        let places = self.bytes.chunks_exact(32).position(|entry| entry[28..] == length.to_le_bytes());
        32 * places.expect("the file is there")
    }

    fn first_cluster(&self, entry: usize) -> usize {
        self.number(entry + 26)
    }

    fn write(&mut self, at: usize, number: usize) {
        self.bytes[at..at + 2].copy_from_slice(&(number as u16).to_le_bytes());
    }

    /// The next cluster after one, in both tables.
    fn link(&mut self, cluster: usize, next: usize) {
        for copy in 0..usize::from(self.bytes[16]) {
            let at = self.table(copy) + 2 * cluster;
            self.write(at, next);
        }
    }

    /// A folder that never ends: its one cluster is full and follows itself.
    fn endless(&mut self, folder: &[u8; 11]) {
        let cluster = self.first_cluster(self.entry(folder));
        let (from, to) = (self.cluster_at(cluster), self.cluster_at(cluster) + self.cluster_bytes());
        for entry in (from..to).step_by(32).filter(|at| self.bytes[*at] == 0).collect::<Vec<_>>() {
            self.bytes[entry] = 0xe5;
        }
        self.link(cluster, cluster);
    }
}

/// Something that is done to the image, and what is said of it, by `collect` and by `provision`.
type Damage = (&'static str, fn(&mut Raw), &'static str, &'static str);

const NO_END: &str = "its folders have no end";

const DAMAGES: [Damage; 8] = [
    ("no damage", |_| {}, "1 units", ""),
    ("an outbox without an end", |raw| raw.endless(b"WARD-3     "), NO_END, ""),
    ("a folder of outboxes without an end", |raw| raw.endless(b"OUTBOX     "), NO_END, ""),
    ("an inbox without an end", |raw| raw.endless(b"INBOX      "), "", NO_END),
    // What comes before its end is found, and nothing behind that is looked for.
    ("a first folder without an end", |raw| raw.endless(b"SYNKIOSK   "), NO_END, ""),
    (
        "a segment of 4 GiB in a circle",
        |raw| {
            let entry = raw.entry_of_length(SEGMENT);
            let cluster = raw.first_cluster(entry);
            raw.link(cluster, cluster);
            raw.bytes[entry + 28..entry + 32].fill(0xff);
        },
        "1 quarantined",
        "",
    ),
    (
        "an outbox that is its own parent",
        |raw| {
            let parent = raw.first_cluster(raw.entry(b"OUTBOX     "));
            let entry = raw.entry(b"WARD-3     ");
            raw.write(entry + 26, parent);
        },
        "",
        "",
    ),
    (
        "an outbox outside of the image",
        |raw| {
            let entry = raw.entry(b"WARD-3     ");
            raw.write(entry + 26, 0xffe0);
        },
        "",
        "",
    ),
];

#[test]
fn images_that_run_in_a_circle_come_to_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::copy(crate::served::root().join("models/shipped/demo.key"), here.join("demo.key")).unwrap();
    crate::collection_key(&here.join("collection.key"));
    let segment = vec![7; SEGMENT as usize];
    let settings = bundles::sign("x", &bundles::demo_key());
    let files: [(&str, &[u8]); 3] = [
        (&format!("{OUTBOX}/00000001.segment"), &segment),
        ("synkiosk/inbox/other.settings.toml", b"x"),
        ("synkiosk/inbox/other.settings.toml.minisig", &settings),
    ];
    for (what, damage, collected, provisioned) in DAMAGES {
        let image = here.join("stick.img");
        format(&image, &files);
        let mut raw = Raw { bytes: fs::read(&image).unwrap() };
        assert_eq!(&raw.bytes[54..59], b"FAT16");
        damage(&mut raw);
        fs::write(&image, &raw.bytes).unwrap();
        let before = snapshot(here);
        let store = format!("{}.sqlite", what.replace(' ', "-"));
        let output = synkiosk(here, &["collect", "stick.img", "--key", "collection.key", "--store", &store]);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        println!("{what}: collect: {:?} {}", output.status.code(), said.trim().replace('\n', " / "));
        assert!(said.contains(collected), "{what}: {said}");
        assert!(output.status.code().is_some(), "{what}: {said}");
        assert_eq!(snapshot(here)["stick.img"], before["stick.img"], "{what}");
        let output =
            synkiosk(here, &["provision", "stick.img", "--unit", "ward-3", "--signing-key", "demo.key"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        println!("{what}: provision: {:?} {}", output.status.code(), said.trim().replace('\n', " / "));
        assert!(said.contains(provisioned), "{what}: {said}");
        assert!(output.status.code().is_some(), "{what}: {said}");
        assert!(output.status.success() || !provisioned.is_empty(), "{what}: {said}");
        if !provisioned.is_empty() {
            assert_eq!(output.status.code(), Some(2), "{what}: {said}");
            assert_eq!(snapshot(here)["stick.img"], before["stick.img"], "{what}");
        }
    }
}
