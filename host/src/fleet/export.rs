//! The store for other programs: CSV, Parquet, FHIR. Whole, or not there.

pub mod csv;
pub mod fhir;
pub mod parquet;

use crate::command::Refusal;
use std::fs;
use std::path::{Path, PathBuf};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers the row's session: 64 bits, never empty.
    Record,
    /// Up to 32 bits.
    Number,
    /// A short word.
    Word,
    /// Sixteen bytes, written as hexadecimal digits.
    SessionId,
}

/// A table as it is given on. Its first column is the record's number.
#[derive(Debug)]
pub struct Table {
    /// Its name, which the report's questions use.
    pub name: &'static str,
    /// Names and kinds, in the order of the store.
    pub columns: &'static [(&'static str, Kind)],
}

/// All tables.
pub const TABLES: [Table; 3] = [
    Table {
        name: "sessions",
        columns: &[
            ("record", Kind::Record),
            ("unit", Kind::Word),
            ("site", Kind::Word),
            ("session", Kind::SessionId),
            ("week", Kind::Word),
            ("month", Kind::Word),
            ("boot", Kind::Number),
            ("software", Kind::Word),
            ("bundle", Kind::Word),
            ("bundle_version", Kind::Number),
            ("board", Kind::Word),
            ("outcome", Kind::Word),
            ("score", Kind::Number),
            ("ocular_oral", Kind::Number),
            ("ocular_oral_side", Kind::Word),
            ("oral_ocular", Kind::Number),
            ("oral_ocular_side", Kind::Word),
            ("mentalis", Kind::Number),
            ("mentalis_side", Kind::Word),
            ("platysma", Kind::Number),
            ("platysma_side", Kind::Word),
        ],
    },
    Table {
        name: "poses",
        columns: &[
            ("record", Kind::Record),
            ("ordinal", Kind::Number),
            ("pose", Kind::Word),
            ("score", Kind::Number),
            ("retakes", Kind::Number),
            ("sharpness", Kind::Number),
            ("light", Kind::Number),
            ("steadiness", Kind::Number),
            ("face_width", Kind::Number),
            ("ms_face", Kind::Number),
            ("ms_align", Kind::Number),
            ("ms_network", Kind::Number),
            ("ms_total", Kind::Number),
        ],
    },
    Table {
        name: "errors",
        columns: &[("record", Kind::Record), ("ordinal", Kind::Number), ("code", Kind::Word)],
    },
];

impl Table {
    /// The question for its rows, in the order of records `from` to `to` - 1 (`?1`, `?2`).
    pub fn sql(&self) -> String {
        let columns: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let name = self.name;
        format!(
            "SELECT {} FROM {name} WHERE record >= ?1 AND record < ?2 ORDER BY record",
            columns.join(", ")
        )
    }
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store.
    #[error("could not read the store ({0})")]
    Store(#[from] rusqlite::Error),
    /// The files.
    #[error("could not write ({0})")]
    Write(#[from] std::io::Error),
    /// The files, in CSV.
    #[error("could not write ({0})")]
    Csv(#[from] ::csv::Error),
    /// The files, in Parquet.
    #[error("could not write ({0})")]
    Parquet(#[from] ::parquet::errors::ParquetError),
}

/// Makes a file, or a folder that must not be there or is empty: it has its name only once everything is in it.
///
/// # Errors
/// What `fill` says, or that the name is in use.
pub fn whole(path: &Path, fill: impl FnOnce(&Path) -> Result<u64, ExportError>) -> Result<u64, Refusal> {
    let is_empty_folder = || fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    if path.exists() && !is_empty_folder() {
        return Err(Refusal::checked(
            format!("{} is there already; exports are not mixed", path.display()),
            "name one that is not there yet",
        ));
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let part: PathBuf = path.with_file_name(name);
    let write = || -> Result<u64, ExportError> {
        let count = fill(&part)?;
        if path.exists() {
            fs::remove_dir(path)?;
        }
        fs::rename(&part, path)?;
        Ok(count)
    };
    write().map_err(|error| {
        // Whatever it had become.
        let _ = fs::remove_dir_all(&part).or_else(|_| fs::remove_file(&part));
        Refusal::could_not(
            format!("{}: {error}", path.display()),
            "name one where you may write, on a disk with space left",
        )
    })
}
