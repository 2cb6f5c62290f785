//! Golden screens: every kind of screen on four panels in two languages, compared to the last pixel with the pictures in
//! this folder, and how long it takes to draw them.
//!
//! Regenerate them, then look at the contact sheets that it names:
//! `cargo test --release -p synkiosk-device --test screens regenerate -- --ignored --nocapture`
#![forbid(unsafe_code)]

mod pace;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use synkiosk_device::{
    demo::contact_sheet,
    frame::Frame,
    language::Language,
    screens::{
        self, Live,
        gallery::{PANELS, gallery, nobody},
    },
    session::screen::Screen,
};

/// One written from the left and one from the right; all others are drawn by the tests of fit.
const LANGUAGES: [Language; 2] = [Language::English, Language::Arabic];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/screens")
}

/// Each picture's file and the frame that belongs into it.
fn each(mut look: impl FnMut(&Path, &Frame)) {
    let photo = nobody();
    let live = Live { photo: &photo, toward: Some([0.2, 0.0]) };
    for ((width, height), size_mm) in PANELS {
        for language in LANGUAGES {
            let folder = folder().join(format!("{width}x{height}")).join(language.code());
            let mut frame = Frame::new(width, height).on_panel_of(size_mm);
            for screen in gallery() {
                screens::draw(&mut frame, &screen, language, Some(&live));
                look(&folder.join(format!("{}.png", screen.name())), &frame);
            }
        }
    }
}

/// A PNG with a palette, a third of the size: a screen has few colors. One with more than a palette holds is written
/// without.
fn encode(frame: &Frame) -> Vec<u8> {
    let mut palette: Vec<u8> = Vec::new();
    let mut places: BTreeMap<&[u8], u8> = BTreeMap::new();
    let mut indexed = Vec::new();
    for pixel in frame.rgb().chunks_exact(3) {
        let next = places.len();
        if next == 256 && !places.contains_key(pixel) {
            break;
        }
        let place = places.entry(pixel).or_insert_with(|| {
            palette.extend(pixel);
            next as u8
        });
        indexed.push(*place);
    }
    let fits = indexed.len() == frame.rgb().len() / 3;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, frame.width(), frame.height());
    encoder.set_color(if fits { png::ColorType::Indexed } else { png::ColorType::Rgb });
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    if fits {
        encoder.set_palette(palette);
    }
    let mut writer = encoder.write_header().expect("memory takes it");
    writer.write_image_data(if fits { &indexed } else { frame.rgb() }).expect("a frame is a picture");
    writer.finish().expect("memory takes it");
    bytes
}

/// Where a stored picture and a frame differ first, in words; nothing where they are the same.
fn difference(path: &Path, frame: &Frame) -> Option<String> {
    let name = path.strip_prefix(folder()).unwrap_or(path).display().to_string();
    let Ok(golden) = image::open(path) else { return Some(format!("{name}: is not there, or no picture")) };
    let golden = golden.into_rgb8();
    if golden.dimensions() != (frame.width(), frame.height()) {
        return Some(format!("{name}: has another size"));
    }
    let pixels = golden.as_raw().chunks_exact(3).zip(frame.rgb().chunks_exact(3)).enumerate();
    let differing: Vec<usize> = pixels.filter(|(_, (one, other))| one != other).map(|(at, _)| at).collect();
    let first = *differing.first()? as u32;
    let (x, y) = (first % frame.width(), first / frame.width());
    Some(format!("{name}: {} pixels differ, the first at {x}, {y}", differing.len()))
}

#[test]
fn every_screen_looks_as_its_picture() {
    let mut count = 0;
    let mut differences = Vec::new();
    let mut expected = BTreeSet::new();
    each(|path, frame| {
        count += 1;
        assert!(expected.insert(path.to_owned()), "two screens are called {}", path.display());
        differences.extend(difference(path, frame));
    });
    let mut stray = Vec::new();
    for ((width, height), _) in PANELS {
        for language in LANGUAGES {
            let folder = folder().join(format!("{width}x{height}")).join(language.code());
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                if !expected.contains(&entry.path()) {
                    stray.push(entry.path().display().to_string());
                }
            }
        }
    }
    println!(
        "figure: {count} golden screens, {} differ, {} are of no screen",
        differences.len(),
        stray.len()
    );
    assert!(differences.is_empty() && stray.is_empty(), "{}\n{}", differences.join("\n"), stray.join("\n"));
}

/// A picture that one pixel was changed in is noticed: the comparison can fail.
#[test]
fn one_pixel_is_noticed() {
    let ((width, height), size_mm) = PANELS[0];
    let mut frame = Frame::new(width, height).on_panel_of(size_mm);
    screens::draw(&mut frame, &Screen::Thinking, LANGUAGES[0], None);
    let path = folder().join(format!("{width}x{height}/{}/thinking.png", LANGUAGES[0].code()));
    assert_eq!(difference(&path, &frame), None);
    frame.row_mut(9, 7..8)[0] ^= 1;
    let said = difference(&path, &frame).expect("one pixel differs");
    assert!(said.contains("1 pixels differ, the first at 7, 9"), "{said}");
}

#[test]
#[ignore = "writes the golden pictures anew; run by hand after a screen was changed on purpose"]
fn regenerate() {
    let root = folder();
    for ((width, height), _) in PANELS {
        let _ = fs::remove_dir_all(root.join(format!("{width}x{height}")));
    }
    let mut sheets: Vec<(PathBuf, Vec<PathBuf>)> = Vec::new();
    each(|path, frame| {
        let parent = path.parent().expect("a folder").to_owned();
        fs::create_dir_all(&parent).expect("a folder for the pictures");
        fs::write(path, encode(frame)).expect("room for the picture");
        match sheets.last_mut() {
            Some((folder, files)) if *folder == parent => files.push(path.to_owned()),
            _ => sheets.push((parent, vec![path.to_owned()])),
        }
    });
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contact-sheets");
    fs::create_dir_all(&out).expect("a folder for the contact sheets");
    for (folder, files) in sheets {
        let name = folder.strip_prefix(&root).expect("below").display().to_string().replace('/', "-");
        let sheet = out.join(format!("{name}.png"));
        contact_sheet::write(&files, &sheet).expect("room for the contact sheet");
        println!("look at {}", sheet.display());
    }
}
