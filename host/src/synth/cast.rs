//! Who is in a data set: names, labels, severities, and the poses that each person takes.

use crate::render::random::Random;
use synkiosk_models::pose::{Label, Pose, Side, SynkinesisType};

/// How a data set is composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The study's: 70 people with synkinesis in three poses each, and 175 healthy people in one of these.
    Paper,
    /// What a clinic sees: 40 % healthy, 25 % palsy without and 35 % with synkinesis, in nine poses.
    Clinical,
    /// As in `clinical`, but heads are turned, tilted and leaned as far as the detector finds them, near and far: for the
    /// network of landmarks, which must know a turned head to refuse it.
    Turned,
    /// One healthy person and one with synkinesis, in nine poses and one room each.
    Demo,
}

/// The three poses of the `paper` protocol.
pub const PAPER_POSES: [Pose; 3] = [Pose::TightClosure, Pose::OpenSmile, Pose::Pucker];
const PAPER_SYNKINESIS: usize = 70;
const PAPER_HEALTHY: usize = 175;

/// What is to be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How the data set is composed.
    pub protocol: Protocol,
    /// Everything follows from it.
    pub seed: u64,
    /// Number of people in the protocols `clinical` and `turned`.
    pub people: usize,
    /// Poses to take instead of the protocol's.
    pub poses: Option<Vec<Pose>>,
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// One person of the data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Folder name; says nothing about the label, except in the demo.
    pub name: String,
    /// Counted from 0; names the person's streams.
    pub index: u64,
    /// What is known of the face.
    pub label: Label,
    /// The affected side.
    pub side: Option<Side>,
    /// Kinds of unwanted movement.
    pub types: Vec<SynkinesisType>,
    /// 0 none to 1; 0.35 is about grade 1 of 3 of the Sunnybrook synkinesis score in the movements concerned.
    pub severity: Option<f32>,
    /// What is photographed.
    pub poses: Vec<Pose>,
}

impl Protocol {
    /// Keeps streams of different protocols apart: nobody is in two of them.
    pub fn domain(self) -> &'static str {
        match self {
            Protocol::Paper => "paper",
            Protocol::Clinical => "clinical",
            Protocol::Turned => "turned",
            Protocol::Demo => "demo: never in training",
        }
    }

    /// Photographs are taken as a clinic's photographer takes them, as the study's series were: the head upright
    /// and straight ahead, soft light from the front, no glasses, no hat. Whoever is photographed, ill or not.
    pub fn is_standardized(self) -> bool {
        self == Protocol::Paper
    }

    /// Pictures of one person share room and light.
    pub fn is_one_session(self) -> bool {
        self == Protocol::Demo
    }
}

/// The mildest synkinesis that is drawn.
const LEAST_SEVERITY: f32 = 0.35;
/// The same for the study's people, who were patients of a center for facial palsy.
const PAPER_LEAST_SEVERITY: f32 = 0.75;

impl Plan {
    /// Everybody, in the order of their names.
    pub fn cast(&self) -> Vec<Member> {
        let mut labels = match self.protocol {
            Protocol::Paper => {
                repeated(&[(Label::Synkinesis, PAPER_SYNKINESIS), (Label::Healthy, PAPER_HEALTHY)])
            }
            Protocol::Clinical | Protocol::Turned => clinical_labels(self.people),
            Protocol::Demo => vec![Label::Healthy, Label::Synkinesis],
        };
        if self.protocol != Protocol::Demo {
            Random::stream(self.seed, self.protocol.domain(), 0, None, "order").shuffle(&mut labels);
        }
        labels.into_iter().enumerate().map(|(index, label)| self.member(index as u64, label)).collect()
    }

    fn member(&self, index: u64, label: Label) -> Member {
        let stream = |purpose| Random::stream(self.seed, self.protocol.domain(), index, None, purpose);
        let mut palsy = stream("palsy");
        let side = if palsy.chance(0.5) { Side::Right } else { Side::Left };
        // Skewed toward severe, as in a center that people are referred to.
        let least = if self.protocol == Protocol::Paper { PAPER_LEAST_SEVERITY } else { LEAST_SEVERITY };
        let severity = least + (1.0 - least) * palsy.unit().powf(0.6);
        let types = match self.protocol {
            // Somebody who shows a visitor what is looked for.
            Protocol::Demo => SynkinesisType::ALL.to_vec(),
            Protocol::Paper => with_both_cardinal_types(draw_types(&mut palsy)),
            Protocol::Clinical | Protocol::Turned => draw_types(&mut palsy),
        };
        Member {
            name: self.name(index, label),
            index,
            label,
            side: (label != Label::Healthy).then_some(side),
            types: if label == Label::Synkinesis { types } else { Vec::new() },
            severity: (label != Label::Healthy).then_some(severity),
            poses: self.poses_of(label, &mut stream("pose")),
        }
    }

    fn name(&self, index: u64, label: Label) -> String {
        match self.protocol {
            Protocol::Demo => format!("{}-one", label.name()),
            _ => format!("person-{:04}", index + 1),
        }
    }

    fn poses_of(&self, label: Label, r: &mut Random) -> Vec<Pose> {
        let asked = self.poses.clone();
        match (self.protocol, label) {
            (Protocol::Paper, Label::Healthy) => {
                let from = asked.unwrap_or(PAPER_POSES.to_vec());
                vec![from[r.below(from.len())]]
            }
            (Protocol::Paper, _) => asked.unwrap_or(PAPER_POSES.to_vec()),
            _ => asked.unwrap_or(Pose::ALL.to_vec()),
        }
    }
}

fn repeated(counts: &[(Label, usize)]) -> Vec<Label> {
    counts.iter().flat_map(|(label, count)| std::iter::repeat_n(*label, *count)).collect()
}

fn clinical_labels(people: usize) -> Vec<Label> {
    let healthy = (people * 40 + 50) / 100;
    let palsy = (people * 25 + 50) / 100;
    let synkinesis = people.saturating_sub(healthy + palsy);
    repeated(&[(Label::Healthy, healthy), (Label::Palsy, palsy), (Label::Synkinesis, synkinesis)])
}

/// Those whom the study could call ill from any single one of its three poses: the eye moves with the mouth, and
/// the mouth with the eye.
fn with_both_cardinal_types(drawn: Vec<SynkinesisType>) -> Vec<SynkinesisType> {
    let cardinal = |kind| matches!(kind, SynkinesisType::OcularOral | SynkinesisType::OralOcular);
    SynkinesisType::ALL.iter().copied().filter(|kind| cardinal(*kind) || drawn.contains(kind)).collect()
}

/// At least two types, and always one of the two between eye and mouth, which 82 to 89 % of patients have.
fn draw_types(r: &mut Random) -> Vec<SynkinesisType> {
    let share = r.unit();
    let (ocular_oral, oral_ocular) = (share < 0.93, !(0.85..0.93).contains(&share));
    let (mut mentalis, platysma) = (r.chance(0.6), r.chance(0.5));
    let is_only_one_cardinal = !ocular_oral || !oral_ocular;
    mentalis |= is_only_one_cardinal && !platysma;
    let has = [
        (SynkinesisType::OcularOral, ocular_oral),
        (SynkinesisType::OralOcular, oral_ocular),
        (SynkinesisType::Mentalis, mentalis),
        (SynkinesisType::Platysma, platysma),
    ];
    has.into_iter().filter(|(_, has)| *has).map(|(kind, _)| kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn plan(protocol: Protocol, seed: u64) -> Plan {
        Plan { protocol, seed, people: 300, poses: None, width: 96, height: 96 }
    }

    fn count(cast: &[Member], label: Label) -> usize {
        cast.iter().filter(|member| member.label == label).count()
    }

    #[test]
    fn the_paper_has_385_pictures_of_245_people() {
        let cast = plan(Protocol::Paper, 1).cast();
        assert_eq!((count(&cast, Label::Synkinesis), count(&cast, Label::Healthy)), (70, 175));
        assert_eq!(cast.iter().map(|member| member.poses.len()).sum::<usize>(), 385);
        for member in &cast {
            let expected = if member.label == Label::Healthy { 1 } else { 3 };
            assert_eq!(member.poses.len(), expected);
            assert!(member.poses.iter().all(|pose| PAPER_POSES.contains(pose)));
        }
        let healthy_poses: BTreeSet<Pose> = cast
            .iter()
            .filter(|member| member.label == Label::Healthy)
            .map(|member| member.poses[0])
            .collect();
        assert_eq!(healthy_poses.len(), 3);
    }

    #[test]
    fn the_clinic_has_its_shares_of_labels() {
        let cast = plan(Protocol::Clinical, 1).cast();
        let counts = Label::ALL.iter().map(|label| count(&cast, *label)).collect::<Vec<_>>();
        assert_eq!(counts, [120, 75, 105]);
        for people in 1..20 {
            let cast = Plan { people, ..plan(Protocol::Clinical, 1) }.cast();
            assert_eq!(cast.len(), people);
        }
    }

    #[test]
    fn names_are_safe_and_do_not_tell_the_label() {
        let cast = plan(Protocol::Paper, 5).cast();
        assert_eq!(cast[0].name, "person-0001");
        assert_eq!(cast[244].name, "person-0245");
        let early = count(&cast[..122], Label::Synkinesis);
        assert!((20..=50).contains(&early), "{early}");
        let demo: Vec<String> =
            plan(Protocol::Demo, 5).cast().into_iter().map(|member| member.name).collect();
        assert_eq!(demo, ["healthy-one", "synkinesis-one"]);
    }

    #[test]
    fn everybody_with_synkinesis_has_two_types_and_one_between_eye_and_mouth() {
        for seed in 0..20 {
            for member in plan(Protocol::Clinical, seed).cast() {
                let sick = member.label != Label::Healthy;
                assert_eq!((member.side.is_some(), member.severity.is_some()), (sick, sick));
                if member.label != Label::Synkinesis {
                    assert!(member.types.is_empty());
                    continue;
                }
                assert!(member.types.len() >= 2, "{:?}", member.types);
                assert!(
                    member.types[0] == SynkinesisType::OcularOral
                        || member.types[0] == SynkinesisType::OralOcular
                );
                assert!((0.35..=1.0).contains(&member.severity.unwrap()));
            }
        }
    }
}
