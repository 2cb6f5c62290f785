//! Sealing: age with one X25519 recipient, binary. Sealed are two lines of JSON: where the record hangs, and the record.

use crate::chain::Link;
use crate::record::{Record, RecordError};
use age::{DecryptError, x25519};
use zeroize::Zeroizing;

/// The first bytes of everything that is sealed.
pub(crate) const FIRST_BYTES: &[u8] = b"age-encryption.org/v1\n";

/// Records are filled up with spaces to a multiple of this many bytes, so that the length of a frame does not tell
/// how many poses a person managed.
pub(crate) const FILLED_TO: usize = 2048;

/// Why a sealed record did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It was sealed for somebody else.
    #[error("the record is not sealed for this key")]
    OtherKey,
    /// Its bytes are not those that were sealed.
    #[error("the sealed record is damaged ({0})")]
    Damaged(DecryptError),
    /// It opened, and is no record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl OpenError {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::OtherKey => "pass the key whose recipient the unit was provisioned with",
            Self::Damaged(_) => "collect the segment again; if it stays so, only this record is lost",
            Self::Record(error) => error.help(),
        }
    }
}

pub(crate) fn seal(
    link: &Link,
    record: &Record,
    recipient: &x25519::Recipient,
) -> Result<Vec<u8>, age::EncryptError> {
    let link = serde_json::to_vec(link).expect("a number and digits are JSON");
    let mut json = Zeroizing::new(record.to_json());
    let filled = (link.len() + 1 + json.len()).next_multiple_of(FILLED_TO);
    // Growing in place would leave a copy behind that nobody wipes.
    let mut text = Zeroizing::new(Vec::with_capacity(filled));
    text.extend_from_slice(&link);
    text.push(b'\n');
    text.append(&mut json);
    text.resize(filled, b' ');
    age::encrypt(recipient, &text)
}

pub(crate) fn open(sealed: &[u8], identity: &x25519::Identity) -> Result<(Record, Option<Link>), OpenError> {
    let text = age::decrypt(identity, sealed).map(Zeroizing::new).map_err(|error| match error {
        DecryptError::NoMatchingKeys => OpenError::OtherKey,
        other => OpenError::Damaged(other),
    })?;
    let (link, record) = match text.iter().position(|byte| *byte == b'\n') {
        Some(end) => (Some(&text[..end]), &text[end + 1..]),
        // Of a program before the chain.
        None => (None, &text[..]),
    };
    let link = link.map(serde_json::from_slice).transpose();
    let link = link.map_err(|error| RecordError::Malformed(error.to_string()))?;
    Ok((Record::from_json(record)?, link))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::RecordDigest;
    use crate::record::tests::sample;

    const LINK: Link = Link { sequence: 2026, previous: RecordDigest([3; 16]) };

    #[test]
    fn what_was_sealed_before_the_chain_opens() {
        let key = x25519::Identity::generate();
        let text = [sample(3).to_json(), vec![b' '; 100]].concat();
        let sealed = age::encrypt(&key.to_public(), &text).unwrap();
        assert_eq!(open(&sealed, &key).unwrap(), (sample(3), None));
    }

    #[test]
    fn only_the_right_key_opens() {
        let (key, other) = (x25519::Identity::generate(), x25519::Identity::generate());
        let sealed = seal(&LINK, &sample(3), &key.to_public()).unwrap();
        assert!(sealed.starts_with(FIRST_BYTES));
        assert_eq!(open(&sealed, &key).unwrap(), (sample(3), Some(LINK)));
        assert!(matches!(open(&sealed, &other), Err(OpenError::OtherKey)));
        assert!(matches!(open(&sealed[..sealed.len() - 1], &key), Err(OpenError::Damaged(_))));
        assert!(open(&[], &key).is_err());
    }

    #[test]
    fn nothing_of_the_record_can_be_read() {
        let sealed = seal(&LINK, &sample(3), &x25519::Identity::generate().to_public()).unwrap();
        for word in ["desk", "rendered", "likely", "pose", "03030303", "2026", "format", "sequence"] {
            assert!(!sealed.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
        }
    }
}
