//! Settings as a QR code, for the camera of a unit that is not set up yet.

use super::signed;
use crate::command::Refusal;
use image::{GrayImage, ImageFormat, Luma};
use minisign::SecretKey;
use qrcode::{Color, EcLevel, QrCode};
use std::io::Cursor;
use synkiosk_boards::unit::{code, settings::Settings};

/// Pixels a square, and squares of white around: what the standard asks for.
const SCALE: u32 = 8;
const QUIET: u32 = 4;

/// The code as a PNG.
///
/// # Errors
/// When the settings are too long for one.
pub fn png(settings: &Settings, key: &SecretKey) -> Result<Vec<u8>, Refusal> {
    let (text, signature) = signed(settings, key)?;
    let too_long = || {
        Refusal::checked("the settings are too long for a code", "leave poses out, or bring them on a stick")
    };
    let text = code::join(&text, &signature).ok_or_else(too_long)?;
    let code = QrCode::with_error_correction_level(&text, EcLevel::L).map_err(|_| too_long())?;
    let mut png = Cursor::new(Vec::new());
    drawn(&code, SCALE).write_to(&mut png, ImageFormat::Png).map_err(|error| {
        Refusal::could_not(format!("could not draw the code: {error}"), "run the command again")
    })?;
    Ok(png.into_inner())
}

/// A code with its white border, `scale` pixels a square.
pub(crate) fn drawn(code: &QrCode, scale: u32) -> GrayImage {
    let side = (code.width() as u32 + 2 * QUIET) * scale;
    GrayImage::from_fn(side, side, |x, y| {
        let square = |at: u32| (at / scale).checked_sub(QUIET).filter(|at| (*at as usize) < code.width());
        let dark =
            square(x).zip(square(y)).is_some_and(|(x, y)| code[(x as usize, y as usize)] == Color::Dark);
        Luma([if dark { 0 } else { 255 }])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::photo::Photo;

    #[test]
    fn a_code_is_read_back_by_another_program() {
        let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
        let mut settings = Settings::named("ward-3", 1_800_000_000).unwrap();
        settings.site = Some("north".to_owned());
        settings.recipient =
            Some("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".to_owned());
        let photo = Photo::decode(&png(&settings, &pair.sk).unwrap()).unwrap();
        let texts = photo.codes();
        let (read, signature) = code::split(&texts[0]).unwrap();
        assert_eq!(Settings::parse(read), Ok(settings));
        let public = crate::signing::public_text(&pair.sk).unwrap();
        let keys = synkiosk_models::bundle::TrustedKeys::from_public_texts(&[&public]).unwrap();
        assert!(keys.verify(read.as_bytes(), signature.as_bytes()).is_ok());
    }

    #[test]
    fn settings_that_are_too_long_are_refused() {
        let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
        let mut settings = Settings::named("ward-3", 1).unwrap();
        settings.languages = (0..16).map(|number| format!("{}-{number}", "language".repeat(3))).collect();
        settings.poses = settings.languages.clone();
        assert!(png(&settings, &pair.sk).unwrap_err().to_string().contains("too long"));
    }
}
