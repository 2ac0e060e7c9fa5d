//! The frozen population that recordings and their agreements are measured against.
//!
//! Frozen, so that no score changes because a library grows.

mod population;
mod tables;
mod v2;

pub use population::Population;
pub(crate) use tables::{Tables, evidence, tables};
pub(crate) use v2::{EMOTION_SCALE, ENERGY, TIMBRE};
