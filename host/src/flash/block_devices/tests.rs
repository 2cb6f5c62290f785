use super::*;
use std::os::unix::fs::symlink;

/// A tree as the kernel shows it: disks are links into the tree of devices.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new(mounts: &str, swaps: &str) -> Tree {
        let tree = Tree(tempfile::tempdir().unwrap());
        tree.put("proc/self/mountinfo", mounts);
        tree.put("proc/swaps", swaps);
        fs::create_dir_all(tree.0.path().join("sys/block")).unwrap();
        tree
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A disk below this device, with these files.
    fn disk(&self, device: &str, name: &str, files: &[(&str, &str)]) {
        let real = format!("sys/devices/{device}/block/{name}");
        for (file, text) in files {
            match file.strip_prefix("device/") {
                Some(file) => self.put(&format!("sys/devices/{device}/{file}"), text),
                None => self.put(&format!("{real}/{file}"), text),
            }
        }
        let link = self.0.path().join(&real).join("device");
        symlink(self.0.path().join("sys/devices").join(device), link).unwrap();
        symlink(self.0.path().join(&real), self.0.path().join("sys/block").join(name)).unwrap();
    }

    fn list(&self) -> Vec<BlockDevice> {
        let root = self.0.path();
        list(&Roots { sys: root.join("sys"), proc: root.join("proc") }).unwrap()
    }
}

const USB: &str = "pci0000:00/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0";

fn stick(tree: &Tree, name: &str, number: &str) {
    tree.disk(
        USB,
        name,
        &[
            ("dev", number),
            ("size", "62333952\n"),
            ("removable", "1\n"),
            ("ro", "0\n"),
            ("queue/logical_block_size", "512\n"),
            ("device/vendor", "SanDisk \n"),
            ("device/model", "Ultra           \n"),
            ("device/type", "0\n"),
        ],
    );
    tree.put("sys/devices/pci0000:00/usb1/1-2/serial", "4C530001\n");
}

#[test]
fn a_stick_has_its_readers_serial_number() {
    let tree = Tree::new("", "Filename Type Size Used Priority\n");
    stick(&tree, "sdb", "8:16\n");
    let disks = tree.list();
    let [disk] = &disks[..] else { panic!("{disks:?}") };
    assert_eq!(disk.kind, Kind::Stick);
    assert_eq!(disk.path, Path::new("/dev/sdb"));
    assert_eq!((disk.number, disk.bytes), ((8, 16), 62_333_952 * 512));
    assert_eq!([&disk.vendor, &disk.model, &disk.serial], ["SanDisk", "Ultra", "4C530001"]);
    assert!(disk.mounted.is_empty() && !disk.swap && disk.holders.is_empty());
}

#[test]
fn a_card_is_told_from_what_is_soldered_in() {
    let tree = Tree::new("", "");
    for (name, kind, number) in [("mmcblk0", "MMC", "179:0"), ("mmcblk1", "SD", "179:96")] {
        tree.disk(
            &format!("platform/mmc_host/{name}/{name}:1234"),
            name,
            &[
                ("dev", number),
                ("size", "2048"),
                ("device/type", kind),
                ("device/name", "SC32G"),
                ("device/manfid", "0x000003"),
                ("device/serial", "0x12345678"),
            ],
        );
    }
    // The boot area of the card that is a card.
    tree.disk(
        "platform/mmc_host/boot",
        "mmcblk1boot0",
        &[("dev", "179:128"), ("size", "8"), ("device/type", "SD")],
    );
    let disks = tree.list();
    let kinds: Vec<_> = disks.iter().map(|disk| disk.kind).collect();
    assert_eq!(kinds, [Kind::Other, Kind::Card, Kind::Other]);
    assert_eq!(
        [&disks[1].vendor, &disks[1].model, &disks[1].serial],
        ["SD maker 0x000003", "SC32G", "0x12345678"]
    );
}

#[test]
fn removable_is_not_enough() {
    let tree = Tree::new("", "");
    let files = |kind| [("dev", "11:0"), ("size", "2048"), ("removable", "1"), ("device/type", kind)];
    // An optical drive on USB, and a bay for SATA disks that says it is removable.
    tree.disk(USB, "sr0", &files("5"));
    tree.disk("pci0000:00/ata2/host1/1:0:0:0", "sda", &files("0"));
    assert!(tree.list().iter().all(|disk| disk.kind == Kind::Other), "{:?}", tree.list());
}

#[test]
fn every_use_of_a_disk_is_found() {
    let mounts = "27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
                  40 27 0:35 /@ /data rw - btrfs /dev/sdc2 rw\n\
                  41 27 8:48 / /media/My\\040Card rw shared:9 master:2 - vfat /dev/sdd rw\n\
                  a line that is none\n";
    let swaps = "Filename Type Size Used Priority\n/dev/sde1 partition 100 0 -2\n";
    let tree = Tree::new(mounts, swaps);
    for (name, number, part) in [
        ("sda", "8:0", "8:1"),
        ("sdc", "8:32", "8:34"),
        ("sdd", "8:48", ""),
        ("sde", "8:64", "8:65"),
        ("sdf", "8:80", "8:81"),
    ] {
        tree.disk(&format!("{USB}/{name}"), name, &[("dev", number), ("size", "2048")]);
        if !part.is_empty() {
            let number = if name == "sdc" { 2 } else { 1 };
            let folder = format!("sys/devices/{USB}/{name}/block/{name}/{name}{number}");
            tree.put(&format!("{folder}/dev"), part);
            tree.put(&format!("{folder}/partition"), "1");
            if name == "sdf" {
                tree.put(&format!("{folder}/holders/dm-0"), "");
            }
        }
    }
    let disks = tree.list();
    let mounted = |disk: usize| disks[disk].mounted.iter().map(|it| it.to_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(mounted(0), ["/"]);
    assert_eq!(mounted(1), ["/data"], "btrfs is found by its disk's name");
    assert_eq!(mounted(2), ["/media/My Card"]);
    assert_eq!(disks.iter().map(|disk| disk.swap).collect::<Vec<_>>(), [false, false, false, true, false]);
    assert_eq!(disks[4].holders.iter().collect::<Vec<_>>(), ["dm-0"]);
    assert_eq!(disks[4].partitions, [(8, 81)]);
}

#[test]
fn a_broken_tree_is_no_panic() {
    let tree = Tree::new("\n- - -\n27 1 8 / /\n27 1 x:y \\9 \\04", "Filename\n\n");
    tree.disk("a", "sda", &[("dev", "none"), ("size", "2048")]);
    tree.disk("b", "sdb", &[("dev", "8:16"), ("size", "-1")]);
    tree.disk("c", "sdc", &[("dev", "8:32"), ("size", "18446744073709551615")]);
    tree.disk("d", "loop0", &[("dev", "7:0"), ("size", "2048")]);
    tree.disk("e", "ram0", &[("dev", "1:0"), ("size", "2048")]);
    tree.disk("f", "zram0", &[("dev", "252:0"), ("size", "0")]);
    assert_eq!(tree.list(), []);
    assert!(list(&Roots { sys: "no-such-folder".into(), proc: "no-such-folder".into() }).is_err());
}
