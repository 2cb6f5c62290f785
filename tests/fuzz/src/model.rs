//! The model: its bundle, and what stands in it.

use crate::kit::{Numbers, Parts, demo_key, sign};
use std::sync::LazyLock;
use synkiosk_models::{
    align::{CHANNELS, Crop, SIZE},
    bundle::{
        Bundle, DEMO_PUBLIC_KEY, Manifest, Member, SIGNATURE_COMMENT, TrustedKeys,
        archive::{self, Members, NAMES},
    },
};

static PARTS: LazyLock<Parts> = LazyLock::new(Parts::small);
/// All that the key's holder has ever signed.
static SIGNED_BUNDLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(bundles);

/// A whole file, as it lies on a stick. Nobody but the key's holder can sign: what is taken is what was signed.
pub(crate) fn bundle(bytes: &[u8]) -> bool {
    let Ok(bundle) = Bundle::read(bytes, &TrustedKeys::demo()) else { return false };
    let members = archive::read(bytes).unwrap();
    let is_signed = |signed: &Vec<u8>| {
        let signed = archive::read(signed).unwrap();
        signed.manifest == members.manifest && signed.described() == members.described()
    };
    assert!(SIGNED_BUNDLES.iter().any(is_signed), "nobody has signed these members");
    assert!(*bundle.manifest() == Manifest::parse(members.manifest).unwrap());
    true
}

/// The members of a maker who signs whatever there is: digests and signature fit, so that all of it is read.
pub(crate) fn signed_bundle(bytes: &[u8]) -> bool {
    let Ok(members) = archive::read(bytes) else { return false };
    let Ok(manifest) = Manifest::parse(members.manifest) else { return false };
    let described = members.described().map(|(name, bytes)| Member::of(name, bytes));
    let text = toml::to_string(&Manifest { members: described.to_vec(), ..manifest }).unwrap();
    let signature = sign(&text, &demo_key(), SIGNATURE_COMMENT);
    let packed =
        archive::write(&Members { signature: signature.as_bytes(), manifest: text.as_bytes(), ..members });
    let Ok(bundle) = Bundle::read(&packed, &TrustedKeys::demo()) else { return false };
    if let Ok(mut network) = bundle.network() {
        let pixels = vec![bytes.len() as u8; SIZE * SIZE * CHANNELS];
        let logit = network.logit(&Crop::from_pixels(pixels).unwrap());
        assert!(!logit.value.is_nan());
    }
    // Both networks, and the golden vectors.
    let holds = bundle.prove().is_ok();
    assert!(!holds || bundle.network().is_ok() && bundle.landmarker().is_ok());
    holds
}

/// The small bundle, and it with one change that is found late.
pub(crate) fn bundles() -> Vec<Vec<u8>> {
    let mut seeds = vec![PARTS.pack()];
    let mut numbers = Numbers(7);
    for change in 0..4 {
        let mut parts = PARTS.clone();
        let members = [&mut parts.network, &mut parts.landmarks, &mut parts.golden, &mut parts.card];
        let member: &mut Vec<u8> = members.into_iter().nth(change).unwrap();
        let at = numbers.below(member.len() as u64) as usize;
        member[at] ^= 1;
        seeds.push(parts.pack());
    }
    seeds
}

/// Layers, thresholds and digests before anything is believed.
pub(crate) fn manifest(bytes: &[u8]) -> bool {
    let Ok(manifest) = Manifest::parse(bytes) else { return false };
    let text = toml::to_string(&manifest).unwrap();
    assert_eq!(Manifest::parse(text.as_bytes()).unwrap(), manifest);
    assert_eq!(manifest.members.len(), NAMES.len() - 2);
    true
}

pub(crate) fn manifests() -> Vec<Vec<u8>> {
    let shipped = archive::read(synkiosk_models::bundle::shipped()).unwrap();
    vec![PARTS.manifest_text().into_bytes(), shipped.manifest.to_vec()]
}

/// What the key's holder has signed, and never anything else.
const SIGNED: &str = "a text that was signed";

/// A signature or, after a zero, a public key.
pub(crate) fn signature(bytes: &[u8]) -> bool {
    if let Some(key) = bytes.strip_prefix(&[0]) {
        let Ok(text) = std::str::from_utf8(key) else { return false };
        let Ok(keys) = TrustedKeys::from_public_texts(&[text]) else { return false };
        assert_eq!(keys.names().count(), 1);
        assert!(keys.verify(b"a text that was not", OTHER_SIGNATURE.as_bytes()).is_err());
        return true;
    }
    let keys = TrustedKeys::demo();
    assert!(keys.verify(b"a text that was not", bytes).is_err());
    let is_good = keys.verify(SIGNED.as_bytes(), bytes).is_ok();
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    assert!(
        !is_good || text.contains(SIGNATURE_COMMENT),
        "the first line is covered by nothing: it may say nothing"
    );
    is_good
}

static OTHER_SIGNATURE: LazyLock<String> =
    LazyLock::new(|| sign("another text", &demo_key(), SIGNATURE_COMMENT));

pub(crate) fn signatures() -> Vec<Vec<u8>> {
    let sound = sign(SIGNED, &demo_key(), SIGNATURE_COMMENT);
    let key = [&[0], DEMO_PUBLIC_KEY.as_bytes()].concat();
    vec![sound.into_bytes(), OTHER_SIGNATURE.clone().into_bytes(), key]
}
