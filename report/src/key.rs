//! `key`: tonic and mode with alternatives.

use crate::{
    Mode, Reason, Tonic, camelot,
    digits::{rounded, rounded_all},
    open_key,
    reason::split,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Tonic and mode with alternatives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// Tonic, spelt with sharps.
    pub tonic: Option<Tonic>,
    /// Mode.
    pub mode: Option<Mode>,
    /// How likely tonic and mode are both right, 0 to 1, 3 decimals.
    pub confidence: Option<f64>,
    /// Up to three hypotheses, strongest first; empty when unknown.
    pub candidates: Vec<KeyCandidate>,
    /// Camelot code of tonic and mode, for example "11A".
    pub camelot: Option<String>,
    /// Open Key code of tonic and mode, for example "4m".
    pub open_key: Option<String>,
    /// Deviation from A4 = 440 Hz in cents, -50 to 50, 1 decimal.
    pub tuning_cents: Option<f64>,
    /// How clearly one key stands out, 0 to 1, 3 decimals.
    pub clarity: Option<f64>,
    /// Best major less best minor correlation, -1 to 1, 3 decimals.
    pub majorness: Option<f64>,
    /// Mean distance of successive tonal centroids, 0 or more, 4 decimals.
    pub harmonic_change: Option<f64>,
    /// Mean harmonic pitch class profile, C first, largest 1, 12 values of 4 decimals; empty when unknown.
    pub profile: Vec<f64>,
    /// Where which key is heard; they tile the recording; empty when unknown.
    #[serde(default)]
    pub regions: Vec<KeyRegion>,
    /// Why the above is `null`.
    pub reason: Option<Reason>,
}

/// A stretch of the recording in one key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyRegion {
    /// Start, seconds, 2 decimals.
    pub start_s: f64,
    /// End, seconds, 2 decimals.
    pub end_s: f64,
    /// Tonic, spelt with sharps.
    pub tonic: Tonic,
    /// Mode.
    pub mode: Mode,
    /// How likely tonic and mode are both right, 0 to 1, 3 decimals.
    pub confidence: f64,
}

/// One key hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyCandidate {
    /// Tonic, spelt with sharps.
    pub tonic: Tonic,
    /// Mode.
    pub mode: Mode,
    /// Share of the support, 0 to 1, 3 decimals.
    pub strength: f64,
}

impl From<&dsp::Estimate<dsp::Key>> for Key {
    fn from(estimate: &dsp::Estimate<dsp::Key>) -> Self {
        let (key, reason) = split(estimate);
        let name = key.map(|k| (Tonic::from_pitch_class(k.tonic), Mode::from(k.mode)));
        Self {
            tonic: name.map(|(tonic, _)| tonic),
            mode: name.map(|(_, mode)| mode),
            confidence: key.and_then(|k| rounded(k.confidence, 3)),
            candidates: key.map(|k| candidates(&k.candidates)).unwrap_or_default(),
            camelot: name.map(|(tonic, mode)| camelot(tonic, mode)),
            open_key: name.map(|(tonic, mode)| open_key(tonic, mode)),
            tuning_cents: key.and_then(|k| rounded(k.tuning_cents, 1)),
            clarity: key.and_then(|k| rounded(k.clarity, 3)),
            majorness: key.and_then(|k| rounded(k.majorness, 3)),
            harmonic_change: key.and_then(|k| rounded(k.harmonic_change, 4)),
            profile: key.map(|k| rounded_all(&k.profile, 4)).unwrap_or_default(),
            regions: key.map(|k| regions(&k.regions)).unwrap_or_default(),
            reason,
        }
    }
}

fn candidates(candidates: &[dsp::KeyCandidate]) -> Vec<KeyCandidate> {
    candidates
        .iter()
        .filter_map(|c| {
            Some(KeyCandidate {
                tonic: Tonic::from_pitch_class(c.tonic),
                mode: c.mode.into(),
                strength: rounded(c.strength, 3)?,
            })
        })
        .collect()
}

fn regions(regions: &[dsp::KeyRegion]) -> Vec<KeyRegion> {
    regions
        .iter()
        .filter_map(|r| {
            Some(KeyRegion {
                start_s: rounded(r.start_s, 2)?,
                end_s: rounded(r.end_s, 2)?,
                tonic: Tonic::from_pitch_class(r.tonic),
                mode: r.mode.into(),
                confidence: rounded(r.confidence, 3)?,
            })
        })
        .collect()
}
