//! The shortcut audit: does the network look at the face, or at what happens to come with it?
//!
//! Test pictures are changed in what says nothing of synkinesis, and go the device's way again. Whoever fails is not
//! signed, unless a reason is given that the bundle then carries.

pub mod alter;
mod gate;
mod look;
pub mod source;

pub use gate::{gate, reason_holds};
pub use look::{Looks, look};

use crate::dataset::DataSet;
use crate::training::TrainingError;
use crate::training::run_folder::{self, ANSWER, NETWORK, RunFolder, WEIGHTS};
use serde::{Deserialize, Serialize};
use synkiosk_models::pose::Side;

/// The audit's file in a run's folder.
pub const AUDIT: &str = "quantized/audit.json";

/// Mean change of the score, of 0 to 1. A cue that carries more than a tenth of the way from a certain no to a certain
/// yes, in the mean over all pictures, would be worth as much as mild synkinesis.
pub const MOST_CHANGE: f64 = 0.10;
/// Share of pictures that are called otherwise. If a tenth of all calls hang on what is not the face, then up to a tenth
/// of the accuracy does; what lies near one half falls to either side by chance, and two to five per cent do.
pub const MOST_FLIPS: f64 = 0.10;
/// Mean change on exchanging left and right in the same square. The network compares both halves and adds both ways, so
/// that only the grid of its strides differs: half of what is allowed elsewhere.
pub const MOST_MIRROR_CHANGE: f64 = 0.05;
/// Share of series whose side must be the other one in a mirror. Sides that are nearly alike may fall to either.
pub const LEAST_SWAPPED: f64 = 0.9;

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Small letters and hyphens.
    pub name: String,
    /// What was asked.
    pub question: String,
    /// What was measured; none where the question does not apply.
    pub figure: Option<f64>,
    /// Where the figure has one.
    pub interval95: Option<[f64; 2]>,
    /// What the figure is held against.
    pub limit: f64,
    /// Whether it holds.
    pub passed: bool,
    /// Why it does not apply, or what each change came to.
    pub note: String,
}

impl Check {
    /// A figure that must not be above its limit.
    pub fn of(name: &str, question: &str, figure: f64, limit: f64) -> Check {
        Check {
            name: name.to_owned(),
            question: question.to_owned(),
            figure: Some(figure),
            interval95: None,
            limit,
            passed: figure <= limit,
            note: String::new(),
        }
    }

    /// A question that cannot be put to these data.
    pub fn not_applicable(name: &str, question: &str, limit: f64, why: &str) -> Check {
        let note = format!("not applicable: {why}");
        Check { figure: None, passed: true, note, ..Check::of(name, question, 0.0, limit) }
    }
}

/// `audit.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditReport {
    /// Of this file.
    pub format: u32,
    /// SHA-256 over the audited networks, the answer rule, the data, the split and the sources.
    pub of: String,
    /// Pictures that were changed.
    pub pictures: usize,
    /// People on them.
    pub people: usize,
    /// Every check holds.
    pub passed: bool,
    /// In the order in which they are told.
    pub checks: Vec<Check>,
}

impl AuditReport {
    /// The version of the file that is written and read.
    pub const FORMAT: u32 = 2;

    /// From what the network said of the changed pictures. `sides` are those of the unwanted movement in a series and
    /// in its mirror image, where it has one.
    pub fn of(
        of: String,
        looks: &[Looks],
        people: &[source::Features],
        sides: &[[Option<Side>; 2]],
        temperature: f64,
    ) -> AuditReport {
        let mut checks = Vec::new();
        for (name, question, most_change) in [
            ("background", "everything but the face and neck replaced", MOST_CHANGE),
            ("mirror", "left and right exchanged, in the same square", MOST_MIRROR_CHANGE),
            ("mirror-found", "left and right exchanged, and the face found again", MOST_CHANGE),
            ("light", "brighter, darker, another tone curve, light from a side", MOST_CHANGE),
            ("skin", "the face alone lighter or darker", MOST_CHANGE),
        ] {
            checks.extend(moved(looks, name, question, most_change, temperature));
        }
        checks.insert(4, side_swaps(sides));
        checks.push(source::check(people));
        let passed = checks.iter().all(|check| check.passed);
        let pictures = looks.len();
        AuditReport { format: AuditReport::FORMAT, of, pictures, people: people.len(), passed, checks }
    }
}

/// A kind's changes, of which the worst counts: mean change of the score, and share called otherwise.
fn moved(looks: &[Looks], kind: &str, question: &str, most_change: f64, temperature: f64) -> [Check; 2] {
    let score = |logit: f32| 1.0 / (1.0 + (-f64::from(logit) / temperature).exp());
    let names = looks.first().map_or(&[][..], |look| &look.changed);
    let mut found: Vec<(&str, [f64; 2])> = Vec::new();
    for (index, (name, _)) in names.iter().enumerate().filter(|(_, (name, _))| name.0 == kind) {
        let pairs: Vec<(f32, f32)> =
            looks.iter().filter_map(|look| Some((look.plain, look.changed.get(index)?.1?))).collect();
        if pairs.is_empty() {
            continue;
        }
        let change: f64 = pairs.iter().map(|(a, b)| (score(*a) - score(*b)).abs()).sum();
        let flips = pairs.iter().filter(|(a, b)| (*a >= 0.0) != (*b >= 0.0)).count();
        found.push((name.1, [change, flips as f64].map(|sum| sum / pairs.len() as f64)));
    }
    let asked = [
        ("change", "mean change of the score", most_change),
        ("flips", "share called otherwise", MOST_FLIPS),
    ];
    let mut column = 0..;
    asked.map(|(what, figure, limit)| {
        let column = column.next().unwrap_or_default();
        worst(&format!("{kind}-{what}"), &format!("{question}: {figure}"), limit, &found, column)
    })
}

fn worst(name: &str, question: &str, limit: f64, found: &[(&str, [f64; 2])], column: usize) -> Check {
    let Some(most) = found.iter().map(|(_, figures)| figures[column]).reduce(f64::max) else {
        return Check::not_applicable(name, question, limit, "no picture");
    };
    let each = found.iter().map(|(change, figures)| format!("{change} {:.3}", figures[column]));
    Check { note: each.collect::<Vec<_>>().join(", "), ..Check::of(name, question, most, limit) }
}

fn side_swaps(sides: &[[Option<Side>; 2]]) -> Check {
    let question = "left and right exchanged: share of series with synkinesis whose side of unwanted movement is the other one";
    let both = |sides: &[Option<Side>; 2]| Some((sides[0]?, sides[1]?));
    let known: Vec<(Side, Side)> = sides.iter().filter_map(both).collect();
    if known.is_empty() {
        return Check::not_applicable("mirror-side", question, LEAST_SWAPPED, "no side was measured");
    }
    let swapped = known.iter().filter(|(plain, mirrored)| plain != mirrored).count();
    let figure = swapped as f64 / known.len() as f64;
    let passed = figure >= LEAST_SWAPPED;
    let note = format!("at least; {} of {} series have a side in both", known.len(), sides.len());
    Check { passed, note, ..Check::of("mirror-side", question, figure, LEAST_SWAPPED) }
}

/// What an audit is of: another network, rule or data set needs another audit.
pub fn subject(folder: &RunFolder, data: &DataSet) -> Result<String, TrainingError> {
    let config = folder.config()?;
    let mut bytes = Vec::new();
    for name in [NETWORK, WEIGHTS, ANSWER] {
        bytes.extend(run_folder::digest(&folder.read(name)?).into_bytes());
    }
    bytes.extend(config.data_digest.into_bytes());
    bytes.extend(config.split_digest.into_bytes());
    bytes.extend(config.landmarks_digest.into_bytes());
    // The data's digest is over names, labels and pictures, and knows of no sources.
    bytes.extend(data.people.iter().flat_map(|person| format!("{:?}", person.source).into_bytes()));
    Ok(run_folder::digest(&bytes))
}

/// The audit in the run's folder, if it is of what is there now.
pub fn saved(folder: &RunFolder, data: &DataSet) -> Result<Option<AuditReport>, TrainingError> {
    if !folder.path(AUDIT).is_file() {
        return Ok(None);
    }
    let report: AuditReport =
        serde_json::from_slice(&folder.read(AUDIT)?).map_err(|error| folder.damaged(AUDIT, error))?;
    let holds = report.format == AuditReport::FORMAT && report.of == subject(folder, data)?;
    // What the checks say counts, not what someone wrote above them.
    Ok(Some(report).filter(|report| holds && report.passed == report.checks.iter().all(|check| check.passed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(changes: &[(&'static str, f32)]) -> Vec<Looks> {
        let of = |plain: f32| Looks {
            plain,
            changed: changes.iter().map(|(kind, by)| ((*kind, "a change"), Some(plain + by))).collect(),
        };
        [-3.0, -0.5, 0.4, 2.5].map(of).to_vec()
    }

    fn check<'a>(report: &'a AuditReport, name: &str) -> &'a Check {
        report.checks.iter().find(|check| check.name == name).unwrap()
    }

    #[test]
    fn a_network_that_stays_passes_and_one_that_moves_fails() {
        let still = looks(&[("background", 0.0), ("mirror", 0.1), ("light", -0.1)]);
        let report = AuditReport::of("x".to_owned(), &still, &[], &[], 1.0);
        assert!(report.passed, "{report:?}");
        assert_eq!(check(&report, "background-change").figure, Some(0.0));
        assert_eq!(check(&report, "skin-flips").figure, None);

        let moving = looks(&[("background", 0.0), ("background", 1.0), ("mirror", 0.0)]);
        let report = AuditReport::of("x".to_owned(), &moving, &[], &[], 1.0);
        assert!(!report.passed);
        let flips = check(&report, "background-flips");
        assert_eq!((flips.figure, flips.passed), (Some(0.25), false));
        assert!(check(&report, "mirror-change").passed);
    }

    #[test]
    fn the_side_must_swap_in_a_mirror() {
        let (right, left) = (Some(Side::Right), Some(Side::Left));
        let good = vec![[right, left]; 10];
        let mut bad = good.clone();
        bad[..2].fill([right, right]);
        bad[2] = [None, left];
        let passed = |sides: &[_]| side_swaps(sides).passed;
        assert!(passed(&good) && !passed(&bad));
        assert!(side_swaps(&[[None, right]]).note.contains("no side"));
    }

    #[test]
    fn names_are_those_that_a_manifest_takes() {
        let report = AuditReport::of("x".to_owned(), &looks(&[("light", 9.0)]), &[], &[], 1.0);
        let names: Vec<&str> = report.checks.iter().map(|check| check.name.as_str()).collect();
        assert_eq!(names.len(), 12);
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<AuditReport>(&text).unwrap(), report);
    }
}
