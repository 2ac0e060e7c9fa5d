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
    /// How clearly something begins at each beat, 0 to 1, 3 decimals; empty when unknown.
    #[serde(default)]
    pub beat_strengths: Vec<f64>,
    /// Equal parts of a beat that are played, 1 to 4; triplets and swing give 3.
    #[serde(default)]
    pub tatums_per_beat: Option<u8>,
    /// Agreement of the beats with the onsets, 0 to 1, 3 decimals.
    pub confidence: Option<f64>,
    /// Onsets per second, 3 decimals.
    pub onset_rate_hz: Option<f64>,
    /// How much of the onset energy is periodic, 0 to 1, 3 decimals.
    pub pulse_clarity: Option<f64>,
    /// Beats per bar and downbeats.
    #[serde(default)]
    pub meter: Meter,
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

/// Beats per bar and downbeats.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Meter {
    /// Beats per bar, 2 to 7. How a bar is notated (3/4 or 3/8) cannot be heard.
    pub beats_per_bar: Option<u8>,
    /// How likely `beats_per_bar` is right, 0 to 1, 3 decimals.
    pub confidence: Option<f64>,
    /// The beats that begin a bar: seconds from the first decoded sample, ascending, 3 decimals; empty when unknown.
    pub downbeats: Vec<f64>,
    /// How likely `downbeats` are the right ones of the beats where `beats_per_bar` is right, 0 to 1, 3 decimals.
    pub downbeat_confidence: Option<f64>,
    /// Why the above is `null`.
    pub reason: Option<Reason>,
}

impl From<&dsp::Estimate<dsp::Rhythm>> for Rhythm {
    fn from(estimate: &dsp::Estimate<dsp::Rhythm>) -> Self {
        let (rhythm, reason) = split(estimate);
        Self {
            beats: rhythm.map(|r| rounded_all(&r.beats_s, 3)).unwrap_or_default(),
            beat_strengths: rhythm.map(|r| rounded_all(&r.beat_strengths, 3)).unwrap_or_default(),
            tatums_per_beat: rhythm.map(|r| r.tatums_per_beat),
            confidence: rhythm.and_then(|r| rounded(r.confidence, 3)),
            onset_rate_hz: rhythm.and_then(|r| rounded(r.onset_rate_hz, 3)),
            pulse_clarity: rhythm.and_then(|r| rounded(r.pulse_clarity, 3)),
            meter: meter(estimate),
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

fn meter(rhythm: &dsp::Estimate<dsp::Rhythm>) -> Meter {
    let (meter, reason) = match rhythm {
        Ok(rhythm) => split(&rhythm.meter),
        Err(reason) => (None, Some((*reason).into())),
    };
    let downbeats_s: Vec<f64> = match (meter, rhythm) {
        (Some(meter), Ok(rhythm)) => {
            meter.downbeats.iter().filter_map(|&k| rhythm.beats_s.get(k).copied()).collect()
        }
        _ => Vec::new(),
    };
    Meter {
        beats_per_bar: meter.map(|m| m.beats_per_bar),
        confidence: meter.and_then(|m| rounded(m.confidence, 3)),
        downbeats: rounded_all(&downbeats_s, 3),
        downbeat_confidence: meter.and_then(|m| rounded(m.downbeat_confidence, 3)),
        reason,
    }
}
