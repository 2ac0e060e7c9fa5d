//! Samples to numbers. Pure: no I/O, no clock, no unseeded randomness.

mod analysis;

pub use analysis::*;
