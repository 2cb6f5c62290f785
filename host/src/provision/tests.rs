//! Provisioning onto folders and FAT images: what is written is what is read back, and refusals write nothing.

use super::{medium::Medium, *};
use std::{fs, path::Path};

struct Bench {
    folder: tempfile::TempDir,
    key: SecretKey,
    public: String,
}

impl Bench {
    fn new() -> Bench {
        let key = minisign::KeyPair::generate_unencrypted_keypair().unwrap().sk;
        let public = signing::public_text(&key).unwrap();
        Bench { folder: tempfile::tempdir().unwrap(), key, public }
    }

    fn order(&self) -> Order {
        let mut settings = Settings::named("ward-3", 1_800_000_000).unwrap();
        settings.site = Some("north".to_owned());
        settings.poses = vec!["rest".to_owned(), "open-smile".to_owned()];
        Order { settings, bundle: None, keys: Vec::new() }
    }

    fn key_order(&self) -> Order {
        Order { keys: vec![("signing.pub".to_owned(), self.public.clone())], ..self.order() }
    }

    /// A FAT of 8 MiB at `start` of a file, with a partition table where it starts later.
    fn image(&self, start: u64, files: &[(&str, &[u8])]) -> std::path::PathBuf {
        const LENGTH: u64 = 8 << 20;
        let path = self.folder.path().join(format!("{start}.img"));
        let mut file = fs::File::create_new(&path).unwrap();
        file.set_len(start + LENGTH).unwrap();
        if start > 0 {
            let mut table = mbrman::MBR::new_from(&mut file, 512, [1; 4]).unwrap();
            table[1] = mbrman::MBRPartitionEntry {
                boot: mbrman::BOOT_INACTIVE,
                first_chs: mbrman::CHS::empty(),
                sys: 0x0c,
                last_chs: mbrman::CHS::empty(),
                starting_lba: (start / 512) as u32,
                sectors: (LENGTH / 512) as u32,
            };
            table.write_into(&mut file).unwrap();
        }
        let file = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let mut window = crate::image::disk::Window::new(&file, start, LENGTH);
        fatfs::format_volume(&mut window, fatfs::FormatVolumeOptions::new()).unwrap();
        let system = fatfs::FileSystem::new(&mut window, fatfs::FsOptions::new()).unwrap();
        for (name, bytes) in files {
            io::Write::write_all(&mut system.root_dir().create_file(name).unwrap(), bytes).unwrap();
        }
        system.unmount().unwrap();
        path
    }

    fn provision(&self, path: &Path, order: &Order) -> Result<ReadBack, Refusal> {
        provision(&mut Medium::open(path)?, order, &self.key)
    }
}

fn value<'b>(back: &'b ReadBack, name: &str) -> Option<&'b str> {
    back.lines.iter().find(|line| line.name == name).map(|line| line.value.as_str())
}

const LIST: (&str, &[u8]) = ("sbom.json", b"{\"name\": \"synkiosk-rpi4-hdmi\"}");

#[test]
fn a_stick_and_images_give_back_what_was_asked() {
    let bench = Bench::new();
    let stick = tempfile::tempdir().unwrap();
    let back = bench.provision(stick.path(), &bench.order()).unwrap();
    assert_eq!(value(&back, "board"), None);
    assert_eq!(value(&back, "poses"), Some("rest open-smile"));
    for start in [0, 1 << 20] {
        let path = bench.image(start, &[LIST]);
        let back = bench.provision(&path, &bench.key_order()).unwrap();
        assert_eq!(value(&back, "unit"), Some("ward-3"));
        assert_eq!(value(&back, "site"), Some("north"));
        assert_eq!(value(&back, "board"), Some("rpi4-hdmi"));
        // Again, and changed: what lies there is replaced, and the card knows the key by now.
        let mut order = bench.order();
        order.settings.counter += 1;
        order.settings.site = Some("south".to_owned());
        assert_eq!(value(&bench.provision(&path, &order).unwrap(), "site"), Some("south"));
    }
}

/// A folder grows beyond its first sector, and its first cluster: nothing in it is lost.
#[test]
fn one_stick_is_for_many_units() {
    let bench = Bench::new();
    let path = bench.image(0, &[]);
    let names: Vec<String> = (0..40).map(|number| format!("ward-with-a-long-name-{number}")).collect();
    for name in &names {
        let settings = Settings::named(name, 1).unwrap();
        let order = Order { settings, bundle: None, keys: Vec::new() };
        assert_eq!(value(&bench.provision(&path, &order).unwrap(), "unit"), Some(name.as_str()));
    }
    let medium = Medium::open(&path).unwrap();
    for name in &names {
        for ending in ["", SIGNATURE_ENDING] {
            let file = format!("{INBOX}/{name}{}{ending}", settings::ENDING);
            assert!(medium.read(&file).unwrap().is_some(), "{file} is gone");
        }
    }
}

#[test]
fn a_model_and_its_poses_are_checked_before_anything_is_written() {
    let bench = Bench::new();
    let path = bench.image(0, &[LIST]);
    let demo = synkiosk_models::bundle::DEMO_PUBLIC_KEY;
    let mut order = bench.key_order();
    order.bundle = Some(synkiosk_models::bundle::shipped().to_vec());
    let refused = bench.provision(&path, &order).unwrap_err();
    assert!(refused.to_string().contains("not trusted here"), "{refused}");
    order.keys.push(("demo.pub".to_owned(), demo.to_owned()));
    order.settings.poses = vec!["snarl".to_owned(), "grin".to_owned()];
    assert!(bench.provision(&path, &order).unwrap_err().to_string().contains("not calibrated for snarl"));
    order.settings.poses = vec!["grin".to_owned()];
    assert!(bench.provision(&path, &order).unwrap_err().to_string().contains("\"grin\" is no pose"));
    assert!(Medium::open(&path).unwrap().keys().unwrap().is_empty(), "nothing was written");
    order.settings.poses.clear();
    let back = bench.provision(&path, &order).unwrap();
    assert!(value(&back, "model").unwrap().starts_with("synkiosk version "));
    assert_eq!(Medium::open(&path).unwrap().keys().unwrap().len(), 2);
}

#[test]
fn what_a_unit_would_not_take_is_refused() {
    let bench = Bench::new();
    let path = bench.image(0, &[LIST]);
    let refused = bench.provision(&path, &bench.order()).unwrap_err();
    assert!(refused.to_string().contains("the card does not trust the signing key"), "{refused}");
    let stick = tempfile::tempdir().unwrap();
    let refused = bench.provision(stick.path(), &bench.key_order()).unwrap_err();
    assert!(refused.to_string().contains("a stick cannot make a unit trust"), "{refused}");
    assert_eq!(fs::read_dir(stick.path()).unwrap().count(), 0);
    bench.provision(stick.path(), &bench.order()).unwrap();
    let mut older = bench.order();
    older.settings.counter -= 1;
    let refused = bench.provision(stick.path(), &older).unwrap_err();
    assert!(refused.to_string().contains("settings with counter 1800000000 lie there"), "{refused}");
}

#[test]
fn what_is_no_medium_is_named() {
    let bench = Bench::new();
    let put = |name: &str, bytes: &[u8]| {
        let path = bench.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let mut exfat = vec![0; 4096];
    exfat[3..11].copy_from_slice(b"EXFAT   ");
    let mut ntfs = vec![0; 4096];
    ntfs[3..7].copy_from_slice(b"NTFS");
    let whole = fs::read(bench.image(1 << 20, &[])).unwrap();
    for (path, code, said) in [
        (put("empty", b""), 1, "it has 0 bytes"),
        (put("text", b"milk, bread"), 1, "it is no image of a card or stick"),
        (put("exfat", &exfat), 1, "it is exFAT; FAT12"),
        (put("ntfs", &ntfs), 1, "it is NTFS"),
        (put("cut", &whole[..2 << 20]), 1, "it is cut off: its first partition needs"),
        (bench.folder.path().join("none"), 2, "could not read"),
    ] {
        let refusal = Medium::open(&path).map(|_| ()).unwrap_err();
        assert!(refusal.to_string().contains(said), "{}: {refusal}", path.display());
        assert_eq!(refusal.exit_code(), code, "{}", path.display());
    }
}

#[test]
fn a_full_stick_is_said_to_be_full() {
    let bench = Bench::new();
    let filler = vec![1; (8 << 20) - (300 << 10)];
    let path = bench.image(0, &[LIST, ("filler", &filler)]);
    let mut order = bench.key_order();
    order.keys.push(("demo.pub".to_owned(), synkiosk_models::bundle::DEMO_PUBLIC_KEY.to_owned()));
    order.settings.poses.clear();
    order.bundle = Some(synkiosk_models::bundle::shipped().to_vec());
    let refused = bench.provision(&path, &order).unwrap_err();
    assert_eq!(refused.exit_code(), 2, "{refused}");
    assert!(refused.help().contains("make room"), "{refused}: {}", refused.help());
}
