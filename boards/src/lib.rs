//! What differs between units, as data: one TOML file per board, read here into a checked [`Profile`].
//!
//! Invariant: nothing here opens a device. Invariant: a `Profile` exists only if every check passed.
#![forbid(unsafe_code)]

mod raw;

mod checks;
pub mod error;
pub mod profile;
pub mod shipped;

pub use error::ProfileError;
pub use profile::Profile;
