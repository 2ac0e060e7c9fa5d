//! Samples to numbers. Pure: no I/O, no clock, no unseeded randomness.
//!
//! [`Analyzer`] takes a recording block by block and gives its [`Analysis`]. Its stages can be used alone:
//!
//! | stage | hears | gives | source |
//! | --- | --- | --- | --- |
//! | [`resample::Resampler`] | mono, any rate | mono at 22 050 Hz | windowed sinc |
//! | [`SpectralStage`] | mono, 22 050 Hz | [`Spectral`] | librosa 0.11.0 |
//! | [`LoudnessStage`] | all channels, source rate | [`Loudness`] | ITU-R BS.1770-5, EBU Tech 3341 and 3342 |
//! | [`RhythmStage`] | mono, 22 050 Hz | [`Tempo`], [`Rhythm`] | spectral flux and dynamic programming |
//! | [`TonalStage`] | mono, 22 050 Hz | [`Key`] | harmonic pitch class profile |
//! | [`FingerprintStage`] | mono, 11 025 or 22 050 Hz | [`Fingerprint`] | Chromaprint 1.5.1 |
//! | [`dynamics::LevelStage`] | all channels, source rate | [`dynamics::Level`] | see there |
//! | [`dynamics::DynamicsStage`] | mono, 22 050 Hz, and the above | [`Dynamics`] | see there |
//! | [`structure::structure()`] | [`spectral::OverTime`], level and rhythm | [`Structure`] | see there |
//! | [`mod@emotion`] | what the others hear, and their results | [`Emotion`] | a rule, see there |
//! | [`mod@voice`] | spectra, and mono at 22 050 Hz where there is speech | [`Voice`] | see there |
//!
//! [`regression`] is the arithmetic of models that are trained on their results.
//!
//! Every stage takes blocks of any length and gives the same bits however they are cut.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "frame and bin counts stay far below 2^24; results are stored as f32 on purpose"
)]
#![expect(
    clippy::unreadable_literal,
    reason = "constants are written digit for digit as in the cited standard"
)]
#![expect(
    clippy::missing_panics_doc,
    reason = "every `expect` states an invariant of the code: no input makes it panic"
)]

mod accents;
mod activation;
mod analysis;
mod analyzer;
mod bar_cues;
mod beats;
mod cues;
pub mod curves;
pub mod dynamics;
pub mod emotion;
mod error;
mod evidence;
mod filterbank;
pub mod fingerprint;
pub mod framing;
mod gate;
mod harmonic_motion;
mod harmony;
mod hpcp;
mod key;
mod key_regions;
mod lanes;
pub mod loudness;
mod meter;
mod onset;
mod pattern;
mod periodicity;
mod phase;
mod planes;
pub mod power_spectrum;
mod profiles;
pub mod regression;
pub mod resample;
mod rhythm;
pub mod scale;
mod sketch;
mod sketch_change;
pub mod spectral;
mod stages;
pub mod stft;
pub mod structure;
mod tatum;
mod tempo;
mod tempo_curve;
mod tonal;
mod transition;
mod tuning;
mod verdict;
pub mod voice;
pub mod window;

pub use analysis::*;
pub use analyzer::{Analyzer, MAX_CHANNELS};
pub use curves::Curves;
pub use dynamics::Dynamics;
pub use emotion::{
    Concepts, Contribution, Dimension, Emotion, EmotionPoint, Expression, Hints, Interval, emotion,
};
pub use error::{Error, Result};
pub use fingerprint::{Fingerprint, FingerprintStage};
pub use key_regions::KeyRegion;
pub use loudness::LoudnessStage;
pub use meter::Meter;
pub use onset::{ONSET_FPS, OnsetEnvelope, OnsetStage};
pub use rhythm::{RhythmResult, RhythmStage};
pub use spectral::SpectralStage;
pub use structure::{Section, Segment, Span, Structure};
pub use tempo_curve::TempoPoint;
pub use tonal::TonalStage;
pub use voice::{SoundKind, SoundRange, Speech, SpeechStage, Voice};
