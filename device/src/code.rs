//! A unit's settings before the camera, as a QR code. Whether they are to be believed is not asked here.

use std::thread::JoinHandle;
use synkiosk_models::photo::{Photo, codes};

/// The text of the first code in a photo that can be read.
pub fn read(photo: &Photo) -> Option<String> {
    photo.codes().into_iter().next()
}

/// Reads codes beside the main loop, which must go on while somebody holds up a picture that takes minutes.
#[derive(Debug, Default)]
pub struct Reader {
    search: Option<JoinHandle<Option<String>>>,
}

impl Reader {
    /// Begins with this photo if the last one has been searched, and wipes it otherwise. The text of the last one.
    pub fn look(&mut self, photo: Photo) -> Option<String> {
        if self.is_at_work() {
            return None;
        }
        let text = self.search.take().and_then(|search| search.join().ok().flatten());
        // Without room for a thread the next photo is as good.
        self.search = codes::search(move || read(&photo)).ok();
        text
    }

    fn is_at_work(&self) -> bool {
        self.search.as_ref().is_some_and(|search| !search.is_finished())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        inbox::{InboxError, Taken, take_code},
        unit::{
            Unit,
            keys::Origin,
            kit::{Signer, named, with},
        },
    };
    use qrcode::{Color, EcLevel, QrCode};
    use std::time::Duration;

    const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    fn text(signer: &Signer, counter: u64) -> String {
        let settings = with(named("ward-3", counter), |settings| {
            settings.site = Some("north".to_owned());
            settings.recipient = Some(RECIPIENT.to_owned());
        });
        let (text, signature) = signer.settings(&settings);
        [text, signature].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
    }

    /// One of the pictures while a hand holds a code before a camera of 640x480: tilted, a little unsharp, unevenly lit, noisy.
    fn held(text: &str, number: u32) -> Photo {
        const SHARE: f32 = 0.86;
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let squares = code.width() as f32 + 8.0;
        let dark = |x: f32, y: f32| {
            let square = |at: f32| ((at * squares).floor() - 4.0).clamp(-1.0, code.width() as f32);
            let (x, y) = (square(x), square(y));
            let inside = x >= 0.0 && y >= 0.0 && x < code.width() as f32 && y < code.width() as f32;
            inside && code[(x as usize, y as usize)] == Color::Dark
        };
        let (sine, cosine) = (0.01 * number as f32).sin_cos();
        let mut noise = number;
        let mut luma = Vec::new();
        for at in 0..640 * 480 {
            let mut sum = 0.0;
            // Nine looks within a pixel and a little beyond: the lens.
            for look in 0..9 {
                let offset = |part: i32| (part - 1) as f32 * 0.4;
                let x = (at % 640 - 320) as f32 + offset(look % 3);
                let y = (at / 640 - 240) as f32 + offset(look / 3);
                let (u, v) = (x * cosine + y * sine, y * cosine - x * sine);
                let depth = 1.0 + u * 0.0001;
                let (u, v) = (u / depth / (480.0 * SHARE) + 0.5, v / depth / (480.0 * SHARE) + 0.5);
                let paper = (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v);
                sum += if !paper {
                    90.0
                } else if dark(u, v) {
                    40.0
                } else {
                    200.0
                };
            }
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let light = 0.8 + 0.3 * (at % 640) as f32 / 640.0;
            luma.push((sum / 9.0 * light + (noise >> 28) as f32 - 8.0).clamp(0.0, 255.0) as u8);
        }
        Photo::new(640, 480, luma, Duration::ZERO).unwrap()
    }

    #[test]
    fn settings_held_before_the_camera_are_read_and_taken() {
        let (signer, folder) = (Signer::new(), tempfile::tempdir().unwrap());
        let shelf = crate::slots::shelf::Folder::open(folder.path()).unwrap();
        let mut unit =
            Unit::on(shelf, Origin { keys: vec![signer.public()], accepts_demo: false }, "rpi4-hdmi");
        let shown = text(&signer, 5);
        // Not every picture is good enough; a code is held for longer than two seconds, in which there are ten.
        let pictures: Vec<String> = (0..10).filter_map(|number| read(&held(&shown, number))).collect();
        assert!(pictures.len() >= 3, "{} of 10 could be read", pictures.len());
        assert!(pictures.iter().all(|read| *read == shown));
        let read = &pictures[0];
        assert!(matches!(take_code(read, &mut unit), Ok(Taken::Settings { .. })));
        assert_eq!((unit.name(), unit.recipient().unwrap().to_string().as_str()), ("ward-3", RECIPIENT));
        // Held a little longer, and then an older one.
        assert!(matches!(take_code(read, &mut unit), Ok(Taken::SettingsAlreadyThere)));
        assert!(matches!(take_code(&text(&signer, 4), &mut unit), Err(InboxError::Settings(_))));
    }

    /// Corners of codes, and nothing else, as on a sheet of paper: more than a second of searching.
    fn sheet_of_corners() -> Photo {
        const CORNER: [&[u8; 7]; 7] =
            [b"#######", b"#     #", b"# ### #", b"# ### #", b"# ### #", b"#     #", b"#######"];
        let dark = |at: usize| {
            let (x, y) = (at % 640 % 26 / 3, at / 640 % 26 / 3);
            CORNER.get(y).and_then(|row| row.get(x)) == Some(&b'#')
        };
        let luma = (0..640 * 480).map(|at| if dark(at) { 30 } else { 220 }).collect();
        Photo::new(640, 480, luma, Duration::ZERO).unwrap()
    }

    #[test]
    fn a_sheet_of_corners_keeps_nobody_waiting() {
        let mut reader = Reader::default();
        assert_eq!(reader.look(sheet_of_corners()), None);
        assert!(reader.is_at_work(), "it was waited for");
        // The next ones are left alone until it is over, and then one is read.
        let settings = "settings of a unit";
        let code = || held(settings, 0);
        let texts = std::iter::repeat_with(|| {
            std::thread::sleep(Duration::from_millis(20));
            reader.look(code())
        });
        assert_eq!(texts.flatten().next().as_deref(), Some(settings));
    }

    #[test]
    fn a_photo_without_a_code_has_none() {
        let noise = (0..640 * 480_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert_eq!(read(&Photo::new(640, 480, noise, Duration::ZERO).unwrap()), None);
    }
}
