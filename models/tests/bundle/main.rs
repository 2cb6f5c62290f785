//! Bundles: what holds is read, and each single defect is refused before anything is believed.

#[path = "../kit/mod.rs"]
mod kit;

mod archive;
mod manifest;
mod members;
mod signature;

use kit::{Numbers, Parts, SMALL};
use std::sync::LazyLock;
use synkiosk_models::bundle::{self, Bundle, BundleError, TrustedKeys, archive::NAMES};

static PARTS: LazyLock<Parts> = LazyLock::new(Parts::small);

fn refusal(bytes: &[u8]) -> String {
    let error = Bundle::read(bytes, &TrustedKeys::demo()).expect_err("the defect is refused");
    assert!(!error.help().is_empty());
    error.to_string()
}

#[test]
fn good_bundle_is_read() {
    let bundle = Bundle::read(&PARTS.pack(), &TrustedKeys::demo()).unwrap();
    assert_eq!(bundle.manifest().name, "synkiosk");
    assert_eq!(bundle.manifest().network, PARTS.manifest.network);
    assert_eq!(bundle.card().as_bytes(), PARTS.card);
    assert!(bundle.signed_by().is_demo);
    assert_eq!(bundle.manifest().landmarks, PARTS.manifest.landmarks);
    let (mut network, mut landmarker) = (bundle.network().unwrap(), bundle.landmarker().unwrap());
    assert_eq!(bundle.check_golden(&mut network, &mut landmarker), Ok(3));
}

#[test]
fn shipped_bundle_holds() {
    let bundle = Bundle::read(bundle::shipped(), &TrustedKeys::demo()).unwrap();
    assert!(bundle.signed_by().is_demo);
    let (mut network, mut landmarker) = (bundle.network().unwrap(), bundle.landmarker().unwrap());
    assert!(bundle.check_golden(&mut network, &mut landmarker).unwrap() > 1);
}

/// Positions of every byte outside the three large members, and some 200 inside them.
fn positions(bytes: &[u8]) -> Vec<usize> {
    let large = [NAMES[2], NAMES[3], NAMES[5]].map(|name| {
        let header =
            bytes.windows(name.len()).rposition(|window| window == name.as_bytes()).expect("its header");
        let length = match name {
            name if name == NAMES[2] => PARTS.network.len(),
            name if name == NAMES[3] => PARTS.landmarks.len(),
            _ => PARTS.golden.len(),
        };
        header + 512..header + 512 + length
    });
    let inside = |at: &usize| large.iter().any(|member| member.contains(at));
    (0..bytes.len()).filter(|at| !inside(at) || at % (bytes.len() / 200) == 0).collect()
}

#[test]
fn every_changed_byte_is_refused() {
    let good = PARTS.pack();
    let mut numbers = Numbers(1);
    let positions = positions(&good);
    assert!(positions.len() > 6_500, "{}", positions.len());
    for at in positions {
        let mut bytes = good.clone();
        bytes[at] ^= numbers.below(255) as u8 + 1;
        assert!(Bundle::read(&bytes, &TrustedKeys::demo()).is_err(), "byte {at} changed unnoticed");
    }
}

/// The text that no signature covers, bit by bit.
#[test]
fn every_changed_bit_around_the_manifest_is_refused() {
    let good = PARTS.pack();
    for at in 0..1536 {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            assert!(
                Bundle::read(&bytes, &TrustedKeys::demo()).is_err(),
                "bit {bit} of byte {at} changed unnoticed"
            );
        }
    }
}

#[test]
fn every_other_length_is_refused() {
    let good = PARTS.pack();
    let lengths =
        (0..good.len()).filter(|length| *length < 3000 || length % 97 == 0 || good.len() - length < 2000);
    for length in lengths {
        refusal(&good[..length]);
    }
    for extra in [1, 511, 512, 1024, 10_240] {
        assert_eq!(
            refusal(&[good.as_slice(), &vec![0; extra]].concat()),
            "the file is no bundle, or a damaged one: it does not end after its last member"
        );
    }
    let large = vec![0; bundle::MOST_BYTES + 1];
    assert_eq!(refusal(&large), "the bundle has 67108865 bytes, more than 64 MiB");
}

/// Golden sums of another network: the bundle is read, and the check says so.
#[test]
fn golden_sums_are_compared() {
    let other = Parts::of(SMALL, 2);
    let parts = Parts { golden: other.golden.clone(), ..PARTS.clone() };
    let bundle = Bundle::read(&parts.pack(), &TrustedKeys::demo()).unwrap();
    let error =
        bundle.check_golden(&mut bundle.network().unwrap(), &mut bundle.landmarker().unwrap()).unwrap_err();
    assert!(matches!(error, BundleError::GoldenSum { at: 0, .. }), "{error}");
    assert!(error.to_string().starts_with("golden input 0 gives "), "{error}");
}
