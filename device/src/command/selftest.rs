//! `selftest`: does this program answer here as it must?

use super::{Refusal, kernel, read_bundle, trusted_keys};
use crate::{
    appliance::SessionLog,
    judge::plan_of,
    remember::{SealedLog, this_week},
    session::summary::Summary,
    whole_file,
};
use age::x25519;
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use synkiosk_journal::{
    Journal, Options, Record,
    record::{IndexRecords, Outcome},
    segment::{Piece, read_segment},
    store::segment_name,
};
use synkiosk_models::bundle::{Bundle, Manifest};

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
}

/// Checks one thing after the other and prints a line for each.
///
/// # Errors
/// A `Refusal` at the first thing that does not hold.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let bundle = read_bundle(args.bundle.as_deref(), &trusted_keys(true, args.key.as_deref())?)?;
    let Manifest { name, version, .. } = bundle.manifest();
    let signer = bundle.signed_by();
    let demo = if signer.is_demo { " (the demo key)" } else { "" };
    writeln!(out, "bundle:  {name} {version}, signed by key {}{demo}", signer.id)?;
    let kernel = kernel(args.kernel.as_deref())?;
    let mut network = bundle.network_with(kernel).map_err(|error| Refusal::checked(&error, error.help()))?;
    writeln!(out, "kernel:  {}", network.kernel_name())?;
    let mut landmarker =
        bundle.landmarker_with(kernel).map_err(|error| Refusal::checked(&error, error.help()))?;
    let golden = bundle
        .check_golden(&mut network, &mut landmarker)
        .map_err(|error| Refusal::checked(&error, error.help()))?;
    writeln!(out, "networks: {golden} golden inputs, equal bit for bit")?;
    let folder = scratch_folder()?;
    let checked = check_journal(&bundle, &folder);
    // Whatever was found: nothing of the test stays. What cannot be taken away does no harm.
    let _ = std::fs::remove_dir_all(&folder);
    checked?;
    writeln!(out, "journal: a record sealed, written and read back")?;
    Ok(())
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
