//! Everything that decides the answer: from the luma of a picture to the answer of a series.
//!
//! The modules stand in the order in which a photo passes them. Nothing here trains, and nothing here does I/O
//! beyond reading a bundle's bytes.
#![forbid(unsafe_code)]

pub mod pose;

// The way of a photo.
pub mod photo;

pub mod face;

pub mod landmarks;

pub mod head_frame;

pub mod quality;

pub mod align;

pub mod network;

pub mod landmarker;

pub mod bundle;

pub mod evidence;

pub mod answer;

pub mod track;

pub mod screener;
