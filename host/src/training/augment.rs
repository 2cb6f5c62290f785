//! One more look at a training picture: moved, turned, scaled, mirrored, lit and taken otherwise, then made an
//! input exactly as the device does.

use super::random::Random;
use super::samples::Sample;
use super::surroundings;
use serde::{Deserialize, Serialize};
use synkiosk_models::align::{self, Crop, Placement, SIZE};

/// How far each change may go. Nothing here depends on the label.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augmentation {
    /// Shift along each side, as a share of the square's side: what the face finder's boxes vary by.
    pub shift: f32,
    /// Natural logarithm of the scale.
    pub scale: f32,
    /// Turn, radians.
    pub roll: f32,
    /// Width against height, as a share; and as much again from one side to the other, as a head turned aside.
    pub aspect: f32,
    /// Natural logarithm of the gamma; contrast varies by the same share.
    pub light: f32,
    /// Chance of a blur.
    pub blur: f32,
    /// Largest standard deviation of the noise, luma steps.
    pub noise: f32,
    /// Chance of a covered rectangle.
    pub occlusion: f32,
    /// Chance that everything but face and neck is replaced.
    pub surroundings: f32,
}

impl Default for Augmentation {
    fn default() -> Self {
        Augmentation {
            shift: 0.04,
            scale: 0.08,
            roll: 0.06,
            aspect: 0.05,
            light: 0.4,
            blur: 0.4,
            noise: 5.0,
            occlusion: 0.2,
            surroundings: 0.5,
        }
    }
}

impl Augmentation {
    /// The next look at a picture.
    pub fn crop(&self, sample: &Sample, random: &mut Random) -> Crop {
        let placement = self.moved(&sample.placement, random);
        let mut luma = align::sample(&sample.patch, &placement, SIZE);
        if random.chance(self.surroundings) {
            surroundings::replace(&mut luma, SIZE, &placement, &sample.placement, random);
        }
        self.stretch(&mut luma, random);
        if random.chance(0.5) {
            luma.chunks_mut(SIZE).for_each(<[u8]>::reverse);
        }
        self.develop(&mut luma, SIZE, random);
        align::normalize(&luma)
    }

    /// Lights a square of this side and takes it with another camera.
    pub fn develop(&self, luma: &mut [u8], side: usize, random: &mut Random) {
        self.light(luma, random);
        if random.chance(self.blur) {
            blur(luma, side, random.unit());
        }
        self.noise(luma, random);
        if random.chance(self.occlusion) {
            cover(luma, side, random);
        }
    }

    /// A square shifted, scaled and turned.
    pub fn moved(&self, placement: &Placement, random: &mut Random) -> Placement {
        Placement {
            center_x: placement.center_x + placement.side * random.within(self.shift),
            center_y: placement.center_y + placement.side * random.within(self.shift),
            side: placement.side * random.within(self.scale).exp(),
            roll: placement.roll + random.within(self.roll),
        }
    }

    /// Rows drawn wider or narrower, one half more than the other.
    fn stretch(&self, luma: &mut [u8], random: &mut Random) {
        let (wider, aside) = (1.0 + random.within(self.aspect), random.within(self.aspect));
        let last = (SIZE - 1) as f32;
        let sources: Vec<(usize, f32)> = (0..SIZE)
            .map(|column| {
                let u = column as f32 / last * 2.0 - 1.0;
                let x = ((u * wider + aside * (u * u - 0.25) + 1.0) * 0.5 * last).clamp(0.0, last - 0.001);
                (x as usize, x.fract())
            })
            .collect();
        let mut line = [0.0; SIZE];
        for row in luma.chunks_mut(SIZE) {
            line.iter_mut().zip(&*row).for_each(|(slot, value)| *slot = f32::from(*value));
            for (value, (left, along)) in row.iter_mut().zip(&sources) {
                *value = (line[*left] + (line[left + 1] - line[*left]) * along + 0.5) as u8;
            }
        }
    }

    fn light(&self, luma: &mut [u8], random: &mut Random) {
        let gamma = random.within(self.light).exp();
        let contrast = 1.0 + random.within(self.light);
        let shift = random.within(20.0);
        let table: Vec<u8> = (0..256)
            .map(|value| {
                let bent = 255.0 * (value as f32 / 255.0).powf(gamma);
                ((bent - 128.0) * contrast + 128.0 + shift + 0.5) as u8
            })
            .collect();
        luma.iter_mut().for_each(|value| *value = table[usize::from(*value)]);
    }

    /// Nearly Gaussian: four even numbers a pixel, from half a draw.
    fn noise(&self, luma: &mut [u8], random: &mut Random) {
        // Four bytes' sum has a standard deviation of 147.8.
        let strength = (self.noise * random.unit() / 147.8 * 65536.0) as i32;
        for pair in luma.chunks_mut(2) {
            let mut bits = random.bits();
            for value in pair {
                let sum: i32 = (bits as u32).to_le_bytes().iter().map(|byte| i32::from(*byte)).sum();
                *value = (i32::from(*value) + (((sum - 510) * strength) >> 16)).clamp(0, 255) as u8;
                bits >>= 32;
            }
        }
    }
}

/// A weighted mean with both neighbors, along rows and then along columns; `strength` 0 to 1.
fn blur(luma: &mut [u8], size: usize, strength: f32) {
    let side = (64.0 * strength) as u32;
    let middle = 256 - 2 * side;
    for (stride, across) in [(1, size), (size, 1)] {
        for start in (0..size).map(|line| line * across) {
            let mut before = u32::from(luma[start]);
            for k in 0..size {
                let at = start + k * stride;
                let here = u32::from(luma[at]);
                let after = if k + 1 < size { u32::from(luma[at + stride]) } else { here };
                luma[at] = ((middle * here + side * (before + after) + 128) >> 8) as u8;
                before = here;
            }
        }
    }
}

/// A rectangle of even luma: a strand of hair, a hand, a tube.
fn cover(luma: &mut [u8], side: usize, random: &mut Random) {
    let (width, height) = (6 + random.below(22), 6 + random.below(22));
    let (left, top) = (random.below(side - width), random.below(side - height));
    let value = random.below(256) as u8;
    for row in luma.chunks_mut(side).skip(top).take(height) {
        row[left..left + width].fill(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Vec<u8> {
        (0..SIZE * SIZE).map(|k| (k % SIZE + k / SIZE / 2) as u8).collect()
    }

    fn still() -> Augmentation {
        Augmentation {
            shift: 0.0,
            scale: 0.0,
            roll: 0.0,
            aspect: 0.0,
            light: 0.0,
            blur: 0.0,
            noise: 0.0,
            occlusion: 0.0,
            surroundings: 0.0,
        }
    }

    #[test]
    fn no_change_is_no_change() {
        let mut luma = ramp();
        let mut random = Random::new(&[1]);
        still().stretch(&mut luma, &mut random);
        still().noise(&mut luma, &mut random);
        blur(&mut luma, SIZE, 0.0);
        let same = luma.iter().zip(&ramp()).all(|(a, b)| a.abs_diff(*b) <= 1);
        assert!(same);
    }

    #[test]
    fn noise_has_the_strength_it_says() {
        let augmentation = Augmentation { noise: 8.0, ..still() };
        let mut luma = vec![128u8; SIZE * SIZE];
        let mut random = Random::new(&[4]);
        let strength = 8.0 * random.clone().unit();
        augmentation.noise(&mut luma, &mut random);
        let mean = luma.iter().map(|value| f32::from(*value)).sum::<f32>() / luma.len() as f32;
        let square =
            luma.iter().map(|value| (f32::from(*value) - mean).powi(2)).sum::<f32>() / luma.len() as f32;
        assert!((mean - 128.0).abs() < 0.7, "{mean}");
        assert!((square.sqrt() - strength).abs() < 0.5, "{} for {strength}", square.sqrt());
    }

    #[test]
    fn blur_keeps_an_even_picture_and_softens_an_edge() {
        let mut even = vec![77; SIZE * SIZE];
        blur(&mut even, SIZE, 1.0);
        assert!(even.iter().all(|value| *value == 77));
        let mut edge: Vec<u8> = (0..SIZE * SIZE).map(|k| if k % SIZE < 64 { 0 } else { 200 }).collect();
        blur(&mut edge, SIZE, 1.0);
        assert_eq!(edge[62..66], [0, 50, 150, 200]);
    }
}
