//! The text of a code in a picture: of a file, an upload, a camera.

use crate::{command::Refusal, prediction::read_bounded};
use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use synkiosk_journal::slip::is_meant_as_one;
use synkiosk_models::photo::{Photo, PhotoError, codes};
use zeroize::Zeroizing;

/// A picture's longer side when it is looked at first, pixels: enough for a code that takes a sixth of it, and fast.
const LOOKED_AT: usize = 2048;
/// The largest that it is looked at: above, noise alone has so many corners of codes that it takes minutes.
const LARGEST: usize = 3072;
/// 10 s: nine times what a smooth picture of 23 million pixels without a code took; as large a one of pure noise is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// The last search that was given up, and may still go on.
static LEFT_BEHIND: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);
/// Below this longer side a code of 53 squares has less than three pixels a square, and is not looked for any more.
const SMALLEST: usize = 240;

/// What a file holds: the first line of a text, or a code in a picture.
///
/// # Errors
/// When it cannot be read, or is neither.
pub fn text_of_file(path: &Path) -> Result<String, Refusal> {
    let help = "name a picture or a text, or give the slip itself in quotes; it begins with SYNKIOSK1:";
    let bytes = Zeroizing::new(read_bounded(path).map_err(|error| Refusal::could_not(error, help))?);
    let is_picture = image::guess_format(&bytes).is_ok();
    match std::str::from_utf8(&bytes) {
        Ok(text) if !is_picture => Ok(text.lines().next().unwrap_or_default().to_owned()),
        _ => {
            let named =
                |error: PhotoError| Refusal::could_not(format!("{}: {error}", path.display()), error.help());
            text_in(&Photo::decode(&bytes).map_err(named)?)
        }
    }
}

/// What the code in a picture says; of several, the first that means to be a slip.
///
/// A search has no bound of its own. So it is waited for only so long, and no other picture is taken while one goes on behind
/// our back.
///
/// # Errors
/// When there is none that can be read, in time.
pub fn text_in(photo: &Photo) -> Result<String, Refusal> {
    let mut left_behind = LEFT_BEHIND.lock().unwrap_or_else(PoisonError::into_inner);
    if left_behind.as_ref().is_some_and(|search| !search.is_finished()) {
        let error = "an earlier picture, full of what looks like codes, is still being searched";
        return Err(Refusal::could_not(error, "give the slip's text, or start the program again"));
    }
    *left_behind = None;
    drop(left_behind);
    let copy = Photo::new(photo.width(), photo.height(), photo.luma().to_vec(), photo.taken());
    let whole = copy.expect("what is a photo once is one twice");
    let end = Instant::now() + PATIENCE;
    let (found, finds) = mpsc::channel();
    // How a search ends that nobody waits for is of no interest.
    let searching = codes::search(move || drop(found.send(search(&whole, end))))
        .map_err(|error| Refusal::could_not(format!("cannot search the picture: {error}"), "try again"))?;
    match finds.recv_timeout(PATIENCE) {
        Ok(Some(text)) => Ok(text),
        Err(RecvTimeoutError::Timeout) => {
            *LEFT_BEHIND.lock().unwrap_or_else(PoisonError::into_inner) = Some(searching);
            Err(none())
        }
        Ok(None) | Err(RecvTimeoutError::Disconnected) => Err(none()),
    }
}

fn none() -> Refusal {
    Refusal::could_not(
        "there is no code in the picture that can be read",
        "take it again from nearer, straight and sharp, without glare, with white on all sides of the code",
    )
}

fn search(whole: &Photo, end: Instant) -> Option<String> {
    let mut another = None;
    for (side, is_turned) in looks(whole.width().max(whole.height()) as usize) {
        if Instant::now() > end {
            break;
        }
        let look = resized(whole, side).and_then(|look| if is_turned { turned(&look) } else { Some(look) });
        let texts = look.as_ref().map_or_else(Vec::new, Photo::codes);
        if let Some(slip) = texts.iter().find(|text| is_meant_as_one(text)) {
            return Some(slip.clone());
        }
        another = another.or_else(|| texts.into_iter().next());
    }
    another
}

/// In which sizes a picture is looked at, by the longer side, and whether turned; the likeliest first. What the reader does
/// not find in one it often finds in another.
fn looks(side: usize) -> Vec<(usize, bool)> {
    let first = side.min(LOOKED_AT);
    let others = [3 * first / 4, first / 2, 3 * first / 8, first / 4, first / 8, 2 * first];
    let fitting = others.into_iter().filter(|side| (SMALLEST..=LOOKED_AT).contains(side));
    // A code that is far needs more of a large picture.
    let whole = (side > LOOKED_AT).then_some(side.min(LARGEST));
    let plain = fitting.chain(whole).map(|side| (side, false));
    [(first, false), (first, true)].into_iter().chain(plain).collect()
}

/// With another longer side; none where the other side would be too short.
fn resized(photo: &Photo, side: usize) -> Option<Photo> {
    let longer = u64::from(photo.width().max(photo.height())).max(1);
    let scaled = |length: u32| (u64::from(length) * side as u64 / longer).max(1) as u32;
    photo.scaled(scaled(photo.width()), scaled(photo.height())).ok()
}

/// By a quarter to the right.
fn turned(photo: &Photo) -> Option<Photo> {
    let (width, height) = (photo.width() as usize, photo.height() as usize);
    let mut luma = Vec::with_capacity(width * height);
    for x in 0..width {
        luma.extend((0..height).rev().map(|y| photo.luma()[y * width + x]));
    }
    Photo::new(photo.height(), photo.width(), luma, photo.taken()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::code::drawn;
    use image::{GrayImage, ImageFormat};
    use proptest::prelude::*;
    use qrcode::{EcLevel, QrCode};
    use std::{fs, path::PathBuf};

    fn kit(file: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/kit/slips").join(file)
    }

    fn slip() -> String {
        fs::read_to_string(kit("valid.txt")).unwrap().lines().next().unwrap().to_owned()
    }

    fn code(text: &str, scale: u32) -> GrayImage {
        drawn(&QrCode::with_error_correction_level(text, EcLevel::M).unwrap(), scale)
    }

    /// A hand's photo of a panel: turned, nearer or farther, a little unsharp, brighter on one side, noisy.
    fn photo(code: &GrayImage, width: u32, height: u32, share: f32, angle: f32) -> Photo {
        let (sine, cosine) = angle.to_radians().sin_cos();
        let scale = code.width() as f32 / (height as f32 * share);
        let mut noise = 1_u32;
        let mut luma = Vec::with_capacity((width * height) as usize);
        for at in 0..width * height {
            let look = |offset: f32| {
                let x = (at % width) as f32 + offset - width as f32 / 2.0;
                let y = (at / width) as f32 + offset - height as f32 / 2.0;
                let (u, v) = ((x * cosine + y * sine) * scale, (y * cosine - x * sine) * scale);
                let (u, v) = (u + code.width() as f32 / 2.0, v + code.height() as f32 / 2.0);
                let inside = u >= 0.0 && v >= 0.0 && u < code.width() as f32 && v < code.height() as f32;
                if inside { f32::from(code.get_pixel(u as u32, v as u32).0[0]) * 0.7 + 40.0 } else { 60.0 }
            };
            let mean = (look(-0.5) + look(0.0) + look(0.5)) / 3.0;
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let light = 0.8 + 0.3 * (at % width) as f32 / width as f32;
            luma.push((mean * light + (noise >> 28) as f32 - 8.0).clamp(0.0, 255.0) as u8);
        }
        Photo::new(width, height, luma, Duration::ZERO).unwrap()
    }

    #[test]
    fn a_code_is_read_near_far_and_askew() {
        // Three pixels a square: what a panel of 240 pixels has room for.
        let code = code(&slip(), 3);
        for (width, height, share, angle) in [
            (640, 480, 0.9, 0.0),
            (640, 480, 0.8, 7.0),
            (1280, 720, 0.5, -12.0),
            (1280, 960, 0.65, 30.0),
            (640, 480, 0.5, -25.0),
            (1280, 720, 0.5, 90.0),
            (4000, 3000, 0.9, 4.0),
            (4000, 3000, 0.12, 2.0),
        ] {
            let read = text_in(&photo(&code, width, height, share, angle)).ok();
            assert_eq!(read, Some(slip()), "{width} x {height}, {share}, {angle} degrees");
        }
    }

    #[test]
    fn of_several_codes_the_slip_is_taken() {
        let (foreign, slip_code) = (code("https://example.org/", 4), code(&slip(), 4));
        let mut both = GrayImage::from_pixel(800, 400, image::Luma([255]));
        image::imageops::replace(&mut both, &foreign, 20, 20);
        image::imageops::replace(&mut both, &slip_code, 400, 20);
        let of = |picture: &GrayImage| {
            let (width, height) = picture.dimensions();
            text_in(&Photo::new(width, height, picture.as_raw().clone(), Duration::ZERO).unwrap())
        };
        assert_eq!(of(&both).unwrap(), slip());
        assert_eq!(of(&foreign).unwrap(), "https://example.org/");
        assert_eq!(of(&GrayImage::new(300, 300)).unwrap_err().exit_code(), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Parts of a picture are painted over, shifted or drowned in noise: something is read or nothing is.
        #[test]
        fn damaged_pictures_break_nothing(
            boxes in prop::collection::vec((0..200_u32, 0..200_u32, 1..200_u32, 1..200_u32, any::<u8>()), 0..12),
            (from, by) in (0..228_usize, 0..64_usize),
            noise in any::<u32>(),
            level in 0..255_u32,
        ) {
            let mut picture = code(&slip(), 4);
            for (left, top, width, height, tone) in boxes {
                for (x, y) in (0..width * height).map(|at| (left + at % width, top + at / width)) {
                    if x < picture.width() && y < picture.height() {
                        picture.put_pixel(x, y, image::Luma([tone]));
                    }
                }
            }
            let (width, height) = picture.dimensions();
            let mut luma = picture.into_raw();
            luma[from * width as usize..].rotate_left(by);
            let mut drawn = noise;
            for pixel in &mut luma {
                drawn = drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *pixel ^= ((drawn >> 24) % (level / 8 + 1)) as u8;
            }
            let found = text_in(&Photo::new(width, height, luma, Duration::ZERO).unwrap());
            prop_assert!(found.is_ok() || found.is_err_and(|refusal| refusal.exit_code() == 2));
        }
    }

    #[test]
    fn the_kits_pictures_are_read() {
        assert_eq!(text_of_file(&kit("valid.png")).unwrap(), slip());
        assert_eq!(text_of_file(&kit("valid.txt")).unwrap(), slip());
        assert_eq!(text_of_file(&kit("other-code.png")).unwrap(), "https://example.org/");
        for none in ["no-code.png", "nearly-a-code.png"] {
            assert_eq!(text_of_file(&kit(none)).unwrap_err().exit_code(), 2, "{none}");
        }
    }

    /// `cargo test --release --workspace --lib write_the_pictures -- --ignored`, after the texts of the kit.
    #[test]
    #[ignore = "writes the kit's pictures anew"]
    fn write_the_pictures() {
        code(&slip(), 4).save_with_format(kit("valid.png"), ImageFormat::Png).unwrap();
        code("https://example.org/", 4).save_with_format(kit("other-code.png"), ImageFormat::Png).unwrap();
        let ramp = GrayImage::from_fn(120, 120, |x, y| image::Luma([(x + y) as u8]));
        ramp.save_with_format(kit("no-code.png"), ImageFormat::Png).unwrap();
        // What a fuzzer found, drawn as it draws: the first byte tells the squares a side, each bit after it is one.
        let found = fs::read(kit("../../fuzz/found/code/point-at-infinity")).unwrap();
        let squares = u32::from(found[0] % 64) + 17;
        let nearly = GrayImage::from_fn(squares * 3, squares * 3, |x, y| {
            let square = y / 3 * squares + x / 3;
            let byte = found.get(1 + square as usize / 8).copied().unwrap_or_default();
            image::Luma([if byte >> (square % 8) & 1 == 1 { 30 } else { 220 }])
        });
        nearly.save_with_format(kit("nearly-a-code.png"), ImageFormat::Png).unwrap();
    }
}
