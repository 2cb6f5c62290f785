//! Inputs and the sums that every machine must give for them.

use super::BundleError;
use crate::{
    align::{CHANNELS, Crop, SIZE},
    network::read_tensors,
};
use safetensors::{Dtype, SafeTensors};
use std::fmt;

/// The most that a bundle may carry; each takes a network's run to check.
const MOST_INPUTS: usize = 256;

/// Golden vectors.
pub struct Golden {
    /// What the network sees.
    pub inputs: Vec<Crop>,
    /// What it must say, one for each input.
    pub sums: Vec<i64>,
}

impl Golden {
    pub(super) fn parse(bytes: &[u8]) -> Result<Golden, BundleError> {
        let tensors = read_tensors(bytes).map_err(BundleError::Golden)?;
        Golden::of(&tensors).map_err(BundleError::Golden)
    }

    fn of(tensors: &SafeTensors) -> Result<Golden, String> {
        if tensors.len() != 2 {
            return Err(format!("{} tensors instead of inputs and sums", tensors.len()));
        }
        let sums = tensors.tensor("sums").map_err(|_| "sums are missing")?;
        let inputs = tensors.tensor("inputs").map_err(|_| "inputs are missing")?;
        let count = sums.shape().first().copied().unwrap_or(0);
        if !(1..=MOST_INPUTS).contains(&count) {
            return Err(format!("{count} of them, not 1 to {MOST_INPUTS}"));
        }
        if sums.dtype() != Dtype::I64 || sums.shape() != [count] {
            return Err(format!("sums are {} {:?}", sums.dtype(), sums.shape()));
        }
        if inputs.dtype() != Dtype::U8 || inputs.shape() != [count, SIZE, SIZE, CHANNELS] {
            return Err(format!("inputs are {} {:?}", inputs.dtype(), inputs.shape()));
        }
        let pixels = inputs.data().chunks_exact(SIZE * SIZE * CHANNELS);
        Ok(Golden {
            inputs: pixels.filter_map(|pixels| Crop::from_pixels(pixels.to_vec())).collect(),
            sums: sums.data().as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect(),
        })
    }
}

impl fmt::Debug for Golden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Golden({} inputs)", self.sums.len())
    }
}
