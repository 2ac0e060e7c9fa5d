//! Statistics and weights of the cues that tell speech from music.

use super::cues::N_CUES;

/// Mean and deviation of each cue, and what one deviation adds to the logarithm of the odds of speech.
pub(super) const WEIGHTS: [(f64, f64, f64); N_CUES] = [(0.0, 1.0, 0.0); N_CUES];
/// Logarithm of the odds of what lies at the mean.
pub(super) const OFFSET: f64 = 0.0;
