//! Whether two things take the same time: many interleaved runs, medians, and Welch's t (B. L. Welch, Biometrika 34,
//! 1947). Beyond 4.5 a difference is taken for real, as in T. Schneider and A. Moradi, Leakage Assessment Methodology, 2015.

use std::{hint::black_box, time::Instant};

/// Compares in a run: one alone is shorter than a clock tells.
const IN_A_RUN: u32 = 500;

/// Nanoseconds of one compare: both medians, and t.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    pub(crate) medians: [f64; 2],
    pub(crate) t: f64,
}

/// Runs both in an order that a seed decides, `runs` times each.
pub(crate) fn measure(runs: usize, seed: u64, sides: [&mut dyn FnMut() -> bool; 2]) -> Difference {
    let mut state = seed;
    let mut times = [Vec::with_capacity(runs), Vec::with_capacity(runs)];
    for _ in 0..runs {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let first = (state >> 63) as usize;
        for side in [first, 1 - first] {
            let began = Instant::now();
            for _ in 0..IN_A_RUN {
                black_box(sides[side]());
            }
            times[side].push(began.elapsed().as_nanos() as f64 / f64::from(IN_A_RUN));
        }
    }
    let [one, other] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        // What the system did meanwhile says nothing of the compare.
        times.truncate(runs * 9 / 10);
        let count = times.len() as f64;
        let mean = times.iter().sum::<f64>() / count;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (times[times.len() * 5 / 9], mean, variance / count)
    });
    let t = (one.1 - other.1) / (one.2 + other.2).sqrt().max(f64::MIN_POSITIVE);
    Difference { medians: [one.0, other.0], t }
}

/// What anybody would write first, and what leaks: it stops at the first that differs.
pub(crate) fn stops_early(own: &[u8], other: &[u8]) -> bool {
    own.len() == other.len() && own.iter().zip(other).all(|(own, other)| black_box(own) == black_box(other))
}
