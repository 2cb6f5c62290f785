//! The appliance in a virtual machine: the card's very bytes boot, a rendered person is screened by its buttons and
//! camera, and the journal on the card holds exactly that session.
//!
//! Needs QEMU, mke2fs, the packages of `boards/packages.sh` and the program of `device/build.sh --test-image`, and says so
//! where it cannot run. Waiting is long, because emulation on a busy machine is slow; nothing is asserted about time.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod card;
mod example;
mod machine;
mod raspi3b;
mod stick;

use age::x25519;
use card::Card;
use machine::{Machine, Seen};
use std::{
    path::PathBuf,
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use stick::Stick;
use synkiosk_boards::unit::settings::Settings;
use synkiosk_journal::{Slip, SlipPublicKey, record::Outcome};
use synkiosk_models::{answer::Answer, pose::Pose};

/// What the shipped bundle asks for.
const POSES: [Pose; 4] = [Pose::Rest, Pose::TightClosure, Pose::OpenSmile, Pose::Pucker];

#[test]
fn a_person_is_screened_from_the_card_to_the_journal() {
    let Some((program, packages)) = ready("a session in a virtual machine") else { return };
    let _alone = alone();
    let collector = x25519::Identity::generate();
    let card = Card::make(&program, &packages, &collector.to_public());
    println!("figure: image vm: {:.1} MiB written, at most 64", card.written_mib);
    assert!(card.written_mib <= 64.0);

    let mut machine = Machine::boot(&card, "");
    let attract = machine.wait_for("attract");
    println!("figure: kernel start to attract screen: {:.1} s", attract.since_start);
    assert!(machine.shows("attract"), "the screen is not what the program draws");

    let pressed = machine.press("ret");
    let language = machine.wait_for("language");
    println!("figure: button to next screen: {:.2} s", (language.at - pressed).as_secs_f64());
    // In whatever language is marked by now.
    machine.press("ret");
    machine.wait_for("consent");
    assert!(machine.shows("consent"), "the screen is not what the program draws");

    machine.press("ret");
    for pose in POSES {
        machine.wait_for(&format!("pose-{pose}"));
        machine.keep_screen(&format!("pose-{pose}"));
    }
    let held = machine.wait_for("pose-pucker-hold");
    let answer = machine.wait_for("answer-");
    // The picture is taken a second later at the earliest, so this is more than what is asked for.
    println!("figure: last pose held to answer: {:.2} s", answer.since_start - held.since_start);
    assert_eq!(answer.name, "answer-likely");
    machine.keep_screen("answer");
    for page in ["answer-found", "answer-slip"] {
        machine.press("ret");
        machine.wait_for(page);
        machine.keep_screen(page);
    }
    let slip = machine.code("answer-slip");
    machine.press("ret");
    machine.wait_for("wiped");
    machine.wait_for("attract");
    let stick = visit_of_a_stick(&mut machine);
    // Switched off without a word, as people do.
    drop(machine);

    let records = card.records(&collector);
    let [record] = records.as_slice() else { panic!("one session was held: {records:?}") };
    assert_eq!(record.outcome, Outcome::Likely);
    assert_eq!(record.board.to_string(), "vm");
    assert_eq!(record.poses.iter().map(|pose| pose.pose).collect::<Vec<_>>(), POSES);
    assert!(record.poses.iter().all(|pose| pose.score.is_some()));
    assert_eq!(stick.records("ward-3", &collector), records);
    let unit = stick.unit("ward-3");
    // The code that the screen showed is signed by the key that the stick brought home.
    let key: SlipPublicKey = unit.slip_key.as_deref().unwrap().parse().unwrap();
    let slip = Slip::verify(&slip, &[key]).unwrap();
    assert_eq!((slip.answer, &slip.bundle, slip.indices), (Answer::Likely, &record.bundle, record.indices));
    assert_eq!((unit.site.as_deref(), unit.board.as_deref(), unit.dropped), (Some("north"), Some("vm"), 0));
}

/// The stick brings the unit's name, carries the session home, and is pulled out; the kiosk starts again.
fn visit_of_a_stick(machine: &mut Machine) -> Stick {
    let mut settings = Settings::named("ward-3", 1).unwrap();
    settings.site = Some("north".to_owned());
    let stick = Stick::with(&settings);
    machine.plug_in(&stick);
    let at_work = machine.wait_for("stick-at-work");
    let done = machine.wait_for("stick-done");
    println!("figure: stick plugged in to taken out: {:.1} s", done.since_start - at_work.since_start);
    machine.keep_screen("stick-done");
    machine.pull_out();
    machine.wait_for("start");
    machine.wait_for("attract");
    stick
}

#[test]
fn a_main_loop_that_stands_still_is_ended_by_the_watchdog_and_told_of() {
    let Some((program, packages)) = ready("the watchdog") else { return };
    let _alone = alone();
    let card = Card::make(&program, &packages, &x25519::Identity::generate().to_public());
    let mut machine = Machine::boot(&card, "synkiosk.stuck=1");
    let stuck = machine.wait_for("stuck");
    let again = machine.wait_for("start");
    println!("figure: main loop stuck to next start: {:.1} s", (again.at - stuck.at).as_secs_f64());
    drop(machine);
    let faults = card.text("/last-fault").or_else(|| card.text("/faults")).unwrap_or_default();
    println!("kept: {}", faults.trim());
    assert!(faults.contains("main loop"), "no reason is on the card: {faults:?}");
}

/// Two machines at once would slow each other down, and the figures are printed.
fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::new(());
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn a_panic_that_is_caught_ends_nothing_and_another_is_told_of() {
    let Some((program, packages)) = ready("what a panic does") else { return };
    let _alone = alone();
    let card = Card::make(&program, &packages, &x25519::Identity::generate().to_public());
    // Long after the first turn, so that many a turn has panicked by then.
    let mut machine = Machine::boot(&card, "synkiosk.caught=1 synkiosk.panic=60");
    machine.wait_for("attract");
    machine.press("ret");
    machine.wait_for("language");
    machine.wait_for("start");
    for caught in ["caught", "given up"] {
        assert!(machine.heard(caught), "{caught}: nothing panicked so before the last one");
    }
    drop(machine);
    let faults = card.text("/last-fault").unwrap_or_default();
    println!("kept: {}", faults.trim());
    assert!(faults.contains("asked to"), "not the reason: {faults:?}");
}

/// The program and the packages; none, and a loud line, where something is missing.
fn ready(what: &str) -> Option<(PathBuf, PathBuf)> {
    let packages = folder().join("packages");
    let program = folder().with_file_name("aarch64-unknown-linux-gnu").join("test-image/synkiosk-device");
    let missing = [
        (!has("qemu-system-aarch64"), "apt-get install qemu-system-arm"),
        (!has("mke2fs"), "apt-get install e2fsprogs"),
        (
            !packages.join("packages.txt").exists(),
            "boards/packages.sh target/appliance-test/packages --test-camera",
        ),
        (!program.exists(), "device/build.sh --test-image"),
    ];
    let missing: Vec<_> = missing.into_iter().filter_map(|(missing, help)| missing.then_some(help)).collect();
    if missing.is_empty() {
        return Some((program, packages));
    }
    println!("SKIPPED: {what} was NOT tested; it needs: {}", missing.join("; "));
    None
}

/// `appliance-test` in cargo's output folder, where the test's parts lie and its screens go.
fn folder() -> PathBuf {
    let synkiosk = PathBuf::from(env!("CARGO_BIN_EXE_synkiosk"));
    synkiosk.ancestors().nth(2).expect("cargo puts programs into target/PROFILE").join("appliance-test")
}

fn has(tool: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    Command::new("sh")
        .env("PATH", path)
        .args(["-c", &format!("command -v {tool}")])
        .output()
        .unwrap()
        .status
        .success()
}

/// On a machine that is five times slower than this one, under load.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a line of the serial console says of it.
fn is(seen: &Seen, wanted: &str) -> bool {
    if wanted.ends_with('-') { seen.name.starts_with(wanted) } else { seen.name == wanted }
}
