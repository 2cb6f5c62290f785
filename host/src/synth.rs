//! Data sets of rendered people: who they are, what their nerves do, and how they are photographed.
//!
//! Everything is drawn from streams named by seed, protocol, person, pose and purpose. Streams that draw the
//! face, the hair, the clothes, the light, the background and the camera never learn the label.

pub mod cast;
pub mod nerve;
pub mod poses;
pub mod session;
pub mod sheet;
pub mod style;
pub mod truth;
pub mod writer;
