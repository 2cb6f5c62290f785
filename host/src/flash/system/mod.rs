//! What only the system can tell: which disks there are, where a file has holes, and reads past the page cache.
//!
//! The one place that knows on which system this runs.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::*;

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
pub use other::*;
