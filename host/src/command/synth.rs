//! `synkiosk synth`: renders a data set of people who do not exist.

use super::{Outcome, Refusal};
use crate::dataset::DataSet;
use crate::synth::cast::{Plan, Protocol};
use crate::synth::{sheet, style, writer};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;
use synkiosk_models::pose::Pose;

/// Render people, healthy and not, as a data set with true landmarks and movements.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  synkiosk synth --protocol paper --seed 1 --out DATA\n\n\
    The faces are drawn by code; nobody was photographed. The same seed gives the same files.")]
pub struct Args {
    /// How the data set is composed
    #[arg(long, value_enum)]
    protocol: ProtocolName,
    /// Everything follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder to write; must not exist, or be empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of people (protocols clinical and turned only; default 300)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    people: Option<u32>,
    /// Poses to take instead of the protocol's, separated by commas
    #[arg(long, value_name = "POSE,...", value_delimiter = ',', value_parser = parse_pose)]
    poses: Vec<Pose>,
    /// Size of the pictures in pixels (default 400x400; protocol demo 640x480)
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = parse_size)]
    size: Option<(usize, usize)>,
    /// Number of threads (default: all cores); the files do not depend on it
    #[arg(long, value_name = "N")]
    threads: Option<NonZero<usize>>,
    /// Develop the pictures as by another camera, for trying out a second source
    #[arg(long, value_enum)]
    style: Option<StyleName>,
    /// Print a summary as JSON
    #[arg(long)]
    json: bool,
    /// Also write a contact sheet of the first people as PNG
    #[arg(long, value_name = "FILE", hide = true)]
    sheet: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ProtocolName {
    /// 70 people with synkinesis in 3 poses, 175 healthy in one: 385 pictures
    Paper,
    /// 40 % healthy, 25 % palsy, 35 % synkinesis, in 9 poses each
    Clinical,
    /// As clinical, but with heads turned and tilted, near and far: to train landmarks on
    Turned,
    /// One healthy person and one with synkinesis, in 9 poses each
    Demo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum StyleName {
    /// Light from a side, hard contrast, coarse noise, few details
    Webcam,
}

/// People on a contact sheet.
const ON_SHEET: usize = 24;

/// Renders, writes, and prints a summary.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let plan = plan(args)?;
    let pictures = plan.cast().iter().map(|member| member.poses.len()).sum::<usize>();
    // Hidden by itself where stderr is no terminal.
    let bar = ProgressBar::new(pictures as u64).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} pictures, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let threads = args.threads.or(available_parallelism().ok()).unwrap_or(NonZero::<usize>::MIN);
    let written = writer::write(&plan, &args.out, threads, &|pictures| bar.inc(pictures as u64));
    bar.finish_and_clear();
    let summary = written.map_err(|error| {
        if error.is_refusal() {
            Refusal::checked(&error, error.help())
        } else {
            Refusal::could_not(&error, error.help())
        }
    })?;
    if let Some(StyleName::Webcam) = args.style {
        let developed = DataSet::read(&args.out).and_then(|mut data| style::webcam(&mut data, args.seed));
        developed.map_err(|error| Refusal::could_not(&error, error.help()))?;
    }
    if let Some(file) = &args.sheet {
        let set = DataSet::read(&args.out)?;
        sheet::write(&set, ON_SHEET, file)?;
    }
    if args.json {
        let labels: serde_json::Map<String, serde_json::Value> =
            summary.labels.iter().map(|(label, count)| (label.name().to_owned(), (*count).into())).collect();
        let object = serde_json::json!({
            "out": args.out,
            "seed": args.seed,
            "people": summary.people,
            "pictures": summary.pictures,
            "labels": labels,
        });
        writeln!(out, "{object}")?;
    } else {
        let labels: Vec<String> =
            summary.labels.iter().map(|(label, count)| format!("{count} {label}")).collect();
        let (people, pictures) = (summary.people, summary.pictures);
        writeln!(
            out,
            "wrote {pictures} pictures of {people} people ({}) to {}",
            labels.join(", "),
            args.out.display()
        )?;
    }
    Ok(Outcome::Done)
}

fn plan(args: &Args) -> Result<Plan, Refusal> {
    if args.people.is_some() && !matches!(args.protocol, ProtocolName::Clinical | ProtocolName::Turned) {
        let message = "--people cannot be chosen in this protocol";
        return Err(Refusal::checked(message, "leave --people out, or pass --protocol clinical or turned"));
    }
    let (protocol, usual_size) = match args.protocol {
        ProtocolName::Paper => (Protocol::Paper, (400, 400)),
        ProtocolName::Clinical => (Protocol::Clinical, (400, 400)),
        ProtocolName::Turned => (Protocol::Turned, (400, 400)),
        ProtocolName::Demo => (Protocol::Demo, (640, 480)),
    };
    let mut poses = args.poses.clone();
    poses.sort();
    poses.dedup();
    let (width, height) = args.size.unwrap_or(usual_size);
    Ok(Plan {
        protocol,
        seed: args.seed,
        people: args.people.unwrap_or(300) as usize,
        poses: (!poses.is_empty()).then_some(poses),
        width,
        height,
    })
}

fn parse_pose(text: &str) -> Result<Pose, String> {
    text.parse().map_err(|error: synkiosk_models::pose::UnknownName| error.to_string())
}

/// Sides from 96, below which no face shows, to 1600, which takes 0.3 GB a thread.
fn parse_size(text: &str) -> Result<(usize, usize), String> {
    let sides =
        text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match sides {
        Some((width, height)) if (96..=1600).contains(&width) && (96..=1600).contains(&height) => {
            Ok((width, height))
        }
        _ => Err("write it as 400x400, each side from 96 to 1600".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_bounded() {
        assert_eq!(parse_size("640x480"), Ok((640, 480)));
        for wrong in ["", "640", "640x", "x480", "640*480", "95x400", "400x1601", "-400x400", "4e2x400"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
