//! The voice of speech, frame by frame, in the terms of the extended Geneva minimalistic set.
//!
//! | module | gives |
//! | --- | --- |
//! | `even_transform` | power spectra to autocorrelations |
//! | `autocorrelation` | hypotheses of the fundamental frequency of a frame of 60 ms |
//! | `pitch_path` | the path through them |
//! | `periods` | jitter and shimmer |
//! | `short_spectrum` | balance, slopes, cepstrum, loudness and flux of a frame of 20 ms |
//! | `linear_prediction`, `roots`, `formants` | formants and their bandwidths |
//! | `harmonics` | levels of single harmonics |
//! | [`stage`] | [`SpeechStage`]: all of them in one pass |
//! | `tally`, `contour` | what is kept of the frames, and statistics over time |
//! | [`features`] | [`Speech`], and its 88 numbers by name |
//! | [`arousal`], `reference` | how excited it sounds, by a rule |

pub mod arousal;
mod autocorrelation;
mod contour;
mod even_transform;
pub mod features;
mod formants;
mod harmonics;
mod linear_prediction;
mod periods;
mod pitch_path;
mod reference;
mod roots;
mod short_spectrum;
pub mod stage;
mod tally;

pub use features::{N_SPEECH_FEATURES, Speech, speech_feature_names};
pub use stage::SpeechStage;

use crate::resample::ANALYSIS_RATE_HZ;

/// Rate of the samples, Hz.
const RATE_HZ: f64 = ANALYSIS_RATE_HZ as f64;
/// Rate at which voices are followed, Hz: formants lie below 5.5 kHz.
const LOW_RATE_HZ: f64 = RATE_HZ / 2.0;
/// Lowest voice, Hz (Eyben et al. 2016).
const MIN_F0_HZ: f64 = 55.0;
/// Highest voice, Hz (as above).
const MAX_F0_HZ: f64 = 1_000.0;
