//! Pictures, folders and bundles that are refused: one error line, one help line, and nothing half-written.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use image::{DynamicImage, GenericImage, GrayImage, ImageFormat, Luma, imageops};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

const PEOPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/people");

struct Case {
    folder: TempDir,
}

impl Case {
    fn new() -> Case {
        Case { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn save(&self, name: &str, picture: &DynamicImage) -> PathBuf {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        self.write(name, bytes.get_ref())
    }

    fn demo(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_synkiosk-device"))
            .args(["demo", "--out"])
            .arg(self.path("out"))
            .args(arguments)
            .output()
            .unwrap()
    }

    /// The demo refuses with this exit code, says this, and writes nothing.
    fn check(&self, arguments: &[&str], code: i32, message: &str) {
        let output = self.demo(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert_eq!(lines.len(), 2, "{said}");
        assert!(lines[0].starts_with("error: ") && lines[0].contains(message), "{said}");
        assert!(lines[1].starts_with("help: ") && lines[1].len() > 12, "{said}");
        assert!(!self.path("out").exists(), "something was written");
    }

    fn check_photo(&self, photo: &Path, message: &str) {
        self.check(&["--photo", photo.to_str().unwrap()], 1, message);
    }
}

fn shipped(name: &str) -> DynamicImage {
    image::open(Path::new(PEOPLE).join(name)).unwrap()
}

#[test]
fn pictures_that_are_none() {
    let case = Case::new();
    let jpeg = fs::read(Path::new(PEOPLE).join("healthy-one/rest.jpg")).unwrap();
    case.check_photo(&case.write("empty.jpg", b""), "the picture is empty");
    case.check_photo(
        &case.write("text.jpg", b"not a picture, whatever its name says"),
        "neither JPEG nor PNG",
    );
    case.check_photo(&case.write("cut.jpg", &jpeg[..300]), "damaged");
    case.check_photo(&case.save("dot.png", &DynamicImage::new_luma8(1, 1)), "1 x 1 pixels");
    case.check_photo(&case.write("huge.png", &huge_png()), "50000 x 50000 pixels");
    case.check(&["--photo", case.path("none.jpg").to_str().unwrap()], 2, "could not read");
}

/// A header that promises 50,000 x 50,000 pixels, and hardly any data.
fn huge_png() -> Vec<u8> {
    let mut png = Vec::new();
    let picture = DynamicImage::new_luma8(50, 50);
    picture.write_to(&mut std::io::Cursor::new(&mut png), ImageFormat::Png).unwrap();
    png[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn pictures_without_exactly_one_whole_face() {
    let case = Case::new();
    let gray = GrayImage::from_pixel(640, 480, Luma([128]));
    case.check_photo(&case.save("gray.png", &DynamicImage::ImageLuma8(gray)), "no face found");
    let one = shipped("healthy-one/rest.jpg").to_rgb8();
    let other = shipped("synkinesis-one/rest.jpg").to_rgb8();
    let middle = |picture: &image::RgbImage| imageops::crop_imm(picture, 110, 0, 420, 480).to_image();
    let mut two = image::RgbImage::new(840, 480);
    two.copy_from(&middle(&other), 0, 0).unwrap();
    two.copy_from(&middle(&other), 420, 0).unwrap();
    case.check_photo(&case.save("two.png", &DynamicImage::ImageRgb8(two)), "several faces found");
    let width = one.width();
    let half = imageops::crop_imm(&one, width / 2, 0, width / 2, one.height()).to_image();
    let half = case.save("half.png", &DynamicImage::ImageRgb8(half));
    let said = String::from_utf8(case.demo(&["--photo", half.to_str().unwrap()]).stderr).unwrap();
    assert!(said.contains("no face found") || said.contains("only a part of the face"), "{said}");
    case.check_photo(&half, "half: no picture could be used");
}

#[test]
fn folders_that_are_no_series() {
    let case = Case::new();
    let series = |name: &str| case.path(name).to_str().unwrap().to_owned();
    fs::create_dir(case.path("empty")).unwrap();
    case.check(&["--series", &series("empty")], 1, "holds no picture of a pose");
    case.write("other/holiday.jpg", b"x");
    case.check(&["--series", &series("other")], 1, "holds no picture of a pose");
    case.check(&["--series", &series("missing")], 2, "could not read");
    let jpeg = fs::read(Path::new(PEOPLE).join("healthy-one/rest.jpg")).unwrap();
    case.write("twice/rest.jpg", &jpeg);
    case.write("twice/rest.png", &jpeg);
    case.check(&["--series", &series("twice")], 1, "holds two pictures of rest");
    case.write("broken/rest.jpg", &jpeg);
    case.write("broken/snarl.jpg", &jpeg[..200]);
    case.check(&["--series", &series("broken")], 1, "snarl.jpg: the picture is damaged");
}

#[test]
fn people_lists_that_are_wrong() {
    let case = Case::new();
    let jpeg = fs::read(Path::new(PEOPLE).join("healthy-one/rest.jpg")).unwrap();
    case.write("set/anna/rest.jpg", &jpeg);
    let anna = case.path("set/anna").to_str().unwrap().to_owned();
    case.write("set/people.csv", b"person,label\nanna,ill\n");
    case.check(&["--series", &anna], 1, "\"ill\" is no label");
    case.write("set/people.csv", b"name,label\nanna,healthy\n");
    case.check(&["--series", &anna], 1, "the first columns are not person and label");
}

#[test]
fn a_folder_without_people_list_has_no_label() {
    let case = Case::new();
    for pose in ["rest", "open-smile", "pucker", "tight-closure"] {
        let jpeg = fs::read(Path::new(PEOPLE).join(format!("healthy-one/{pose}.jpg"))).unwrap();
        case.write(&format!("bert/{pose}.jpg"), &jpeg);
    }
    let output = case.demo(&["--series", case.path("bert").to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let result = fs::read_to_string(case.path("out/result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_str(&result).unwrap();
    assert_eq!((&result[0]["person"], &result[0]["label"]), (&"bert".into(), &serde_json::Value::Null));
    assert_eq!(result[0]["poses"].as_array().unwrap().len(), 4);
}

/// What is wrong with a bundle that is there is in `tests/attacks`.
#[test]
fn a_bundle_that_is_not_there() {
    let case = Case::new();
    case.check(&["--bundle", case.path("none").to_str().unwrap()], 2, "could not read");
}

#[test]
fn an_output_folder_that_is_a_file() {
    let case = Case::new();
    case.write("out", b"precious");
    let output = case.demo(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: could not write"));
    assert_eq!(fs::read(case.path("out")).unwrap(), b"precious");
}
