//! What is in the image, as SPDX 2.3 in JSON: Debian's packages by version and digest, our program, the bundle.

use super::{Parts, hex, packages::Packages};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The document.
pub fn document(parts: &Parts, packages: &Packages, identity: [u8; 16]) -> Vec<u8> {
    let board = parts.profile.name();
    let mut list: Vec<Value> = packages
        .list
        .iter()
        .map(|package| {
            let (name, version) = (&package.name, &package.version);
            let mut entry = entry(name, version, &package.digest);
            entry["supplier"] = json!("Organization: Debian");
            entry["externalRefs"] = json!([{
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": format!("pkg:deb/debian/{name}@{version}?arch={}", package.architecture),
            }]);
            entry
        })
        .collect();
    list.push(entry("synkiosk-device", env!("CARGO_PKG_VERSION"), &hex(&Sha256::digest(&parts.program))));
    if let Some(bundle) = &parts.bundle {
        list.push(entry("model-bundle", "", &hex(&Sha256::digest(bundle))));
    }
    let describes: Vec<Value> = list
        .iter()
        .map(|package| {
            json!({
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": package["SPDXID"],
            })
        })
        .collect();
    let document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": format!("synkiosk-{board}"),
        "documentNamespace": format!("urn:synkiosk:image:{board}:{}", hex(&identity)),
        // A clock would make two images of the same inputs differ.
        "creationInfo": { "created": "2020-01-01T00:00:00Z", "creators": ["Tool: synkiosk"] },
        "packages": list,
        "relationships": describes,
    });
    let mut bytes = serde_json::to_vec_pretty(&document).expect("text and lists are JSON");
    bytes.push(b'\n');
    bytes
}

fn entry(name: &str, version: &str, digest: &str) -> Value {
    let id: String =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let mut entry = json!({
        "SPDXID": format!("SPDXRef-{id}"),
        "name": name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "checksums": [{ "algorithm": "SHA256", "checksumValue": digest }],
    });
    if !version.is_empty() {
        entry["versionInfo"] = json!(version);
    }
    entry
}
