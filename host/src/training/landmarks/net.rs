//! The second network in training: plain convolutions and linear outputs over the whole last map.

use crate::training::net::{Block, Layer, Maker, Settle, values};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use synkiosk_models::align::{INPUT_SCALE, ZERO_POINT};
use synkiosk_models::landmarker::{OUTPUTS, SIZE};

/// The learned convolutions: outputs and stride of each; kernels of 3 x 3, batch norm, ReLU.
pub const LAYERS: [Layer; 8] = [
    Layer { outputs: 16, stride: 2 },
    Layer { outputs: 24, stride: 2 },
    Layer { outputs: 24, stride: 1 },
    Layer { outputs: 48, stride: 2 },
    Layer { outputs: 48, stride: 1 },
    Layer { outputs: 80, stride: 2 },
    Layer { outputs: 80, stride: 1 },
    Layer { outputs: 96, stride: 2 },
];

/// The whole network.
#[derive(Module, Debug)]
pub struct LandmarkNet {
    /// The convolutions.
    pub blocks: Vec<Block>,
    /// `[channels * rows * columns, OUTPUTS]`.
    pub head: Param<Tensor<2>>,
    /// `[OUTPUTS]`.
    pub head_bias: Param<Tensor<1>>,
}

/// Side of the last map.
pub fn last_side() -> usize {
    LAYERS.iter().fold(SIZE, |side, layer| side.div_ceil(layer.stride))
}

impl LandmarkNet {
    /// First weights from the seed alone; the outputs begin at `mean`.
    pub fn new(seed: u64, mean: &[f32; OUTPUTS], device: &Device) -> LandmarkNet {
        let mut maker = Maker::new(seed, device);
        let mut inputs = 1;
        let mut blocks = Vec::with_capacity(LAYERS.len());
        for layer in &LAYERS {
            blocks.push(maker.block(inputs, layer));
            inputs = layer.outputs;
        }
        let features = inputs * last_side() * last_side();
        let head = maker.even(0.1 * (3.0 / features as f32).sqrt(), [features, OUTPUTS]);
        let bias = Tensor::from_data(TensorData::new(mean.to_vec(), [OUTPUTS]), device);
        LandmarkNet { blocks, head: maker.parameter(head), head_bias: maker.parameter(bias) }
    }

    /// Outputs `[n, OUTPUTS]` of inputs `[n, 1, SIZE, SIZE]`.
    pub fn forward(&self, inputs: Tensor<4>) -> Tensor<2> {
        let maps = self.blocks.iter().fold(inputs, |maps, block| block.forward(maps));
        let [count, channels, height, width] = maps.dims();
        let features = maps.reshape([count, channels * height * width]);
        features.matmul(self.head.val()) + self.head_bias.val().unsqueeze()
    }

    /// Outputs of inputs as the device makes them; of a `valid()` network.
    pub fn outputs(&self, pixels: &[&[u8]]) -> Vec<[f32; OUTPUTS]> {
        let batches = pixels.chunks(32).flat_map(|batch| values(self.forward(inputs(batch))));
        batches.collect::<Vec<f32>>().as_chunks().0.to_vec()
    }
}

impl Settle for LandmarkNet {
    fn settle(&self) {
        self.blocks.iter().for_each(Block::settle);
    }
}

/// What inputs stand for, `[n, 1, SIZE, SIZE]`.
pub fn inputs(pixels: &[&[u8]]) -> Tensor<4> {
    let value = |value: &u8| (f32::from(*value) - f32::from(ZERO_POINT)) * INPUT_SCALE;
    let values: Vec<f32> = pixels.iter().flat_map(|pixels| pixels.iter().map(value)).collect();
    Tensor::from_data(TensorData::new(values, [pixels.len(), 1, SIZE, SIZE]), &Device::flex())
}
