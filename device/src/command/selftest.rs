//! `selftest`: does this program answer here as it must?

use super::{Refusal, kernel, read_bundle, trusted_keys};
use crate::{
    appliance::SessionLog,
    camera::{self, wish::Wish},
    judge::plan_of,
    remember::{SealedLog, this_week},
    selftest::{self, Finding},
    session::summary::Summary,
    whole_file,
};
use age::x25519;
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use synkiosk_boards::{Profile, profile::CameraSource};
use synkiosk_journal::{
    Journal, Options, Record,
    record::{IndexRecords, Outcome},
    segment::{Piece, read_segment},
    store::segment_name,
};
use synkiosk_models::bundle::Bundle;

/// Example: synkiosk-device selftest
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: synkiosk-device selftest")]
pub struct Args {
    /// A bundle, instead of the shipped one
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// A public key that may sign the bundle, besides the demo key
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// An int8 kernel of this processor, instead of the fastest
    #[arg(long, value_name = "NAME")]
    pub kernel: Option<String>,
    /// Whether this folder, a card's data, can be written to
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Whether this board's camera is there, and how warm the board is
    #[arg(long, value_name = "NAME")]
    pub board: Option<String>,
}

/// Checks one thing after the other and prints a line for each.
///
/// # Errors
/// A `Refusal` at the first thing that does not hold.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let bundle = read_bundle(args.bundle.as_deref(), &trusted_keys(true, args.key.as_deref())?)?;
    let kernel = kernel(args.kernel.as_deref())?;
    say(&selftest::bundle(&bundle), out)?;
    say(&selftest::kernel(kernel), out)?;
    say(&selftest::networks(&bundle, kernel), out)?;
    let folder = scratch_folder()?;
    let checked = check_journal(&bundle, &folder);
    // Whatever was found: nothing of the test stays. What cannot be taken away does no harm.
    let _ = std::fs::remove_dir_all(&folder);
    checked?;
    writeln!(out, "journal: a record sealed, written and read back")?;
    if let Some(data) = &args.data {
        say(&selftest::storage(data), out)?;
    }
    if let Some(board) = &args.board {
        let profile = Profile::named(board).map_err(|error| Refusal::checked(&error, error.help()))?;
        if let CameraSource::V4l2 { device, .. } = &profile.camera().source {
            let mut camera = camera::open(Path::new(device), Wish::of(profile.camera()))
                .map_err(|error| Refusal::could_not(&error, error.help()))?;
            say(&selftest::camera(&mut *camera), out)?;
        }
        say(&selftest::temperature(selftest::hottest(Path::new(selftest::THERMAL))), out)?;
    }
    Ok(())
}

fn say(finding: &Finding, out: &mut dyn Write) -> anyhow::Result<()> {
    match &finding.result {
        Ok(_) => Ok(writeln!(out, "{finding}")?),
        Err(fault) if fault.checked => Err(Refusal::checked(&fault.message, fault.help).into()),
        Err(fault) => Err(Refusal::could_not(&fault.message, fault.help).into()),
    }
}

fn scratch_folder() -> Result<PathBuf, Refusal> {
    let folder = std::env::temp_dir().join(format!("synkiosk-selftest-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| {
        let message = format!("could not make {}: {error}", folder.display());
        Refusal::could_not(message, "set TMPDIR to a folder that can be written to")
    })?;
    Ok(folder)
}

fn check_journal(bundle: &Bundle, folder: &Path) -> Result<(), Refusal> {
    let could_not = |error: &dyn std::fmt::Display, help: &str| Refusal::could_not(error, help);
    let collector = x25519::Identity::generate();
    let (journal, _) = Journal::open(&folder.join("journal"), collector.to_public(), Options::default())
        .map_err(|error| could_not(&error, error.help()))?;
    let named = |error: synkiosk_journal::words::WordError| Refusal::checked(&error, error.help());
    let plan = plan_of(bundle.manifest()).map_err(named)?;
    let summary = Summary {
        range: None,
        outcome: Outcome::Stopped,
        score: None,
        indices: IndexRecords::default(),
        poses: Vec::new(),
        errors: Vec::new(),
        bundle: plan.bundle,
    };
    let mut log = SealedLog::new(journal, "selftest".parse().map_err(named)?, this_week());
    log.append(&summary).map_err(|error| could_not(&error, error.help()))?;
    whole_file::write(&folder.join("file"), b"whole").map_err(|error| could_not(&error, "check the disk"))?;
    let bytes = std::fs::read(folder.join("journal").join(segment_name(1)))
        .map_err(|error| could_not(&error, "check the disk"))?;
    match read_first(&bytes, &collector) {
        Some(record) if record.outcome == summary.outcome && record.bundle == summary.bundle => Ok(()),
        _ => Err(Refusal::checked("the journal does not hold what was recorded", "check the disk")),
    }
}

fn read_first(segment: &[u8], collector: &x25519::Identity) -> Option<Record> {
    match read_segment(segment).ok()?.next()? {
        Piece::Frame(frame) => frame.open(collector).ok(),
        Piece::Damage(_) => None,
    }
}
