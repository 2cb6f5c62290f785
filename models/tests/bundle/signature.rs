//! Signatures with one defect each, and whose keys count.

use super::kit::{demo_key, sign};
use super::{PARTS, refusal};
use minisign::KeyPair;
use synkiosk_models::bundle::{self, Bundle, BundleError, SIGNATURE_COMMENT, TrustedKeys};

#[test]
fn signatures_with_one_defect() {
    let manifest = PARTS.manifest_text();
    let good = sign(&manifest, &demo_key(), SIGNATURE_COMMENT);
    let stranger = KeyPair::generate_unencrypted_keypair().unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let strange = sign(&manifest, &stranger.sk, SIGNATURE_COMMENT);
    let strange_lines: Vec<&str> = strange.lines().collect();
    let other_id = format!("{}{}{}", &lines[1][..4], &strange_lines[1][4..12], &lines[1][12..]);

    let untrusted = "the bundle is signed with key ";
    let text = "the bundle's signature is damaged";
    let wrong = "the bundle's signature does not fit its manifest";
    let defects = [
        (strange.clone(), untrusted),
        (good.replace(lines[1], &other_id), untrusted),
        (good.replace(lines[1], &lines[1].replacen("RUQ", "RWQ", 1)), wrong),
        (sign("another manifest", &demo_key(), SIGNATURE_COMMENT), wrong),
        (good.replace("trusted comment: synkiosk bundle", "trusted comment: synkiosk bundl3"), wrong),
        (good.replace(lines[3], strange_lines[3]), wrong),
        (sign(&manifest, &demo_key(), "another comment"), text),
        (good.replace('\n', "\r\n"), text),
        (good.trim_end().to_owned(), text),
        (format!("{good}\n"), text),
        (lines[..3].join("\n") + "\n", text),
        (good.replace(lines[1], ""), text),
        (good.replace(lines[1], &lines[1][..96]), text),
        (good.replace(lines[3], "not base64 at all"), text),
        (String::new(), text),
    ];
    for (signature, expected) in defects {
        let error = refusal(&PARTS.pack_signed(&manifest, &signature));
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}\n{signature}");
    }
}

/// A key counts where it is trusted, and only there; a stranger's bundle is never a demo bundle.
#[test]
fn keys_decide() {
    let maker = KeyPair::generate_unencrypted_keypair().unwrap();
    let public = maker.pk.to_box().unwrap().into_string();
    let manifest = PARTS.manifest_text();
    let bytes = PARTS.pack_signed(&manifest, &sign(&manifest, &maker.sk, SIGNATURE_COMMENT));
    let keys = TrustedKeys::from_public_texts(&[bundle::DEMO_PUBLIC_KEY, &public]).unwrap();

    let bundle = Bundle::read(&bytes, &keys).unwrap();
    assert!(!bundle.signed_by().is_demo);
    assert!(public.contains(&bundle.signed_by().id), "{public} does not show {}", bundle.signed_by().id);
    let refused = Bundle::read(&bytes, &TrustedKeys::demo()).unwrap_err();
    assert_eq!(refused, BundleError::UntrustedKey(bundle.signed_by().id.clone()));
    let only_maker = TrustedKeys::from_public_texts(&[&public]).unwrap();
    assert!(matches!(Bundle::read(&PARTS.pack(), &only_maker), Err(BundleError::UntrustedKey(_))));
    assert!(matches!(
        Bundle::read(&bytes, &TrustedKeys::from_public_texts(&[]).unwrap()),
        Err(BundleError::UntrustedKey(_))
    ));
}
