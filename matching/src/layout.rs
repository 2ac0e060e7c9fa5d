//! Where each fact lies in a descriptor of version 1, as `docs/formats.md` has it.

use std::ops::Range;

/// Number of 32-bit floats after the header.
pub(crate) const N_FACTS: usize = 416;

pub(crate) const DURATION_S: usize = 0;

pub(crate) const TEMPO_LOG2_BPM: Range<usize> = 1..4;
pub(crate) const TEMPO_STRENGTH: Range<usize> = 4..7;
pub(crate) const TEMPO_CONFIDENCE: usize = 7;
pub(crate) const TEMPO_STABILITY: usize = 8;

/// Pitch class of the tonic, plus 12 for minor.
pub(crate) const KEY_NUMBER: Range<usize> = 9..12;
pub(crate) const KEY_STRENGTH: Range<usize> = 12..15;
pub(crate) const KEY_CONFIDENCE: usize = 15;
pub(crate) const KEY_CLARITY: usize = 16;
pub(crate) const KEY_MAJORNESS: usize = 17;
pub(crate) const KEY_TUNING_CENTS: usize = 18;
pub(crate) const KEY_HARMONIC_CHANGE: usize = 19;
pub(crate) const KEY_PROFILE: Range<usize> = 20..32;

pub(crate) const RHYTHM_CONFIDENCE: usize = 32;
pub(crate) const RHYTHM_ONSET_RATE_HZ: usize = 33;
pub(crate) const RHYTHM_PULSE_CLARITY: usize = 34;
pub(crate) const RHYTHM_PATTERN: Range<usize> = 36..84;

pub(crate) const LOUDNESS_INTEGRATED_LUFS: usize = 84;
pub(crate) const LOUDNESS_MEDIAN_LUFS: usize = 85;
pub(crate) const LOUDNESS_RANGE_LU: usize = 86;
pub(crate) const LOUDNESS_TRUE_PEAK_DBTP: usize = 87;

/// Valence, arousal, tension.
pub(crate) const EMOTION_VALUE: Range<usize> = 88..91;
pub(crate) const EMOTION_CONFIDENCE: Range<usize> = 91..94;
/// What made the emotion: 0 for the rule, else a whole number below 2^24 that names a trained model.
pub(crate) const EMOTION_METHOD: usize = 94;

/// Pairs of mean and standard deviation, in this order.
pub(crate) const CENTROID_HZ: usize = 96;
pub(crate) const BANDWIDTH_HZ: usize = 98;
pub(crate) const ROLLOFF_HZ: usize = 100;
pub(crate) const FLATNESS: usize = 102;
pub(crate) const FLUX_DB: usize = 104;
pub(crate) const ZERO_CROSSING_RATE: usize = 106;
pub(crate) const RMS: usize = 108;
pub(crate) const CONTRAST_MEAN_DB: Range<usize> = 112..119;
pub(crate) const CONTRAST_STD_DB: Range<usize> = 119..126;
pub(crate) const MFCC_MEAN: Range<usize> = 128..148;
pub(crate) const MFCC_STD: Range<usize> = 148..168;
pub(crate) const CHROMA: Range<usize> = 168..180;
pub(crate) const MFCC_COVARIANCE: Range<usize> = 192..402;

/// Ranges that no version 1 writer fills; they must be zero so that a later version may use them.
pub(crate) const RESERVED: [Range<usize>; 6] =
    [35..36, 95..96, 110..112, 126..128, 180..192, 402..416];

/// One bit for each group of facts that is known.
pub(crate) mod known {
    pub(crate) const TEMPO: u32 = 1;
    pub(crate) const KEY: u32 = 1 << 1;
    pub(crate) const RHYTHM: u32 = 1 << 2;
    pub(crate) const LOUDNESS: u32 = 1 << 3;
    /// Median and range of the short-term loudness, which need 3 s.
    pub(crate) const SHORT_TERM: u32 = 1 << 4;
    pub(crate) const EMOTION: u32 = 1 << 5;
    pub(crate) const SPECTRAL: u32 = 1 << 6;
    pub(crate) const ALL: u32 = (1 << 7) - 1;
}
