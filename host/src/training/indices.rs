//! How well the indices of movement follow the renderer's true couplings.
//!
//! A rendered data set says in `truth.csv` how strongly each unwanted movement was drawn, 0 for people without
//! synkinesis. Over all people of a held-out set, an index is to follow it with a correlation of 0.8 and more.

use super::landmarks::truth::TruthError;
use crate::synth::truth::TABLE;
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;
use synkiosk_models::evidence::{Indices, indices};
use synkiosk_models::landmarks::Measured;
use synkiosk_models::pose::{Pose, SynkinesisType};

/// Strengths of one person's unwanted movements, in the order of `SynkinesisType::ALL`.
pub type Couplings = [f32; 4];

/// How one index follows the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Which index.
    pub kind: SynkinesisType,
    /// People who have one.
    pub people: usize,
    /// Pearson's correlation; `None` where nothing varies.
    pub correlation: Option<f64>,
}

/// True couplings by person, from the table of a rendered data set.
pub fn couplings(data: &Path) -> Result<HashMap<String, Couplings>, TruthError> {
    let path = data.join(TABLE);
    let unreadable = |source| TruthError::Read { path: path.clone(), source };
    let mut reader = csv::Reader::from_path(&path).map_err(unreadable)?;
    let header = reader.headers().map_err(unreadable)?.clone();
    let find = |name: &str| {
        let missing = || TruthError::Column { path: path.clone(), column: name.to_owned() };
        header.iter().position(|known| known == name).ok_or_else(missing)
    };
    let person = find("person")?;
    let mut columns = [0; 4];
    for (column, kind) in columns.iter_mut().zip(SynkinesisType::ALL) {
        *column = find(&format!("coupling_{}", kind.name().replace('-', "_")))?;
    }
    let mut people = HashMap::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(unreadable)?;
        let mut strengths = [0.0; 4];
        for (strength, column) in strengths.iter_mut().zip(columns) {
            let read = record.get(column).and_then(|cell| cell.parse().ok());
            *strength = read.ok_or_else(|| TruthError::Row { path: path.clone(), line: index + 2 })?;
        }
        people.insert(record.get(person).unwrap_or_default().to_owned(), strengths);
    }
    Ok(people)
}

/// How each index of these people's series follows the truth.
pub fn agreement<'a>(
    people: impl IntoIterator<Item = (&'a [(Pose, Measured)], Couplings)>,
) -> Vec<Agreement> {
    let found: Vec<(Indices, Couplings)> =
        people.into_iter().map(|(series, truth)| (indices(series), truth)).collect();
    let of_kind = |(at, kind): (usize, &SynkinesisType)| {
        let pairs = found.iter().filter_map(|(found, truth)| {
            found.get(*kind).map(|index| (f64::from(index.value), f64::from(truth[at])))
        });
        let pairs: Vec<(f64, f64)> = pairs.collect();
        Agreement { kind: *kind, people: pairs.len(), correlation: correlation(&pairs) }
    };
    SynkinesisType::ALL.iter().enumerate().map(of_kind).collect()
}

/// Pearson's correlation.
pub fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let count = pairs.len() as f64;
    let sum = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
    let (mean_a, mean_b) = (sum(|pair| pair.0) / count, sum(|pair| pair.1) / count);
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        let (a, b) = (a - mean_a, b - mean_b);
        both += a * b;
        of_a += a * a;
        of_b += b * b;
    }
    (of_a > 0.0 && of_b > 0.0).then(|| both / (of_a * of_b).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{
        camera::Camera, grid::Grid, identity::Identity, landmarks, lids::EyeLids, movement::deform,
        random::Random,
    };
    use crate::synth::{
        cast::{Member, Plan, Protocol},
        nerve::FacialNerve,
        poses::{distract, voluntary},
        session::surroundings,
    };
    use synkiosk_models::landmarks::{Activity, Landmarks};

    /// Noise of landmarks in interocular distances, and of activities: what the second network is expected to leave.
    const NOISE: (f32, f32) = (0.01, 0.1);
    /// What a session takes unless the bundle says otherwise.
    const SESSION: [Pose; 4] = [Pose::Rest, Pose::TightClosure, Pose::OpenSmile, Pose::Pucker];

    /// A person's series as a noisy second network would measure it, without drawing a picture.
    fn acted(plan: &Plan, member: &Member) -> (Vec<(Pose, Measured)>, Couplings) {
        let stream = |purpose: &str| Random::stream(plan.seed, "indices", member.index, None, purpose);
        let who = Identity::random(stream("identity"));
        let grid = Grid::new(&who, 0.5);
        let nerve = FacialNerve::random(member, stream("nerve"));
        let mut noise = stream("noise");
        let series = member.poses.iter().map(|pose| {
            let mut effort = stream(pose.name());
            let mut actions = nerve.carry_out(&voluntary(*pose, stream("habit"), &mut effort));
            distract(&mut actions, &mut effort);
            let lids = EyeLids::new(&who, &actions);
            let skin = deform(&grid, &actions, &lids);
            let camera = Camera::new(&surroundings(plan, member, *pose).view);
            let mut points = landmarks::Landmarks::project(&who, &grid, &skin, &lids, &camera).points;
            let unit = Landmarks::new(points).expect("a face").interocular();
            for value in points.as_flattened_mut() {
                *value += NOISE.0 * unit * noise.normal();
            }
            let mut level = |value: f32| value + NOISE.1 * noise.normal();
            let activity = Activity {
                chin_right: level(actions.chin_raise.right),
                chin_left: level(actions.chin_raise.left),
                neck_right: level(actions.platysma.right),
                neck_left: level(actions.platysma.left),
            };
            (*pose, Measured { landmarks: Landmarks::new(points).expect("a face"), activity })
        });
        let series = series.collect();
        let truth = nerve.couplings();
        (series, [truth.ocular_oral, truth.oral_ocular, truth.mentalis, truth.platysma])
    }

    /// Healthy people, palsy without synkinesis and synkinesis, as in a clinic.
    #[test]
    fn every_index_follows_the_true_coupling() {
        let (people, seed) = (80, 31);
        let plan = Plan { protocol: Protocol::Clinical, seed, people, poses: None, width: 96, height: 96 };
        let all: Vec<_> = plan.cast().iter().map(|member| acted(&plan, member)).collect();
        let session: Vec<(Vec<_>, Couplings)> = all
            .iter()
            .map(|(series, truth)| {
                (series.iter().filter(|(pose, _)| SESSION.contains(pose)).copied().collect(), *truth)
            })
            .collect();
        for (name, people) in [("nine poses", &all), ("session", &session)] {
            for found in agreement(people.iter().map(|(series, truth)| (&series[..], *truth))) {
                println!(
                    "{name}: {} {:.3} over {} people",
                    found.kind,
                    found.correlation.unwrap_or(f64::NAN),
                    found.people
                );
                assert_eq!(found.people, 80);
                assert!(found.correlation >= Some(0.8), "{name}: {found:?}");
            }
        }
    }

    #[test]
    fn a_correlation_is_pearsons() {
        assert_eq!(correlation(&[(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]), Some(1.0));
        let weak = correlation(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 2.0)]).expect("something varies");
        assert!((weak - 0.316_227_77).abs() < 1e-6, "{weak}");
        assert_eq!(correlation(&[(1.0, 2.0), (1.0, 3.0)]), None);
        assert_eq!(correlation(&[]), None);
    }

    #[test]
    fn true_couplings_are_read_by_person() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let header =
            "person,pose,coupling_ocular_oral,coupling_oral_ocular,coupling_mentalis,coupling_platysma";
        std::fs::write(folder.path().join(TABLE), format!("{header}\nanna,rest,0.5,0,0.25,1\n"))
            .expect("written");
        assert_eq!(couplings(folder.path()).expect("read")["anna"], [0.5, 0.0, 0.25, 1.0]);
        std::fs::write(folder.path().join(TABLE), format!("{header}\nanna,rest,0.5,x,0.25,1\n"))
            .expect("written");
        assert!(couplings(folder.path()).is_err());
    }
}
