//! Mean and deviation of every feature over 301 reference recordings.
//!
//! Made by `cargo run --release -p benches --bin emotion_reference` from, with their numbers:
//! - `asc-music_1.3-6` (3)
//! - `extremetuxracer-data_0.8.2-1` (7)
//! - `freedroidrpg-data_1.0-1` (16)
//! - `gen_dev` (78)
//! - `hedgewars-data_1.0.2-6` (26)
//! - `loops` (13)
//! - `music21_dev` (30)
//! - `openclonk-data_8.1-3` (8)
//! - `openmsx` (28)
//! - `rock` (4)
//! - `singularity-music_007-2` (16)
//! - `supertuxkart-data_1.4+dfsg-2` (36)
//! - `wesnoth-1.16-music_1:1.16.9-1` (36)

use super::features::N_ALL;

/// Mean and deviation, in the order of the names.
#[rustfmt::skip]
pub(crate) const REFERENCE: [(f64, f64); N_ALL] = [
    (4.64359, 1.43706), // event_rate, 301 recordings
    (3.84532, 1.27645), // onset_rate, 299 recordings
    (-14.58940, 2.69839), // density, 301 recordings
    (1.43275, 0.50050), // spectral_flux, 301 recordings
    (10.77077, 0.57739), // brightness, 301 recordings
    (10.96088, 0.43564), // spread, 301 recordings
    (0.97701, 0.01934), // entropy, 301 recordings
    (6.80599, 0.43290), // tempo, 299 recordings
    (0.34015, 0.07841), // pulse_clarity, 299 recordings
    (0.00025, 0.11526), // mode, 301 recordings
    (0.63731, 0.09048), // key_clarity, 301 recordings
    (0.23666, 0.07555), // harmonic_change, 301 recordings
    (0.08370, 0.06355), // roughness, 301 recordings
    (0.04965, 0.03296), // roughness_deviation, 301 recordings
    (0.03691, 0.01703), // level_deviation, 301 recordings
    (25.28108, 18.99350), // fluctuation, 301 recordings
    (-4.27119, 1.01769), // attack, 301 recordings
    (20.66534, 4.35432), // register, 301 recordings
    (8.09171, 3.23862), // register_deviation, 301 recordings
    (0.03977, 0.01509), // novelty, 301 recordings
    (0.04453, 0.01824), // chroma_novelty, 301 recordings
    (0.03128, 0.01521), // class_novelty, 301 recordings
    (0.66332, 0.09578), // syllabic_share, 301 recordings
    (0.09602, 0.10953), // soft_share, 301 recordings
    (5.02210, 4.32974), // loudness_range, 301 recordings
];
