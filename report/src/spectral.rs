//! `spectral`: statistics of short-time spectra.

use crate::{
    Reason,
    digits::{rounded, rounded_all},
    reason::split,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mean and population standard deviation over frames.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stats {
    /// Arithmetic mean.
    pub mean: f64,
    /// Population standard deviation.
    pub std: f64,
}

/// Statistics of short-time spectra (22 050 Hz, frames of 2048 samples, hop 512).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spectral {
    /// Spectral centroid, Hz, 1 decimal.
    pub centroid_hz: Option<Stats>,
    /// Spectral bandwidth, Hz, 1 decimal.
    pub bandwidth_hz: Option<Stats>,
    /// Frequency below which 85 % of the magnitude lies, Hz, 1 decimal.
    pub rolloff_hz: Option<Stats>,
    /// Spectral flatness, 0 (tone) to 1 (white noise), 6 decimals.
    pub flatness: Option<Stats>,
    /// Rise of the log-mel spectrum from frame to frame, dB, 3 decimals.
    pub flux_db: Option<Stats>,
    /// Peak to valley in 7 octave bands, dB, 2 decimals; empty when unknown.
    pub contrast_db: Vec<Stats>,
    /// Zero crossings per sample, 0 to 1, 5 decimals.
    pub zero_crossing_rate: Option<Stats>,
    /// Root mean square, linear full scale, 6 decimals.
    pub rms: Option<Stats>,
    /// 20 mel-frequency cepstral coefficients, 3 decimals; empty when unknown.
    pub mfcc: Vec<Stats>,
    /// Mean chroma, C first, 0 to 1, 12 values of 4 decimals; empty when unknown.
    pub chroma: Vec<f64>,
    /// Why the above is `null`.
    pub reason: Option<Reason>,
}

impl From<&dsp::Estimate<dsp::Spectral>> for Spectral {
    fn from(estimate: &dsp::Estimate<dsp::Spectral>) -> Self {
        let (spectral, reason) = split(estimate);
        Self {
            centroid_hz: spectral.and_then(|s| stats(s.centroid_hz, 1)),
            bandwidth_hz: spectral.and_then(|s| stats(s.bandwidth_hz, 1)),
            rolloff_hz: spectral.and_then(|s| stats(s.rolloff_hz, 1)),
            flatness: spectral.and_then(|s| stats(s.flatness, 6)),
            flux_db: spectral.and_then(|s| stats(s.flux_db, 3)),
            contrast_db: spectral.map(|s| stats_all(&s.contrast_db, 2)).unwrap_or_default(),
            zero_crossing_rate: spectral.and_then(|s| stats(s.zero_crossing_rate, 5)),
            rms: spectral.and_then(|s| stats(s.rms, 6)),
            mfcc: spectral.map(|s| stats_all(&s.mfcc, 3)).unwrap_or_default(),
            chroma: spectral.map(|s| rounded_all(&s.chroma, 4)).unwrap_or_default(),
            reason,
        }
    }
}

fn stats(stats: dsp::Stats, decimals: i32) -> Option<Stats> {
    Some(Stats { mean: rounded(stats.mean, decimals)?, std: rounded(stats.std, decimals)? })
}

fn stats_all(all: &[dsp::Stats], decimals: i32) -> Vec<Stats> {
    all.iter().map(|&one| stats(one, decimals)).collect::<Option<_>>().unwrap_or_default()
}
