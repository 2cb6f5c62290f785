//! Pictures in which something changed that says nothing of synkinesis.

use crate::training::random::Random;
use crate::training::surroundings::face_share;
use std::time::Duration;
use synkiosk_models::align::Placement;
use synkiosk_models::photo::Photo;

/// Every pixel by `luma(x, y, old)`.
fn changed(photo: &Photo, mut luma: impl FnMut(f32, f32, f32) -> f32) -> Photo {
    let width = photo.width() as usize;
    let changed = photo.luma().iter().enumerate().map(|(index, old)| {
        let (x, y) = ((index % width) as f32 + 0.5, (index / width) as f32 + 0.5);
        luma(x, y, f32::from(*old)).round().clamp(0.0, 255.0) as u8
    });
    Photo::new(photo.width(), photo.height(), changed.collect(), Duration::ZERO)
        .expect("it is as large as the photo that it was made of")
}

/// The surroundings of another picture, laid over so that both squares fall together.
pub fn with_surroundings(photo: &Photo, placement: &Placement, other: &Photo, there: &Placement) -> Photo {
    let last = (other.width() as f32 - 1.0, other.height() as f32 - 1.0);
    changed(photo, |x, y, old| {
        let face = face_share(placement, x, y);
        let [u, v] = placement.within([x, y]);
        let (x, y) = there.point(u, v);
        let (column, row) = ((x - 0.5).clamp(0.0, last.0) as usize, (y - 0.5).clamp(0.0, last.1) as usize);
        let new = f32::from(other.luma()[row * other.width() as usize + column]);
        face * old + (1.0 - face) * new
    })
}

/// Surroundings of nothing but noise, of the mean and deviation of what it replaces: content goes, brightness and
/// contrast stay. Noise of the full range would reach into the face, whose pixels are set against the deviation of
/// what lies around them.
pub fn with_noise(photo: &Photo, placement: &Placement, random: &mut Random) -> Photo {
    let (mean, deviation) = surroundings(photo, placement);
    changed(photo, |x, y, old| {
        let face = face_share(placement, x, y);
        // A uniform spread has the deviation of its half width over the root of three.
        face * old + (1.0 - face) * (mean + random.within(deviation * 3f32.sqrt()))
    })
}

/// Mean and deviation of the luma around the face.
fn surroundings(photo: &Photo, placement: &Placement) -> (f32, f32) {
    let (mut count, mut sum, mut squares) = (0.0f64, 0.0, 0.0);
    let width = photo.width() as usize;
    for (index, luma) in photo.luma().iter().enumerate() {
        let (x, y) = ((index % width) as f32 + 0.5, (index / width) as f32 + 0.5);
        if face_share(placement, x, y) < 0.5 {
            let luma = f64::from(*luma);
            (count, sum, squares) = (count + 1.0, sum + luma, squares + luma * luma);
        }
    }
    let mean = sum / f64::max(count, 1.0);
    let variance = squares / f64::max(count, 1.0) - mean * mean;
    (mean as f32, variance.max(0.0).sqrt() as f32)
}

/// Left and right exchanged, and where the square is then.
pub fn mirrored(photo: &Photo, placement: &Placement) -> (Photo, Placement) {
    let rows = photo.luma().chunks(photo.width() as usize);
    let luma = rows.flat_map(|row| row.iter().rev().copied()).collect();
    let mirrored = Photo::new(photo.width(), photo.height(), luma, Duration::ZERO)
        .expect("it is as large as the photo that it was made of");
    let center_x = photo.width() as f32 - placement.center_x;
    (mirrored, Placement { center_x, roll: -placement.roll, ..*placement })
}

/// Brighter or darker as a whole.
pub fn with_gain(photo: &Photo, gain: f32) -> Photo {
    changed(photo, |_, _, old| old * gain)
}

/// Another tone curve.
pub fn with_gamma(photo: &Photo, gamma: f32) -> Photo {
    changed(photo, |_, _, old| 255.0 * (old / 255.0).powf(gamma))
}

/// Light that falls off across the face: `1 + slope` at one edge of the square, `1 - slope` at the other.
pub fn lit_from_side(photo: &Photo, placement: &Placement, slope: f32) -> Photo {
    changed(photo, |x, y, old| old * (1.0 + 2.0 * slope * placement.within([x, y])[0].clamp(-0.5, 0.5)))
}

/// Lighter or darker skin: another tone curve and brightness of the face alone.
pub fn with_skin(photo: &Photo, placement: &Placement, albedo: f32) -> Photo {
    changed(photo, |x, y, old| {
        let face = face_share(placement, x, y);
        face * old * albedo + (1.0 - face) * old
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACED: Placement = Placement { center_x: 60.0, center_y: 50.0, side: 80.0, roll: 0.1 };

    fn photo(luma: impl Fn(u32) -> u8) -> Photo {
        Photo::new(120, 100, (0..120 * 100).map(luma).collect(), Duration::ZERO).unwrap()
    }

    fn at(photo: &Photo, u: f32, v: f32) -> u8 {
        let (x, y) = PLACED.point(u, v);
        photo.luma()[y as usize * 120 + x as usize]
    }

    #[test]
    fn only_the_surroundings_are_swapped() {
        let swapped = with_surroundings(&photo(|_| 40), &PLACED, &photo(|_| 200), &PLACED);
        for (u, v) in [(0.0, 0.0), (0.25, -0.1), (0.0, 0.35), (0.0, 0.5), (-0.1, -0.35)] {
            assert_eq!(at(&swapped, u, v), 40, "{u} {v}");
        }
        for (u, v) in [(-0.45, 0.0), (0.45, -0.4), (0.4, 0.45), (-0.4, 0.4)] {
            assert_eq!(at(&swapped, u, v), 200, "{u} {v}");
        }
    }

    #[test]
    fn noise_keeps_brightness_and_contrast() {
        let checked = photo(|index| if (index / 7) % 2 == 0 { 60 } else { 140 });
        let noise = with_noise(&checked, &PLACED, &mut Random::new(&[1]));
        assert_eq!(at(&noise, 0.0, 0.0), at(&checked, 0.0, 0.0));
        let ((mean, deviation), (new_mean, new_deviation)) =
            (surroundings(&checked, &PLACED), surroundings(&noise, &PLACED));
        assert!((mean - new_mean).abs() < 2.0 && (deviation - new_deviation).abs() < 2.0);
        assert!(noise.luma()[..120].windows(2).filter(|pair| pair[0] == pair[1]).count() < 20);
    }

    #[test]
    fn a_mirror_mirrors_the_square_too() {
        let ramp = photo(|index| (index % 120) as u8);
        let (mirror, there) = mirrored(&ramp, &PLACED);
        let (x, y) = there.point(-0.3, 0.2);
        let mirrored_luma = mirror.luma()[y as usize * 120 + x as usize];
        assert!(at(&ramp, 0.3, 0.2).abs_diff(mirrored_luma) <= 1);
        let (again, back) = mirrored(&mirror, &there);
        assert!(again.luma() == ramp.luma() && (back.center_x - PLACED.center_x).abs() < 1e-4);
    }

    #[test]
    fn light_changes_brightness_as_said() {
        let flat = photo(|_| 100);
        assert_eq!(at(&with_gain(&flat, 1.4), 0.0, 0.0), 140);
        assert_eq!(at(&with_gamma(&photo(|_| 255), 2.0), 0.0, 0.0), 255);
        let side = lit_from_side(&flat, &PLACED, 0.4);
        assert!(at(&side, 0.45, 0.0) > 130 && at(&side, -0.45, 0.0) < 70);
        let skin = with_skin(&flat, &PLACED, 0.5);
        assert_eq!((at(&skin, 0.0, 0.0), at(&skin, -0.45, 0.0)), (50, 100));
    }
}
