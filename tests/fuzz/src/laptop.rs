//! What a laptop reads: the table of a data set, the file systems of cards and sticks.

use std::{
    cell::OnceCell,
    fs,
    io::{Cursor, Write},
    path::Path,
};
use synkiosk_device::camera::recorded::label_in;
use synkiosk_host::{
    dataset::DataSet,
    flash,
    fleet::{
        image, outbox,
        place::{Place, join},
    },
    provision::medium::Medium,
};
use tempfile::TempDir;

/// Memory where the system has files there: writing to a disk would be most of the time.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

thread_local! {
    static DATA_SET: OnceCell<TempDir> = const { OnceCell::new() };
    static DISK: OnceCell<TempDir> = const { OnceCell::new() };
}

/// `people.csv` beside the folders of two people.
pub(crate) fn people_csv(bytes: &[u8]) -> bool {
    DATA_SET.with(|folder| {
        let root = folder.get_or_init(|| {
            let folder = self::folder();
            for person in ["p1", "p2"] {
                fs::create_dir(folder.path().join(person)).unwrap();
                fs::write(folder.path().join(person).join("rest.jpg"), b"not opened").unwrap();
            }
            folder
        });
        fs::write(root.path().join("people.csv"), bytes).unwrap();
        // The kiosk's own demo reads the first two columns.
        let _ = label_in(bytes, "p1");
        let Ok(read) = DataSet::read(root.path()) else { return false };
        read.write_people().unwrap();
        assert_eq!(DataSet::read(root.path()).unwrap(), read);
        true
    })
}

pub(crate) fn tables() -> Vec<Vec<u8>> {
    const HEADER: &str = "person,label,side,types,severity,skin,sex,age_band,source\n";
    let rows = [
        "p1,synkinesis,left,ocular-oral+mentalis,0.5,3,female,30-39,here\np2,healthy,,,,,,,\n",
        "p1,palsy,right,,0.2,,,,\"a, b\"\np2,healthy,,,,,,,x\n",
    ];
    rows.map(|rows| format!("{HEADER}{rows}").into_bytes()).to_vec()
}

/// A card's image or a stick's, with a FAT or a partition table: read as a collector, a provisioner and a flasher do.
pub(crate) fn fat(bytes: &[u8]) -> bool {
    on_disk(bytes, |path| {
        let is_found = look_around(path);
        let _ = flash::image::Image::open(path, None);
        let Ok(mut medium) = Medium::open(path) else { return false };
        let _ = (medium.board(), medium.keys(), medium.read("synkiosk/inbox/settings.toml"));
        if medium.write("synkiosk/inbox/settings.toml", b"counter = 1\n").is_ok() && medium.sync().is_ok() {
            let _ = medium.read("synkiosk/inbox/settings.toml");
        }
        is_found
    })
}

/// A card's data partition.
pub(crate) fn ext4(bytes: &[u8]) -> bool {
    on_disk(bytes, look_around)
}

fn on_disk(bytes: &[u8], look: impl Fn(&Path) -> bool) -> bool {
    DISK.with(|folder| {
        let path = folder.get_or_init(self::folder).path().join("disk.img");
        fs::write(&path, bytes).unwrap();
        look(&path)
    })
}

/// Whether a unit's outbox is found.
fn look_around(path: &Path) -> bool {
    let Ok(places) = image::places(path) else { return false };
    let mut is_found = false;
    for place in &places {
        let found = outbox::find(place.as_ref(), "disk").unwrap_or_default();
        is_found |= found.outboxes.iter().any(|outbox| outbox.unit.name.as_str() == "ward-3");
        walk(place.as_ref(), "", 3);
    }
    is_found
}

/// Every file in a few levels of folders. As `collect` does, it gives up where something cannot be read.
fn walk(place: &dyn Place, folder: &str, levels: u32) {
    let Ok(entries) = place.list(folder) else { return };
    for entry in entries.iter().take(20) {
        let path = join(folder, &entry.name);
        if entry.is_folder && levels > 0 {
            walk(place, &path, levels - 1);
        } else if let Ok(bytes) = place.read(&path, 4096) {
            assert!(bytes.len() <= 4096);
        }
    }
}

/// The files on both.
const FILES: [(&str, &[u8]); 3] = [
    ("demo.pub", b"untrusted comment: a key\n"),
    ("synkiosk/outbox/ward-3/unit.toml", b"unit = \"ward-3\"\n"),
    ("synkiosk/outbox/ward-3/00000001.segment", b"SYNKJRNL"),
];

/// A stick without a partition table, and a card with one.
pub(crate) fn fats() -> Vec<Vec<u8>> {
    const BYTES: usize = 24 << 10;
    let mut disk = Cursor::new(vec![0; BYTES]);
    let options = fatfs::FormatVolumeOptions::new().max_root_dir_entries(32);
    fatfs::format_volume(&mut disk, options).unwrap();
    {
        let system = fatfs::FileSystem::new(&mut disk, fatfs::FsOptions::new()).unwrap();
        for (path, bytes) in FILES {
            for (end, _) in path.match_indices('/') {
                system.root_dir().create_dir(&path[..end]).unwrap();
            }
            system.root_dir().create_file(path).unwrap().write_all(bytes).unwrap();
        }
    }
    let stick = disk.into_inner();
    let mut table = vec![0; 512];
    // One partition of the type FAT32, from the second sector on.
    table[446 + 4] = 0x0c;
    table[446 + 8..][..4].copy_from_slice(&1_u32.to_le_bytes());
    table[446 + 12..][..4].copy_from_slice(&((BYTES / 512) as u32).to_le_bytes());
    table[510..].copy_from_slice(&[0x55, 0xaa]);
    let card = [table.as_slice(), &stick].concat();
    vec![stick, card]
}

/// Made by mke2fs, which not every machine has: it is kept among the inputs.
pub(crate) fn ext4s() -> Vec<Vec<u8>> {
    vec![include_bytes!("../small.ext4").to_vec()]
}
