//! A panel of PNG files: of every distinct screen, or of the present one only.

use super::Panel;
use crate::{frame::Frame, whole_file};
use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// The file of a panel that keeps the present screen only.
const PRESENT: &str = "screen";
/// A screen that moves is written again so often, and when the next one appears.
const REFRESH: Duration = Duration::from_millis(100);

/// Writes `01-attract.png`, `02-consent.png`, and so on in the order in which the screens first appear, each as it
/// looked last; or only `screen.png`, over and over.
pub struct PicturePanel {
    folder: PathBuf,
    keeps_all: bool,
    names: Vec<String>,
    shown: String,
    written: Instant,
    /// The latest frame, where it is not on the disk yet.
    unwritten: Option<Picture>,
}

struct Picture {
    index: usize,
    rgb: Zeroizing<Vec<u8>>,
    size: (u32, u32),
}

impl PicturePanel {
    /// Keeps every distinct screen. Only for recorded people: the live picture is part of some screens. Makes the
    /// folder if need be.
    pub fn of_all_screens(folder: &Path) -> io::Result<PicturePanel> {
        PicturePanel::new(folder, true)
    }

    /// Keeps the present screen only: after a session nothing shows the person. Makes the folder if need be.
    pub fn of_present_screen(folder: &Path) -> io::Result<PicturePanel> {
        PicturePanel::new(folder, false)
    }

    fn new(folder: &Path, keeps_all: bool) -> io::Result<PicturePanel> {
        fs::create_dir_all(folder)?;
        Ok(PicturePanel {
            folder: folder.to_owned(),
            keeps_all,
            names: Vec::new(),
            shown: String::new(),
            written: Instant::now(),
            unwritten: None,
        })
    }

    /// Writes what is not written yet, and lists all files in order.
    pub fn finish(&mut self) -> io::Result<Vec<PathBuf>> {
        self.flush()?;
        Ok((0..self.names.len()).map(|index| self.path(index)).collect())
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(Picture { index, rgb, size }) = self.unwritten.take() else { return Ok(()) };
        self.written = Instant::now();
        whole_file::replace(&self.path(index), &encode(&rgb, size.0, size.1)?)
    }

    fn path(&self, index: usize) -> PathBuf {
        let name = &self.names[index];
        self.folder.join(if self.keeps_all {
            format!("{:02}-{name}.png", index + 1)
        } else {
            format!("{name}.png")
        })
    }
}

impl Panel for PicturePanel {
    fn show(&mut self, frame: &Frame) -> io::Result<()> {
        let name = if self.keeps_all { frame.name() } else { PRESENT };
        let known = self.names.iter().position(|known| known == name);
        let index = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        let changed = self.shown != frame.name();
        self.shown.clear();
        self.shown.push_str(frame.name());
        if self.unwritten.as_ref().is_some_and(|picture| picture.index != index) {
            self.flush()?;
        }
        let rgb = Zeroizing::new(frame.rgb().to_vec());
        self.unwritten = Some(Picture { index, rgb, size: (frame.width(), frame.height()) });
        if changed || self.written.elapsed() >= REFRESH { self.flush() } else { Ok(()) }
    }
}

impl Drop for PicturePanel {
    fn drop(&mut self) {
        // Whoever needs to know whether it worked calls `finish`.
        let _ = self.flush();
    }
}

/// A PNG of three bytes a pixel.
pub fn encode(rgb: &[u8], width: u32, height: u32) -> io::Result<Vec<u8>> {
    // With room from the start: one that grew would leave copies behind, which nobody wipes.
    let mut png = Vec::with_capacity(rgb.len());
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive)
        .write_image(rgb, width, height, ExtendedColorType::Rgb8)
        .map_err(io::Error::other)?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_screen_is_one_file_in_the_order_of_appearance() {
        let folder = tempfile::tempdir().unwrap();
        let mut panel = PicturePanel::of_all_screens(&folder.path().join("new")).unwrap();
        for name in ["attract", "consent", "attract", "pose-rest"] {
            let mut frame = Frame::new(320, 240);
            frame.set_name(name.to_owned());
            panel.show(&frame).unwrap();
        }
        let files = panel.finish().unwrap();
        let names: Vec<_> = files.iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["01-attract.png", "02-consent.png", "03-pose-rest.png"]);
        let shown = image::open(&files[2]).unwrap();
        assert_eq!((shown.width(), shown.height()), (320, 240));
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 3);
    }

    #[test]
    fn of_the_present_screen_nothing_older_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut panel = PicturePanel::of_present_screen(folder.path()).unwrap();
        for (name, size) in [("pose-rest", (320, 240)), ("pose-rest", (320, 240)), ("wiped", (240, 320))] {
            let mut frame = Frame::new(size.0, size.1);
            frame.set_name(name.to_owned());
            panel.show(&frame).unwrap();
        }
        let files: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(files, ["screen.png"]);
        assert_eq!(image::open(folder.path().join("screen.png")).unwrap().height(), 320);
    }
}
