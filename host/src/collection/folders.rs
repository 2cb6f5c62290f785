//! What lies in the folders, before any picture is opened.

use super::finding::{Defect, Finding};
use super::foreign::Foreign;
use super::names::{plain_picture, within};
use super::table::Table;
use crate::dataset::{self, DataSetError, FolderDefect, Picture, RowDefect, TABLE};
use std::path::Path;
use synkiosk_models::pose::Pose;

/// One person's folder, whoever it belongs to.
#[derive(Debug)]
pub(super) struct Folder {
    /// Its name.
    pub(super) name: String,
    /// Files with the name of a pose.
    pub(super) pictures: Vec<Picture>,
}

/// Every folder of the collection, sorted; what does not belong becomes a finding.
pub(super) fn read(
    root: &Path,
    table: &Table,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Folder>, DataSetError> {
    let mut folders = Vec::new();
    for name in dataset::list(root)? {
        let path = root.join(&name);
        if name.starts_with('.') {
            continue;
        }
        if !path.is_dir() {
            loose_picture(&name, findings);
            continue;
        }
        if !table.names(&name) {
            let defect = FolderDefect::Stray;
            findings.push(Finding::new(&name, Defect::Folder { defect, better: None }));
        }
        folders.push(Folder { pictures: pictures(root, &path, findings)?, name });
    }
    for (person, line) in table.people() {
        let defect = match folders.iter().find(|folder| folder.name == person.name) {
            None => RowDefect::NoFolder(person.name.clone()),
            Some(folder) if folder.pictures.is_empty() => RowDefect::NoPicture(person.name.clone()),
            Some(_) => continue,
        };
        findings.push(Finding::new(TABLE, Defect::Row { line, defect, better: None }));
    }
    Ok(folders)
}

/// Other files beside the table are nobody's business, but a picture there will be missed.
fn loose_picture(name: &str, findings: &mut Vec<Finding>) {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let picture = ["jpg", "jpeg", "png"].iter().any(|known| ending.eq_ignore_ascii_case(known));
    if let Some(foreign) = Foreign::by_ending(ending) {
        findings.push(Finding::new(name, Defect::Foreign(foreign)));
    } else if picture {
        findings.push(Finding::new(name, Defect::Folder { defect: FolderDefect::NoPose, better: None }));
    }
}

fn pictures(root: &Path, folder: &Path, findings: &mut Vec<Finding>) -> Result<Vec<Picture>, DataSetError> {
    let mut pictures: Vec<Picture> = Vec::new();
    for entry in dataset::list(folder)? {
        let path = folder.join(&entry);
        let at = within(root, &path);
        match dataset::pose_of(&path, &entry) {
            _ if entry.starts_with('.') => {}
            Some(pose) if pictures.iter().any(|picture| picture.pose == pose) => {
                let defect = FolderDefect::PoseTwice(pose);
                findings.push(Finding::new(at, Defect::Folder { defect, better: None }));
            }
            Some(pose) => pictures.push(Picture { pose, path }),
            None => findings.push(Finding::new(at, no_pose(folder, &entry))),
        }
    }
    pictures.sort_by_key(|picture| picture.pose);
    Ok(pictures)
}

fn no_pose(folder: &Path, entry: &str) -> Defect {
    let ending = entry.rsplit_once('.').map_or("", |(_, ending)| ending);
    if let Some(foreign) = Foreign::by_ending(ending) {
        return Defect::Foreign(foreign);
    }
    // A name that is taken already would be no help.
    let better = plain_picture(entry).filter(|better| !folder.join(better).exists());
    Defect::Folder { defect: FolderDefect::NoPose, better }
}

/// Poses that some picture of the folder shows.
impl Folder {
    pub(super) fn has(&self, pose: Pose) -> bool {
        self.pictures.iter().any(|picture| picture.pose == pose)
    }
}
