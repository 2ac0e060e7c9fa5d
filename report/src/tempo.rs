//! `tempo`: beats per minute with alternatives.

use crate::{Reason, digits::rounded, reason::split};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Beats per minute with alternatives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tempo {
    /// Beats per minute, 2 decimals.
    pub bpm: Option<f64>,
    /// How likely `bpm` is right within 4 %, 0 to 1, 3 decimals.
    pub confidence: Option<f64>,
    /// Up to three hypotheses, strongest first; empty when unknown.
    pub candidates: Vec<TempoCandidate>,
    /// Steadiness of the beat, 0 to 1 (1 = a metronome), 3 decimals.
    pub stability: Option<f64>,
    /// Why the above is `null`.
    pub reason: Option<Reason>,
}

/// One tempo hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TempoCandidate {
    /// Beats per minute, 2 decimals.
    pub bpm: f64,
    /// Share of the support, 0 to 1, 3 decimals.
    pub strength: f64,
}

impl From<&dsp::Estimate<dsp::Tempo>> for Tempo {
    fn from(estimate: &dsp::Estimate<dsp::Tempo>) -> Self {
        let (tempo, reason) = split(estimate);
        Self {
            bpm: tempo.and_then(|t| rounded(t.bpm, 2)),
            confidence: tempo.and_then(|t| rounded(t.confidence, 3)),
            candidates: tempo.map(|t| candidates(&t.candidates)).unwrap_or_default(),
            stability: tempo.and_then(|t| rounded(t.stability, 3)),
            reason,
        }
    }
}

fn candidates(candidates: &[dsp::TempoCandidate]) -> Vec<TempoCandidate> {
    candidates
        .iter()
        .filter_map(|c| {
            Some(TempoCandidate { bpm: rounded(c.bpm, 2)?, strength: rounded(c.strength, 3)? })
        })
        .collect()
}
