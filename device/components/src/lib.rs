//! What the appliance's program is made of: every crate that Cargo resolves for the board, with its digest from `Cargo.lock`.
//!
//! Run by `device/build.sh` on the machine that builds; no part of any program that is given away.
#![forbid(unsafe_code)]

pub mod bill;
pub mod crates;

pub use bill::{Program, document};
pub use crates::{Build, Component, Role};

use std::io;

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Cargo is not there.
    #[error("could not run cargo: {0}")]
    NoCargo(io::Error),
    /// It said no.
    #[error("cargo tree failed: {0}")]
    Cargo(String),
    /// The lock file.
    #[error("cannot read Cargo.lock: {0}")]
    Lock(String),
    /// A line of cargo's tree.
    #[error("cargo tree printed {0:?}, which is no crate")]
    Line(String),
    /// A crate that is locked nowhere.
    #[error("{0} stands in cargo's tree and not in Cargo.lock")]
    NotLocked(String),
    /// A crate of which nobody says whether it may be used.
    #[error("{0} names no licence")]
    NoLicence(String),
}
