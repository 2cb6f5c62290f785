//! Chance from one seed.

use std::time::Duration;

/// Splitmix64 (Steele, Lea, Flood 2014).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn of(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 up to but not 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this likelihood happens.
    pub(crate) fn happens(&mut self, likelihood: f64) -> bool {
        self.share() < likelihood
    }

    /// One of them.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[(self.share() * from.len() as f64) as usize]
    }

    /// How long a person takes: log-normal around a median, as reaction and reading times are (Luce 1986); `spread` is the
    /// standard deviation of the logarithm.
    pub(crate) fn takes(&mut self, median: f64, spread: f64) -> Duration {
        let (one, other) = (self.share().max(1e-12), self.share());
        let normal = (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos();
        Duration::from_secs_f64((median * (spread * normal).exp()).clamp(0.05, 600.0))
    }
}
