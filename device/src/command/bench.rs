//! `bench`: how fast a picture is answered, on one core.

use super::{Refusal, kernel, read_bundle, trusted_keys};
use crate::demo::people;
use serde::Serialize;
use std::{
    io::Write,
    path::PathBuf,
    time::{Duration, Instant},
};
use synkiosk_models::{
    answer::Answer,
    bundle::Bundle,
    evidence::indices,
    photo::Photo,
    pose::Pose,
    screener::{Evidence, Screener, StageTimes},
};

/// Example: synkiosk-device bench --json
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: synkiosk-device bench --json\n\n\
                        The pictures are the shipped people's, decoded to luma in memory beforehand. start_to_answer is \
                        from the start of main to the answer of the bundle's poses: reading and checking the bundle, \
                        building the network, decoding the pictures, and answering.")]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// How many pictures are answered
    #[arg(long, value_name = "N", default_value_t = 270, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub runs: u32,
    /// A bundle, instead of the shipped one
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// A public key that may sign the bundle, besides the demo key
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// An int8 kernel of this processor, instead of the fastest
    #[arg(long, value_name = "NAME")]
    pub kernel: Option<String>,
    /// When the program started
    #[arg(skip = Instant::now())]
    pub start: Instant,
}

#[derive(Debug, Serialize)]
struct Report {
    kernel: &'static str,
    stages: Stages,
    start_to_answer_ms: f64,
    rss_mib: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Stages {
    face: Spread,
    landmarks: Spread,
    align: Spread,
    network: Spread,
    picture_to_score: Spread,
}

#[derive(Debug, Serialize)]
struct Spread {
    median_ms: f64,
    p95_ms: f64,
}

/// Measures and prints.
///
/// # Errors
/// A `Refusal`, when the bundle is refused or finds no face in the shipped pictures.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let bundle = read_bundle(args.bundle.as_deref(), &trusted_keys(true, args.key.as_deref())?)?;
    let pictures: Vec<_> = people::shipped()
        .map_err(|error| Refusal::checked(&error, error.help()))?
        .into_iter()
        .flat_map(|series| series.pictures)
        .collect();
    let kernel = kernel(args.kernel.as_deref())?;
    let mut screener =
        Screener::new_with(&bundle, kernel).map_err(|error| Refusal::checked(&error, error.help()))?;
    first_answer(&bundle, &mut screener, &pictures)?;
    let start_to_answer = args.start.elapsed();
    let times = measure(&mut screener, &pictures, args.runs)?;
    let report = Report {
        kernel: screener.network().kernel_name(),
        stages: Stages {
            face: spread(&times, |times| times.face),
            landmarks: spread(&times, |times| times.landmarks),
            align: spread(&times, |times| times.align),
            network: spread(&times, |times| times.network),
            picture_to_score: spread(&times, |times| times.total),
        },
        start_to_answer_ms: milliseconds(start_to_answer),
        rss_mib: resident_mib(),
    };
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        print(&report, args.runs, out)?;
    }
    Ok(())
}

fn first_answer(
    bundle: &Bundle,
    screener: &mut Screener,
    pictures: &[(Pose, Photo)],
) -> Result<Answer, Refusal> {
    let (mut logits, mut measured) = (Vec::new(), Vec::new());
    for pose in &bundle.manifest().poses {
        if let Some((_, photo)) = pictures.iter().find(|(of, _)| of == pose) {
            let evidence = screen(screener, *pose, photo)?;
            logits.push((*pose, evidence.logit));
            measured.push((*pose, evidence.measured));
        }
    }
    Ok(screener.rule().series(&logits, &indices(&measured)).answer)
}

fn measure(
    screener: &mut Screener,
    pictures: &[(Pose, Photo)],
    runs: u32,
) -> Result<Vec<StageTimes>, Refusal> {
    let pictures = pictures.iter().cycle().take(runs as usize);
    pictures.map(|(pose, photo)| Ok(screen(screener, *pose, photo)?.times)).collect()
}

fn screen(screener: &mut Screener, pose: Pose, photo: &Photo) -> Result<Evidence, Refusal> {
    screener.screen(photo).map_err(|error| {
        Refusal::checked(
            format!("a shipped picture of {pose} is refused: {error}"),
            "build the program again",
        )
    })
}

fn spread(times: &[StageTimes], stage: impl Fn(&StageTimes) -> Duration) -> Spread {
    let mut sorted: Vec<_> = times.iter().map(stage).collect();
    sorted.sort_unstable();
    let at = |part: f64| {
        let index = (part * (sorted.len() - 1) as f64).round() as usize;
        milliseconds(sorted[index])
    };
    Spread { median_ms: at(0.5), p95_ms: at(0.95) }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// Memory that this program has in use now; only Linux says so.
fn resident_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some((kib / 1024.0 * 10.0).round() / 10.0)
}

fn print(report: &Report, runs: u32, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "kernel {}, {runs} pictures", report.kernel)?;
    writeln!(out, "stage              median ms    p95 ms")?;
    let Stages { face, landmarks, align, network, picture_to_score } = &report.stages;
    let rows = [
        ("face", face),
        ("landmarks", landmarks),
        ("align", align),
        ("network", network),
        ("picture to score", picture_to_score),
    ];
    for (name, spread) in rows {
        writeln!(out, "{name:<17}  {:>9.3}  {:>8.3}", spread.median_ms, spread.p95_ms)?;
    }
    writeln!(out, "start to answer    {:>9.1}", report.start_to_answer_ms)?;
    match report.rss_mib {
        Some(rss) => writeln!(out, "memory in use      {rss:>9.1} MiB"),
        None => Ok(()),
    }
}
