//! Draws every kind of screen as PNG, to be looked at: `screens 800x480[@154x86] FOLDER [LANGUAGE] [PHOTO]`, pixels and
//! millimeters.
#![forbid(unsafe_code)]

use anyhow::Context;
use std::path::Path;
use synkiosk_device::{
    demo::contact_sheet,
    frame::Frame,
    language::Language,
    panel::{Panel, picture::PicturePanel},
    screens::{
        self, Live,
        gallery::{PANELS, gallery, nobody},
    },
};
use synkiosk_models::photo::Photo;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [size, folder, more @ ..] = arguments.as_slice() else {
        anyhow::bail!("usage: screens WIDTHxHEIGHT[@WIDTHxHEIGHT] FOLDER [LANGUAGE] [PHOTO]");
    };
    let (pixels, millimeters) =
        size.split_once('@').map_or((size.as_str(), None), |(one, two)| (one, Some(two)));
    let size = sides(pixels)?;
    let usual = PANELS.iter().find(|(pixels, _)| *pixels == size).map(|(_, size_mm)| *size_mm);
    let size_mm = millimeters.map(sides).transpose()?.or(usual);
    let language = match more.first() {
        Some(code) => Language::of_code(code).context("the language is one of en, de, fr, es, tr, ar")?,
        None => Language::default(),
    };
    let photo = match more.get(1) {
        Some(file) => Photo::decode(&std::fs::read(file)?)?,
        None => nobody(),
    };
    let mut panel = PicturePanel::of_all_screens(Path::new(folder))?;
    let mut frame = Frame::new(size.0, size.1);
    if let Some(size_mm) = size_mm {
        frame = frame.on_panel_of(size_mm);
    }
    let live = Live { photo: &photo, toward: Some([0.2, 0.0]) };
    for screen in gallery() {
        screens::draw(&mut frame, &screen, language, Some(&live));
        panel.show(&frame)?;
    }
    let files = panel.finish()?;
    contact_sheet::write(&files, &Path::new(folder).join("index.png"))?;
    println!("{} screens in {folder}", files.len());
    Ok(())
}

fn sides(text: &str) -> anyhow::Result<(u32, u32)> {
    let (width, height) = text.split_once('x').context("a size is WIDTHxHEIGHT")?;
    Ok((width.parse()?, height.parse()?))
}
