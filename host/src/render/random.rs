//! Seeded random numbers, in streams that know nothing of each other.

/// A small generator (SplitMix64); the same numbers on every machine.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The generator of a plain seed.
    pub fn new(seed: u64) -> Random {
        let mut random = Random { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03 };
        random.bits();
        random.bits();
        random
    }

    /// The stream for one purpose: `domain` keeps whole data sets apart, `purpose` what is drawn.
    ///
    /// What is drawn from one stream says nothing about another.
    pub fn stream(seed: u64, domain: &str, person: u64, pose: Option<&str>, purpose: &str) -> Random {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut take = |bytes: &[u8]| {
            // The length first, so that no two lists of parts read the same.
            for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        take(&seed.to_le_bytes());
        take(domain.as_bytes());
        take(&person.to_le_bytes());
        take(pose.unwrap_or_default().as_bytes());
        take(purpose.as_bytes());
        Random::new(hash ^ (hash >> 29))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Even in 0..1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Even in `from..to`.
    pub fn range(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    /// Near-normal with mean 0 and deviation 1, cut at 2.2.
    pub fn normal(&mut self) -> f32 {
        let bits = self.bits();
        let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xffff).sum();
        ((sum as f32 / 65536.0 - 2.0) * 1.732).clamp(-2.2, 2.2)
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// Even in `0..count`.
    pub fn below(&mut self, count: usize) -> usize {
        (((self.bits() >> 32) * count as u64) >> 32) as usize
    }

    /// Brings the items into random order (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_in_every_part() {
        let first =
            |seed, domain, person, pose, purpose| Random::stream(seed, domain, person, pose, purpose).bits();
        let base = first(1, "paper", 2, Some("rest"), "light");
        assert_eq!(base, first(1, "paper", 2, Some("rest"), "light"));
        assert_ne!(base, first(2, "paper", 2, Some("rest"), "light"));
        assert_ne!(base, first(1, "demo", 2, Some("rest"), "light"));
        assert_ne!(base, first(1, "paper", 3, Some("rest"), "light"));
        assert_ne!(base, first(1, "paper", 2, None, "light"));
        assert_ne!(base, first(1, "paper", 2, Some("rest"), "camera"));
    }

    #[test]
    fn normal_numbers_are_centered() {
        let mut random = Random::new(7);
        let numbers: Vec<f32> = (0..20_000).map(|_| random.normal()).collect();
        let mean = numbers.iter().sum::<f32>() / 20_000.0;
        let variance = numbers.iter().map(|number| number * number).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.08, "{variance}");
    }
}
