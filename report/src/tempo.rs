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
    /// `bpm` doubled or halved into 88 to 176, as disc jockeys count, 2 decimals.
    #[serde(default)]
    pub bpm_dj: Option<f64>,
    /// Local tempo every 5 s between the first and the last beat; empty when unknown.
    #[serde(default)]
    pub curve: Vec<TempoPoint>,
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

/// Tempo at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TempoPoint {
    /// Seconds from the first decoded sample, a multiple of 5, 1 decimal.
    pub time_s: f64,
    /// Beats per minute around that time, 2 decimals.
    pub bpm: f64,
}

impl From<&dsp::Estimate<dsp::Tempo>> for Tempo {
    fn from(estimate: &dsp::Estimate<dsp::Tempo>) -> Self {
        let (tempo, reason) = split(estimate);
        Self {
            bpm: tempo.and_then(|t| rounded(t.bpm, 2)),
            confidence: tempo.and_then(|t| rounded(t.confidence, 3)),
            candidates: tempo.map(|t| candidates(&t.candidates)).unwrap_or_default(),
            stability: tempo.and_then(|t| rounded(t.stability, 3)),
            bpm_dj: tempo.and_then(|t| rounded(t.bpm, 2)).and_then(folded),
            curve: tempo.map(|t| curve(&t.curve)).unwrap_or_default(),
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

/// Range of `bpm_dj`: the lower bound belongs to it, the upper one, its octave, does not.
const DJ_BPM: std::ops::Range<f64> = 88.0..176.0;

/// `bpm` moved by octaves into [`DJ_BPM`]; `None` when there is no such octave.
fn folded(bpm: f64) -> Option<f64> {
    let octaves = (bpm / DJ_BPM.start).log2().floor();
    let folded = rounded(bpm * (-octaves).exp2(), 2)?;
    // The logarithm of a bound may fall on either side of its integer.
    [folded, 2.0 * folded, 0.5 * folded].into_iter().find(|bpm| DJ_BPM.contains(bpm))
}

fn curve(points: &[dsp::TempoPoint]) -> Vec<TempoPoint> {
    points
        .iter()
        .filter_map(|p| Some(TempoPoint { time_s: rounded(p.time_s, 1)?, bpm: rounded(p.bpm, 2)? }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_into_the_range_of_disc_jockeys() {
        for (bpm, expected) in
            [(88.0, 88.0), (87.99, 175.98), (176.0, 88.0), (44.0, 88.0), (300.0, 150.0)]
        {
            assert_eq!(folded(bpm), Some(expected), "{bpm}");
        }
        assert_eq!(folded(-3.0), None);
        assert_eq!(folded(0.0), None);
    }
}
