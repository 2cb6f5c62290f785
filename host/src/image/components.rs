//! What the program is made of, as `device/build.sh` has listed it beside the program: put on the card where it is of this
//! very program.

use super::{ImageError, hex};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The list's name, beside the program and on the card.
pub const NAME: &str = "synkiosk-device.cdx.json";
/// Bytes that a list may have: some thirty times what it has.
pub const MOST_BYTES: u64 = 4 << 20;

/// Of CycloneDX, what says which program the list is of.
#[derive(Deserialize)]
struct Bill {
    #[serde(rename = "bomFormat")]
    format: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    component: Component,
}

#[derive(Deserialize)]
struct Component {
    hashes: Vec<Hash>,
}

#[derive(Deserialize)]
struct Hash {
    alg: String,
    content: String,
}

/// Refuses a list that is of another program, or none.
///
/// # Errors
/// Which of the two.
pub fn check(list: &[u8], program: &[u8]) -> Result<(), ImageError> {
    let bill = serde_json::from_slice::<Bill>(list).ok().filter(|bill| bill.format == "CycloneDX");
    let bill = bill.ok_or(ImageError::Components("is no CycloneDX list with a digest of the program"))?;
    let digest = hex(&Sha256::digest(program));
    let is_own = |hash: &Hash| hash.alg == "SHA-256" && hash.content.eq_ignore_ascii_case(&digest);
    if bill.metadata.component.hashes.iter().any(is_own) {
        Ok(())
    } else {
        Err(ImageError::Components("is of another program"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, the first example: of `abc`.
    const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn only_the_programs_own_list_is_taken() {
        let list = |format: &str, alg: &str, digest: &str| {
            format!(
                r#"{{"bomFormat":"{format}","metadata":{{"component":{{"hashes":[{{"alg":"{alg}","content":"{digest}"}}]}}}}}}"#
            )
        };
        let own = list("CycloneDX", "SHA-256", DIGEST);
        assert!(check(own.as_bytes(), b"abc").is_ok());
        for (list, program, said) in [
            (own.as_str(), b"abd".as_slice(), "another program"),
            (&list("CycloneDX", "SHA-1", DIGEST), b"abc", "another program"),
            (&list("SPDX", "SHA-256", DIGEST), b"abc", "no CycloneDX list"),
            (&own.replace("hashes", "names"), b"abc", "no CycloneDX list"),
            ("", b"abc", "no CycloneDX list"),
        ] {
            let error = check(list.as_bytes(), program).unwrap_err().to_string();
            assert!(error.contains(said), "{list}: {error}");
        }
    }
}
