use super::*;
use crate::flash::tests::image_file;

fn said(path: &Path, board: Option<&str>) -> String {
    Image::open(path, board).unwrap_err().to_string()
}

#[test]
fn what_is_no_image_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("empty"), b"").unwrap();
    fs::write(path("zeros"), [0; 4096]).unwrap();
    let mut bare = vec![0; 4096];
    bare[510..512].copy_from_slice(&[0x55, 0xaa]);
    fs::write(path("bare"), bare).unwrap();
    let whole = fs::read(image_file(&path("card.img"), 1 << 20, &[])).unwrap();
    fs::write(path("short"), &whole[..1 << 19]).unwrap();
    fs::write(path("odd"), [&whole[..], &[0; 100]].concat()).unwrap();
    for (name, expected) in [
        ("none", "could not read the image"),
        ("", "no plain file"),
        ("empty", "less than one sector"),
        ("zeros", "no partition table"),
        ("bare", "no partitions"),
        ("short", "truncated: it has 524288 bytes, its partitions end at byte 1048576"),
        ("odd", "truncated"),
    ] {
        assert!(said(&path(name), None).contains(expected), "{expected}: {}", said(&path(name), None));
    }
    assert!(said(&path("card.img"), Some("vm")).contains("does not say for which board"));
}

#[test]
fn a_table_from_anywhere_makes_no_panic() {
    let mut sector: FirstSector = [0xff; 512];
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    assert!(end_of_partitions(&sector).is_ok_and(|end| end > 1 << 41) || end_of_partitions(&sector).is_err());
}

#[test]
fn holes_and_data_read_as_the_file_does_but_for_the_first_sector() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = (PIECE as u64) * 2 + 512 * 3;
    let path = image_file(&folder.path().join("card.img"), bytes, &[70_000, PIECE as u64 + 9, bytes - 1]);
    let image = Image::open(&path, None).unwrap();
    let mut read = Vec::new();
    for range in image.pieces() {
        let mut piece = vec![7; length(&range)];
        image.read(&mut piece, range.start).unwrap();
        read.extend(piece);
    }
    let mut expected = fs::read(&path).unwrap();
    expected[..SECTOR].fill(0);
    assert!(read == expected);
    assert!(image.data_bytes() <= bytes);
}

#[test]
fn the_digest_is_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = image_file(&folder.path().join("card.img"), (PIECE as u64) * 3, &[(PIECE as u64) * 2 + 5]);
    let expected: String =
        Sha256::digest(fs::read(&path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut image = Image::open(&path, None).unwrap();
    assert_eq!(image.digest().unwrap(), expected);
    image.check_digest(&path, None).unwrap();
    assert_eq!(image.promised, None);
    image.check_digest(&path, Some(&expected.to_uppercase())).unwrap();
    let wrong = "0".repeat(64);
    assert!(matches!(image.check_digest(&path, Some(&wrong)), Err(FlashError::WrongDigest { .. })));
    assert!(matches!(image.check_digest(&path, Some("abc")), Err(FlashError::NoDigest(_))));
    fs::write(folder.path().join("card.img.sha256"), format!("{wrong}  card.img\n")).unwrap();
    assert!(matches!(image.check_digest(&path, None), Err(FlashError::WrongDigest { .. })));
}

#[test]
fn blocks_of_zeros_are_skipped() {
    let mut piece = vec![0; 4 * BLOCK + 512];
    assert!(runs(&piece).is_empty());
    piece[0] = 1;
    piece[2 * BLOCK - 1] = 1;
    piece[4 * BLOCK + 511] = 1;
    assert_eq!(runs(&piece), [0..2 * BLOCK, 4 * BLOCK..4 * BLOCK + 512]);
}
