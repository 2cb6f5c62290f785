//! Bundles: what holds is read, and each single defect is refused before anything is believed.

mod kit;

use kit::{Numbers, Parts, SMALL, Tensor, demo_key, safetensors, sign};
use minisign::KeyPair;
use safetensors::Dtype;
use std::sync::LazyLock;
use synkiosk_models::bundle::{self, Bundle, BundleError, SIGNATURE_COMMENT, TrustedKeys, archive::NAMES};

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

/// Manifests that are signed, and wrong: something in the text replaced by something else.
#[test]
fn manifests_with_one_defect() {
    let good = PARTS.manifest_text();
    let deep = format!("format = 2\nname = {}", "[".repeat(200_000));
    let defects: &[(&str, &str, &str)] = &[
        ("format = 2", "format = 1", "the bundle has format 1, this program reads format 2"),
        ("format = 2", "format = 1\nsurprise = 1", "the bundle has format 1, this program reads format 2"),
        ("format = 2\n", "", "the bundle's manifest cannot be read: missing field `format`"),
        (
            "format = 2",
            "format = 2\nsurprise = 1",
            "the bundle's manifest cannot be read: unknown field `surprise`",
        ),
        (
            "stride = 4",
            "stride = 4\ndilation = 2",
            "the bundle's manifest cannot be read: unknown field `dilation`",
        ),
        ("version = 1", "version = 0", "the bundle's manifest has version \"0\", which is not 1 or more"),
        ("version = 1", "version = 4294967296", "the bundle's manifest cannot be read: "),
        ("version = 1", "version = -1", "the bundle's manifest cannot be read: "),
        ("\"synkiosk\"", "\"Syn Kiosk\"", "the bundle's manifest has name \"Syn Kiosk\", which is not "),
        ("\"synkiosk\"", "\"\"", "the bundle's manifest has name \"\", which is not "),
        (
            "(seeded weights)",
            "\\u001b[31m",
            "the bundle's manifest has made_from \"nothing \\u{1b}[31m\", which is not ",
        ),
        ("\"healthy\", ", "", "the bundle's manifest has labels \"synkinesis\", which is not "),
        ("\"healthy\"", "\"sick\"", "the bundle's manifest cannot be read: unknown variant `sick`"),
        (
            "\"rest\"",
            "\"pucker\"",
            "the bundle's manifest has poses \"pucker tight-closure open-smile pucker\", which ",
        ),
        ("\"rest\"", "\"grin\"", "the bundle's manifest cannot be read: unknown variant `grin`"),
        ("temperature = 1.0", "temperature = nan", "the bundle's manifest cannot be read: temperature NaN "),
        ("likely = 0.75", "likely = 0.1", "the bundle's manifest cannot be read: thresholds "),
        ("likely = 0.75", "likely = inf", "the bundle's manifest cannot be read: thresholds "),
        ("most_turn = 0.2", "most_turn = 2.0", "the bundle's manifest cannot be read: quality.most_turn 2 "),
        ("error_rate = 0.03", "error_rate = 0.6", "the bundle's manifest cannot be read: error_rate 0.6 "),
        ("intercept = 0.0", "intercept = inf", "the bundle's manifest cannot be read: intercept has "),
        ("min_poses = 2", "min_poses = 5", "the bundle's manifest has answer.min_poses \"5\", which is not "),
        (
            "min_poses = 2",
            "min_poses = 4000000000",
            "the bundle's manifest cannot be read: min_poses 4000000000 ",
        ),
        ("size = 128", "size = 4000000000", "the network's input is 4000000000 x 4000000000 x 2, "),
        ("scale = 0.020833334", "scale = nan", "the network's input is "),
        (
            "channels_out = 3",
            "channels_out = 4000000000",
            "layer c2 has channels_in 3, what comes before it gives 4000000000",
        ),
        (
            "channels_out = 5",
            "channels_out = 4000000000",
            "layer head has channels 5, what comes before it gives 4000000000",
        ),
        ("stride = 4", "stride = 4000000000", "layer c1: stride is 4000000000, not 1 to 4"),
        (
            "kernel = 3",
            "kernel = 4000000000",
            "the tensor c1.weight is I8 [3, 3, 3, 2], the layer list needs ",
        ),
        ("zero_in = 128", "zero_in = 256", "the bundle's manifest cannot be read: "),
        ("scale = 0.000015625", "scale = nan", "the head's scale is NaN, not "),
        (
            "\"card.md\"",
            "\"../card.md\"",
            "the bundle's manifest has members \"network.safetensors landmarks.safetensors ../card.md ",
        ),
        ("length = 58", "length = 59", "card.md is not the one that was signed"),
        ("sha256 = \"", "sha256 = \"0", "network.safetensors is not the one that was signed"),
        (&good, "", "the bundle's manifest cannot be read: missing field `format`"),
        (&good, &deep, "the bundle's manifest cannot be read: "),
        (&good, "format = 2\nformat = 2", "the bundle's manifest cannot be read: duplicate key"),
    ];
    for (old, new, expected) in defects {
        let manifest = good.replacen(old, new, 1);
        assert_ne!(manifest, good, "{old} is not in the manifest");
        let error = refusal(&PARTS.pack_with(&manifest));
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    }
}

/// Members that are signed, and wrong.
#[test]
fn members_with_one_defect() {
    let golden = |change: fn(&mut Vec<Tensor>)| {
        let (raw, tensors) = kit::network(SMALL, 1);
        let (raw_landmarks, landmark_tensors) = kit::landmarks(SMALL, 1);
        let mut golden =
            kit::golden((&raw, &safetensors(&tensors)), (&raw_landmarks, &safetensors(&landmark_tensors)), 2);
        change(&mut golden);
        safetensors(&golden)
    };
    let network = |change: fn(&mut Vec<Tensor>)| {
        let (_, mut tensors) = kit::network(SMALL, 1);
        change(&mut tensors);
        safetensors(&tensors)
    };
    let other = safetensors(&kit::network(&[[3, 4], [6, 4]], 1).1);
    let with = |change: &dyn Fn(&mut Parts)| {
        let mut parts = PARTS.clone();
        change(&mut parts);
        parts.pack()
    };
    let defects = [
        (with(&|parts| parts.card = vec![0xff, 0xfe]), "card.md is empty or no UTF-8 text"),
        (with(&|parts| parts.card = b" \n".to_vec()), "card.md is empty or no UTF-8 text"),
        (
            with(&|parts| parts.network = other.clone()),
            "the tensor c2.weight is I8 [6, 3, 3, 3], the layer list needs ",
        ),
        (with(&|parts| parts.network.truncate(100)), "the network's tensors are damaged ("),
        (
            with(&|parts| parts.network = network(|tensors| tensors[2].bytes[..4].fill(0xff))),
            "layer c1: the scale of output channel 0 is NaN, not a normal number above zero",
        ),
        (
            with(&|parts| parts.golden = parts.network.clone()),
            "the golden vectors cannot be read: 8 tensors instead of ",
        ),
        (with(&|parts| parts.golden.truncate(50_000)), "the golden vectors cannot be read: "),
        (
            with(&|parts| parts.golden = golden(|tensors| tensors[1].dtype = Dtype::U64)),
            "the golden vectors cannot be read: sums are U64 [2]",
        ),
        (
            with(&|parts| parts.golden = golden(|tensors| tensors[0].shape = vec![2, 64, 256, 2])),
            "the golden vectors cannot be read: inputs are U8 [2, 64, 256, 2]",
        ),
        (
            with(&|parts| {
                parts.golden = golden(|tensors| {
                    tensors[0] = Tensor { shape: vec![0, 128, 128, 2], bytes: vec![], ..tensors[0].clone() };
                    tensors[1] = Tensor { shape: vec![0], bytes: vec![], ..tensors[1].clone() };
                });
            }),
            "the golden vectors cannot be read: 0 of them, not 1 to 256",
        ),
        (
            with(&|parts| parts.golden = golden(|tensors| tensors[1].name = "sum".to_owned())),
            "the golden vectors cannot be read: sums are missing",
        ),
    ];
    for (bytes, expected) in defects {
        let error = refusal(&bytes);
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    }
}

/// Another network under the same manifest, the signature untouched.
#[test]
fn exchanged_members_are_refused() {
    let manifest = PARTS.manifest_text();
    let other = Parts::of(SMALL, 2);
    for (parts, expected) in [
        (
            Parts { network: other.network.clone(), ..PARTS.clone() },
            "network.safetensors is not the one that was signed",
        ),
        (
            Parts { landmarks: other.landmarks.clone(), ..PARTS.clone() },
            "landmarks.safetensors is not the one that was signed",
        ),
        (
            Parts { card: b"# Trained on everybody".to_vec(), ..PARTS.clone() },
            "card.md is not the one that was signed",
        ),
        (
            Parts { golden: other.golden.clone(), ..PARTS.clone() },
            "golden.safetensors is not the one that was signed",
        ),
    ] {
        assert_eq!(refusal(&parts.pack_with(&manifest)), expected);
    }
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

/// What the shortcut audit said is read as it was signed, and a verdict against its own checks is refused.
#[test]
fn audits_with_one_defect() {
    let audited = |audit: &str| {
        let manifest = PARTS.manifest_text() + "\n" + audit;
        PARTS.pack_with(&manifest)
    };
    let good = "[audit]\npassed = false\ndespite = \"a bench test\"\n\
                [[audit.checks]]\nname = \"mirror-change\"\nfigure = 0.2\nlimit = 0.05\npassed = false\n\
                [[audit.checks]]\nname = \"source\"\nlimit = 0.6\npassed = true\n";
    let bundle = Bundle::read(&audited(good), &TrustedKeys::demo()).unwrap();
    let audit = bundle.manifest().audit.as_ref().unwrap();
    assert_eq!((audit.passed, audit.despite.as_deref()), (false, Some("a bench test")));
    assert_eq!((audit.checks[0].figure, audit.checks[1].figure), (Some(0.2), None));
    let unreadable = "the bundle's manifest cannot be read: ";
    for (old, new, expected) in [
        (
            "passed = false\ndespite",
            "passed = true\ndespite",
            "the bundle's manifest has audit.passed \"true\"",
        ),
        ("despite = \"a bench test\"\n", "", "the bundle's manifest has audit.despite \"nothing\""),
        ("a bench test", "", "the bundle's manifest has audit.despite \"\""),
        ("a bench test", "a\\nb", "the bundle's manifest has audit.despite "),
        ("limit = 0.6", "limit = inf", "the bundle's manifest has an audit figure of \"source\""),
        ("\"source\"", "\"mirror-change\"", "the bundle's manifest has audit.checks "),
        ("\"source\"", "\"Source!\"", "the bundle's manifest has audit.checks "),
        ("limit = 0.6", "limits = 0.6", unreadable),
        ("[audit]\n", "[audit]\nsure = true\n", unreadable),
    ] {
        let refusal = refusal(&audited(&good.replacen(old, new, 1)));
        assert!(refusal.starts_with(expected), "{new}: {refusal}");
    }
}
