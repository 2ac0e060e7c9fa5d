//! Statistics of the features of speech.

use super::features::N_SPEECH_FEATURES;

/// Mean and deviation of each feature.
pub(super) const REFERENCE: [(f64, f64); N_SPEECH_FEATURES] = [(0.0, 1.0); N_SPEECH_FEATURES];
