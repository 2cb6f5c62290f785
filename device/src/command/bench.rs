//! `bench`: how fast a picture is answered, on one core.

mod stages;

use super::{Refusal, kernel, read_bundle, trusted_keys};
use crate::demo::people;
use serde::Serialize;
use stages::{Spread, Stages};
use std::{io::Write, path::PathBuf, time::Instant};
use synkiosk_models::{answer::Answer, bundle::Bundle, evidence::indices, screener::Screener};

/// Example: synkiosk-device bench --json
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: synkiosk-device bench --json\n\n\
                        The pictures are the shipped people's, JPEG of 640x480 as a camera sends them. A frame is a live \
                        picture of 30 a second: decoded, its face followed and judged, and drawn on a screen of 800x480; once \
                        a second, when the pose changes, one is searched whole for faces. A capture is a picture that decides: from its luma to its evidence. \
                        start_to_answer is from the start of main to the answer of the bundle's poses: reading and \
                        checking the bundle, building the networks, decoding the pictures, and answering. Memory is the \
                        most that was in use.")]
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
    stages: Stages<Spread>,
    start_to_answer_ms: f64,
    peak_mib: Option<f64>,
}

/// Measures and prints.
///
/// # Errors
/// A `Refusal`, when the bundle is refused or finds no face in the shipped pictures.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let bundle = read_bundle(args.bundle.as_deref(), &trusted_keys(true, args.key.as_deref())?)?;
    let kernel = kernel(args.kernel.as_deref())?;
    let mut screener =
        Screener::new_with(&bundle, kernel).map_err(|error| Refusal::checked(&error, error.help()))?;
    first_answer(&bundle, &mut screener)?;
    let start_to_answer = args.start.elapsed();
    let stages = Stages::measure(&mut screener, &bundle.manifest().poses, args.runs)?;
    let report = Report {
        kernel: screener.network().kernel_name(),
        stages: stages.spread(),
        start_to_answer_ms: stages::milliseconds(start_to_answer),
        peak_mib: peak_mib(),
    };
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        print(&report, args.runs, out)?;
    }
    Ok(())
}

/// The answer of one person's series.
fn first_answer(bundle: &Bundle, screener: &mut Screener) -> Result<Answer, Refusal> {
    let (mut logits, mut measured) = (Vec::new(), Vec::new());
    for pose in &bundle.manifest().poses {
        if let Some((_, jpeg)) = people::frames().find(|(of, _)| of == pose) {
            let photo = stages::decode(jpeg)?;
            let evidence = screener.screen(&photo).map_err(|error| stages::refused(*pose, error))?;
            logits.push((*pose, evidence.logit));
            measured.push((*pose, evidence.measured));
        }
    }
    Ok(screener.rule().series(&logits, &indices(&measured)).answer)
}

/// The most memory that this program ever had in use; only Linux says so.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some((kib / 1024.0 * 10.0).round() / 10.0)
}

fn print(report: &Report, runs: u32, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "kernel {}, {runs} pictures", report.kernel)?;
    writeln!(out, "stage              median ms    p95 ms")?;
    for (name, spread) in report.stages.named() {
        writeln!(out, "{name:<17}  {:>9.3}  {:>8.3}", spread.median_ms, spread.p95_ms)?;
    }
    writeln!(out, "start to answer    {:>9.1}", report.start_to_answer_ms)?;
    match report.peak_mib {
        Some(peak) => writeln!(out, "most memory        {peak:>9.1} MiB"),
        None => Ok(()),
    }
}
