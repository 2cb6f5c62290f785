//! People who are not there, before the real session machine: ten thousand of them, who read, hesitate, make the wrong
//! face, turn away, bring somebody along, press everything, or walk off.
//!
//! Every session is checked at every step: the camera runs between consent and the wipe alone, each visit ends in one wipe
//! and each consented one in one record, and from every screen there is a way on. Time is simulated; everything random
//! comes from one seed.
#![forbid(unsafe_code)]

mod dice;
mod kiosk;
mod person;
mod shot;

use dice::Dice;
use kiosk::Kiosk;
use person::{Kind, Person};
use std::{collections::BTreeMap, time::Duration};
use synkiosk_models::pose::Pose;

const SEED: u64 = 7;
const SESSIONS: usize = 10_000;
/// Rest and three, as the shipped model takes them.
const FOUR: [Pose; 4] = [Pose::Rest, Pose::TightClosure, Pose::OpenSmile, Pose::Pucker];

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
}

fn quantile(times: &[Duration], share: f64) -> f64 {
    times
        .get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)))
        .map_or(f64::NAN, Duration::as_secs_f64)
}

#[test]
fn ten_thousand_visitors_all_leave_nothing_behind() {
    let mut dice = Dice::of(SEED);
    let mut kiosk = Kiosk::new(&FOUR);
    let mut ends: BTreeMap<(Kind, &'static str), usize> = BTreeMap::new();
    let mut screens = BTreeMap::new();
    for number in 0..SESSIONS {
        let mut person = Person::any(&mut dice);
        let end = kiosk
            .visit(&mut person, &mut dice, &mut screens)
            .unwrap_or_else(|fault| panic!("session {number} of seed {SEED}, {:?}: {fault}", person.kind));
        *ends.entry((person.kind, end)).or_default() += 1;
    }
    let answered = |kind| ends.get(&(kind, "answered")).copied().unwrap_or(0);
    let of =
        |kind: Kind| ends.iter().filter(|((one, _), _)| *one == kind).map(|(_, count)| count).sum::<usize>();
    println!(
        "figure: {SESSIONS} simulated visits of seed {SEED}: {} wiped, {} records of {} consented, {} kinds of screens, 0 \
         dead ends",
        kiosk.wipes,
        kiosk.records,
        kiosk.consents,
        screens.len()
    );
    for kind in Kind::ALL {
        let told: Vec<String> = ends
            .iter()
            .filter(|((one, _), _)| *one == kind)
            .map(|((_, end), count)| format!("{count} {end}"))
            .collect();
        println!("figure: of {} who are {kind:?}: {}", of(kind), told.join(", "));
    }
    assert_eq!((kiosk.wipes, kiosk.records), (kiosk.visits, kiosk.consents));
    // Who does what the screens say gets an answer, and nearly all of the clumsy do.
    assert_eq!(answered(Kind::Obedient), of(Kind::Obedient));
    assert!(answered(Kind::Clumsy) * 10 >= of(Kind::Clumsy) * 9);
    // The visits come past every screen that a visitor can see.
    for screen in [
        "attract",
        "language",
        "consent",
        "position-hold",
        "pose-rest",
        "pause",
        "thinking",
        "answer-likely",
        "answer-found",
        "answer-slip",
        "still-there",
        "wiped",
        "declined",
        "stopped",
        "camera-missing",
        "technician-pin",
    ] {
        assert!(screens.contains_key(screen), "nobody saw {screen}: {:?}", screens.keys());
    }
}

#[test]
fn obedient_visitors_are_done_in_time() {
    for (poses, most) in [(&FOUR[..], 75.0), (Pose::ALL, 150.0)] {
        let mut dice = Dice::of(SEED);
        let mut kiosk = Kiosk::new(poses);
        let (mut to_answer, mut whole) = (Vec::new(), Vec::new());
        for _ in 0..1_000 {
            let mut person = Person::of(Kind::Obedient, &mut dice);
            let end = kiosk.visit(&mut person, &mut dice, &mut BTreeMap::new());
            assert_eq!(end.as_deref(), Ok("answered"));
            to_answer.push(kiosk.answered_after.expect("an answer"));
            whole.push(kiosk.took);
        }
        let (answer, all) = (median(&mut to_answer), median(&mut whole));
        println!(
            "figure: {} poses, 1000 obedient visitors: answer after {answer:.1} s (median; 95 % within {:.1} s), all over, \
             its pages read and the kiosk free again, after {all:.1} s",
            poses.len(),
            quantile(&to_answer, 0.95)
        );
        assert!(answer <= most, "{answer} s for {} poses", poses.len());
    }
}

/// One button is enough for everything, as on a kiosk that has no other.
#[test]
fn one_button_is_enough() {
    let mut dice = Dice::of(SEED + 1);
    let mut kiosk = Kiosk::new(&FOUR);
    for _ in 0..200 {
        let mut person = Person::of(Kind::OneButton, &mut dice);
        let end = kiosk.visit(&mut person, &mut dice, &mut BTreeMap::new());
        assert_eq!(end.as_deref(), Ok("answered"));
    }
}

/// The same seed gives the same visits.
#[test]
fn visits_are_repeatable() {
    let run = || {
        let (mut dice, mut kiosk) = (Dice::of(3), Kiosk::new(&FOUR));
        let visits = (0..50).map(|_| {
            let mut person = Person::any(&mut dice);
            let end = kiosk.visit(&mut person, &mut dice, &mut BTreeMap::new());
            (person.kind, end, kiosk.took)
        });
        visits.collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}
