//! Signing keys, and files signed with them, as a technician's laptop makes them.

use minisign::KeyPair;
use synkiosk_boards::unit::{acknowledgement::Acknowledgement, rotation::Rotation, settings::Settings};
use synkiosk_models::bundle::{SIGNATURE_COMMENT, TrustedKeys};

/// A key to sign with.
pub(crate) struct Signer {
    pair: KeyPair,
}

/// A file's bytes and its signature's.
pub(crate) type Signed = (Vec<u8>, Vec<u8>);

impl Signer {
    pub(crate) fn new() -> Signer {
        Signer { pair: KeyPair::generate_unencrypted_keypair().expect("makes a key") }
    }

    /// The public key's file.
    pub(crate) fn public(&self) -> String {
        self.pair.pk.to_box().expect("a key").into_string()
    }

    /// The second line of that.
    pub(crate) fn line(&self) -> String {
        self.pair.pk.to_base64()
    }

    pub(crate) fn id(&self) -> String {
        let keys = TrustedKeys::from_public_texts(&[&self.public()]).expect("a key");
        keys.names().next().expect("one").id.clone()
    }

    pub(crate) fn sign(&self, text: &str) -> Signed {
        let signature =
            minisign::sign(None, &self.pair.sk, text.as_bytes(), Some("kit"), Some(SIGNATURE_COMMENT));
        (text.as_bytes().to_vec(), signature.expect("signs").into_string().into_bytes())
    }

    pub(crate) fn settings(&self, settings: &Settings) -> Signed {
        self.sign(&settings.to_text())
    }

    pub(crate) fn acknowledgement(&self, acknowledgement: &Acknowledgement) -> Signed {
        self.sign(&acknowledgement.to_text())
    }

    /// This key says that another takes its place.
    pub(crate) fn rotation_to(&self, new: &Signer) -> Signed {
        self.sign(&Rotation::new(&self.id(), &new.line()).expect("two keys").to_text())
    }
}

/// Settings of this name and counter, and no more.
pub(crate) fn named(unit: &str, counter: u64) -> Settings {
    Settings::named(unit, counter).expect("a name")
}

/// The same, and more.
pub(crate) fn with(mut settings: Settings, change: impl FnOnce(&mut Settings)) -> Settings {
    change(&mut settings);
    settings
}
