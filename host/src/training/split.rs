//! Who is in training, validation and test: drawn by person, written down, and checked when read.

use super::random::Random;
use crate::dataset::{DataSet, Person};
use std::collections::BTreeMap;
use std::fmt;
use synkiosk_models::pose::Label;

/// The part of a data set that a person belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The weights are fitted to these.
    Training,
    /// Watched during training; temperature and thresholds are set on these.
    Validation,
    /// Looked at by `evaluate` only.
    Test,
}

impl Part {
    /// All three.
    pub const ALL: [Part; 3] = [Part::Training, Part::Validation, Part::Test];

    /// The name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Part::Training => "train",
            Part::Validation => "validation",
            Part::Test => "test",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Pictures in training, validation and test in Scientific Reports, 9 July 2025; here as shares.
pub const PAPER_SHARES: [u32; 3] = [285, 29, 71];

/// Every person's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    parts: BTreeMap<String, Part>,
}

/// Why a split was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// The header or a row has another form.
    #[error("line {0} is not of the form \"person,split\"")]
    Malformed(usize),
    /// No such part.
    #[error("line {line}: \"{name}\" is no split (known: train, validation, test)")]
    UnknownPart {
        /// Counted from 1, the header included.
        line: usize,
        /// What stands there.
        name: String,
    },
    /// The same person again.
    #[error("person \"{person}\" stands twice, in {first} and in {second}")]
    Twice {
        /// Who.
        person: String,
        /// The earlier row.
        first: Part,
        /// The later row.
        second: Part,
    },
    /// The data set has no such person.
    #[error("person \"{0}\" is not in the data set")]
    Stranger(String),
    /// The data set has a person whom the split leaves out.
    #[error("person \"{0}\" of the data set is in no split")]
    Missing(String),
    /// Nothing to fit to, or nothing to judge by.
    #[error("nobody is in {0}")]
    EmptyPart(Part),
}

impl SplitError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            SplitError::Malformed(_) | SplitError::UnknownPart { .. } => {
                "write \"person,split\" and then a line a person with train, validation or test"
            }
            SplitError::Twice { .. } => {
                "keep each person in one split only, or leave --split out to draw a new one"
            }
            SplitError::Stranger(_) | SplitError::Missing(_) => {
                "pass the data set that the split was drawn from, or leave --split out to draw a new one"
            }
            SplitError::EmptyPart(_) => "use a larger data set: each split needs people",
        }
    }
}

impl Split {
    /// Draws parts by person, each label on its own, so that the pictures come as near to the shares (training,
    /// validation, test; of their sum) as whole people allow.
    pub fn draw(people: &[Person], shares: [u32; 3], seed: u64) -> Split {
        let mut order: Vec<usize> = (0..people.len()).collect();
        Random::new(&[seed, 1]).shuffle(&mut order);
        let mut counts = Counts::new(people, shares);
        let mut parts = vec![Part::Training; people.len()];
        for &person in &order {
            parts[person] = counts.neediest(&people[person]);
            counts.add(&people[person], parts[person], 1.0);
        }
        counts.settle(people, &order, &mut parts);
        Split { parts: people.iter().map(|person| person.name.clone()).zip(parts).collect() }
    }

    /// Reads `person,split` rows; each person must stand there once, and the data set have the same people.
    pub fn parse(text: &str, data: &DataSet) -> Result<Split, SplitError> {
        let mut parts = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let (person, name) = line.trim().split_once(',').ok_or(SplitError::Malformed(index + 1))?;
            if index == 0 {
                if (person, name) != ("person", "split") {
                    return Err(SplitError::Malformed(1));
                }
                continue;
            }
            let part = Part::ALL.into_iter().find(|part| part.name() == name).ok_or_else(|| {
                SplitError::UnknownPart { line: index + 1, name: name.chars().take(40).collect() }
            })?;
            if let Some(first) = parts.insert(person.to_owned(), part) {
                return Err(SplitError::Twice { person: person.to_owned(), first, second: part });
            }
        }
        let split = Split { parts };
        split.fits(data)?;
        Ok(split)
    }

    /// The same people as the data set, and nobody's part empty.
    pub fn fits(&self, data: &DataSet) -> Result<(), SplitError> {
        if let Some(person) = data.people.iter().find(|person| !self.parts.contains_key(&person.name)) {
            return Err(SplitError::Missing(person.name.clone()));
        }
        let known = |name: &String| data.people.binary_search_by(|person| person.name.cmp(name)).is_ok();
        if let Some(name) = self.parts.keys().find(|name| !known(name)) {
            return Err(SplitError::Stranger(name.clone()));
        }
        match Part::ALL.into_iter().find(|part| !self.parts.values().any(|value| value == part)) {
            Some(part) => Err(SplitError::EmptyPart(part)),
            None => Ok(()),
        }
    }

    /// As `parse` reads it.
    pub fn text(&self) -> String {
        let rows = self.parts.iter().map(|(person, part)| format!("{person},{part}\n"));
        "person,split\n".to_owned() + &rows.collect::<String>()
    }

    /// The person's part.
    pub fn part_of(&self, person: &str) -> Option<Part> {
        self.parts.get(person).copied()
    }
}

/// Pictures a part and label have, and ought to have.
struct Counts {
    found: [[f64; Label::ALL.len()]; 3],
    wanted: [[f64; Label::ALL.len()]; 3],
}

impl Counts {
    fn new(people: &[Person], shares: [u32; 3]) -> Counts {
        let whole: f64 = shares.iter().map(|share| f64::from(*share)).sum();
        let mut all = [0.0; Label::ALL.len()];
        for person in people {
            all[person.label as usize] += person.pictures.len() as f64;
        }
        Counts {
            found: Default::default(),
            wanted: shares.map(|share| all.map(|count| count * f64::from(share) / whole)),
        }
    }

    fn add(&mut self, person: &Person, part: Part, times: f64) {
        self.found[part as usize][person.label as usize] += times * person.pictures.len() as f64;
    }

    /// The part that has the least of its share of this label.
    fn neediest(&self, person: &Person) -> Part {
        let filled = |part: Part| {
            let label = person.label as usize;
            (self.found[part as usize][label] + 0.5) / self.wanted[part as usize][label].max(1e-9)
        };
        let [training, rest @ ..] = Part::ALL;
        rest.into_iter().fold(training, |best, part| if filled(part) < filled(best) { part } else { best })
    }

    /// Squared distance from what is wanted, of each part as a whole and of the labels within it.
    fn cost(&self) -> f64 {
        let mut cost = 0.0;
        for (found, wanted) in self.found.iter().zip(&self.wanted) {
            let whole: f64 = found.iter().sum::<f64>() - wanted.iter().sum::<f64>();
            cost += whole * whole;
            cost += found.iter().zip(wanted).map(|(found, wanted)| (found - wanted).powi(2)).sum::<f64>();
        }
        cost
    }

    /// Moves single people as long as that brings the counts nearer.
    fn settle(&mut self, people: &[Person], order: &[usize], parts: &mut [Part]) {
        let mut cost = self.cost();
        let mut moved = true;
        while moved {
            moved = false;
            for (&index, to) in order.iter().flat_map(|index| Part::ALL.map(|to| (index, to))) {
                let (person, from) = (&people[index], parts[index]);
                self.add(person, from, -1.0);
                self.add(person, to, 1.0);
                let after = self.cost();
                if after < cost - 1e-6 {
                    (cost, parts[index], moved) = (after, to, true);
                } else {
                    self.add(person, to, -1.0);
                    self.add(person, from, 1.0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Picture;
    use synkiosk_models::pose::Pose;

    fn person(name: String, label: Label, pictures: usize) -> Person {
        let picture = |pose: &Pose| Picture { pose: *pose, path: format!("{name}/{pose}.jpg").into() };
        let pictures = Pose::ALL[..pictures].iter().map(picture).collect();
        let empty = String::new;
        Person {
            label,
            side: None,
            types: Vec::new(),
            severity: None,
            skin: empty(),
            sex: empty(),
            age_band: empty(),
            source: empty(),
            pictures,
            name,
        }
    }

    /// 70 people with synkinesis in three poses, 175 healthy people in one.
    fn paper() -> DataSet {
        let mut people: Vec<Person> =
            (0..175).map(|k| person(format!("h{k:03}"), Label::Healthy, 1)).collect();
        people.extend((0..70).map(|k| person(format!("s{k:03}"), Label::Synkinesis, 3)));
        DataSet { root: "data".into(), people }
    }

    fn pictures(data: &DataSet, split: &Split, part: Part, label: Label) -> usize {
        let of_part = data.people.iter().filter(|person| split.part_of(&person.name) == Some(part));
        of_part.filter(|person| person.label == label).map(|person| person.pictures.len()).sum()
    }

    #[test]
    fn the_papers_numbers_come_out_for_any_seed() {
        let data = paper();
        for seed in 0..20 {
            let split = Split::draw(&data.people, PAPER_SHARES, seed);
            assert_eq!(split.fits(&data), Ok(()));
            let found = Part::ALL.map(|part| {
                (
                    pictures(&data, &split, part, Label::Healthy),
                    pictures(&data, &split, part, Label::Synkinesis),
                )
            });
            assert_eq!(found, [(129, 156), (14, 15), (32, 39)], "seed {seed}");
        }
    }

    #[test]
    fn mixed_people_come_near_the_shares() {
        let mut people = Vec::new();
        for k in 0..300 {
            people.push(person(format!("p{k:03}"), Label::ALL[k % 3], 1 + k / 3 * 7 % 9));
        }
        let all: usize = people.iter().map(|person| person.pictures.len()).sum();
        let data = DataSet { root: "data".into(), people };
        let split = Split::draw(&data.people, [7, 1, 2], 5);
        for (part, share) in Part::ALL.into_iter().zip([0.7, 0.1, 0.2]) {
            for label in Label::ALL {
                let share = pictures(&data, &split, part, *label) as f64 / all as f64 / share;
                assert!((0.31..0.355).contains(&share), "{part} {label}: {share}");
            }
        }
    }

    #[test]
    fn seeds_draw_other_people_and_repeat() {
        let data = paper();
        let draw = |seed| Split::draw(&data.people, PAPER_SHARES, seed);
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn files_read_back_and_defects_are_named() {
        let people = ["a", "b", "c"].map(|name| person(name.to_owned(), Label::Healthy, 1)).to_vec();
        let data = DataSet { root: "data".into(), people };
        let check = |text: &str| Split::parse(text, &data).map(|split| split.text());
        let sound = "person,split\na,train\nb,validation\nc,test\n";
        assert_eq!(check(sound), Ok(sound.to_owned()));
        let refused = |text: &str| {
            let error = check(text).unwrap_err();
            assert!(!error.help().is_empty());
            error.to_string()
        };
        let twice = sound.to_owned() + "a,test\n";
        assert_eq!(refused(&twice), "person \"a\" stands twice, in train and in test");
        assert_eq!(refused(&sound.replace("b,", "x,")), "person \"b\" of the data set is in no split");
        assert_eq!(refused(&(sound.to_owned() + "x,test\n")), "person \"x\" is not in the data set");
        assert_eq!(refused(&sound.replace("c,test", "c,train")), "nobody is in test");
        assert_eq!(refused(&sound.replace("c,test", "c")), "line 4 is not of the form \"person,split\"");
        let unknown = "line 4: \"exam\" is no split (known: train, validation, test)";
        assert_eq!(refused(&sound.replace("c,test", "c,exam")), unknown);
        assert_eq!(refused("name,part\n"), "line 1 is not of the form \"person,split\"");
        assert_eq!(refused(""), "person \"a\" of the data set is in no split");
    }
}
