//! `synkiosk provision`: makes a board one unit.

use super::{Outcome, Refusal, predict::read_bundle_file};
use crate::{
    files, keys,
    provision::{self, Order, clock, code, medium::Medium},
};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use synkiosk_boards::unit::settings::Settings;

/// Tell one unit its name, site, languages, poses, model and collector.
///
/// On its card, an image of it, a stick, or by a code. Everything is signed, written, read back, and shown as it was read. A unit takes it at its next start, or from a
/// stick while nobody is being screened.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  synkiosk provision card.img --unit ward-3 --site north --recipient KEYS/collection.pub \\\n    \
                  --key KEYS/signing.pub --signing-key KEYS/signing.key --bundle my-model-1.bundle"
)]
pub struct Args {
    /// The folder of a mounted stick or card, an image, or a device with a card.
    #[arg(value_name = "TARGET", required_unless_present = "code")]
    target: Option<PathBuf>,
    /// The unit's name: 2 to 32 lower-case letters, digits and hyphens.
    #[arg(long, value_name = "NAME")]
    unit: String,
    /// What the unit is called now, if its name is to change.
    #[arg(long, value_name = "NAME")]
    renames: Option<String>,
    /// Code of the site; no name of a place or person.
    #[arg(long, value_name = "CODE")]
    site: Option<String>,
    /// A language that a visitor may choose, the first one first; several times for several.
    #[arg(long, value_name = "LANGUAGE")]
    language: Vec<String>,
    /// A pose of the session, in order; several times for several. The model's own without.
    #[arg(long, value_name = "POSE")]
    pose: Vec<String>,
    /// A signed model.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// A public key that the unit is to trust; onto a card or an image only.
    #[arg(long, value_name = "FILE.pub")]
    key: Vec<PathBuf>,
    /// For whom records are sealed: age1..., or the file collection.pub.
    #[arg(long, value_name = "AGE1...|FILE")]
    recipient: Option<String>,
    /// What opens the technician's screens on the unit: four to eight digits. Whoever has the card can read it.
    #[arg(long, value_name = "DIGITS")]
    pin: Option<String>,
    /// Bring this laptop's time to a unit without a clock. It is as late as the way to the unit is long.
    #[arg(long)]
    set_clock: bool,
    /// A number higher than that of the unit's last settings, instead of the seconds since 1970.
    #[arg(long, value_name = "N")]
    counter: Option<u64>,
    /// The key that signs; the unit must trust it.
    #[arg(long, value_name = "FILE")]
    signing_key: PathBuf,
    /// The key's passphrase is this file's first line.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Write the settings as a code too, for the camera of a unit that is not set up.
    #[arg(long, value_name = "FILE.png")]
    code: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut medium = args.target.as_deref().map(Medium::open).transpose()?;
    let order = Order {
        settings: settings(args)?,
        bundle: args.bundle.as_deref().map(read_bundle_file).transpose()?,
        keys: args.key.iter().map(|path| super::image::key(path)).collect::<Result<_, _>>()?,
    };
    if medium.is_none() && (order.bundle.is_some() || !order.keys.is_empty()) {
        return Err(
            Refusal::checked("a code holds settings alone", "name a TARGET for model and keys").into()
        );
    }
    let key = keys::read_signing_key(&args.signing_key, args.passphrase_file.as_deref())?;
    let back = medium.as_mut().map(|medium| provision::provision(medium, &order, &key)).transpose()?;
    if let Some(path) = &args.code {
        let png = code::png(&order.settings, &key)?;
        files::replace(path, &png).map_err(|error| {
            Refusal::could_not(
                format!("could not write {}: {error}", path.display()),
                "name a file in a folder that you may write to",
            )
        })?;
    }
    if args.json {
        let lines = back.iter().flat_map(|back| &back.lines);
        let values: serde_json::Map<_, _> =
            lines.map(|line| (line.name.replace(' ', "_"), line.value.clone().into())).collect();
        writeln!(out, "{}", serde_json::json!({ "read_back": values, "code": args.code }))?;
        return Ok(Outcome::Done);
    }
    if let (Some(back), Some(target)) = (back, &args.target) {
        writeln!(out, "read back from {}:", target.display())?;
        for line in &back.lines {
            writeln!(out, "  {:10}  {}", line.name, line.value)?;
        }
    }
    if let Some(path) = &args.code {
        writeln!(out, "code        {}", path.display())?;
    }
    Ok(Outcome::Done)
}

fn settings(args: &Args) -> Result<Settings, Refusal> {
    let refused = |error: synkiosk_boards::unit::UnitError| Refusal::checked(&error, error.help());
    let now = clock::now();
    let counter = args.counter.map_or_else(clock::now, Ok)?;
    let mut settings = Settings::named(&args.unit, counter).map_err(refused)?;
    settings.renames.clone_from(&args.renames);
    settings.site.clone_from(&args.site);
    settings.languages.clone_from(&args.language);
    settings.poses.clone_from(&args.pose);
    settings.recipient = args.recipient.as_deref().map(recipient).transpose()?;
    settings.pin.clone_from(&args.pin);
    settings.clock = if args.set_clock { Some(now?) } else { None };
    settings.check().map_err(refused)?;
    Ok(settings)
}

/// The line itself, or the first one of a file.
fn recipient(text: &str) -> Result<String, Refusal> {
    let path = Path::new(text);
    if text.starts_with("age1") && !path.exists() {
        return super::image::recipient(text);
    }
    let bytes = read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    super::image::recipient(text.lines().next().unwrap_or_default().trim())
}

fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    fs::read(path).map_err(|error| {
        Refusal::could_not(format!("could not read {}: {error}", path.display()), "check the file's name")
    })
}
