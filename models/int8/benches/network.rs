//! Times the convolutions of a network of the usual size, single-threaded: `cargo bench -p synkiosk-int8`.

use std::{hint::black_box, time::Instant};
use synkiosk_int8::{Convolution, RawConvolution, kernel};

/// Channels in, channels out, stride.
const LAYERS: [[usize; 3]; 7] =
    [[2, 16, 2], [16, 32, 2], [32, 32, 1], [32, 64, 2], [64, 64, 1], [64, 96, 2], [96, 96, 1]];
const RUNS: usize = 101;

fn main() {
    let layers = layers();
    let macs: u64 = layers.iter().map(Convolution::multiply_accumulates).sum();
    for kernel in kernel::all() {
        let packed: Vec<_> = layers.iter().map(|layer| kernel.pack(layer)).collect();
        let mut times = vec![Vec::new(); layers.len() + 1];
        for _ in 0..RUNS {
            let mut activations: Vec<u8> =
                (0..layers[0].input_length()).map(|k| (k * 37 % 251) as u8).collect();
            let start = Instant::now();
            for (at, (layer, packed)) in layers.iter().zip(&packed).enumerate() {
                let layer_start = Instant::now();
                let mut output = vec![0; layer.output_length()];
                packed.run(black_box(&activations), &mut output);
                activations = output;
                times[at].push(layer_start.elapsed().as_secs_f64() * 1e3);
            }
            times[layers.len()].push(start.elapsed().as_secs_f64() * 1e3);
        }
        for (layer, times) in layers.iter().zip(&mut times) {
            println!("{:9} {layer:?}: {:.3} ms", kernel.name(), median(times));
        }
        let total = median(&mut times[layers.len()]);
        println!(
            "{:9} all: median {total:.3} ms, {:.1} million multiply-accumulates, {:.1} a nanosecond",
            kernel.name(),
            macs as f64 / 1e6,
            macs as f64 / total / 1e6
        );
    }
}

fn layers() -> Vec<Convolution> {
    let mut side = 128;
    LAYERS
        .iter()
        .map(|&[channels_in, channels_out, stride]| {
            let length = channels_out * 9 * channels_in;
            let raw = RawConvolution {
                height: side,
                width: side,
                channels_in,
                channels_out,
                kernel: 3,
                stride,
                padding: 1,
                weights: (0..length)
                    .map(|k| (k * 71 % 255) as u8 as i8)
                    .map(|weight| weight.max(-127))
                    .collect(),
                bias: vec![500; channels_out],
                scale: vec![1e-3; channels_out],
                zero_in: if channels_in == 2 { 128 } else { 0 },
                zero_out: 0,
                floor: 0,
            };
            side /= stride;
            Convolution::new(raw).expect("within the bounds")
        })
        .collect()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
