//! How excited a voice sounds, by a rule that can be read.

use super::features::{N_SPEECH_FEATURES, place};
use super::reference::REFERENCE;
use crate::emotion::{Contribution, Dimension, FeatureName};

/// Standardised features are cut here, so that one odd feature cannot decide alone.
const MAX_Z: f64 = 2.5;
/// Confidence when every feature is known: the lower end of what is published for acoustic features and listeners of
/// spontaneous speech.
const CONFIDENCE: f64 = 0.5;

/// What each standard deviation adds, near the middle. The magnitudes sum to 1; the signs are those on which studies agree.
///
/// A high, wide and lively pitch, a flat spectrum (small ratios of low over high bands, a weak first harmonic), a high first
/// formant, loudness that rises steeply and often, and a spectrum that moves.
const WEIGHTS: [(FeatureName, f64); 11] = [
    ("f0_semitones_p50", 0.18),
    ("f0_semitones_range", 0.10),
    ("voiced_alpha_ratio_db_mean", -0.14),
    ("voiced_hammarberg_db_mean", -0.12),
    ("voiced_slope_mid_mean", 0.08),
    ("h1_a3_db_mean", -0.09),
    ("f1_hz_mean", 0.09),
    ("loudness_rise_mean", 0.06),
    ("loudness_peaks_hz", 0.05),
    ("flux_mean", 0.05),
    ("f0_semitones_rise_mean", 0.04),
];

/// Arousal, −1 to 1, 0 for the typical speech of the reference, from features in the order of the set.
///
/// As the emotion of music: a weighted sum of features that are standardised by reference recordings and cut at ±2.5
/// deviations, bent by a hyperbolic tangent; the contributions share the value in proportion to their part of the sum. What is
/// unknown counts as typical and costs confidence.
///
/// # Source
///
/// Signs follow Banse and Scherer (1996), *JPSP* 70(3); Juslin and Laukka (2003), *Psychological Bulletin* 129(5), table 7;
/// Goudbeek and Scherer (2010), *JASA* 128(3); Eyben et al. (2016). The weights are ours.
pub(super) fn arousal(values: &[Option<f64>; N_SPEECH_FEATURES]) -> Dimension {
    let mut contributions = Vec::with_capacity(WEIGHTS.len());
    let mut known = 0.0;
    for (feature, weight) in WEIGHTS {
        let Some(value) = values[place(feature)] else { continue };
        let (mean, deviation) = REFERENCE[place(feature)];
        let z = ((value - mean) / deviation).clamp(-MAX_Z, MAX_Z);
        known += weight.abs();
        contributions.push(Contribution { feature, amount: weight * z, z });
    }
    let sum: f64 = contributions.iter().map(|it| it.amount).sum();
    let value = sum.tanh();
    // In the middle, where both are 0, the slope is 1.
    let scale = if sum.abs() < 1e-9 { 1.0 } else { value / sum };
    for contribution in &mut contributions {
        contribution.amount *= scale;
    }
    contributions.sort_by(|a, b| b.amount.abs().total_cmp(&a.amount.abs()));
    Dimension {
        value,
        confidence: CONFIDENCE * known.min(1.0),
        intercept: 0.0,
        contributions,
        interval: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typical() -> [Option<f64>; N_SPEECH_FEATURES] {
        std::array::from_fn(|i| Some(REFERENCE[i].0))
    }

    #[test]
    fn the_weights_sum_to_one_and_a_typical_voice_is_in_the_middle() {
        let sum: f64 = WEIGHTS.iter().map(|(_, weight)| weight.abs()).sum();
        assert!((sum - 1.0).abs() < 1e-12);
        let found = arousal(&typical());
        assert!(found.value.abs() < 1e-12 && (found.confidence - CONFIDENCE).abs() < 1e-12);
    }

    #[test]
    fn each_feature_moves_it_as_published_and_the_parts_add_up() {
        let base = arousal(&typical()).value;
        for (feature, weight) in WEIGHTS {
            let mut values = typical();
            let (mean, deviation) = REFERENCE[place(feature)];
            values[place(feature)] = Some(mean + deviation);
            let found = arousal(&values);
            assert!((found.value - base) * weight > 0.0, "{feature}");
            let sum: f64 = found.contributions.iter().map(|it| it.amount).sum();
            assert!((found.intercept + sum - found.value).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_unknown_costs_confidence() {
        let found = arousal(&[None; N_SPEECH_FEATURES]);
        assert!(found.value.abs() < 1e-12 && found.confidence < 1e-12);
    }
}
