//! What models of the emotion may look at: numbers of the report that do not depend on the gain.

use crate::Report;

/// Number of features that a model may name.
pub const N_MODEL_FEATURES: usize = 98;

/// A feature's stable name and where it stands.
type Feature = (&'static str, fn(&Report) -> Option<f64>);

/// Every feature of a report that a model may look at, by name; `None` where the report does not know it.
///
/// A bare name is one of `emotion.features`; any other is the place in the report. What the gain of the recording decides
/// (loudness itself, RMS, the mean of the first MFCC, the energy) is not among them.
pub fn model_features(report: &Report) -> [(&'static str, Option<f64>); N_MODEL_FEATURES] {
    FEATURES.map(|(name, read)| (name, read(report).filter(|value| value.is_finite())))
}

/// The names of [`model_features`], in their order.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FEATURES.iter().map(|(name, _)| *name)
}

/// The place of a feature in [`model_features`].
pub(super) fn place(name: &str) -> Option<usize> {
    FEATURES.iter().position(|(known, _)| *known == name)
}

fn of_emotion(report: &Report, name: &str) -> Option<f64> {
    report.emotion.features.iter().find(|it| it.feature == name).map(|it| it.value)
}

fn over_loudness(report: &Report, level: Option<f64>) -> Option<f64> {
    Some(level? - report.loudness.integrated_lufs?)
}

#[rustfmt::skip]
const FEATURES: [Feature; N_MODEL_FEATURES] = [
    ("event_rate", |r| of_emotion(r, "event_rate")),
    ("onset_rate", |r| of_emotion(r, "onset_rate")),
    ("density", |r| of_emotion(r, "density")),
    ("spectral_flux", |r| of_emotion(r, "spectral_flux")),
    ("brightness", |r| of_emotion(r, "brightness")),
    ("spread", |r| of_emotion(r, "spread")),
    ("entropy", |r| of_emotion(r, "entropy")),
    ("tempo", |r| of_emotion(r, "tempo")),
    ("pulse_clarity", |r| of_emotion(r, "pulse_clarity")),
    ("mode", |r| of_emotion(r, "mode")),
    ("key_clarity", |r| of_emotion(r, "key_clarity")),
    ("harmonic_change", |r| of_emotion(r, "harmonic_change")),
    ("roughness", |r| of_emotion(r, "roughness")),
    ("roughness_deviation", |r| of_emotion(r, "roughness_deviation")),
    ("level_deviation", |r| of_emotion(r, "level_deviation")),
    ("fluctuation", |r| of_emotion(r, "fluctuation")),
    ("attack", |r| of_emotion(r, "attack")),
    ("register", |r| of_emotion(r, "register")),
    ("register_deviation", |r| of_emotion(r, "register_deviation")),
    ("novelty", |r| of_emotion(r, "novelty")),
    ("chroma_novelty", |r| of_emotion(r, "chroma_novelty")),
    ("class_novelty", |r| of_emotion(r, "class_novelty")),
    ("syllabic_share", |r| of_emotion(r, "syllabic_share")),
    ("soft_share", |r| of_emotion(r, "soft_share")),
    ("loudness_range", |r| of_emotion(r, "loudness_range")),
    ("spectral.centroid_hz.std", |r| Some(r.spectral.centroid_hz?.std)),
    ("spectral.bandwidth_hz.std", |r| Some(r.spectral.bandwidth_hz?.std)),
    ("spectral.rolloff_hz.mean", |r| Some(r.spectral.rolloff_hz?.mean)),
    ("spectral.rolloff_hz.std", |r| Some(r.spectral.rolloff_hz?.std)),
    ("spectral.flatness.mean", |r| Some(r.spectral.flatness?.mean)),
    ("spectral.flatness.std", |r| Some(r.spectral.flatness?.std)),
    ("spectral.flux_db.std", |r| Some(r.spectral.flux_db?.std)),
    ("spectral.zero_crossing_rate.mean", |r| Some(r.spectral.zero_crossing_rate?.mean)),
    ("spectral.zero_crossing_rate.std", |r| Some(r.spectral.zero_crossing_rate?.std)),
    ("spectral.contrast_db[0].mean", |r| Some(r.spectral.contrast_db.first()?.mean)),
    ("spectral.contrast_db[0].std", |r| Some(r.spectral.contrast_db.first()?.std)),
    ("spectral.contrast_db[1].mean", |r| Some(r.spectral.contrast_db.get(1)?.mean)),
    ("spectral.contrast_db[1].std", |r| Some(r.spectral.contrast_db.get(1)?.std)),
    ("spectral.contrast_db[2].mean", |r| Some(r.spectral.contrast_db.get(2)?.mean)),
    ("spectral.contrast_db[2].std", |r| Some(r.spectral.contrast_db.get(2)?.std)),
    ("spectral.contrast_db[3].mean", |r| Some(r.spectral.contrast_db.get(3)?.mean)),
    ("spectral.contrast_db[3].std", |r| Some(r.spectral.contrast_db.get(3)?.std)),
    ("spectral.contrast_db[4].mean", |r| Some(r.spectral.contrast_db.get(4)?.mean)),
    ("spectral.contrast_db[4].std", |r| Some(r.spectral.contrast_db.get(4)?.std)),
    ("spectral.contrast_db[5].mean", |r| Some(r.spectral.contrast_db.get(5)?.mean)),
    ("spectral.contrast_db[5].std", |r| Some(r.spectral.contrast_db.get(5)?.std)),
    ("spectral.contrast_db[6].mean", |r| Some(r.spectral.contrast_db.get(6)?.mean)),
    ("spectral.contrast_db[6].std", |r| Some(r.spectral.contrast_db.get(6)?.std)),
    ("spectral.mfcc[0].std", |r| Some(r.spectral.mfcc.first()?.std)),
    ("spectral.mfcc[1].mean", |r| Some(r.spectral.mfcc.get(1)?.mean)),
    ("spectral.mfcc[1].std", |r| Some(r.spectral.mfcc.get(1)?.std)),
    ("spectral.mfcc[2].mean", |r| Some(r.spectral.mfcc.get(2)?.mean)),
    ("spectral.mfcc[2].std", |r| Some(r.spectral.mfcc.get(2)?.std)),
    ("spectral.mfcc[3].mean", |r| Some(r.spectral.mfcc.get(3)?.mean)),
    ("spectral.mfcc[3].std", |r| Some(r.spectral.mfcc.get(3)?.std)),
    ("spectral.mfcc[4].mean", |r| Some(r.spectral.mfcc.get(4)?.mean)),
    ("spectral.mfcc[4].std", |r| Some(r.spectral.mfcc.get(4)?.std)),
    ("spectral.mfcc[5].mean", |r| Some(r.spectral.mfcc.get(5)?.mean)),
    ("spectral.mfcc[5].std", |r| Some(r.spectral.mfcc.get(5)?.std)),
    ("spectral.mfcc[6].mean", |r| Some(r.spectral.mfcc.get(6)?.mean)),
    ("spectral.mfcc[6].std", |r| Some(r.spectral.mfcc.get(6)?.std)),
    ("spectral.mfcc[7].mean", |r| Some(r.spectral.mfcc.get(7)?.mean)),
    ("spectral.mfcc[7].std", |r| Some(r.spectral.mfcc.get(7)?.std)),
    ("spectral.mfcc[8].mean", |r| Some(r.spectral.mfcc.get(8)?.mean)),
    ("spectral.mfcc[8].std", |r| Some(r.spectral.mfcc.get(8)?.std)),
    ("spectral.mfcc[9].mean", |r| Some(r.spectral.mfcc.get(9)?.mean)),
    ("spectral.mfcc[9].std", |r| Some(r.spectral.mfcc.get(9)?.std)),
    ("spectral.mfcc[10].mean", |r| Some(r.spectral.mfcc.get(10)?.mean)),
    ("spectral.mfcc[10].std", |r| Some(r.spectral.mfcc.get(10)?.std)),
    ("spectral.mfcc[11].mean", |r| Some(r.spectral.mfcc.get(11)?.mean)),
    ("spectral.mfcc[11].std", |r| Some(r.spectral.mfcc.get(11)?.std)),
    ("spectral.mfcc[12].mean", |r| Some(r.spectral.mfcc.get(12)?.mean)),
    ("spectral.mfcc[12].std", |r| Some(r.spectral.mfcc.get(12)?.std)),
    ("spectral.mfcc[13].mean", |r| Some(r.spectral.mfcc.get(13)?.mean)),
    ("spectral.mfcc[13].std", |r| Some(r.spectral.mfcc.get(13)?.std)),
    ("spectral.mfcc[14].mean", |r| Some(r.spectral.mfcc.get(14)?.mean)),
    ("spectral.mfcc[14].std", |r| Some(r.spectral.mfcc.get(14)?.std)),
    ("spectral.mfcc[15].mean", |r| Some(r.spectral.mfcc.get(15)?.mean)),
    ("spectral.mfcc[15].std", |r| Some(r.spectral.mfcc.get(15)?.std)),
    ("spectral.mfcc[16].mean", |r| Some(r.spectral.mfcc.get(16)?.mean)),
    ("spectral.mfcc[16].std", |r| Some(r.spectral.mfcc.get(16)?.std)),
    ("spectral.mfcc[17].mean", |r| Some(r.spectral.mfcc.get(17)?.mean)),
    ("spectral.mfcc[17].std", |r| Some(r.spectral.mfcc.get(17)?.std)),
    ("spectral.mfcc[18].mean", |r| Some(r.spectral.mfcc.get(18)?.mean)),
    ("spectral.mfcc[18].std", |r| Some(r.spectral.mfcc.get(18)?.std)),
    ("spectral.mfcc[19].mean", |r| Some(r.spectral.mfcc.get(19)?.mean)),
    ("spectral.mfcc[19].std", |r| Some(r.spectral.mfcc.get(19)?.std)),
    ("loudness.true_peak_dbtp - integrated_lufs", |r| over_loudness(r, r.loudness.true_peak_dbtp)),
    ("loudness.momentary_max_lufs - integrated_lufs", |r| {
        over_loudness(r, r.loudness.momentary_max_lufs)
    }),
    ("loudness.short_term_max_lufs - integrated_lufs", |r| {
        over_loudness(r, r.loudness.short_term_max_lufs)
    }),
    ("dynamics.dynamic_complexity_db", |r| r.dynamics.dynamic_complexity_db),
    ("dynamics.crest_db", |r| r.dynamics.crest_db),
    ("dynamics.danceability", |r| r.dynamics.danceability),
    ("rhythm.confidence", |r| r.rhythm.confidence),
    ("tempo.stability", |r| r.tempo.stability),
    ("key.clarity", |r| r.key.clarity),
    ("key.majorness", |r| r.key.majorness),
    ("key.harmonic_change", |r| r.key.harmonic_change),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_hold_all_features_of_the_emotion() {
        for (place, (name, _)) in FEATURES.iter().enumerate() {
            assert_eq!(super::place(name), Some(place));
        }
        assert!(dsp::emotion::feature_names().all(|name| super::place(name).is_some()));
        assert_eq!(super::place("spectral.mfcc[0].mean"), None);
    }
}
