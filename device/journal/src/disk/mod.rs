//! The disk as everything that is kept uses it: `std::fs`, or in a test build a simulated disk.
//!
//! Storage code names this module where it would name `std::fs`, so that a simulation drives the very calls, in the very
//! order, that a card gets. Which of the two it is, is decided here and nowhere else.

#[cfg(not(feature = "simulated-disk"))]
pub use std::fs::{
    DirEntry, File, Metadata, OpenOptions, ReadDir, create_dir, create_dir_all, exists, metadata, read,
    read_dir, read_to_string, remove_file, rename, symlink_metadata, write,
};

#[cfg(feature = "simulated-disk")]
mod calls;
#[cfg(feature = "simulated-disk")]
mod file;
#[cfg(feature = "simulated-disk")]
pub mod simulated;

#[cfg(feature = "simulated-disk")]
pub use calls::{
    DirEntry, Metadata, ReadDir, create_dir, create_dir_all, exists, metadata, read, read_dir,
    read_to_string, remove_file, rename, symlink_metadata, write,
};
#[cfg(feature = "simulated-disk")]
pub use file::{File, OpenOptions};
