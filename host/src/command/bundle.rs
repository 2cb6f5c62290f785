//! `synkiosk bundle`: packs and signs a quantized run.

use super::{Outcome, Refusal};
use crate::{
    files, keys,
    packing::{self, BundleLabel},
    training::run_folder::RunFolder,
};
use std::{io::Write, path::PathBuf};
use synkiosk_models::pose::Pose;

/// Pack a quantized run into one signed file that devices take.
///
/// First the network is audited for shortcuts on the test pictures: whether its score hangs on the background, on the
/// light, on the skin or on which side is left, and whether its features tell where a picture is from. A network that
/// fails is not signed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  synkiosk bundle --run RUN --key KEYS/signing.key --out my-model-1.bundle"
)]
pub struct Args {
    /// The run; it must be quantized.
    #[arg(long, value_name = "FOLDER")]
    run: PathBuf,
    /// The secret signing key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Read the key's passphrase from the first line of this file.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The bundle to write; an older one of this name is replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Small letters, digits and hyphens.
    #[arg(long, default_value = "synkiosk")]
    name: String,
    /// The version counter: devices refuse a lower one than they have.
    #[arg(long, default_value_t = 1)]
    version: u32,
    /// The poses that a session takes, in their order.
    #[arg(long, value_delimiter = ',', default_value = "rest,tight-closure,open-smile,pucker")]
    poses: Vec<Pose>,
    /// Sign although the shortcut audit failed; the bundle carries the reason.
    #[arg(long, value_name = "REASON")]
    despite_audit: Option<String>,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let key = keys::read_signing_key(&args.key, args.passphrase_file.as_deref())?;
    let label = BundleLabel {
        name: args.name.clone(),
        version: args.version,
        poses: args.poses.clone(),
        despite_audit: args.despite_audit.clone(),
    };
    let bytes = packing::pack(&RunFolder::new(&args.run), &label, &key)?;
    files::replace(&args.out, &bytes).map_err(|error| {
        Refusal::could_not(
            format!("could not write {}: {error}", args.out.display()),
            "name a file in a folder that you may write to, on a disk with space left",
        )
    })?;
    writeln!(
        out,
        "{}: {} version {}, {} KiB, signed by {}",
        args.out.display(),
        args.name,
        args.version,
        bytes.len().div_ceil(1024),
        keys::key_id(key.keynum()),
    )?;
    Ok(Outcome::Done)
}
