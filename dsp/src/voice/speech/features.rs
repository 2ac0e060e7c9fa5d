//! The 88 numbers of the extended Geneva minimalistic set.

use super::arousal::arousal;
use super::contour::{Contour, variation};
use super::short_spectrum::COMPRESSION;
use super::stage::STEP_S;
use super::tally::Tally;
use crate::analysis::{Estimate, Reason};
use crate::emotion::Dimension;
use crate::emotion::FeatureName;
use crate::scale::power_to_db;
use crate::spectral::Moments;

/// Number of features.
pub const N_SPEECH_FEATURES: usize = 88;
/// Level at which loudness and flux are read, mean square: −20 dBFS.
const REFERENCE_POWER: f64 = 0.01;
/// Voice below which nothing is said of how excited it is, seconds.
const MIN_VOICED_S: f64 = 0.5;

/// Their names, in the order of the published set.
const NAMES: [FeatureName; N_SPEECH_FEATURES] = [
    "f0_semitones_mean",
    "f0_semitones_cv",
    "f0_semitones_p20",
    "f0_semitones_p50",
    "f0_semitones_p80",
    "f0_semitones_range",
    "f0_semitones_rise_mean",
    "f0_semitones_rise_std",
    "f0_semitones_fall_mean",
    "f0_semitones_fall_std",
    "loudness_mean",
    "loudness_cv",
    "loudness_p20",
    "loudness_p50",
    "loudness_p80",
    "loudness_range",
    "loudness_rise_mean",
    "loudness_rise_std",
    "loudness_fall_mean",
    "loudness_fall_std",
    "flux_mean",
    "flux_cv",
    "mfcc1_mean",
    "mfcc1_cv",
    "mfcc2_mean",
    "mfcc2_cv",
    "mfcc3_mean",
    "mfcc3_cv",
    "mfcc4_mean",
    "mfcc4_cv",
    "jitter_mean",
    "jitter_cv",
    "shimmer_db_mean",
    "shimmer_db_cv",
    "hnr_db_mean",
    "hnr_db_cv",
    "h1_h2_db_mean",
    "h1_h2_db_cv",
    "h1_a3_db_mean",
    "h1_a3_db_cv",
    "f1_hz_mean",
    "f1_hz_cv",
    "f1_bandwidth_hz_mean",
    "f1_bandwidth_hz_cv",
    "f1_amplitude_db_mean",
    "f1_amplitude_db_cv",
    "f2_hz_mean",
    "f2_hz_cv",
    "f2_bandwidth_hz_mean",
    "f2_bandwidth_hz_cv",
    "f2_amplitude_db_mean",
    "f2_amplitude_db_cv",
    "f3_hz_mean",
    "f3_hz_cv",
    "f3_bandwidth_hz_mean",
    "f3_bandwidth_hz_cv",
    "f3_amplitude_db_mean",
    "f3_amplitude_db_cv",
    "voiced_alpha_ratio_db_mean",
    "voiced_alpha_ratio_db_cv",
    "voiced_hammarberg_db_mean",
    "voiced_hammarberg_db_cv",
    "voiced_slope_low_mean",
    "voiced_slope_low_cv",
    "voiced_slope_mid_mean",
    "voiced_slope_mid_cv",
    "voiced_flux_mean",
    "voiced_flux_cv",
    "voiced_mfcc1_mean",
    "voiced_mfcc1_cv",
    "voiced_mfcc2_mean",
    "voiced_mfcc2_cv",
    "voiced_mfcc3_mean",
    "voiced_mfcc3_cv",
    "voiced_mfcc4_mean",
    "voiced_mfcc4_cv",
    "unvoiced_alpha_ratio_db_mean",
    "unvoiced_hammarberg_db_mean",
    "unvoiced_slope_low_mean",
    "unvoiced_slope_mid_mean",
    "unvoiced_flux_mean",
    "loudness_peaks_hz",
    "voiced_segments_hz",
    "voiced_length_s_mean",
    "voiced_length_s_std",
    "unvoiced_length_s_mean",
    "unvoiced_length_s_std",
    "level_dbfs",
];

/// What was heard of a voice that speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    /// Speech that was listened to, seconds, short pauses included.
    pub duration_s: f64,
    /// Its share with a voice, 0..=1.
    pub voiced_share: f64,
    /// How excited it sounds, calm (−1) to excited (1).
    pub arousal: Estimate<Dimension>,
    /// The features that are known, in the order of [`speech_feature_names`]. Only `level_dbfs` depends on the gain.
    ///
    /// | name | what |
    /// | --- | --- |
    /// | `f0_semitones_*` | fundamental frequency over 27.5 Hz, over voiced frames |
    /// | `loudness_*` | power of 26 mel bands as the ear weighs them, to the power of 0.33, at −20 dBFS |
    /// | `flux_*` | difference of successive spectra up to 5 kHz, at −20 dBFS |
    /// | `mfcc1` to `mfcc4` | of 26 mel bands from 20 to 8000 Hz, liftered by 22 |
    /// | `jitter_*`, `shimmer_db_*` | difference of successive periods: of length, over their mean, and of height |
    /// | `hnr_db_*` | harmonics over noise |
    /// | `h1_h2_db_*`, `h1_a3_db_*` | first harmonic over the second, and over the strongest at the third formant |
    /// | `f1_hz_*` to `f3_amplitude_db_*` | formants: frequency, bandwidth, strongest harmonic there over the first harmonic |
    /// | `alpha_ratio_db`, `hammarberg_db` | energy of 50 to 1000 Hz over that of 1 to 5 kHz; strongest bin to 2 kHz over that to 5 kHz |
    /// | `slope_low`, `slope_mid` | slope of the level up to 500 Hz, and from there to 1500 Hz, dB per kHz |
    /// | `*_hz` of peaks and segments | peaks of loudness and voiced segments per second |
    /// | `*_length_s_*` | of voiced segments and of what lies between them |
    /// | `level_dbfs` | equivalent level |
    ///
    /// `mean`, `std` and `cv` (deviation over the magnitude of the mean) are over frames (of jitter and shimmer over periods),
    /// `p20` to `p80` percentiles, `range` is p80 less p20, `rise` and `fall` are slopes of contours per second. `voiced_` and
    /// `unvoiced_` are over such frames alone.
    ///
    /// # Source
    ///
    /// Eyben et al. (2016), "The Geneva Minimalistic Acoustic Parameter Set (`GeMAPS`) for voice research and affective
    /// computing", *IEEE Transactions on Affective Computing* 7(2). Our own definitions where the paper leaves them open
    /// (`docs/emotion.md`).
    pub features: Vec<(FeatureName, f64)>,
}

impl Speech {
    /// Statistics of what was kept, of which something was heard.
    pub(super) fn of(tally: &Tally) -> Self {
        let n_frames = tally.n_frames().max(1) as f64;
        let voiced_share = tally.n_voiced() as f64 / n_frames;
        let values = values(tally);
        let is_enough = tally.n_voiced() as f64 * STEP_S >= MIN_VOICED_S;
        Self {
            duration_s: tally.n_frames() as f64 * STEP_S,
            voiced_share,
            arousal: if is_enough { Ok(arousal(&values)) } else { Err(Reason::TooShort) },
            features: NAMES
                .into_iter()
                .zip(values)
                .filter_map(|(name, value)| value.map(|value| (name, value)))
                .collect(),
        }
    }
}

/// The names of all features, in the order of the published set.
pub fn speech_feature_names() -> impl Iterator<Item = FeatureName> {
    NAMES.into_iter()
}

/// Place of a feature.
pub(super) fn place(name: FeatureName) -> usize {
    NAMES.iter().position(|it| *it == name).expect("rules name features that there are")
}

fn values(tally: &Tally) -> [Option<f64>; N_SPEECH_FEATURES] {
    let gain = (REFERENCE_POWER / tally.mean_square().max(f64::MIN_POSITIVE)).sqrt();
    let loudness_scale = (gain * gain).powf(f64::from(COMPRESSION)) as f32;
    let (f0, loudness) = (tally.f0(STEP_S), tally.loudness(STEP_S, loudness_scale));
    let segments = tally.segments(STEP_S);
    let duration_s = tally.n_frames() as f64 * STEP_S;
    let mut all = Vec::with_capacity(N_SPEECH_FEATURES);
    for contour in [&f0, &loudness] {
        all.extend(of_contour(contour));
    }
    all.extend(mean_and_variation(&tally.flux, gain));
    all.extend(tally.mfcc.iter().flat_map(|it| mean_and_variation(it, 1.0)));
    let found = &tally.perturbation;
    for moments in
        [&found.jitter, &found.shimmer_db, &tally.hnr_db, &tally.h1_h2_db, &tally.h1_a3_db]
    {
        all.extend(mean_and_variation(moments, 1.0));
    }
    let formants = tally.formants.as_flattened().iter();
    all.extend(formants.flat_map(|it| mean_and_variation(it, 1.0)));
    // The flux is the last of them, and alone moves with the gain.
    let gains = [1.0, 1.0, 1.0, 1.0, gain];
    let voiced = tally.voiced.iter().zip(gains);
    all.extend(voiced.flat_map(|(it, gain)| mean_and_variation(it, gain)));
    all.extend(tally.voiced_mfcc.iter().flat_map(|it| mean_and_variation(it, 1.0)));
    let unvoiced = tally.unvoiced.iter().zip(gains);
    all.extend(unvoiced.map(|(it, gain)| mean_and_variation(it, gain)[0]));
    let per_second = |n: usize| Some(n as f64 / duration_s);
    let lengths = |it: Option<(f64, f64)>| [it.map(|it| it.0), it.map(|it| it.1)];
    all.extend([per_second(loudness.n_peaks), per_second(segments.n_voiced)]);
    all.extend(lengths(segments.voiced_s));
    all.extend(lengths(segments.unvoiced_s));
    all.push(Some(power_to_db(tally.mean_square())));
    all.try_into().expect("every feature has its place")
}

fn of_contour(contour: &Contour) -> [Option<f64>; 10] {
    let percentile = |i: usize| contour.percentiles.map(|all| all[i]);
    let (rise, fall) = (contour.rise, contour.fall);
    [
        contour.mean,
        contour.variation,
        percentile(0),
        percentile(1),
        percentile(2),
        contour.range(),
        rise.map(|it| it.0),
        rise.map(|it| it.1),
        fall.map(|it| it.0),
        fall.map(|it| it.1),
    ]
}

/// Mean times `scale`, and the coefficient of variation, which has no scale.
fn mean_and_variation(moments: &Moments, scale: f64) -> [Option<f64>; 2] {
    if moments.n() == 0 {
        return [None; 2];
    }
    let (mean, deviation) = (moments.mean(), f64::from(moments.stats().std));
    [Some(scale * mean), variation(mean, deviation)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_a_name_of_its_own() {
        let mut names: Vec<_> = speech_feature_names().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), N_SPEECH_FEATURES);
        assert_eq!((place("level_dbfs"), place("flux_mean"), place("jitter_mean")), (87, 20, 30));
    }

    #[test]
    fn nothing_has_a_level_and_rates_and_no_means() {
        let mut tally = Tally::default();
        tally.begin();
        tally.add_pause();
        let known: Vec<_> = Speech::of(&tally).features.iter().map(|it| it.0).collect();
        assert!(!known.contains(&"f0_semitones_mean") && known.contains(&"voiced_segments_hz"));
        assert_eq!(Speech::of(&tally).arousal, Err(Reason::TooShort));
    }
}
