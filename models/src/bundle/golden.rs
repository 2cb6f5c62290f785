//! Inputs and the sums that every machine must give for them.

use super::BundleError;
use crate::{
    align::{CHANNELS, Crop, SIZE},
    landmarker,
    network::read_tensors,
};
use safetensors::{Dtype, SafeTensors};
use std::fmt;

/// The most that a bundle may carry for each network; each takes a network's run to check.
const MOST_INPUTS: usize = 256;

/// Golden vectors, four tensors by these names.
///
/// No input shows anybody: rendered faces and noise.
pub struct Golden {
    /// What the network sees: U8 `[n, size, size, channels]`.
    pub inputs: Vec<Crop>,
    /// What it must say, one for each input: I64 `[n]`.
    pub sums: Vec<i64>,
    /// What the network of landmarks sees: U8 `[m, size, size]`.
    pub landmark_inputs: Vec<Vec<u8>>,
    /// All its sums for each of them: I64 `[m, outputs]`.
    pub landmark_sums: Vec<Vec<i64>>,
}

impl Golden {
    pub(super) fn parse(bytes: &[u8]) -> Result<Golden, BundleError> {
        let tensors = read_tensors(bytes).map_err(BundleError::Golden)?;
        Golden::of(&tensors).map_err(BundleError::Golden)
    }

    fn of(tensors: &SafeTensors) -> Result<Golden, String> {
        if tensors.len() != 4 {
            return Err(format!("{} tensors instead of inputs and sums of both networks", tensors.len()));
        }
        let (side, outputs) = (landmarker::SIZE, landmarker::OUTPUTS);
        let (inputs, sums) = pair(tensors, ["inputs", "sums"], &[SIZE, SIZE, CHANNELS], &[])?;
        let (places, place_sums) =
            pair(tensors, ["landmark_inputs", "landmark_sums"], &[side, side], &[outputs])?;
        let pixels = inputs.chunks_exact(SIZE * SIZE * CHANNELS);
        Ok(Golden {
            inputs: pixels.filter_map(|pixels| Crop::from_pixels(pixels.to_vec())).collect(),
            sums,
            landmark_inputs: places.chunks_exact(side * side).map(<[u8]>::to_vec).collect(),
            landmark_sums: place_sums.chunks_exact(outputs).map(<[i64]>::to_vec).collect(),
        })
    }
}

/// As many inputs as sums, each of its shape.
fn pair<'a>(
    tensors: &SafeTensors<'a>,
    [inputs_name, sums_name]: [&str; 2],
    input_shape: &[usize],
    sum_shape: &[usize],
) -> Result<(&'a [u8], Vec<i64>), String> {
    let sums = tensors.tensor(sums_name).map_err(|_| format!("{sums_name} are missing"))?;
    let inputs = tensors.tensor(inputs_name).map_err(|_| format!("{inputs_name} are missing"))?;
    let count = sums.shape().first().copied().unwrap_or(0);
    if !(1..=MOST_INPUTS).contains(&count) {
        return Err(format!("{count} of them, not 1 to {MOST_INPUTS}"));
    }
    let shape = |rest: &[usize]| [&[count], rest].concat();
    if sums.dtype() != Dtype::I64 || sums.shape() != shape(sum_shape) {
        return Err(format!("{sums_name} are {} {:?}", sums.dtype(), sums.shape()));
    }
    if inputs.dtype() != Dtype::U8 || inputs.shape() != shape(input_shape) {
        return Err(format!("{inputs_name} are {} {:?}", inputs.dtype(), inputs.shape()));
    }
    let sums = sums.data().as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
    Ok((inputs.data(), sums))
}

impl fmt::Debug for Golden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Golden({} and {} inputs)", self.sums.len(), self.landmark_sums.len())
    }
}
