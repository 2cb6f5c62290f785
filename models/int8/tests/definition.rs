//! Every kernel gives the bytes of the reference; and the reference agrees with tract's own integer convolution.

use proptest::prelude::*;
use synkiosk_int8::{
    Chain, Convolution, Head, RawConvolution, RawHead, kernel,
    operator::{End, Int8Network},
    reference,
};
use tract_core::{
    internal::*,
    ops::{
        cnn::{Conv, KernelFormat, PaddingSpec, PoolSpec},
        nn::DataFormat,
    },
};

/// Numbers by seed; the quality does not matter, the repeatability does.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Extremes often, anything else otherwise.
    fn weight(&mut self) -> i8 {
        match self.below(4) {
            0 => 127,
            1 => -127,
            _ => (self.below(255) as i16 - 127) as i8,
        }
    }

    fn activation(&mut self) -> u8 {
        match self.below(4) {
            0 => 0,
            1 => 255,
            _ => self.below(256) as u8,
        }
    }
}

/// The weights all alike, for sums as far from zero as they can be.
#[derive(Debug, Clone, Copy)]
enum Weights {
    Mixed,
    All(i8),
}

fn case(shape: [usize; 7], zeros: [u8; 3], weights: Weights, seed: u64) -> Option<(Convolution, Vec<u8>)> {
    let [height, width, channels_in, channels_out, kernel, stride, padding] = shape;
    let mut numbers = Numbers(seed);
    let window = kernel * kernel * channels_in;
    let weight = |numbers: &mut Numbers| match weights {
        Weights::Mixed => numbers.weight(),
        Weights::All(weight) => weight,
    };
    let list = (0..channels_out * window).map(|_| weight(&mut numbers)).collect();
    // From biases that hardly matter to the largest that fits beside the products.
    let most_bias = i64::from(i32::MAX) - 255 * 127 * window as i64;
    let bias = (0..channels_out)
        .map(|_| {
            let size = most_bias >> numbers.below(31);
            if numbers.below(2) == 0 { size as i32 } else { -size as i32 }
        })
        .collect();
    // From outputs that are all alike to outputs that are all clamped.
    let scale = (0..channels_out)
        .map(|_| (numbers.below(1000) + 1) as f32 * 10_f32.powi(numbers.below(7) as i32 - 10))
        .collect();
    let [zero_in, zero_out, floor] = zeros;
    let raw = RawConvolution {
        height,
        width,
        channels_in,
        channels_out,
        kernel,
        stride,
        padding,
        weights: list,
        bias,
        scale,
        zero_in,
        zero_out,
        floor,
    };
    let convolution = Convolution::new(raw).ok()?;
    let input = (0..convolution.input_length()).map(|_| numbers.activation()).collect();
    Some((convolution, input))
}

/// Every kernel, against the reference.
fn check_kernels(convolution: &Convolution, input: &[u8]) -> Vec<u8> {
    check_chain(std::slice::from_ref(convolution), input)
}

fn check_chain(convolutions: &[Convolution], input: &[u8]) -> Vec<u8> {
    let mut expected = input.to_vec();
    for convolution in convolutions {
        let mut output = vec![0; convolution.output_length()];
        reference::run(convolution, &expected, &mut output);
        expected = output;
    }
    for kernel in kernel::all() {
        let chain = Chain::new(convolutions, kernel).expect("one convolution ends where the next begins");
        let mut arena = chain.arena();
        // Nothing of one run is left in the next.
        for run in ["first", "second"] {
            let mut output = vec![0xaa; expected.len()];
            chain.run(&mut arena, input, &mut output);
            assert_eq!(output, expected, "{run} run of kernel {}, {convolutions:?}", kernel.name());
        }
    }
    expected
}

/// An interpreter, a thousand times slower, gets small pictures: still more than one tile, and every number of channels.
const SIDES: std::ops::Range<usize> = if cfg!(miri) { 1..7 } else { 1..20 };
const LARGEST_KERNEL: usize = if cfg!(miri) { 3 } else { 5 };

fn shapes() -> impl Strategy<Value = [usize; 7]> {
    let channels = prop_oneof![Just(1), Just(2), Just(3), Just(5), Just(17), Just(32), 1_usize..40];
    (SIDES, SIDES, channels.clone(), channels, 1..=LARGEST_KERNEL, 1_usize..=3).prop_flat_map(
        |(height, width, channels_in, channels_out, kernel, stride)| {
            (0..kernel).prop_filter_map("kernel larger than the input", move |padding| {
                (height.min(width) + 2 * padding >= kernel).then_some([
                    height,
                    width,
                    channels_in,
                    channels_out,
                    kernel,
                    stride,
                    padding,
                ])
            })
        },
    )
}

fn weights() -> impl Strategy<Value = Weights> {
    prop_oneof![6 => Just(Weights::Mixed), 1 => Just(Weights::All(127)), 1 => Just(Weights::All(-127))]
}

/// Fewer cases where the environment says so, as it does for emulated processors.
fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        config
    } else {
        ProptestConfig { cases: 1500, ..config }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn kernels_equal_the_reference(shape in shapes(), zeros: [u8; 3], weights in weights(), seed: u64) {
        let (convolution, input) = case(shape, zeros, weights, seed).expect("within the bounds");
        check_kernels(&convolution, &input);
    }

    /// Three in a row: borders of every width, between maps of every shape.
    #[test]
    fn chains_equal_the_reference(
        shape in shapes(),
        next in prop::array::uniform2((1_usize..40, 1_usize..=3, 1_usize..=2)),
        zeros in prop::array::uniform4(any::<u8>()),
        seed: u64,
    ) {
        let (first, input) = case(shape, [zeros[0], zeros[1], 0], Weights::Mixed, seed).expect("within the bounds");
        let mut convolutions = vec![first];
        for ((channels_out, kernel, stride), zeros) in next.into_iter().zip(zeros[1..].windows(2)) {
            let last = convolutions.last().expect("the first");
            let shape = [
                last.height_out(),
                last.width_out(),
                last.raw().channels_out,
                channels_out,
                kernel,
                stride,
                kernel - 1,
            ];
            let (convolution, _) = case(shape, [zeros[0], zeros[1], 0], Weights::Mixed, seed ^ 1).expect("fits");
            convolutions.push(convolution);
        }
        check_chain(&convolutions, &input);
    }
}

/// The sums at their very bounds: each activation as far from zero as it can be, and the bias on top.
#[test]
fn extreme_sums() {
    for (zero_in, activation) in [(0, 255), (255, 0)] {
        for weight in [127, -127] {
            let bias = i32::MAX - 255 * 127 * 3 * 3 * 33;
            for bias in [bias, -bias] {
                let raw = RawConvolution {
                    height: 6,
                    width: 6,
                    channels_in: 33,
                    channels_out: 2,
                    kernel: 3,
                    stride: 1,
                    padding: 1,
                    weights: vec![weight; 2 * 9 * 33],
                    bias: vec![bias; 2],
                    scale: vec![0.9, 1e-7],
                    zero_in,
                    zero_out: 77,
                    floor: 3,
                };
                let convolution = Convolution::new(raw).unwrap();
                check_kernels(&convolution, &vec![activation; convolution.input_length()]);
            }
        }
    }
}

/// A convolution by hand: the definition itself is checked by numbers that a person can follow.
#[test]
fn by_hand() {
    let raw = RawConvolution {
        height: 2,
        width: 2,
        channels_in: 1,
        channels_out: 1,
        kernel: 2,
        stride: 1,
        padding: 1,
        weights: vec![1, 2, 3, 4],
        bias: vec![10],
        scale: vec![0.5],
        zero_in: 100,
        zero_out: 20,
        floor: 20,
    };
    let convolution = Convolution::new(raw).unwrap();
    // Off zero by 1, 2 / 3, -4. Products:
    let output = check_kernels(&convolution, &[101, 102, 103, 96]);
    // (0,0): 4*1=4; (0,1): 3*1+4*2=11; (0,2): 3*2=6
    // (1,0): 2*1+4*3=14; (1,1): 1*1+2*2+3*3+4*-4=-2; (1,2): 1*2+3*-4=-10
    // (2,0): 2*3=6; (2,1): 1*3+2*-4=-5; (2,2): 1*-4=-4
    // Halves of 10 more: 7, 10.5 -> 10, 8, 12, 4, 0, 8, 2.5 -> 2, 3; and 20 more.
    assert_eq!(output, [27, 30, 28, 32, 24, 20, 28, 22, 23]);
}

fn tract_accumulators(convolution: &Convolution, input: &[u8]) -> TractResult<Vec<i32>> {
    let raw = convolution.raw();
    let conv = Conv {
        pool_spec: PoolSpec {
            data_format: DataFormat::NHWC,
            kernel_shape: tvec!(raw.kernel, raw.kernel),
            padding: PaddingSpec::Explicit(tvec!(raw.padding, raw.padding), tvec!(raw.padding, raw.padding)),
            dilations: None,
            strides: Some(tvec!(raw.stride, raw.stride)),
            input_channels: raw.channels_in,
            output_channels: raw.channels_out,
        },
        kernel_fmt: KernelFormat::OHWI,
        group: 1,
        // Raw sums: the output's zero and step are not used.
        q_params: Some(i32::datum_type()),
    };
    let mut model = TypedModel::default();
    let shape = [1, raw.height, raw.width, raw.channels_in];
    let source = model.add_source("input", u8::fact(shape))?;
    let weights =
        Tensor::from_shape(&[raw.channels_out, raw.kernel, raw.kernel, raw.channels_in], &raw.weights)?;
    let constants = [
        ("weights", weights),
        ("bias", tensor1(&raw.bias)),
        ("input zero", tensor0(i32::from(raw.zero_in))),
        ("input step", tensor0(1_f32)),
        ("weight zero", tensor0(0_i32)),
        ("weight step", tensor0(1_f32)),
        ("output zero", tensor0(0_i32)),
        ("output step", tensor0(1_f32)),
    ];
    let mut inputs = vec![source];
    for (name, tensor) in constants {
        inputs.push(model.add_const(name, tensor)?);
    }
    let output = model.wire_node("convolution", conv, &inputs)?;
    model.select_output_outlets(&output)?;
    let plan = SimplePlan::new(model.into_optimized()?)?;
    let result = plan.run(tvec!(Tensor::from_shape(&shape, input)?.into_tvalue()))?;
    Ok(result[0].try_as_plain_ram()?.as_slice::<i32>()?.to_vec())
}

/// From outside: the sums of the reference are those of tract's own integer convolution.
#[test]
fn reference_agrees_with_tract() {
    let mut seed = 0;
    for shape in [
        [9, 11, 2, 5, 3, 2, 1],
        [8, 8, 17, 3, 3, 1, 1],
        [7, 6, 1, 4, 5, 1, 2],
        [5, 5, 32, 16, 1, 1, 0],
        [12, 10, 3, 2, 2, 3, 0],
    ] {
        for zero_in in [0, 128, 255] {
            seed += 1;
            let (convolution, input) = case(shape, [zero_in, 0, 0], Weights::Mixed, seed).unwrap();
            let ours: Vec<i32> = reference::accumulators(&convolution, &input)
                .iter()
                .map(|sum| i32::try_from(*sum).unwrap())
                .collect();
            assert_eq!(
                ours,
                tract_accumulators(&convolution, &input).unwrap(),
                "{convolution:?}, zero {zero_in}"
            );
        }
    }
}

/// In a graph, and at its edges: the same bytes, and a wrong shape is refused when the graph is built.
#[test]
fn operator_in_a_graph() {
    let (convolution, input) = case([9, 11, 2, 5, 3, 2, 1], [128, 3, 3], Weights::Mixed, 5).unwrap();
    let expected = check_kernels(&convolution, &input);
    let operator = |pixels| {
        let chain = Chain::new(std::slice::from_ref(&convolution), kernel::best()).unwrap();
        let head = RawHead { pixels, channels: 5, zero_in: 3, weights: vec![1, -2, 3, -4, 5], bias: 7 };
        Int8Network::new(chain, End::Pool(Head::new(head).unwrap()), kernel::best(), 0)
    };

    let mut model = TypedModel::default();
    let source = model.add_source("input", u8::fact([1, 9, 11, 2])).unwrap();
    let output = model.wire_node("network", operator(5 * 6), &[source]).unwrap();
    model.select_output_outlets(&output).unwrap();
    let plan = SimplePlan::new(model.into_optimized().unwrap()).unwrap();
    let input = Tensor::from_shape(&[1, 9, 11, 2], &input).unwrap();
    let result = plan.run(tvec!(input.into_tvalue())).unwrap();
    let sum: i64 =
        expected.iter().zip([1, -2, 3, -4, 5].iter().cycle()).map(|(x, w)| (i64::from(*x) - 3) * w).sum();
    assert_eq!(result[0].try_as_plain_ram().unwrap().as_slice::<i64>().unwrap(), [sum + 7]);
    assert_eq!(result[1].shape(), [1, 5, 6, 5]);
    assert_eq!(result[1].try_as_plain_ram().unwrap().as_slice::<u8>().unwrap(), expected);

    let right = u8::fact([1, 9, 11, 2]);
    for (wrong, pixels) in [
        (u8::fact([1, 11, 9, 2]), 30),
        (i8::fact([1, 9, 11, 2]), 30),
        (u8::fact([2, 9, 11, 2]), 30),
        (right, 31),
    ] {
        let mut model = TypedModel::default();
        let source = model.add_source("input", wrong).unwrap();
        assert!(model.wire_node("network", operator(pixels), &[source]).is_err());
    }
}
