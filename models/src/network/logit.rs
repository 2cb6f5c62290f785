//! The network that answers: one logit of a crop, and where in the crop it comes from.

use super::graph::{Graph, Run};
use super::raw::{RawHead, RawInput, RawNetwork};
use super::tensors::Tensors;
use super::{NetworkError, within_the_budget};
use crate::align::Crop;
use std::fmt;
use synkiosk_int8::{
    Convolution, Head,
    kernel::{self, Kernel},
    operator::End,
};

/// What the network says of one crop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Logit {
    /// The integer output, the same on every processor.
    pub sum: i64,
    /// The sum times the head's scale; above 0 it leans towards synkinesis.
    pub value: f32,
}

/// The class activation map (Zhou et al. 2016): what each place of the crop adds to the logit. The mean over all
/// places, with the head's bias, is the logit.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivationMap {
    /// Places a side; they tile the crop's square evenly.
    pub side: usize,
    /// In units of the logit, rows from the top.
    pub values: Vec<f32>,
}

/// A checked network, ready to run.
pub struct Network {
    graph: Graph,
    head: Vec<i8>,
    zero_in: u8,
    scale: f32,
    multiply_accumulates: u64,
    kernel: &'static str,
}

impl Network {
    /// Checks the layer list and its tensors, and builds the graph.
    pub fn build(raw: &RawNetwork, safetensors: &[u8]) -> Result<Network, NetworkError> {
        Network::build_with(raw, safetensors, kernel::best())
    }

    /// The same on a kernel of the caller's choice.
    pub fn build_with(
        raw: &RawNetwork,
        safetensors: &[u8],
        kernel: &'static dyn Kernel,
    ) -> Result<Network, NetworkError> {
        raw.input.is(RawInput::ALIGNED)?;
        raw.layers_have_names()?;
        raw.layers_form_a_chain()?;
        raw.head.scale_is_normal()?;
        let mut tensors = Tensors::read(safetensors)?;
        let convolutions = raw.convolutions(&mut tensors)?;
        let multiply_accumulates = within_the_budget(&convolutions)?;
        let head = raw.head.checked(&mut tensors, &convolutions)?;
        tensors.none_is_left()?;
        let weights = head.raw().weights.clone();
        Ok(Network {
            graph: Graph::build(&raw.input, &convolutions, End::Pool(head), kernel)?,
            head: weights,
            zero_in: raw.head.zero_in,
            scale: raw.head.scale,
            multiply_accumulates,
            kernel: kernel.name(),
        })
    }

    /// Runs the network on one crop. Allocates nothing from the second time on.
    pub fn logit(&mut self, crop: &Crop) -> Logit {
        let run = self.graph.run(crop.pixels());
        self.logit_of(&run)
    }

    /// The same with the map of where it comes from.
    pub fn logit_and_map(&mut self, crop: &Crop) -> (Logit, ActivationMap) {
        let run = self.graph.run(crop.pixels());
        let places = (run.side() * run.side()) as f32;
        let zero = i32::from(self.zero_in);
        let of_place = |activations: &[u8]| {
            let products = activations.iter().zip(&self.head);
            let sum: i32 = products.map(|(x, weight)| (i32::from(*x) - zero) * i32::from(*weight)).sum();
            sum as f32 * self.scale * places
        };
        let values = run.map().chunks_exact(self.head.len()).map(of_place).collect();
        (self.logit_of(&run), ActivationMap { side: run.side(), values })
    }

    fn logit_of(&self, run: &Run) -> Logit {
        let sum = run.sums()[0];
        Logit { sum, value: sum as f32 * self.scale }
    }

    /// Bytes of packed weights, and of all that a run works in.
    pub fn bytes(&self) -> usize {
        self.graph.bytes()
    }

    /// Multiply-accumulates of one picture.
    pub fn multiply_accumulates(&self) -> u64 {
        self.multiply_accumulates
    }

    /// The int8 kernel that runs it.
    pub fn kernel_name(&self) -> &'static str {
        self.kernel
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network({} multiply-accumulates, {})", self.multiply_accumulates, self.kernel)
    }
}

impl RawHead {
    /// Up to one, so that no sum can make a logit infinite.
    fn scale_is_normal(&self) -> Result<(), NetworkError> {
        let scale = self.scale;
        if scale.is_normal() && scale > 0.0 && scale <= 1.0 {
            Ok(())
        } else {
            Err(NetworkError::HeadScale(scale))
        }
    }

    fn checked(&self, tensors: &mut Tensors, convolutions: &[Convolution]) -> Result<Head, NetworkError> {
        let pixels = convolutions.last().map_or(0, |last| last.height_out() * last.width_out());
        let weights = tensors.take("head", "weight", &[self.channels])?;
        let bias = tensors.take("head", "bias", &[1])?[0];
        let &RawHead { channels, zero_in, .. } = self;
        Head::new(synkiosk_int8::RawHead { pixels, channels, zero_in, weights, bias })
            .map_err(NetworkError::Head)
    }
}
