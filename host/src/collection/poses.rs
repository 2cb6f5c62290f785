//! Poses that a person lacks although most others have them. A collection of one pose alone is no defect.

use super::Member;
use super::finding::{Defect, Finding};
use synkiosk_models::pose::Pose;

/// Compares each person with those of the same label: controls may be taken in one pose only.
pub(super) fn missing(members: &[Member], findings: &mut Vec<Finding>) {
    for member in members {
        let Some(person) = member.person else { continue };
        let alike =
            || members.iter().filter(|other| other.person.is_some_and(|one| one.label == person.label));
        let usual =
            |pose: &Pose| 2 * alike().filter(|other| other.folder.has(*pose)).count() > alike().count();
        let lacking: Vec<Pose> =
            Pose::ALL.iter().copied().filter(|pose| usual(pose) && !member.folder.has(*pose)).collect();
        if !lacking.is_empty() {
            findings.push(Finding::new(&person.name, Defect::MissingPoses(lacking)));
        }
    }
}
