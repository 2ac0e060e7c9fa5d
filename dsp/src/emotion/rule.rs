//! Weighted sums of standardised features, and how they become values.

use super::estimate::{Contribution, Dimension};
use super::features::{FeatureName, Known, N_ALL, place, standardised};

/// Weights of features by name.
pub(crate) type Weights = &'static [(FeatureName, f64)];

/// How one value is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// What each standard deviation of a feature adds, near the middle.
    pub(crate) weights: Weights,
    /// Lowest, typical and highest value.
    pub(crate) range: (f64, f64, f64),
    /// Confidence when every feature is known: expected correlation with listeners of other collections for rules of this
    /// kind, rounded down.
    pub(crate) confidence: f64,
}

impl Rule {
    /// The value of features, taken apart into what made it.
    pub(crate) fn apply(&self, values: &[Option<Known>; N_ALL]) -> Dimension {
        let (mut known, mut total) = (0.0, 0.0);
        let mut contributions = Vec::with_capacity(self.weights.len());
        for &(feature, weight) in self.weights {
            total += weight.abs();
            let place = place(feature);
            if let Some(Known { value, trust }) = values[place] {
                known += weight.abs() * trust;
                let z = standardised(place, value);
                // What is hardly trusted lies near the typical value, as far as is known.
                contributions.push(Contribution { feature, amount: weight * trust * z, z });
            }
        }
        let sum: f64 = contributions.iter().map(|it| it.amount).sum();
        let value = self.squashed(sum);
        let above = value - self.range.1;
        // In the middle, where both are 0, the slope is 1.
        let scale = if sum.abs() < 1e-9 { 1.0 } else { above / sum };
        for contribution in &mut contributions {
            contribution.amount *= scale;
        }
        contributions.sort_by(|a, b| b.amount.abs().total_cmp(&a.amount.abs()));
        Dimension {
            value,
            confidence: self.confidence * (known / total).min(1.0),
            intercept: self.range.1,
            contributions,
            interval: None,
        }
    }

    /// The value of a weighted sum: the typical one for 0, slope 1 there, and bent so that the ends are never passed.
    pub(crate) fn squashed(&self, sum: f64) -> f64 {
        let (lowest, typical, highest) = self.range;
        let room = if sum < 0.0 { typical - lowest } else { highest - typical };
        (typical + room * (sum / room).tanh()).clamp(lowest, highest)
    }

    /// The weighted sum that gives a value, the inverse of [`Self::squashed`].
    pub(crate) fn sum_of(&self, value: f64) -> f64 {
        let (lowest, typical, highest) = self.range;
        let room = if value < typical { typical - lowest } else { highest - typical };
        room * ((value - typical) / room).clamp(-0.9999, 0.9999).atanh()
    }
}

/// A dimension: −1..=1, 0 for a typical recording.
const fn dimension(weights: Weights, confidence: f64) -> Rule {
    Rule { weights, range: (-1.0, 0.0, 1.0), confidence }
}

/// A concept: 0..=1, a quarter for a typical recording.
const fn concept(weights: Weights) -> Rule {
    Rule { weights, range: (0.0, 0.25, 1.0), confidence: 0.2 }
}

/// Major mode, a clear key, fluctuation, speed, a high register and brightness please; roughness and an uneven level do
/// not.
pub(crate) const VALENCE: Rule = dimension(
    &[
        ("mode", 0.24),
        ("roughness", -0.14),
        ("onset_rate", 0.12),
        ("brightness", 0.12),
        ("register", 0.10),
        ("level_deviation", -0.07),
        ("tempo", 0.06),
        ("fluctuation", 0.06),
        ("key_clarity", 0.05),
        ("event_rate", 0.04),
    ],
    0.25,
);
/// Many sounds, moving spectra, brightness, sharp attacks, gaps between sounds, fluctuation and speed excite.
pub(crate) const AROUSAL: Rule = dimension(
    &[
        ("spectral_flux", 0.19),
        ("onset_rate", 0.17),
        ("brightness", 0.15),
        ("attack", -0.12),
        ("event_rate", 0.10),
        ("soft_share", 0.08),
        ("fluctuation", 0.08),
        ("entropy", 0.06),
        ("tempo", 0.05),
    ],
    0.5,
);
/// Changing harmony, roughness, an unclear key and an uneven level make tense; a steady pulse and events relax.
pub(crate) const TENSION: Rule = dimension(
    &[
        ("harmonic_change", 0.25),
        ("roughness", 0.20),
        ("key_clarity", -0.20),
        ("level_deviation", 0.15),
        ("fluctuation", -0.10),
        ("chroma_novelty", -0.10),
    ],
    0.2,
);
/// The weights of the concepts are those of the regression over its seven steps.
pub(crate) const HAPPY: Rule = concept(&[
    ("fluctuation", 0.7438 / 6.0),
    ("spread", -0.3965 / 6.0),
    ("register_deviation", 0.4047 / 6.0),
    ("key_clarity", 0.7780 / 6.0),
    ("mode", 0.6220 / 6.0),
]);
/// See [`HAPPY`].
pub(crate) const SAD: Rule = concept(&[
    ("spread", 0.4324 / 6.0),
    ("register_deviation", -0.3137 / 6.0),
    ("mode", -0.5201 / 6.0),
    ("harmonic_change", -0.6017 / 6.0),
    ("class_novelty", 0.4493 / 6.0),
]);
/// See [`HAPPY`].
pub(crate) const TENDER: Rule = concept(&[
    ("brightness", -0.2709 / 6.0),
    ("roughness_deviation", -0.4904 / 6.0),
    ("key_clarity", 0.5192 / 6.0),
    ("harmonic_change", -0.3995 / 6.0),
    ("novelty", 0.3391 / 6.0),
]);
/// See [`HAPPY`].
pub(crate) const ANGER: Rule = concept(&[
    ("roughness", 0.5517 / 6.0),
    ("key_clarity", -0.5802 / 6.0),
    ("entropy", 0.2821 / 6.0),
    ("chroma_novelty", -0.2971 / 6.0),
]);
/// See [`HAPPY`].
pub(crate) const FEAR: Rule = concept(&[
    ("level_deviation", 0.4069 / 6.0),
    ("attack", -0.6388 / 6.0),
    ("fluctuation", -0.2538 / 6.0),
    ("key_clarity", -0.9860 / 6.0),
    ("mode", -0.3144 / 6.0),
]);

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [Rule; 8] = [VALENCE, AROUSAL, TENSION, HAPPY, SAD, TENDER, ANGER, FEAR];

    fn all(z: f64) -> [Option<Known>; N_ALL] {
        std::array::from_fn(|i| {
            let (mean, deviation) = super::super::reference::REFERENCE[i];
            Some(Known { value: mean + z * deviation, trust: 1.0 })
        })
    }

    #[test]
    fn every_rule_names_features_and_those_of_dimensions_sum_to_one() {
        for rule in RULES {
            assert!(rule.weights.iter().all(|(name, _)| place(name) < N_ALL));
        }
        for rule in [VALENCE, AROUSAL, TENSION] {
            let sum: f64 = rule.weights.iter().map(|(_, weight)| weight.abs()).sum();
            assert!((sum - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn values_are_intercept_and_contributions_within_bounds() {
        for rule in RULES {
            for z in [-100.0, -1.0, 0.0, 0.3, 100.0] {
                let found = rule.apply(&all(z));
                let sum: f64 = found.contributions.iter().map(|it| it.amount).sum();
                assert!((found.intercept + sum - found.value).abs() < 1e-12);
                assert!((rule.range.0..=rule.range.2).contains(&found.value));
                assert!(found.contributions.iter().all(|it| it.z.abs() <= 2.5));
                assert!((found.confidence - rule.confidence).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn unknown_features_count_as_typical_and_cost_confidence() {
        for rule in RULES {
            let nothing = rule.apply(&[None; N_ALL]);
            assert!((nothing.value - rule.range.1).abs() < 1e-12 && nothing.confidence < 1e-12);
        }
    }

    #[test]
    fn squashing_can_be_undone() {
        for rule in RULES {
            for sum in [-0.2, -0.05, 0.0, 0.1, 0.6] {
                assert!((rule.sum_of(rule.squashed(sum)) - sum).abs() < 1e-9);
            }
        }
    }
}
