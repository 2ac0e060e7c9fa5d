//! Every feature of the emotion, by name.

use super::reference::REFERENCE;
use super::{Expression, expression};
use crate::analysis::{Analysis, Estimate, Key, Loudness, Rhythm, Spectral, Tempo};
use crate::voice::Voice;

/// Standardised features are cut here, so that one odd feature cannot decide alone.
const MAX_Z: f64 = 2.5;
/// Level at which the deviation of the level is read, LUFS: the reference of ReplayGain 2.0.
const REFERENCE_LUFS: f64 = -18.0;
/// Shortest attack that is told from a shorter one, seconds: a frame.
const MIN_ATTACK_S: f64 = 0.0125;

/// Stable snake-case name of a feature.
pub type FeatureName = &'static str;

/// Number of features.
pub(crate) const N_FEATURES: usize = 22;
/// Their names, in the order in which they are kept.
pub(crate) const NAMES: [FeatureName; N_FEATURES] = [
    "event_rate",
    "onset_rate",
    "density",
    "spectral_flux",
    "brightness",
    "spread",
    "entropy",
    "tempo",
    "pulse_clarity",
    "mode",
    "key_clarity",
    "harmonic_change",
    "roughness",
    "roughness_deviation",
    "level_deviation",
    "fluctuation",
    "attack",
    "register",
    "register_deviation",
    "novelty",
    "chroma_novelty",
    "class_novelty",
];
/// Further features, of the hints alone.
pub(crate) const N_HINT_FEATURES: usize = 3;
/// Their names.
pub(crate) const HINT_NAMES: [FeatureName; N_HINT_FEATURES] =
    ["syllabic_share", "soft_share", "loudness_range"];
/// All of them.
pub(crate) const N_ALL: usize = N_FEATURES + N_HINT_FEATURES;

/// A feature that is known: its value, and how far it can be trusted, 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Known {
    pub(crate) value: f64,
    pub(crate) trust: f64,
}

/// The results that features are read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) spectral: &'a Spectral,
    pub(crate) loudness: &'a Loudness,
    pub(crate) tempo: Option<&'a Tempo>,
    pub(crate) rhythm: Option<&'a Rhythm>,
    pub(crate) key: Option<&'a Key>,
    pub(crate) expression: &'a Expression,
    pub(crate) voice: Option<&'a Voice>,
}

impl<'a> Sources<'a> {
    /// The results of an analysis; the reason of the spectrum or of the loudness if one is unknown.
    pub(crate) fn of(analysis: &'a Analysis) -> Estimate<Self> {
        Ok(Self {
            spectral: analysis.spectral.as_ref().map_err(|&reason| reason)?,
            loudness: analysis.loudness.as_ref().map_err(|&reason| reason)?,
            tempo: analysis.tempo.as_ref().ok(),
            rhythm: analysis.rhythm.as_ref().ok(),
            key: analysis.key.as_ref().ok(),
            expression: &analysis.expression,
            voice: analysis.voice.as_ref().ok(),
        })
    }
}

/// What the rule looks at, before it is standardised; unknown ones are left out.
///
/// | name | unit |
/// | --- | --- |
/// | `event_rate` | sounds that begin per second |
/// | `onset_rate` | onsets per second, unknown without a pulse |
/// | `density` | LU, median short-term loudness over true peak |
/// | `spectral_flux` | dB per frame |
/// | `brightness`, `spread` | log2 of the mean centroid and bandwidth in Hz |
/// | `entropy` | 0..=1, of the collapsed spectrum |
/// | `tempo` | log2 of BPM |
/// | `pulse_clarity`, `syllabic_share`, `soft_share` | 0..=1 |
/// | `mode` | −1..=1, correlation with major less that with minor keys, mean of that over frames and of that of the whole |
/// | `key_clarity` | −1..=1, mean over frames |
/// | `harmonic_change` | distance of tonal centroids, mean over frames |
/// | `roughness`, `roughness_deviation` | over frames, see there |
/// | `level_deviation` | full scale at −18 LUFS |
/// | `fluctuation` | dB |
/// | `attack` | log2 of seconds |
/// | `register`, `register_deviation` | semitones |
/// | `novelty`, `chroma_novelty`, `class_novelty` | of spectra, of chroma with and without octaves |
/// | `loudness_range` | LU |
pub fn features(analysis: &Analysis) -> Vec<(FeatureName, f64)> {
    let Ok(sources) = Sources::of(analysis) else {
        return Vec::new();
    };
    let named = feature_names().zip(values(&sources));
    named.filter_map(|(name, value)| value.map(|known| (name, known.value))).collect()
}

/// The names of all features, in the order in which their statistics are kept.
pub fn feature_names() -> impl Iterator<Item = FeatureName> {
    NAMES.into_iter().chain(HINT_NAMES)
}

/// Place of a feature in [`values`].
pub(crate) fn place(name: FeatureName) -> usize {
    feature_names().position(|it| it == name).expect("rules name features that there are")
}

/// Standard deviations from the mean of the reference recordings, cut at ±2.5.
pub(crate) fn standardised(place: usize, value: f64) -> f64 {
    let (mean, deviation) = REFERENCE[place];
    ((value - mean) / deviation).clamp(-MAX_Z, MAX_Z)
}

/// Features of the sound in standard deviations from the mean of the reference recordings, cut at ±2.5; unknown ones are
/// left out, and so are those that have to be measured for the emotion.
pub(crate) fn standard_scores(
    spectral: &Spectral,
    loudness: &Loudness,
    rhythm: Option<&Rhythm>,
) -> Vec<(FeatureName, f64)> {
    let expression = &expression::Expression::default();
    let (tempo, key, voice) = (None, None, None);
    let sources = Sources { spectral, loudness, tempo, rhythm, key, expression, voice };
    let named = feature_names().enumerate().zip(values(&sources));
    named
        .filter_map(|((place, name), value)| Some((name, standardised(place, value?.value))))
        .collect()
}

/// Every feature in the order of [`feature_names`]; `None` if unknown.
pub(crate) fn values(sources: &Sources<'_>) -> [Option<Known>; N_ALL] {
    let Sources { spectral, loudness, tempo, rhythm, key, expression, .. } = *sources;
    let sure = |value: f64| Some(Known { value, trust: 1.0 });
    let trusted = |value: f64, trust: f64| Some(Known { value, trust: trust.clamp(0.0, 1.0) });
    let log2 = |value: f32| f64::from(value).max(1.0).log2();
    let (spectrum, harmony, envelope) =
        (&expression.spectrum, &expression.harmony, &expression.envelope);
    let density = loudness.short_term_median_lufs.ok().map(|lufs| lufs - loudness.true_peak_dbtp);
    let gain = 10f64.powf((REFERENCE_LUFS - loudness.integrated_lufs) / 20.0);
    // Where one key is known, its evidence over the whole counts as much as that of the frames.
    let mode = harmony.mode.map(|frames| match key {
        Some(key) => f64::midpoint(frames, key.majorness),
        None => frames,
    });
    [
        expression.event_rate_hz().and_then(sure),
        rhythm.and_then(|rhythm| sure(rhythm.onset_rate_hz)),
        density.and_then(sure),
        sure(spectral.flux_db.mean.into()),
        sure(log2(spectral.centroid_hz.mean)),
        sure(log2(spectral.bandwidth_hz.mean)),
        harmony.entropy.and_then(sure),
        tempo.and_then(|tempo| trusted(tempo.bpm.max(1.0).log2(), tempo.confidence)),
        rhythm.and_then(|rhythm| sure(rhythm.pulse_clarity)),
        mode.and_then(sure),
        harmony.clarity.and_then(sure),
        harmony.change.and_then(sure),
        spectrum.roughness.and_then(|it| sure(it.mean.into())),
        spectrum.roughness.and_then(|it| sure(it.std.into())),
        sure(gain * f64::from(spectral.rms.std)),
        envelope.fluctuation.and_then(|it| sure(it.height_db)),
        envelope.attack_s.and_then(|attack_s| sure(attack_s.max(MIN_ATTACK_S).log2())),
        harmony.register.and_then(sure),
        harmony.register_deviation.and_then(sure),
        spectrum.novelty.and_then(sure),
        harmony.unwrapped_novelty.and_then(sure),
        harmony.wrapped_novelty.and_then(sure),
        envelope.fluctuation.and_then(|it| sure(it.syllabic_share)),
        envelope.fluctuation.and_then(|_| sure(envelope.soft_share)),
        loudness.range_lu.ok().and_then(sure),
    ]
}
