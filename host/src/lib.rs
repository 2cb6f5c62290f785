//! The technician's and the model maker's tool: faces are drawn, networks trained, bundles signed.
#![forbid(unsafe_code)]

pub mod files;

// Data: pictures of people, found or drawn.
pub mod collection;
pub mod dataset;
pub mod render;
pub mod synth;

// From data to a network.
pub mod training;

// What is told of a network.
pub mod audit;

pub mod report;

// From a network to a signed bundle.
pub mod keys;

pub mod signing;

pub mod trust;

pub mod card;

pub mod packing;

pub mod onnx;

pub mod prediction;

// What kiosks sent home.
pub mod fleet;
// What a person took along.
pub mod slip;
// From program and bundle to a card, and to one unit.
pub mod flash;
pub mod image;
pub mod provision;

// All of it in a browser.
pub mod web;

pub mod cli;
pub mod command;
