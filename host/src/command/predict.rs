//! `synkiosk predict`: what the device would say of single pictures, or of a series.

use super::{Outcome, Refusal};
use crate::prediction::{self, Prediction, SeriesPrediction};
use crate::trust;
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use synkiosk_models::{
    bundle::{self, Bundle, TrustedKeys},
    screener::Screener,
};

/// Score pictures by the device's own code. Nothing of them is stored.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  synkiosk predict --json tests/photos/eileen-collins.png\n  \
    synkiosk predict --series device/demo/people/synkinesis-one\n\n\
    Research use only. A single picture is weak evidence: the kiosk judges a series of poses.")]
pub struct Args {
    /// JPEG or PNG files.
    #[arg(required_unless_present = "series", value_name = "PICTURE")]
    pictures: Vec<PathBuf>,
    /// A folder with one person's pictures, `<pose>.jpg` or `<pose>.png`, answered together.
    #[arg(long, value_name = "DIR", conflicts_with = "pictures")]
    series: Option<PathBuf>,
    /// The bundle to use instead of the shipped one.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Trust this public key as well.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print one JSON object per picture, or one for the series.
    #[arg(long)]
    json: bool,
}

/// Runs the command: every picture is looked at, also after one that is refused.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let bundle = open_bundle(args.bundle.as_deref(), args.key.as_deref())?;
    let mut screener = Screener::new(&bundle).map_err(|error| Refusal::checked(&error, error.help()))?;
    if !args.json {
        let manifest = bundle.manifest();
        writeln!(
            out,
            "research use only; {} version {}, trained on {}\n",
            manifest.name, manifest.version, manifest.made_from
        )?;
    }
    if let Some(folder) = &args.series {
        return series(&mut screener, folder, args.json, out);
    }
    let mut outcome = Outcome::Done;
    for file in &args.pictures {
        let prediction = prediction::picture(&mut screener, file);
        outcome = after(outcome, &prediction);
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&prediction)?)?;
        } else {
            print(&prediction, out)?;
        }
    }
    Ok(outcome)
}

fn series(
    screener: &mut Screener,
    folder: &Path,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let Some(found) = prediction::series(screener, folder) else {
        let error = format!("{} holds no picture that is named after a pose", folder.display());
        return Err(Refusal::could_not(error, "name the pictures rest.jpg, open-smile.jpg and so on").into());
    };
    if json {
        writeln!(out, "{}", serde_json::to_string(&found)?)?;
    } else {
        found.poses.values().try_for_each(|picture| print(picture, out))?;
        print_answer(&found, out)?;
    }
    Ok(found.poses.values().fold(Outcome::Done, after))
}

/// A picture that could not be read outweighs one that was refused.
fn after(outcome: Outcome, prediction: &Prediction) -> Outcome {
    match (prediction.unread, &prediction.error) {
        (true, _) => Outcome::NotAll,
        (false, Some(_)) if outcome == Outcome::Done => Outcome::Refused,
        _ => outcome,
    }
}

/// The bundle in `file`, or the shipped one; checked.
pub fn open_bundle(file: Option<&Path>, key: Option<&Path>) -> Result<Bundle, Refusal> {
    let refused = |error: bundle::BundleError| Refusal::checked(&error, error.help());
    let Some(file) = file else {
        return Bundle::read(bundle::shipped(), &TrustedKeys::demo()).map_err(refused);
    };
    open_bundle_file(file, key).map(|(bundle, _)| bundle)
}

/// The bundle in `file`, checked, golden vectors included, and the file's bytes.
pub fn open_bundle_file(file: &Path, key: Option<&Path>) -> Result<(Bundle, Vec<u8>), Refusal> {
    let bytes = read_bundle_file(file)?;
    let refused = |error: bundle::BundleError| Refusal::checked(&error, error.help());
    let bundle = Bundle::read(&bytes, &trust::keys(key)?).map_err(refused)?;
    bundle.prove().map_err(refused)?;
    Ok((bundle, bytes))
}

/// The bytes of a file that may be a bundle, as many as a bundle may have; nothing is checked but how many.
pub fn read_bundle_file(file: &Path) -> Result<Vec<u8>, Refusal> {
    let could_not = |error: io::Error| {
        let message = format!("could not read {}: {error}", file.display());
        Refusal::could_not(message, "name a bundle file made by synkiosk bundle")
    };
    let length = fs::metadata(file).map_err(could_not)?.len();
    let mut bytes = Vec::new();
    if length <= bundle::MOST_BYTES as u64 {
        // What is no file, or grows meanwhile, has no length that could be believed.
        let opened = File::open(file).map_err(could_not)?;
        opened.take(bundle::MOST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(could_not)?;
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX).max(bytes.len());
    if length > bundle::MOST_BYTES {
        let error = bundle::BundleError::TooLarge(length);
        return Err(Refusal::checked(&error, error.help()));
    }
    Ok(bytes)
}

fn print(prediction: &Prediction, out: &mut dyn Write) -> io::Result<()> {
    let file = prediction.file.display();
    if let Some(error) = &prediction.error {
        eprintln!("error: {file}: {error}");
        eprintln!("help: {}", prediction.help.unwrap_or("take the picture again"));
    }
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
        _ => Ok(()),
    }
}

fn print_answer(found: &SeriesPrediction, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nseries: {} (score {:.0} %)", found.answer.name(), found.score * 100.0)?;
    for (kind, index) in found.indices.known() {
        let side = index.side.map_or("", |side| side.name());
        writeln!(out, "  {kind:<12} {:.2} {side}", index.value)?;
    }
    Ok(())
}
