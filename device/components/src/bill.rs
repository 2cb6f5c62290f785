//! The list as CycloneDX 1.5 in JSON. No clock, no random number and no folder gets in: equal programs have equal lists.

use crate::{Component, Role};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What the list is of.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its own version.
    pub version: &'a str,
    /// What compiled it, as it names itself.
    pub compiler: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bill<'a> {
    bom_format: &'a str,
    spec_version: &'a str,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    component: Entry<'a>,
    properties: [Property<'a>; 1],
}

#[derive(Serialize)]
struct Property<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Entry<'a> {
    r#type: &'a str,
    bom_ref: &'a str,
    name: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    licenses: [Licence<'a>; 1],
    purl: &'a str,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
struct Licence<'a> {
    expression: &'a str,
}

fn sha256(content: String) -> Hash {
    Hash { alg: "SHA-256", content }
}

/// The document, with the program's own digest.
pub fn document(program: Program<'_>, components: &[Component]) -> Vec<u8> {
    let digest = Sha256::digest(program.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let purl = format!("pkg:cargo/synkiosk-device@{}", program.version);
    let own = Entry {
        r#type: "application",
        bom_ref: &purl,
        name: "synkiosk-device",
        version: program.version,
        scope: None,
        hashes: vec![sha256(digest)],
        licenses: [Licence { expression: "MIT OR Apache-2.0" }],
        purl: &purl,
    };
    let bill = Bill {
        bom_format: "CycloneDX",
        spec_version: "1.5",
        version: 1,
        metadata: Metadata {
            component: own,
            properties: [Property { name: "synkiosk:compiler", value: program.compiler }],
        },
        components: components.iter().map(entry).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&bill).expect("text and lists are JSON");
    bytes.push(b'\n');
    bytes
}

fn entry(component: &Component) -> Entry<'_> {
    Entry {
        r#type: "library",
        bom_ref: &component.purl,
        name: &component.name,
        version: &component.version,
        // "Excluded" is CycloneDX's word for what is used to build and not there when it runs.
        scope: Some(match component.role {
            Role::Program => "required",
            Role::Build => "excluded",
        }),
        hashes: component.checksum.iter().cloned().map(sha256).collect(),
        licenses: [Licence { expression: &component.licence }],
        purl: &component.purl,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_programs_have_equal_lists_and_the_digest_is_the_programs() {
        let component = Component {
            name: "one".to_owned(),
            version: "1.0.0".to_owned(),
            role: Role::Build,
            licence: "MIT".to_owned(),
            repository: String::new(),
            checksum: Some("00ff".to_owned()),
            purl: "pkg:cargo/one@1.0.0".to_owned(),
        };
        let program = Program { bytes: b"abc", version: "0.1.0", compiler: "rustc" };
        let made = document(program, std::slice::from_ref(&component));
        assert_eq!(made, document(program, &[component]));
        let list: serde_json::Value = serde_json::from_slice(&made).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((&list["bomFormat"], &list["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
        let own = &list["metadata"]["component"];
        assert_eq!(own["bom-ref"], "pkg:cargo/synkiosk-device@0.1.0");
        // FIPS 180-2, the first example.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(own["hashes"][0]["content"], known);
        assert_eq!(list["components"][0]["scope"], "excluded");
        assert_eq!(list["components"][0]["hashes"][0]["content"], "00ff");
    }
}
