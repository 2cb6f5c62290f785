//! `synkiosk export`: the store for other programs.

use super::Outcome;
use crate::fleet::export::{self, csv, fhir, parquet};
use crate::fleet::store::Store;
use std::io::Write;
use std::path::PathBuf;

/// Give the store on as CSV, as Parquet for DuckDB, pandas and Spark, or as FHIR R4.
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
        (export::whole(folder, |part| csv::write(&store, part))?, folder)
    } else if let Some(folder) = &args.to.parquet {
        (export::whole(folder, |part| parquet::write(&args.store, part))?, folder)
    } else if let Some(file) = &args.to.fhir {
        (export::whole(file, |part| fhir::write_file(&store, part))?, file)
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
