//! Members that are not what the signed manifest says, or not what a device computes with.

use super::kit::{self, Parts, SMALL, Tensor, safetensors};
use super::{PARTS, refusal};
use safetensors::Dtype;

/// Members that are signed, and wrong.
#[test]
fn members_with_one_defect() {
    let golden = |change: fn(&mut Vec<Tensor>)| {
        let (raw, tensors) = kit::network(SMALL, 1);
        let (raw_landmarks, landmark_tensors) = kit::landmarks(SMALL, 1);
        let mut golden =
            kit::golden((&raw, &safetensors(&tensors)), (&raw_landmarks, &safetensors(&landmark_tensors)), 2);
        change(&mut golden);
        safetensors(&golden)
    };
    let network = |change: fn(&mut Vec<Tensor>)| {
        let (_, mut tensors) = kit::network(SMALL, 1);
        change(&mut tensors);
        safetensors(&tensors)
    };
    let other = safetensors(&kit::network(&[[3, 4], [6, 4]], 1).1);
    let with = |change: &dyn Fn(&mut Parts)| {
        let mut parts = PARTS.clone();
        change(&mut parts);
        parts.pack()
    };
    let defects = [
        (with(&|parts| parts.card = vec![0xff, 0xfe]), "card.md is empty or no UTF-8 text"),
        (with(&|parts| parts.card = b" \n".to_vec()), "card.md is empty or no UTF-8 text"),
        (
            with(&|parts| parts.network = other.clone()),
            "the tensor c2.weight is I8 [6, 3, 3, 3], the layer list needs ",
        ),
        (with(&|parts| parts.network.truncate(100)), "the network's tensors are damaged ("),
        (
            with(&|parts| parts.network = network(|tensors| tensors[2].bytes[..4].fill(0xff))),
            "layer c1: the scale of output channel 0 is NaN, not a normal number above zero",
        ),
        (
            with(&|parts| parts.golden = parts.network.clone()),
            "the golden vectors cannot be read: 8 tensors instead of ",
        ),
        (with(&|parts| parts.golden.truncate(50_000)), "the golden vectors cannot be read: "),
        (
            with(&|parts| parts.golden = golden(|tensors| tensors[1].dtype = Dtype::U64)),
            "the golden vectors cannot be read: sums are U64 [2]",
        ),
        (
            with(&|parts| parts.golden = golden(|tensors| tensors[0].shape = vec![2, 64, 256, 2])),
            "the golden vectors cannot be read: inputs are U8 [2, 64, 256, 2]",
        ),
        (
            with(&|parts| {
                parts.golden = golden(|tensors| {
                    tensors[0] = Tensor { shape: vec![0, 128, 128, 2], bytes: vec![], ..tensors[0].clone() };
                    tensors[1] = Tensor { shape: vec![0], bytes: vec![], ..tensors[1].clone() };
                });
            }),
            "the golden vectors cannot be read: 0 of them, not 1 to 256",
        ),
        (
            with(&|parts| parts.golden = golden(|tensors| tensors[1].name = "sum".to_owned())),
            "the golden vectors cannot be read: sums are missing",
        ),
    ];
    for (bytes, expected) in defects {
        let error = refusal(&bytes);
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    }
}

/// Another network under the same manifest, the signature untouched.
#[test]
fn exchanged_members_are_refused() {
    let manifest = PARTS.manifest_text();
    let other = Parts::of(SMALL, 2);
    for (parts, expected) in [
        (
            Parts { network: other.network.clone(), ..PARTS.clone() },
            "network.safetensors is not the one that was signed",
        ),
        (
            Parts { landmarks: other.landmarks.clone(), ..PARTS.clone() },
            "landmarks.safetensors is not the one that was signed",
        ),
        (
            Parts { card: b"# Trained on everybody".to_vec(), ..PARTS.clone() },
            "card.md is not the one that was signed",
        ),
        (
            Parts { golden: other.golden.clone(), ..PARTS.clone() },
            "golden.safetensors is not the one that was signed",
        ),
    ] {
        assert_eq!(refusal(&parts.pack_with(&manifest)), expected);
    }
}
