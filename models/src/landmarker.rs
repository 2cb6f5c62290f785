//! The second network: where a face's landmarks are, and how active chin and neck are.
//!
//! It looks twice: at the square around the face box, then at the upright square around what it found there. Both
//! reach from the forehead to the collar, farther down than what the first network sees: bands of the platysma rise
//! below the chin. Its
//! outputs are, for each point in the order of [`Point::ALL`], x and y in sides of the square from its center, then the
//! four values of [`Activity`].

use crate::{
    align::{INPUT_SCALE, Placement, ZERO_POINT, normalized, sample},
    face::FaceBox,
    landmarks::{Activity, COUNT, Landmarks, Measured},
    network::{
        NetworkError, OutputsNetwork, RawInput, RawNetwork, RawOutputs,
        kernel::{self, Kernel},
    },
    photo::Photo,
};
use zeroize::Zeroize;

/// Side of the network's square input, pixels; one value each.
pub const SIZE: usize = 160;
/// Side of a look over the distance between the eyes, and its center below them in the same unit.
const SIDE_PER_INTEROCULAR: f32 = 3.3;
const BELOW_EYES: f32 = 0.98;
/// The same reach around a face box: side over its width, and center below its own in its heights.
const SIDE_PER_WIDTH: f32 = 1.6;
const BELOW_CENTER: f32 = 0.2;
/// Two for each point, and four activities.
pub const OUTPUTS: usize = 2 * COUNT + 4;
/// What the network sees: the luma freed of uneven light.
pub const INPUT: RawInput = RawInput { size: SIZE, channels: 1, zero_point: ZERO_POINT, scale: INPUT_SCALE };

/// Finds landmarks. Lives in the thread that made it.
#[derive(Debug)]
pub struct Landmarker {
    network: OutputsNetwork,
}

impl Landmarker {
    /// Checks the layer list and its tensors, and builds the network.
    pub fn new(raw: &RawNetwork<RawOutputs>, safetensors: &[u8]) -> Result<Landmarker, NetworkError> {
        Landmarker::new_with(raw, safetensors, kernel::best())
    }

    /// The same on a kernel of the caller's choice.
    pub fn new_with(
        raw: &RawNetwork<RawOutputs>,
        safetensors: &[u8],
        kernel: &'static dyn Kernel,
    ) -> Result<Landmarker, NetworkError> {
        Ok(Landmarker { network: OutputsNetwork::build(raw, safetensors, INPUT, OUTPUTS, kernel)? })
    }

    /// The landmarks of a face; `None` where what comes out is no face.
    pub fn find(&mut self, photo: &Photo, face: &FaceBox) -> Option<Measured> {
        let rough = self.look(photo, &first_look(face))?;
        self.look(photo, &closer_look(&rough.landmarks))
    }

    /// One look at a placed square.
    pub fn look(&mut self, photo: &Photo, placement: &Placement) -> Option<Measured> {
        let mut input = input(photo, placement);
        let mut values = [0.0; OUTPUTS];
        self.network.values_into(&input, &mut values);
        input.zeroize();
        measured(&values, placement)
    }

    /// The network.
    pub fn network(&mut self) -> &mut OutputsNetwork {
        &mut self.network
    }
}

/// Where landmarks are looked for first.
pub fn first_look(face: &FaceBox) -> Placement {
    Placement {
        center_x: face.x + face.width * 0.5,
        center_y: face.y + face.height * (0.5 + BELOW_CENTER),
        side: face.width * SIDE_PER_WIDTH,
        roll: 0.0,
    }
}

/// Where a face is looked at again once its landmarks are roughly known.
pub fn closer_look(landmarks: &Landmarks) -> Placement {
    Placement::upright(landmarks, SIDE_PER_INTEROCULAR, BELOW_EYES)
}

/// The network's input for a placed square.
pub fn input(photo: &Photo, placement: &Placement) -> Vec<u8> {
    let mut luma = sample(photo, placement, SIZE);
    let input = normalized(&luma, SIZE);
    luma.zeroize();
    input
}

/// What outputs say, in pixels of the photo.
fn measured(values: &[f32], placement: &Placement) -> Option<Measured> {
    let (places, strengths) = values.split_at_checked(2 * COUNT)?;
    let points: [[f32; 2]; COUNT] = std::array::from_fn(|index| {
        let (x, y) = placement.point(places[2 * index], places[2 * index + 1]);
        [x, y]
    });
    let &[chin_right, chin_left, neck_right, neck_left] = strengths else { return None };
    let activity = Activity { chin_right, chin_left, neck_right, neck_left };
    Some(Measured { landmarks: Landmarks::new(points)?, activity })
}
