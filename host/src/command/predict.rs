//! `synkiosk predict`: what the device would say of single pictures.

use super::{Outcome, Refusal};
use crate::trust;
use serde::Serialize;
use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};
use synkiosk_models::{
    answer::Answer,
    bundle::{self, Bundle, TrustedKeys},
    face::FaceBox,
    photo::Photo,
    screener::Screener,
};
use zeroize::Zeroizing;

/// Bytes of the largest picture file that is read.
const MOST_BYTES: u64 = 64 << 20;

/// Score pictures by the device's own code. Nothing of them is stored.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  synkiosk predict --json tests/photos/eileen-collins.png\n\n\
    Research use only. A single picture is weak evidence: the kiosk judges a series of poses.")]
pub struct Args {
    /// JPEG or PNG files.
    #[arg(required = true, value_name = "PICTURE")]
    pictures: Vec<PathBuf>,
    /// The bundle to use instead of the shipped one.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Trust this public key as well.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print one JSON object per picture.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Prediction<'a> {
    file: &'a Path,
    face: Option<FaceBox>,
    score: Option<f32>,
    verdict: Answer,
    ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'static str>,
    #[serde(skip)]
    unread: bool,
}

/// Runs the command: every picture is looked at, also after one that is refused.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let bundle = open_bundle(args.bundle.as_deref(), args.key.as_deref())?;
    let mut screener = Screener::new(&bundle).map_err(|error| Refusal::checked(&error, error.help()))?;
    let mut outcome = Outcome::Done;
    if !args.json {
        let manifest = bundle.manifest();
        writeln!(
            out,
            "research use only; {} version {}, trained on {}\n",
            manifest.name, manifest.version, manifest.made_from
        )?;
    }
    for file in &args.pictures {
        let prediction = predict(&mut screener, file);
        match (prediction.unread, &prediction.error) {
            (true, _) => outcome = Outcome::NotAll,
            (false, Some(_)) if outcome == Outcome::Done => outcome = Outcome::Refused,
            _ => {}
        }
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&prediction)?)?;
        } else {
            print(&prediction, out)?;
        }
    }
    Ok(outcome)
}

/// The bundle in `file`, or the shipped one; checked.
pub fn open_bundle(file: Option<&Path>, key: Option<&Path>) -> Result<Bundle, Refusal> {
    let refused = |error: bundle::BundleError| Refusal::checked(&error, error.help());
    let Some(file) = file else {
        return Bundle::read(bundle::shipped(), &TrustedKeys::demo()).map_err(refused);
    };
    open_bundle_file(file, key).map(|(bundle, _)| bundle)
}

/// The bundle in `file`, checked, and the file's bytes.
pub fn open_bundle_file(file: &Path, key: Option<&Path>) -> Result<(Bundle, Vec<u8>), Refusal> {
    let bytes = read_bounded(file)
        .map_err(|error| Refusal::could_not(error, "name a bundle file made by synkiosk bundle"))?;
    let bundle = Bundle::read(&bytes, &trust::keys(key)?);
    Ok((bundle.map_err(|error| Refusal::checked(&error, error.help()))?, bytes))
}

fn predict<'a>(screener: &mut Screener, file: &'a Path) -> Prediction<'a> {
    let refused = |error: String, help: &'static str| Prediction {
        file,
        face: None,
        score: None,
        verdict: Answer::Retake,
        ms: None,
        error: Some(error),
        help: Some(help),
        unread: false,
    };
    let bytes = match read_bounded(file) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) => {
            return Prediction { unread: true, ..refused(error, "name a readable JPEG or PNG file") };
        }
    };
    let photo = match Photo::decode(&bytes) {
        Ok(photo) => photo,
        Err(error) => return refused(error.to_string(), error.help()),
    };
    match screener.screen(&photo) {
        Ok(evidence) => Prediction {
            file,
            face: Some(evidence.face),
            score: Some(evidence.score),
            verdict: screener.rule().verdict(evidence.score),
            ms: Some((evidence.times.total.as_secs_f64() * 1e5).round() / 100.0),
            error: None,
            help: None,
            unread: false,
        },
        Err(refusal) => refused(refusal.to_string(), refusal.help()),
    }
}

fn print(prediction: &Prediction, out: &mut dyn Write) -> std::io::Result<()> {
    let file = prediction.file.display();
    match (&prediction.face, prediction.score, prediction.ms) {
        (Some(face), Some(score), Some(ms)) => writeln!(
            out,
            "{file}: {} (score {:.0} %), face {:.0} x {:.0} at {:.0}, {:.0}, {ms:.1} ms",
            prediction.verdict.name(),
            score * 100.0,
            face.width,
            face.height,
            face.x,
            face.y,
        ),
        _ => {
            eprintln!("error: {file}: {}", prediction.error.as_deref().unwrap_or("no face found"));
            eprintln!("help: {}", prediction.help.unwrap_or("take the picture again"));
            Ok(())
        }
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    let could_not = |error: std::io::Error| format!("could not read {}: {error}", path.display());
    if fs::metadata(path).map_err(could_not)?.len() > MOST_BYTES {
        return Err(format!("{} is larger than {} MiB", path.display(), MOST_BYTES >> 20));
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(could_not)?.take(MOST_BYTES).read_to_end(&mut bytes).map_err(could_not)?;
    Ok(bytes)
}
