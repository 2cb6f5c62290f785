//! The two rendered people that come with the program; training never saw them.

use super::DemoError;
use crate::camera::recorded::{Series, SeriesError, label_in};
use std::path::PathBuf;
use synkiosk_models::{photo::Photo, pose::Pose};

const PEOPLE_CSV: &[u8] = include_bytes!("../../demo/people/people.csv");

macro_rules! pictures {
    ($person:literal) => {
        [
            (Pose::Rest, pictures!($person, "rest")),
            (Pose::BrowRaise, pictures!($person, "brow-raise")),
            (Pose::GentleClosure, pictures!($person, "gentle-closure")),
            (Pose::TightClosure, pictures!($person, "tight-closure")),
            (Pose::ClosedSmile, pictures!($person, "closed-smile")),
            (Pose::OpenSmile, pictures!($person, "open-smile")),
            (Pose::Snarl, pictures!($person, "snarl")),
            (Pose::Pucker, pictures!($person, "pucker")),
            (Pose::LowerTeeth, pictures!($person, "lower-teeth")),
        ]
    };
    ($person:literal, $pose:literal) => {
        include_bytes!(concat!("../../demo/people/", $person, "/", $pose, ".jpg")).as_slice()
    };
}

/// Name and pictures as JPEG.
type Person = (&'static str, [(Pose, &'static [u8]); 9]);

static PEOPLE: [Person; 2] =
    [("healthy-one", pictures!("healthy-one")), ("synkinesis-one", pictures!("synkinesis-one"))];

/// Both people, decoded.
///
/// # Errors
/// Only if the program was built with broken pictures.
pub fn shipped() -> Result<Vec<Series>, DemoError> {
    PEOPLE.iter().map(|(name, pictures)| decode(name, pictures)).collect()
}

/// The pictures as JPEG, as a camera would send them, person by person.
pub fn frames() -> impl Iterator<Item = (Pose, &'static [u8])> {
    PEOPLE.iter().flat_map(|(_, pictures)| pictures.iter().copied())
}

fn decode(name: &str, pictures: &[(Pose, &[u8])]) -> Result<Series, DemoError> {
    let path = |what: &str| PathBuf::from(format!("{name}/{what}"));
    let label = label_in(PEOPLE_CSV, name)
        .map_err(|cause| SeriesError::People { path: PathBuf::from("people.csv"), cause })?;
    let decoded = pictures.iter().map(|(pose, jpeg)| {
        let refused = |cause| SeriesError::Picture { path: path(pose.name()), cause };
        Ok((*pose, Photo::decode(jpeg).map_err(refused)?))
    });
    Ok(Series { person: name.to_owned(), label, pictures: decoded.collect::<Result<_, SeriesError>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::pose::Label;

    #[test]
    fn both_people_have_nine_poses_and_their_label() {
        let people = shipped().unwrap();
        let labels: Vec<_> = people.iter().map(|series| series.label).collect();
        assert_eq!(labels, [Some(Label::Healthy), Some(Label::Synkinesis)]);
        for series in people {
            let poses: Vec<_> = series.pictures.iter().map(|(pose, _)| *pose).collect();
            assert_eq!(poses, Pose::ALL);
        }
    }
}
