//! Whether enough people come into the test to say anything of it.
//!
//! The split that `train` would draw puts so many people of a class into the test; if nine in ten of them are called
//! right, Wilson's 95 % interval (1927) of sensitivity or specificity is so wide. A wider one can still come out.

use super::Member;
use super::finding::{Defect, Finding};
use crate::dataset::Person;
use crate::training::settings::{Protocol, Settings};
use crate::training::split::{Part, Split};
use std::fmt;
use synkiosk_models::pose::Label;

/// Share called right for which intervals are planned.
const PLANNED: f64 = 0.9;
/// Half of the interval where nothing is asked, percentage points.
const USUAL: f64 = 15.0;

/// What the people must be enough for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// How `train` will divide them.
    pub protocol: Protocol,
    /// Half of the 95 % interval, percentage points; without it a wide one is a warning only.
    pub interval: Option<f64>,
}

/// A class of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// They decide the sensitivity.
    With,
    /// They decide the specificity.
    Without,
}

impl Class {
    /// What they decide.
    pub fn measure(self) -> &'static str {
        match self {
            Class::With => "sensitivity",
            Class::Without => "specificity",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Class::With => "with synkinesis",
            Class::Without => "without synkinesis",
        })
    }
}

/// Half of Wilson's 95 % interval for a share of `total`, 0 to 1.
pub fn half_width(share: f64, total: usize) -> f64 {
    // The standard normal's 97.5 % quantile.
    const Z: f64 = 1.959_963_984_540_054;
    let count = total as f64;
    Z * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt() / (1.0 + Z * Z / count)
}

/// Divides the usable people as `train --seed 1` would.
pub(super) fn check(members: &[Member], asked: &Asked, findings: &mut Vec<Finding>) {
    let usable = |member: &Member| {
        let mut person = member.person?.clone();
        person.pictures.clone_from(&member.folder.pictures);
        member.usable().next().map(|_| person)
    };
    let people: Vec<Person> = members.iter().filter_map(usable).collect();
    let settings = Settings::of(asked.protocol, 1);
    let split = Split::draw(&people, settings.shares, settings.seed);
    for class in [Class::With, Class::Without] {
        let is_class = |person: &&Person| (person.label == Label::Synkinesis) == (class == Class::With);
        let count = |part: Part| {
            people.iter().filter(is_class).filter(|person| split.part_of(&person.name) == Some(part)).count()
        };
        let all = people.iter().filter(is_class).count();
        findings
            .extend(judge(class, all, Part::ALL.map(count), asked).map(|defect| Finding::new("", defect)));
    }
}

fn judge(class: Class, people: usize, parts: [usize; 3], asked: &Asked) -> Option<Defect> {
    if parts.contains(&0) {
        return Some(Defect::TooFewToDivide { class, people });
    }
    let test = parts[Part::Test as usize];
    let (within, limit) = (100.0 * half_width(PLANNED, test), asked.interval.unwrap_or(USUAL));
    if within <= limit {
        return None;
    }
    let enough = (test..1_000_000).find(|count| 100.0 * half_width(PLANNED, *count) <= limit)?;
    let needed = (enough * people).div_ceil(test);
    Some(Defect::WideInterval {
        class,
        people,
        test,
        within,
        asked: limit,
        needed,
        insisted: asked.interval.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::metrics::wilson95;

    #[test]
    fn widths_are_those_of_the_report() {
        for total in [10, 20, 100] {
            let [low, high] = wilson95((total * 9 / 10, total)).unwrap();
            assert!((half_width(0.9, total) - (high - low) / 2.0).abs() < 1e-9, "{total}");
        }
    }

    #[test]
    fn too_few_are_named_with_the_number_needed() {
        let asked = |interval| Asked { protocol: Protocol::Clinical, interval };
        let said = |people, parts, interval| judge(Class::With, people, parts, &asked(interval));
        assert_eq!(said(1000, [700, 100, 200], None), None);
        assert_eq!(said(2, [1, 0, 1], None), Some(Defect::TooFewToDivide { class: Class::With, people: 2 }));
        let Some(Defect::WideInterval { needed, test: 8, .. }) = said(40, [28, 4, 8], Some(10.0)) else {
            panic!("an interval of 8 people is wide")
        };
        // 34 of 170 test people: 9.98 points; 33 would not do.
        assert!(half_width(0.9, needed / 5) <= 0.1 && half_width(0.9, needed / 5 - 1) > 0.1, "{needed}");
        let loose = Finding::new("", said(40, [28, 4, 8], None).unwrap());
        assert_eq!(loose.severity, super::super::Severity::Warning);
    }
}
