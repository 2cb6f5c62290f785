//! One thing that is wrong: of what kind, how bad, where, and what to do.

use super::foreign::Foreign;
use super::people_needed::Class;
use crate::dataset::{FolderDefect, RowDefect, TABLE};
use serde::{Serialize, Serializer};
use std::fmt;
use synkiosk_models::align::SIZE;
use synkiosk_models::face::FaceRefusal;
use synkiosk_models::photo::PhotoError;
use synkiosk_models::pose::Pose;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Files and folders that are not where they belong.
    Layout,
    /// The table of people.
    Labels,
    /// A file that holds no picture.
    Unreadable,
    /// A picture in a format that is not read.
    Format,
    /// Too many pixels, or too few.
    Size,
    /// No whole single face.
    NoFace,
    /// The same picture of two people, or in two poses.
    NearDuplicate,
    /// A pose that most others have.
    MissingPose,
    /// Something beside the face tells the label.
    Confounding,
    /// Too few for a split, or for the interval asked.
    TooFewPeople,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Training refuses it, loses it, or would learn something else.
    Error,
    /// Training goes on; whether it should is for the maker to say.
    Warning,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Layout => "layout",
            Kind::Labels => "labels",
            Kind::Unreadable => "unreadable",
            Kind::Format => "format",
            Kind::Size => "size",
            Kind::NoFace => "no-face",
            Kind::NearDuplicate => "near-duplicate",
            Kind::MissingPose => "missing-pose",
            Kind::Confounding => "confounding",
            Kind::TooFewPeople => "too-few-people",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// A defect and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// A path within the collection, or a person's name; empty for the collection as a whole.
    pub at: String,
    /// What is wrong.
    pub defect: Defect,
    /// How bad it is.
    pub severity: Severity,
}

impl Finding {
    /// A defect at a place.
    pub fn new(at: impl Into<String>, defect: Defect) -> Finding {
        Finding { at: at.into(), severity: defect.severity(), defect }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            kind: Kind,
            severity: Severity,
            at: &'a str,
            message: String,
            help: String,
        }
        let (kind, message, help) = (self.defect.kind(), self.defect.to_string(), self.defect.help());
        Shown { kind, severity: self.severity, at: &self.at, message, help }.serialize(serializer)
    }
}

/// Everything that can be wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Defect {
    /// The root has no table.
    #[error("the collection has no {TABLE}")]
    NoTable,
    /// The first line is not the header.
    #[error("the header is \"{0}\"")]
    Header(String),
    /// As some spreadsheets save it.
    #[error("the columns are separated by semicolons")]
    Semicolons,
    /// No row at all.
    #[error("the table names nobody")]
    Nobody,
    /// One row cannot be taken.
    #[error("line {line}: {defect}")]
    Row {
        /// Counted from 1, the header included.
        line: u64,
        /// What is wrong with it.
        defect: RowDefect,
        /// A name that could be taken.
        better: Option<String>,
    },
    /// Something in a folder does not belong there.
    #[error("{defect}")]
    Folder {
        /// What is wrong.
        defect: FolderDefect,
        /// A name that could be taken.
        better: Option<String>,
    },
    /// Not one byte.
    #[error("the file is empty (0 bytes)")]
    Empty,
    /// More bytes than are read.
    #[error("the file has more than {0} MiB")]
    TooManyBytes(u64),
    /// The decoder refused it.
    #[error("{0}")]
    Photo(PhotoError),
    /// Known, and not read.
    #[error("the file is {0}")]
    Foreign(Foreign),
    /// The operating system could not read it.
    #[error("could not read it: {0}")]
    Access(String),
    /// No whole single face.
    #[error("{0}")]
    Face(FaceRefusal),
    /// Nothing of a person is left.
    #[error("no picture of this person can be used")]
    NothingLeft,
    /// The face has fewer pixels than the network looks at.
    #[error("the face is small: its square has {0} pixels a side, the network looks at {SIZE}")]
    SmallFace(u32),
    /// A picture of somebody else is the same, or nearly.
    #[error("it is {} as {other}, of another person", likeness(.distance))]
    Double {
        /// The other picture.
        other: String,
        /// Bits of 480 that differ; none if the files are the same.
        distance: Option<u32>,
    },
    /// Two poses of one person are one file.
    #[error("it is the same file as {0}, another pose")]
    SamePose(String),
    /// Poses that at least half of the people have.
    #[error("the person lacks {}, which most others have", names(.0))]
    MissingPoses(Vec<Pose>),
    /// Something beside the face tells the label.
    #[error(
        "{attribute} \"{value}\": {inside} of {inside_all} people have synkinesis, of the others {outside} of \
         {outside_all} (Fisher's exact p {p:.0e})"
    )]
    Confounded {
        /// The column, or what was measured.
        attribute: &'static str,
        /// One of its values.
        value: String,
        /// With synkinesis among those with the value.
        inside: usize,
        /// All with the value.
        inside_all: usize,
        /// With synkinesis among the others.
        outside: usize,
        /// All others.
        outside_all: usize,
        /// Chance of a table at least as uneven if the two had nothing to do with each other.
        p: f64,
        /// It comes from how the pictures were taken, not from who was.
        technical: bool,
    },
    /// Each value has people of one class only.
    #[error("{attribute} alone tells the label: no {attribute} has people with and without synkinesis")]
    Separated {
        /// The column, or what was measured.
        attribute: &'static str,
    },
    /// A part of the split would have none.
    #[error("{people} people {class} cannot be divided into training, validation and test")]
    TooFewToDivide {
        /// Which.
        class: Class,
        /// How many there are.
        people: usize,
    },
    /// The interval would be wider than asked.
    #[error(
        "{test} of {people} people {class} come into the test: {} would be known to within {within:.1} points, asked \
         are {asked:.1}", .class.measure()
    )]
    WideInterval {
        /// Which.
        class: Class,
        /// Usable people.
        people: usize,
        /// Of them in the test.
        test: usize,
        /// Half of the 95 % interval, percentage points.
        within: f64,
        /// What was asked.
        asked: f64,
        /// People of this class that would do.
        needed: usize,
        /// Asked for by the user, not by default.
        insisted: bool,
    },
}

fn likeness(distance: &Option<u32>) -> String {
    match distance {
        None => "the same file".to_owned(),
        Some(distance) => format!("nearly the same picture ({distance} of 480 bits differ)"),
    }
}

fn names(poses: &[Pose]) -> String {
    poses.iter().map(|pose| pose.name()).collect::<Vec<_>>().join(", ")
}

impl Defect {
    /// What it is about.
    pub fn kind(&self) -> Kind {
        match self {
            Defect::NoTable | Defect::Folder { .. } => Kind::Layout,
            Defect::Row { defect: RowDefect::NoFolder(_) | RowDefect::NoPicture(_), .. } => Kind::Layout,
            Defect::Header(_) | Defect::Semicolons | Defect::Nobody | Defect::Row { .. } => Kind::Labels,
            Defect::Photo(
                PhotoError::TooLarge(..) | PhotoError::TooSmall(..) | PhotoError::TooHeavy { .. },
            ) => Kind::Size,
            Defect::Photo(PhotoError::Format | PhotoError::Animated) | Defect::Foreign(_) => Kind::Format,
            Defect::Empty | Defect::Photo(_) | Defect::Access(_) => Kind::Unreadable,
            Defect::TooManyBytes(_) | Defect::SmallFace(_) => Kind::Size,
            Defect::Face(_) | Defect::NothingLeft => Kind::NoFace,
            Defect::Double { .. } | Defect::SamePose(_) => Kind::NearDuplicate,
            Defect::MissingPoses(_) => Kind::MissingPose,
            Defect::Confounded { .. } | Defect::Separated { .. } => Kind::Confounding,
            Defect::TooFewToDivide { .. } | Defect::WideInterval { .. } => Kind::TooFewPeople,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Defect::Face(_)
            | Defect::SmallFace(_)
            | Defect::SamePose(_)
            | Defect::MissingPoses(_)
            | Defect::WideInterval { insisted: false, .. } => Severity::Warning,
            // Who comes with a disease differs in age and sex; how pictures were taken must not differ.
            Defect::Confounded { technical, inside, inside_all, outside, outside_all, .. } => {
                let one_sided = |some, all| some == 0 || some == all;
                let tells = one_sided(*inside, *inside_all) || one_sided(*outside, *outside_all);
                if *technical && tells { Severity::Error } else { Severity::Warning }
            }
            _ => Severity::Error,
        }
    }

    /// What to do.
    pub fn help(&self) -> String {
        let text = match self {
            Defect::Row { better: Some(better), .. } => {
                return format!("name folder and row \"{better}\", for example");
            }
            Defect::Folder { better: Some(better), .. } => return format!("rename it to {better}"),
            Defect::WideInterval { needed, class, .. } => {
                return format!(
                    "collect {needed} people {class}, or ask for a wider interval with --interval"
                );
            }
            Defect::NoTable | Defect::Header(_) => {
                "write people.csv with the header person,label,side,types,severity,skin,sex,age_band,source"
            }
            Defect::Semicolons => "save the table as CSV with commas and in UTF-8",
            Defect::Nobody => "add one row for each person's folder",
            Defect::Row { defect, .. } => defect.help(),
            Defect::Folder { defect, .. } => defect.help(),
            Defect::Empty => "copy the picture again from where it came",
            Defect::TooManyBytes(_) => "save it as JPEG, or scale it down",
            Defect::Photo(error) => error.help(),
            Defect::Foreign(foreign) => foreign.help(),
            Defect::Access(_) => "check that the disk is there, and that you own the files",
            Defect::Face(_) => "take the picture again, or take it out; training leaves it out",
            Defect::NothingLeft => "add a picture in which one whole face is seen, or take the person out",
            Defect::SmallFace(_) => "take the picture from nearer, or do not scale it down so far",
            Defect::Double { .. } => "keep one of the two people, or take one of the pictures out",
            Defect::SamePose(_) => "keep the pose that it shows",
            Defect::MissingPoses(_) => "add the poses if there are pictures of them",
            Defect::Confounded { technical: true, .. } | Defect::Separated { .. } => {
                "take people with and without synkinesis in the same way, or the network may learn how pictures were \
                 taken"
            }
            Defect::Confounded { .. } => "collect both labels alike, or say in the report that they differ",
            Defect::TooFewToDivide { .. } => {
                "add people with and without synkinesis, or divide them yourself with train --split"
            }
        };
        text.to_owned()
    }
}
