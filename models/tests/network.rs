//! Networks: equal to the reference bit for bit, and refused for each single defect.

mod kit;

use kit::{Numbers, SMALL, Tensor, USUAL, safetensors};
use safetensors::Dtype;
use synkiosk_int8::{Convolution, RawConvolution, kernel, reference};
use synkiosk_models::{
    align::{Crop, SIZE},
    network::{Network, NetworkError, RawNetwork},
};

fn bytes_of<'a>(tensors: &'a [Tensor], name: &str) -> &'a [u8] {
    &tensors.iter().find(|tensor| tensor.name == name).expect("the tensor is there").bytes
}

fn signed(bytes: &[u8]) -> Vec<i8> {
    bytes.iter().map(|byte| *byte as i8).collect()
}

/// The sum by the definition: each layer by the 64-bit reference, then pool and head by plain loops.
fn sum_by_definition(raw: &RawNetwork, tensors: &[Tensor], crop: &Crop) -> i64 {
    let mut activations = crop.pixels().to_vec();
    let mut side = SIZE;
    for layer in &raw.layers {
        let tensor = |what: &str| bytes_of(tensors, &format!("{}.{what}", layer.name));
        let convolution = Convolution::new(RawConvolution {
            height: side,
            width: side,
            channels_in: layer.channels_in,
            channels_out: layer.channels_out,
            kernel: layer.kernel,
            stride: layer.stride,
            padding: layer.padding,
            weights: signed(tensor("weight")),
            bias: tensor("bias").as_chunks().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect(),
            scale: tensor("scale").as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
            zero_in: layer.zero_in,
            zero_out: layer.zero_out,
            floor: layer.floor,
        })
        .expect("within the bounds");
        let mut output = vec![0; convolution.output_length()];
        reference::run(&convolution, &activations, &mut output);
        (activations, side) = (output, convolution.height_out());
    }
    let weights = signed(bytes_of(tensors, "head.weight"));
    let zero = i64::from(raw.head.zero_in);
    let products = activations
        .iter()
        .enumerate()
        .map(|(at, activation)| i64::from(weights[at % weights.len()]) * (i64::from(*activation) - zero));
    1234 + products.sum::<i64>()
}

#[test]
fn sums_equal_the_definition() {
    for (layers, seed) in [(SMALL, 1), (SMALL, 2), (USUAL, 3)] {
        let (raw, tensors) = kit::network(layers, seed);
        let bytes = safetensors(&tensors);
        for kernel in kernel::all() {
            let mut network = Network::build_with(&raw, &bytes, kernel).unwrap();
            let mut sums = Vec::new();
            for crop in [1, 2].map(|seed| Numbers(seed).crop()) {
                let logit = network.logit(&crop);
                assert_eq!(logit.sum, sum_by_definition(&raw, &tensors, &crop), "kernel {}", kernel.name());
                assert_eq!(logit.value, logit.sum as f32 * raw.head.scale);
                assert_eq!(network.logit(&crop), logit, "the second run differs");
                sums.push(logit.sum);
            }
            assert_ne!(sums[0], sums[1], "a network that says the same to everything proves nothing");
        }
    }
}

/// The mean over the places of the activation map, and the head's bias, are the logit.
#[test]
fn the_map_adds_up_to_the_logit() {
    let (raw, tensors) = kit::network(USUAL, 3);
    let mut network = Network::build(&raw, &safetensors(&tensors)).unwrap();
    let (logit, map) = network.logit_and_map(&Numbers(1).crop());
    assert_eq!((map.side, map.values.len()), (8, 64));
    let mean = map.values.iter().sum::<f32>() / 64.0 + 1234.0 * raw.head.scale;
    assert!((mean - logit.value).abs() < 1e-3 * logit.value.abs().max(1.0), "{mean} for {}", logit.value);
    assert!(map.values.iter().any(|value| *value != map.values[0]));
}

#[test]
fn usual_size_is_within_the_budget() {
    let (raw, tensors) = kit::network(USUAL, 1);
    let network = Network::build(&raw, &safetensors(&tensors)).unwrap();
    assert_eq!(network.multiply_accumulates(), 38_338_560);
    assert_eq!(network.kernel_name(), kernel::best().name());
}

#[test]
fn layer_list_survives_toml() {
    let (raw, _) = kit::network(USUAL, 1);
    let text = toml::to_string(&raw).unwrap();
    assert_eq!(toml::from_str::<RawNetwork>(&text).unwrap(), raw);
}

/// Networks can be built in one thread and run in another.
#[test]
fn networks_can_be_sent() {
    fn is_send<T: Send>() {}
    is_send::<Network>();
}

type Change = fn(&mut RawNetwork, &mut Vec<Tensor>);

/// One defect each, and what must be said of it.
const DEFECTS: &[(Change, &str)] = &[
    (
        |raw, _| raw.input.size = 4_000_000_000,
        "the network's input is 4000000000 x 4000000000 x 2, zero 128, scale 0.020833334, \
         this program makes 128 x 128 x 2, zero 128, scale 0.020833334",
    ),
    (|raw, _| raw.input.scale = f32::NAN, "the network's input is "),
    (|raw, _| raw.layers.clear(), "the network has 0 layers, not 1 to 32"),
    (|raw, _| raw.layers = vec![raw.layers[0].clone(); 33], "the network has 33 layers, not 1 to 32"),
    (|raw, _| raw.layers[0].name = "head".to_owned(), "\"head\" cannot name a layer"),
    (|raw, _| raw.layers[0].name = "../c1".to_owned(), "\"../c1\" cannot name a layer"),
    (|raw, _| raw.layers[0].name = String::new(), "\"\" cannot name a layer"),
    (|raw, _| raw.layers[1].name = "c1".to_owned(), "\"c1\" cannot name a layer"),
    (|raw, _| raw.layers[0].channels_in = 1, "layer c1 has channels_in 1, what comes before it gives 2"),
    (|raw, _| raw.layers[1].channels_in = 4, "layer c2 has channels_in 4, what comes before it gives 3"),
    (|raw, _| raw.layers[0].zero_in = 0, "layer c1 has zero_in 0, what comes before it gives 128"),
    (|raw, _| raw.layers[1].zero_in = 7, "layer c2 has zero_in 7, what comes before it gives 0"),
    (|raw, _| raw.head.channels = 6, "layer head has channels 6, what comes before it gives 5"),
    (|raw, _| raw.head.zero_in = 1, "layer head has zero_in 1, what comes before it gives 0"),
    (
        |raw, _| raw.head.scale = f32::NAN,
        "the head's scale is NaN, not a normal number above zero and up to one",
    ),
    (|raw, _| raw.head.scale = -1e-6, "the head's scale is -0.000001, not "),
    (|raw, _| raw.head.scale = f32::INFINITY, "the head's scale is inf, not "),
    (
        |raw, _| (raw.layers[0].channels_out, raw.layers[1].channels_in) = (4_000_000_000, 4_000_000_000),
        "the tensor c1.weight is I8 [3, 3, 3, 2], the layer list needs I8 [4000000000, 3, 3, 2]",
    ),
    (
        |raw, _| raw.layers[0].kernel = 4_000_000_000,
        "the tensor c1.weight is I8 [3, 3, 3, 2], the layer list needs I8 [3, 4000000000, 4000000000, 2]",
    ),
    (|raw, _| raw.layers[0].stride = 4_000_000_000, "layer c1: stride is 4000000000, not 1 to 4"),
    (|raw, _| raw.layers[0].stride = 0, "layer c1: stride is 0, not 1 to 4"),
    (|raw, _| raw.layers[1].padding = 3, "layer c2: padding is 3, not 0 to 2"),
    (|_, tensors| drop(tensors.remove(0)), "the tensor c1.weight is missing"),
    (|_, tensors| drop(tensors.pop()), "the tensor head.bias is missing"),
    (
        |_, tensors| {
            let extra = Tensor { name: "c3.weight".to_owned(), ..tensors[0].clone() };
            tensors.push(extra);
        },
        "the tensor \"c3.weight\" belongs to no layer",
    ),
    (
        |_, tensors| tensors[0].dtype = Dtype::U8,
        "the tensor c1.weight is U8 [3, 3, 3, 2], the layer list needs I8 ",
    ),
    (
        |_, tensors| tensors[2].dtype = Dtype::I32,
        "the tensor c1.scale is I32 [3], the layer list needs F32 [3]",
    ),
    (
        |_, tensors| tensors[0].shape = vec![3, 3, 2, 3],
        "the tensor c1.weight is I8 [3, 3, 2, 3], the layer list needs ",
    ),
    (|_, tensors| tensors[0].bytes[20] = 0x80, "layer c1: a weight of output channel 1 is -128"),
    (
        |_, tensors| tensors[1].bytes[..4].copy_from_slice(&i32::MAX.to_le_bytes()),
        "layer c1: output channel 0 could overflow 32 bits",
    ),
    (
        |_, tensors| tensors[2].bytes[4..8].copy_from_slice(&f32::NAN.to_le_bytes()),
        "layer c1: the scale of output channel 1 is NaN, not a normal number above zero",
    ),
    (
        |_, tensors| tensors[2].bytes[4..8].copy_from_slice(&1e30_f32.to_le_bytes()),
        "layer c1: output channel 1 could overflow 32 bits",
    ),
    (|_, tensors| tensors[6].bytes[1] = 0x80, "the head's weight 1 is -128"),
    (
        |_, tensors| tensors[7].bytes.copy_from_slice(&i64::MAX.to_le_bytes()),
        "the head's bias is 9223372036854775807, not within 2^53 of zero",
    ),
];

#[test]
fn one_defect_each() {
    for (change, expected) in DEFECTS {
        let (mut raw, mut tensors) = kit::network(SMALL, 1);
        change(&mut raw, &mut tensors);
        let error = Network::build(&raw, &safetensors(&tensors)).expect_err(expected);
        assert!(error.to_string().starts_with(expected), "{error}\nexpected: {expected}");
        assert!(!error.help().is_empty());
    }
}

#[test]
fn too_much_work_is_refused() {
    let (raw, tensors) = kit::network(&[[64, 1]], 1);
    assert_eq!(Network::build(&raw, &safetensors(&tensors)).unwrap().multiply_accumulates(), 18_874_368);
    let (raw, tensors) = kit::network(&[[64, 1], [64, 2]], 1);
    let error = Network::build(&raw, &safetensors(&tensors)).unwrap_err();
    assert_eq!(error, NetworkError::TooSlow(169_869_312));
}

/// A tensor file whose header says what its bytes do not hold, or that is no tensor file.
#[test]
fn damaged_tensor_files_are_refused() {
    let (raw, tensors) = kit::network(SMALL, 1);
    let good = safetensors(&tensors);
    let with_header = |header: &str| [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
    let mut damaged = vec![
        vec![],
        vec![0; 7],
        u64::MAX.to_le_bytes().to_vec(),
        (1_u64 << 40).to_le_bytes().to_vec(),
        with_header("{"),
        with_header(
            r#"{"c1.weight":{"dtype":"I8","shape":[4000000000,4000000000,4000000000],"data_offsets":[0,8]}}"#,
        ),
        with_header(r#"{"c1.weight":{"dtype":"I8","shape":[4000000000],"data_offsets":[0,4000000000]}}"#),
        with_header(r#"{"c1.weight":{"dtype":"I8","shape":[-1],"data_offsets":[0,8]}}"#),
        with_header(r#"{"c1.weight":{"dtype":"I8","shape":[0],"data_offsets":[8,0]}}"#),
        with_header(&"[".repeat(60_000)),
        [good.as_slice(), &[0]].concat(),
    ];
    damaged.extend((0..good.len()).step_by(17).map(|length| good[..length].to_vec()));
    for bytes in damaged {
        let error = Network::build(&raw, &bytes).unwrap_err();
        assert!(matches!(error, NetworkError::Damaged(_)), "{error}");
    }
    let error = Network::build(&raw, &vec![0; (16 << 20) + 1]).unwrap_err();
    assert_eq!(error, NetworkError::TooLarge((16 << 20) + 1));
}
