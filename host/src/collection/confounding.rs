//! Whether something beside the face tells who has synkinesis.
//!
//! For each value of each attribute (source, skin, sex, age band; size and format of the pictures; poses taken) the
//! people with and without the value, and with and without synkinesis, make a table of four numbers. Fisher's exact
//! test (1922, two-sided) says how often chance alone makes one as uneven; what stays below 1 % over the number of
//! the attribute's values (Bonferroni) is a finding. An attribute of how the pictures were taken that leaves each of
//! its values with one class only is an error from two people of each class on, whatever the test says.

use super::Member;
use super::finding::{Defect, Finding};
use crate::dataset::Person;
use std::collections::{BTreeMap, BTreeSet};
use synkiosk_models::pose::{Label, Pose};

/// Chance of a false alarm for an attribute.
const LEVEL: f64 = 0.01;
/// An attribute with nearly as many values as people says nothing of a group.
const LEAST_PEOPLE_PER_VALUE: usize = 3;

/// One attribute's value of each person; none where unknown.
struct Attribute {
    name: &'static str,
    technical: bool,
    values: Vec<(Option<String>, bool)>,
}

/// Tests every attribute.
pub(super) fn find(members: &[Member], findings: &mut Vec<Finding>) {
    let people: Vec<(&Member, &Person)> =
        members.iter().filter_map(|member| Some((member, member.person?))).collect();
    for attribute in attributes(&people) {
        attribute.find(findings);
    }
}

fn attributes(people: &[(&Member, &Person)]) -> Vec<Attribute> {
    let attribute = |name, technical, value: &dyn Fn(&Member, &Person) -> Option<String>| Attribute {
        name,
        technical,
        values: people
            .iter()
            .map(|(member, person)| (value(member, person), person.label == Label::Synkinesis))
            .collect(),
    };
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut all = vec![
        attribute("source", true, &|_, person| known(&person.source)),
        attribute("picture size", true, &|member, _| {
            let size = |(long, short)| format!("{long}x{short}");
            usual(member.seen.iter().filter_map(|seen| seen.size).map(size))
        }),
        attribute("picture format", true, &|member, _| {
            usual(member.seen.iter().filter_map(|seen| seen.format).map(str::to_owned))
        }),
        attribute("skin", false, &|_, person| known(&person.skin)),
        attribute("sex", false, &|_, person| known(&person.sex)),
        attribute("age band", false, &|_, person| known(&person.age_band)),
    ];
    all.extend(Pose::ALL.iter().map(|pose| {
        let taken = |member: &Member, _: &Person| member.folder.has(*pose).then(|| pose.to_string());
        let mut poses = attribute("pose", false, &taken);
        // Not taken is known as well.
        poses.values.iter_mut().for_each(|(value, _)| _ = value.get_or_insert_default());
        poses
    }));
    all
}

/// The most frequent value.
fn usual(values: impl Iterator<Item = String>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(value, _)| value)
}

impl Attribute {
    fn find(&self, findings: &mut Vec<Finding>) {
        let known: Vec<(&str, bool)> =
            self.values.iter().filter_map(|(value, positive)| Some((value.as_deref()?, *positive))).collect();
        let names: BTreeSet<&str> = known.iter().map(|(value, _)| *value).collect();
        if names.len() < 2 || names.len() * LEAST_PEOPLE_PER_VALUE > known.len() {
            return;
        }
        let positives = known.iter().filter(|(_, positive)| *positive).count();
        if self.technical && is_separated(&known, &names) && positives.min(known.len() - positives) >= 2 {
            findings.push(Finding::new("", Defect::Separated { attribute: self.name }));
            return;
        }
        let level = LEVEL / names.len() as f64;
        for value in names.iter().filter(|value| !value.is_empty()) {
            let with = |positive| known.iter().filter(|one| **one == (*value, positive)).count();
            let (inside, inside_all) = (with(true), with(true) + with(false));
            let (outside, outside_all) = (positives - inside, known.len() - inside_all);
            let p = fisher(inside, inside_all, positives, known.len());
            if p < level {
                let (attribute, technical, value) = (self.name, self.technical, (*value).to_owned());
                let defect = Defect::Confounded {
                    attribute,
                    value,
                    inside,
                    inside_all,
                    outside,
                    outside_all,
                    p,
                    technical,
                };
                findings.push(Finding::new("", defect));
                if names.len() == 2 {
                    // The other value is the same table.
                    return;
                }
            }
        }
    }
}

fn is_separated(known: &[(&str, bool)], names: &BTreeSet<&str>) -> bool {
    let both = |name: &&str| [true, false].into_iter().all(|positive| known.contains(&(*name, positive)));
    !names.iter().any(both)
}

/// Fisher's exact test, two-sided: `inside` positives among `inside_all` drawn from `all`, which hold `positives`.
pub(super) fn fisher(inside: usize, inside_all: usize, positives: usize, all: usize) -> f64 {
    let factorials: Vec<f64> = std::iter::once(0.0)
        .chain((1..=all).scan(0.0, |sum: &mut f64, k| {
            *sum += (k as f64).ln();
            Some(*sum)
        }))
        .collect();
    let choose = |n: usize, k: usize| factorials[n] - factorials[k] - factorials[n - k];
    let log_chance = |hits: usize| {
        choose(positives, hits) + choose(all - positives, inside_all - hits) - choose(all, inside_all)
    };
    let least = (inside_all + positives).saturating_sub(all);
    // Tables exactly as unlikely count; rounding must not leave them out.
    let seen = log_chance(inside) + 1e-9;
    (least..=inside_all.min(positives))
        .map(log_chance)
        .filter(|log| *log <= seen)
        .map(f64::exp)
        .sum::<f64>()
        .min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fisher_gives_the_tea_ladys_chances() {
        // Four cups of four known: 1 in 70 one-sided, so 2 in 70.
        assert!((fisher(4, 4, 4, 8) - 2.0 / 70.0).abs() < 1e-9);
        // Three of four: 16 in 70 and 1 in 70, on both sides.
        assert!((fisher(3, 4, 4, 8) - 34.0 / 70.0).abs() < 1e-9);
        assert!((fisher(5, 10, 10, 20) - 1.0).abs() < 1e-9);
        assert!(fisher(20, 20, 20, 10_000) < 1e-50);
        assert_eq!(fisher(0, 0, 0, 0), 1.0);
    }

    fn findings(values: &[(&str, usize, usize)], technical: bool) -> Vec<String> {
        let mut all = Vec::new();
        for (value, positive, negative) in values {
            all.extend(vec![(Some((*value).to_owned()), true); *positive]);
            all.extend(vec![(Some((*value).to_owned()), false); *negative]);
        }
        let mut findings = Vec::new();
        Attribute { name: "source", technical, values: all }.find(&mut findings);
        findings.iter().map(|finding| format!("{}: {}", finding.severity, finding.defect)).collect()
    }

    #[test]
    fn a_source_that_tells_the_label_is_found_and_chance_is_not() {
        let separated =
            "error: source alone tells the label: no source has people with and without synkinesis";
        assert_eq!(findings(&[("clinic", 3, 0), ("web", 0, 3)], true), [separated]);
        assert_eq!(findings(&[("clinic", 10, 9), ("web", 8, 11)], true), [""; 0]);
        let one_sided = findings(&[("clinic", 20, 10), ("web", 0, 20)], true);
        assert_eq!(one_sided.len(), 1);
        assert!(
            one_sided[0].starts_with(
                "error: source \"clinic\": 20 of 30 people have synkinesis, of the others 0 of 20"
            )
        );
        let three = findings(&[("clinic", 20, 10), ("web", 0, 20), ("archive", 9, 9)], true);
        assert!(three[0].starts_with("error: source") || three[1].starts_with("error: source"), "{three:?}");
        let people = findings(&[("female", 20, 5), ("male", 5, 20)], false);
        assert!(
            people[0]
                .starts_with("warning: source \"female\": 20 of 25 people have synkinesis, of the others")
        );
        assert_eq!(findings(&[("a", 1, 0), ("b", 0, 1), ("c", 1, 0)], true), [""; 0]);
    }
}
