//! Every input of `corpus/` and `found/` keeps what is promised: what a fuzzer has found stays found.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};
use synkiosk_fuzz::{TARGETS, Target};

fn folder(kind: &str, target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(kind).join(target)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort_unstable();
    files
}

/// Whether it is taken; says which it was if it panics.
fn run(target: &Target, name: &str, bytes: &[u8]) -> bool {
    let _shown = Shown(format!("{}: {name}", target.name));
    (target.run)(bytes)
}

struct Shown(String);

impl Drop for Shown {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("it was {}", self.0);
        }
    }
}

#[test]
fn every_known_input_keeps_the_promises() {
    for target in TARGETS {
        let began = Instant::now();
        let mut count = 0;
        for path in [files(&folder("corpus", target.name)), files(&folder("found", target.name))].concat() {
            run(target, &path.display().to_string(), &fs::read(&path).unwrap());
            count += 1;
        }
        for (at, seed) in (target.seeds)().iter().enumerate() {
            let is_taken = run(target, &format!("seed {at}"), seed);
            assert!(is_taken || at > 0, "{}: the first seed is refused", target.name);
            assert!(seed.len() <= target.longest, "{}: seed {at} has {} bytes", target.name, seed.len());
            count += 1;
        }
        println!("figure: {}: {count} inputs, {:.1} s", target.name, began.elapsed().as_secs_f64());
    }
}

/// Inputs cut off anywhere, with one byte changed, and none at all.
#[test]
fn small_changes_keep_the_promises() {
    for target in TARGETS {
        run(target, "nothing", b"");
        for (at, seed) in (target.seeds)().iter().enumerate() {
            for step in 1..40 {
                let place = seed.len() * step / 40;
                run(target, &format!("seed {at} cut at {place}"), &seed[..place]);
                let mut changed = seed.clone();
                changed[place] ^= 1 << (step % 8);
                run(target, &format!("seed {at} changed at {place}"), &changed);
            }
        }
    }
}

/// A folder that no target has would be looked through by nobody.
#[test]
fn every_folder_of_inputs_has_its_target() {
    for kind in ["corpus", "found"] {
        for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(kind)) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(Target::named(&name).is_some(), "there is no target {name}");
        }
    }
}

/// Puts the seeds where run.sh begins from: `FUZZ_SEEDS=FOLDER`.
#[test]
#[ignore = "writes files; run.sh calls it"]
fn write_seeds() {
    let folder = PathBuf::from(std::env::var_os("FUZZ_SEEDS").expect("FUZZ_SEEDS names a folder"));
    for target in TARGETS {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder).unwrap();
        for (at, seed) in (target.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{at}")), seed).unwrap();
        }
    }
    println!("targets: {}", Target::names());
}
