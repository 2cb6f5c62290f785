//! Archives with one defect each.

use super::kit::{demo_key, sign};
use super::{PARTS, refusal};
use synkiosk_models::bundle::{Bundle, SIGNATURE_COMMENT, TrustedKeys, archive::NAMES};

/// A member of a hand-made archive.
fn entry(change: impl FnOnce(&mut tar::Header), name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    let field = &mut header.as_ustar_mut().expect("ustar").name;
    field[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    change(&mut header);
    header.set_cksum();
    let mut entry = header.as_bytes().to_vec();
    entry.extend_from_slice(bytes);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

/// The six members of a good bundle as entries.
fn entries() -> Vec<Vec<u8>> {
    let manifest = PARTS.manifest_text();
    let signature = sign(&manifest, &demo_key(), SIGNATURE_COMMENT);
    let contents = [
        signature.as_bytes(),
        manifest.as_bytes(),
        &PARTS.network,
        &PARTS.landmarks,
        &PARTS.card,
        &PARTS.golden,
    ];
    NAMES.iter().zip(contents).map(|(name, bytes)| entry(|_| (), name, bytes)).collect()
}

fn archive(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1024]].concat()
}

#[test]
fn hand_made_entries_hold() {
    assert!(Bundle::read(&archive(&entries()), &TrustedKeys::demo()).is_ok());
}

#[test]
fn archives_with_one_defect() {
    type Change = fn(&mut Vec<Vec<u8>>);
    let defects: &[(Change, &str)] = &[
        (
            |entries| drop(entries.remove(0)),
            "it holds \"manifest.toml\" where manifest.toml.minisig must come",
        ),
        (|entries| drop(entries.remove(3)), "it holds \"card.md\" where landmarks.safetensors must come"),
        (|entries| drop(entries.pop()), "golden.safetensors is missing"),
        (Vec::clear, "manifest.toml.minisig is missing"),
        (
            |entries| entries.push(entry(|_| (), "notes.txt", b"hello")),
            "it does not end after its last member",
        ),
        (
            |entries| entries.insert(0, entry(|_| (), "notes.txt", b"hello")),
            "it holds \"notes.txt\" where manifest.toml.minisig must come",
        ),
        (
            |entries| entries.swap(2, 3),
            "it holds \"landmarks.safetensors\" where network.safetensors must come",
        ),
        (
            |entries| entries.insert(2, entries[1].clone()),
            "it holds \"manifest.toml\" where network.safetensors must come",
        ),
        (|entries| entries.push(entries[5].clone()), "it does not end after its last member"),
        (
            |entries| {
                entries[4] = entry(|header| header.set_entry_type(tar::EntryType::Symlink), "card.md", b"")
            },
            "\"card.md\" is no plain file",
        ),
        (
            |entries| {
                entries[4] = entry(|header| header.set_entry_type(tar::EntryType::Link), "card.md", b"")
            },
            "\"card.md\" is no plain file",
        ),
        (
            |entries| {
                entries[4] = entry(|header| header.set_entry_type(tar::EntryType::Directory), "card.md", b"")
            },
            "\"card.md\" is no plain file",
        ),
        (
            |entries| {
                let long = entry(
                    |header| header.set_entry_type(tar::EntryType::GNULongName),
                    "././@LongLink",
                    b"card.md",
                );
                entries.insert(3, long);
            },
            "\"././@LongLink\" is no plain file",
        ),
        (
            |entries| {
                entries.insert(
                    0,
                    entry(|header| header.set_entry_type(tar::EntryType::XGlobalHeader), "pax", b""),
                )
            },
            "\"pax\" is no plain file",
        ),
        (
            |entries| entries[4] = entry(|_| (), "../card.md", &PARTS.card),
            "it holds \"../card.md\" where card.md must come",
        ),
        (
            |entries| entries[4] = entry(|_| (), "/card.md", &PARTS.card),
            "it holds \"/card.md\" where card.md must come",
        ),
        (
            |entries| entries[4] = entry(|_| (), "./card.md", &PARTS.card),
            "it holds \"./card.md\" where card.md must come",
        ),
        (
            |entries| {
                let prefix = |header: &mut tar::Header| {
                    header.as_ustar_mut().expect("ustar").prefix[..3].copy_from_slice(b"etc")
                };
                entries[4] = entry(prefix, "card.md", &PARTS.card);
            },
            "it holds \"etc/card.md\" where card.md must come",
        ),
        (
            |entries| entries[4] = entry(|header| header.set_size(4_000_000_000), "card.md", &PARTS.card),
            "card.md has 4000000000 bytes, more than 262144",
        ),
        (
            |entries| entries[4] = entry(|header| header.set_size(u64::MAX), "card.md", &PARTS.card),
            "card.md has 18446744073709551615 bytes, more than 262144",
        ),
        (
            |entries| entries[5] = entry(|header| header.set_size(16 << 20), NAMES[5], &PARTS.golden),
            "it ends within golden",
        ),
        (
            |entries| entries[4] = entry(|header| header.set_mode(0o777), "card.md", &PARTS.card),
            "the header of card.md is damaged",
        ),
        (
            |entries| entries[4] = entry(|header| header.set_mtime(1), "card.md", &PARTS.card),
            "the header of card.md is damaged",
        ),
        (|entries| entries[4][150] ^= 1, "the header of card.md is damaged"),
        (|entries| *entries[4].last_mut().expect("padding") = 1, "there are stray bytes after card.md"),
    ];
    for (change, expected) in defects {
        let mut entries = entries();
        change(&mut entries);
        let error = refusal(&archive(&entries));
        let expected = format!("the file is no bundle, or a damaged one: {expected}");
        assert!(error.starts_with(&expected), "{error}\nexpected: {expected}");
    }
}
