//! The appliance, in the order in which a photo passes through it.
#![forbid(unsafe_code)]

pub mod camera;
pub mod judge;
pub mod quality;
pub mod session;

pub mod language;

pub mod area;
pub mod frame;
pub mod paint;
pub mod text;

pub mod screens;

pub mod panel;
pub mod whole_file;

pub mod buttons;
pub mod cues;
pub mod selftest;
pub mod slots;
pub mod unit;

pub mod code;
pub mod inbox;
pub mod outbox;
pub mod release;
pub mod start;
pub mod stick;

pub mod appliance;
pub mod caretaker;
pub mod remember;

#[cfg(feature = "demo")]
pub mod demo;

pub mod command;

#[cfg(all(feature = "appliance", target_os = "linux"))]
pub mod init;
