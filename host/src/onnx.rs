//! A bundle's networks as ONNX files, so that other programs can be compared with this one.
//!
//! The int8 files (QOperator: `QLinearConv` with u8 activations and int8 weights per channel, then `MatMulInteger`) are the
//! bundle's arithmetic to the last bit: all activations have the scale 1, so that a weight's scale is the one factor from
//! accumulator to activation, as in `synkiosk_int8::reference`. The f32 files have the same weights, but round and clip
//! nothing between layers. Inputs are `[1, channel, row, column]`: the u8 crop, or its distance from the zero point as f32.

mod graph;
mod protobuf;

use graph::{Attribute, Graph, Type};
use safetensors::SafeTensors;
use synkiosk_models::{
    bundle::Bundle,
    network::{End, RawHead, RawInput, RawLayer, RawNetwork, RawOutputs},
};

/// The files of a bundle by name.
pub fn files(bundle: &Bundle) -> Vec<(&'static str, Vec<u8>)> {
    let checked = "the bundle's tensors were checked when it was read";
    let classifier = SafeTensors::deserialize(bundle.tensors()).expect(checked);
    let classifier = Source::of_classifier(&bundle.manifest().network, &classifier);
    let landmarks = SafeTensors::deserialize(bundle.landmark_tensors()).expect(checked);
    let landmarks = Source::of_landmarks(&bundle.manifest().landmarks, &landmarks);
    vec![
        ("classifier-int8.onnx", classifier.int8("classifier")),
        ("classifier-f32.onnx", classifier.f32("classifier")),
        ("landmarks-int8.onnx", landmarks.int8("landmarks")),
        ("landmarks-f32.onnx", landmarks.f32("landmarks")),
    ]
}

/// A network with its tensors in ONNX's order: channels before rows and columns.
struct Source {
    input: RawInput,
    layers: Vec<Layer>,
    end: Matrix,
}

struct Layer {
    raw: RawLayer,
    /// `[out][in][row][column]`.
    weights: Vec<i8>,
    bias: Vec<i32>,
    scale: Vec<f32>,
}

/// Linear outputs over the last map.
struct Matrix {
    zero_in: u8,
    /// `[channel, row, column][output]`.
    weights: Vec<i8>,
    bias: Vec<i64>,
    /// The value of one step of each sum.
    scale: Vec<f32>,
}

impl Source {
    fn of_classifier(raw: &RawNetwork<RawHead>, tensors: &SafeTensors<'_>) -> Source {
        let (layers, side) = layers(raw, tensors);
        // The pool is a sum: each pixel of a channel has the same weight.
        let weights = signed(bytes(tensors, "head.weight"));
        let weights = weights.iter().flat_map(|weight| std::iter::repeat_n(*weight, side * side)).collect();
        let end = Matrix {
            zero_in: raw.head.zero_in,
            weights,
            bias: numbers(tensors, "head.bias", i64::from_le_bytes),
            scale: vec![raw.head.scale],
        };
        Source { input: raw.input, layers, end }
    }

    fn of_landmarks(raw: &RawNetwork<RawOutputs>, tensors: &SafeTensors<'_>) -> Source {
        let (layers, side) = layers(raw, tensors);
        let RawOutputs { channels, zero_in, outputs } = raw.head;
        let given = signed(bytes(tensors, "head.weight"));
        let mut weights = Vec::with_capacity(given.len());
        for channel in 0..channels {
            for place in 0..side * side {
                weights.extend(
                    (0..outputs).map(|output| given[(output * side * side + place) * channels + channel]),
                );
            }
        }
        let end = Matrix {
            zero_in,
            weights,
            bias: numbers(tensors, "head.bias", i64::from_le_bytes),
            scale: numbers(tensors, "head.scale", f32::from_le_bytes),
        };
        Source { input: raw.input, layers, end }
    }

    /// The bundle's own arithmetic.
    fn int8(&self, name: &str) -> Vec<u8> {
        let mut graph = Graph::new(Type::U8, &self.input_shape());
        let one = graph.scalar("one".to_owned(), Type::F32, &1f32.to_le_bytes());
        for Layer { raw, weights, bias, scale } in &self.layers {
            let of = |what: &str| format!("{}.{what}", raw.name);
            let out = [raw.channels_out];
            let others = [
                one.clone(),
                graph.scalar(of("zero_in"), Type::U8, &[raw.zero_in]),
                graph.constant(of("weight"), Type::I8, &raw.weight_shape(), &unsigned(weights)),
                graph.constant(of("scale"), Type::F32, &out, &little(scale, f32::to_le_bytes)),
                graph.constant(of("weight_zero"), Type::I8, &out, &vec![0; raw.channels_out]),
                one.clone(),
                graph.scalar(of("zero_out"), Type::U8, &[raw.zero_out]),
                graph.constant(of("bias"), Type::I32, &out, &little(bias, i32::to_le_bytes)),
            ];
            raw.convolve(&mut graph, "QLinearConv", &others);
            // The least u8 is a floor by itself.
            if raw.floor > 0 {
                let floor = graph.scalar(of("floor"), Type::U8, &[raw.floor]);
                graph.node(&of("floored"), "Clip", &[floor], &[]);
            }
        }
        let end = &self.end;
        graph.node("flat", "Flatten", &[], &[("axis", Attribute::Integer(1))]);
        let others = [
            graph.constant("head.weight".to_owned(), Type::I8, &end.shape(), &unsigned(&end.weights)),
            graph.scalar("head.zero_in".to_owned(), Type::U8, &[end.zero_in]),
        ];
        graph.node("products", "MatMulInteger", &others, &[]);
        graph.node("wide", "Cast", &[], &[("to", Attribute::Integer(Type::I64 as i64))]);
        let bias = little(&end.bias, i64::to_le_bytes);
        let bias = graph.constant("head.bias".to_owned(), Type::I64, &[end.outputs()], &bias);
        graph.node("sums", "Add", &[bias], &[]);
        graph.finish(name, "int8, the arithmetic of a synkiosk bundle", Type::I64, &[1, end.outputs()])
    }

    /// The same weights without rounding.
    fn f32(&self, name: &str) -> Vec<u8> {
        let mut graph = Graph::new(Type::F32, &self.input_shape());
        for Layer { raw, weights, bias, scale } in &self.layers {
            let of = |what: &str| format!("{}.{what}", raw.name);
            let window = weights.len() / scale.len();
            let real: Vec<f32> = weights
                .iter()
                .enumerate()
                .map(|(at, weight)| f32::from(*weight) * scale[at / window])
                .collect();
            let real_bias: Vec<f32> =
                bias.iter().zip(scale).map(|(bias, scale)| *bias as f32 * scale).collect();
            let others = [
                graph.constant(
                    of("weight"),
                    Type::F32,
                    &raw.weight_shape(),
                    &little(&real, f32::to_le_bytes),
                ),
                graph.constant(
                    of("bias"),
                    Type::F32,
                    &[raw.channels_out],
                    &little(&real_bias, f32::to_le_bytes),
                ),
            ];
            raw.convolve(&mut graph, "Conv", &others);
            if raw.floor == raw.zero_out {
                graph.node(&of("floored"), "Relu", &[], &[]);
            } else {
                let floor = f32::from(raw.floor) - f32::from(raw.zero_out);
                let floor = graph.scalar(of("floor"), Type::F32, &floor.to_le_bytes());
                graph.node(&of("floored"), "Clip", &[floor], &[]);
            }
        }
        let end = &self.end;
        graph.node("flat", "Flatten", &[], &[("axis", Attribute::Integer(1))]);
        let scales = end.scale.iter().cycle();
        let weights: Vec<f32> =
            end.weights.iter().zip(scales).map(|(weight, scale)| f32::from(*weight) * scale).collect();
        let weights = little(&weights, f32::to_le_bytes);
        let weights = graph.constant("head.weight".to_owned(), Type::F32, &end.shape(), &weights);
        graph.node("products", "MatMul", &[weights], &[]);
        let bias: Vec<f32> =
            end.bias.iter().zip(&end.scale).map(|(bias, scale)| *bias as f32 * scale).collect();
        let bias = little(&bias, f32::to_le_bytes);
        let bias = graph.constant("head.bias".to_owned(), Type::F32, &[end.outputs()], &bias);
        graph.node("values", "Add", &[bias], &[]);
        graph.finish(name, "f32, the weights of a synkiosk bundle", Type::F32, &[1, end.outputs()])
    }

    fn input_shape(&self) -> [usize; 4] {
        [1, self.input.channels, self.input.size, self.input.size]
    }
}

impl Matrix {
    fn outputs(&self) -> usize {
        self.bias.len()
    }

    fn shape(&self) -> [usize; 2] {
        [self.weights.len() / self.outputs(), self.outputs()]
    }
}

/// What ONNX says of a layer.
trait Convolve {
    fn weight_shape(&self) -> [usize; 4];
    fn convolve(&self, graph: &mut Graph, operator: &str, others: &[String]);
}

impl Convolve for RawLayer {
    fn weight_shape(&self) -> [usize; 4] {
        [self.channels_out, self.channels_in, self.kernel, self.kernel]
    }

    fn convolve(&self, graph: &mut Graph, operator: &str, others: &[String]) {
        let [kernel, stride, padding] = [self.kernel, self.stride, self.padding].map(|side| side as i64);
        let attributes = [
            ("kernel_shape", Attribute::Integers(&[kernel; 2])),
            ("strides", Attribute::Integers(&[stride; 2])),
            ("pads", Attribute::Integers(&[padding; 4])),
        ];
        graph.node(&self.name, operator, others, &attributes);
    }
}

/// The layers, and the side of the last map.
fn layers<H: End>(raw: &RawNetwork<H>, tensors: &SafeTensors<'_>) -> (Vec<Layer>, usize) {
    let mut side = raw.input.size;
    let mut layers = Vec::new();
    for layer in &raw.layers {
        let of = |what: &str| format!("{}.{what}", layer.name);
        side = (side + 2 * layer.padding - layer.kernel) / layer.stride + 1;
        layers.push(Layer {
            weights: channels_first(layer, &signed(bytes(tensors, &of("weight")))),
            bias: numbers(tensors, &of("bias"), i32::from_le_bytes),
            scale: numbers(tensors, &of("scale"), f32::from_le_bytes),
            raw: layer.clone(),
        });
    }
    (layers, side)
}

/// From `[out][row][column][in]` to `[out][in][row][column]`.
fn channels_first(layer: &RawLayer, weights: &[i8]) -> Vec<i8> {
    let (places, channels) = (layer.kernel * layer.kernel, layer.channels_in);
    let of_output = |weights: &[i8]| -> Vec<i8> {
        (0..channels * places).map(|at| weights[at % places * channels + at / places]).collect()
    };
    weights.chunks_exact(places * channels).flat_map(of_output).collect()
}

fn bytes<'a>(tensors: &SafeTensors<'a>, name: &str) -> &'a [u8] {
    tensors.tensor(name).expect("the bundle's networks were built when it was read").data()
}

fn numbers<T, const N: usize>(tensors: &SafeTensors<'_>, name: &str, read: fn([u8; N]) -> T) -> Vec<T> {
    bytes(tensors, name).as_chunks().0.iter().map(|bytes| read(*bytes)).collect()
}

fn little<T: Copy, const N: usize>(values: &[T], write: fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|value| write(*value)).collect()
}

fn signed(bytes: &[u8]) -> Vec<i8> {
    bytes.iter().map(|byte| byte.cast_signed()).collect()
}

fn unsigned(values: &[i8]) -> Vec<u8> {
    values.iter().map(|value| value.cast_unsigned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use synkiosk_models::bundle::{self, TrustedKeys};

    #[test]
    fn weights_are_turned_to_channels_first() {
        let layer = RawLayer {
            name: "c1".to_owned(),
            channels_in: 2,
            channels_out: 1,
            kernel: 2,
            stride: 1,
            padding: 0,
            zero_in: 0,
            zero_out: 0,
            floor: 0,
        };
        assert_eq!(channels_first(&layer, &[1, 10, 2, 20, 3, 30, 4, 40]), [1, 2, 3, 4, 10, 20, 30, 40]);
    }

    /// What ONNX Runtime makes of the files is measured by `tests/peers/speed.py`.
    #[test]
    fn each_file_holds_every_weight_once() {
        let keys = TrustedKeys::demo();
        let bundle = Bundle::read(bundle::shipped(), &keys).unwrap();
        for (name, file) in files(&bundle) {
            assert_eq!(&file[..2], &[0x08, 7], "{name} begins with its format's version");
            let network =
                if name.starts_with("landmarks") { bundle.landmark_tensors() } else { bundle.tensors() };
            let bytes_a_weight = if name.ends_with("f32.onnx") { 4 } else { 1 };
            let tensors = SafeTensors::deserialize(network).unwrap();
            let weights: usize = tensors
                .tensors()
                .iter()
                .filter(|(name, _)| name.ends_with("weight") && !name.starts_with("head"))
                .map(|(_, tensor)| tensor.data().len())
                .sum();
            assert!(file.len() > weights * bytes_a_weight, "{name} has {} bytes", file.len());
        }
    }
}
