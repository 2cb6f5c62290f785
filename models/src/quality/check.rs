//! The named checks, and what each says to the person.

use serde::{Deserialize, Serialize};

macro_rules! checks {
    ($($(#[$doc:meta])* $check:ident $name:literal, $finding:literal, $help:literal);+ $(;)?) => {
        /// One check of a picture.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Check {
            $($(#[$doc])* #[serde(rename = $name)] $check),+
        }

        impl Check {
            /// Every check, in the order in which a person would mend what they find.
            pub const ALL: &[Check] = &[$(Check::$check),+];

            /// The name in files and reports.
            pub fn name(self) -> &'static str {
                match self { $(Check::$check => $name),+ }
            }

            /// What was found, for an error line.
            pub fn finding(self) -> &'static str {
                match self { $(Check::$check => $finding),+ }
            }

            /// What to do, for the person before the camera.
            pub fn help(self) -> &'static str {
                match self { $(Check::$check => $help),+ }
            }
        }
    };
}

checks!(
    /// The detector's score of the best face.
    FaceMissing "face-missing", "no face found", "Please look into the camera.";
    /// How many faces there are.
    SeveralFaces "several-faces", "several faces found, one is needed", "One person at a time, please.";
    /// Share of the face beyond the picture's edge.
    HalfFace "half-face", "only a part of the face is in the picture", "Your whole face must be in view.";
    /// Width of the face in pixels.
    TooSmall "too-small", "the face is too small", "Please come nearer.";
    /// Width of the face over the picture's shorter side.
    TooLarge "too-large", "the face is too large", "Please move back a little.";
    /// Distance of the face's middle from the picture's, over the shorter side.
    OffCenter "off-center", "the face is far from the middle", "Please move to the middle.";
    /// Mean luma of the face.
    TooDark "too-dark", "the face is too dark", "Your face needs more light.";
    /// Mean luma of the face.
    TooBright "too-bright", "the face is too bright", "The light on your face is too bright.";
    /// Mean luma of the darker half of the face over that of the other.
    HalfInShadow "half-in-shadow", "one side of the face is in shadow", "Please turn toward the light.";
    /// Slope of the line through the eyes.
    Rolled "rolled", "the head leans to one side", "Please hold your head upright.";
    /// How far the tip of the nose stands beside the middle of the eyes, in interocular distances.
    Turned "turned", "the head is turned to one side", "Please look straight ahead.";
    /// How far the tip of the nose stands from its usual height between eyes and chin, in shares of that height.
    Tilted "tilted", "the head is tilted up or down", "Please look level into the camera.";
    /// Variance of the Laplacian over the variance of the face's luma.
    Blurred "blurred", "the face is blurred", "Please hold still for a moment.";
    /// Contrast within the less visible eye over the face's mean luma.
    EyesHidden "eyes-hidden", "an eye is hidden", "Please let both your eyes be seen.";
    /// How far the face did what the pose asks, 1 as most people do.
    PoseNotPerformed "pose-not-performed", "the pose is not to be seen", "Please do it as far as you can.";
);
