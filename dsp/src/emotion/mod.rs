//! Valence, arousal and tension by a rule that can be read.
//!
//! Each dimension is a weighted sum of standardised features, so that every value can be taken apart into what made it.
//! The weights are a prior from the literature, not a fit to listeners: they say what tends to go together, with
//! the low confidence that deserves. No feature depends on the gain of the recording.

mod attacks;
mod bark;
mod envelope_stage;
mod fluctuation;
mod harmony_stage;
mod key_strength;
mod novelty;
mod pitch_grid;
mod roughness;
mod seconds;
mod spectrum_stage;

pub(crate) use envelope_stage::{EnvelopeFeatures, EnvelopeStage};
pub(crate) use harmony_stage::{HarmonyFeatures, HarmonyStage};
pub(crate) use spectrum_stage::{HeardFrame, SpectrumFeatures, SpectrumStage};

use crate::analysis::{
    Analysis, Contribution, Dimension, Emotion, Estimate, Key, Loudness, Rhythm, Spectral, Tempo,
};

/// Version of rule and reference together.
const METHOD: &str = "rule/1";
/// Standardised features are cut here, so that one odd feature cannot decide alone.
const MAX_Z: f64 = 2.5;
/// Confidence with every input at hand: expected correlation with listeners of other collections for rules of this
/// kind, rounded down.
const CONFIDENCE: [f64; 3] = [0.25, 0.5, 0.2];

/// One feature: its name, and mean and deviation over the reference recordings.
struct Feature {
    name: &'static str,
    mean: f64,
    deviation: f64,
}

/// Features in the order of [`values`].
///
/// Means and deviations over 171 development recordings, 108 of them rendered and 63 recorded or played by sound chips
/// (`cargo run --release -p benches --bin emotion_reference`).
const FEATURES: [Feature; 11] = [
    Feature { name: "onset_rate", mean: 3.41, deviation: 1.32 },
    Feature { name: "density", mean: -14.3, deviation: 2.45 },
    Feature { name: "spectral_flux", mean: 1.50, deviation: 0.54 },
    Feature { name: "brightness", mean: 10.87, deviation: 0.57 },
    Feature { name: "tempo", mean: 6.77, deviation: 0.45 },
    Feature { name: "mode", mean: 0.07, deviation: 0.20 },
    Feature { name: "key_clarity", mean: 0.88, deviation: 0.06 },
    Feature { name: "pulse_clarity", mean: 0.365, deviation: 0.061 },
    Feature { name: "noisiness", mean: -23.3, deviation: 4.6 },
    Feature { name: "harmonic_change", mean: 0.35, deviation: 0.08 },
    Feature { name: "loudness_range", mean: 2.9, deviation: 2.0 },
];

/// Weights of the features by name; magnitudes sum to 1.
type Rule = &'static [(&'static str, f64)];

/// Major mode, clear key, clear pulse and speed please; roughness does not.
const VALENCE: Rule = &[
    ("mode", 0.35),
    ("key_clarity", 0.20),
    ("pulse_clarity", 0.20),
    ("tempo", 0.15),
    ("noisiness", -0.10),
];
/// Many onsets, a dense level, moving spectra, brightness and speed excite.
const AROUSAL: Rule = &[
    ("onset_rate", 0.30),
    ("density", 0.25),
    ("spectral_flux", 0.20),
    ("brightness", 0.15),
    ("tempo", 0.10),
];
/// Changing harmony, roughness, an unclear key and changing loudness make tense.
const TENSION: Rule = &[
    ("harmonic_change", 0.30),
    ("noisiness", 0.25),
    ("key_clarity", -0.25),
    ("loudness_range", 0.20),
];

/// Emotion that listeners are likely to hear, from the other results.
///
/// Each value is `tanh(Σ w·z)` with `z` the standardised feature cut at ±2.5; the contributions share the
/// value in proportion to `w·z` and sum to it. A feature that is unknown counts as average, and the confidence shrinks
/// by its weight; tempo and key count with their own confidence.
///
/// # Errors
///
/// The reason of `spectral` or, failing that, of `loudness`, if both are needed and one is unknown.
///
/// # Source
///
/// Signs and order of weights follow Gomez and Danuser (2007), *Emotion* 7(2), and Eerola, Friberg and Bresin (2013),
/// *Frontiers in Psychology* 4:487. Loudness itself is replaced by the density of the level (short-term median below
/// true peak), which mastering gain does not move; Sethares' roughness by the lack of spectral contrast.
pub fn emotion(
    spectral: &Estimate<Spectral>,
    loudness: &Estimate<Loudness>,
    tempo: &Estimate<Tempo>,
    rhythm: &Estimate<Rhythm>,
    key: &Estimate<Key>,
) -> Estimate<Emotion> {
    let spectral = spectral.as_ref().map_err(|&reason| reason)?;
    let loudness = loudness.as_ref().map_err(|&reason| reason)?;
    let values =
        values(spectral, loudness, tempo.as_ref().ok(), rhythm.as_ref().ok(), key.as_ref().ok());
    let [valence, arousal, tension] = [VALENCE, AROUSAL, TENSION];
    Ok(Emotion {
        method: METHOD,
        valence: dimension(valence, &values, CONFIDENCE[0]),
        arousal: dimension(arousal, &values, CONFIDENCE[1]),
        tension: dimension(tension, &values, CONFIDENCE[2]),
    })
}

/// What the rule looks at, before it is standardised; unknown ones are left out.
///
/// | name | unit |
/// | --- | --- |
/// | `onset_rate` | onsets per second |
/// | `density` | LU, median short-term loudness over true peak |
/// | `spectral_flux` | dB per frame |
/// | `brightness` | log2 of the mean centroid in Hz |
/// | `tempo` | log2 of BPM |
/// | `mode` | −1..=1, `majorness` of the key |
/// | `key_clarity`, `pulse_clarity` | 0..=1 |
/// | `noisiness` | dB, minus the mean spectral contrast |
/// | `harmonic_change` | as in the key |
/// | `loudness_range` | LU |
pub fn features(analysis: &Analysis) -> Vec<(&'static str, f64)> {
    let (Ok(spectral), Ok(loudness)) = (&analysis.spectral, &analysis.loudness) else {
        return Vec::new();
    };
    let (tempo, rhythm, key) = (&analysis.tempo, &analysis.rhythm, &analysis.key);
    let values =
        values(spectral, loudness, tempo.as_ref().ok(), rhythm.as_ref().ok(), key.as_ref().ok());
    let named = FEATURES.iter().zip(values);
    named.filter_map(|(feature, value)| value.map(|(value, _)| (feature.name, value))).collect()
}

/// Features of the sound in standard deviations from the mean of the reference recordings, cut at ±2.5; unknown ones are
/// left out, and so are those of tempo and key.
pub(crate) fn standard_scores(
    spectral: &Spectral,
    loudness: &Loudness,
    rhythm: Option<&Rhythm>,
) -> Vec<(&'static str, f64)> {
    let values = values(spectral, loudness, None, rhythm, None);
    let named = FEATURES.iter().zip(values);
    named
        .filter_map(|(feature, value)| {
            let (value, _) = value?;
            let score = (value - feature.mean) / feature.deviation;
            Some((feature.name, score.clamp(-MAX_Z, MAX_Z)))
        })
        .collect()
}

/// Values of [`FEATURES`] and how far each can be trusted, 0..=1; `None` if unknown.
fn values(
    spectral: &Spectral,
    loudness: &Loudness,
    tempo: Option<&Tempo>,
    rhythm: Option<&Rhythm>,
    key: Option<&Key>,
) -> [Option<(f64, f64)>; FEATURES.len()] {
    let sure = |value: f64| Some((value, 1.0));
    let contrast = &spectral.contrast_db;
    let mean_contrast = contrast.iter().map(|band| f64::from(band.mean)).sum::<f64>();
    let density = loudness.short_term_median_lufs.ok().map(|lufs| lufs - loudness.true_peak_dbtp);
    [
        rhythm.and_then(|rhythm| sure(rhythm.onset_rate_hz)),
        density.and_then(sure),
        sure(spectral.flux_db.mean.into()),
        sure(f64::from(spectral.centroid_hz.mean).max(1.0).log2()),
        tempo.map(|tempo| (tempo.bpm.max(1.0).log2(), tempo.confidence)),
        key.map(|key| (key.majorness, key.confidence)),
        key.and_then(|key| sure(key.clarity)),
        rhythm.and_then(|rhythm| sure(rhythm.pulse_clarity)),
        sure(-mean_contrast / contrast.len() as f64),
        key.and_then(|key| sure(key.harmonic_change)),
        loudness.range_lu.ok().and_then(sure),
    ]
}

fn dimension(
    rule: Rule,
    values: &[Option<(f64, f64)>; FEATURES.len()],
    confidence: f64,
) -> Dimension {
    let mut known = 0.0;
    let mut contributions = Vec::with_capacity(rule.len());
    for (feature, value) in FEATURES.iter().zip(values) {
        let weight = rule.iter().find(|(name, _)| *name == feature.name);
        if let (Some((_, weight)), Some((value, trust))) = (weight, value) {
            let z = ((value - feature.mean) / feature.deviation).clamp(-MAX_Z, MAX_Z);
            known += weight.abs() * trust.clamp(0.0, 1.0);
            contributions.push(Contribution { feature: feature.name, amount: weight * z });
        }
    }
    let sum: f64 = contributions.iter().map(|part| part.amount).sum();
    // tanh(x) / x is 1 at 0.
    let scale = if sum.abs() < 1e-9 { 1.0 } else { sum.tanh() / sum };
    for part in &mut contributions {
        part.amount *= scale;
    }
    contributions.sort_by(|a, b| b.amount.abs().total_cmp(&a.amount.abs()));
    Dimension {
        value: contributions.iter().map(|part| part.amount).sum::<f64>().clamp(-1.0, 1.0),
        confidence: confidence * known.min(1.0),
        contributions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Mode, RHYTHM_PATTERN_BINS, Reason, Stats};

    fn stats(mean: f32) -> Stats {
        Stats { mean, std: 1.0 }
    }

    fn spectral() -> Spectral {
        Spectral {
            centroid_hz: stats(2000.0),
            bandwidth_hz: stats(1800.0),
            rolloff_hz: stats(4000.0),
            flatness: stats(0.02),
            flux_db: stats(1.5),
            contrast_db: [stats(20.0); 7],
            zero_crossing_rate: stats(0.1),
            rms: stats(0.1),
            mfcc: [stats(0.0); 20],
            mfcc_covariance: vec![0.0; 210],
            chroma: [0.5; 12],
        }
    }

    fn loudness() -> Loudness {
        Loudness {
            integrated_lufs: -14.0,
            range_lu: Ok(6.0),
            momentary_max_lufs: -10.0,
            short_term_max_lufs: Ok(-11.0),
            short_term_median_lufs: Ok(-14.0),
            true_peak_dbtp: -0.5,
            sample_peak_dbfs: -0.7,
            replay_gain_db: -4.0,
        }
    }

    fn tempo(bpm: f64) -> Tempo {
        Tempo { bpm, confidence: 0.8, candidates: Vec::new(), stability: 1.0, curve: Vec::new() }
    }

    fn rhythm(onset_rate_hz: f64) -> Rhythm {
        Rhythm {
            beat_strengths: Vec::new(),
            tatums_per_beat: 2,
            meter: Err(Reason::NoMeter),
            beats_s: Vec::new(),
            confidence: 0.8,
            onset_rate_hz,
            pulse_clarity: 0.5,
            pattern: [0.0; RHYTHM_PATTERN_BINS],
        }
    }

    fn key(majorness: f64) -> Key {
        Key {
            tonic: 0,
            mode: Mode::Major,
            confidence: 0.7,
            candidates: Vec::new(),
            clarity: 0.8,
            majorness,
            tuning_cents: 0.0,
            profile: [0.5; 12],
            harmonic_change: 0.2,
            regions: Vec::new(),
        }
    }

    fn of(bpm: f64, onsets: f64, majorness: f64) -> Emotion {
        let (tempo, rhythm, key) = (tempo(bpm), rhythm(onsets), key(majorness));
        emotion(&Ok(spectral()), &Ok(loudness()), &Ok(tempo), &Ok(rhythm), &Ok(key)).unwrap()
    }

    #[test]
    fn every_rule_names_features_and_sums_to_one() {
        for rule in [VALENCE, AROUSAL, TENSION] {
            assert!(rule.iter().all(|(name, _)| FEATURES.iter().any(|f| f.name == *name)));
            let sum: f64 = rule.iter().map(|(_, weight)| weight.abs()).sum();
            assert!((sum - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn moves_with_its_causes() {
        assert!(of(100.0, 6.0, 0.0).arousal.value > of(100.0, 2.0, 0.0).arousal.value);
        assert!(of(160.0, 4.0, 0.0).arousal.value > of(70.0, 4.0, 0.0).arousal.value);
        assert!(of(100.0, 4.0, 0.2).valence.value > of(100.0, 4.0, -0.2).valence.value);
    }

    #[test]
    fn contributions_sum_to_the_value_within_bounds() {
        for (bpm, onsets, majorness) in [(30.0, 0.0, -1.0), (100.0, 4.0, 0.0), (300.0, 30.0, 1.0)] {
            let emotion = of(bpm, onsets, majorness);
            for dimension in [emotion.valence, emotion.arousal, emotion.tension] {
                let sum: f64 = dimension.contributions.iter().map(|part| part.amount).sum();
                assert!((sum - dimension.value).abs() < 1e-12);
                assert!(dimension.value.abs() <= 1.0);
                assert!((0.0..=0.5).contains(&dimension.confidence));
            }
        }
    }

    #[test]
    fn missing_inputs_shrink_the_confidence() {
        let full = of(100.0, 4.0, 0.1);
        let (spectral, loudness) = (Ok(spectral()), Ok(loudness()));
        let unknown = emotion(
            &spectral,
            &loudness,
            &Err(Reason::NoPulse),
            &Err(Reason::NoPulse),
            &Err(Reason::NoPitch),
        )
        .unwrap();
        assert!(unknown.arousal.confidence < full.arousal.confidence);
        assert!(unknown.valence.confidence < 0.3 * full.valence.confidence);
    }

    #[test]
    fn without_sound_there_is_the_reason() {
        let none = emotion(
            &Err(Reason::Silence),
            &Ok(loudness()),
            &Ok(tempo(100.0)),
            &Ok(rhythm(2.0)),
            &Ok(key(0.0)),
        );
        assert_eq!(none, Err(Reason::Silence));
    }
}
