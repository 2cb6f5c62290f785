//! The same picture under two people's names, or in two poses of one person.

use super::Member;
use super::finding::{Defect, Finding};
use super::names::within;
use crate::training::near_duplicates::{Look, MOST_DIFFERENT_BITS};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

#[derive(Clone, Copy)]
struct Print<'a> {
    member: usize,
    path: &'a Path,
    looks: Option<[Look; 2]>,
}

/// Each picture is named once, with the first other one that it resembles.
pub(super) fn find(root: &Path, members: &[Member], findings: &mut Vec<Finding>) {
    let mut first: HashMap<[u8; 32], Print> = HashMap::new();
    let mut prints: Vec<Print> = Vec::new();
    for (member, one) in members.iter().enumerate() {
        for (picture, seen) in one.folder.pictures.iter().zip(one.seen) {
            let Some(digest) = seen.digest.filter(|_| seen.size.is_some()) else { continue };
            let print = Print { member, path: &picture.path, looks: seen.looks };
            let double = match first.entry(digest) {
                Entry::Occupied(earlier) => Some(same_file(root, earlier.get(), member)),
                // A later copy would resemble whatever the first one does.
                Entry::Vacant(free) => {
                    free.insert(print);
                    let near = seen.looks.and_then(|looks| nearest(root, &prints, member, &looks));
                    prints.push(print);
                    near
                }
            };
            findings.extend(double.map(|defect| Finding::new(within(root, &picture.path), defect)));
        }
    }
}

fn same_file(root: &Path, earlier: &Print, member: usize) -> Defect {
    let other = within(root, earlier.path);
    if earlier.member == member { Defect::SamePose(other) } else { Defect::Double { other, distance: None } }
}

fn nearest(root: &Path, prints: &[Print], member: usize, looks: &[Look; 2]) -> Option<Defect> {
    let others = prints.iter().filter(|print| print.member != member);
    let distance = |print: &Print| {
        let [look, _] = print.looks?;
        Some(looks[0].distance(&look).min(looks[1].distance(&look)))
    };
    let near = others.filter_map(|print| Some((distance(print)?, print)));
    let (distance, print) =
        near.filter(|(distance, _)| *distance <= MOST_DIFFERENT_BITS).min_by_key(|near| near.0)?;
    Some(Defect::Double { other: within(root, print.path), distance: Some(distance) })
}
