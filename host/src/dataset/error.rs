//! Why a data set is refused, and what to do.

use super::TABLE;
use std::{io, path::PathBuf};
use synkiosk_models::pose::{Label, Pose, SynkinesisType, UnknownName};

/// Why a data set was refused.
#[derive(Debug, thiserror::Error)]
pub enum DataSetError {
    /// The root is not there.
    #[error("{} is no folder", .0.display())]
    NoFolder(PathBuf),
    /// The root has no table.
    #[error("{} has no {TABLE}", .0.display())]
    NoTable(PathBuf),
    /// The operating system could not read or write.
    #[error("could not {doing} {}: {source}", path.display())]
    Access {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The first line is not the header.
    #[error("{}, line 1: the header is \"{found}\"", path.display())]
    Header {
        /// The table.
        path: PathBuf,
        /// What stands there.
        found: String,
    },
    /// The table names nobody.
    #[error("{} names nobody", .0.display())]
    Nobody(PathBuf),
    /// One row cannot be taken.
    #[error("{}, line {line}: {defect}", path.display())]
    Row {
        /// The table.
        path: PathBuf,
        /// Counted from 1, the header included.
        line: u64,
        /// What is wrong with it.
        defect: RowDefect,
    },
    /// Something in a folder does not belong there.
    #[error("{}: {defect}", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        defect: FolderDefect,
    },
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowDefect {
    /// Not UTF-8, or not as many fields as the header.
    #[error("the row has {0}")]
    Malformed(String),
    /// The name could lead out of the folder or break a table.
    #[error("\"{0}\" cannot be a person's name")]
    Name(String),
    /// The name stands twice.
    #[error("person \"{0}\" stands twice")]
    Twice(String),
    /// A label, side or type that does not exist.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// A type stands twice.
    #[error("type \"{0}\" stands twice")]
    TypeTwice(SynkinesisType),
    /// Not a number from 0 to 1.
    #[error("severity \"{0}\" is no number from 0 to 1")]
    Severity(String),
    /// Healthy, and yet with a side, types or severity; or palsy with types.
    #[error("a person who is {label} cannot have a {what}")]
    Contradiction {
        /// The label.
        label: Label,
        /// The column that says otherwise.
        what: &'static str,
    },
    /// The person has no folder.
    #[error("person \"{0}\" has no folder")]
    NoFolder(String),
    /// The folder is empty.
    #[error("person \"{0}\" has no picture")]
    NoPicture(String),
}

/// What is wrong with a file or folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderDefect {
    /// The file's name is no pose with `.jpg` or `.png`.
    #[error("the file is no pose")]
    NoPose,
    /// The same pose as JPEG and as PNG.
    #[error("pose \"{0}\" is there twice")]
    PoseTwice(Pose),
    /// A folder that no row names.
    #[error("the folder belongs to nobody in {TABLE}")]
    Stray,
}

impl DataSetError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            DataSetError::NoFolder(_) => "pass the folder that holds people.csv",
            DataSetError::NoTable(_) => {
                "write people.csv with the header person,label,side,types,severity,skin,sex,age_band,source"
            }
            DataSetError::Access { .. } => {
                "check that the disk is there, has room, and that you own the files"
            }
            DataSetError::Header { .. } => {
                "the first line must be person,label,side,types,severity,skin,sex,age_band,source"
            }
            DataSetError::Nobody(_) => "add one row for each person's folder",
            DataSetError::Row { defect, .. } => defect.help(),
            DataSetError::Folder { defect, .. } => defect.help(),
        }
    }
}

impl RowDefect {
    /// What the user can do.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            RowDefect::Malformed(_) => {
                "give every row nine comma-separated fields in UTF-8, empty where unknown"
            }
            RowDefect::Name(_) => {
                "use letters, digits, \".\", \"_\" and \"-\", 64 at most, and no \".\" in front"
            }
            RowDefect::Twice(_) => "give each person one row",
            RowDefect::Unknown(_) => "use one of the known names, or leave side and types empty",
            RowDefect::TypeTwice(_) => "name each type once, joined with \"+\"",
            RowDefect::Severity(_) => "write a number from 0 to 1, or leave it empty",
            RowDefect::Contradiction { .. } => "correct the label, or leave that column empty",
            RowDefect::NoFolder(_) => "add the folder, or take the row out",
            RowDefect::NoPicture(_) => "add <pose>.jpg or <pose>.png to the folder, or take the row out",
        }
    }
}

impl FolderDefect {
    /// What the user can do.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            FolderDefect::NoPose => "name pictures <pose>.jpg or <pose>.png, and keep other files elsewhere",
            FolderDefect::PoseTwice(_) => "keep one picture a pose",
            FolderDefect::Stray => "add a row for it to people.csv, or move it away",
        }
    }
}
