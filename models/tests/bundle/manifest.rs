//! Signed manifests with one defect each.

use super::{PARTS, refusal};
use synkiosk_models::bundle::{Bundle, TrustedKeys};

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
