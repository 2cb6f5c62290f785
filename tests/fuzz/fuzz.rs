//! The fuzzer's program: `FUZZ_TARGET` names what it fuzzes. One program for all, since linking takes longer than fuzzing.
#![no_main]

use std::{
    panic,
    sync::{LazyLock, Mutex, PoisonError},
};
use synkiosk_fuzz::Target;

/// What the last panic said. A kiosk contains some, such as a decoder's; only one that comes out here breaks a promise.
static SAID: Mutex<String> = Mutex::new(String::new());

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    // The fuzzer's own hook would end the program at a panic that is contained.
    panic::set_hook(Box::new(|panic| *said() = panic.to_string()));
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    Target::named(&name).unwrap_or_else(|| {
        eprintln!(
            "error: there is no target \"{name}\"\nhelp: set FUZZ_TARGET to one of {}",
            Target::names()
        );
        std::process::exit(2)
    })
});

fn said() -> std::sync::MutexGuard<'static, String> {
    SAID.lock().unwrap_or_else(PoisonError::into_inner)
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let target = *TARGET;
    if panic::catch_unwind(|| (target.run)(bytes)).is_err() {
        eprintln!("{}: {}", target.name, said());
        std::process::abort();
    }
});
