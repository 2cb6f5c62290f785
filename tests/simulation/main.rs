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
mod sticks;
#[path = "../visitors/dice.rs"]
mod visitor_dice;
mod volume;
mod world;

use campaign::{Asked, campaign, seed};
use disk::Planted;
use std::rc::Rc;
use world::Plants;

/// Steps of one seed, of which every `CHAPTER` ends with a time without faults.
const STEPS: u64 = 20_000;

#[test]
fn a_million_steps_keep_every_promise() {
    campaign(Asked { first: 1, seeds: 50, steps: STEPS, threads: 1 });
}

/// `SIMULATION="first seeds steps threads"`
#[test]
#[ignore = "as long as it is told to: 100 million steps take hours"]
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

#[test]
fn a_seed_gives_the_same_twice() {
    let goods = Rc::new(goods::Goods::new());
    for number in [3, 6, 8] {
        let of = |_: u8| format!("{:?}", seed(number, 4_000, Plants::default(), &goods).unwrap());
        assert_eq!(of(1), of(2), "seed {number}");
    }
}
