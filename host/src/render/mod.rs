//! A renderer of human heads: all shape and color is made by code, nothing is taken from pictures of anybody.
//!
//! Units are millimeters: x to image right (the person's left), y up from the pupils, z toward the camera. The
//! skin is a height field over angle and height. Movement, masks and landmarks are fields on one average
//! head; who somebody is, is a warp of it. Light is found per vertex, color per pixel.

// Who it is, and what the face does.
pub mod action;
pub mod drawn_identity;
pub mod identity;
pub mod random;

// The head at rest.
pub mod features;
pub mod grid;
pub mod hair;
pub mod head;
pub mod skull;
pub mod strands;
pub mod warp;

// The head in action.
pub mod cloth;
pub mod clothes;
pub mod covering;
pub mod ears;
pub mod eyeball;
pub mod landmarks;
pub mod lids;
pub mod mouth_inside;
pub mod mouth_movement;
pub mod movement;

// How it is seen.
pub mod background;
pub mod beard;
pub mod brows;
pub mod camera;
pub mod canvas;
pub mod develop;
mod furnishings;
pub mod glasses;
pub mod light;
pub mod mesh;
pub mod raster;
pub mod scene;
pub mod shade;
pub mod skin;
pub mod wrinkles;

// What all of it is made of.
pub mod smooth;
pub mod vector;
