//! A whole kiosk on simulated disks, camera, clock, buttons and sticks, all from one seed: what was promised is kept, whatever
//! happens. `README.md` says what is simulated, what must hold, and what may be waived on which disk.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[path = "../../models/tests/kit/mod.rs"]
mod bundle_kit;
mod calls;
mod campaign;
mod chaos;
mod checks;
mod dice;
mod disk;
mod goods;
mod hardware;
mod kiosk;
mod ledger;
#[allow(dead_code, reason = "visitors need more of it")]
#[path = "../visitors/person.rs"]
mod person;
#[path = "../visitors/shot.rs"]
mod shot;
mod sticks;
#[path = "../visitors/dice.rs"]
mod visitor_dice;
mod volume;
mod world;

use campaign::{Asked, campaign, seed};
use disk::{DATA, Disks, Planted};
use std::{path::Path, rc::Rc};
use synkiosk_device::slots::shelf::{self, Shelf};
use synkiosk_journal::{
    disk::simulated::install,
    store::{Folder, Store},
};
use world::Plants;

/// Steps of one seed, of which every `CHAPTER` ends with a time without faults.
const STEPS: u64 = 20_000;

#[test]
fn a_million_steps_keep_every_promise() {
    campaign(Asked { first: 1, seeds: 50, steps: STEPS, threads: 1 });
}

/// `SIMULATION="first seeds steps threads"`
#[test]
#[ignore = "as long as it is told to: 100 million steps take a quarter of an hour"]
fn as_many_steps_as_asked_for() {
    campaign(Asked::of_environment());
}

/// What a simulation cannot find it does not test.
#[test]
fn planted_faults_are_found() {
    let plants = |change: fn(&mut Plants)| {
        let mut plants = Plants::default();
        change(&mut plants);
        plants
    };
    let no_file_flush =
        |plants: &mut Plants| plants.disk = Planted { no_file_flush: true, ..Planted::default() };
    let no_folder_flush =
        |plants: &mut Plants| plants.disk = Planted { no_folder_flush: true, ..Planted::default() };
    for (what, plants, finds) in [
        (
            "files are not flushed",
            plants(no_file_flush),
            ["session is lost", "half of it", "fell from"].as_slice(),
        ),
        ("folders are not flushed", plants(no_folder_flush), &["session is lost", "fell from", "is back"]),
        (
            "anyone's key counts",
            plants(|plants| plants.trusts_anyone = true),
            &["somebody else", "is at work"],
        ),
        ("the counters are forgotten", plants(|plants| plants.forgets_counters = true), &["fell from"]),
        ("a picture is kept", plants(|plants| plants.keeps_pictures = true), &["a photo was written"]),
    ] {
        let goods = Rc::new(goods::Goods::new());
        // Of six seeds with an honest disk each finds it sooner or later.
        let found: Vec<String> =
            (0..6).filter_map(|number| seed(number, STEPS, plants, &goods).err()).collect();
        assert!(!found.is_empty(), "{what}, and nobody notices");
        for fault in &found {
            println!("figure: simulation: {what}: {fault}");
            assert!(finds.iter().any(|word| fault.contains(word)), "{what}: {fault}");
        }
    }
}

/// A call that fails while a folder is opened is made good when it is opened again: one that was made the first time is not
/// taken for one that was there for good. Where the call is one of writing, nothing is acknowledged, and it is written again.
#[test]
fn a_folder_that_opened_at_the_second_try_loses_nothing() {
    let twice = |work: &dyn Fn() -> std::io::Result<()>| work().or_else(|_| work()).unwrap();
    for calls in 0..30 {
        let disks = Disks::new(calls as u64, hardware::PHOTO, Planted::default());
        let _installed = install(disks.clone());
        disks.fail_after(calls);
        twice(&|| Folder::open(Path::new("/data/journal"))?.write(1, 0, b"a session"));
        disks.fail_after(calls);
        twice(&|| shelf::Folder::open(Path::new("/data/models"))?.write("a.bundle", b"a model"));
        disks.heal();
        disks.cut();
        disks.power_on();
        for (path, bytes) in [("journal/00000001.segment", "a session"), ("models/a.bundle", "a model")] {
            let kept = disks.peek(&Path::new(DATA).join(path));
            assert_eq!(kept.as_deref().map(Vec::as_slice), Some(bytes.as_bytes()), "{path}, {calls}");
        }
    }
}

/// A write that a system takes in parts is no full disk, for which the oldest sessions would be dropped.
#[test]
fn a_write_in_parts_is_whole() {
    let disks = Disks::new(1, hardware::PHOTO, Planted::default());
    let _installed = install(disks.clone());
    let mut store = Folder::open(Path::new("/data/journal")).unwrap();
    for segment in 1..=1_000 {
        store.write(segment, 0, b"a session").unwrap();
        assert_eq!(store.read(segment).unwrap(), b"a session");
    }
}

#[test]
fn a_seed_gives_the_same_twice() {
    let goods = Rc::new(goods::Goods::new());
    for number in [3, 6, 8] {
        let of = |_: u8| format!("{:?}", seed(number, 4_000, Plants::default(), &goods).unwrap());
        assert_eq!(of(1), of(2), "seed {number}");
    }
}
