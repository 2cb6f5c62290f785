//! Times this program from inside, told by another program what and how often: one line in, one line out.
//!
//! `speed BUNDLE FRAME...` reads from its input: `kernel` gives the kernel's name; `classifier N`, `landmarks N` and
//! `from-second-layer N` give the nanoseconds of N runs on golden inputs in turn, `picture N` and `live N` those of N
//! frames (JPEG files) from their bytes to the score, or to the verdict on a live picture, each held for a second; `sums` gives every golden sum.
//! `speed --answer BUNDLE FRAME...` answers a series of frames and ends. `tests/peers/speed.py` asks.
#![forbid(unsafe_code)]

use safetensors::SafeTensors;
use std::{
    error::Error,
    fs,
    hint::black_box,
    io::{self, BufRead, Write},
    path::Path,
    time::{Duration, Instant},
};
use synkiosk_int8::{
    Convolution, Head, RawConvolution, RawHead,
    chain::{Arena, Chain},
    kernel,
};
use synkiosk_models::{
    bundle::{Bundle, TrustedKeys},
    evidence::indices,
    landmarker::Landmarker,
    network::{Network, RawLayer},
    photo::Photo,
    pose::Pose,
    screener::Screener,
};

/// From one live frame to the next.
const STEP: Duration = Duration::from_millis(33);
/// A pose is held for a second.
const HELD: usize = 30;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, bundle, frames @ ..] if flag == "--answer" => answer(&read(bundle)?, frames),
        [bundle, frames @ ..] => serve(&read(bundle)?, frames),
        [] => Err("usage: speed [--answer] BUNDLE FRAME...".into()),
    }
}

fn read(path: &str) -> Result<Bundle, Box<dyn Error>> {
    Ok(Bundle::read(&fs::read(path)?, &TrustedKeys::demo())?)
}

/// The answer of frames that are named after their poses.
fn answer(bundle: &Bundle, frames: &[String]) -> Result<(), Box<dyn Error>> {
    let mut screener = Screener::new(bundle)?;
    let (mut logits, mut measured) = (Vec::new(), Vec::new());
    for path in frames {
        let pose: Pose =
            Path::new(path).file_stem().and_then(|name| name.to_str()).unwrap_or_default().parse()?;
        let evidence = screener.screen(&Photo::of_camera_jpeg(&fs::read(path)?, Duration::ZERO)?)?;
        logits.push((pose, evidence.logit));
        measured.push((pose, evidence.measured));
    }
    println!("{:?}", screener.rule().series(&logits, &indices(&measured)));
    Ok(())
}

fn serve(bundle: &Bundle, frames: &[String]) -> Result<(), Box<dyn Error>> {
    let mut timed = Timed::new(bundle, frames)?;
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let what = words.next().unwrap_or_default();
        let runs: usize = words.next().unwrap_or("0").parse()?;
        match what {
            "kernel" => writeln!(out, "{}", timed.network.kernel_name())?,
            "sums" => writeln!(out, "{:?}", timed.sums(bundle))?,
            what => writeln!(out, "{}", timed.run(bundle, what, runs)?)?,
        }
        out.flush()?;
    }
    Ok(())
}

struct Timed {
    network: Network,
    landmarker: Landmarker,
    rest: Rest,
    screener: Screener,
    frames: Vec<Vec<u8>>,
    clock: Duration,
    watched: usize,
}

impl Timed {
    fn new(bundle: &Bundle, frames: &[String]) -> Result<Timed, Box<dyn Error>> {
        Ok(Timed {
            network: bundle.network()?,
            landmarker: bundle.landmarker()?,
            rest: Rest::of(bundle)?,
            screener: Screener::new(bundle)?,
            frames: frames.iter().map(fs::read).collect::<Result<_, _>>()?,
            clock: Duration::ZERO,
            watched: 0,
        })
    }

    fn sums(&mut self, bundle: &Bundle) -> Vec<i64> {
        bundle.golden().inputs.iter().map(|input| self.network.logit(input).sum).collect()
    }

    /// Nanoseconds of so many runs.
    fn run(&mut self, bundle: &Bundle, what: &str, runs: usize) -> Result<u128, Box<dyn Error>> {
        let golden = bundle.golden();
        let start = Instant::now();
        match what {
            "classifier" => golden.inputs.iter().cycle().take(runs).for_each(|input| {
                black_box(self.network.logit(black_box(input)));
            }),
            "landmarks" => golden.landmark_inputs.iter().cycle().take(runs).for_each(|input| {
                black_box(self.landmarker.network().sums(black_box(input)));
            }),
            "from-second-layer" => (0..runs).for_each(|_| {
                black_box(self.rest.run());
            }),
            "picture" => {
                for jpeg in self.frames.iter().cycle().take(runs) {
                    black_box(self.screener.screen(&Photo::of_camera_jpeg(jpeg, Duration::ZERO)?)?);
                }
            }
            "live" => {
                for _ in 0..runs {
                    let jpeg = &self.frames[self.watched / HELD % self.frames.len()];
                    self.watched += 1;
                    self.clock += STEP;
                    black_box(self.screener.watch(&Photo::of_camera_jpeg(jpeg, self.clock)?)?);
                }
            }
            other => return Err(format!("cannot time {other:?}").into()),
        }
        Ok(start.elapsed().as_nanos())
    }
}

/// The classifier without its first layer, on activations that stay the same.
struct Rest {
    chain: Chain,
    arena: Arena,
    input: Vec<u8>,
    output: Vec<u8>,
    head: Head,
}

impl Rest {
    fn of(bundle: &Bundle) -> Result<Rest, Box<dyn Error>> {
        let raw = &bundle.manifest().network;
        let tensors = SafeTensors::deserialize(bundle.tensors())?;
        let first = raw.layers.first().ok_or("no layers")?;
        let mut side = (raw.input.size + 2 * first.padding - first.kernel) / first.stride + 1;
        let input = (0..side * side * first.channels_out).map(|k| (k * 37 % 97) as u8).collect();
        let mut layers = Vec::new();
        for layer in &raw.layers[1..] {
            let convolution = convolution(layer, &tensors, side)?;
            side = convolution.height_out();
            layers.push(convolution);
        }
        let head = Head::new(RawHead {
            pixels: side * side,
            channels: raw.head.channels,
            zero_in: raw.head.zero_in,
            weights: signed(tensors.tensor("head.weight")?.data()),
            bias: 0,
        })?;
        let chain = Chain::new(&layers, kernel::best())?;
        let output = vec![0; chain.output().length()];
        Ok(Rest { arena: chain.arena(), chain, input, output, head })
    }

    fn run(&mut self) -> i64 {
        self.chain.run(&mut self.arena, black_box(&self.input), &mut self.output);
        self.head.run(&self.output)
    }
}

fn convolution(
    layer: &RawLayer,
    tensors: &SafeTensors<'_>,
    side: usize,
) -> Result<Convolution, Box<dyn Error>> {
    let data = |what: &str| tensors.tensor(&format!("{}.{what}", layer.name)).map(|tensor| tensor.data());
    let (bias, scale) = (data("bias")?.as_chunks().0, data("scale")?.as_chunks().0);
    Ok(Convolution::new(RawConvolution {
        height: side,
        width: side,
        channels_in: layer.channels_in,
        channels_out: layer.channels_out,
        kernel: layer.kernel,
        stride: layer.stride,
        padding: layer.padding,
        weights: signed(data("weight")?),
        bias: bias.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect(),
        scale: scale.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        zero_in: layer.zero_in,
        zero_out: layer.zero_out,
        floor: layer.floor,
    })?)
}

fn signed(bytes: &[u8]) -> Vec<i8> {
    bytes.iter().map(|byte| byte.cast_signed()).collect()
}
