//! Statistics and weights of the cues that tell speech from music.
//!
//! Made by `cargo run --release -p benches --bin voice_reference` from, with their numbers:
//! - speech: `prompts_en` (17 recordings, 334 seconds)
//! - speech: `prompts_es` (29 recordings, 564 seconds)
//! - speech: `prompts_fr` (14 recordings, 280 seconds)
//! - speech: `prompts_ru` (16 recordings, 301 seconds)
//! - speech: `words_ca` (4 recordings, 60 seconds)
//! - speech: `words_fr` (4 recordings, 66 seconds)
//! - speech: `words_ro` (5 recordings, 99 seconds)
//! - speech: `words_ru` (4 recordings, 71 seconds)
//! - speech: `words_es` (4 recordings, 73 seconds)
//! - speech: `words_el` (4 recordings, 77 seconds)
//! - speech: `book` (5 recordings, 24 seconds)
//! - speech: `kal` (4 recordings, 61 seconds)
//! - speech: `awb` (4 recordings, 62 seconds)
//! - speech: `rms` (4 recordings, 68 seconds)
//! - speech: `slt` (4 recordings, 58 seconds)
//! - speech: `espeak` (15 recordings, 222 seconds)
//! - music: `free` (18 recordings, 540 seconds)
//! - music: `rock` (4 recordings, 120 seconds)
//! - music: `loops` (13 recordings, 165 seconds)
//! - music: `horizons` (13 recordings, 390 seconds)
//! - music: `hold` (5 recordings, 431 seconds)
//! - music: `gen_dev` (26 recordings, 780 seconds)
//! - music: `openmsx` (14 recordings, 420 seconds)
//! - music: `music21_dev` (10 recordings, 288 seconds)

use super::cues::N_CUES;

/// Mean and deviation of each cue, speech and music counting alike, and what one deviation adds to the logarithm of the
/// odds of speech.
#[rustfmt::skip]
pub(super) const WEIGHTS: [(f64, f64, f64); N_CUES] = [
    (0.15961, 0.12502, 1.3001), // low_energy_share
    (4.24932, 1.71464, 0.4398), // syllable_depth_db
    (0.31212, 0.10376, 0.8055), // syllable_share
    (1.76198, 0.57633, 0.2666), // flux_mean_db
    (1.24791, 0.40712, -1.2803), // flux_variation
    (0.49998, 0.23066, 0.1282), // centroid_deviation
    (0.17359, 0.58285, 0.2034), // centroid_skew
    (0.65189, 0.16877, -2.8389), // chroma_steadiness
    (0.62627, 0.17502, -1.0444), // spectrum_steadiness
    (0.40827, 0.27147, -3.0013), // pulse
];
/// Logarithm of the odds of what lies at the mean.
pub(super) const OFFSET: f64 = -1.0416;
