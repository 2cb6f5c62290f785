//! A slip that somebody took along: found in a picture, checked against the units' keys, told.
//!
//! ```text
//! picture -> text -> trusted (unit.toml, sticks, the store) -> Held -> told (terminal, JSON, page)
//! ```
//! Invariant: nothing of a slip is told before its signature holds, but the id of its key.

pub mod picture;
pub mod told;
pub mod trusted;

pub use trusted::{Held, TrustedUnits};
