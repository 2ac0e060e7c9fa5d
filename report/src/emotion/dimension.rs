//! One value and what made it.

use crate::digits::rounded;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Contributions that are named, for and against a value.
const N_STRONGEST: usize = 3;

/// One value of the emotion: `value = intercept + Σ contributions[].amount + other`, to the last decimal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Dimension {
    /// -1 to 1, of concepts 0 to 1; 3 decimals.
    pub value: Option<f64>,
    /// 0 to 1, 3 decimals.
    pub confidence: Option<f64>,
    /// Value of a typical recording, 3 decimals.
    #[serde(default)]
    pub intercept: Option<f64>,
    /// The three features that raised the value most and the three that lowered it most, largest first; empty when
    /// unknown.
    pub contributions: Vec<Contribution>,
    /// What all other features added, 3 decimals.
    #[serde(default)]
    pub other: Option<f64>,
    /// Where listeners' mean rating is likely to lie, as a trained model promises; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// An interval that holds the truth with a stated probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end, 3 decimals.
    pub low: f64,
    /// Upper end, 3 decimals.
    pub high: f64,
    /// Share of such intervals that hold the truth, 0 to 1, 3 decimals.
    pub coverage: f64,
}

/// What one feature added to a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// Stable snake-case name of the feature.
    pub feature: String,
    /// What the feature is like in this recording, for example "many events" or "minor mode"; empty in old reports.
    #[serde(default)]
    pub words: String,
    /// Signed share of the value, 3 decimals.
    pub amount: f64,
}

impl From<&dsp::Dimension> for Dimension {
    fn from(dimension: &dsp::Dimension) -> Self {
        let mut left = [N_STRONGEST; 2];
        let mut contributions = Vec::new();
        for contribution in &dimension.contributions {
            let left = &mut left[usize::from(contribution.amount < 0.0)];
            let amount = rounded(contribution.amount, 3).filter(|amount| *amount != 0.0);
            let Some(amount) = amount.filter(|_| *left > 0) else { continue };
            *left -= 1;
            contributions.push(Contribution {
                feature: contribution.feature.to_owned(),
                words: words(contribution.feature, contribution.z > 0.0).to_owned(),
                amount,
            });
        }
        let (value, intercept) = (rounded(dimension.value, 3), rounded(dimension.intercept, 3));
        let named: f64 = contributions.iter().map(|it| it.amount).sum();
        let other = value.zip(intercept).and_then(|(value, intercept)| {
            // From the rounded numbers, so that a reader's sum comes out.
            rounded(value - intercept - named, 3)
        });
        let confidence = rounded(dimension.confidence, 3);
        let interval = dimension.interval.and_then(|it| {
            let (low, high) = (rounded(it.low, 3)?, rounded(it.high, 3)?);
            Some(Interval { low, high, coverage: rounded(it.coverage, 3)? })
        });
        Self { value, confidence, intercept, contributions, other, interval }
    }
}

/// What a feature above or below that of a typical recording is called.
fn words(feature: &str, is_high: bool) -> &'static str {
    let (low, high) = match feature {
        "event_rate" | "onset_rate" => ("few events", "many events"),
        "spectral_flux" | "flux_mean" => ("still spectrum", "moving spectrum"),
        "brightness" => ("dark sound", "bright sound"),
        "spread" => ("narrow spectrum", "wide spectrum"),
        "entropy" => ("clear pitches", "dense spectrum"),
        "tempo" => ("slow pulse", "fast pulse"),
        "mode" => ("minor mode", "major mode"),
        "key_clarity" => ("unclear key", "clear key"),
        "harmonic_change" => ("still harmony", "moving harmony"),
        "roughness" => ("smooth sound", "rough sound"),
        "roughness_deviation" => ("even roughness", "uneven roughness"),
        "level_deviation" => ("even level", "uneven level"),
        "fluctuation" => ("faint fluctuation", "strong fluctuation"),
        "attack" => ("sharp attacks", "soft attacks"),
        "register" => ("low register", "high register"),
        "register_deviation" | "f0_semitones_range" => {
            ("narrow range of pitch", "wide range of pitch")
        }
        "soft_share" => ("sounds that join", "gaps between sounds"),
        "novelty" => ("sound that stays", "sound that changes"),
        "chroma_novelty" => ("pitches that stay", "pitches that change"),
        "class_novelty" => ("chords that stay", "chords that change"),
        "density" => ("level with room", "dense level"),
        "pulse_clarity" => ("faint pulse", "clear pulse"),
        "loudness_range" => ("even loudness", "uneven loudness"),
        // Of voices that speak.
        "f0_semitones_p50" => ("low voice", "high voice"),
        "f0_semitones_rise_mean" => ("pitch that rises slowly", "pitch that rises fast"),
        "voiced_alpha_ratio_db_mean" => ("strong high bands", "weak high bands"),
        "voiced_hammarberg_db_mean" => {
            ("strong partials at 2 to 5 kHz", "weak partials at 2 to 5 kHz")
        }
        "voiced_slope_mid_mean" => ("steep spectrum", "flat spectrum"),
        "h1_a3_db_mean" => ("pressed voice", "breathy voice"),
        "f1_hz_mean" => ("closed vowels", "open vowels"),
        "loudness_rise_mean" => ("loudness that rises slowly", "loudness that rises fast"),
        "loudness_peaks_hz" => ("slow syllables", "fast syllables"),
        // Of the features that only trained models look at, the name says all.
        _ => ("below typical", "above typical"),
    };
    if is_high { high } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimension(amounts: &[f64]) -> dsp::Dimension {
        let contribution =
            |&amount: &f64| dsp::Contribution { feature: "tempo", amount, z: amount };
        dsp::Dimension {
            value: 0.25 + amounts.iter().sum::<f64>(),
            confidence: 0.5,
            intercept: 0.25,
            contributions: amounts.iter().map(contribution).collect(),
            interval: None,
        }
    }

    #[test]
    fn names_three_for_and_three_against_and_adds_up() {
        let amounts = [0.2, -0.15, 0.1, 0.0511, -0.05, 0.0333, -0.0222, -0.0111, 0.0001];
        let report = Dimension::from(&dimension(&amounts));
        let named: Vec<f64> = report.contributions.iter().map(|it| it.amount).collect();
        assert_eq!(named, [0.2, -0.15, 0.1, 0.051, -0.05, -0.022]);
        let sum = report.intercept.unwrap() + named.iter().sum::<f64>() + report.other.unwrap();
        assert!((sum - report.value.unwrap()).abs() < 1e-9);
        assert_eq!(report.contributions[0].words, "fast pulse");
        assert_eq!(report.contributions[1].words, "slow pulse");
    }

    #[test]
    fn what_is_not_finite_is_unknown() {
        let report = Dimension::from(&dimension(&[f64::NAN]));
        assert_eq!((report.value, report.other), (None, None));
        assert!(report.contributions.is_empty());
    }
}
