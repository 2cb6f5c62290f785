//! Where in a picture the network finds what it says: class activation maps.

use crate::training::fold::Folded;
use crate::training::net::{Net, inputs, values};
use synkiosk_models::align::Crop;

/// The last feature map times the head's weights (Zhou and others 2016): `side` x `side` values, rows from the top,
/// over the crop's square. Above 0 speaks for synkinesis; with the head's bias their mean is the logit.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// Values a row.
    pub side: usize,
    /// In units of the logit.
    pub values: Vec<f32>,
}

/// The trained network's maps of crops.
pub fn maps(net: &Net, crops: &[&Crop]) -> Vec<Heat> {
    let folded = Folded::of(net);
    let mut heats = Vec::with_capacity(crops.len());
    for batch in crops.chunks(32) {
        let (mut maps, _) = folded.forward(inputs(batch));
        let Some(last) = maps.pop() else { continue };
        let [_, channels, side, _] = last.dims();
        for map in values(last).chunks(channels * side * side) {
            let mut heat = vec![0.0; side * side];
            for (plane, weight) in map.chunks(side * side).zip(&folded.head) {
                heat.iter_mut().zip(plane).for_each(|(heat, value)| *heat += weight * value);
            }
            heats.push(Heat { side, values: heat });
        }
    }
    heats
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::net::Architecture;
    use crate::training::random::Random;
    use burn::tensor::Device;
    use synkiosk_models::align::{CHANNELS, SIZE};

    #[test]
    fn the_mean_of_a_map_is_the_logit_without_its_bias() {
        let net = Net::new(&Architecture::of(&[(4, 1)], (6, 1), &[(6, 2)]), 1, &Device::flex());
        let mut random = Random::new(&[8]);
        let pixels = (0..SIZE * SIZE * CHANNELS).map(|_| random.bits() as u8).collect();
        let crop = Crop::from_pixels(pixels).unwrap();
        let heat = &maps(&net, &[&crop])[0];
        let mean = heat.values.iter().sum::<f32>() / heat.values.len() as f32;
        let bias = Folded::of(&net).head_bias;
        assert!((mean + bias - net.logits(&[&crop])[0]).abs() < 1e-4);
    }
}
