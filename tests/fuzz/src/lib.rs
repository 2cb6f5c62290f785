//! What reads bytes that somebody else has written, as functions of these bytes.
//!
//! Each panics when a promise is broken, and returns when it is kept, whatever the bytes are. They stand in the order in
//! which bytes reach a kiosk: the model it works with, what it sees, what it is told, what it tells, what a laptop reads.
//!
//! Invariant: a target keeps nothing from one call to the next but what it has set up for all of them.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a promise that does not hold has to stop the fuzzer")]

#[path = "../../../models/tests/kit/mod.rs"]
mod kit;

mod model;

mod sight;

mod unit;

mod journal;

mod laptop;
mod web;

/// One thing to fuzz.
pub struct Target {
    /// Its name, which is that of its folders in `corpus/` and `found/`.
    pub name: &'static str,
    /// The longest input that is tried, bytes.
    pub longest: usize,
    /// Whether the input is taken. Panics when it breaks a promise.
    pub run: fn(&[u8]) -> bool,
    /// Inputs to begin with; the first is taken, or the fuzzer would stay at the door.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "bundle", longest: 128 << 10, run: model::bundle, seeds: model::bundles },
    Target { name: "signed_bundle", longest: 128 << 10, run: model::signed_bundle, seeds: model::bundles },
    Target { name: "manifest", longest: 16 << 10, run: model::manifest, seeds: model::manifests },
    Target { name: "signature", longest: 1 << 10, run: model::signature, seeds: model::signatures },
    Target { name: "camera_frame", longest: 16 << 10, run: sight::camera_frame, seeds: sight::frames },
    Target { name: "picture", longest: 16 << 10, run: sight::picture, seeds: sight::pictures },
    Target { name: "code", longest: 1 << 10, run: sight::code, seeds: sight::codes },
    Target { name: "settings_code", longest: 2 << 10, run: unit::settings_code, seeds: unit::settings_codes },
    Target { name: "unit_files", longest: 4 << 10, run: unit::files, seeds: unit::all_files },
    Target { name: "board_profile", longest: 4 << 10, run: unit::board_profile, seeds: unit::board_profiles },
    Target { name: "segment", longest: 16 << 10, run: journal::segment, seeds: journal::segments },
    Target { name: "record", longest: 4 << 10, run: journal::record, seeds: journal::records },
    Target { name: "slip", longest: 1 << 10, run: journal::slip, seeds: journal::slips },
    Target { name: "people_csv", longest: 2 << 10, run: laptop::people_csv, seeds: laptop::tables },
    Target { name: "fat", longest: 64 << 10, run: laptop::fat, seeds: laptop::fats },
    Target { name: "ext4", longest: 128 << 10, run: laptop::ext4, seeds: laptop::ext4s },
    Target { name: "multipart", longest: 16 << 10, run: web::multipart, seeds: web::forms },
];

impl Target {
    /// The target of this name.
    pub fn named(name: &str) -> Option<&'static Target> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// All names, in their order.
    pub fn names() -> String {
        TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(" ")
    }
}
