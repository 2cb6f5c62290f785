//! Poses, labels, sides and the kinds of synkinesis, by the names that files use.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The name is none of those that are known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{name}\" is no {what} (known: {known})")]
pub struct UnknownName {
    name: String,
    what: &'static str,
    known: String,
}

macro_rules! names {
    ($(#[$doc:meta])* $type:ident, $what:literal, { $($(#[$variant_doc:meta])* $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type { $($(#[$variant_doc])* #[serde(rename = $name)] $variant),+ }

        impl $type {
            /// Every value, in the usual order.
            pub const ALL: &[$type] = &[$($type::$variant),+];

            /// The name in files and on the command line.
            pub fn name(self) -> &'static str {
                match self { $($type::$variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;
            fn from_str(name: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|value| value.name() == name).ok_or_else(|| UnknownName {
                    name: name.chars().take(40).collect(),
                    what: $what,
                    known: Self::ALL.iter().map(|value| value.name()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

names!(
    /// The nine poses of the facial-nerve photography standard.
    Pose, "pose", {
    /// The face at rest.
    Rest = "rest",
    /// Both brows raised.
    BrowRaise = "brow-raise",
    /// Eyes closed as in sleep.
    GentleClosure = "gentle-closure",
    /// Eyes closed as tightly as possible.
    TightClosure = "tight-closure",
    /// A smile with the lips together.
    ClosedSmile = "closed-smile",
    /// A smile that shows the teeth.
    OpenSmile = "open-smile",
    /// The nose wrinkled and the upper lip raised.
    Snarl = "snarl",
    /// The lips pursed as for a kiss.
    Pucker = "pucker",
    /// The lower teeth shown.
    LowerTeeth = "lower-teeth",
});

names!(
    /// What is known of a person in a data set.
    Label, "label", {
    /// No palsy; natural asymmetry only.
    Healthy = "healthy",
    /// A weak side, without synkinesis.
    Palsy = "palsy",
    /// A weak side with unwanted movement.
    Synkinesis = "synkinesis",
});

names!(
    /// A side of the person, as the person would say it.
    Side, "side", {
    /// The person's right; left in a picture that is not mirrored.
    Right = "right",
    /// The person's left.
    Left = "left",
});

names!(
    /// What moves although something else was meant to.
    SynkinesisType, "synkinesis type", {
    /// The mouth corner moves on closing the eye or raising the brow.
    OcularOral = "ocular-oral",
    /// The eye narrows on smiling or puckering.
    OralOcular = "oral-ocular",
    /// The chin dimples.
    Mentalis = "mentalis",
    /// Bands rise on the neck.
    Platysma = "platysma",
});

impl Side {
    /// The other side.
    pub fn other(self) -> Side {
        match self {
            Side::Right => Side::Left,
            Side::Left => Side::Right,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for pose in Pose::ALL {
            assert_eq!(pose.name().parse(), Ok(*pose));
        }
        let refusal = "grin".parse::<Pose>().unwrap_err().to_string();
        assert!(refusal.starts_with("\"grin\" is no pose (known: rest, brow-raise"), "{refusal}");
    }
}
