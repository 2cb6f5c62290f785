//! A second look for rendered pictures, as of another clinic with a poorer camera: for trying out what a few people
//! of an unlike source are worth to a network that has learned from the first look.
//!
//! Nothing in it depends on the label. The source becomes `rendered-webcam`.

use crate::dataset::{DataSet, DataSetError};
use crate::training::random::Random;
use crate::training::samples::in_parallel;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use image::{ImageError, RgbImage};
use std::fs;
use std::path::Path;

/// Share of the pixels a side that the lens resolves.
const RESOLVED: f32 = 0.5;
/// Largest deviation of the noise, of 255, before the picture is scaled up again.
const NOISE: f32 = 16.0;
/// JPEG quality.
const QUALITY: u8 = 45;

/// Develops every picture of a written data set anew, in its place. Interrupted, the data set has both looks: write
/// it again.
pub fn webcam(data: &mut DataSet, seed: u64) -> Result<(), DataSetError> {
    let mut work: Vec<(u64, &Path)> = Vec::new();
    for (index, person) in data.people.iter().enumerate() {
        work.extend(person.pictures.iter().map(|picture| (index as u64, picture.path.as_path())));
    }
    let developed = in_parallel(&work, || (), |(), (index, path)| develop_file(path, seed, *index));
    for (result, (_, path)) in developed.into_iter().zip(&work) {
        let access = |source| DataSetError::Access { doing: "develop", path: path.to_path_buf(), source };
        result.map_err(|error| access(std::io::Error::other(error)))?;
    }
    data.people.iter_mut().for_each(|person| person.source = "rendered-webcam".to_owned());
    data.write_people()
}

fn develop_file(path: &Path, seed: u64, person: u64) -> Result<(), ImageError> {
    let picture = image::open(path)?.into_rgb8();
    let developed = develop(&picture, seed, person);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&developed)?;
    Ok(fs::write(path, bytes)?)
}

/// Light from one side of the room, hard contrast, little color, coarse noise, few details.
fn develop(picture: &RgbImage, seed: u64, person: u64) -> RgbImage {
    // One light for all pictures of a person, or a pose could be told by it.
    let mut random = Random::new(&[seed, 11, person]);
    let (across, down) = (random.within(0.35), random.within(0.15));
    let (width, height) = picture.dimensions();
    let scaled = |side: u32| ((side as f32 * RESOLVED) as u32).max(1);
    let mut small = resize(picture, scaled(width), scaled(height), FilterType::Triangle);
    let (columns, rows) = small.dimensions();
    for (x, y, pixel) in small.enumerate_pixels_mut() {
        let side = |at: u32, of: u32| 2.0 * at as f32 / of as f32 - 1.0;
        let light = 1.0 + across * side(x, columns) + down * side(y, rows);
        let luma = pixel.0.iter().map(|value| f32::from(*value)).sum::<f32>() / 3.0;
        let noise = (random.within(1.0) + random.within(1.0)) * NOISE / 2.0;
        for value in &mut pixel.0 {
            let gray = (luma + 0.4 * (f32::from(*value) - luma)) / 255.0 * light;
            *value = (255.0 * contrast(gray) + noise).clamp(0.0, 255.0) as u8;
        }
    }
    resize(&small, width, height, FilterType::Triangle)
}

/// Darker shadows, brighter lights.
fn contrast(gray: f32) -> f32 {
    let gray = gray.clamp(0.0, 1.0);
    0.4 * gray + 0.6 * gray * gray * (3.0 - 2.0 * gray)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn the_look_changes_and_repeats() {
        let picture = RgbImage::from_fn(120, 96, |x, y| Rgb([(x * 2) as u8, (y * 2) as u8, 128]));
        let (one, again, other) = (develop(&picture, 1, 2), develop(&picture, 1, 2), develop(&picture, 1, 3));
        assert_eq!(one, again);
        assert_ne!(one, other);
        assert_eq!(one.dimensions(), picture.dimensions());
        let changed = one.iter().zip(picture.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        assert!(changed / one.len() as u64 > 8, "{changed}");
        assert!(contrast(0.2) < 0.2 && contrast(0.8) > 0.8 && contrast(1.0) == 1.0);
    }
}
