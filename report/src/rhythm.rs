//! `rhythm`: beats and what happens between them.

use crate::{
    Reason,
    digits::{rounded, rounded_all},
    reason::split,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Beats and what happens between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rhythm {
    /// Beat times in seconds from the first decoded sample, ascending, 3 decimals; empty when unknown.
    pub beats: Vec<f64>,
    /// Agreement of the beats with the onsets, 0 to 1, 3 decimals.
    pub confidence: Option<f64>,
    /// Onsets per second, 3 decimals.
    pub onset_rate_hz: Option<f64>,
    /// How much of the onset energy is periodic, 0 to 1, 3 decimals.
    pub pulse_clarity: Option<f64>,
    /// Onset energy by phase within one beat.
    pub pattern: Pattern,
    /// Why the above is `null`.
    pub reason: Option<Reason>,
}

/// Onset energy by phase within one beat: 16 steps for each of three bands.
///
/// A band sums to 1, or is all zero where nothing sounds; the lists are empty when unknown. 4 decimals.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Pattern {
    /// Bass and kick drum.
    pub low: Vec<f64>,
    /// Voices, chords, snare drum.
    pub mid: Vec<f64>,
    /// Cymbals, consonants.
    pub high: Vec<f64>,
}

impl From<&dsp::Estimate<dsp::Rhythm>> for Rhythm {
    fn from(estimate: &dsp::Estimate<dsp::Rhythm>) -> Self {
        let (rhythm, reason) = split(estimate);
        Self {
            beats: rhythm.map(|r| rounded_all(&r.beats_s, 3)).unwrap_or_default(),
            confidence: rhythm.and_then(|r| rounded(r.confidence, 3)),
            onset_rate_hz: rhythm.and_then(|r| rounded(r.onset_rate_hz, 3)),
            pulse_clarity: rhythm.and_then(|r| rounded(r.pulse_clarity, 3)),
            pattern: rhythm.map(|r| pattern(&r.pattern)).unwrap_or_default(),
            reason,
        }
    }
}

fn pattern(bins: &[f32; dsp::RHYTHM_PATTERN_BINS]) -> Pattern {
    let band = |index: usize| {
        let n_bins = dsp::RHYTHM_PATTERN_BINS / 3;
        rounded_all(&bins[index * n_bins..(index + 1) * n_bins], 4)
    };
    Pattern { low: band(0), mid: band(1), high: band(2) }
}
