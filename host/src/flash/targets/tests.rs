use super::*;
use crate::flash::tests::image_file;

fn card() -> BlockDevice {
    BlockDevice {
        path: "/dev/sdb".into(),
        number: (8, 16),
        kind: Kind::Card,
        bytes: 32 << 30,
        sector_bytes: 512,
        read_only: false,
        vendor: String::new(),
        model: String::new(),
        serial: String::new(),
        mounted: BTreeSet::new(),
        swap: false,
        holders: BTreeSet::new(),
        backing: None,
        partitions: Vec::new(),
    }
}

fn judged(device: BlockDevice, meant: bool) -> Option<Reason> {
    let target = Target { path: device.path.clone(), bytes: device.bytes, device: Some(device) };
    judge(&target, Some(1 << 30), meant)
}

#[test]
fn a_card_and_a_stick_may_be_written() {
    assert_eq!(judged(card(), false), None);
    assert_eq!(judged(BlockDevice { kind: Kind::Stick, ..card() }, false), None);
}

/// What `--yes-i-mean` lifts, and what it never lifts.
#[test]
fn every_refusal() {
    let mounted = |point: &str| BlockDevice { mounted: [point.into()].into(), ..card() };
    for (device, reason) in [
        (BlockDevice { bytes: 0, ..card() }, Reason::Empty),
        (mounted("/"), Reason::System("/".into())),
        (mounted("/boot/firmware"), Reason::System("/boot/firmware".into())),
        (mounted("/media/stick"), Reason::Mounted("/media/stick".into())),
        (BlockDevice { swap: true, ..card() }, Reason::Swap),
        (BlockDevice { holders: ["dm-0".into()].into(), ..card() }, Reason::Held("dm-0".into())),
        (BlockDevice { read_only: true, ..card() }, Reason::ReadOnly),
        (BlockDevice { sector_bytes: 4096, ..card() }, Reason::Sectors(4096)),
        (BlockDevice { bytes: 1 << 20, ..card() }, Reason::TooSmall { bytes: 1 << 20, needed: 1 << 30 }),
    ] {
        assert_eq!(judged(device.clone(), false), Some(reason.clone()));
        assert_eq!(judged(device, true), Some(reason), "naming it again lifts nothing");
    }
    for (device, reason) in [
        (BlockDevice { kind: Kind::Other, ..card() }, Reason::NoCard),
        (BlockDevice { bytes: LARGEST + 512, ..card() }, Reason::TooLarge(LARGEST + 512)),
    ] {
        assert_eq!(judged(device.clone(), false), Some(reason));
        assert_eq!(judged(device, true), None);
    }
}

fn refused(named: &[&Path], meant: &[&Path], image: &Image) -> FlashError {
    let owned = |paths: &[&Path]| paths.iter().map(|path| path.to_path_buf()).collect::<Vec<_>>();
    check(&owned(named), &owned(meant), image, &[]).unwrap_err()
}

#[test]
fn paths_that_are_no_card() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let image = Image::open(&image_file(&path("card.img"), 1 << 20, &[]), None).unwrap();
    fs::write(path("card"), vec![0; 2 << 20]).unwrap();
    fs::write(path("small"), [0; 512]).unwrap();
    fs::hard_link(path("card.img"), path("same")).unwrap();
    std::os::unix::fs::symlink(path("card"), path("link")).unwrap();
    let (card, null) = (path("card"), Path::new("/dev/null"));
    for (named, meant, expected) in [
        (vec![path("none")], vec![], "could not look at"),
        (vec![folder.path().to_owned()], vec![], "neither a disk nor a file"),
        (vec![null.to_owned()], vec![null.to_owned()], "neither a disk nor a file"),
        (vec![path("card.img")], vec![path("card.img")], "it is the image itself"),
        (vec![path("same")], vec![path("same")], "it is the image itself"),
        (vec![path("small")], vec![path("small")], "it has 512 bytes, the image 1048576"),
        (vec![card.clone()], vec![], "it is a plain file"),
        (vec![card.clone(), path("link")], vec![card.clone()], "it is named twice"),
        (vec![card.clone()], vec![card.clone(), path("small")], "which is none of the targets"),
    ] {
        let named: Vec<_> = named.iter().map(PathBuf::as_path).collect();
        let meant: Vec<_> = meant.iter().map(PathBuf::as_path).collect();
        let error = refused(&named, &meant, &image);
        assert!(error.to_string().contains(expected), "{expected}: {error}");
        assert!(!error.help().is_empty());
    }
    let targets = check(&[path("link")], std::slice::from_ref(&card), &image, &[]).unwrap();
    assert_eq!(
        targets[0].path,
        fs::canonicalize(card).unwrap(),
        "links are followed once, before anything is judged"
    );
}
