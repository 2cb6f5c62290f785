//! `synkiosk export`: the store for other programs.

use super::{Outcome, Refusal};
use crate::fleet::export::{self, csv, fhir, parquet};
use crate::fleet::store::Store;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Give the store on as CSV, as partitioned Parquet for DuckDB, pandas and Spark, or as FHIR R4.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  synkiosk export --store kiosks.sqlite --parquet kiosks\n  \
    synkiosk export --store kiosks.sqlite --fhir kiosks.json")]
pub struct Args {
    /// The store that collect filled.
    #[arg(long, value_name = "FILE.sqlite")]
    store: PathBuf,
    #[command(flatten)]
    to: To,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct To {
    /// A folder for sessions.csv, poses.csv and errors.csv.
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    /// A folder for three data sets, partitioned by site and month.
    #[arg(long, value_name = "DIR")]
    parquet: Option<PathBuf>,
    /// A file for a Bundle of Devices and Observations.
    #[arg(long, value_name = "FILE")]
    fhir: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let store = Store::read(&args.store)?;
    let (sessions, path) = if let Some(folder) = &args.to.csv {
        (export::into_folder(folder, |part| csv::write(&store, part))?, folder)
    } else if let Some(folder) = &args.to.parquet {
        (export::into_folder(folder, |part| parquet::write(&args.store, part))?, folder)
    } else if let Some(file) = &args.to.fhir {
        (write_fhir(&store, file)?, file)
    } else {
        anyhow::bail!("nothing to write to was named");
    };
    if args.json {
        writeln!(out, "{}", serde_json::json!({"sessions": sessions, "path": path}))?;
    } else {
        writeln!(out, "{sessions} sessions written to {}", path.display())?;
    }
    Ok(Outcome::Done)
}

/// Whole or not at all, and never over another file.
fn write_fhir(store: &Store, path: &Path) -> Result<u64, Refusal> {
    if path.exists() {
        return Err(Refusal::checked(
            format!("{} is there already", path.display()),
            "name a file that is not there yet",
        ));
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let write = || -> Result<u64, export::ExportError> {
        let mut out = BufWriter::new(File::create(&part)?);
        let sessions = fhir::write(store, &mut out)?;
        out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        fs::rename(&part, path)?;
        Ok(sessions)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&part);
        Refusal::could_not(
            format!("{}: {error}", path.display()),
            "name a file in a folder that you may write to, on a disk with space left",
        )
    })
}
