//! Every int8 kernel on every layer, one thread, median CPU time: `cargo bench -p synkiosk-models --bench int8`.
//!
//! Words after `--` choose kernels by name. The peak is what `vpdpbusd` on 512 bits reaches here from registers alone,
//! measured in between: processors run such instructions at a clock of their own.
#![cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "the peak's instruction"))]

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use synkiosk_int8::{
    Chain, Convolution, RawConvolution,
    kernel::{self, Kernel},
};
use synkiosk_models::{
    bundle::{self, Bundle, TrustedKeys},
    network::RawLayer,
};

/// A network of the usual kind: channels in, channels out, stride; 38 million multiply-accumulates on 128 x 128.
const USUAL: [[usize; 3]; 7] =
    [[1, 16, 2], [16, 32, 2], [32, 32, 1], [32, 64, 2], [64, 64, 1], [64, 96, 2], [96, 96, 1]];
const ROUNDS: usize = 61;
/// Long beside the clock's own half microsecond.
const SAMPLE_NS: f64 = 100e3;
fn main() {
    let keys = TrustedKeys::from_public_texts(&[bundle::DEMO_PUBLIC_KEY]).expect("the demo key");
    let bundle = Bundle::read(bundle::shipped(), &keys).expect("the shipped bundle");
    let manifest = bundle.manifest();
    let usual = USUAL.map(|[channels_in, channels_out, stride]| [channels_in, channels_out, 3, stride, 1]);
    let networks = [
        ("usual", layers(128, &usual)),
        ("shipped, answer", layers(manifest.network.input.size, &shapes(&manifest.network.layers))),
        ("shipped, landmarks", layers(manifest.landmarks.input.size, &shapes(&manifest.landmarks.layers))),
        ("odd widths", odd_widths()),
    ];
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let kernels: Vec<_> = kernel::all()
        .into_iter()
        .filter(|kernel| wanted.is_empty() || wanted.iter().any(|name| name == kernel.name()))
        .collect();
    for (name, layers) in &networks {
        measure(name, layers, &kernels);
    }
}

fn shapes(layers: &[RawLayer]) -> Vec<[usize; 5]> {
    let shape =
        |layer: &RawLayer| [layer.channels_in, layer.channels_out, layer.kernel, layer.stride, layer.padding];
    layers.iter().map(shape).collect()
}

/// With any weights: the time does not depend on them.
fn layers(size: usize, shapes: &[[usize; 5]]) -> Vec<Convolution> {
    let mut side = size;
    let mut layers = Vec::new();
    for &shape in shapes {
        let layer = layer([side, side], shape);
        side = layer.height_out();
        layers.push(layer);
    }
    layers
}

/// One layer again and again, at widths that are and are no multiples of a tile. No chain: each stands for itself.
fn odd_widths() -> Vec<Convolution> {
    [16, 17, 18, 19, 20, 21, 23, 24].map(|width| layer([16, width], [64, 64, 3, 1, 1])).to_vec()
}

fn layer(
    [height, width]: [usize; 2],
    [channels_in, channels_out, kernel, stride, padding]: [usize; 5],
) -> Convolution {
    let length = channels_out * kernel * kernel * channels_in;
    let raw = RawConvolution {
        height,
        width,
        channels_in,
        channels_out,
        kernel,
        stride,
        padding,
        weights: (0..length).map(|k| (k * 71 % 255) as u8 as i8).map(|weight| weight.max(-127)).collect(),
        bias: vec![500; channels_out],
        scale: vec![1e-3; channels_out],
        ..RawConvolution::default()
    };
    Convolution::new(raw).expect("within the bounds")
}

fn measure(name: &str, layers: &[Convolution], kernels: &[&'static dyn Kernel]) {
    let (mut clocks, mut peaks) = (Vec::new(), Vec::new());
    let mut chains: Vec<Vec<_>> = kernels
        .iter()
        .map(|kernel| {
            let alone = |layer| Chain::new(std::slice::from_ref(layer), *kernel).expect("one layer");
            layers
                .iter()
                .map(alone)
                .map(|chain| Timed { arena: chain.arena(), chain, ns: Vec::new() })
                .collect()
        })
        .collect();
    for _ in 0..ROUNDS {
        clocks.push(clock_ghz());
        peaks.push(peak_gmacs());
        for timed in chains.iter_mut().flatten() {
            timed.sample();
        }
    }
    let (clock, peak) = (median(&mut clocks), median(&mut peaks));
    println!("\n{name}: clock {clock:.2} GHz, peak {peak:.0} GMAC/s, {ROUNDS} rounds");
    println!(
        "kernel        layer                                                  us    GMAC/s  MAC/clock   of peak"
    );
    for (kernel, timed) in kernels.iter().zip(&mut chains) {
        let line = |what: &str, ns: f64, work: u64| {
            let each_clock = work as f64 / ns / clock;
            let gmacs = work as f64 / ns;
            let share = match kernel.name() {
                "avx512-vnni" => format!("{:8.1} %", gmacs / peak * 100.0),
                _ => String::new(),
            };
            println!(
                "{:12}  {what:46} {:10.2} {gmacs:9.1} {each_clock:10.1}{share}",
                kernel.name(),
                ns / 1e3
            );
        };
        let (mut all, mut work) = (0.0, 0);
        for (layer, timed) in layers.iter().zip(timed) {
            let ns = median(&mut timed.ns);
            line(&format!("{layer:?}"), ns, layer.multiply_accumulates());
            all += ns;
            work += layer.multiply_accumulates();
        }
        line("all", all, work);
    }
}

struct Timed {
    chain: Chain,
    arena: synkiosk_int8::Arena,
    ns: Vec<f64>,
}

impl Timed {
    fn sample(&mut self) {
        let once = self.run(1);
        let times = (SAMPLE_NS / once).clamp(1.0, 10_000.0) as u32;
        let ns = self.run(times) / f64::from(times);
        self.ns.push(ns);
    }

    fn run(&mut self, times: u32) -> f64 {
        let start = cpu_ns();
        for _ in 0..times {
            self.chain.run_layer(black_box(&mut self.arena), 0);
        }
        cpu_ns() - start
    }
}

/// By rotations and additions, each waiting for the one before: one cycle each on every processor in question.
fn clock_ghz() -> f64 {
    const STEPS: u32 = 40_000;
    let start = cpu_ns();
    let mut value = black_box(1_u64);
    for _ in 0..STEPS {
        value = value.rotate_left(5).wrapping_add(0x9e37_79b9_7f4a_7c15);
    }
    black_box(value);
    2.0 * f64::from(STEPS) / (cpu_ns() - start)
}

/// `vpdpbusd` alone, on sums enough that none waits for another.
#[cfg(target_arch = "x86_64")]
fn peak_gmacs() -> f64 {
    use std::arch::x86_64::*;
    const STEPS: u32 = 40_000;
    const SUMS: usize = 16;

    #[target_feature(enable = "avx512f,avx512vnni")]
    fn multiply(steps: u32) -> i32 {
        let (inputs, weights) = (_mm512_set1_epi32(black_box(1)), _mm512_set1_epi32(black_box(2)));
        let mut sums = [_mm512_setzero_si512(); SUMS];
        for _ in 0..steps {
            for sum in &mut sums {
                *sum = _mm512_dpbusd_epi32(*sum, inputs, weights);
            }
        }
        sums.into_iter().map(|sum| _mm512_reduce_add_epi32(sum)).sum()
    }

    if !(is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")) {
        return f64::NAN;
    }
    // SAFETY: the processor has the features.
    let run = || black_box(unsafe { multiply(black_box(STEPS)) });
    // The clock takes some time to settle.
    run();
    let start = cpu_ns();
    run();
    f64::from(STEPS) * SUMS as f64 * 64.0 / (cpu_ns() - start)
}

#[cfg(not(target_arch = "x86_64"))]
fn peak_gmacs() -> f64 {
    f64::NAN
}

fn cpu_ns() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
