//! What a camera makes of linear light: lens, white balance, noise, tone curve, JPEG.

use super::canvas::Canvas;
use super::random::Random;
use super::vector::vec3;
use image::ImageResult;
use image::codecs::jpeg::JpegEncoder;

/// A camera's properties in one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensor {
    /// Sigma of the lens's blur, pixels.
    pub blur: f32,
    /// Gains of red and blue.
    pub white_balance: [f32; 2],
    /// Noise: constant, and growing with the root of the light.
    pub noise: [f32; 2],
    /// Factor of the saturation.
    pub saturation: f32,
    /// JPEG quality, 70 to 95.
    pub quality: u8,
}

impl Sensor {
    /// Draws a webcam or phone.
    pub fn random(r: &mut Random) -> Sensor {
        Sensor {
            // Most cameras are in focus.
            blur: 0.25 + 0.5 * r.unit().powi(2),
            white_balance: [r.range(0.93, 1.07), r.range(0.92, 1.08)],
            noise: [r.range(0.001, 0.006), r.range(0.003, 0.015)],
            saturation: r.range(0.82, 1.1),
            quality: 70 + r.below(26) as u8,
        }
    }

    /// The picture as the camera would give it, before compression.
    pub fn develop(&self, mut light: Canvas, r: &mut Random) -> image::RgbImage {
        light.blur(self.blur);
        let tone = ToneCurve::new();
        let gains = vec3(self.white_balance[0], 1.0, self.white_balance[1]);
        let (center_x, center_y) = (light.width as f32 / 2.0, light.height as f32 / 2.0);
        let corner = center_x * center_x + center_y * center_y;
        let mut picture = image::RgbImage::new(light.width as u32, light.height as u32);
        for (k, pixel) in picture.pixels_mut().enumerate() {
            let (x, y) = ((k % light.width) as f32 - center_x, (k / light.width) as f32 - center_y);
            let vignette = 1.0 - 0.16 * (x * x + y * y) / corner;
            let color = light.pixels[k] * gains * vignette;
            let luminance = color.luminance();
            let color = vec3(luminance, luminance, luminance).lerp(color, self.saturation);
            for (channel, light) in pixel.0.iter_mut().zip([color.x, color.y, color.z]) {
                let light = light.max(0.0);
                let noise = self.noise[0] + self.noise[1] * light.sqrt();
                *channel = tone.of(light + noise * r.normal());
            }
        }
        picture
    }

    /// Compresses the picture.
    pub fn jpeg(&self, picture: &image::RgbImage) -> ImageResult<Vec<u8>> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, self.quality).encode_image(picture)?;
        Ok(bytes)
    }
}

/// The sRGB curve with a soft shoulder, as a table over light from 0 to 2.5.
struct ToneCurve {
    table: Vec<u8>,
}

impl ToneCurve {
    const STEPS: f32 = 4096.0;

    fn new() -> ToneCurve {
        let value = |light: f32| {
            let soft = if light < 0.7 { light } else { 0.7 + 0.3 * (1.0 - (-(light - 0.7) / 0.3).exp()) };
            let encoded =
                if soft < 0.003_130_8 { 12.92 * soft } else { 1.055 * soft.powf(1.0 / 2.4) - 0.055 };
            (encoded * 255.0 + 0.5).clamp(0.0, 255.0) as u8
        };
        // Steps in the square root, so that the dark tones are as fine as the bright ones.
        let step = |k: u32| (k as f32 / Self::STEPS).powi(2) * 2.5;
        ToneCurve { table: (0..=Self::STEPS as u32).map(|k| value(step(k))).collect() }
    }

    fn of(&self, light: f32) -> u8 {
        let k = ((light.max(0.0) / 2.5).sqrt() * Self::STEPS + 0.5) as usize;
        self.table[k.min(self.table.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tone_curve_rises_from_black_to_nearly_white() {
        let tone = ToneCurve::new();
        assert_eq!(tone.of(-1.0), 0);
        assert_eq!(tone.of(0.2), 124);
        assert!(tone.of(9.0) > 250);
        let tones: Vec<u8> = (0..100).map(|k| tone.of(k as f32 * 0.02)).collect();
        assert!(tones.is_sorted());
    }
}
