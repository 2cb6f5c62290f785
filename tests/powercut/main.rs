//! The power is cut at any moment of twenty sessions and a model update: nothing that was promised is lost.
//!
//! The storage code of the appliance works on a real ext4 whose every write and flush is recorded. Then the disk is put
//! together as a power cut may have left it, mounted as at a start, and the storage code starts on it. Needs root, Linux
//! and QEMU's storage daemon, and says so where it cannot run.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod disk;
#[path = "../appliance/example.rs"]
mod example;
mod recording;
mod write_log;

use age::x25519;
use disk::{Disk, Random};
use example::example;
use minisign::SecretKeyBox;
use recording::{BYTES, Promise, Recording, record, tool};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};
use synkiosk_journal::segment::{Piece, read_segment};
use synkiosk_models::bundle::{
    self, SIGNATURE_COMMENT,
    archive::{self, Members},
};

/// The card comes with the shipped bundle, and the stick brings the next.
const OLD: u64 = 4;
const NEW: u64 = 5;

#[test]
fn nothing_is_lost_by_a_power_cut() {
    campaign(200, 2026);
}

#[test]
#[ignore = "takes eight minutes: 5000 torn disks"]
fn nothing_is_lost_by_five_thousand_power_cuts() {
    campaign(5000, 1);
}

fn campaign(torn: usize, seed: u64) {
    if let Some(missing) = missing() {
        println!("skipped: power cuts: {missing}");
        return;
    }
    let start = Instant::now();
    let bench = Bench::new();
    let recording = bench.record();
    let states = bench.states(&recording, torn, seed);
    let flushes = recording.entries.iter().filter(|entry| entry.flush).count();
    let (lost, broken) = (bench.lost(&states, &recording.promises), broken(&states));
    let writes = recording.entries.iter().filter(|entry| !entry.data.is_empty()).count();
    let with = |version| states.iter().filter(|state| state.version() == Some(version)).count();
    println!("figure: power cuts: {writes} writes, {flushes} prefixes that end at a flush, {torn} torn ones");
    println!("figure: power cuts: {} sessions lost, {} states that need a hand", lost.len(), broken.len());
    println!("figure: power cuts: the old model in {} states, the new one in {}", with(OLD), with(NEW));
    println!("figure: power cuts: {:.1} s, seed {seed}", start.elapsed().as_secs_f64());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert!(flushes >= 21 && with(OLD) > 0 && with(NEW) > 0);
    // Whoever promised one flush sooner would be caught.
    let early = promised_too_early(&recording);
    assert!(!bench.lost(&states, &early).is_empty(), "lost sessions would not be noticed");
}

/// What this machine lacks.
fn missing() -> Option<String> {
    if tool("id", &[&"-u"]) != "0" {
        return Some("only root can mount a disk".to_owned());
    }
    let tools = ["qemu-storage-daemon", "mke2fs", "e2fsck", "losetup", "mount", "umount"];
    let here = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    if let Some(tool) = tools.into_iter().find(|name| !here(name)) {
        return Some(format!(
            "{tool} is not installed (Debian: qemu-system-common, qemu-utils, e2fsprogs, mount)"
        ));
    }
    let devices = ["/dev/fuse", "/dev/loop-control"];
    devices
        .into_iter()
        .find(|device| !Path::new(device).exists())
        .map(|device| format!("there is no {device}"))
}

struct Bench {
    work: tempfile::TempDir,
    program: PathBuf,
    collector: x25519::Identity,
}

/// One disk as a power cut may leave it, and how a start on it went.
struct State {
    /// Entries of the log that had been asked for by then.
    asked: usize,
    /// Whether some of what was not flushed is there.
    torn: bool,
    /// What the storage code found, or why it could not start.
    found: Result<Value, String>,
    /// Sessions in the journal.
    sessions: BTreeSet<u8>,
}

impl State {
    fn version(&self) -> Option<u64> {
        self.found.as_ref().ok()?["version"].as_u64()
    }
}

impl Bench {
    fn new() -> Bench {
        let work = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = work.path().join(name);
            fs::create_dir_all(&folder).unwrap();
            folder
        };
        fs::write(folder("card/models").join("a.bundle"), bundle::shipped()).unwrap();
        fs::write(folder("stick/synkiosk/inbox").join("new.bundle"), newer_bundle()).unwrap();
        Bench { work, program: example("storage"), collector: x25519::Identity::generate() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.work.path().join(name)
    }

    fn recipient(&self) -> String {
        self.collector.to_public().to_string()
    }

    fn record(&self) -> Recording {
        record(&self.program, &self.recipient(), self.work.path(), &self.path("card"), &self.path("stick"))
    }

    /// Starts on the disk of every prefix that ends at a flush, and on torn ones between.
    fn states(&self, recording: &Recording, torn: usize, seed: u64) -> Vec<State> {
        let entries = &recording.entries;
        let flushes: Vec<usize> = (0..entries.len()).filter(|at| entries[*at].flush).collect();
        let mut random = Random(seed);
        // Where each torn one is cut: after this entry, and never where everything is flushed.
        let unflushed: Vec<usize> = (0..entries.len()).filter(|at| !entries[*at].flush).collect();
        let mut cuts: Vec<usize> = (0..torn).map(|_| unflushed[random.below(unflushed.len())]).collect();
        cuts.sort_unstable();
        let mut cuts = cuts.into_iter().peekable();
        let mut flushed = recording.before.clone();
        let mut states = vec![self.start_on(&flushed, 0, false)];
        let mut from = 0;
        for flush in flushes.into_iter().chain([entries.len()]) {
            while let Some(cut) = cuts.next_if(|cut| *cut < flush) {
                let disk = disk::torn(&flushed, &entries[from..=cut], &mut random);
                states.push(self.start_on(&disk, cut + 1, true));
            }
            let end = (flush + 1).min(entries.len());
            entries[from..end].iter().for_each(|entry| flushed.write(entry));
            states.push(self.start_on(&flushed, end, false));
            from = end;
        }
        states
    }

    fn start_on(&self, disk: &Disk, asked: usize, torn: bool) -> State {
        let (image, data) = (self.path("cut.img"), self.path("cut"));
        disk.save(&image, BYTES).unwrap();
        fs::create_dir_all(&data).unwrap();
        let mut sessions = BTreeSet::new();
        let found = self.mounted(&image, &data, &mut sessions);
        State { asked, torn, found, sessions }
    }

    fn mounted(&self, image: &Path, data: &Path, sessions: &mut BTreeSet<u8>) -> Result<Value, String> {
        said(Command::new("mount").args(["-t", "ext4", "-o", "loop"]).arg(image).arg(data))?;
        let arguments =
            ["check".as_ref(), data.as_os_str(), self.recipient().as_ref()].map(|it| it.to_owned());
        let found = said(Command::new(&self.program).args(arguments).arg(self.path("stick")));
        *sessions = self.sessions(&data.join("journal"));
        said(Command::new("umount").arg(data))?;
        // The kernel replayed its journal, and nothing else had to be repaired.
        said(Command::new("e2fsck").args(["-f", "-n"]).arg(image))?;
        serde_json::from_str(&found?).map_err(|error| error.to_string())
    }

    /// What the collector finds, without the one that was recorded after the cut.
    fn sessions(&self, journal: &Path) -> BTreeSet<u8> {
        let mut sessions = BTreeSet::new();
        for entry in fs::read_dir(journal).into_iter().flatten().flatten() {
            let bytes = fs::read(entry.path()).unwrap();
            let Ok(pieces) = read_segment(&bytes) else { continue };
            for piece in pieces {
                if let Piece::Frame(frame) = piece {
                    sessions.insert(frame.open(&self.collector).unwrap().session.0[0]);
                }
            }
        }
        sessions
    }

    /// Promises that were not kept.
    fn lost(&self, states: &[State], promises: &[(Promise, usize)]) -> Vec<String> {
        let mut lost = Vec::new();
        for state in states {
            for (promise, _) in promises.iter().filter(|(_, entries)| *entries <= state.asked) {
                let kept = match promise {
                    Promise::Session(number) => state.sessions.contains(number),
                    Promise::NewModel => state.version() == Some(NEW),
                };
                if !kept {
                    lost.push(format!("{promise:?} after {} entries, torn: {}", state.asked, state.torn));
                }
            }
        }
        lost
    }
}

/// States in which something failed that a person would have to mend.
fn broken(states: &[State]) -> Vec<String> {
    let defect = |state: &State| match &state.found {
        Err(error) => Some(error.clone()),
        Ok(found) => {
            let sound = found["notice"].is_null()
                && found["faults"].as_array().is_some_and(Vec::is_empty)
                && found["damaged"] == 0
                && [OLD, NEW].contains(&found["version"].as_u64().unwrap_or(0));
            (!sound).then(|| found.to_string())
        }
    };
    let broken = states.iter().filter_map(|state| Some((state, defect(state)?)));
    broken.map(|(state, why)| format!("after {} entries, torn: {}: {why}", state.asked, state.torn)).collect()
}

/// Every promise as if it had been made one flush before.
fn promised_too_early(recording: &Recording) -> Vec<(Promise, usize)> {
    let flush_before = |entries: usize| {
        recording.entries[..entries].iter().rposition(|entry| entry.flush).unwrap_or_default()
    };
    recording.promises.iter().map(|(promise, entries)| (*promise, flush_before(*entries))).collect()
}

/// What a tool prints, or that it failed and what it said.
fn said(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{command:?}: {} {}", output.status, String::from_utf8_lossy(&said)))
}

/// The shipped bundle with the next version counter, signed with the demo key.
fn newer_bundle() -> Vec<u8> {
    let members = archive::read(bundle::shipped()).unwrap();
    let manifest = std::str::from_utf8(members.manifest).unwrap();
    let newer = manifest.replacen(&format!("\nversion = {OLD}\n"), &format!("\nversion = {NEW}\n"), 1);
    let key = include_str!("../../models/shipped/demo.key");
    let key = SecretKeyBox::from_string(key).and_then(SecretKeyBox::into_unencrypted_secret_key).unwrap();
    let signature =
        minisign::sign(None, &key, newer.as_bytes(), Some("kit"), Some(SIGNATURE_COMMENT)).unwrap();
    let signature = signature.into_string();
    archive::write(&Members { signature: signature.as_bytes(), manifest: newer.as_bytes(), ..members })
}
