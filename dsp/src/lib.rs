//! Samples to numbers. Pure: no I/O, no clock, no unseeded randomness.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "frame and bin counts stay far below 2^24; results are stored as f32 on purpose"
)]

mod analysis;
mod beats;
mod hpcp;
mod key;
mod onset;
mod periodicity;
mod profiles;
mod rhythm;
mod tempo;
mod tonal;

pub use analysis::*;
pub use onset::{ONSET_FPS, OnsetEnvelope, OnsetStage};
pub use rhythm::{RhythmResult, RhythmStage};
pub use tonal::TonalStage;
