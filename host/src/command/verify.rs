//! `synkiosk verify`: what a bundle is, and whether it holds.

use super::{Outcome, Refusal};
use crate::{command::predict::open_bundle, files, onnx};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use synkiosk_models::bundle::{Audit, Bundle};

/// Check a bundle: signature, digests, structure, and its golden vectors.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  synkiosk verify models/shipped/synkiosk-4.bundle\n  \
    synkiosk verify models/shipped/synkiosk-4.bundle --onnx ONNX\n\n\
    The demo key and the keys made on this laptop are trusted; --key FILE trusts one more.")]
pub struct Args {
    /// The bundle.
    #[arg(value_name = "FILE")]
    bundle: PathBuf,
    /// Trust this public key as well.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Write its networks here as ONNX files: int8, the same to the last bit in ONNX Runtime, and f32.
    #[arg(long, value_name = "FOLDER")]
    onnx: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let bundle = open_bundle(Some(&args.bundle), args.key.as_deref())?;
    let refused = |error: synkiosk_models::bundle::BundleError| Refusal::checked(&error, error.help());
    let mut network = bundle.network().map_err(refused)?;
    let mut landmarker = bundle.landmarker().map_err(refused)?;
    let golden = bundle.check_golden(&mut network, &mut landmarker).map_err(refused)?;
    if let Some(folder) = &args.onnx {
        write_onnx(&bundle, folder)?;
    }
    let manifest = bundle.manifest();
    let key = bundle.signed_by();
    if args.json {
        let summary = serde_json::json!({
            "name": manifest.name, "version": manifest.version, "made_from": manifest.made_from,
            "signed_by": key.id, "demo_key": key.is_demo, "poses": manifest.poses, "answer": manifest.answer,
            "multiply_accumulates": network.multiply_accumulates(), "golden_vectors": golden, "holds": true,
            "audit": manifest.audit,
        });
        writeln!(out, "{summary}")?;
        return Ok(Outcome::Done);
    }
    let poses: Vec<&str> = manifest.poses.iter().map(|pose| pose.name()).collect();
    let rule = &manifest.answer;
    writeln!(out, "{} version {}: holds", manifest.name, manifest.version)?;
    writeln!(out, "  made from   {}", manifest.made_from)?;
    writeln!(
        out,
        "  signed by   {}{}",
        key.id,
        if key.is_demo { " (DEMO key: desk and vm only)" } else { "" }
    )?;
    writeln!(out, "  poses       {}", poses.join(" "))?;
    writeln!(out, "  answers     likely from {}, unlikely up to {}", rule.likely, rule.unlikely)?;
    writeln!(
        out,
        "  network     {:.1} million multiply-accumulates",
        network.multiply_accumulates() as f64 / 1e6
    )?;
    writeln!(out, "  audit       {}", audit(manifest.audit.as_ref()))?;
    writeln!(out, "  golden      {golden} vectors, equal to the last bit")?;
    Ok(Outcome::Done)
}

fn write_onnx(bundle: &Bundle, folder: &Path) -> Result<(), Refusal> {
    let refused = |path: &Path, error: std::io::Error| {
        Refusal::could_not(
            format!("could not write {}: {error}", path.display()),
            "name a folder that you may write to, on a disk with space left",
        )
    };
    fs::create_dir_all(folder).map_err(|error| refused(folder, error))?;
    for (name, bytes) in onnx::files(bundle) {
        let path = folder.join(name);
        files::replace(&path, &bytes).map_err(|error| refused(&path, error))?;
    }
    Ok(())
}

fn audit(audit: Option<&Audit>) -> String {
    match audit {
        None => "none: packed before there was one".to_owned(),
        Some(Audit { despite: Some(reason), checks, .. }) => {
            let failed: Vec<&str> =
                checks.iter().filter(|check| !check.passed).map(|check| check.name.as_str()).collect();
            format!("FAILED ({}), signed all the same: {reason}", failed.join(" "))
        }
        Some(Audit { checks, .. }) => format!("passed, {} checks", checks.len()),
    }
}
