//! Energy: how much is going on, as a rank among reference recordings.

use crate::analysis::{Estimate, Loudness, Reason, Rhythm, Spectral};
use crate::emotion::standard_scores;

/// Features that make energy and the direction in which they do.
const FEATURES: [(&str, f64); 5] = [
    ("density", 1.0),
    ("onset_rate", 1.0),
    ("spectral_flux", 1.0),
    ("brightness", 1.0),
    ("loudness_range", -1.0),
];
/// Fewest features that an index can rest on.
const MIN_FEATURES: usize = 3;
/// Slope with which the logistic function follows the normal distribution within 0.01.
const LOGISTIC_SLOPE: f64 = 1.702;

/// Energy, 0..=1: the mean rank among the reference recordings of a dense level, many onsets, a moving spectrum, a
/// bright sound and a small loudness range. 0.5 is typical. Gain does not move it.
///
/// A rank is the share of the reference recordings (`dsp::emotion`) that have less, with their values taken to be
/// normally distributed. Features that are unknown are left out.
///
/// # Errors
///
/// The reason of `spectral` or of `loudness`; [`Reason::TooShort`] if fewer than three features are known.
pub(crate) fn energy(
    spectral: &Estimate<Spectral>,
    loudness: &Estimate<Loudness>,
    rhythm: &Estimate<Rhythm>,
) -> Estimate<f64> {
    let spectral = spectral.as_ref().map_err(|&reason| reason)?;
    let loudness = loudness.as_ref().map_err(|&reason| reason)?;
    let scores = standard_scores(spectral, loudness, rhythm.as_ref().ok());
    let ranks: Vec<f64> = scores
        .into_iter()
        .filter_map(|(name, score)| {
            let (_, sign) = FEATURES.iter().find(|(feature, _)| *feature == name)?;
            Some(1.0 / (1.0 + (-LOGISTIC_SLOPE * sign * score).exp()))
        })
        .collect();
    if ranks.len() < MIN_FEATURES {
        return Err(Reason::TooShort);
    }
    Ok(ranks.iter().sum::<f64>() / ranks.len() as f64)
}
