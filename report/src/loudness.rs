//! `loudness`: EBU R 128.

use crate::{Reason, digits::rounded, reason::split};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// EBU R 128 loudness; all values have 2 decimals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loudness {
    /// Gated integrated loudness, LUFS.
    pub integrated_lufs: Option<f64>,
    /// Gain to the reference of ReplayGain 2.0 (-18 LUFS), dB.
    pub replay_gain_db: Option<f64>,
    /// Loudness range, LU.
    pub range_lu: Option<f64>,
    /// True peak over all channels, dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// Sample peak over all channels, dBFS.
    pub sample_peak_dbfs: Option<f64>,
    /// Highest momentary loudness (400 ms), LUFS.
    pub momentary_max_lufs: Option<f64>,
    /// Highest short-term loudness (3 s), LUFS.
    pub short_term_max_lufs: Option<f64>,
    /// Median of the short-term loudness (3 s), LUFS.
    pub short_term_median_lufs: Option<f64>,
    /// Why everything above is `null`.
    pub reason: Option<Reason>,
    /// Why `range_lu` and `short_term_*` are `null` though the rest is known.
    pub short_term_reason: Option<Reason>,
}

impl From<&dsp::Estimate<dsp::Loudness>> for Loudness {
    fn from(estimate: &dsp::Estimate<dsp::Loudness>) -> Self {
        let (loudness, reason) = split(estimate);
        let short = |of: fn(&dsp::Loudness) -> &dsp::Estimate<f64>| {
            loudness.and_then(|l| of(l).ok()).and_then(|value| rounded(value, 2))
        };
        Self {
            integrated_lufs: loudness.and_then(|l| rounded(l.integrated_lufs, 2)),
            replay_gain_db: loudness.and_then(|l| rounded(l.replay_gain_db, 2)),
            range_lu: short(|l| &l.range_lu),
            true_peak_dbtp: loudness.and_then(|l| rounded(l.true_peak_dbtp, 2)),
            sample_peak_dbfs: loudness.and_then(|l| rounded(l.sample_peak_dbfs, 2)),
            momentary_max_lufs: loudness.and_then(|l| rounded(l.momentary_max_lufs, 2)),
            short_term_max_lufs: short(|l| &l.short_term_max_lufs),
            short_term_median_lufs: short(|l| &l.short_term_median_lufs),
            reason,
            short_term_reason: loudness.and_then(short_term_reason),
        }
    }
}

/// The first reason among the values that need 3 s.
fn short_term_reason(loudness: &dsp::Loudness) -> Option<Reason> {
    [loudness.range_lu, loudness.short_term_max_lufs, loudness.short_term_median_lufs]
        .into_iter()
        .find_map(Result::err)
        .map(Reason::from)
}
