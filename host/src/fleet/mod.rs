//! What kiosks remembered of their sessions: taken from sticks and cards into one store, counted, and given on.
//!
//! ```text
//! place -> outbox -> collect (opened on all cores) -> store (SQLite), its chain checked -> figures -> terminal, page, published tables
//!                                                                  \-> export (CSV, Parquet, FHIR)
//! ```
//! The modules stand in that order. The questions that figures put to the store are the files in `queries/`.
//!
//! Invariant: nothing here holds more of a session than its `Record` does.

pub mod image;
pub mod outbox;
pub mod place;

pub mod acknowledge;
pub mod collect;
pub mod lost;
pub mod store;

pub mod chain;

pub mod calendar;
pub mod drift;
pub mod figures;
pub mod publish;

pub mod page;

pub mod export;

pub mod made_up;

#[cfg(test)]
mod simulated_year;
