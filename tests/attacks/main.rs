//! Attacks on a unit, proven at every door: hostile bundles, sticks, codes, and photographs held before the camera.
//! What is said and done is in `README.md` beside this file.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod bundles;
mod codes;
mod doors;
mod folder;
mod photograph;
#[cfg(unix)]
mod stick;
