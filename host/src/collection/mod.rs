//! What is wrong with a collection of pictures, all of it at once, before anything is trained.
//!
//! `DataSet::read` stops at the first defect, because nothing half-checked may be trained on. Here nothing stops:
//! every defect becomes a [`Finding`]. Invariant: nothing is written, so that an interrupted check leaves no trace.
//! Pictures are looked at one by one; of each only its size, its digest and its hash are kept.

mod confounding;
mod finding;
mod folders;
mod foreign;
mod names;
mod near_duplicates;
mod people_needed;
mod pictures;
mod poses;
mod table;

pub use finding::{Defect, Finding, Kind, Severity};
pub use foreign::Foreign;
pub use people_needed::{Asked, half_width};

use crate::dataset::{DataSetError, Person};
use folders::Folder;
use pictures::Seen;
use serde::Serialize;
use std::path::Path;

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// People with a sound row and a folder.
    pub people: usize,
    /// Pictures that were looked at.
    pub pictures: usize,
    /// Those that training could use.
    pub usable: usize,
    /// In the order of the checks, each in the order of the people.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Findings of this weight.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether something could not be looked at for reasons of the system, not of the collection.
    pub fn is_partial(&self) -> bool {
        self.findings.iter().any(|finding| matches!(finding.defect, Defect::Access(_)))
    }
}

/// A person's folder and what its pictures showed.
struct Member<'a> {
    folder: &'a Folder,
    person: Option<&'a Person>,
    seen: &'a [Seen],
}

impl Member<'_> {
    fn usable(&self) -> impl Iterator<Item = &Seen> {
        self.seen.iter().filter(|seen| seen.looks.is_some())
    }
}

/// Looks at everything in `root`. `length` is told the number of pictures, `step` is called once for each.
pub fn check(
    root: &Path,
    asked: &Asked,
    length: impl Fn(usize),
    step: impl Fn() + Sync,
) -> Result<Report, DataSetError> {
    if !root.is_dir() {
        return Err(DataSetError::NoFolder(root.to_owned()));
    }
    let mut findings = Vec::new();
    let table = table::read(root, &mut findings)?;
    let folders = folders::read(root, &table, &mut findings)?;
    length(folders.iter().map(|folder| folder.pictures.len()).sum());
    let seen = pictures::look(root, &folders, step, &mut findings);
    let members: Vec<Member> = folders
        .iter()
        .zip(&seen)
        .map(|(folder, seen)| Member { folder, person: table.person(&folder.name), seen })
        .collect();
    near_duplicates::find(root, &members, &mut findings);
    poses::missing(&members, &mut findings);
    confounding::find(&members, &mut findings);
    people_needed::check(&members, asked, &mut findings);
    Ok(Report {
        people: members.iter().filter(|member| member.person.is_some()).count(),
        pictures: seen.iter().map(Vec::len).sum(),
        usable: members.iter().map(|member| member.usable().count()).sum(),
        findings,
    })
}

#[cfg(test)]
mod tests;
