//! The kernel's plain framebuffer, by writing to its file.

use super::{
    PanelError,
    changes::changes,
    fit::{Fit, rgb565, xrgb8888},
    hot_plug::{Display, HotPlug},
};
use crate::frame::Frame;
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::Path,
};
use synkiosk_boards::profile::{self, Rotation};
use zeroize::Zeroizing;

/// Where the kernel says what its framebuffers are like, and what else draws on them.
const SYSFS: &str = "/sys/class";
/// Above this it is no size of a display but a slip of the driver.
const MOST_SIDE: u32 = 8192;

/// The framebuffer of this device.
pub fn panel(
    device: &str,
    panel: &profile::Panel,
) -> HotPlug<Framebuffer, impl FnMut() -> Result<Framebuffer, PanelError> + use<>> {
    let (device, rotation) = (device.to_owned(), panel.rotation);
    HotPlug::new(move || Framebuffer::open(Path::new(&device), Path::new(SYSFS), rotation))
}

/// What a framebuffer is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Geometry {
    width: u32,
    height: u32,
    /// 2 or 4.
    bytes_per_pixel: usize,
    /// Bytes from one row to the next.
    stride: usize,
}

impl Geometry {
    fn parse(virtual_size: &str, bits_per_pixel: &str, stride: &str) -> Option<Geometry> {
        let (width, height) = virtual_size.trim().split_once(',')?;
        let (width, height): (u32, u32) = (width.parse().ok()?, height.parse().ok()?);
        let bytes_per_pixel = match bits_per_pixel.trim() {
            "16" => 2,
            "32" => 4,
            _ => return None,
        };
        let row = width as usize * bytes_per_pixel;
        let stride = stride.trim().parse().ok()?;
        let possible = 1..=MOST_SIDE;
        let holds =
            possible.contains(&width) && possible.contains(&height) && (row..=row * 4).contains(&stride);
        holds.then_some(Geometry { width, height, bytes_per_pixel, stride })
    }

    fn read(folder: &Path) -> io::Result<Result<Geometry, String>> {
        let read = |name: &str| fs::read_to_string(folder.join(name));
        let (size, bits, stride) = (read("virtual_size")?, read("bits_per_pixel")?, read("stride")?);
        let said =
            format!("size {}, {} bits a pixel, {} bytes a row", size.trim(), bits.trim(), stride.trim());
        Ok(Geometry::parse(&size, &bits, &stride).ok_or(said))
    }
}

/// A framebuffer that was found.
pub struct Framebuffer {
    name: String,
    file: File,
    geometry: Geometry,
    fit: Fit,
    shown: Zeroizing<Vec<u8>>,
    next: Zeroizing<Vec<u8>>,
    has_shown: bool,
}

impl Framebuffer {
    /// Opens a device that `sysfs` knows by the name of its file, and takes it from the console.
    fn open(device: &Path, sysfs: &Path, rotation: Rotation) -> Result<Framebuffer, PanelError> {
        let name = device.display().to_string();
        let opening = |cause| PanelError::opening(&name, cause);
        let file = OpenOptions::new().write(true).open(device).map_err(opening)?;
        let folder = sysfs.join("graphics").join(device.file_name().unwrap_or_default());
        let geometry = Geometry::read(&folder)
            .map_err(opening)?
            .map_err(|what| PanelError::Geometry { panel: name.clone(), what })?;
        hide_console(sysfs);
        let bytes = geometry.stride * geometry.height as usize;
        Ok(Framebuffer {
            file,
            geometry,
            fit: Fit::new((geometry.width, geometry.height), rotation),
            shown: Zeroizing::new(vec![0; bytes]),
            next: Zeroizing::new(vec![0; bytes]),
            has_shown: false,
            name,
        })
    }

    fn write(&mut self) -> io::Result<()> {
        let stride = self.geometry.stride;
        if !self.has_shown {
            self.file.write_all_at(&self.next, 0)?;
            self.has_shown = true;
            return Ok(());
        }
        for rows in changes(&self.shown, &self.next, stride) {
            let (from, to) = (rows.top * stride, rows.bottom * stride);
            self.file.write_all_at(&self.next[from..to], from as u64)?;
        }
        Ok(())
    }
}

/// The text console writes to the same memory, and its cursor blinks there. A kernel without one has nothing to hide.
fn hide_console(sysfs: &Path) {
    for console in fs::read_dir(sysfs.join("vtconsole")).into_iter().flatten().flatten() {
        let name = fs::read_to_string(console.path().join("name")).unwrap_or_default();
        if name.contains("frame buffer") {
            let _ = fs::write(console.path().join("bind"), "0");
        }
    }
}

impl Display for Framebuffer {
    fn show(&mut self, frame: &Frame) -> Result<(), PanelError> {
        let Geometry { bytes_per_pixel, stride, .. } = self.geometry;
        let next = &mut self.next;
        self.fit.rows(frame, |y, row| {
            let line = &mut next[y * stride..(y + 1) * stride];
            for (to, pixel) in line.chunks_exact_mut(bytes_per_pixel).zip(row.chunks_exact(3)) {
                match bytes_per_pixel {
                    2 => to.copy_from_slice(&rgb565(pixel).to_le_bytes()),
                    _ => to.copy_from_slice(&xrgb8888(pixel)),
                }
            }
        });
        self.write().map_err(|cause| PanelError::failing(&self.name, cause))?;
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
    use std::path::PathBuf;

    struct Fake {
        folder: tempfile::TempDir,
    }

    impl Fake {
        fn new(size: &str, bits: &str, stride: &str) -> Fake {
            let folder = tempfile::tempdir().unwrap();
            let sysfs = folder.path().join("graphics/fb7");
            fs::create_dir_all(&sysfs).unwrap();
            for (name, text) in [("virtual_size", size), ("bits_per_pixel", bits), ("stride", stride)] {
                fs::write(sysfs.join(name), format!("{text}\n")).unwrap();
            }
            fs::create_dir(folder.path().join("dev")).unwrap();
            fs::write(folder.path().join("dev/fb7"), "").unwrap();
            Fake { folder }
        }

        fn device(&self) -> PathBuf {
            self.folder.path().join("dev/fb7")
        }

        fn open(&self, rotation: Rotation) -> Result<Framebuffer, PanelError> {
            Framebuffer::open(&self.device(), self.folder.path(), rotation)
        }
    }

    #[test]
    fn sixteen_bits_with_a_gap_after_each_row() {
        let fake = Fake::new("320,240", "16", "700");
        let mut frame = Frame::new(320, 240);
        frame.blend(319, 1, Rgb888::RED, 1.0);
        let mut panel = fake.open(Rotation::None).unwrap();
        panel.show(&frame).unwrap();
        let bytes = fs::read(fake.device()).unwrap();
        assert_eq!(bytes.len(), 700 * 240);
        assert_eq!(bytes[700 + 638..700 + 640], [0x00, 0xf8]);
        assert_eq!(bytes.iter().filter(|byte| **byte != 0).count(), 1);
        // A second frame writes what changed and no more.
        fs::write(fake.device(), [7; 700 * 240]).unwrap();
        frame.blend(0, 100, Rgb888::BLUE, 1.0);
        panel.show(&frame).unwrap();
        let bytes = fs::read(fake.device()).unwrap();
        assert_eq!(bytes.iter().filter(|byte| **byte != 7).count(), 700);
        assert_eq!(bytes[70_000..70_002], [0x1f, 0x00]);
    }

    #[test]
    fn thirty_two_bits_and_turned() {
        let fake = Fake::new("480,800", "32", "1920");
        let mut frame = Frame::new(800, 480);
        frame.blend(0, 0, Rgb888::new(1, 2, 3), 1.0);
        fake.open(Rotation::Quarter).unwrap().show(&frame).unwrap();
        let bytes = fs::read(fake.device()).unwrap();
        // The upper left corner turned clockwise is the upper right one.
        assert_eq!(bytes[479 * 4..480 * 4], [3, 2, 1, 0]);
        assert_eq!(bytes.len(), 1920 * 800);
    }

    #[test]
    fn the_console_draws_there_no_more() {
        let fake = Fake::new("320,240", "16", "640");
        let consoles = fake.folder.path().join("vtconsole");
        for (console, name) in [("vtcon0", "(S) dummy device\n"), ("vtcon1", "(M) frame buffer device\n")] {
            fs::create_dir_all(consoles.join(console)).unwrap();
            fs::write(consoles.join(console).join("name"), name).unwrap();
            fs::write(consoles.join(console).join("bind"), "1").unwrap();
        }
        fake.open(Rotation::None).unwrap();
        let bound =
            ["vtcon0", "vtcon1"].map(|one| fs::read_to_string(consoles.join(one).join("bind")).unwrap());
        assert_eq!(bound, ["1", "0"]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let slips = [
            ("320,240", "24", "960"),
            ("320", "16", "640"),
            ("320,240", "16", "639"),
            ("0,240", "16", "0"),
            ("99999,240", "32", "399996"),
            ("320,240", "16", "999999"),
        ];
        for (size, bits, stride) in slips {
            let refused = Fake::new(size, bits, stride).open(Rotation::None);
            assert!(matches!(refused, Err(PanelError::Geometry { .. })), "{size} {bits} {stride}");
        }
        let fake = Fake::new("320,240", "16", "640");
        let away =
            Framebuffer::open(&fake.device().with_file_name("fb8"), fake.folder.path(), Rotation::None);
        assert!(matches!(away, Err(PanelError::Missing(_))));
    }
}
