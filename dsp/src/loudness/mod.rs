//! Loudness after ITU-R BS.1770-5 and EBU R 128.
//!
//! | module | gives |
//! | --- | --- |
//! | [`k_weighting`] | the two filters in front of the meter, at any rate |
//! | [`gating`] | integrated loudness and loudness range from block energies |
//! | [`true_peak`] | peaks between the samples |
//! | [`stage`] | [`LoudnessStage`]: all of it in one pass |

pub mod gating;
pub mod k_weighting;
pub mod stage;
pub mod true_peak;

pub use stage::LoudnessStage;
