//! Bundles of any version: the shipped one, signed again with the demo key.

use minisign::SecretKeyBox;
use synkiosk_models::bundle::{
    self, SIGNATURE_COMMENT,
    archive::{self, Members},
};

/// Sound, with this version counter.
pub(crate) fn version(version: u32) -> Vec<u8> {
    with_manifest(|text| versioned(text, version))
}

/// Signed, and with golden vectors that no machine can give.
pub(crate) fn with_wrong_golden(version: u32) -> Vec<u8> {
    let shipped = members();
    let mut golden = shipped.golden.to_vec();
    // Eight bytes of the header's length, the header, and then the sums: the widest numbers come first.
    let header = u64::from_le_bytes(golden[..8].try_into().expect("eight bytes"));
    golden[8 + header as usize] ^= 1;
    let golden_member = bundle::Member::of(archive::NAMES[5], &golden);
    let old = bundle::Member::of(archive::NAMES[5], shipped.golden);
    let manifest = manifest_text(|text| {
        let text = versioned(text, version);
        text.replacen(&old.sha256, &golden_member.sha256, 1)
    });
    pack(&manifest, Members { golden: &golden, ..shipped })
}

/// Sound, with another text in the place of the name.
pub(crate) fn with_name(name: &str, version: u32) -> Vec<u8> {
    with_manifest(|text| {
        versioned(text, version).replacen("name = \"synkiosk\"", &format!("name = \"{name}\""), 1)
    })
}

/// Whatever the shipped one's version is.
fn versioned(manifest: &str, version: u32) -> String {
    let lines = manifest.lines().map(|line| match line.starts_with("version = ") {
        true => format!("version = {version}\n"),
        false => format!("{line}\n"),
    });
    lines.collect()
}

fn with_manifest(change: impl Fn(&str) -> String) -> Vec<u8> {
    pack(&manifest_text(change), members())
}

fn members() -> Members<'static> {
    archive::read(bundle::shipped()).expect("the shipped bundle is one")
}

fn manifest_text(change: impl Fn(&str) -> String) -> String {
    change(std::str::from_utf8(members().manifest).expect("a manifest is text"))
}

fn pack(manifest: &str, members: Members<'_>) -> Vec<u8> {
    let (_, signature) = sign(manifest);
    archive::write(&Members { signature: &signature, manifest: manifest.as_bytes(), ..members })
}

/// Any text and the demo key's signature.
pub(crate) fn sign(text: &str) -> (Vec<u8>, Vec<u8>) {
    let key = include_str!("../../../models/shipped/demo.key");
    let key = SecretKeyBox::from_string(key).and_then(SecretKeyBox::into_unencrypted_secret_key);
    let key = key.expect("the demo key opens");
    let signature = minisign::sign(None, &key, text.as_bytes(), Some("kit"), Some(SIGNATURE_COMMENT));
    (text.as_bytes().to_vec(), signature.expect("signs").into_string().into_bytes())
}
