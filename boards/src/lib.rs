//! What differs between units, as data: one TOML file per board, read here into a checked [`Profile`].
//!
//! And what makes a board one unit: the files that it is told things by ([`unit`]).
//!
//! Invariant: nothing here opens a device. Invariant: a `Profile` exists only if every check passed.
#![forbid(unsafe_code)]

mod raw;

mod checks;
pub mod error;
pub mod profile;
pub mod shipped;

pub mod unit;

pub use error::ProfileError;
pub use profile::Profile;
