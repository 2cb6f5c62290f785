//! `synkiosk slip`: what a kiosk's code says, and whether it holds.

use super::{Outcome, Refusal};
use crate::{
    report::words::RESEARCH_USE_ONLY,
    slip::{TrustedUnits, picture},
};
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use synkiosk_journal::slip::is_meant_as_one;

/// Read a slip, the code that a kiosk shows with its answer, and check who signed it.
///
/// A slip holds answer, score, indices, poses, model, program, week and unit; it names no person. It is checked with the key
/// of its unit, which stands in the unit.toml beside what the unit puts on a stick.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  synkiosk slip photo.jpg --unit unit.toml\n  \
    synkiosk slip photo.jpg --store kiosks.sqlite\n  \
    synkiosk slip 'SYNKIOSK1:...' --stick /media/stick\n\n\
    Exit codes: 0 it holds, 1 it was changed or its key is not known, 2 no slip could be read.")]
pub struct Args {
    /// A JPEG or PNG picture of the code, a file whose first line is the slip, or the slip itself.
    #[arg(value_name = "FILE|TEXT")]
    slip: String,
    /// Trust this unit's key: the unit.toml of its outbox.
    #[arg(long = "unit", value_name = "unit.toml")]
    units: Vec<PathBuf>,
    /// Trust the units whose outboxes are on this stick, card or image.
    #[arg(long = "stick", value_name = "DIR")]
    sticks: Vec<PathBuf>,
    /// Trust the units that collect has met.
    #[arg(long, value_name = "FILE.sqlite")]
    store: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut units = TrustedUnits::of(&args.units, &args.sticks)?;
    args.store.as_deref().map_or(Ok(()), |store| units.add_store(store))?;
    let held = units.check(&text(&args.slip)?)?;
    if args.json {
        let mut value = serde_json::to_value(held.told())?;
        value["holds"] = true.into();
        value["research_use_only"] = true.into();
        writeln!(out, "{value}")?;
        return Ok(Outcome::Done);
    }
    writeln!(out, "{RESEARCH_USE_ONLY}\nslip of unit {}: holds", held.slip.unit)?;
    for (name, value) in held.lines() {
        writeln!(out, "  {name:12}  {value}")?;
    }
    Ok(Outcome::Done)
}

fn text(slip: &str) -> Result<String, Refusal> {
    if is_meant_as_one(slip.trim_ascii()) {
        Ok(slip.to_owned())
    } else {
        picture::text_of_file(Path::new(slip))
    }
}
