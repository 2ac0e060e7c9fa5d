//! How to play one recording into another: what has to change in tempo and pitch so that beats and keys go together.
//!
//! Advice is arithmetic on the tempi and keys of two descriptors. It has no part in scores, and needs nothing that is stored
//! with a match.

mod advice;
mod pitch;
mod tempo;

pub use advice::{MixAdvice, MixUnknown, mix_advice};
pub use pitch::PitchFit;
pub use tempo::{BeatRelation, MAX_PERCENT, TempoFit};
