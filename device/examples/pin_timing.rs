//! Whether the time that a wrong PIN takes tells how far it is right: `cargo run --release -p synkiosk-device --example pin_timing`
//!
//! Beside it the compare that stops at the first wrong digit, to show that this measurement would see it.
#![forbid(unsafe_code)]

#[path = "../../tests/attacks/welch.rs"]
mod welch;

use std::hint::black_box;
use synkiosk_device::session::pin::Pin;

const PIN: &str = "73911846";
/// Each wrong; how much of it is right from the first digit on.
const GUESSES: [(&str, &[u8]); 3] = [
    ("no digit right", b"00000000"),
    ("the first digit right", b"70000000"),
    ("all but the last right", b"73911840"),
];

/// Whether a guess is the PIN.
type Compare<'a> = &'a dyn Fn(&[u8]) -> bool;

const RUNS: usize = 200_000;
const SEED: u64 = 1;

fn main() {
    let pin = Pin::of(PIN).expect("eight digits");
    let ours = |guess: &[u8]| black_box(&pin).is(black_box(guess));
    let early = |guess: &[u8]| welch::stops_early(black_box(PIN.as_bytes()), black_box(guess));
    let compares: [(&str, Compare); 2] = [("the kiosk's compare", &ours), ("one that stops early", &early)];
    println!("{RUNS} interleaved runs a side, seed {SEED}; |t| beyond 4.5 is a difference");
    for (name, compare) in compares {
        let (nothing, base) = GUESSES[0];
        for (what, guess) in &GUESSES[1..] {
            let sides: [&mut dyn FnMut() -> bool; 2] = [&mut || compare(base), &mut || compare(guess)];
            let found = welch::measure(RUNS, SEED, sides);
            println!(
                "{name}: {nothing} {:.3} ns, {what} {:.3} ns (medians), t = {:.1}",
                found.medians[0], found.medians[1], found.t
            );
        }
    }
}
